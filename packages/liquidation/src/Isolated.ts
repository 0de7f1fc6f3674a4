/**
 * A big book of isolated accounts in one market, by the price at which each fails: sorted thresholds with running sums on both sides, so that a cascade
 * over a million accounts is a few searches.
 */
import type * as Book from './Book.ts'
import * as Columns from './Columns.ts'
import * as Figure from './Figure.ts'
import * as Impact from './Impact.ts'
import * as LiquidationCurve from './LiquidationCurve.ts'

export type Isolated = { readonly count: number; readonly long: Side; readonly short: Side }

/** The accounts of one side that some price can liquidate, first to fail first; ties by number. */
export type Side = {
  /** - numbers of the accounts. */
  readonly accounts: Int32Array
  /** - the adverse log move that liquidates each, ≥ 0, ascending. */
  readonly thresholds: Float64Array
  /** - what is forced by then, itself included; in the grain of `Columns.flow`, so that sums are exact. USD at P0. */
  readonly forced: Float64Array
}

/** One isolated position an account, arrays of one length. Float64, USD at P0. */
export type Positions = {
  /** - 1 for a long, −1 for a short, 0 for an account without a position. */
  readonly side: Int8Array
  /** - > 0. */
  readonly notional: Float64Array
  readonly equity: Float64Array
  /** - maintenance rate as a fraction below 1. */
  readonly maintenance: Float64Array
}

/** Most buckets that thresholds are dealt into before each is put in order. */
const most = 65_536

/**
 * The index of a book of isolated accounts.
 *
 * Source: docs/method/big-books.md, eq. (10), on docs/method/cascade.md, eq. (1).
 *
 * @throws {Figure.InvalidFigureError} arrays of different lengths.
 *
 * @example
 * const positions = { side: Int8Array.of(1, -1, 1), notional: Float64Array.of(100, 50, 40), equity: Float64Array.of(20, 10, 4), maintenance: new Float64Array(3) }
 * Isolated.of(positions).long.accounts
 * // => Int32Array.of(2, 0)
 */
export function of(positions: Positions): Isolated {
  const count = positions.side.length
  for (const array of [positions.notional, positions.equity, positions.maintenance])
    if (array.length !== count) throw new Figure.InvalidFigureError({ figure: 'accounts', value: array.length, range: `${count}` })
  const at = new Float64Array(count)
  for (let i = 0; i < count; i++) at[i] = threshold(positions, i)
  return { count, long: sorted(positions, at, 1), short: sorted(positions, at, -1) }
}

export declare namespace of {
  type ErrorType = Figure.InvalidFigureError
}

/** `LiquidationCurve.distance` of one account; +∞ where no move does it. */
function threshold({ side, notional, equity, maintenance }: Positions, i: number): number {
  const n = notional[i] as number
  const e = equity[i] as number
  const m = maintenance[i] as number
  if (side[i] === 0) return Number.POSITIVE_INFINITY
  if (e <= m * n) return 0
  if (side[i] === 1) return e >= n ? Number.POSITIVE_INFINITY : Math.max(0, -Math.log((n - e) / (n - m * n)))
  return Math.max(0, Math.log((n + e) / (n + m * n)))
}

/** By buckets of equal width, each in order by itself: nothing is allocated an account. */
function sorted({ side, notional }: Positions, at: Float64Array, which: 1 | -1): Side {
  const own = new Int32Array(at.length)
  let count = 0
  let furthest = 0
  for (let i = 0; i < at.length; i++) {
    const x = at[i] as number
    if (side[i] !== which || x === Number.POSITIVE_INFINITY) continue
    own[count++] = i
    if (x > furthest) furthest = x
  }
  const buckets = Math.min(most, count + 1)
  const scale = furthest > 1e-200 ? (buckets - 1) / furthest : 0
  const starts = new Int32Array(buckets + 1)
  for (let j = 0; j < count; j++) {
    const after = Math.floor((at[own[j] as number] as number) * scale) + 1
    starts[after] = (starts[after] as number) + 1
  }
  for (let b = 0; b < buckets; b++) starts[b + 1] = (starts[b + 1] as number) + (starts[b] as number)
  const accounts = new Int32Array(count)
  const next = starts.slice()
  for (let j = 0; j < count; j++) {
    const bucket = Math.floor((at[own[j] as number] as number) * scale)
    const place = next[bucket] as number
    accounts[place] = own[j] as number
    next[bucket] = place + 1
  }
  for (let b = 0; b < buckets; b++) order(accounts, at, starts[b] as number, starts[b + 1] as number)
  const thresholds = new Float64Array(count)
  const forced = new Float64Array(count)
  let sum = 0
  for (let j = 0; j < count; j++) {
    const account = accounts[j] as number
    sum += Columns.flow(notional[account] as number)
    thresholds[j] = at[account] as number
    forced[j] = sum
  }
  return { accounts, thresholds, forced }
}

