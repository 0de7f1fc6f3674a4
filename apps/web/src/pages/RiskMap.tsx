/** The risk map of one market: where liquidations lie, how far a shock would go, and how much of it would be the market's own doing. */
import type { Clusters, FragileSide, Fragility, Measured } from '@plimsoll/sdk'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useId } from 'react'
import { useNow } from '../Clock.ts'
import * as Fault from '../Fault.ts'
import { Age } from '../parts/Age.tsx'
import { Heatmap } from '../parts/Heatmap.tsx'
import { FaultNotice, Notice } from '../parts/Notice.tsx'
import { Panel } from '../parts/Panel.tsx'
import { Unknown } from '../parts/Unknown.tsx'
import * as Queries from '../Queries.ts'
import * as Format from '../view/Format.ts'
import * as Freshness from '../view/Freshness.ts'
import * as Heat from '../view/Heat.ts'
import { ShockForm } from './ShockForm.tsx'

type Known = Extract<Fragility, { readonly status: 'ok' }>

export function RiskMap({ market, onSelect }: { readonly market: string | null; readonly onSelect: (market: string) => void }) {
  const markets = useQuery(Queries.markets).data
  const id = useId()
  if (markets === undefined || market === null) return <p className="py-10 text-center text-fog-400">Waiting for the markets…</p>
  return (
    <>
      <div className="flex flex-wrap items-center gap-3 text-sm">
        <label htmlFor={id} className="text-fog-400">
          Risk map of
        </label>
        <select
          id={id}
          value={market}
          onChange={(event) => onSelect(event.target.value)}
          className="min-h-10 rounded-lg border border-ink-600 bg-ink-850 px-3 text-fog-100"
        >
          {markets.markets.map(({ symbol }) => (
            <option key={symbol}>{symbol}</option>
          ))}
        </select>
      </div>
      <Read key={market} market={market} />
    </>
  )
}

function Read({ market }: { readonly market: string }) {
  const fragility = useQuery(Queries.fragility(market))
  const clusters = useQuery(Queries.clusters(market))
  const error = fragility.error ?? clusters.error
  if (fragility.data === undefined || clusters.data === undefined)
    return error === null ? (
      <p className="py-10 text-center text-fog-400">Waiting for the book of {market}…</p>
    ) : (
      <FaultNotice tone="warn" fault={Fault.of(error)} />
    )
  if (fragility.data.status === 'unread' || clusters.data.status === 'unread') {
    const unread = fragility.data.status === 'unread' ? fragility.data : clusters.data
    return (
      <Notice tone="warn" title="The book of this market is not known.">
        {unread.status === 'unread' && unread.message} Until it is, nothing is drawn, and nothing is raised.
      </Notice>
    )
  }
  return (
    <>
      {error !== null && <FaultNotice tone="warn" fault={Fault.of(error)} />}
      <Shown fragility={fragility.data} clusters={clusters.data} receivedAtMs={fragility.dataUpdatedAt} />
    </>
  )
}

function Shown(props: {
  readonly fragility: Known
  readonly clusters: Extract<Clusters, { readonly status: 'ok' }>
  readonly receivedAtMs: number
}) {
  const { fragility, clusters, receivedAtMs } = props
  const { market, ageSeconds, source } = fragility
  const reading = { ageSeconds, receivedAtMs }
  const now = useNow()
  const since = Math.max(0, now - receivedAtMs) / 1000
  const greyed = Freshness.of(reading, now).status === 'stale' ? 'figure-stale' : ''
  const age = <Age source={`Book of ${source.accounts} ${source.accounts === 1 ? 'account' : 'accounts'}`} reading={reading} />
  const [block] = [...source.blocks].sort((a, b) => b.ageSeconds - a.ageSeconds)
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Panel title="Where liquidations lie" source={age} className="lg:col-span-2">
        <div className={greyed} data-testid="liquidations">
          <Heatmap heat={Heat.of(clusters.down, clusters.up)} clusters={clusters} price={source.price} />
        </div>
      </Panel>
      <div className="flex min-w-0 flex-col gap-4">
        <Panel title="Does a fall feed on itself?" source="Secant reflexivity n, at 1, 2, 3 σ">
          <div className={greyed}>
            <Gauge name="Longs forced by a fall" side={fragility.down} />
            <Gauge name="Shorts forced by a rise" side={fragility.up} />
          </div>
          <p className="mt-4 text-fog-400 text-xs">
            n is the part of a move that forced closing adds. The bar is the n that limits are braked by: σ through the cycle, on everything
            open and everything that live certificates may still open. From 0.50 a raise costs more margin, from 0.80 there is none.
          </p>
        </Panel>
        <ShockForm market={market} key={market} />
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <Panel title="How far a shock would go" source={`σ̂ ${Format.percent(source.sigma.annualPpm, 1, 'up')} a year, over a day`}>
          <div className={greyed}>
            <Impact side={fragility.down} />
            <Impact side={fragility.up} />
          </div>
          <p className="mt-3 text-fog-400 text-xs">
            Plain: the shock itself. Hatched, and under “Added”: what forced closing adds to it, the leverage ratio impact.
          </p>
        </Panel>
      </div>
      <Panel title="Leverage and distance" source={`Leverage is ${fragility.convention}`} className="lg:col-span-2">
        <div className={greyed}>
          <Metrics fragility={fragility} />
        </div>
        <p className="mt-4 border-ink-800 border-t pt-3 text-fog-400 text-xs">
          {source.sigma.source === 'forecast'
            ? `Forecast by ${source.sigma.model ?? 'the model'}`
            : `σ̂ is the one through the cycle, because: ${source.sigma.why ?? ''}`}
          {block !== undefined && `; book at block ${block.number}, ${Format.age(block.ageSeconds + since)} old`}. Positions are closed
          whole; no insurance and no backstop is counted.
        </p>
      </Panel>
    </div>
  )
}

