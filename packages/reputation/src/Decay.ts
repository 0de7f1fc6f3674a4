import { BaseError } from './BaseError.ts'

/** Exponential decay in integers: what an event of some age still weighs. */
export type Rounding = 'up' | 'down'

/** The unit of `power`: 10^18. */
export const one = 10n ** 18n

const bits = 20

/**
 * `roots[i] = ⌊2^(−1/2^(i+1)) · 10^18⌋`, by repeated integer square roots. With 36 digits on the way: rooting a rounded root again
 * and again at 18 would fall two units short, and `root + 1` would no longer be above the truth.
 */
const roots: readonly bigint[] = (() => {
  const list: bigint[] = []
  const fine = one * one
  let value = fine / 2n
  for (let i = 0; i < bits; i++) {
    value = squareRoot(value * fine)
    list.push(value / one)
  }
  return list
})()

/**
 * `2^(−age / halfLife)` × 10^18.
 *
 * Formula: the whole halvings are shifts; the rest is read as a binary fraction of 20 bits, one root of ½ a bit.
 * Rounding: every step, the fraction included, goes the way asked; the relative error is below 10^-6 (one bit of the fraction).
 *
 * @param age - ≥ 0, integer; in the unit of `halfLife`.
 * @param halfLife - > 0, integer.
 * @throws {InvalidAgeError} age or half-life is not such an integer.
 *
 * @example
 * Decay.power(42, 21, 'down')
 * // => 250000000000000000n
 */
export function power(age: number, halfLife: number, rounding: Rounding): bigint {
  if (!Number.isSafeInteger(age) || age < 0 || !Number.isSafeInteger(halfLife) || halfLife <= 0)
    throw new InvalidAgeError({ age, halfLife })
  const scale = 2 ** bits
  const rest = (BigInt(age % halfLife) * BigInt(scale)) / BigInt(halfLife)
  const exact = rest * BigInt(halfLife) === BigInt(age % halfLife) * BigInt(scale)
  const steps = Number(rest) + (rounding === 'down' && !exact ? 1 : 0)
  const halvings = Math.floor(age / halfLife) + (steps === scale ? 1 : 0)
  const fraction = steps === scale ? 0 : steps

  let value = one
  for (const [i, root] of roots.entries()) {
    if ((fraction & (scale >> (i + 1))) === 0) continue
    value = rounding === 'up' ? (value * (root + 1n) + one - 1n) / one : (value * root) / one
  }
  if (halvings > 200) return rounding === 'up' ? 1n : 0n
  const divisor = 1n << BigInt(halvings)
  return rounding === 'up' ? (value + divisor - 1n) / divisor : value / divisor
}

/**
 * The same in ppm: the weight of one event.
 *
 * @example
 * Decay.weightPpm(1, 86400, 'up')
 * // => 999993
 */
export function weightPpm(age: number, halfLife: number, rounding: Rounding): number {
  const value = power(age, halfLife, rounding) * 1_000_000n
  return Number(rounding === 'up' ? (value + one - 1n) / one : value / one)
}

/** ⌊√n⌋ by Newton's iteration from above. */
export function squareRoot(n: bigint): bigint {
  if (n < 2n) return n
  let x = 1n << BigInt((n.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (x + n / x) >> 1n
    if (next >= x) return x
    x = next
  }
}

/** Thrown when an age or a half-life is not a whole, positive number. */
export class InvalidAgeError extends BaseError {
  override readonly name = 'Decay.InvalidAgeError'
  readonly age: number
  readonly halfLife: number
  constructor(args: { readonly age: number; readonly halfLife: number }) {
    super({
      code: 'INVALID_AGE',
      message: `An age of ${args.age} with a half-life of ${args.halfLife} has no weight.`,
      hint: 'Give whole seconds: an age of at least 0 and a half-life of at least 1.',
    })
    this.age = args.age
    this.halfLife = args.halfLife
  }
}
