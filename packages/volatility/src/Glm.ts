import { BaseError } from './BaseError.ts'
import type { Random } from './Random.ts'
import { ShapeError, SingularError } from './Regression.ts'

/** `v̂ = exp(intercept + Σ weights·x)`. */
export type Glm = { readonly intercept: number; readonly weights: readonly number[] }

/**
 * Fits a Gamma regression with log link, pooled over whatever rows it is given. Its likelihood is QLIKE, so no other weights have a lower
 * QLIKE on these rows; and because the mean is modelled itself, no smearing is needed.
 *
 * Formula: `min mean( y/μ + ln μ ) + ½·ridge·Σ (b_k·s_k)²`, `ln μ = a + Σ b_k·x_k`, s_k the deviation of column k: the penalty does not
 * depend on units, and spares the intercept. Iteratively reweighted least squares with the observed weights `w = y/μ` and working targets
 * `ln μ + 1 − μ/y`, the step halved until the objective falls. It is convex, so there is one minimum.
 * Source: docs/method/volatility.md, eq. (16), (17). McCullagh and Nelder 1989.
 *
 * @param args.rows - x[t][k], shape [T, K], without a column of ones. T > K.
 * @param args.targets - y[t], length T: variance realised after t; > 0.
 * @param args.ridge - ≥ 0; 0 is maximum likelihood. Any more also makes a column that never varies harmless: its weight is then 0.
 * @throws {ShapeError} shapes do not fit, or a value is not finite.
 * @throws {InvalidTargetError} a target is not above zero.
 * @throws {SingularError} a column depends on the others, and ridge is 0.
 * @throws {NotConvergedError}
 *
 * @example
 * const { intercept, weights } = Glm.fit({ rows: [[0], [0], [1], [1]], targets: [1, 3, 6, 10], ridge: 0 })
 * Math.round(1e6 * Math.exp(intercept)) / 1e6
 * // => 2
 * Math.round(1e6 * Math.exp(weights[0])) / 1e6
 * // => 4
 */
export function fit(args: fit.Arguments): Glm {
  const { rows, targets, ridge } = args
  const K = rows[0]?.length ?? 0
  assertSample(args, K)
  const { z, mean, deviation } = standardise(rows, K, ridge)
  const T = rows.length
  let level = 0
  for (let t = 0; t < T; t++) level += (targets[t] ?? 0) / T
  const y = Float64Array.from(targets, (value) => value / level)

  let b: Float64Array = logLeastSquares(z, y, K + 1, ridge)
  let here = evaluate(z, y, b, ridge)
  for (let iteration = 0; iteration < 100; iteration++) {
    const step = solve(moment(z, here.ratio, K + 1, ridge), here.gradient, K + 1)
    const decrement = dot(step, here.gradient)
    if (decrement <= 1e-20) return restore(b, mean, deviation, level)
    const at = (t: number): Float64Array => b.map((value, k) => value - t * (step[k] ?? 0))
    let t = 1
    let there = evaluate(z, y, at(t), ridge)
    if (decrement < 1e-10) {
      // The objective is too flat to compare here: whole steps go on while they lower the gradient, and then this is the minimum.
      if (!(dot(there.gradient, there.gradient) < dot(here.gradient, here.gradient))) return restore(b, mean, deviation, level)
    } else
      for (; !(there.value <= here.value - 1e-4 * t * decrement); there = evaluate(z, y, at(t), ridge)) {
        if (t < 1e-9) throw new NotConvergedError({ rows: T, columns: K })
        t /= 2
      }
    b = at(t)
    here = there
  }
  throw new NotConvergedError({ rows: T, columns: K })
}

export declare namespace fit {
  type Arguments = { readonly rows: readonly ArrayLike<number>[]; readonly targets: ArrayLike<number>; readonly ridge: number }
  type ErrorType = ShapeError | SingularError | InvalidTargetError | NotConvergedError
}

/**
 * ln v̂: the linear predictor, to which a correction in logs is added.
 *
 * @example
 * Glm.predictor({ intercept: 1, weights: [2, -1] }, [3, 3])
 * // => 4
 */
export function predictor(model: Glm, row: ArrayLike<number>): number {
  let sum = model.intercept
  for (let k = 0; k < model.weights.length; k++) sum += (model.weights[k] ?? 0) * (row[k] ?? Number.NaN)
  return sum
}

