import { BaseError } from './BaseError.ts'
import * as Quantile from './Quantile.ts'

/** How long one loss was on its forecast's yardstick, and when its horizon had ended. */
export type Score = { readonly knownAt: number; readonly value: number }

/** Factors that turn a yardstick into a quantile and an expected shortfall. */
export type Factors = { readonly quantile: number; readonly shortfall: number }

/**
 * What a loss is measured by: a power of the forecast deviation. Below one the quantile follows the forecast by less than its own proportion:
 * where a calm forecast has the longer tail.
 *
 * Formula: `s = v̂^(γ/2)`; with γ = 1 the forecast deviation.
 * Source: docs/method/volatility.md, eq. (19).
 *
 * @param variance - v̂ > 0, of the log return over the horizon.
 * @param exponent - γ.
 *
 * @example
 * Conformal.yardstick(16, 0.5)
 * // => 2
 */
export function yardstick(variance: number, exponent: number): number {
  // A root is rounded correctly, a power need not be.
  return exponent === 1 ? Math.sqrt(variance) : variance ** (exponent / 2)
}

/**
 * Rolling pooled calibration: at each origin the conformal quantile of every asset's scores of the last window, refreshed at whole
 * multiples of `everySeconds`. Only scores known by the refresh count, so nothing looks ahead.
 *
 * Formula: `k(o) = upper{ s : r − window < knownAt ≤ r }`, `r = ⌊o / every⌋·every`. The quantile is then `k·s`.
 * Source: docs/method/volatility.md, eq. (19), (20).
 *
 * @param args.scores - loss/s of one side, pooled over assets, any order; finite. A loss of zero counts.
 * @param args.origins - unix seconds, any order.
 * @param args.windowSeconds - span of scores to use.
 * @returns one for each origin; null while the window holds too few scores for the level.
 * @throws {InvalidWindowError} a span is not positive, or a score is not finite.
 * @throws {Quantile.InvalidLevelError}
 *
 * @example
 * Conformal.roll({ scores: [1, 2, 3].map((value) => ({ knownAt: value, value })), origins: [1, 3], levelPpm: 500_000, windowSeconds: 9, everySeconds: 1 })
 * // => [{ quantile: 1, shortfall: 1 }, { quantile: 2, shortfall: 2.5 }]
 */
export function roll(args: roll.Arguments): readonly (Factors | null)[] {
  const { origins, levelPpm, windowSeconds, everySeconds } = args
  if (!(windowSeconds > 0 && everySeconds > 0)) throw new InvalidWindowError({ windowSeconds, everySeconds })
  if (!args.scores.every(({ knownAt, value }) => Number.isFinite(knownAt) && Number.isFinite(value)))
    throw new InvalidWindowError({ windowSeconds, everySeconds })
  const scores = [...args.scores].sort((a, b) => a.knownAt - b.knownAt)
  const needed = Quantile.needed(levelPpm)
  const known = new Map<number, Factors | null>()
  return origins.map((origin) => {
    const refreshAt = Math.floor(origin / everySeconds) * everySeconds
    const held = known.get(refreshAt)
    if (held !== undefined) return held
    const values = scores.slice(after(scores, refreshAt - windowSeconds), after(scores, refreshAt)).map(({ value }) => value)
    const factors =
      values.length < needed
        ? null
        : { quantile: Quantile.upper({ values, levelPpm }), shortfall: Quantile.shortfall({ values, levelPpm }) }
    known.set(refreshAt, factors)
    return factors
  })
}

export declare namespace roll {
  type Arguments = {
    readonly scores: readonly Score[]
    readonly origins: readonly number[]
    readonly levelPpm: number
    readonly windowSeconds: number
    readonly everySeconds: number
  }
  type ErrorType = InvalidWindowError | Quantile.InvalidLevelError
}

/** One forecast of one asset: its loss in units of the quantile that was to hold it, known when its horizon had ended. */
export type Outcome = { readonly at: number; readonly knownAt: number; readonly ratio: number }

