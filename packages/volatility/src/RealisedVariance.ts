import type { Bar } from './Bar.ts'

/** Seconds in the year that σ is annualised over: markets here never close. */
export const yearSeconds = 365 * 86_400

/** What one period's returns say of its variance. */
export type Measure = {
  readonly variance: number
  /** The parts of it that falls and rises make. */
  readonly down: number
  readonly up: number
  /** The part that jumps have little share in. */
  readonly bipower: number
  /** How ill the variance is measured: its squared standard error is 2·quarticity / n. */
  readonly quarticity: number
}

/**
 * Every measure of one period.
 *
 * @param returns - log returns of the period, equal steps, n ≥ 1.
 *
 * @example
 * RealisedVariance.measure([0.5, -0.5])
 * // => { variance: 0.5, down: 0.25, up: 0.25, bipower: Math.PI / 4, quarticity: 1 / 12 }
 */
export function measure(returns: ArrayLike<number>): Measure {
  return { variance: of(returns), ...semivariance(returns), bipower: bipower(returns), quarticity: quarticity(returns) }
}

/**
 * Realised variance.
 *
 * Formula: `RV = Σ r²`. Source: docs/method/volatility.md, eq. (1).
 *
 * @param returns - log returns of the window.
 * @returns variance of the log return over the window, not annualised.
 *
 * @example
 * RealisedVariance.of([0.5, -0.5])
 * // => 0.5
 */
export function of(returns: ArrayLike<number>): number {
  let sum = 0
  for (let t = 0; t < returns.length; t++) {
    const r = returns[t] ?? 0
    sum += r * r
  }
  return sum
}

/**
 * Realised variance by the sign of the return: `down + up = RV`.
 *
 * Source: docs/method/volatility.md, eq. (2). Barndorff-Nielsen, Kinnebrock and Shephard 2010.
 *
 * @example
 * RealisedVariance.semivariance([0.5, -0.25])
 * // => { down: 0.0625, up: 0.25 }
 */
export function semivariance(returns: ArrayLike<number>): { readonly down: number; readonly up: number } {
  let down = 0
  let up = 0
  for (let t = 0; t < returns.length; t++) {
    const r = returns[t] ?? 0
    if (r < 0) down += r * r
    else up += r * r
  }
  return { down, up }
}

/**
 * Bipower variation: variance of the diffusion alone. A jump is one factor of each of its products, never both.
 *
 * Formula: `BV = π/2 · n/(n − 1) · Σ |r[t]|·|r[t−1]|`. Source: docs/method/volatility.md, eq. (3). Barndorff-Nielsen and Shephard 2004.
 *
 * @param returns - n of them; of fewer than 2 it is 0, for there is no product.
 *
 * @example
 * RealisedVariance.bipower([1, 0, -3])
 * // => 0
 */
export function bipower(returns: ArrayLike<number>): number {
  const n = returns.length
  if (n < 2) return 0
  let sum = 0
  for (let t = 1; t < n; t++) sum += Math.abs((returns[t] ?? 0) * (returns[t - 1] ?? 0))
  return (((Math.PI / 2) * n) / (n - 1)) * sum
}

/**
 * Realised quarticity: variance of the realised variance, but for a factor. With equal steps, `Var(RV) ≈ 2·RQ/n`.
 *
 * Formula: `RQ = n/3 · Σ r⁴`. Source: docs/method/volatility.md, eq. (4). Barndorff-Nielsen and Shephard 2002.
 *
 * @example
 * RealisedVariance.quarticity([1, 1, 1])
 * // => 3
 */
export function quarticity(returns: ArrayLike<number>): number {
  let sum = 0
  for (let t = 0; t < returns.length; t++) sum += (returns[t] ?? 0) ** 4
  return (returns.length * sum) / 3
}

/**
 * Garman–Klass variance of one bar: range and body together say more than the body alone.
 *
 * Formula: `½ ln²(H/L) − (2 ln 2 − 1) ln²(C/O)`. Never negative on a sound bar.
 * Source: docs/method/volatility.md, eq. (5). Garman and Klass, Journal of Business 53 (1980).
 *
 * @example
 * RealisedVariance.garmanKlass({ closeAt: 300, open: 2, high: 2, low: 2, close: 2 })
 * // => 0
 */
export function garmanKlass(bar: Bar): number {
  const range = Math.log(bar.high / bar.low)
  const body = Math.log(bar.close / bar.open)
  return 0.5 * range * range - (2 * Math.LN2 - 1) * body * body
}

/**
 * Annualised volatility of a variance over a horizon.
 *
 * Formula: `σ = √(v · year / horizon)`, year = 365 days.
 *
 * @example
 * RealisedVariance.annualise({ variance: 0.25, horizonSeconds: 365 * 86_400 })
 * // => 0.5
 */
export function annualise(args: { readonly variance: number; readonly horizonSeconds: number }): number {
  return Math.sqrt((args.variance * yearSeconds) / args.horizonSeconds)
}

/** The inverse of {@link annualise}: the variance over a horizon of an annualised volatility. */
export function ofVolatility(args: { readonly volatility: number; readonly horizonSeconds: number }): number {
  return (args.volatility * args.volatility * args.horizonSeconds) / yearSeconds
}
