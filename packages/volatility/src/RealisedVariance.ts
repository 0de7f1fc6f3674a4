import type { Bar } from './Bar.ts'

/** Seconds in the year that σ is annualised over: markets here never close. */
export const yearSeconds = 365 * 86_400

/**
 * Realised variance.
 *
 * Formula: `RV = Σ r²`.
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
 * Garman–Klass variance of one bar: range and body together say more than the body alone.
 *
 * Formula: `½ ln²(H/L) − (2 ln 2 − 1) ln²(C/O)`. Source: Garman and Klass, Journal of Business 53 (1980). Never negative on a sound bar.
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