const states = {
  off: { word: 'brake off', colour: 'bg-sea-400' },
  on: { word: 'braking', colour: 'bg-sun-400 hatched' },
  shut: { word: 'no raises', colour: 'bg-coral-400 hatched' },
} as const

/** n of the brake on a scale from 0 to 1, with where it starts and where it stops. */
function Gauge({ name, side }: { readonly name: string; readonly side: FragileSide }) {
  const { brake, secantPpm } = side
  const { word, colour } = states[brake.status]
  return (
    <div className="mb-4" data-brake={brake.status} data-side={side.direction}>
      <div className="mb-1 flex flex-wrap items-baseline justify-between gap-x-3 text-sm">
        <span className="text-fog-300">{name}</span>
        <span className="font-semibold text-fog-100 text-lg">
          {Format.decimal(BigInt(brake.reflexivityPpm), 6, 2, 'up')} <span className="font-normal text-fog-400 text-xs">{word}</span>
        </span>
      </div>
      <div aria-hidden="true" className="relative h-3 rounded-sm bg-ink-800">
        <div className={`h-full rounded-sm ${colour}`} style={{ width: `${Math.min(100, brake.reflexivityPpm / 10_000)}%` }} />
        <span className="-inset-y-0.5 absolute left-1/2 w-px bg-sun-400" />
        <span className="-inset-y-0.5 absolute left-[80%] w-px bg-coral-400" />
      </div>
      <p className="mt-1 text-fog-400 text-xs">
        {brake.ppm === null
          ? 'A raise of this side is refused.'
          : brake.ppm === 0
            ? 'The next dollar costs no more margin.'
            : `The next dollar adds ${Format.percent(brake.ppm, 2, 'up')} of itself to initial margin.`}{' '}
        At σ̂, on what is open: {Format.decimal(BigInt(secantPpm), 6, 2, 'up')}.
      </p>
    </div>
  )
}

