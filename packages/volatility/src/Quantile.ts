import type { Bar } from './Bar.ts'
import { BaseError } from './BaseError.ts'

/** A figure for either side of the market: a long loses when the price falls, a short when it rises. */
export type Sides<T> = { readonly long: T; readonly short: T }

/**
 * The smallest sample value that a new, exchangeable value exceeds with probability at most `1 − level`.
 *
 * Formula: the k-th smallest with `k = ⌈(n + 1)·level⌉`: the conformal finite-sample correction.
 * Source: docs/method/volatility.md, eq. (19). Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World (2005).
 * Rounding: the rank goes up, so the quantile is never too small.
 *
 * @param args.values - n ≥ level/(1 − level) values; no NaN.
 * @param args.levelPpm - level, ppm, inside (0, 1 000 000).
 * @throws {TooFewScoresError} n is so small that no value of the sample would do.
 *
 * @example
 * Quantile.upper({ values: [5, 1, 4, 2, 3], levelPpm: 500_000 })
 * // => 3
 */
export function upper(args: upper.Arguments): number {
  const { values, levelPpm } = args
  const least = needed(levelPpm)
  const rank = Math.ceil(((values.length + 1) * levelPpm) / 1_000_000)
  const value = Float64Array.from(values).sort()[rank - 1]
  if (value === undefined || Number.isNaN(value)) throw new TooFewScoresError({ needed: least, had: values.length })
  return value
}

export declare namespace upper {
  type Arguments = { readonly values: ArrayLike<number>; readonly levelPpm: number }
  type ErrorType = TooFewScoresError | InvalidLevelError
}

/**
 * The least size of a sample that holds a level: below it even the greatest value would be exceeded too often.
 *
 * Formula: `⌈level / (1 − level)⌉`.
 *
 * @throws {InvalidLevelError}
 *
 * @example
 * Quantile.needed(990_000)
 * // => 99
 */
export function needed(levelPpm: number): number {
  if (!Number.isSafeInteger(levelPpm) || levelPpm <= 0 || levelPpm >= 1_000_000) throw new InvalidLevelError({ levelPpm })
  return Math.ceil(levelPpm / (1_000_000 - levelPpm))
}

/**
 * Worst log loss on the way over the bars after one close: where the margin of a position is tested, not only where it ends.
 *
 * Formula: `long = max(0, ln(close[t] / min low))`, `short = max(0, ln(max high / close[t]))` over bars t+1 … t+steps.
 * Source: docs/method/volatility.md, eq. (18).
 *
 * @param args.index - t; the position is marked at the close of this bar.
 * @param args.steps - bars in the horizon, ≥ 1.
 * @throws {TooFewScoresError} the series ends before the horizon does.
 *
 * @example
 * const bar = (low: number, high: number) => ({ closeAt: 0, open: 1, high, low, close: 1 })
 * Quantile.pathLoss({ bars: [bar(1, 1), bar(1, 1), bar(1, Math.E)], index: 0, steps: 2 })
 * // => { long: 0, short: 1 }
 */
export function pathLoss(args: pathLoss.Arguments): Sides<number> {
  const { bars, index, steps } = args
  const start = bars[index]
  if (start === undefined || steps < 1 || index + steps >= bars.length)
    throw new TooFewScoresError({ needed: index + steps + 1, had: bars.length })
  let low = start.close
  let high = start.close
  for (let t = index + 1; t <= index + steps; t++) {
    const bar = bars[t]
    if (bar === undefined) continue
    if (bar.low < low) low = bar.low
    if (bar.high > high) high = bar.high
  }
  return { long: Math.log(start.close / low), short: Math.log(high / start.close) }
}

export declare namespace pathLoss {
  type Arguments = { readonly bars: readonly Bar[]; readonly index: number; readonly steps: number }
}

/**
 * Log loss from one close to the close at the end of the horizon. A gain is no loss.
 *
 * Formula: `long = max(0, ln(close[t] / close[t+steps]))`, `short = max(0, ln(close[t+steps] / close[t]))`.
 * Source: docs/method/volatility.md, eq. (18).
 *
 * @throws {TooFewScoresError} the series ends before the horizon does.
 *
 * @example
 * const bar = (close: number) => ({ closeAt: 0, open: close, high: close, low: close, close })
 * Quantile.endLoss({ bars: [bar(1), bar(9), bar(Math.E)], index: 0, steps: 2 })
 * // => { long: 0, short: 1 }
 */
export function endLoss(args: pathLoss.Arguments): Sides<number> {
  const { bars, index, steps } = args
  const [start, end] = [bars[index], bars[index + steps]]
  if (start === undefined || end === undefined || steps < 1) throw new TooFewScoresError({ needed: index + steps + 1, had: bars.length })
  const move = Math.log(end.close / start.close)
  return { long: Math.max(0, -move), short: Math.max(0, move) }
}

/**
 * Expected shortfall: the mean of the sample from its quantile on, the quantile itself included.
 *
 * Formula: `mean of the k-th smallest to the greatest`, k as in {@link upper}.
 * Source: docs/method/volatility.md, eq. (20). Acerbi and Tasche 2002.
 *
 * @throws {TooFewScoresError | InvalidLevelError} as {@link upper} does.
 *
 * @example
 * Quantile.shortfall({ values: [5, 1, 4, 2, 3], levelPpm: 500_000 })
 * // => 4
 */
