/** `plimsoll market`: how fragile a live market is, where it breaks, and what one shock would do to it. */
import { type Clusters, createMarginClient, type FragileSide, type Fragility, http, type Measured, type Stress } from '@plimsoll/sdk'
import { Command } from 'commander'
import * as scenario from '../book/scenario.ts'
import * as plot from '../plot.ts'
import * as print from '../print.ts'
import { out } from './limit.ts'

type Options = {
  readonly gateway: string
  readonly shock?: string
  readonly depth: string
  readonly others: string
  readonly json?: boolean
}
type Absent = Extract<Measured<object>, { readonly status: 'none' }>
type Read<T> = Extract<T, { readonly status: 'ok' }>

/** The command. Exit 2 where the book is not known, or a what-if stopped at its round cap. */
export function market(): Command {
  return new Command('market')
    .description('How fragile a live market is: reflexivity, brake, leverage ratio impact, clusters; with --shock, what that would do.')
    .argument('<symbol>', 'the market, such as ETH-PERP')
    .requiredOption('--gateway <url>', 'the gateway, such as http://127.0.0.1:4600')
    .option('--shock <move>', 'a what-if: -10%, +25% or -0.1log')
    .option('--depth <share>', 'of the what-if: what is left of today’s depth', '100%')
    .option('--others <how>', 'of the what-if: other markets stand still, or move alike', 'still')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `
Nobody signs in for it, and no account is named. Of a book in a file: plimsoll lri, plimsoll stress.

Examples:
  plimsoll market ETH-PERP --gateway http://127.0.0.1:4600
  plimsoll market ETH-PERP --gateway http://127.0.0.1:4600 --shock -15% --depth 50% --json`,
    )
    .action(async (symbol: string, options: Options) => {
      const client = createMarginClient({ transport: http(options.gateway) })
      if (options.shock !== undefined) {
        const { others } = options
        if (others !== 'still' && others !== 'alike') throw new scenario.ScenarioError(others, 'what the others do', 'still or alike')
        const shockPpm = Math.round(Math.expm1(scenario.shock(options.shock)) * 1e6)
        const answer = await client.stressMarket({ market: symbol, shockPpm, depthPpm: scenario.ppm(options.depth), others })
        out(options.json, answer, answer.status === 'ok' ? stressed(answer) : `${answer.code}: ${answer.message}`)
        if (answer.status !== 'ok' || !answer.settled) process.exitCode = 2
        return
      }
      const [fragility, clusters] = await Promise.all([client.getFragility({ market: symbol }), client.getClusters({ market: symbol })])
      if (fragility.status !== 'ok' || clusters.status !== 'ok') {
        const unread = fragility.status === 'ok' ? clusters : fragility
        out(options.json, { fragility, clusters }, unread.status === 'ok' ? '' : `${unread.code}: ${unread.message}`)
        process.exitCode = 2
        return
      }
      out(options.json, { fragility, clusters }, shown(fragility, clusters))
    })
}

const percent = (ppm: number, digits = 2) => `${(ppm / 10_000).toFixed(digits)} %`
/** An adverse log move as the return of the price. */
const returned = (ppm: number, direction: FragileSide['direction']) =>
  percent(Math.expm1((direction === 'down' ? -ppm : ppm) / 1e6) * 1e6).replace(/^-(0\.00 %)$/, '$1')
