/** `plimsoll stress <book>`: what a shock does to it. `plimsoll lri <book>`: how fragile it is. */
import { type Clusters, type LeverageRatio, LeverageRatioImpact, Stress, Tranches, Venue } from '@plimsoll/liquidation'
import { Fixed } from '@plimsoll/margin'
import { Command } from 'commander'
import { many, marketsOf, none, type Options, payers, read, withMarkets } from '../book/options.ts'
import * as scenario from '../book/scenario.ts'
import * as plot from '../plot.ts'
import * as print from '../print.ts'
import { out } from './limit.ts'

/** `plimsoll stress`. Exit 2 where the round cap stopped it. */
export function stress(): Command {
  return withMarkets(new Command('stress'))
    .description('Shock a book: who is liquidated, at which prices, and who pays.')
    .option('--shock <move>', '-10%, +25% or -0.1log; MARKET=… for one', many, none)
    .option('--accounts', 'what became of each account')
    .option('--fence <leverages>', 'tranches by leverage, such as 5,10,20: each with its share of the reserves, by notional')
    .addHelpText(
      'after',
      `
Examples:
  plimsoll stress book.json --shock -10% --impact linear:2e-9
  plimsoll stress book.csv --shock ETH-PERP=-15% --impact sqrt:0.04,1e9 --policy target:1.5,4 --fee 0.5% --insurance 5000000 --json
  plimsoll stress book.json --shock -12% --impact pool:5e7 --index 0.5,3 --backstop 30%,1000000 --accounts
  plimsoll stress book.json --shock -20% --impact linear:2e-9 --insurance 5000000 --fence 5,10,20
  plimsoll stress book.json --shock -20% --impact quotes:quotes.csv          a table of usd,slippage`,
    )
    .action(async (file: string, options: Options) => {
      const { book } = await read(file)
      const markets = await marketsOf(book, options)
      const shocks = Object.fromEntries(
        Object.keys(markets).flatMap((market) => {
          const move = scenario.forMarket(options.shock, market, scenario.shock)
          return move === undefined ? [] : [[market, move]]
        }),
      )
      for (const { market } of options.shock) if (market !== null && !(market in markets)) throw new Venue.UnknownMarketError(market)
      const given = { book, markets, shocks, ...payers(options) }
      const result = Stress.run(given)
      const { outcomes, ...totals } = result
      const tranches = options.fence === undefined ? {} : { tranches: fenced(given, result, options.fence) }
      const text = [shown(result, options.accounts === true), ...(tranches.tranches ? ['', fences(tranches.tranches)] : [])].join('\n')
      out(options.json, { ...(options.accounts === true ? result : totals), ...tranches }, text)
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
      const markets = await marketsOf(book, options)
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

const percent = (log: number) => `${(100 * Math.expm1(log)).toFixed(2)} %`.replace(/^-(0\.00 %)$/, '$1')
const dollars = (amount: number) => print.usd(BigInt(Math.round(amount)) * 10n ** 18n)

/** The stress settled tranche by tranche, and what each one's failure does to the others. */
function fenced(given: Stress.Scenario, result: Stress.Stress, text: string) {
  const members = Tranches.byLeverage(given.book, text.split(',').map(scenario.figure))
  const pool = Tranches.settle(result, given.book, {
    members: {},
    reserves: { [Tranches.open]: given.reserves },
    deleveraging: given.deleveraging,
  })
  const whole = given.book.accounts.reduce((sum, account) => sum + gross(account), 0n)
  const names = [...new Set(Object.values(members))]
  const reserves = Object.fromEntries(
    names.map((name) => {
      const own = given.book.accounts.filter(({ account }) => members[account] === name).reduce((sum, account) => sum + gross(account), 0n)
      const share = (amount: bigint) => (whole === 0n ? 0n : Fixed.mulDiv(amount, own, whole, 'down'))
      const { junior, insurance, senior } = given.reserves
      return [name, { junior: share(junior), insurance: share(insurance), senior: share(senior) }]
    }),
  )
  const fences = { members, reserves, deleveraging: given.deleveraging }
  return { pool, fenced: Tranches.settle(result, given.book, fences), contagion: Tranches.contagion(given, fences) }
}

function gross({ positions }: Stress.Scenario['book']['accounts'][number]): bigint {
  return positions.reduce((sum, { notional }) => sum + notional, 0n)
}

function fences({ pool, fenced: apart, contagion }: ReturnType<typeof fenced>): string {
  const row = (it: Tranches.Outcome) => [
    it.tranche === Tranches.open ? 'one pool' : it.tranche,
    String(it.accounts),
    String(it.liquidated),
    ...[it.badDebt, it.paid.insurance + it.paid.junior + it.paid.senior, it.paid.deleveraging, it.paid.unpaid].map(print.usd),
  ]
  return [
    print.table([['tranche', 'accounts', 'liquidated', 'bad debt', 'reserves', 'deleveraging', 'nobody'], ...[...pool, ...apart].map(row)]),
    ...contagion
      .filter(({ forced, badDebt, taken }) => forced !== 0n || badDebt !== 0n || taken !== 0n)
      .map(
        ({ from, to, forced, badDebt, taken }) =>
          `  ${from} costs ${to}: forced ${print.usd(forced)}, bad debt ${print.usd(badDebt)}, taken ${print.usd(taken)}`,
      ),
  ].join('\n')
}

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
      ['positions closed, at P0', print.usd(result.forced)],
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
            // Over all markets what is closed counts; in one, what is sold: holdings go with the positions.
            ['shock', 'ends at', 'A', report === whole ? 'closed' : 'forced', 'bad debt'],
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
