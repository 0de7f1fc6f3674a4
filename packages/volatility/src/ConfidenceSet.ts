import { BaseError } from './BaseError.ts'
import * as Bootstrap from './Bootstrap.ts'
import type { Random } from './Random.ts'

/** A model and the confidence level at which it would leave the set: it belongs to the 90 % set while `pValue` is at least 0.1. */
export type Verdict = { readonly model: string; readonly pValue: number }

/**
 * Model confidence set: which forecasters the data cannot tell from the best. Models leave one by one, the worst first, while the ones left
 * are not equally good; a model's p-value is the greatest of the tests up to its leaving, and the last one has 1.
 *
 * Formula: `range` is T_R, the greatest |t| of any pair; `max` is T_max, the greatest t of a model against the mean of the set. Variances
 * and the law of the statistic come from one circular block bootstrap of the mean losses.
 * Source: docs/method/evaluation.md, eq. (12), (13). Hansen, Lunde and Nason, Econometrica 79 (2011).
 *
 * @param args.losses - by model, loss[t], one a time, oldest first, same length T; average a panel first (`Evaluation.across`).
 * @param args.block - steps in a block: at least the span over which losses depend on one another.
 * @param args.draws - resamples, ≥ 100; 2 000 give p-values to about ±0.01.
 * @returns worst first, in the order of leaving; of models that tie, the one given first leaves first.
 * @throws {InvalidLossesError}
 * @throws {Bootstrap.InvalidBlockError}
 *
 * @example
 * ConfidenceSet.of({ random: Random.of(7), losses: { good: [1, 2, 1, 2], bad: [5, 7, 6, 5] }, statistic: 'max', block: 1, draws: 100 })
 * // => [{ model: 'bad', pValue: 0 }, { model: 'good', pValue: 1 }]
 */
export function of(args: of.Arguments): readonly Verdict[] {
  const { random, losses, statistic, block, draws } = args
  const models = Object.keys(losses)
  const series = Object.values(losses).map((values) => Float64Array.from(values))
  const T = series[0]?.length ?? 0
  const sound = series.every((values) => values.length === T && values.every(Number.isFinite))
  if (T === 0 || !sound || !Number.isSafeInteger(draws) || draws < 100) throw new InvalidLossesError({ models: models.length, draws })

  const means = series.map((values) => (prefix(values)[T] ?? Number.NaN) / T)
  // gaps[i][b]: how far the mean loss of model i in resample b lies from its mean in the sample.
  const sums = series.map(prefix)
  const resamples = Array.from({ length: draws }, () => Bootstrap.starts({ random, length: T, block }))
  const gaps = sums.map((sum, i) => Float64Array.from(resamples, (blocks) => resampled(sum, blocks, block) / T - (means[i] ?? Number.NaN)))

  let left = models.map((_, i) => i)
  const verdicts: Verdict[] = []
  let pValue = 0
  while (left.length > 1) {
    const { value, worst, law } = statistic === 'range' ? range(left, means, gaps) : deviation(left, means, gaps)
    // A statistic of zero is a tie: nothing speaks against any of them.
    pValue = Math.max(pValue, law.filter((drawn) => drawn >= value).length / draws)
    verdicts.push({ model: models[worst] ?? '', pValue })
    left = left.filter((i) => i !== worst)
  }
  return [...verdicts, ...left.map((i) => ({ model: models[i] ?? '', pValue: 1 }))]
}

export declare namespace of {
  type Arguments = {
    readonly random: Random
    readonly losses: Readonly<Record<string, ArrayLike<number>>>
    readonly statistic: 'max' | 'range'
    readonly block: number
    readonly draws: number
  }
  type ErrorType = InvalidLossesError | Bootstrap.InvalidBlockError
}

/**
 * The models that are in the set of a level.
 *
 * @param levelPpm - 900 000 keeps every model of `pValue` ≥ 0.1.
 *
 * @example
 * ConfidenceSet.members([{ model: 'bad', pValue: 0.02 }, { model: 'fair', pValue: 0.1 }, { model: 'best', pValue: 1 }], 900_000)
 * // => ['fair', 'best']
 */