/** A stretch by threshold, then by number: by insertion where it is short. */
function order(accounts: Int32Array, at: Float64Array, from: number, to: number): void {
  if (to - from > 64) {
    accounts.subarray(from, to).sort((a, b) => (at[a] as number) - (at[b] as number) || a - b)
    return
  }
  for (let i = from + 1; i < to; i++) {
    const account = accounts[i] as number
    const own = at[account] as number
    let j = i - 1
    // Numbers ascend on arrival, so that equal thresholds stay as they are.
    for (; j >= from && (at[accounts[j] as number] as number) > own; j--) accounts[j + 1] = accounts[j] as number
    accounts[j + 1] = account
  }
}

export type Cascade = {
  readonly side: Book.Side
  /** x*, the whole adverse log move. */
  readonly x: number
  /** Q(x*). USD at P0. */
  readonly forced: number
  /** Iterations that forced somebody. */
  readonly rounds: number
  /** - numbers of the accounts liquidated, first to fail first; a view of the index. */
  readonly liquidated: Int32Array
}

/**
 * Where a shock ends once everything it forces has been sold: the least fixed point, and who was liquidated on the way.
 *
 * Formula: `x = s + I(Q(x))` from x = s upwards; from the last account found, twice as far at each look and then by halves.
 * Source:  docs/method/big-books.md, eq. (11), on docs/method/cascade.md, eq. (3).
 *
 * Settles in at most one round a threshold; all rounds together look at each threshold a bounded number of times.
 *
 * @param scenario.shock - log ≥ 0, adverse to `side`.
 * @throws {Figure.InvalidFigureError} the shock is negative or no number.
 * @throws {Impact.InvalidImpactError}
 *
 * @example
 * const positions = { side: Int8Array.of(1, 1), notional: Float64Array.of(64, 64), equity: Float64Array.of(8, 24), maintenance: new Float64Array(2) }
 * Isolated.cascade(Isolated.of(positions), { side: 'long', impact: { kind: 'linear', slope: 1 / 256 }, shock: 0.25 }).liquidated
 * // => Int32Array.of(0, 1)
 */
export function cascade(index: Isolated, { side, impact, shock }: cascade.Scenario): Cascade {
  Figure.assert('at least 0', { shock })
  Impact.assert(impact)
  const { accounts, thresholds, forced } = index[side]
  let [count, rounds] = [0, 0]
  let x = shock
  for (;;) {
    const reached = upTo(thresholds, count, x + LiquidationCurve.tolerance)
    if (reached === count) break
    count = reached
    rounds++
    // An impact never falls with the flow; a float may by its last digit.
    x = Math.max(x, shock + Impact.of(impact, forced[count - 1] as number))
  }
  return { side, x, forced: count === 0 ? 0 : (forced[count - 1] as number), rounds, liquidated: accounts.subarray(0, count) }
}

export declare namespace cascade {
  type Scenario = { readonly side: Book.Side; readonly impact: Impact.Impact; readonly shock: number }
  type ErrorType = Figure.InvalidFigureError | Impact.InvalidImpactError
}

/** How many thresholds are within a move, of which `from` are known to be. */
function upTo(thresholds: Float64Array, from: number, bar: number): number {
  let low = from
  let span = 1
  while (low + span <= thresholds.length && (thresholds[low + span - 1] as number) <= bar) {
    low += span
    span *= 2
  }
  let high = Math.min(thresholds.length, low + span - 1)
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((thresholds[middle] as number) <= bar) low = middle + 1
    else high = middle
  }
  return low
}
