import * as Book from './Book.ts'

/**
 * Q(x): what is forced onto the market by an adverse log move of x, as a step function.
 *
 * Longs fail when the price falls to `P0·e^(−x)`, shorts when it rises to `P0·e^x`. Account by account, thresholds ascending;
 * `notional` is the running sum *including* the entry.
 *
 * Q is in USD at P0, that is, in units. Depth is units on offer: a short bought back higher pays more for the same units, and lifts
 * the same offers. So Q depends on nothing but who has failed, and a poorer account can only add to it.
 */
export type LiquidationCurve = {
  readonly side: Book.Side
  readonly thresholds: Float64Array
  readonly notional: Float64Array
}

/** Two log moves closer than this are one: `s + κQ` is a float, and a wall exactly there must be hit. */
export const tolerance = 1e-12

/**
 * The curve of one side of a market.
 *
 * Isolated accounts exactly; an account with positions in several markets along this market's own direction, the other
 * prices standing still and their maintenance as it is. A position is closed whole.
 */
export function of(book: Book.Book, market: string, side: Book.Side): LiquidationCurve {
  const walls: { at: number; notional: number }[] = []
  for (const { account, position, elsewhere, held } of Book.positions(book, market)) {
    if (position.side !== side) continue
    const notional = Book.usd(position.notional)
    const at = distance({
      side,
      notional,
      equity: Book.usd(account.equity - elsewhere),
      maintenance: position.maintenancePpm / 1_000_000,
      held: Book.usd(held),
    })
    if (at !== null) walls.push({ at, notional })
  }
  return fromWalls(side, walls)
}

/** The curve of walls given by hand: forced USD at P0 at each adverse log move. */
export function fromWalls(side: Book.Side, walls: readonly { readonly at: number; readonly notional: number }[]): LiquidationCurve {
  const sorted = [...walls].sort((a, b) => a.at - b.at || a.notional - b.notional)
  const thresholds = new Float64Array(sorted.length)
  const notional = new Float64Array(sorted.length)
  let sum = 0
  for (const [i, wall] of sorted.entries()) {
    sum += wall.notional
    thresholds[i] = wall.at
    notional[i] = sum
  }
  return { side, thresholds, notional }
}

/**
 * The adverse log move at which a position can be liquidated; null where no move does it.
 *
 * Formula: long `E − N(1 − y) = m·N·y` at `y = e^(−x)`, so `x = −ln((N − E) / (N(1 − m)))`;
 *          short `E − N(y − 1) = m·N·y` at `y = e^x`, so `x = ln((N + E) / (N(1 + m)))`. 0 where it can be already.
 * Source:  docs/method/cascade.md, eq. (1).
 *
 * @param position.equity - what is left for this position: equity less the maintenance of the account's others.
 * @param position.maintenance - m as a fraction; 0 asks for bankruptcy.
 * @param position.held - the part of the equity that moves with the same price. 0 where it is not given.
 *
 * @example
 * LiquidationCurve.distance({ side: 'long', notional: 100, equity: 100, maintenance: 0.05 })
 * // => null
 */
export function distance(position: distance.Position): number | null {
  const { side, notional, equity, maintenance, held = 0 } = position
  if (equity <= maintenance * notional) return 0
  // A rise that gains as much with what is held as it costs, maintenance included, fails nobody.
  if (side === 'short' && held >= notional * (1 + maintenance)) return null
  const y = ratio(position)
  if (y <= 0) return null
  return Math.max(0, side === 'long' ? -Math.log(y) : Math.log(y))
}

export declare namespace distance {
  type Position = {
    readonly side: Book.Side
    readonly notional: number
    readonly equity: number
    readonly maintenance: number
    readonly held?: number
  }
}

/**
 * The price at which a position can be liquidated, by the price it was valued at; not positive where no price does it.
 *
 * Formula: `y = (δ − E) / (δ − mN)`, δ what the account gains with the price: ±N and what it holds.
 * Source:  docs/method/cascade.md, eq. (1).
 *
 * @example
 * LiquidationCurve.ratio({ side: 'short', notional: 100, equity: 25, maintenance: 0.25 })
 * // => 1
 */
export function ratio({ side, notional, equity, maintenance, held = 0 }: distance.Position): number {
  const exposure = (side === 'long' ? notional : -notional) + held
  return (exposure - equity) / (exposure - maintenance * notional)
}

/**
 * Q(x), in USD at P0. Never falls with x.
 *
 * @example
 * LiquidationCurve.forced(LiquidationCurve.fromWalls('long', [{ at: 0.1, notional: 50 }, { at: 0.2, notional: 100 }]), 0.15)
 * // => 50
 */
export function forced(curve: LiquidationCurve, x: number): number {
  const count = countOf(curve, x)
  return count === 0 ? 0 : (curve.notional[count - 1] ?? 0)
}

/** The same in USD at the moved mark, `Q(x)·e^(∓x)`: what a table of shocks shows. For longs it is not monotone. */
export function forcedAtMark(curve: LiquidationCurve, x: number): number {
  return forced(curve, x) * Math.exp(curve.side === 'long' ? -x : x)
}

/** How many entries fail by an adverse move of x. */
export function countOf({ thresholds }: LiquidationCurve, x: number): number {
  let low = 0
  let high = thresholds.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((thresholds[middle] ?? 0) <= x + tolerance) low = middle + 1
    else high = middle
  }
  return low
}
