/** A liquidation curve of even density up to a support: the one whose cascades can be written down. Linear impact; log moves. */
import * as Figure from './Figure.ts'

export type Uniform = {
  /** ρ: USD forced by log move. */
  readonly density: number
  /** w: the move beyond which nobody is left; +∞ where there is no end. */
  readonly support: number
  /** κ: log move by USD. */
  readonly slope: number
}

/** What a backstop keeps from the market: a share of the flow, and then the first so many USD of it. */
export type Backstop = { readonly share: number; readonly capacity: number }

/** Nothing behind. */
export const none: Backstop = { share: 0, capacity: 0 }

/** `x` is null where the move has no end; `rounds` is how many iterations after the shock move the price, null where that takes no end. */
export type Fall = {
  readonly x: number | null
  readonly forced: number | null
  readonly absorbed: number | null
  readonly rounds: number | null
}

/**
 * The local reflexivity, everywhere inside the support.
 *
 * Formula: `n = κρ`.
 * Source:  docs/method/leverage-ratio-impact.md, eq. (8).
 *
 * @example
 * Uniform.reflexivity({ density: 50, support: 1, slope: 0.01 })
 * // => 0.5
 */
export function reflexivity({ density, slope }: Uniform): number {
  return slope * density
}

/**
 * The least fixed point of `x = s + κ·max(0, (1 − φ)·ρ·min(x, w) − B)`.
 *
 * Formula: with `n = κρ(1 − φ)`: `x = s` up to `B ≥ (1 − φ)ρs`; else `x = (s − κB)/(1 − n)` where that lies inside the support, and `s + nw − κB`
 *          where it does not or where n ≥ 1. At `s = 0` nothing starts.
 * Source:  docs/method/cascade.md, eq. (4), (20) and (21).
 *
 * @param shock - s ≥ 0, log.
 *
 * @example
 * Uniform.fall({ density: 50, support: 1, slope: 0.01 }, 0.1, Uniform.none).x
 * // => 0.2
 */
export function fall(uniform: Uniform, shock: number, backstop: Backstop): Fall {
  const { density, support, slope } = uniform
  checked(uniform, backstop)
  Figure.assert('at least 0', { shock })
  const n = reflexivity(uniform) * (1 - backstop.share)
  const drag = slope * backstop.capacity
  const result = (x: number, rounds: number | null): Fall => {
    const forced = density * Math.min(x, support)
    const absorbed = Math.min(forced, backstop.share * forced + backstop.capacity)
    return { x, forced, absorbed, rounds }
  }
  if (shock === 0 || n * Math.min(shock, support) <= drag) return result(shock, 0)
  const inside = n < 1 - 1e-12 ? (shock - drag) / (1 - n) : Number.POSITIVE_INFINITY
  if (inside <= support) return inside === Number.POSITIVE_INFINITY ? endless : result(inside, null)
  return result(shock + n * support - drag, roundsToEnd(n, n * shock - drag, support - shock))
}

const endless: Fall = { x: null, forced: null, absorbed: null, rounds: null }

/**
 * The move after so many rounds, the shock itself being the first.
 *
 * Formula: `x₁ = s`, `x_{k+1} = s + κρ·min(x_k, w)`.
 * Source:  docs/method/cascade.md, eq. (4a).
 *
 * @param round - k ≥ 1.
 */
export function after(uniform: Uniform, shock: number, round: number): number {
  checked(uniform, none)
  Figure.assert('a whole number of at least 0', { 'round − 1': round - 1 })
  const n = reflexivity(uniform)
  let x = shock
  for (let k = 1; k < round; k++) x = shock + n * Math.min(x, uniform.support)
  return x
}

/**
 * The least share of the flow that a backstop has to take for no shock to run away.
 *
 * Formula: `φ_min = 1 − 1/n`, 0 below n = 1.
 * Source:  docs/method/cascade.md, eq. (20).
 *
 * @example
 * Uniform.leastShare(2)
 * // => 0.5
 */
export function leastShare(n: number): number {
  Figure.assert('at least 0', { n })
  return n <= 1 ? 0 : 1 - 1 / n
}

/**
 * The least first-loss capacity that keeps a shock from starting anything.
 *
 * Formula: `B ≥ ρ·s`, up to the support.
 * Source:  docs/method/cascade.md, eq. (21).
 */
export function leastCapacity({ density, support }: Uniform, shock: number): number {
  return density * Math.min(shock, support)
}

/**
 * The same cascade where the price that liquidates is an index in which the venue weighs w, every venue having had the shock.
 *
 * Formula: loop gain `w·n`; `index x = s/(1 − wn)`, `venue x = s + κρ·x`, divergence `venue x − index x`; critical weight `1/n`.
 * Source:  docs/method/cascade.md, eq. (9).
 *
 * @returns nulls where the index falls without end.
 */
export function indexed(uniform: Uniform, shock: number, weight: number): indexed.Divergence {
  Figure.assert('a share', { weight })
  const { x, forced } = fall({ ...uniform, slope: weight * uniform.slope }, shock, none)
  if (x === null || forced === null) return { forced: null, extra: null, index: null, venue: null, divergence: null }
  const extra = uniform.slope * forced
  return { forced, extra, index: x, venue: shock + extra, divergence: shock + extra - x }
}

export declare namespace indexed {
  type Divergence = {
    readonly forced: number | null
    /** What the forced flow adds to the shock at the venue. */
    readonly extra: number | null
    readonly index: number | null
    readonly venue: number | null
    readonly divergence: number | null
  }
}

/**
 * The least fixed point with square-root impact and even density without end.
 *
 * Formula: `x = s + a·√x`, so `x = ((a + √(a² + 4s))/2)²`; however small the shock, it runs to a².
 * Source:  docs/method/cascade.md, eq. (4b).
 *
 * @param a - `Yσ·√(ρ/V)`.
 *
 * @example
 * Uniform.squareRoot(0.1, 0)
 * // => 0.010000000000000002
 */
export function squareRoot(a: number, shock: number): number {
  Figure.assert('at least 0', { a, shock })
  const root = (a + Math.sqrt(a * a + 4 * shock)) / 2
  return root * root
}

/**
 * Rounds until x stands at its end. The k-th step is `d·n^(k−1)` while x is inside the support, so `x_k = s + d·(n^k − 1)/(n − 1)`;
 * the round after the support has been passed is the last.
 */
function roundsToEnd(n: number, step: number, gap: number): number {
  if (gap <= 0) return 1
  const k = Math.abs(n - 1) < 1e-12 ? gap / step : Math.log1p((gap * (n - 1)) / step) / Math.log(n)
  return Math.ceil(k - 1e-9) + 1
}

function checked({ density, support, slope }: Uniform, { share, capacity }: Backstop): void {
  Figure.assert('at least 0', { density, slope, capacity })
  Figure.assert('a share', { share })
  if (support !== Number.POSITIVE_INFINITY) Figure.assert('at least 0', { support })
}
