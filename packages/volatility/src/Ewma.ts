import { BaseError } from './BaseError.ts'
import type { Random } from './Random.ts'

/**
 * Exponentially weighted variance of the next return.
 *
 * Formula: `v[t+1] = λ·v[t] + (1 − λ)·r[t]²`. Source: docs/method/volatility.md, eq. (8). RiskMetrics, 1996.
 *
 * @param args.returns - oldest first.
 * @param args.lambda - λ in (0, 1).
 * @param args.initial - v before the first return; > 0.
 * @returns v after the last return, per step.
 * @throws {InvalidDecayError}
 *
 * @example
 * Ewma.of({ returns: [1, 0], lambda: 0.5, initial: 0 })
 * // => 0.25
 */
export function of(args: of.Arguments): number {
  assertDecay(args.lambda)
  let v = args.initial
  for (let t = 0; t < args.returns.length; t++) {
    const r = args.returns[t] ?? 0
    v = args.lambda * v + (1 - args.lambda) * r * r
  }
  return v
}

export declare namespace of {
  type Arguments = { readonly returns: ArrayLike<number>; readonly lambda: number; readonly initial: number }
}

/**
 * The λ of greatest Gaussian likelihood, by golden-section search on [0.5, 0.9995]; the first 100 returns set the initial variance.
 *
 * @param returns - length ≥ 200.
 * @throws {TooShortError}
 */
export function fit(returns: ArrayLike<number>): number {
  if (returns.length < 200) throw new TooShortError({ needed: 200, had: returns.length })
  let initial = 0
  for (let t = 0; t < 100; t++) initial += (returns[t] ?? 0) ** 2 / 100
  if (!(initial > 0)) throw new TooShortError({ needed: 200, had: 0 })
  const loss = (lambda: number): number => {
    let v = initial
    let sum = 0
    for (let t = 0; t < returns.length; t++) {
      const square = (returns[t] ?? 0) ** 2
      if (t >= 100) sum += Math.log(v) + square / v
      v = lambda * v + (1 - lambda) * square
    }
    return sum
  }
  const ratio = (Math.sqrt(5) - 1) / 2
  let [low, high] = [0.5, 0.9995]
  let [left, right] = [high - ratio * (high - low), low + ratio * (high - low)]
  let [lossLeft, lossRight] = [loss(left), loss(right)]
  while (high - low > 1e-5) {
    if (lossLeft < lossRight) {
      ;[high, right, lossRight] = [right, left, lossLeft]
      left = high - ratio * (high - low)
      lossLeft = loss(left)
    } else {
      ;[low, left, lossLeft] = [left, right, lossRight]
      right = low + ratio * (high - low)
      lossRight = loss(right)
    }
  }
  return (low + high) / 2
}

/** Returns whose variance follows the recursion of {@link of} exactly: what `fit` must recover. */
export function simulate(args: simulate.Arguments): Float64Array {
  assertDecay(args.lambda)
  const returns = new Float64Array(args.length)
  let v = args.initial
  for (let t = 0; t < args.length; t++) {
    const r = Math.sqrt(v) * args.random.normal()
    returns[t] = r
    v = args.lambda * v + (1 - args.lambda) * r * r
  }
  return returns
}

export declare namespace simulate {
  type Arguments = { readonly random: Random; readonly length: number; readonly lambda: number; readonly initial: number }
}

function assertDecay(lambda: number): void {
  if (!(lambda > 0 && lambda < 1)) throw new InvalidDecayError({ lambda })
}

/** Thrown when λ is not inside (0, 1). */
export class InvalidDecayError extends BaseError {
  override readonly name = 'Ewma.InvalidDecayError'
  readonly lambda: number
  constructor(args: { readonly lambda: number }) {
    super({ code: 'EWMA_DECAY_INVALID', message: `λ = ${args.lambda} is not between 0 and 1.`, hint: 'Use a decay such as 0.94.' })
    this.lambda = args.lambda
  }
}

/** Thrown when there are too few returns, or none that moves, to fit λ on. */
export class TooShortError extends BaseError {
  override readonly name = 'Ewma.TooShortError'
  readonly needed: number
  readonly had: number
  constructor(args: { readonly needed: number; readonly had: number }) {
    super({
      code: 'EWMA_TOO_SHORT',
      message: `${args.had} usable returns were given; ${args.needed} are needed to fit λ.`,
      hint: 'Give a longer series that moves, or choose λ yourself.',
    })
    this.needed = args.needed
    this.had = args.had
  }
}