export function members(verdicts: readonly Verdict[], levelPpm: number): readonly string[] {
  return verdicts.filter(({ pValue }) => pValue >= (1_000_000 - levelPpm) / 1_000_000).map(({ model }) => model)
}

type Test = { readonly value: number; readonly worst: number; readonly law: Float64Array }

/** T_max: each model against the mean of those left. */
function deviation(left: readonly number[], means: readonly number[], gaps: readonly Float64Array[]): Test {
  const draws = gaps[0]?.length ?? 0
  // Means as distances from the first model, so that models that are the same lie exactly at their mean.
  const [first = 0] = left
  const middle = (of: (i: number) => number): number => of(first) + left.reduce((sum, i) => sum + (of(i) - of(first)), 0) / left.length
  const centre = middle((i) => means[i] ?? Number.NaN)
  const centres = Float64Array.from({ length: draws }, (_, b) => middle((i) => gaps[i]?.[b] ?? Number.NaN))
  const law = new Float64Array(draws).fill(Number.NEGATIVE_INFINITY)
  let [value, worst] = [Number.NEGATIVE_INFINITY, first]
  for (const i of left) {
    const drawn = Float64Array.from({ length: draws }, (_, b) => (gaps[i]?.[b] ?? 0) - (centres[b] ?? 0))
    const error = rootMeanSquare(drawn)
    const t = studentise((means[i] ?? 0) - centre, error)
    if (t > value) [value, worst] = [t, i]
    drawn.forEach((gap, b) => {
      law[b] = Math.max(law[b] ?? 0, studentise(gap, error))
    })
  }
  return { value, worst, law }
}

/** T_R: every pair of those left; the worst is the one that loses most against another. */
function range(left: readonly number[], means: readonly number[], gaps: readonly Float64Array[]): Test {
  const draws = gaps[0]?.length ?? 0
  const law = new Float64Array(draws)
  let [value, worst] = [Number.NEGATIVE_INFINITY, left[0] ?? 0]
  left.forEach((i, position) => {
    for (const j of left.slice(position + 1)) {
      const drawn = Float64Array.from({ length: draws }, (_, b) => (gaps[i]?.[b] ?? 0) - (gaps[j]?.[b] ?? 0))
      const error = rootMeanSquare(drawn)
      const t = studentise((means[i] ?? 0) - (means[j] ?? 0), error)
      if (Math.abs(t) > value) [value, worst] = [Math.abs(t), t >= 0 ? i : j]
      drawn.forEach((gap, b) => {
        law[b] = Math.max(law[b] ?? 0, Math.abs(studentise(gap, error)))
      })
    }
  })
  return { value, worst, law }
}

/** A difference in its standard errors. Where the losses never differ but by a constant there is no doubt; where not at all, no difference. */
function studentise(difference: number, error: number): number {
  return difference === 0 ? 0 : difference / error
}

function rootMeanSquare(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)
}

/** sums[t] is the sum of the first t values, twice around, so that a block that passes the end is one subtraction. */
function prefix(values: Float64Array): Float64Array {
  const sums = new Float64Array(2 * values.length + 1)
  for (let t = 0; t < 2 * values.length; t++) sums[t + 1] = (sums[t] ?? 0) + (values[t % values.length] ?? 0)
  return sums
}

function resampled(sums: Float64Array, blocks: Uint32Array, block: number): number {
  const T = (sums.length - 1) / 2
  let sum = 0
  blocks.forEach((start, k) => {
    const length = Math.min(block, T - k * block)
    sum += (sums[start + length] ?? Number.NaN) - (sums[start] ?? Number.NaN)
  })
  return sum
}

/** Thrown when losses cannot be compared: not of one length, not finite, none, or too few draws. */
export class InvalidLossesError extends BaseError {
  override readonly name = 'ConfidenceSet.InvalidLossesError'
  readonly models: number
  readonly draws: number
  constructor(args: { readonly models: number; readonly draws: number }) {
    super({
      code: 'CONFIDENCE_SET_INVALID',
      message: `The losses of ${args.models} models cannot be compared in ${args.draws} draws.`,
      hint: 'Give at least one model, finite losses of one length for all, and at least 100 draws.',
    })
    this.models = args.models
    this.draws = args.draws
  }
}