const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`
/** A figure, or a dash and why there is none. */
function measured<T extends { readonly status: 'ok' } | Absent>(it: T, show: Show<T>): string {
  const shown = or(it, show)
  return typeof shown === 'string' ? shown : `— (${shown.reason})`
}

type Show<T> = (figure: Extract<T, { readonly status: 'ok' }>) => string

/** A figure as it is written, or that there is none. */
function or<T extends { readonly status: 'ok' } | Absent>(it: T, show: Show<T>): string | Absent {
  return isAbsent(it) ? it : show(it as Extract<T, { readonly status: 'ok' }>)
}

function isAbsent(it: { readonly status: string }): it is Absent {
  return it.status === 'none'
}

function header({ market, ageSeconds, source }: Pick<Read<Fragility>, 'market' | 'ageSeconds' | 'source'>): string {
  const { price, sigma, blocks, accounts } = source
  const quoted =
    price.status === 'ok'
      ? `${print.usd(price.index)}, published ${price.ageSeconds.toFixed(0)} s ago`
      : `— (${price.code}: ${price.message})`
  const model = sigma.source === 'forecast' ? `${sigma.model ?? ''}` : `through the cycle, because ${sigma.why ?? ''}`
  const read = blocks.map(({ number, ageSeconds }) => `block ${number}, ${ageSeconds.toFixed(0)} s ago`)
  return [
    `${market}, ${ageSeconds.toFixed(1)} s old`,
    `  price ${quoted}`,
    // Venues of one chain are read at one block: it is said once.
    `  ${counted(accounts, 'account')}; ${[...new Set(read)].join('; ')}`,
    `  σ̂ ${percent(sigma.annualPpm, 1)} a year, over ${sigma.horizonSeconds / 3_600} h (${model})`,
  ].join('\n')
}

function shown(fragility: Read<Fragility>, clusters: Read<Clusters>): string {
  const lines = [
    header(fragility),
    `  leverage, ${fragility.convention}: ${measured(fragility.posted, (it) => print.multiple(it.leveragePpm))} of what is posted, ${measured(fragility.equity, (it) => print.multiple(it.leveragePpm))} of equity`,
  ]
  for (const side of [fragility.down, fragility.up]) lines.push('', ...sideOf(side), ...map(clusters, side.direction))
  return lines.join('\n')
}

function sideOf(side: FragileSide): readonly string[] {
  const { direction, brake } = side
  const says = {
    off: 'off: the next dollar costs nothing more',
    on: `on: the next dollar adds ${brake.ppm === null ? '' : percent(brake.ppm)} to initial margin`,
    shut: 'shut: no raise of this side',
  }
  const facts: readonly (readonly [string, string | Absent])[] = [
    ['open interest', print.usd(side.openInterest)],
    ['brake', says[brake.status]],
    ['n of the brake', (brake.reflexivityPpm / 1e6).toFixed(3)],
    ['n secant, at σ̂', (side.secantPpm / 1e6).toFixed(3)],
    ['n local', or(side.local, (it) => `${(it.nPpm / 1e6).toFixed(3)} at ${returned(it.atPpm, direction)}`)],
    ['nearest liquidation', or(side.nearest, (it) => `${returned(it.movePpm, direction)} (${(it.sigmasPpm / 1e6).toFixed(1)} σ̂)`)],
    ['losses nobody can pay', or(side.insolvency, (it) => `from ${returned(it.movePpm, direction)}`)],
    ['critical leverage', or(side.critical, (it) => `${print.multiple(it.leveragePpm)} (${print.multiple(it.timesPpm)} today’s)`)],
    ['wrong-way leverage', or(side.wrongWay, (it) => print.multiple(it.leveragePpm))],
    ['clears', or(side.coverage.executable, (it) => print.usd(it.notional))],
  ]
  const why = Map.groupBy(
    facts.flatMap(([name, it]) => (typeof it === 'string' ? [] : [{ name, reason: it.reason }])),
    ({ reason }) => reason,
  )
  return [
    direction === 'down' ? 'when it falls, longs' : 'when it rises, shorts',
    print.table(facts.map(([name, it]) => [name, typeof it === 'string' ? it : '—'])).replaceAll(/ +$/gm, ''),
    // Below, and not in the column: a sentence there would push every figure to the edge of the screen.
    ...[...why].map(([reason, of]) => `  — ${of.map(({ name }) => name).join(', ')}: ${reason}`),
    print.table(
      [
        ['shock', 'ends at', 'LRI', 'A', 'forced', 'bad debt'],
        ...side.shocks.map((it) => [
          it.name,
          `${returned(it.endsPpm, direction)}${it.settled ? '' : ' or beyond'}`,
          percent(it.extraPpm),
          (it.amplificationPpm / 1e6).toFixed(2),
          print.usd(it.forced),
          print.usd(it.badDebt),
        ]),
      ],
      '    ',
    ),
  ]
}

/** The clusters within reach, as bars. */
function map(clusters: Read<Clusters>, direction: FragileSide['direction']): readonly string[] {
  const near = clusters[direction].clusters.slice(0, 12)
  if (near.length === 0) return ['    no move, down to a twentieth of the price or up to twenty times it, liquidates anybody']
  const rows = near.map((it) => ({
    label: `${returned(it.fromPpm, direction)} to ${returned(it.toPpm, direction)} (from ${(it.fromSigmasPpm / 1e6).toFixed(1)} σ̂)`,
    value: Number(it.forced) / 1e18,
    shown: print.usd(it.forced),
  }))
  return ['  liquidations', plot.bars(rows, 30)]
}

function stressed(it: Read<Stress>): string {
  return [
    header(it),
    '',
    print
      .table([
        ['shock', `${percent(it.shockPpm)} at ${percent(it.depthPpm, 0)} of today’s depth, other markets ${it.others}`],
        ['ends at', `${percent(it.endsPpm)}: ${percent(it.extraPpm)} of it forced`],
        [
          'liquidated',
          `${counted(it.liquidated, 'account')}, ${it.insolvent} of them insolvent, in ${counted(it.rounds, 'round')}${it.settled ? '' : ` (stopped at the cap of ${it.roundCap}: a lower bound)`}`,
        ],
        ['forced', `${print.usd(it.forced)} of ${print.usd(it.openInterest)} on the side that loses`],
        ['bad debt', print.usd(it.badDebt)],
        ['  winners give up', print.usd(it.deleveraged)],
        ['  nobody pays', print.usd(it.unpaid)],
      ])
      .replaceAll(/(?<=\S) {2,}(?=\S)/g, '  '),
    `  round by round  ${plot.spark([it.shockPpm, ...it.path.map(({ movePpm }) => movePpm)])}`,
  ].join('\n')
}
