/** Liquidations by the move that forces them: a bar a step, higher and warmer where more is forced. The table says the same in figures. */
import type { Clusters } from '@plimsoll/sdk'
import * as Format from '../view/Format.ts'
import * as Heat from '../view/Heat.ts'
import { Unknown } from './Unknown.tsx'

type Known = Extract<Clusters, { readonly status: 'ok' }>

const [wide, high, ground] = [1000, 220, 190]

export function Heatmap({
  heat,
  clusters,
  price,
}: {
  readonly heat: Heat.Heat
  readonly clusters: Known
  readonly price: Known['source']['price']
}) {
  const { bars, reach, beyond } = heat
  const forced = (direction: 'down' | 'up') => clusters[direction].clusters.at(-1)?.cumulative ?? 0n
  const sigma = clusters.sigmaPpm / 1_000_000
  const lines = [1, 2, 3].flatMap((k) => [
    { k, at: Math.expm1(-k * sigma) },
    { k, at: Math.expm1(k * sigma) },
  ])
  const largest = [...bars].sort((a, b) => (b.forced > a.forced ? 1 : -1)).slice(0, 8)
  return (
    <div data-testid="heatmap" data-bars={bars.length}>
      <div className="mb-2 flex justify-between gap-4 text-fog-300 text-xs sm:text-sm">
        <span>
          <span aria-hidden="true">← </span>A fall forces longs: {Format.usd(forced('down'), 'up')}
        </span>
        <span className="text-right">
          A rise forces shorts: {Format.usd(forced('up'), 'up')}
          <span aria-hidden="true"> →</span>
        </span>
      </div>
      <svg
        viewBox={`0 0 ${wide} ${high}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Liquidations from ${Format.signedPercent(-reach * 1e6, 0, 'down')} to ${Format.signedPercent(reach * 1e6, 0, 'up')} of the price, in ${bars.length} steps. The largest are in the table below.`}
        className="h-40 w-full sm:h-56"
      >
        <rect x="0" y="0" width={wide} height={ground} className="fill-ink-850" />
        {lines
          .filter(({ at }) => Math.abs(at) < reach)
          .map(({ k, at }) => (
            <line
              key={`${k} ${at}`}
              x1={wide * Heat.place(at, reach)}
              x2={wide * Heat.place(at, reach)}
              y1="0"
              y2={ground}
              className="stroke-ink-600"
              strokeDasharray="4 4"
              vectorEffect="non-scaling-stroke"
            />
          ))}
        {bars.map((bar) => (
          <rect
            key={`${bar.direction} ${bar.from}`}
            x={wide * bar.left + 1}
            width={Math.max(2, wide * (bar.right - bar.left) - 2)}
            y={ground - bar.height * (ground - 12)}
            height={bar.height * (ground - 12)}
            rx="2"
            fillOpacity={0.35 + 0.65 * bar.height}
            className={bar.direction === 'down' ? 'fill-coral-400' : 'fill-sky-400'}
          />
        ))}
        <line x1={wide / 2} x2={wide / 2} y1="0" y2={ground} className="stroke-fog-100" strokeWidth="2" vectorEffect="non-scaling-stroke" />
      </svg>
      <div aria-hidden="true" className="relative -mt-4 h-5 text-fog-400 text-xs sm:-mt-6">
        <span className="absolute left-0">{Format.signedPercent(-reach * 1e6, 0, 'down')}</span>
        <span className="-translate-x-1/2 absolute left-1/4 hidden sm:inline">{Format.signedPercent((-reach * 1e6) / 2, 1, 'down')}</span>
        <span className="-translate-x-1/2 absolute left-1/2 whitespace-nowrap text-fog-100">
          {price.status === 'ok' ? Format.price(price.index, 'down') : 'price now'}
        </span>
        <span className="-translate-x-1/2 absolute left-3/4 hidden sm:inline">{Format.signedPercent((reach * 1e6) / 2, 1, 'up')}</span>
        <span className="absolute right-0">{Format.signedPercent(reach * 1e6, 0, 'up')}</span>
      </div>
      <p className="mt-2 text-fog-400 text-xs">
        Dashed: 1, 2 and 3 σ̂ of a day.{beyond.down > 0n && ` ${Format.usd(beyond.down, 'up')} of longs fail further down.`}
        {beyond.up > 0n && ` ${Format.usd(beyond.up, 'up')} of shorts fail further up.`}
        {(['down', 'up'] as const)
          .filter((direction) => clusters[direction].standing.notional > 0n)
          .map(
            (direction) =>
              ` ${Format.usd(clusters[direction].standing.notional, 'up')} of ${direction === 'down' ? 'longs' : 'shorts'} no move liquidates.`,
          )}
      </p>
      {largest.length === 0 ? (
        <p className="mt-3 text-sm">
          <Unknown what="liquidation">no move of the price would force anybody.</Unknown>
        </p>
      ) : (
        <details className="mt-3">
          <summary className="min-h-6 text-fog-300 text-sm">The largest clusters in figures</summary>
          <table className="mt-2 w-full text-sm">
            <caption className="sr-only">The largest clusters of liquidations</caption>
            <thead className="text-fog-400 text-xs">
              <tr>
                <th scope="col" className="pb-1.5 text-left font-normal">
                  Move
                </th>
                <th scope="col" className="pb-1.5 text-right font-normal">
                  σ̂
                </th>
                <th scope="col" className="pb-1.5 text-right font-normal">
                  Accounts
                </th>
                <th scope="col" className="pb-1.5 text-right font-normal">
                  Forced
                </th>
                <th scope="col" className="hidden pb-1.5 text-right font-normal sm:table-cell">
                  By then
                </th>
              </tr>
            </thead>
            <tbody>
              {largest.map((bar) => (
                <tr key={`${bar.direction} ${bar.from}`} className="border-ink-800 border-t">
                  <th scope="row" className="py-1.5 text-left font-medium text-fog-300">
                    {Format.signedPercent(Math.round(bar.from * 1e6), 1, bar.direction === 'down' ? 'down' : 'up')}
                    <span className="sr-only">, {bar.direction === 'down' ? 'longs' : 'shorts'}</span>
                  </th>
                  <td className="py-1.5 text-right text-fog-300">{bar.sigmas.toFixed(1)}</td>
                  <td className="py-1.5 text-right text-fog-300">{bar.accounts}</td>
                  <td className="py-1.5 text-right text-fog-100">{Format.usd(bar.forced, 'up')}</td>
                  <td className="hidden py-1.5 text-right text-fog-300 sm:table-cell">{Format.usd(bar.cumulative, 'up')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </div>
  )
}
