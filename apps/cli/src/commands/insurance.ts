/** `plimsoll insurance <book>`: how large a fund has to be. */
import { availableParallelism } from 'node:os'
import { Insurance } from '@plimsoll/liquidation'
import { Command } from 'commander'
import { many, marketsOf, none, type Options, payers, read, withMarkets } from '../book/options.ts'
import * as scenario from '../book/scenario.ts'
import { simulate } from '../book/threads.ts'
import * as plot from '../plot.ts'
import * as print from '../print.ts'
import { out } from './limit.ts'

type Given = Options & {
  readonly paths: string
  readonly seed: string
  readonly threads: string
  readonly common: string
  readonly tails: string
}

const levels = [0.95, 0.99, 0.999] as const

/** The command. The same seed gives the same figures on any number of threads. */
export function insurance(): Command {
  return withMarkets(new Command('insurance'))
    .description('Size an insurance fund: what is forced and what is lost over many seeded paths.')
    .option('--sigma <share>', 'volatility, annualised; MARKET=… for one', many, none)
    .option('--horizon <time>', 'of a path', '1d')
    .option('--common <share>', 'of the variance that all markets share', '70%')
    .option('--tails <degrees>', 'of Student’s t, from 3; none for the normal', '4')
    .option('--paths <n>', 'how many', '2000')
    .option('--seed <n>', 'of the paths', '1')
    .option('--threads <n>', 'how many at once', String(Math.min(4, availableParallelism())))
    .addHelpText(
      'after',
      `
Examples:
  plimsoll insurance book.json --impact linear:2e-9 --sigma 80%
  plimsoll insurance book.json --impact linear:2e-9 --sigma 80% --horizon 7d --paths 20000 --seed 7 --json`,
    )
    .action(async (file: string, options: Given) => {
      const { book } = await read(file)
      const markets = await marketsOf(book, options)
      const given = options.sigma.length === 0 ? [{ market: null, value: '80%' }] : options.sigma
      const years = scenario.seconds(options.horizon) / 31_536_000
      const sigma = Object.fromEntries(
        Object.keys(markets).map((market) => [market, (scenario.forMarket(given, market, scenario.share) ?? 0) * Math.sqrt(years)]),
      )
      const tails = options.tails === 'none' ? null : Number(options.tails)
      const draws = { sigma, common: scenario.share(options.common), tails, seed: Number(options.seed) }
      const paths = Number(options.paths)
      const show = plot.progress('paths', process.stderr)
      const work = { scenario: { book, markets, shocks: {}, ...payers(options) }, draws }
      const samples = await simulate(work, paths, Number(options.threads), (done) => show(done, paths))
      const risks = levels.map((level) => Insurance.assess(samples, level))
      const [first] = risks
      const usd = (amount: number) => print.usd(BigInt(Math.round(amount * 100)) * 10n ** 16n)
      const share = (value: number) => `${(100 * value).toFixed(2)} %`
      out(
        options.json,
        { draws, paths, risks },
        [
          `${paths} paths of ${options.horizon}, seed ${draws.seed}`,
          `  P(loss) ${share(first?.probability ?? 0)} (${share(first?.interval[0] ?? 0)} to ${share(first?.interval[1] ?? 0)}), ${first?.losing ?? 0} paths`,
          print.table([
            ['level', 'LaR', 'VaR', 'ES'],
            ...risks.map((it) => [
              `${(100 * it.level).toFixed(1)} %`,
              usd(it.liquidationsAtRisk),
              usd(it.valueAtRisk),
              usd(it.expectedShortfall),
            ]),
          ]),
        ].join('\n'),
      )
    })
}
