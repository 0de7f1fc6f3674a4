/** A made-up book: isolated accounts of one market, as many longs and shorts as asked for, of equal open interest. */
import * as Figure from './Figure.ts'
import type * as Isolated from './Isolated.ts'
import type * as Path from './Path.ts'

export type Throng = {
  readonly positions: Isolated.Positions
  /** - 1 for an account that lets itself be reduced before the threshold. */
  readonly mandates: Uint8Array
}

/** One side: how many, and what leverage they have in the middle, the deviation of its log, and at most. */
export type Side = { readonly accounts: number; readonly leverage: number; readonly deviation: number; readonly most: number }

export type Shape = {
  /** Σ N of each side. USD. */
  readonly openInterest: number
  readonly long: Side
  readonly short: Side
  /** m of all. */
  readonly maintenance: number
  /** Deviation of the log of a position's size. */
  readonly sizes: number
  /** Share of accounts that gave a mandate. */
  readonly mandated: number
}

/** Longs on thin margin, and shorts on thick: who crypto's crashes find. */
export const shape: Shape = {
  openInterest: 4e8,
  long: { accounts: 3_000, leverage: 4.5, deviation: 0.6, most: 20 },
  short: { accounts: 1_000, leverage: 3, deviation: 0.5, most: 10 },
  maintenance: 0.02,
  sizes: 1.2,
  mandated: 1,
}

/**
 * The book of one seed.
 *
 * Formula: `E/N = max(1.25·m, u/L)`, ln L normal and L at most so much, u even in [0.6, 1.4]: prices have moved since it was opened.
 * Source:  docs/method/replay.md, eq. (5).
 *
 * @throws {Figure.InvalidFigureError}
 *
 * @example
 * const half = { uniform: () => 0.5, normal: () => 0 }
 * const side = { accounts: 1, leverage: 4, deviation: 1, most: 8 }
 * Throng.of({ openInterest: 64, long: side, short: side, maintenance: 0, sizes: 1, mandated: 1 }, half).positions.equity
 * // => Float64Array.of(16, 16)
 */
export function of(shape: Shape, random: Path.Random): Throng {
  const { openInterest, long, short, maintenance, sizes, mandated } = shape
  Figure.assert('above 0', { openInterest, leverage: Math.min(long.leverage, short.leverage), most: Math.min(long.most, short.most) })
  Figure.assert('a share below 1', { maintenance })
  Figure.assert('a share', { mandated })
  Figure.assert('at least 0', { sizes, longs: long.deviation, shorts: short.deviation })
  Figure.assert('a whole number of at least 0', { longs: long.accounts, shorts: short.accounts })
  const count = long.accounts + short.accounts
  const side = new Int8Array(count).fill(1, 0, long.accounts).fill(-1, long.accounts)
  const notional = new Float64Array(count)
  const equity = new Float64Array(count)
  const mandates = new Uint8Array(count)
  const sums = { long: 0, short: 0 }
  for (let i = 0; i < count; i++) {
    const which = i < long.accounts ? 'long' : 'short'
    const { leverage, deviation, most } = shape[which]
    const size = Math.exp(sizes * random.normal())
    notional[i] = size
    sums[which] += size
    const levered = Math.min(most, leverage * Math.exp(deviation * random.normal()))
    equity[i] = Math.max(1.25 * maintenance, (0.6 + 0.8 * random.uniform()) / levered)
    mandates[i] = random.uniform() < mandated ? 1 : 0
  }
  for (const [i, size] of notional.entries()) {
    const scaled = (size * openInterest) / (i < long.accounts ? sums.long : sums.short)
    notional[i] = scaled
    equity[i] = (equity[i] as number) * scaled
  }
  return { positions: { side, notional, equity, maintenance: new Float64Array(count).fill(maintenance) }, mandates }
}

export declare namespace of {
  type ErrorType = Figure.InvalidFigureError
}
