/** `plimsoll stress <book>`: what a shock does to it. `plimsoll lri <book>`: how fragile it is. */
import { readFile } from 'node:fs/promises'
import { type Book, BookDocument, type Clusters, type LeverageRatio, LeverageRatioImpact, Stress, Venue } from '@plimsoll/liquidation'
import { Command } from 'commander'
import * as scenario from '../book/scenario.ts'
import { typed } from '../path.ts'
import * as plot from '../plot.ts'
import * as print from '../print.ts'
import { out } from './limit.ts'

type Options = {
  readonly impact: readonly scenario.Given[]
  readonly shock: readonly scenario.Given[]
  readonly refill: readonly scenario.Given[]
  readonly index: readonly scenario.Given[]
  readonly spill: readonly scenario.Given[]
  readonly backstop: readonly scenario.Given[]
  readonly sigma: readonly scenario.Given[]
  readonly beta: readonly scenario.Given[]
  readonly quote: readonly scenario.Given[]
  readonly policy: string
  readonly fee: string
  readonly junior: string
  readonly insurance: string
  readonly senior: string
  readonly adl: string
  readonly rounds: string
  readonly horizon: string
  readonly convention: string
  readonly width: string
  readonly bonus: string
  readonly accounts?: boolean
  readonly json?: boolean
}

const many = (value: string, before: readonly scenario.Given[]) => [...before, scenario.given(value)]
const none: readonly scenario.Given[] = []

/** The options that both commands take: what the markets are, and who pays. */
function withMarkets(command: Command): Command {
  return command
    .argument('<book>', 'a book: JSON (schema/book.schema.json of @plimsoll/liquidation) or a table, .csv')
    .option('--impact <curve>', 'linear:<log by USD>, sqrt:<Yσ>,<USD a day>, pool:<USD>, knots:<USD>@<log>,…; MARKET=… for one', many, none)
    .option('--refill <share>', 'of the forced flow, absorbed between two rounds; MARKET=… for one', many, none)
    .option('--index <weight[,rounds]>', 'the venue’s weight in the index that liquidates, averaged over rounds', many, none)
    .option('--spill <share>', 'of a market’s own impact, felt by all others; MARKET=… for one', many, none)
    .option('--backstop <share,USD>', 'of each close, taken over up to a capacity; MARKET=… for one', many, none)
    .option('--policy <policy>', 'full, target:<times maintenance>[,slices], share:<share>[,slices]', 'full')
    .option('--fee <share>', 'of what is closed', '0')
    .option('--junior <USD>', 'first layer of the backstop', '0')
    .option('--insurance <USD>', 'insurance fund', '0')
    .option('--senior <USD>', 'second layer of the backstop', '0')
    .option('--adl <rule>', 'queue or pro-rata', 'queue')
    .option('--rounds <n>', 'stop after so many', '1000')
    .option('--json', 'one JSON document on stdout')
}

/** `plimsoll stress`. Exit 2 where the round cap stopped it. */
export function stress(): Command {
  return withMarkets(new Command('stress'))
    .description('Shock a book: who is liquidated, at which prices, and who pays.')
    .option('--shock <move>', '-10%, +25% or -0.1log; MARKET=… for one', many, none)
    .option('--accounts', 'what became of each account')
    .addHelpText(
      'after',
      `
Examples:
  plimsoll stress book.json --shock -10% --impact linear:2e-9
  plimsoll stress book.csv --shock ETH-PERP=-15% --impact sqrt:0.04,1e9 --policy target:1.5,4 --fee 0.5% --insurance 5000000 --json
  plimsoll stress book.json --shock -12% --impact pool:5e7 --index 0.5,3 --backstop 30%,1000000 --accounts`,
    )
    .action(async (file: string, options: Options) => {
      const { book } = await read(file)
      const markets = marketsOf(book, options)
      const shocks = Object.fromEntries(
        Object.keys(markets).flatMap((market) => {
          const move = scenario.forMarket(options.shock, market, scenario.shock)
          return move === undefined ? [] : [[market, move]]
        }),
      )
      for (const { market } of options.shock) if (market !== null && !(market in markets)) throw new Venue.UnknownMarketError(market)
      const result = Stress.run({ book, markets, shocks, ...payers(options) })
      const { outcomes, ...totals } = result
      out(options.json, options.accounts === true ? result : totals, shown(result, options.accounts === true))
      if (!result.settled) process.exitCode = 2
    })
}

