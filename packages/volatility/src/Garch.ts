import { BaseError } from './BaseError.ts'
import * as Minimum from './Minimum.ts'
import type { Random } from './Random.ts'

/** `v[t+1] = ω + (α + γ·1{r[t] < 0})·r[t]² + β·v[t]`. GARCH(1,1) has γ = 0. */
export type Garch = { readonly omega: number; readonly alpha: number; readonly gamma: number; readonly beta: number }

/** `symmetric` is GARCH(1,1); `asymmetric` is GJR, in which a fall and a rise count differently, in either direction. */
export type Form = 'symmetric' | 'asymmetric'

/** A model, the variance it expects of the step after the last return, and how well it explains what it was fitted on. */
export type Fitted = {
  readonly model: Garch
  /** v of the next step. */
  readonly variance: number
  /** v before the first return: the mean square, held fixed. */
  readonly initial: number
  /** Gaussian, of the whole sample, without the constant −½·T·ln 2π. */
  readonly logLikelihood: number
  readonly ended: Minimum.Minimum['ended']
}

/** Persistence never reaches one, so that the long-run variance exists. */
const most = 1 - 1e-6

/**
 * Fits GARCH(1,1) or GJR by Gaussian quasi-maximum likelihood: consistent though returns are not Gaussian.
 *
 * Formula: `max Σ −½·(ln v[t] + r[t]²/v[t])` over ω > 0, α ≥ 0, α + γ ≥ 0, β ≥ 0, `α + γ/2 + β < 1`. The constraints are kept by a change
 * of variables, the gradient is analytic, the start is the best of a small grid.
 * Source: docs/method/volatility.md, eq. (9), (10), (11). Bollerslev 1986; Glosten, Jagannathan and Runkle 1993.
 *
 * @param args.returns - r[t], length T ≥ 100, log returns of equal steps, oldest first, of mean about zero.
 * @throws {TooShortError} too few returns, one that is not finite, or none that moves.
 */
export function fit(args: fit.Arguments): Fitted {
  const { returns, form } = args
  const initial = meanSquare(returns)
  const asymmetric = form === 'asymmetric'
  const objective = (x: readonly number[]): Minimum.Slope => {
    const { model, jacobian } = place(x, initial, asymmetric)
    const { loss, gradient } = likelihood(returns, model, initial)
    return { value: loss, gradient: jacobian.map((row) => row.reduce((sum, value, k) => sum + value * (gradient[k] ?? 0), 0)) }
  }
  const starts = [0.8, 0.95, 0.99].flatMap((persistence) =>
    [0.05, 0.1, 0.25].map((share) => [Math.log1p(-persistence), logit(persistence / most), logit(share), ...(asymmetric ? [0] : [])]),
  )
  const [start = []] = starts
    .map((x) => ({ x, value: objective(x).value }))
    .sort((a, b) => a.value - b.value)
    .map(({ x }) => x)
  const { at, ended } = Minimum.of({ start, objective, tolerance: 1e-8, limit: 200 })
  const { model } = place(at, initial, asymmetric)
  const { loss, next } = likelihood(returns, model, initial)
  return { model, variance: next, initial, logLikelihood: -loss * returns.length, ended }
}

export declare namespace fit {
  type Arguments = { readonly returns: ArrayLike<number>; readonly form: Form }
  type ErrorType = TooShortError
}

/**
 * Conditional variances: v[t] knows only returns before t, so v[T], the last, is a forecast of the step after them all.
 *
 * @param args.initial - v[0] > 0.
 * @returns v, length T + 1.
 * @throws {InvalidModelError}
 *
 * @example
 * Array.from(Garch.variances({ model: { omega: 1, alpha: 0.25, gamma: 0.25, beta: 0.5 }, returns: [2, -2], initial: 4 }))
 * // => [4, 4, 5]
 */
export function variances(args: variances.Arguments): Float64Array {
  const { model, returns, initial } = args
  assertModel(model)
  const v = new Float64Array(returns.length + 1)
  v[0] = initial
  for (let t = 0; t < returns.length; t++) v[t + 1] = step(model, v[t] ?? Number.NaN, returns[t] ?? Number.NaN)
  return v
}

export declare namespace variances {
  type Arguments = { readonly model: Garch; readonly returns: ArrayLike<number>; readonly initial: number }
}

/**
 * The next variance, from the last one and the return that came of it: what an online forecaster keeps.
 *
 * @example
 * Garch.step({ omega: 1, alpha: 0.25, gamma: 0, beta: 0.5 }, 4, 2)
 * // => 4
 */
export function step(model: Garch, variance: number, r: number): number {
  return model.omega + (r < 0 ? model.alpha + model.gamma : model.alpha) * r * r + model.beta * variance
}

/**
 * Variance of the log return over the next `steps` steps.
 *
 * Formula: `h·V + (v − V)·(1 − P^h)/(1 − P)`, with P the persistence, V the long-run variance, v that of the next step, h = `steps`.
 * Source: docs/method/volatility.md, eq. (11).
 *
 * @throws {InvalidModelError}
 *
 * @example
 * Garch.forecast({ model: { omega: 1, alpha: 0.25, gamma: 0, beta: 0.25 }, variance: 4, steps: 2 })
 * // => 7
 */
export function forecast(args: forecast.Arguments): number {
  const { model, variance, steps } = args
  assertModel(model)
  const p = persistence(model)
  const long = model.omega / (1 - p)
  return steps * long + ((variance - long) * (1 - p ** steps)) / (1 - p)
}

export declare namespace forecast {
  type Arguments = { readonly model: Garch; readonly variance: number; readonly steps: number }
}

