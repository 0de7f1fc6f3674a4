/**
 * How far prices may move before an account has to be asked. The bound holds for the floats that `Columns` computes, not only for the figures they
 * stand for: within its radius an account is never told to fail by `Columns.failing`, whatever was rounded on the way.
 */
import type * as Columns from './Columns.ts'

/** An anchor, and what counts as a move of 1 around it: radii are in this measure, and moves are compared in it. */
export type Around = {
  /** - y[k] > 0. */
  readonly anchor: Float64Array
  /** - [k], in (0, 1]: how fast a price is expected to fall and to rise, by the fastest. 1 for all where nothing is expected. */
  readonly falling: Float64Array
  readonly rising: Float64Array
  /** The least of all paces. */
  readonly slowest: number
  /** - [k]: a weight w can lose `|w|·sway + w·tilt` to a move of 1, y·falling where it is positive and y·rising where it is negative. */
  readonly sway: Float64Array
  readonly tilt: Float64Array
}

/** Half the distance from 1 to the next float. */
const roundoff = 2 ** -53

/** More than the roundings of the radius itself. */
const shrink = 1 - 2 ** -40

/** Far above all that products too small for a float can lose, far below any money. */
const least = 2 ** -900

/** No pace is below this: who moves slower is expected to move so fast. */
const slow = 1 / 16

/**
 * The measure around prices from which nothing is expected: a move of a share in any price is that share.
 *
 * @param anchor - y[k], as `Columns.assert` asks.
 */
export function around(anchor: Float64Array): Around {
  const ones = new Float64Array(anchor.length).fill(1)
  return at({ falling: ones, rising: ones, slowest: 1 }, anchor)
}

/**
 * The measure around prices that are expected to go on as they came: a price that moves fast may move further before anybody is asked.
 *
 * Source: docs/method/big-books.md, eq. (6).
 *
 * @param before - y[k] on the way to the anchor.
 */
export function along(before: Float64Array, anchor: Float64Array): Around {
  const falling = anchor.map((y, k) => Math.max(0, (before[k] as number) / y - 1))
  const rising = anchor.map((y, k) => Math.max(0, y / (before[k] as number) - 1))
  const fastest = Math.max(...falling, ...rising)
  if (!(fastest > 0 && fastest < Number.POSITIVE_INFINITY)) return around(anchor)
  const pace = (moved: number) => Math.max(slow, moved / fastest)
  const [down, up] = [falling.map(pace), rising.map(pace)]
  return at({ falling: down, rising: up, slowest: slow }, anchor)
}

/** The same paces around other prices. */
export function at({ falling, rising, slowest }: Pick<Around, 'falling' | 'rising' | 'slowest'>, anchor: Float64Array): Around {
  return {
    ...{ anchor, falling, rising, slowest },
    sway: anchor.map((y, k) => (y * ((falling[k] as number) + (rising[k] as number))) / 2),
    tilt: anchor.map((y, k) => (y * ((falling[k] as number) - (rising[k] as number))) / 2),
  }
}

/**
 * What `H` may be off by, here and where it is compared, for each USD of `|c| + S`.
 *
 * Formula: `ε = 2·(slots + 4)·u/min v ≥ 2·γ_(slots+1)·Σ|w_k|·y_k/S`, with u = 2⁻⁵³ and `γ_n = n·u/(1 − n·u)`.
 * Source:  docs/method/big-books.md, eq. (5).
 *
 * @example
 * Radius.slack(4, Radius.around(Float64Array.of(1))) === 2 ** -49
 * // => true
 */
export function slack(slots: number, { slowest }: Around): number {
  return (2 * (slots + 4) * roundoff) / slowest
}

/**
 * The safe radius of one account: while the `displacement` of the prices is below it, the account does not fail.
 *
 * Formula: `r = (H − ε·(|c| + S))/S`, with `S = Σ |w_k|·sway_k + w_k·tilt_k`.
 * Source:  docs/method/big-books.md, eq. (4).
 * Rounding: down, by more than floats can be off; 0 where that leaves nothing, +∞ where no price matters.
 */
export function of(columns: Columns.Columns, account: number, around: Around): number {
  const { left, most, off } = sums(columns, account, around)
  return left === Number.POSITIVE_INFINITY ? left : safe(left, most, off)
}

/** `path` of one account. */
export function pathOf(columns: Columns.Columns, account: number, around: Around): number {
  const { left, most, off } = sums(columns, account, around)
  return left === Number.POSITIVE_INFINITY ? longest : path(left, most, off)
}

function sums({ count, slots, cash, market, weight }: Columns.Columns, account: number, around: Around) {
  const { anchor, sway, tilt } = around
  const constant = cash[account] as number
  let left = constant
  let most = 0
  for (let at = account; at < slots * count; at += count) {
    const w = weight[at] as number
    const k = market[at] as number
    left += w * (anchor[k] as number)
    most += Math.abs(w) * (sway[k] as number) + w * (tilt[k] as number)
  }
  return { left, most, off: slack(slots, around) * (Math.abs(constant) + most) }
}

/**
 * The same from its sums, for loops that have them.
 *
 * @param left - H, as floats have it.
 * @param most - S.
 * @param off - what H may be off by: `slack · (|c| + S)`.
 *
 * @example
 * Radius.safe(-1, 100, 0)
 * // => 0
 */
