import { BaseError } from './BaseError.ts'
import * as Distribution from './Distribution.ts'

/** A likelihood ratio and the probability of one at least so great if the forecasts were right. */
export type Ratio = { readonly statistic: number; readonly pValue: number }

/** How one series of breaches fits the level that was promised. */
export type Coverage = {
  readonly breaches: number
  readonly sample: number
  /** Kupiec: as many breaches as promised. */
  readonly unconditional: Ratio
  /** Christoffersen: a breach says nothing about the next step. */
  readonly independence: Ratio
  /** Both at once. */
  readonly conditional: Ratio
}

/**
 * Tests of Kupiec and Christoffersen on one asset's breaches of a quantile.
 *
 * The steps must not overlap: daily breaches of a one-day loss. Breaches of a panel happen together; pool them with `Bootstrap` instead.
 *
 * Formula: likelihood ratios of the promised rate against the one seen, of one rate against one after each state, and of both; with χ² of
 * 1, 1 and 2 degrees of freedom. The joint test, as Christoffersen gives it, takes the first step as given.
 * Source: docs/method/evaluation.md, eq. (7), (8), (9). Kupiec, Journal of Derivatives 3 (1995); Christoffersen, IER 39 (1998).
 *
 * @param args.breaches - true where the loss was greater than its quantile, oldest first, T ≥ 2.
 * @param args.levelPpm - level of the quantile: 990 000 promises a breach in a hundred. Inside (0, 1 000 000).
 * @throws {InvalidSampleError}
 *
 * @example
 * Coverage.of({ breaches: [true, false, false, false], levelPpm: 750_000 }).unconditional
 * // => { statistic: 0, pValue: 1 }
 */
export function of(args: of.Arguments): Coverage {
  const { breaches, levelPpm } = args
  const sample = breaches.length
  if (sample < 2 || !Number.isSafeInteger(levelPpm) || levelPpm <= 0 || levelPpm >= 1_000_000)
    throw new InvalidSampleError({ sample, levelPpm })
  const promised = 1 - levelPpm / 1_000_000
  const count = breaches.filter((breach) => breach).length
  // moves[i][j]: how often state j followed state i; state 1 is a breach.
  const moves = [
    [0, 0],
    [0, 0],
  ] as const satisfies readonly [[number, number], [number, number]]
  for (let t = 1; t < sample; t++) moves[breaches[t - 1] ? 1 : 0][breaches[t] ? 1 : 0] += 1
  const [[calm, after], [ended, again]] = moves
  const free = logLikelihood(after, calm) + logLikelihood(again, ended)
  return {
    breaches: count,
    sample,
    unconditional: ratio(logLikelihood(count, sample - count) - logLikelihood(count, sample - count, promised), 1),
    independence: ratio(free - logLikelihood(after + again, calm + ended), 1),
    conditional: ratio(free - logLikelihood(after + again, calm + ended, promised), 2),
  }
}

export declare namespace of {
  type Arguments = { readonly breaches: readonly boolean[]; readonly levelPpm: number }
  type ErrorType = InvalidSampleError
}

/** Of `hits` and `misses` at one rate, at the rate seen when none is given. 0·ln 0 is 0. */
function logLikelihood(hits: number, misses: number, rate = hits / (hits + misses)): number {
  return (hits === 0 ? 0 : hits * Math.log(rate)) + (misses === 0 ? 0 : misses * Math.log1p(-rate))
}

function ratio(gain: number, degrees: 1 | 2): Ratio {
  const statistic = Math.max(0, 2 * gain)
  return { statistic, pValue: Distribution.chiSquareAbove(statistic, degrees) }
}

/** Thrown when breaches cannot be tested: too few, or a level that promises nothing. */
export class InvalidSampleError extends BaseError {
  override readonly name = 'Coverage.InvalidSampleError'
  readonly sample: number
  readonly levelPpm: number
  constructor(args: { readonly sample: number; readonly levelPpm: number }) {
    super({
      code: 'COVERAGE_INVALID',
      message: `${args.sample} steps cannot be tested against a level of ${args.levelPpm} ppm.`,
      hint: 'Give at least two steps and a level such as 990000.',
    })
    this.sample = args.sample
    this.levelPpm = args.levelPpm
  }
}
