import { BaseError } from './BaseError.ts'
import type { Random } from './Random.ts'
import type * as RealisedVariance from './RealisedVariance.ts'
import * as Regression from './Regression.ts'

/**
 * What each regression knows of the last day; the means over longer windows are common to all.
 * `plain`: its variance. `semivariance` (HAR-RS): its variance from falls and from rises apart. `quarticity` (HARQ): its variance, and how
 * ill it was measured.
 */
export type Form = 'plain' | 'semivariance' | 'quarticity'

/** Measures of one period, such as a day: `RealisedVariance.measure`. */
export type Measure = Omit<RealisedVariance.Measure, 'bipower'>

/** `v̂ = intercept + Σ weights·x`, held to what was seen when it was fitted. */
export type Har = {
  readonly intercept: number
  readonly weights: readonly number[]
  /** Least, greatest and mean target of the fit. */
  readonly seen: { readonly least: number; readonly greatest: number; readonly mean: number }
}

/**
 * Regressors of a heterogeneous autoregression in levels. Row t knows measures up to t only.
 *
 * Formula: `[RV, mean RV over each longer window]`; HAR-RS has `RS⁻, RS⁺` in place of RV, HARQ `RV, √RQ·RV`.
 * Source: docs/method/volatility.md, eq. (13), (14), (15). Corsi 2009; Patton and Sheppard 2015; Bollerslev, Patton and Quaedvlieg 2016.
 *
 * @param args.measures - of consecutive periods, oldest first, length T.
 * @param args.windows - longer windows in periods, such as [7, 30]; rising, each ≥ 2.
 * @returns rows [T − w + 1, K] with w the longest window: row i belongs to period i + w − 1.
 * @throws {InvalidWindowsError}
 *
 * @example
 * const measures = [1, 3].map((variance) => ({ variance, down: variance, up: 0, quarticity: 4 }))
 * Har.regressors({ measures, windows: [2], form: 'quarticity' })
 * // => [[3, 6, 2]]
 */
export function regressors(args: regressors.Arguments): readonly (readonly number[])[] {
  const { measures, windows, form } = args
  const longest = windows.at(-1) ?? 0
  const rising = windows.every((window, k) => Number.isSafeInteger(window) && window >= 2 && window > (windows[k - 1] ?? 0))
  if (windows.length === 0 || !rising) throw new InvalidWindowsError({ windows })
  const mean = (t: number, window: number): number => {
    let sum = 0
    for (let s = t - window + 1; s <= t; s++) sum += measures[s]?.variance ?? Number.NaN
    return sum / window
  }
  return measures.slice(longest - 1).map((measure, i) => {
    const { variance, down, up, quarticity } = measure
    const short = { plain: [variance], semivariance: [down, up], quarticity: [variance, Math.sqrt(quarticity) * variance] }[form]
    return [...short, ...windows.map((window) => mean(i + longest - 1, window))]
  })
}

export declare namespace regressors {
  type Arguments = { readonly measures: readonly Measure[]; readonly windows: readonly number[]; readonly form: Form }
  type ErrorType = InvalidWindowsError
}

/**
 * Fits one of the forms by least squares.
 *
 * Formula: `y = c + Σ b_k·x_k + ε`. Source: docs/method/volatility.md, eq. (13), (14), (15).
 *
 * @param args.rows - x[t][k], shape [T, K], from `regressors`.
 * @param args.targets - y[t]: variance realised after t.
 * @throws {Regression.ShapeError | Regression.SingularError}
 */
export function fit(args: fit.Arguments): Har {
  const targets = Array.from(args.targets)
  const rows = args.rows.map((row) => [1, ...Array.from(row)])
  const [intercept = Number.NaN, ...weights] = Regression.ols({ rows, targets })
  const seen = {
    least: targets.reduce((least, y) => Math.min(least, y), Number.POSITIVE_INFINITY),
    greatest: targets.reduce((greatest, y) => Math.max(greatest, y), Number.NEGATIVE_INFINITY),
    mean: targets.reduce((sum, y) => sum + y, 0) / targets.length,
  }
  return { intercept, weights, seen }
}

export declare namespace fit {
  type Arguments = { readonly rows: readonly ArrayLike<number>[]; readonly targets: ArrayLike<number> }
  type ErrorType = Regression.ShapeError | Regression.SingularError
}

/**
 * Variance of the next period. A line can leave the range of what it was fitted on, and even fall below zero; a forecast that does is
 * replaced by the mean of what was seen (the "insanity filter" of Bollerslev, Patton and Quaedvlieg). NaN when a regressor is missing.
 *
 * @example
 * const model = { intercept: 0, weights: [2], seen: { least: 1, greatest: 9, mean: 4 } }
 * Har.forecast(model, [3])
 * // => 6
 * Har.forecast(model, [5])
 * // => 4
 */
export function forecast(model: Har, row: ArrayLike<number>): number {
  const sum = model.weights.reduce((total, weight, k) => total + weight * (row[k] ?? Number.NaN), model.intercept)
  return sum < model.seen.least || sum > model.seen.greatest ? model.seen.mean : sum
}

/**
 * Measures that follow one of the forms: each period's variance is the line at the measures before it times a noise of mean one, split at
 * random into falls and rises. What `fit` must recover.
 *
 * @param args.weights - as `regressors` orders them for the form.
 * @param args.noise - deviation of the log of the noise.
 * @returns measures, oldest first; those before the longest window are the line's long-run level.
 */
export function simulate(args: simulate.Arguments): readonly Measure[] {
  const { random, length, windows, form, intercept, weights, noise } = args
  const share =
    form === 'semivariance'
      ? [((weights[0] ?? 0) + (weights[1] ?? 0)) / 2, ...weights.slice(2)]
      : weights.filter((_, k) => form === 'plain' || k !== 1)
  const level = intercept / (1 - share.reduce((sum, weight) => sum + weight, 0))
  const first = { variance: level, down: level / 2, up: level / 2, quarticity: level * level }
  const measures: Measure[] = Array.from({ length: windows.at(-1) ?? 0 }, () => first)
  while (measures.length < length) {
    const [row = []] = regressors({ measures: measures.slice(-(windows.at(-1) ?? 0)), windows, form })
    const line = row.reduce((sum, x, k) => sum + (weights[k] ?? 0) * x, intercept)
    const variance = Math.max(line, level / 10) * Math.exp(noise * random.normal() - (noise * noise) / 2)
    const down = random.uniform() * variance
    measures.push({ variance, down, up: variance - down, quarticity: (random.uniform() * level * 2) ** 2 })
  }
  return measures
}

export declare namespace simulate {
  type Arguments = {
    readonly random: Random
    readonly length: number
    readonly windows: readonly number[]
    readonly form: Form
    readonly intercept: number
    readonly weights: readonly number[]
    readonly noise: number
  }
}

/** Thrown when the windows of a regression are not rising whole numbers of at least two periods. */
export class InvalidWindowsError extends BaseError {
  override readonly name = 'Har.InvalidWindowsError'
  readonly windows: readonly number[]
  constructor(args: { readonly windows: readonly number[] }) {
    super({
      code: 'HAR_WINDOWS_INVALID',
      message: `[${args.windows.join(', ')}] are not the longer windows of a regression.`,
      hint: 'Give rising whole numbers of periods, each at least 2, such as [7, 30].',
    })
    this.windows = args.windows
  }
}
