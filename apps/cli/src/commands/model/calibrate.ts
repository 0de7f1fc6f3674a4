/** `plimsoll model calibrate`: how many yardsticks of its forecast a loss stays within, from a table of forecasts and what came. */
import { Bootstrap, Conformal, Evaluation, Quantile, Random } from '@plimsoll/volatility'
import { Panel, Recipe } from '@plimsoll/volatility-model'
import { Command } from 'commander'
import { typed } from '../../path.ts'
import { table } from '../../print.ts'
import { out } from '../limit.ts'
import * as Evidence from './evidence.ts'
import * as options from './options.ts'
import * as Plot from './Plot.ts'

const levels = [950_000, 990_000, 995_000] as const

/** The command. */
export function calibrate(): Command {
  return new Command('calibrate')
    .description('Recompute the factors of a table of forecasts, and how the quantiles it carries have held.')
    .requiredOption('--data <paths...>', 'the bars, for what came')
    .requiredOption('--forecasts <table>', 'as `backtest --out` writes it; file.csv:model for another column than champion')
    .option('--seed <n>', 'of the bootstrap', '7')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  plimsoll model calibrate --data perp_1h.csv.gz --forecasts forecasts.csv')
    .action(
      async (given: { readonly data: readonly string[]; readonly forecasts: string; readonly seed: string; readonly json?: true }) => {
        const panel = await Panel.read({ paths: options.paths(given.data), asOf: Math.floor(Date.now() / 1000) })
        const path = typed(given.forecasts)
        const { cases, horizonSeconds } = await Evidence.of({ panel, challenger: path, champion: path })
        const seed = options.whole('seed', given.seed, 0, 2 ** 31 - 1)
        const { exponent } = Recipe.tailOf(Recipe.recipe, horizonSeconds / 3_600)
        const sides = [
          { side: 'long path', loss: cases.map((each) => each.longPath), quantiles: cases.map((each) => each.challenger.q99LongPath) },
          { side: 'short path', loss: cases.map((each) => each.shortPath), quantiles: cases.map((each) => each.challenger.q99ShortPath) },
        ].map(({ side, loss, quantiles }) => {
          const scores = loss.map((value, i) => value / Conformal.yardstick(cases[i]?.challenger.variance ?? Number.NaN, exponent))
          const held = Bootstrap.interval({
            random: Random.of(seed, side),
            values: loss.map((value, i) => (value > (quantiles[i] ?? Number.NaN) ? 1 : 0)),
            at: cases.map(({ origin }) => origin),
            block: 5,
            draws: 1_000,
            levelPpm: 950_000,
          })
          return {
            side,
            factors: levels.map((levelPpm) => ({
              levelPpm,
              quantile: Quantile.upper({ values: scores, levelPpm }),
              shortfall: Quantile.shortfall({ values: scores, levelPpm }),
            })),
            exceedance: held,
            pinball: Evaluation.pinball({ losses: loss, quantiles, levelPpm: 990_000 }),
          }
        })
        const percent = (share: number): string => `${(share * 100).toFixed(2)} %`
        out(
          given.json,
          { horizonSeconds, cases: cases.length, sides },
          [
            `${cases.length} forecasts over ${horizonSeconds / 3_600} h`,
            table([
              ['', ...levels.map((level) => `${level / 10_000} % factor`), 'beyond q99', '95 % interval', 'pinball'],
              ...sides.map(({ side, factors, exceedance, pinball }) => [
                side,
                ...factors.map(({ quantile }) => quantile.toFixed(3)),
                percent(exceedance.mean),
                `${percent(exceedance.low)} … ${percent(exceedance.high)}`,
                pinball.toFixed(6),
              ]),
            ]),
            ...sides.map(
              ({ side, exceedance }) =>
                `${side.padEnd(11)}${Plot.interval({ low: exceedance.low, high: exceedance.high, value: exceedance.mean, least: 0, most: 0.03, goal: 0.01 })}  0 … 3 %`,
            ),
          ].join('\n'),
        )
      },
    )
}