export function shortfall(args: upper.Arguments): number {
  const from = upper(args)
  // Values that tie with the quantile below its rank do not count: the tail has n − k + 1 members whatever their values.
  const sorted = Float64Array.from(args.values).sort()
  const tail = sorted.subarray(Math.ceil(((sorted.length + 1) * args.levelPpm) / 1_000_000) - 1)
  return from + tail.reduce((sum, value) => sum + (value - from), 0) / tail.length
}

/**
 * How many forecast standard deviations the path loss stays within, per side.
 *
 * Formula: `k = upper(loss[t] / √v̂[t])` over the last `window` scores. The margin rate is then `k·√v̂`.
 * Source: docs/method/volatility.md, eq. (19).
 *
 * @param args.losses - worst-path log losses of past horizons, oldest first.
 * @param args.variances - the variance forecast for each horizon before it began; > 0.
 * @param args.window - scores to use, the newest; older ones are forgotten.
 * @throws {TooFewScoresError}
 */
export function calibrate(args: calibrate.Arguments): Sides<number> {
  const { losses, variances, levelPpm, window } = args
  if (losses.length !== variances.length) throw new TooFewScoresError({ needed: losses.length, had: variances.length })
  const from = Math.max(0, losses.length - window)
  const scores = (side: 'long' | 'short'): number[] =>
    losses.slice(from).map((loss, i) => loss[side] / Math.sqrt(variances[from + i] ?? Number.NaN))
  return { long: upper({ values: scores('long'), levelPpm }), short: upper({ values: scores('short'), levelPpm }) }
}

export declare namespace calibrate {
  type Arguments = {
    readonly losses: readonly Sides<number>[]
    readonly variances: ArrayLike<number>
    readonly levelPpm: number
    readonly window: number
  }
  type ErrorType = TooFewScoresError | InvalidLevelError
}

/**
 * The quantile of the worst-path loss over everything the series holds: the through-the-cycle figure.
 *
 * @param args.bars - at least `steps + level/(1 − level)` bars; windows overlap.
 * @throws {TooFewScoresError}
 */
export function throughTheCycle(args: throughTheCycle.Arguments): Sides<number> {
  const { bars, steps, levelPpm } = args
  const losses = Array.from({ length: Math.max(0, bars.length - steps) }, (_, index) => pathLoss({ bars, index, steps }))
  return {
    long: upper({ values: losses.map(({ long }) => long), levelPpm }),
    short: upper({ values: losses.map(({ short }) => short), levelPpm }),
  }
}

export declare namespace throughTheCycle {
  type Arguments = { readonly bars: readonly Bar[]; readonly steps: number; readonly levelPpm: number }
}

/**
 * Log losses as simple returns in ppm.
 *
 * Formula: long `1 − e^(−q)`, short `e^q − 1`.
 * Rounding: up, after a margin of 2⁻⁴⁰ for the float error, so that an exact figure gains one unit and none ever loses one.
 *
 * @param loss - log losses, finite, ≥ 0.
 * @throws {InvalidLossError}
 *
 * @example
 * Quantile.simple({ long: Math.LN2, short: Math.LN2 })
 * // => { longPpm: 500001, shortPpm: 1000001 }
 */
export function simple(loss: Sides<number>): { readonly longPpm: number; readonly shortPpm: number } {
  if (![loss.long, loss.short].every((value) => Number.isFinite(value) && value >= 0)) throw new InvalidLossError(loss)
  const shortPpm = ppmUp(Math.expm1(loss.short))
  if (!Number.isSafeInteger(shortPpm)) throw new InvalidLossError(loss)
  return { longPpm: Math.min(1_000_000, ppmUp(-Math.expm1(-loss.long))), shortPpm }
}

/**
 * A rate as ppm, rounded up with the same float margin as {@link simple}.
 *
 * @example
 * Quantile.ppmUp(0.1234561)
 * // => 123457
 */
export function ppmUp(rate: number): number {
  return Math.ceil(rate * 1_000_000 * (1 + 2 ** -40))
}

/** Thrown when a level is not a whole number of ppm strictly between 0 and 1. */
export class InvalidLevelError extends BaseError {
  override readonly name = 'Quantile.InvalidLevelError'
  readonly levelPpm: number
  constructor(args: { readonly levelPpm: number }) {
    super({ code: 'QUANTILE_LEVEL_INVALID', message: `${args.levelPpm} ppm is not a level.`, hint: 'Use 990000 for 99 %.' })
    this.levelPpm = args.levelPpm
  }
}

/** Thrown when a log loss is negative, NaN or too large to be a rate. */
export class InvalidLossError extends BaseError {
  override readonly name = 'Quantile.InvalidLossError'
  readonly loss: Sides<number>
  constructor(loss: Sides<number>) {
    super({
      code: 'QUANTILE_LOSS_INVALID',
      message: `A loss of ${loss.long} long, ${loss.short} short is not a finite number ≥ 0.`,
      hint: 'A loss that cannot be stated must not become a margin: find where it came from.',
    })
    this.loss = loss
  }
}

/** Thrown when the sample is too small for the level. */
export class TooFewScoresError extends BaseError {
  override readonly name = 'Quantile.TooFewScoresError'
  readonly needed: number
  readonly had: number
  constructor(args: { readonly needed: number; readonly had: number }) {
    super({
      code: 'QUANTILE_TOO_FEW',
      message: `${args.had} usable scores are too few; ${args.needed} are needed.`,
      hint: 'Give a longer history, or ask for a lower level.',
    })
    this.needed = args.needed
    this.had = args.had
  }
}