/**
 * Mean variance over the horizon the model was fitted for. NaN when a feature is missing, never a guess.
 *
 * @example
 * Glm.forecast({ intercept: 0, weights: [1] }, [0])
 * // => 1
 */
export function forecast(model: Glm, row: ArrayLike<number>): number {
  return Math.exp(predictor(model, row))
}

/**
 * Variances realised from Gaussian returns around the model's mean: Gamma of shape `returns / 2`. What `fit` must recover.
 *
 * @param args.returns - how many returns each variance is realised from, ≥ 1.
 * @returns y[t], one a row.
 */
export function simulate(args: simulate.Arguments): Float64Array {
  const { random, rows, model, returns } = args
  return Float64Array.from(rows, (row) => {
    let sum = 0
    for (let i = 0; i < returns; i++) sum += random.normal() ** 2
    return (forecast(model, row) * sum) / returns
  })
}

export declare namespace simulate {
  type Arguments = {
    readonly random: Random
    readonly rows: readonly ArrayLike<number>[]
    readonly model: Glm
    readonly returns: number
  }
}

/** [T, K + 1] row-major, a one and then the columns at mean 0 and deviation 1. */
function standardise(rows: readonly ArrayLike<number>[], K: number, ridge: number) {
  const T = rows.length
  const [mean, deviation] = [new Float64Array(K), new Float64Array(K)]
  for (const row of rows) for (let k = 0; k < K; k++) mean[k] = (mean[k] ?? 0) + (row[k] ?? 0) / T
  for (const row of rows) for (let k = 0; k < K; k++) deviation[k] = (deviation[k] ?? 0) + ((row[k] ?? 0) - (mean[k] ?? 0)) ** 2 / T
  for (let k = 0; k < K; k++) {
    const spread = Math.sqrt(deviation[k] ?? 0)
    const still = !(spread > 1e-12 * Math.abs(mean[k] ?? 0))
    if (still && ridge === 0) throw new SingularError({ column: k })
    deviation[k] = still ? Number.POSITIVE_INFINITY : spread
  }
  const z = new Float64Array(T * (K + 1))
  rows.forEach((row, t) => {
    z[t * (K + 1)] = 1
    for (let k = 0; k < K; k++) z[t * (K + 1) + k + 1] = ((row[k] ?? 0) - (mean[k] ?? 0)) / (deviation[k] ?? 1)
  })
  return { z, mean, deviation }
}

/** From standardised weights and targets of mean one back to the caller's units. */
function restore(b: Float64Array, mean: Float64Array, deviation: Float64Array, level: number): Glm {
  const weights = Array.from(mean, (_, k) => (b[k + 1] ?? 0) / (deviation[k] ?? 1))
  const shift = weights.reduce((sum, weight, k) => sum + weight * (mean[k] ?? 0), 0)
  return { intercept: (b[0] ?? 0) + Math.log(level) - shift, weights }
}

/** Where the search begins: least squares on ln y, moved so that the mean of y/μ is one. */
function logLeastSquares(z: Float64Array, y: Float64Array, K: number, ridge: number): Float64Array {
  const T = y.length
  const right = new Float64Array(K)
  for (let t = 0; t < T; t++) {
    const log = Math.log(y[t] ?? 1)
    for (let k = 0; k < K; k++) right[k] = (right[k] ?? 0) + ((z[t * K + k] ?? 0) * log) / T
  }
  const b = solve(moment(z, new Float64Array(T).fill(1), K, ridge), right, K)
  const ratio = evaluate(z, y, b, ridge).ratio
  b[0] = (b[0] ?? 0) + Math.log(ratio.reduce((sum, value) => sum + value / T, 0))
  return b
}

/** The objective, its gradient, and y/μ. */
function evaluate(z: Float64Array, y: Float64Array, b: Float64Array, ridge: number) {
  const [T, K] = [y.length, b.length]
  const ratio = new Float64Array(T)
  const gradient = new Float64Array(K)
  let value = 0
  for (let t = 0; t < T; t++) {
    let eta = 0
    for (let k = 0; k < K; k++) eta += (z[t * K + k] ?? 0) * (b[k] ?? 0)
    const r = (y[t] ?? 0) * Math.exp(-eta)
    ratio[t] = r
    value += (eta + r) / T
    for (let k = 0; k < K; k++) gradient[k] = (gradient[k] ?? 0) + ((1 - r) * (z[t * K + k] ?? 0)) / T
  }
  for (let k = 1; k < K; k++) {
    value += (ridge / 2) * (b[k] ?? 0) ** 2
    gradient[k] = (gradient[k] ?? 0) + ridge * (b[k] ?? 0)
  }
  return { value, gradient, ratio }
}

