import type { Random } from './Random.ts'
import * as Regression from './Regression.ts'

/** ln v̂ = intercept + Σ weights·lags; v̂ = smearing · exp(ln v̂). */
export type LogHar = {
  readonly intercept: number
  readonly weights: readonly number[]
  /** Duan's factor: the mean of exp(residual), which turns a median of the variance into its mean. */
  readonly smearing: number
}

/**
 * Fits the heterogeneous autoregression in logs by least squares, pooled over whatever rows it is given.
 *
 * Formula: `ln y = c + Σ β_k·x_k + ε`, smearing `= mean(e^ε)`.
 * Source: docs/method/volatility.md, eq. (15a). Corsi, Journal of Financial Econometrics 7 (2009); Duan, JASA 78 (1983).
 *
 * @param args.lags - x[t][k]: log variances over growing windows up to t, shape [T, K].
 * @param args.targets - y[t]: variance realised after t; > 0.
 * @throws {Regression.ShapeError | Regression.SingularError}
 */
export function fit(args: fit.Arguments): LogHar {
  const rows = args.lags.map((row) => [1, ...Array.from(row)])
  const targets = Array.from(args.targets, (y) => Math.log(y))
  const [intercept = 0, ...weights] = Regression.ols({ rows, targets })
  const median: LogHar = { intercept, weights, smearing: 1 }
  const smearing = targets.reduce((sum, y, t) => sum + Math.exp(y - Math.log(forecast(median, args.lags[t] ?? []))), 0) / targets.length
  return { intercept, weights, smearing }
}

export declare namespace fit {
  type Arguments = { readonly lags: readonly ArrayLike<number>[]; readonly targets: ArrayLike<number> }
  type ErrorType = Regression.ShapeError | Regression.SingularError
}

/**
 * Mean variance over the horizon the model was fitted for.
 *
 * @example
 * LogHar.forecast({ intercept: 0, weights: [1, -1], smearing: 2 }, [3, 3])
 * // => 2
 */
export function forecast(model: LogHar, lags: ArrayLike<number>): number {
  let sum = model.intercept
  model.weights.forEach((weight, k) => {
    sum += weight * (lags[k] ?? Number.NaN)
  })
  return model.smearing * Math.exp(sum)
}

/**
 * Log variances that follow `l[t] = c + Σ β_k·mean(l[t−w_k…t−1]) + ε[t]`, ε ~ N(0, noise²): what `fit` must recover.
 *
 * @param args.windows - w_k, rising.
 * @returns rows as `fit` wants them: `lags[t][k]` and `targets[t] = e^l[t]`.
 */
export function simulate(args: simulate.Arguments): { readonly lags: readonly number[][]; readonly targets: readonly number[] } {
  const { random, length, windows, intercept, weights, noise } = args
  const longest = Math.max(...windows)
  const mean = intercept / (1 - weights.reduce((sum, weight) => sum + weight, 0))
  const logs = new Array<number>(longest).fill(mean)
  const lags: number[][] = []
  for (let t = 0; t < length; t++) {
    const row = windows.map((window) => logs.slice(-window).reduce((sum, l) => sum + l, 0) / window)
    lags.push(row)
    logs.push(row.reduce((sum, x, k) => sum + (weights[k] ?? 0) * x, intercept) + noise * random.normal())
  }
  return { lags, targets: logs.slice(longest).map(Math.exp) }
}

export declare namespace simulate {
  type Arguments = {
    readonly random: Random
    readonly length: number
    readonly windows: readonly number[]
    readonly intercept: number
    readonly weights: readonly number[]
    readonly noise: number
  }
}