/**
 * How much of a shock to the variance is left one step later, when rises and falls are as likely.
 *
 * @example
 * Garch.persistence({ omega: 1, alpha: 0.25, gamma: 0.25, beta: 0.5 })
 * // => 0.875
 */
export function persistence({ alpha, gamma, beta }: Garch): number {
  return alpha + gamma / 2 + beta
}

/**
 * Returns that follow the model exactly, with Gaussian innovations, from its long-run variance on: what `fit` must recover.
 *
 * @throws {InvalidModelError}
 */
export function simulate(args: simulate.Arguments): Float64Array {
  const { random, length, model } = args
  assertModel(model)
  const returns = new Float64Array(length)
  let v = model.omega / (1 - persistence(model))
  for (let t = 0; t < length; t++) {
    const r = Math.sqrt(v) * random.normal()
    returns[t] = r
    v = step(model, v, r)
  }
  return returns
}

export declare namespace simulate {
  type Arguments = { readonly random: Random; readonly length: number; readonly model: Garch }
}

/** Mean of ½(ln v + r²/v), its gradient in (ω, α after a rise, α + γ after a fall, β), and v after the last return. */
function likelihood(returns: ArrayLike<number>, model: Garch, initial: number): { loss: number; gradient: number[]; next: number } {
  const { omega, alpha, beta } = model
  const fall = model.alpha + model.gamma
  let v = initial
  let [dOmega, dRise, dFall, dBeta] = [0, 0, 0, 0]
  let [gOmega, gRise, gFall, gBeta] = [0, 0, 0, 0]
  let sum = 0
  const T = returns.length
  for (let t = 0; t < T; t++) {
    const r = returns[t] ?? 0
    const square = r * r
    sum += Math.log(v) + square / v
    const pull = (1 - square / v) / v
    gOmega += pull * dOmega
    gRise += pull * dRise
    gFall += pull * dFall
    gBeta += pull * dBeta
    dOmega = 1 + beta * dOmega
    dRise = (r < 0 ? 0 : square) + beta * dRise
    dFall = (r < 0 ? square : 0) + beta * dFall
    dBeta = v + beta * dBeta
    v = omega + (r < 0 ? fall : alpha) * square + beta * v
  }
  const half = 1 / (2 * T)
  return { loss: sum * half, gradient: [gOmega * half, gRise * half, gFall * half, gBeta * half], next: v }
}

/**
 * The model at free variables (w, a, b, c), and the derivatives of (ω, rise, fall, β) with respect to each: ω = initial·e^w, P = most·σ(a) is
 * the persistence, κ = P·σ(b) the part of it that comes from returns, σ(c) a fall's share of that.
 */
function place(x: readonly number[], initial: number, asymmetric: boolean): { model: Garch; jacobian: number[][] } {
  const [w = 0, a = 0, b = 0, c = 0] = x
  const [sa, sb, sc] = [logistic(a), logistic(b), logistic(c)]
  const p = most * sa
  const kappa = p * sb
  const omega = initial * Math.exp(w)
  const [rise, fall] = [2 * kappa * (1 - sc), 2 * kappa * sc]
  const dp = most * sa * (1 - sa)
  const db = p * sb * (1 - sb)
  const dc = 2 * kappa * sc * (1 - sc)
  const jacobian = [
    [omega, 0, 0, 0],
    [0, 2 * dp * sb * (1 - sc), 2 * dp * sb * sc, dp * (1 - sb)],
    [0, 2 * db * (1 - sc), 2 * db * sc, -db],
    ...(asymmetric ? [[0, -dc, dc, 0]] : []),
  ]
  return { model: { omega, alpha: rise, gamma: asymmetric ? fall - rise : 0, beta: p - kappa }, jacobian }
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x))
const logit = (p: number): number => Math.log(p / (1 - p))

function meanSquare(returns: ArrayLike<number>): number {
  let sum = 0
  for (let t = 0; t < returns.length; t++) sum += (returns[t] ?? 0) ** 2
  if (returns.length < 100 || !Number.isFinite(sum) || sum === 0)
    throw new TooShortError({ needed: 100, had: sum > 0 ? returns.length : 0 })
  return sum / returns.length
}

function assertModel(model: Garch): void {
  const { omega, alpha, gamma, beta } = model
  const sound = omega > 0 && alpha >= 0 && alpha + gamma >= 0 && beta >= 0 && persistence(model) < 1
  if (!sound || !Number.isFinite(omega)) throw new InvalidModelError({ model })
}

/** Thrown when a model is not a stationary one with positive variance. */
export class InvalidModelError extends BaseError {
  override readonly name = 'Garch.InvalidModelError'
  readonly model: Garch
  constructor(args: { readonly model: Garch }) {
    const { omega, alpha, gamma, beta } = args.model
    super({
      code: 'GARCH_MODEL_INVALID',
      message: `ω = ${omega}, α = ${alpha}, γ = ${gamma}, β = ${beta} is not stationary with a positive variance.`,
      hint: 'Use ω > 0, α ≥ 0, α + γ ≥ 0, β ≥ 0 and α + γ/2 + β < 1.',
    })
    this.model = args.model
  }
}

/** Thrown when there are too few returns to fit on, one is not finite, or none moves. */
export class TooShortError extends BaseError {
  override readonly name = 'Garch.TooShortError'
  readonly needed: number
  readonly had: number
  constructor(args: { readonly needed: number; readonly had: number }) {
    super({
      code: 'GARCH_TOO_SHORT',
      message: `${args.had} usable returns were given; ${args.needed} are needed to fit a variance.`,
      hint: 'Give a longer series of finite returns that moves.',
    })
    this.needed = args.needed
    this.had = args.had
  }
}
