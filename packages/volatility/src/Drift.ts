import { BaseError } from './BaseError.ts'
import * as Distribution from './Distribution.ts'

/** How one feature lay when the model was trained: bins of about equal weight. `shares` has one more member than `edges`. */
export type Reference = { readonly edges: readonly number[]; readonly shares: readonly number[] }

/**
 * Bins a feature by its own quantiles. Values that repeat merge bins, so a feature of two values has two.
 *
 * @param args.values - of training, finite, at least as many as bins.
 * @param args.bins - ≥ 2; ten is usual.
 * @throws {InvalidSampleError}
 *
 * @example
 * Drift.reference({ values: [1, 2, 3, 4], bins: 2 })
 * // => { edges: [2], shares: [0.5, 0.5] }
 */
export function reference(args: reference.Arguments): Reference {
  const { values, bins } = args
  if (!Number.isSafeInteger(bins) || bins < 2 || values.length < bins) throw new InvalidSampleError({ length: values.length })
  const sorted = Float64Array.from(values).sort()
  if (!sorted.every(Number.isFinite)) throw new InvalidSampleError({ length: values.length })
  const greatest = sorted.at(-1) ?? Number.NaN
  const cuts = Array.from({ length: bins - 1 }, (_, k) => sorted[Math.ceil(((k + 1) * sorted.length) / bins) - 1] ?? Number.NaN)
  // An edge at the greatest value would leave an empty bin above it.
  const edges = [...new Set(cuts)].filter((edge) => edge < greatest)
  return { edges, shares: count(edges, sorted).map((n) => n / sorted.length) }
}

export declare namespace reference {
  type Arguments = { readonly values: ArrayLike<number>; readonly bins: number }
  type ErrorType = InvalidSampleError
}

/**
 * Population stability index of a feature: 0 when it lies as in training. Above 0.1 look, above 0.2 act, is the custom of credit scoring.
 *
 * Formula: `Σ (a − e)·ln(a/e)` over bins, a and e the shares now and then. Half a count is added to each bin, so that an empty one is finite.
 * Source: docs/method/evaluation.md, eq. (17). Siddiqi, Credit Risk Scorecards (2006).
 *
 * @param values - of now, finite, at least one. A value at an edge belongs below it.
 * @throws {InvalidSampleError}
 *
 * @example
 * Drift.psi({ edges: [0], shares: [0.5, 0.5] }, [-1, 1, -2, 3])
 * // => 0
 */
export function psi(then: Reference, values: ArrayLike<number>): number {
  const n = values.length
  const sample = Float64Array.from(values)
  if (n === 0 || !sample.every(Number.isFinite)) throw new InvalidSampleError({ length: n })
  const bins = then.shares.length
  return count(then.edges, sample).reduce((sum, inBin, k) => {
    const now = (inBin + 0.5) / (n + bins / 2)
    const before = ((then.shares[k] ?? Number.NaN) * n + 0.5) / (n + bins / 2)
    return sum + (now - before) * Math.log(now / before)
  }, 0)
}

/**
 * Ratio of two forecasters' losses over each trailing window: above one, the model has lost its advantage.
 *
 * Formula: `Σ a / Σ b` over the last `window` steps. Source: docs/method/evaluation.md, eq. (18).
 *
 * @param args.losses - a[t] ≥ 0, oldest first, length T.
 * @param args.rival - b[t] ≥ 0, same length.
 * @returns length T − window + 1, the newest last.
 * @throws {InvalidSampleError}
 *
 * @example
 * Array.from(Drift.ratio({ losses: [1, 1, 4], rival: [1, 1, 1], window: 2 }))
 * // => [1, 2.5]
 */
export function ratio(args: ratio.Arguments): Float64Array {
  const { losses, rival, window } = args
  const T = losses.length
  if (rival.length !== T || !Number.isSafeInteger(window) || window < 1 || window > T) throw new InvalidSampleError({ length: T })
  return Float64Array.from({ length: T - window + 1 }, (_, from) => {
    let [a, b] = [0, 0]
    for (let t = from; t < from + window; t++) {
      a += losses[t] ?? Number.NaN
      b += rival[t] ?? Number.NaN
    }
    return a / b
  })
}

export declare namespace ratio {
  type Arguments = { readonly losses: ArrayLike<number>; readonly rival: ArrayLike<number>; readonly window: number }
  type ErrorType = InvalidSampleError
}

/** Breaches of the newest window, and how likely as many, or as few, would be at the promised rate. */
export type Hits = { readonly breaches: number; readonly sample: number; readonly asMany: number; readonly asFew: number }