/**
 * Adaptive step: one asset's factor on the pooled quantile, raised by each breach and lowered by each step without one, so that in the long
 * run breaches come at the promised rate whatever the market does. Each origin uses the outcomes known by then, in the order in which they
 * became known.
 *
 * Formula: `ln θ ← ln θ + rate·(1{ratio > θ(at)} − miss)`. Then `|mean breach − miss| = |ln θ_end − ln θ_start| / (rate·T)` exactly.
 * Source: docs/method/volatility.md, eq. (22). Gibbs and Candès 2021; Angelopoulos, Candès and Tibshirani 2023 (tracking in the scale).
 *
 * @param args.outcomes - by `at`, rising; `knownAt` > `at`.
 * @param args.levelPpm - level of the quantile; miss = 1 − level.
 * @param args.rate - step, > 0: 0.05 raises the factor by 5 % after a breach at 99 %.
 * @returns θ[t], length T + 1: the factor for each origin, and the one when every outcome is known.
 * @throws {UnorderedError}
 *
 * @example
 * Array.from(Conformal.track({ outcomes: [{ at: 0, knownAt: 1, ratio: 2 }, { at: 1, knownAt: 2, ratio: 0 }], levelPpm: 500_000, rate: 2 * Math.LN2 }))
 * // => [1, 2, 1]
 */
export function track(args: track.Arguments): Float64Array {
  const { outcomes, levelPpm, rate } = args
  const miss = 1 - levelPpm / 1_000_000
  outcomes.forEach((outcome, index) => {
    if (!(outcome.knownAt > outcome.at) || outcome.at < (outcomes[index - 1]?.at ?? outcome.at)) throw new UnorderedError({ index })
  })
  const waiting = outcomes.map((outcome, index) => ({ ...outcome, index })).sort((a, b) => a.knownAt - b.knownAt)
  const factors = new Float64Array(outcomes.length + 1)
  let [logFactor, next] = [0, 0]
  const learn = (until: number): void => {
    for (let each = waiting[next]; each !== undefined && each.knownAt <= until; each = waiting[next]) {
      logFactor += rate * ((each.ratio > (factors[each.index] ?? Number.NaN) ? 1 : 0) - miss)
      next += 1
    }
  }
  outcomes.forEach(({ at }, t) => {
    learn(at)
    factors[t] = Math.exp(logFactor)
  })
  learn(Number.POSITIVE_INFINITY)
  factors[outcomes.length] = Math.exp(logFactor)
  return factors
}

export declare namespace track {
  type Arguments = { readonly outcomes: readonly Outcome[]; readonly levelPpm: number; readonly rate: number }
  type ErrorType = UnorderedError
}

/**
 * Adaptive step in the level itself, as first published: after a breach a higher level is asked for, after none a lower one.
 *
 * Formula: `α ← α + rate·(miss − 1{breach})`, and the level to ask for next is `1 − α`.
 * Source: docs/method/volatility.md, eq. (21). Gibbs and Candès, NeurIPS 34 (2021).
 *
 * @param args.alpha - α now; the first is 1 − level. It may leave [0, 1]: at or below 0 no sample holds the level, at or above 1 none is needed.
 *
 * @example
 * Conformal.adapt({ alpha: 0.25, levelPpm: 750_000, rate: 0.5, breach: true })
 * // => -0.125
 */
export function adapt(args: adapt.Arguments): number {
  const miss = 1 - args.levelPpm / 1_000_000
  return args.alpha + args.rate * (miss - (args.breach ? 1 : 0))
}

export declare namespace adapt {
  type Arguments = { readonly alpha: number; readonly levelPpm: number; readonly rate: number; readonly breach: boolean }
}

/** Index of the first score that became known after `at`. */
function after(scores: readonly Score[], at: number): number {
  let [low, high] = [0, scores.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((scores[middle]?.knownAt ?? Number.POSITIVE_INFINITY) <= at) low = middle + 1
    else high = middle
  }
  return low
}

/** Thrown when a calibration has no span to look back on, or a score that is not finite. */
export class InvalidWindowError extends BaseError {
  override readonly name = 'Conformal.InvalidWindowError'
  constructor(args: { readonly windowSeconds: number; readonly everySeconds: number }) {
    super({
      code: 'CONFORMAL_WINDOW_INVALID',
      message: `Scores cannot be calibrated over ${args.windowSeconds} s, every ${args.everySeconds} s.`,
      hint: 'Give positive spans and finite scores: a variance of zero or NaN makes one that is not.',
    })
  }
}

/** Thrown when outcomes do not stand in order of time, or one was known before its horizon began. */
export class UnorderedError extends BaseError {
  override readonly name = 'Conformal.UnorderedError'
  readonly index: number
  constructor(args: { readonly index: number }) {
    super({
      code: 'CONFORMAL_UNORDERED',
      message: `Outcome ${args.index} is out of order, or was known when it was forecast.`,
      hint: 'Sort by `at`, and give each the end of its horizon as `knownAt`.',
    })
    this.index = args.index
  }
}