/** `plimsoll lri`. */
export function lri(): Command {
  return withMarkets(new Command('lri'))
    .description('How fragile a book is: leverage ratio impact and what it is made of.')
    .option('--sigma <share>', 'forecast volatility, annualised; MARKET=… for one', many, none)
    .option('--beta <number>', 'of a market under the common shock; MARKET=… for one', many, none)
    .option('--quote <venue,index>', 'MARKET=<venue price>,<index price>', many, none)
    .option('--horizon <time>', 'of σ', '1d')
    .option('--convention <name>', 'two-sided or open-interest', 'two-sided')
    .option('--width <log>', 'window of density and clusters', '0.01')
    .option('--bonus <share>', 'what a liquidator is paid', '5%')
    .addHelpText(
      'after',
      `
Examples:
  plimsoll lri book.json --impact linear:2e-9 --sigma 80%
  plimsoll lri book.json --impact ETH-PERP=linear:2e-9 --impact BTC-PERP=sqrt:0.03,2e10 --sigma 60% --convention open-interest --json`,
    )
    .action(async (file: string, options: Options) => {
      const { book, labels } = await read(file)
      const markets = marketsOf(book, options)
      const each = <T>(all: readonly scenario.Given[], read: (value: string) => T) =>
        Object.fromEntries(
          Object.keys(markets).flatMap((market) => {
            const value = scenario.forMarket(all, market, read)
            return value === undefined ? [] : [[market, value] as const]
          }),
        )
      const convention = options.convention
      if (convention !== 'two-sided' && convention !== 'open-interest')
        throw new scenario.ScenarioError(convention, 'a convention', 'two-sided or open-interest')
      const report = LeverageRatioImpact.of(book, {
        convention,
        markets,
        sigmaPpm: each(options.sigma.length === 0 ? [{ market: null, value: '80%' }] : options.sigma, scenario.ppm),
        horizonSeconds: scenario.seconds(options.horizon),
        betas: each(options.beta, Number),
        width: Number(options.width),
        bonus: scenario.share(options.bonus),
        quotes: each(
          options.quote.filter(({ market }) => market !== null),
          (value) => {
            const [venue = Number.NaN, index = Number.NaN] = value.split(',').map(Number)
            return { venue, index }
          },
        ),
        labels,
        ...payers(options),
      })
      out(options.json, report, reported(report))
    })
}

async function read(file: string): Promise<BookDocument.BookDocument> {
  const text = await readFile(typed(file), 'utf8')
  return file.endsWith('.csv') ? BookDocument.fromTable(text) : BookDocument.parse(text)
}

function marketsOf(book: Book.Book, options: Options): Venue.Markets {
  const names = new Set(book.accounts.flatMap(({ positions, holdings = [] }) => [...positions, ...holdings].map(({ market }) => market)))
  return Object.fromEntries(
    [...names].sort().map((name) => {
      const impact = scenario.forMarket(options.impact, name, scenario.impact)
      if (impact === undefined) throw new ImpactMissingError(name)
      const plain = Venue.plain(impact)
      const spill = scenario.forMarket(options.spill, name, scenario.share) ?? 0
      return [
        name,
        {
          impact,
          refill: scenario.forMarket(options.refill, name, scenario.share) ?? plain.refill,
          index: scenario.forMarket(options.index, name, scenario.index) ?? plain.index,
          spill: spill === 0 ? {} : Object.fromEntries([...names].filter((other) => other !== name).map((other) => [other, spill])),
          backstop: scenario.forMarket(options.backstop, name, scenario.backstop) ?? plain.backstop,
        },
      ]
    }),
  )
}

function payers(options: Options) {
  if (options.adl !== 'queue' && options.adl !== 'pro-rata')
    throw new scenario.ScenarioError(options.adl, 'a rule of auto-deleveraging', 'queue or pro-rata')
  return {
    policy: scenario.policy(options.policy),
    feePpm: scenario.ppm(options.fee),
    reserves: { junior: scenario.usd(options.junior), insurance: scenario.usd(options.insurance), senior: scenario.usd(options.senior) },
    deleveraging: options.adl === 'queue' ? ('queue' as const) : ('pro rata' as const),
    roundCap: Number(options.rounds),
  }
}

const percent = (log: number) => `${(100 * Math.expm1(log)).toFixed(2)} %`.replace(/^-(0\.00 %)$/, '$1')
const dollars = (amount: number) => print.usd(BigInt(Math.round(amount)) * 10n ** 18n)