export function safe(left: number, most: number, off: number): number {
  const radius = ((left - off - least) / most) * shrink
  // What is no number is asked.
  if (!(radius > 0)) return 0
  return radius
}

/**
 * Safe radii of a stretch of accounts, where they are within a reach; everybody read once.
 *
 * @param stretch.reach - who is left out is safe while the displacement is below `outer(reach)`.
 * @param stretch.near - length ≥ to − from; the numbers of those within reach are written to its front, ascending.
 * @param stretch.radii - as long; their radii.
 * @returns how many there are.
 */
export function within(columns: Columns.Columns, around: Around, stretch: Stretch): number {
  return columns.slots === 4 ? withinOfFour(columns, around, stretch) : withinOfAny(columns, around, stretch)
}

export type Stretch = {
  readonly from: number
  readonly to: number
  readonly reach: number
  readonly near: Int32Array
  readonly radii: Float64Array
}

function withinOfAny(columns: Columns.Columns, around: Around, { from, to, reach, near, radii }: Stretch): number {
  let found = 0
  for (let i = from; i < to; i++) {
    const radius = of(columns, i, around)
    if (radius >= reach) continue
    near[found] = i
    radii[found++] = radius
  }
  return found
}

/** The same for four slots, near the speed of memory: who is out of reach is not divided. */
function withinOfFour(columns: Columns.Columns, around: Around, { from, to, reach, near, radii }: Stretch): number {
  const { count, cash, market, weight } = columns
  const { anchor, sway, tilt } = around
  const second = count
  const third = 2 * count
  const fourth = 3 * count
  const off = slack(4, around)
  let found = 0
  for (let i = from; i < to; i++) {
    const constant = cash[i] as number
    const a = weight[i] as number
    const b = weight[second + i] as number
    const c = weight[third + i] as number
    const d = weight[fourth + i] as number
    const k = market[i] as number
    const l = market[second + i] as number
    const m = market[third + i] as number
    const n = market[fourth + i] as number
    const left = constant + a * (anchor[k] as number) + b * (anchor[l] as number) + c * (anchor[m] as number) + d * (anchor[n] as number)
    const most =
      Math.abs(a) * (sway[k] as number) +
      a * (tilt[k] as number) +
      (Math.abs(b) * (sway[l] as number) + b * (tilt[l] as number)) +
      (Math.abs(c) * (sway[m] as number) + c * (tilt[m] as number)) +
      (Math.abs(d) * (sway[n] as number) + d * (tilt[n] as number))
    const bound = off * (Math.abs(constant) + most)
    // Infinite cash is beyond every reach.
    if (left >= reach * most + bound + least) continue
    near[found] = i
    radii[found++] = safe(left, most, bound)
  }
  return found
}

/** The displacement below which everybody is safe whom `within` left out: the reach, less what rounding may have let through. */
export function outer(reach: number): number {
  return reach * shrink
}

/**
 * How far prices have moved from an anchor: `max_k |y'_k/y_k − 1|`, each by its pace.
 *
 * Source:  docs/method/big-books.md, eq. (3).
 * Rounding: up.
 *
 * @example
 * Radius.displacement(Radius.around(Float64Array.of(2, 4)), Float64Array.of(2, 3)) >= 0.25
 * // => true
 */
export function displacement({ anchor, falling, rising }: Around, ratios: Float64Array): number {
  let most = 0
  for (let k = 0; k < anchor.length; k++) {
    const moved = (ratios[k] as number) / (anchor[k] as number) - 1
    most = Math.max(most, (2 ** -51 - moved) / (falling[k] as number), (2 ** -51 + moved) / (rising[k] as number))
  }
  return most * (1 + 2 ** -50)
}

/**
 * The length of one step on a path of prices, `max_k (max(y'_k/y_k, y_k/y'_k) − 1)`, each by its pace: no less than the greatest log move, so that
 * lengths add up to a bound of how far apart any two points of the path are.
 *
 * Source:  docs/method/big-books.md, eq. (7).
 * Rounding: up.
 *
 * @example
 * Radius.step(Radius.around(Float64Array.of(4)), Float64Array.of(4), Float64Array.of(2)) >= 1
 * // => true
 */
export function step({ falling, rising }: Around, from: Float64Array, to: Float64Array): number {
  let most = 0
  for (let k = 0; k < from.length; k++) {
    const factor = (to[k] as number) / (from[k] as number)
    most = Math.max(most, ((1 / factor) * outward - 1) / (falling[k] as number), (factor * outward - 1) / (rising[k] as number))
  }
  return most * (1 + 2 ** -50)
}

const outward = 1 + 2 ** -48

/**
 * How long the path of the prices may grow before an account has to be asked, from its sums as `safe` takes them.
 *
 * Formula: `2r/(2 + r) ≤ ln(1 + r)`, in one division; never above 2.
 * Source:  docs/method/big-books.md, eq. (8).
 * Rounding: down.
 *
 * @example
 * Radius.path(-1, 100, 0)
 * // => 0
 */
export function path(left: number, most: number, off: number): number {
  const held = left - off - least
  const length = ((2 * held) / (2 * most + held)) * shrink
  return length > 0 && held > 0 ? length : 0
}

const longest = 2
