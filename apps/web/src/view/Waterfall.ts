/** The reasons of a limit as bars: each starts where the one before ended, and the last ends at the result. */
import { Fixed } from '@plimsoll/margin'
import * as Format from './Format.ts'

const dollar = 10n ** 18n

/** One reason: the signed change in initial margin (ppm) and in the limit (USD). The first is the base itself. */
export type Line = { readonly factor: string; readonly imPpm: number; readonly notional: bigint }

/** One bar on an axis from 0 to 100. `start` ≤ `end`; `direction` says which way the figure went. */
export type Bar = { readonly start: number; readonly end: number; readonly direction: 'total' | 'up' | 'down' | 'none' }

export type Row<T> = { readonly factor: string; readonly change: T; readonly from: T; readonly to: T; readonly bar: Bar }

/** One column of the waterfall. `result` is where the last row ends. */
export type Column<T> = { readonly rows: readonly Row<T>[]; readonly result: T; readonly bar: Bar }

export type Waterfall = { readonly im: Column<number>; readonly notional: Column<bigint> }

/**
 * Lays the reasons out, one row a reason in their order, each column on its own axis.
 *
 * Formula: `to_k = Σ_{j ≤ k} change_j`, `from_k = to_{k−1}`; the axis ends at the greatest `to`.
 */
export function of(lines: readonly Line[]): Waterfall {
  const im = column(
    lines.map(({ factor, imPpm }) => ({ factor, change: BigInt(imPpm) })),
    Number,
  )
  const notional = column(
    lines.map(({ factor, notional }) => ({ factor, change: notional })),
    (value) => value,
  )
  return { im, notional }
}

function column<T>(changes: readonly { readonly factor: string; readonly change: bigint }[], as: (value: bigint) => T): Column<T> {
  let total = 0n
  const steps = changes.map(({ factor, change }) => {
    const from = total
    total += change
    return { factor, change, from, to: total }
  })
  const top = greatest(steps.map(({ to }) => to))
  const rows = steps.map(({ factor, change, from, to }, index) => ({
    factor,
    change: as(change),
    from: as(from),
    to: as(to),
    bar: bar({ from, to, top, total: index === 0 }),
  }))
  return { rows, result: as(total), bar: bar({ from: 0n, to: total, top, total: true }) }
}

/** The greatest of some figures, at least 1: the end of an axis. */
function greatest(figures: readonly bigint[]): bigint {
  let most = 1n
  for (const figure of figures) if (figure > most) most = figure
  return most
}

function bar({ from, to, top, total }: { readonly from: bigint; readonly to: bigint; readonly top: bigint; readonly total: boolean }): Bar {
  const [low, high] = from < to ? [from, to] : [to, from]
  const direction = total ? 'total' : to > from ? 'up' : to < from ? 'down' : 'none'
  return { start: position(low, top), end: position(high, top), direction }
}

function position(value: bigint, top: bigint): number {
  return Number(((value < 0n ? 0n : value) * 1_000_000n) / top) / 10_000
}

/**
 * The dollars of each row and of the result as they are read: whoever adds up what is written gets what is written below.
 * All of it in whole dollars where the result has thousands, else all of it to the cent. The first is what the others change.
 */
export function written(changes: readonly bigint[]): { readonly rows: readonly string[]; readonly result: string } {
  const cents = changes.reduce((sum, change) => sum + change, 0n) < 1_000n * dollar
  const rounded = Fixed.apportion(changes, cents ? dollar / 100n : dollar)
  const write = (value: bigint) => (cents && value !== 0n ? Format.price(value, 'down') : Format.usd(value, 'down'))
  const rows = rounded.map((change, index) => {
    if (index === 0) return write(change)
    return change === 0n ? 'no change' : `${change > 0n ? '+' : ''}${write(change)}`
  })
  return { rows, result: write(rounded.reduce((sum, change) => sum + change, 0n)) }
}