/** Z′·diag(w)·Z / T + ridge on all but the intercept; the lower triangle, row-major [K, K]. */
function moment(z: Float64Array, w: Float64Array, K: number, ridge: number): Float64Array {
  const T = w.length
  const m = new Float64Array(K * K)
  for (let t = 0; t < T; t++) {
    const weight = (w[t] ?? 0) / T
    for (let i = 0; i < K; i++) {
      const scaled = weight * (z[t * K + i] ?? 0)
      if (scaled !== 0) for (let j = 0; j <= i; j++) m[i * K + j] = (m[i * K + j] ?? 0) + scaled * (z[t * K + j] ?? 0)
    }
  }
  for (let k = 1; k < K; k++) m[k * K + k] = (m[k * K + k] ?? 0) + ridge
  return m
}

/** m·x = right by Cholesky. A pivot that vanishes beside its diagonal is a column that depends on those before it. */
function solve(m: Float64Array, right: Float64Array, K: number): Float64Array {
  const x = Float64Array.from(right)
  for (let i = 0; i < K; i++) {
    const whole = m[i * K + i] ?? 0
    for (let j = 0; j <= i; j++) {
      let sum = m[i * K + j] ?? 0
      for (let k = 0; k < j; k++) sum -= (m[i * K + k] ?? 0) * (m[j * K + k] ?? 0)
      if (j < i) m[i * K + j] = sum / (m[j * K + j] ?? 1)
      else if (sum > 1e-13 * whole) m[i * K + i] = Math.sqrt(sum)
      else throw new SingularError({ column: Math.max(0, i - 1) })
    }
    for (let k = 0; k < i; k++) x[i] = (x[i] ?? 0) - (m[i * K + k] ?? 0) * (x[k] ?? 0)
    x[i] = (x[i] ?? 0) / (m[i * K + i] ?? 1)
  }
  for (let i = K - 1; i >= 0; i--) {
    for (let k = i + 1; k < K; k++) x[i] = (x[i] ?? 0) - (m[k * K + i] ?? 0) * (x[k] ?? 0)
    x[i] = (x[i] ?? 0) / (m[i * K + i] ?? 1)
  }
  return x
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, k) => sum + value * (b[k] ?? 0), 0)

function assertSample({ rows, targets, ridge }: fit.Arguments, K: number): void {
  const shape = new ShapeError({ rows: rows.length, columns: K })
  if (K === 0 || rows.length <= K || targets.length !== rows.length || !(ridge >= 0 && Number.isFinite(ridge))) throw shape
  for (const row of rows) {
    if (row.length !== K) throw shape
    for (let k = 0; k < K; k++) if (!Number.isFinite(row[k])) throw shape
  }
  for (let t = 0; t < targets.length; t++) {
    const target = targets[t] ?? Number.NaN
    if (!(target > 0 && Number.isFinite(target))) throw new InvalidTargetError({ index: t, target })
  }
}

/** Thrown when a variance to fit on is not finite and above zero. */
export class InvalidTargetError extends BaseError {
  override readonly name = 'Glm.InvalidTargetError'
  readonly index: number
  readonly target: number
  constructor(args: { readonly index: number; readonly target: number }) {
    super({
      code: 'GLM_TARGET_INVALID',
      message: `Target ${args.index} is ${args.target}, not a finite variance above zero.`,
      hint: 'Leave the row out, or floor the variance of a market that did not move.',
    })
    this.index = args.index
    this.target = args.target
  }
}

/** Thrown when the search ended before it stood at the minimum. */
export class NotConvergedError extends BaseError {
  override readonly name = 'Glm.NotConvergedError'
  constructor(args: { readonly rows: number; readonly columns: number }) {
    super({
      code: 'GLM_NOT_CONVERGED',
      message: `The fit of ${args.columns} columns on ${args.rows} rows did not settle.`,
      hint: 'Look for a column that separates the data, or raise the ridge.',
    })
  }
}