function shown(result: Stress.Stress, accounts: boolean): string {
  const { markets, paid } = result
  const rows = Object.entries(markets).map(([name, it]) => [
    name,
    percent(it.shock),
    percent(it.move),
    percent(it.index),
    print.usd(it.forced),
  ])
  const names = Object.keys(markets).sort()
  const path = names.map((name, k) => `  ${name}  ${plot.spark(result.path.map(({ moves }) => moves[k] ?? 0))}`)
  const lines = [
    print.table([['market', 'shock', 'ends at', 'index', 'forced'], ...rows]),
    '',
    `  ${result.accounts.liquidated} accounts liquidated, ${result.accounts.insolvent} of them insolvent, in ${result.rounds} rounds${result.settled ? '' : ` (stopped at the cap of ${result.roundCap})`}`,
    `  order: ${result.order}; ${result.monotone ? 'monotone: the least fixed point' : 'not monotone: this is what the order leads to'}`,
    '',
    print.table([
      ['forced, at P0', print.usd(result.forced)],
      ['fees', print.usd(result.fees)],
      ['bad debt', print.usd(result.badDebt)],
      ['  paid by fees', print.usd(paid.fees)],
      ['  backstop junior', print.usd(paid.junior)],
      ['  insurance fund', print.usd(paid.insurance)],
      ['  backstop senior', print.usd(paid.senior)],
      ['  auto-deleveraging', print.usd(paid.deleveraging)],
      ['  nobody', print.usd(paid.unpaid)],
    ]),
    '',
    '  prices, round by round',
    ...path,
  ]
  if (accounts)
    lines.push(
      '',
      print.table([
        ['account', 'status', 'round', 'equity before', 'after', 'closed', 'bad debt', 'haircut'],
        ...result.outcomes
          .filter(({ status, haircut }) => status !== 'standing' || haircut > 0n)
          .map((it) => [
            it.account,
            it.status,
            it.round === null ? '—' : String(it.round),
            ...[it.equityBefore, it.equityAfter, it.closed, it.badDebt, it.haircut].map(print.usd),
          ]),
      ]),
    )
  return lines.join('\n')
}

function reported({ markets, whole, convention }: LeverageRatioImpact.LeverageRatioImpact): string {
  const ratio = (it: LeverageRatio.LeverageRatio) =>
    it.status === 'ok' ? `${(Number(it.ratio) / 1e18).toFixed(2)}×` : it.status === 'empty' ? '— (no positions)' : '— (nothing under them)'
  const lines: string[] = [`leverage is ${convention}`]
  for (const report of [whole, ...markets]) {
    lines.push('', `${report.scope}: ${ratio(report.posted)} of what is posted, ${ratio(report.equity)} of equity`)
    for (const side of [report.down, report.up]) {
      const word = side.direction === 'down' ? 'falls' : 'rises'
      lines.push(
        `  ${word}: nearest liquidation ${side.nearest ? `${percent(side.direction === 'down' ? -side.nearest.move : side.nearest.move)} (${side.nearest.sigma.toFixed(1)} σ̂)` : '— (none)'}; losses outrun the reserves ${side.insolvency === null ? 'nowhere' : `from ${percent(side.direction === 'down' ? -side.insolvency : side.insolvency)}`}; n ${side.secant.toFixed(3)} secant${side.local ? `, ${side.local.n.toFixed(3)} local` : ''}${side.critical ? `; critical at ${side.critical.headroom.toFixed(2)} times today’s leverage` : ''}`,
        print.table(
          [
            ['shock', 'ends at', 'A', 'forced', 'bad debt'],
            ...side.shocks.map((it) => [
              it.name,
              percent(side.direction === 'down' ? -it.x : it.x),
              it.amplification.toFixed(2),
              print.usd(it.forced),
              print.usd(it.badDebt),
            ]),
          ],
          '    ',
        ),
        ...map(side.clusters, side.direction),
      )
    }
  }
  lines.push('', `spectral n before any shock and at 1, 2, 3 σ̂: ${whole.spectral.map(({ radius }) => radius.toFixed(3)).join(', ')}`)
  lines.push(
    print.table([
      ['cohort', 'accounts', 'share', 'of posted', 'of equity'],
      ...whole.cohorts.map((it) => [
        `${it.by} ${it.value}`,
        String(it.accounts),
        print.rate(it.sharePpm),
        ratio(it.posted),
        ratio(it.equity),
      ]),
    ]),
  )
  return lines.join('\n')
}

/** The clusters within reach, as bars. */
function map({ clusters, concentration }: Clusters.Clusters, direction: LeverageRatioImpact.Direction): readonly string[] {
  const near = clusters.slice(0, 20)
  if (near.length === 0) return []
  const sign = direction === 'down' ? -1 : 1
  const bars = plot.bars(
    near.map((it) => ({
      label: `${percent(sign * it.from)} … ${percent(sign * it.to)} (${it.fromSigma.toFixed(1)} σ̂)`,
      value: it.notional,
      shown: dollars(it.notional),
    })),
    30,
  )
  return [`    clusters (HHI ${concentration.toFixed(3)})`, ...bars.split('\n').map((line) => `  ${line}`)]
}

/** Thrown when nothing says how a market answers to a sale. */
export class ImpactMissingError extends Error {
  override readonly name = 'Stress.ImpactMissingError'
  readonly code = 'IMPACT_MISSING'
  readonly hint = 'Give --impact once for all markets, or --impact MARKET=… for each.'
  constructor(market: string) {
    super(`Nothing says how far a sale moves ${market}.`)
  }
}