/**
 * Hit rate over the newest window against the exact binomial band. It takes breaches as independent: assets that fall together make
 * `asMany` too small, so judge a panel asset by asset or with `Bootstrap`.
 *
 * Source: docs/method/evaluation.md, eq. (19).
 *
 * @param args.breaches - oldest first, at least `window`.
 * @param args.levelPpm - level of the quantile, ppm.
 * @throws {InvalidSampleError}
 *
 * @example
 * Drift.hits({ breaches: [true, true, false], levelPpm: 500_000, window: 2 })
 * // => { breaches: 1, sample: 2, asMany: 0.75, asFew: 0.75 }
 */
export function hits(args: hits.Arguments): Hits {
  const { breaches, levelPpm, window } = args
  const sound = Number.isSafeInteger(window) && window >= 1 && window <= breaches.length && levelPpm > 0 && levelPpm < 1_000_000
  if (!sound) throw new InvalidSampleError({ length: breaches.length })
  const seen = breaches.slice(-window).filter((breach) => breach).length
  const { atLeast, atMost } = Distribution.binomial({ hits: seen, trials: window, probability: 1 - levelPpm / 1_000_000 })
  return { breaches: seen, sample: window, asMany: atLeast, asFew: atMost }
}

export declare namespace hits {
  type Arguments = { readonly breaches: readonly boolean[]; readonly levelPpm: number; readonly window: number }
  type ErrorType = InvalidSampleError
}

/** What is watched, each beside the limit that it must stay within. */
export type Watch = {
  /** By feature. */
  readonly psi: Readonly<Record<string, number>>
  readonly mostPsi: number
  /** Loss of the model over that of its rival, newest window. */
  readonly ratio: number
  readonly mostRatio: number
  readonly hits: Hits
  /** Least probability, of as many breaches or as few, that is still put down to chance. */
  readonly leastChance: number
  readonly ageSeconds: number
  readonly mostAgeSeconds: number
}

export type Reason =
  | { readonly kind: 'feature'; readonly feature: string; readonly psi: number }
  | { readonly kind: 'loss'; readonly ratio: number }
  | { readonly kind: 'breaches'; readonly chance: number; readonly direction: 'many' | 'few' }
  | { readonly kind: 'age'; readonly ageSeconds: number }

/**
 * Whether a model still stands in the world it was trained in. A figure that is not a number counts as drift: unknown is not well.
 *
 * @example
 * const hits = { breaches: 1, sample: 100, asMany: 0.6, asFew: 0.7 }
 * const watch = { psi: { range: 0.3 }, mostPsi: 0.2, ratio: 1, mostRatio: 1.05, hits, leastChance: 0.01, ageSeconds: 60, mostAgeSeconds: 900 }
 * Drift.assess(watch)
 * // => { status: 'drifting', reasons: [{ kind: 'feature', feature: 'range', psi: 0.3 }] }
 */
export function assess(watch: Watch): { readonly status: 'steady' } | { readonly status: 'drifting'; readonly reasons: readonly Reason[] } {
  const { hits: seen, leastChance } = watch
  const features = Object.entries(watch.psi).filter(([, value]) => !(value <= watch.mostPsi))
  const reasons: Reason[] = [
    ...features.map(([feature, value]): Reason => ({ kind: 'feature', feature, psi: value })),
    ...(watch.ratio <= watch.mostRatio ? [] : [{ kind: 'loss', ratio: watch.ratio } as const]),
    ...(seen.asMany >= leastChance ? [] : [{ kind: 'breaches', chance: seen.asMany, direction: 'many' } as const]),
    ...(seen.asFew >= leastChance ? [] : [{ kind: 'breaches', chance: seen.asFew, direction: 'few' } as const]),
    ...(watch.ageSeconds <= watch.mostAgeSeconds ? [] : [{ kind: 'age', ageSeconds: watch.ageSeconds } as const]),
  ]
  return reasons.length === 0 ? { status: 'steady' } : { status: 'drifting', reasons }
}

function count(edges: readonly number[], values: Float64Array): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0)
  for (const value of values) {
    const at = edges.findIndex((edge) => value <= edge)
    const bin = at === -1 ? edges.length : at
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  return counts
}

/** Thrown when a sample is too small to watch, holds a value that is not finite, or does not fit its window. */
export class InvalidSampleError extends BaseError {
  override readonly name = 'Drift.InvalidSampleError'
  readonly length: number
  constructor(args: { readonly length: number }) {
    super({
      code: 'DRIFT_SAMPLE_INVALID',
      message: `A sample of ${args.length} cannot be watched so.`,
      hint: 'Give finite values, at least as many as bins or as the window is long, series of one length, and a level between 0 and 1000000 ppm.',
    })
    this.length = args.length
  }
}
