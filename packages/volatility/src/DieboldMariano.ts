import { BaseError } from './BaseError.ts'
import * as Distribution from './Distribution.ts'

/** Whether one forecaster loses less than another, or only seems to. */
export type DieboldMariano = {
  /** Mean of challenger − rival: below zero, the challenger is better. */
  readonly difference: number
  /** Standard error of the difference, with autocorrelation up to `lag` in it. */
  readonly error: number
  readonly statistic: number
  /** Probability of a statistic at least so far below zero if the two were equally good: small is in the challenger's favour. */
  readonly better: number
  /** Of one at least so far from zero, either way. */
  readonly different: number
}

/**
 * Diebold–Mariano test of equal mean loss, with a Newey–West long-run variance: overlapping horizons and volatile months make losses depend
 * on one another.
 *
 * Formula: `d = a − b`, `Ω = γ₀ + 2·Σ_{j≤L} (1 − j/(L + 1))·γ_j`, `DM = d̄ / √(Ω/T)`, standard normal.
 * Source: docs/method/evaluation.md, eq. (5), (6). Diebold and Mariano, JBES 13 (1995); Newey and West, Econometrica 55 (1987).
 *
 * @param args.challenger - losses a[t], one a time, oldest first; average a panel first (`Evaluation.across`).
 * @param args.rival - losses b[t], same length T.
 * @param args.lag - L, in steps, ≥ 0, below T: at least the horizon less one.
 * @throws {InvalidSampleError}
 *
 * @example
 * DieboldMariano.of({ challenger: [1, 2, 1, 2], rival: [2, 2, 2, 2], lag: 0 }).statistic
 * // => -2
 */
export function of(args: of.Arguments): DieboldMariano {
  const { challenger, rival, lag } = args
  const T = challenger.length
  if (T < 2 || rival.length !== T || !Number.isSafeInteger(lag) || lag < 0 || lag >= T) throw new InvalidSampleError({ length: T, lag })
  const d = Float64Array.from(challenger, (a, t) => a - (rival[t] ?? Number.NaN))
  if (!d.every(Number.isFinite)) throw new InvalidSampleError({ length: T, lag })
  const difference = d.reduce((sum, value) => sum + value, 0) / T
  const error = Math.sqrt(longRunVariance(d, lag) / T)
  // Two forecasters of equal losses throughout differ by nothing, surely.
  const statistic = difference === 0 ? 0 : difference / error
  return {
    difference,
    error,
    statistic,
    better: Distribution.normalAbove(-statistic),
    different: Math.min(1, 2 * Distribution.normalAbove(Math.abs(statistic))),
  }
}

export declare namespace of {
  type Arguments = { readonly challenger: ArrayLike<number>; readonly rival: ArrayLike<number>; readonly lag: number }
  type ErrorType = InvalidSampleError
}

/**
 * Variance of √T·mean of a dependent series, by Bartlett weights: never negative.
 *
 * Source: docs/method/evaluation.md, eq. (5).
 *
 * @param values - oldest first.
 * @param lag - ≥ 0.
 *
 * @example
 * DieboldMariano.longRunVariance([1, -1, 1, -1], 1)
 * // => 0.25
 */
export function longRunVariance(values: ArrayLike<number>, lag: number): number {
  const T = values.length
  let mean = 0
  for (let t = 0; t < T; t++) mean += (values[t] ?? 0) / T
  const covariance = (j: number): number => {
    let sum = 0
    for (let t = j; t < T; t++) sum += ((values[t] ?? 0) - mean) * ((values[t - j] ?? 0) - mean)
    return sum / T
  }
  let variance = covariance(0)
  for (let j = 1; j <= lag; j++) variance += 2 * (1 - j / (lag + 1)) * covariance(j)
  return Math.max(0, variance)
}

/** Thrown when two series of losses cannot be compared. */
export class InvalidSampleError extends BaseError {
  override readonly name = 'DieboldMariano.InvalidSampleError'
  readonly length: number
  readonly lag: number
  constructor(args: { readonly length: number; readonly lag: number }) {
    super({
      code: 'LOSSES_INVALID',
      message: `${args.length} losses cannot be compared at lag ${args.lag}.`,
      hint: 'Give two series of equal length, at least two finite losses each, and a whole lag ≥ 0 below their length.',
    })
    this.length = args.length
    this.lag = args.lag
  }
}
