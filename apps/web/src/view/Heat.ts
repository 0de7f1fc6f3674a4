/** The liquidation map as it is drawn: one axis of returns, what fails by a fall left of the price, by a rise right of it. */
import type { ClusterSide } from '@plimsoll/sdk'

export type Bar = {
  readonly direction: ClusterSide['direction']
  /** Edges as shares of the axis, left to right. */
  readonly left: number
  readonly right: number
  /** Share of the largest, in (0, 1]. */
  readonly height: number
  /** The returns it lies between, nearer to the price first. */
  readonly from: number
  readonly to: number
  readonly sigmas: number
  readonly forced: bigint
  readonly cumulative: bigint
  readonly accounts: number
}

export type Heat = {
  /** The axis reaches from −reach to +reach, as a return. */
  readonly reach: number
  readonly bars: readonly Bar[]
  /** What lies beyond the axis, by side. USD. */
  readonly beyond: { readonly down: bigint; readonly up: bigint }
}

const reaches = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1] as const

/** An adverse log move in ppm as the return of the price. */
export function returned(movePpm: number, direction: ClusterSide['direction']): number {
  return Math.expm1((direction === 'down' ? -movePpm : movePpm) / 1_000_000)
}

/** Where a return lies on the axis, in [0, 1]. */
export function place(value: number, reach: number): number {
  return Math.max(0, Math.min(1, 0.5 + value / (2 * reach)))
}

/** The narrowest axis that shows nine tenths of what fails on either side, and a tenth of the price at least. */
export function of(down: ClusterSide, up: ClusterSide): Heat {
  const reach = Math.max(reaches[1], reachOf(down), reachOf(up))
  const shown = [
    ...down.clusters.map((it) => ({ ...it, direction: 'down' as const })),
    ...up.clusters.map((it) => ({ ...it, direction: 'up' as const })),
  ]
  const inside = shown.filter(({ fromPpm, direction }) => Math.abs(returned(fromPpm, direction)) < reach)
  const most = Math.max(...inside.map(({ forced }) => Number(forced)))
  const bars = inside.map(({ fromPpm, toPpm, fromSigmasPpm, direction, forced, cumulative, accounts }): Bar => {
    const [from, to] = [returned(fromPpm, direction), returned(toPpm, direction)]
    const [a, b] = [place(from, reach), place(to, reach)]
    return {
      ...{ direction, from, to, forced, cumulative, accounts },
      left: Math.min(a, b),
      right: Math.max(a, b),
      height: Math.max(0.02, Number(forced) / most),
      sigmas: fromSigmasPpm / 1_000_000,
    }
  })
  const outside = (direction: ClusterSide['direction']) =>
    shown.reduce(
      (sum, it) => (it.direction === direction && Math.abs(returned(it.fromPpm, direction)) >= reach ? sum + it.forced : sum),
      0n,
    )
  return { reach, bars, beyond: { down: outside('down'), up: outside('up') } }
}

function reachOf({ clusters, direction }: ClusterSide): number {
  const total = clusters.at(-1)?.cumulative ?? 0n
  const last = clusters.find(({ cumulative }) => cumulative * 10n >= total * 9n)
  if (last === undefined) return 0
  const needed = Math.abs(returned(last.toPpm, direction))
  return reaches.find((reach) => reach >= needed) ?? 1
}