/** Each shock and what it becomes, as bars on one scale. */
function Impact({ side }: { readonly side: FragileSide }) {
  const { direction, shocks } = side
  const most = Math.max(...shocks.map(({ endsPpm }) => Math.abs(Heat.returned(endsPpm, direction))))
  const width = (movePpm: number) => `${(100 * Math.abs(Heat.returned(movePpm, direction))) / most}%`
  const head = 'pb-1.5 text-right font-normal'
  return (
    <table className="mb-4 w-full text-sm">
      <caption className="pb-1.5 text-left text-fog-300">{direction === 'down' ? 'A fall' : 'A rise'}</caption>
      <thead className="text-fog-400 text-xs">
        <tr>
          <th scope="col" className="pb-1.5 text-left font-normal">
            Shock
          </th>
          <th scope="col" className="hidden w-1/3 sm:table-cell">
            <span className="sr-only">Drawn</span>
          </th>
          <th scope="col" className={head}>
            Ends at
          </th>
          <th scope="col" className={head}>
            Added
          </th>
          <th scope="col" className={head}>
            Forced
          </th>
        </tr>
      </thead>
      <tbody>
        {shocks.map((it) => (
          <tr key={it.name} className="border-ink-800 border-t" data-shock={`${direction} ${it.name}`} data-extra={it.extraPpm}>
            <th scope="row" className="py-1.5 text-left font-medium text-fog-300">
              {it.name.replace('%', ' %').replace('σ', ' σ̂')}
            </th>
            <td className="hidden py-1.5 sm:table-cell" aria-hidden="true">
              <div className="relative h-2.5">
                <div className="hatched absolute h-full rounded-sm bg-coral-400" style={{ width: width(it.endsPpm) }} />
                <div className="absolute h-full rounded-sm bg-sky-400" style={{ width: width(it.shockPpm) }} />
              </div>
            </td>
            <td className="py-1.5 text-right text-fog-100">{move(it.endsPpm, direction)}</td>
            <td className={`py-1.5 text-right ${it.extraPpm === 0 ? 'text-fog-400' : 'font-semibold text-coral-300'}`}>
              {it.extraPpm === 0 ? 'none' : added(it, direction)}
            </td>
            <td className="py-1.5 text-right text-fog-300">{it.forced === 0n ? 'nothing' : Format.usd(it.forced, 'up')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** A return in ppm, to a hundredth of a per cent: the gateway's own rounding is not rounded on. */
function hundredths(part: number): number {
  return Math.round(part * 10_000) * 100
}

/** The leverage ratio impact as a return: where the shock ends, less the shock. */
function added({ shockPpm, endsPpm }: FragileSide['shocks'][number], direction: FragileSide['direction']): string {
  const part = Heat.returned(endsPpm, direction) - Heat.returned(shockPpm, direction)
  return Format.signedPercent(hundredths(part), 1, direction === 'down' ? 'down' : 'up')
}

/** An adverse log move as the return of the price. */
function move(movePpm: number, direction: FragileSide['direction']): string {
  return Format.signedPercent(hundredths(Heat.returned(movePpm, direction)), 1, direction === 'down' ? 'down' : 'up')
}

function Metrics({ fragility }: { readonly fragility: Known }) {
  const { posted, equity, down, up } = fragility
  const row = (name: string, says: string, show: (side: FragileSide) => ReactNode) => (
    <tr className="border-ink-800 border-t align-top">
      <th scope="row" className="py-2 pr-3 text-left font-medium text-fog-300">
        {name}
        <span className="block font-normal text-fog-400 text-xs">{says}</span>
      </th>
      <td className="py-2 pl-2 text-right">{show(down)}</td>
      <td className="py-2 pl-2 text-right">{show(up)}</td>
    </tr>
  )
  return (
    <>
      <dl className="mb-4 grid grid-cols-2 gap-x-6 gap-y-1 text-sm">
        <dt className="text-fog-400 text-xs">Of what is posted</dt>
        <dt className="text-fog-400 text-xs">Of equity</dt>
        <dd className="font-semibold text-2xl text-fog-100 tracking-tight">
          {measured(posted, ({ leveragePpm }) => Format.leverage(leveragePpm))}
        </dd>
        <dd className="font-semibold text-2xl text-fog-100 tracking-tight">
          {measured(equity, ({ leveragePpm }) => Format.leverage(leveragePpm))}
        </dd>
      </dl>
      <table className="w-full text-sm">
        <caption className="sr-only">Figures of both sides</caption>
        <thead className="text-fog-400 text-xs">
          <tr>
            <th scope="col" className="pb-1.5 text-left font-normal">
              <span className="sr-only">Figure</span>
            </th>
            <th scope="col" className="pb-1.5 text-right font-normal">
              A fall
            </th>
            <th scope="col" className="pb-1.5 text-right font-normal">
              A rise
            </th>
          </tr>
        </thead>
        <tbody>
          {row('Open interest', 'of the side that loses', ({ openInterest }) => Format.usd(openInterest, 'up'))}
          {row('First liquidation', 'the smallest move that reaches anybody', ({ nearest, direction }) =>
            measured(nearest, ({ movePpm, sigmasPpm }) => (
              <>
                {move(movePpm, direction)}
                <span className="block text-fog-400 text-xs">{Format.decimal(BigInt(sigmasPpm), 6, 1, 'down')} σ̂</span>
              </>
            )),
          )}
          {row('First unpaid loss', 'the smallest shock an account cannot pay', ({ insolvency, direction }) =>
            measured(insolvency, ({ movePpm }) => move(movePpm, direction)),
          )}
          {row('Critical leverage', 'the largest with local n below 1, by today’s', ({ critical }) =>
            measured(critical, ({ timesPpm }) => Format.leverage(timesPpm)),
          )}
          {row('Local n', 'where the book is steepest', ({ local }) =>
            measured(local, ({ nPpm }) => Format.decimal(BigInt(nPpm), 6, 2, 'up')),
          )}
          {row('What a sale clears', 'within what a liquidator is paid', ({ coverage }) =>
            measured(coverage.executable, ({ notional }) => Format.usd(notional, 'down')),
          )}
        </tbody>
      </table>
    </>
  )
}

/** A figure, or a dash and why there is none. */
function measured<T extends { readonly status: 'ok' } | Absent>(
  it: T,
  show: (figure: Extract<T, { readonly status: 'ok' }>) => ReactNode,
): ReactNode {
  return isAbsent(it) ? (
    <span className="font-normal text-xs tracking-normal">
      <Unknown>{it.reason}</Unknown>
    </span>
  ) : (
    show(it as Extract<T, { readonly status: 'ok' }>)
  )
}

type Absent = Extract<Measured<object>, { readonly status: 'none' }>

function isAbsent(it: { readonly status: string }): it is Absent {
  return it.status === 'none'
}
