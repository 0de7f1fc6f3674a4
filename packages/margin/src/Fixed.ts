/** Fixed-point numbers: `bigint`, 18 decimals, the rounding always an argument. */
import { BaseError } from './BaseError.ts'

/** A number × 1e18. */
export type Fixed = bigint

/** Towards +∞ or towards −∞; there is no default. */
export type Rounding = 'up' | 'down'

/** 1, as a `Fixed`. */
export const one = 1_000_000_000_000_000_000n

/** Parts in a whole: rates are integer ppm. */
export const ppm = 1_000_000n

/**
 * `a · b / d`, exact before the one rounding.
 *
 * Rounding: 'up' towards +∞, 'down' towards −∞, for negative figures too.
 *
 * @throws {DivisionByZeroError} d is 0.
 *
 * @example
 * Fixed.mulDiv(10n, 1n, 3n, 'up')
 * // => 4n
 * Fixed.mulDiv(-10n, 1n, 3n, 'up')
 * // => -3n
 */
export function mulDiv(a: bigint, b: bigint, d: bigint, rounding: Rounding): bigint {
  if (d === 0n) throw new DivisionByZeroError()
  const product = a * b
  const quotient = product / d
  const remainder = product % d
  if (remainder === 0n) return quotient
  const positive = remainder > 0n === d > 0n
  if (rounding === 'up') return positive ? quotient + 1n : quotient
  return positive ? quotient : quotient - 1n
}

/**
 * `a · b`.
 *
 * @example
 * Fixed.mul(2n * Fixed.one, 3n * Fixed.one, 'down')
 * // => 6000000000000000000n
 */
export function mul(a: Fixed, b: Fixed, rounding: Rounding): Fixed {
  return mulDiv(a, b, one, rounding)
}

/**
 * `a / b`.
 *
 * @throws {DivisionByZeroError} b is 0.
 *
 * @example
 * Fixed.div(1n * Fixed.one, 3n * Fixed.one, 'down')
 * // => 333333333333333333n
 */
export function div(a: Fixed, b: Fixed, rounding: Rounding): Fixed {
  return mulDiv(a, one, b, rounding)
}

/**
 * The share `rate` of an amount.
 *
 * @param rate - integer ppm.
 * @throws {NotAnIntegerError} the rate is not a safe integer.
 *
 * @example
 * Fixed.ofPpm(1001n, 100_000, 'up')
 * // => 101n
 */
export function ofPpm(amount: bigint, rate: number, rounding: Rounding): bigint {
  if (!Number.isSafeInteger(rate)) throw new NotAnIntegerError(rate)
  return mulDiv(amount, BigInt(rate), ppm, rounding)
}

/**
 * A decimal, as a person writes it: `-12.5`. At most 59 digits before the point, at most 18 after it.
 *
 * Rounding: none; what does not fit exactly is refused.
 *
 * @throws {ParseError} anything else: exponents, hex, blanks, separators, a leading zero or plus, not a string.
 *
 * @example
 * Fixed.parse('-12.5')
 * // => -12500000000000000000n
 */
export function parse(text: string): Fixed {
  const parts = typeof text === 'string' ? /^(-?)(0|[1-9]\d{0,58})(?:\.(\d{1,18}))?$/.exec(text) : null
  if (!parts || parts[0].length !== text.length) throw new ParseError(text)
  const [, sign, whole = '0', fraction = ''] = parts
  const value = BigInt(whole) * one + BigInt(fraction.padEnd(18, '0'))
  if (sign === '') return value
  if (value === 0n) throw new ParseError(text)
  return -value
}

/**
 * A `Fixed` for a person, with `decimals` digits after the point.
 *
 * Rounding: cut towards 0. For reading only: what is read back from it is not the figure.
 *
 * @param options.decimals - 0 to 18.
 * @throws {DecimalsError} decimals is not an integer of 0 to 18.
 *
 * @example
 * Fixed.format(1234567890000000000000n, { decimals: 2 })
 * // => '1234.56'
 */
export function format(value: Fixed, options: format.Options): string {
  const { decimals } = options
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > 18) throw new DecimalsError(decimals)
  const cut = value / 10n ** BigInt(18 - decimals)
  const digits = (cut < 0n ? -cut : cut).toString().padStart(decimals + 1, '0')
  const point = digits.length - decimals
  const sign = cut < 0n ? '-' : ''
  return decimals === 0 ? sign + digits : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
}

export declare namespace format {
  type Options = { readonly decimals: number }
  type ErrorType = DecimalsError
}

/** The smaller of two. */
export function min(a: bigint, b: bigint): bigint {
  if (a < b) return a
  return b
}

/** The greater of two. */
export function max(a: bigint, b: bigint): bigint {
  if (a > b) return a
  return b
}

/**
 * `√value` of an integer, as an integer.
 *
 * Source: Newton's iteration from above, which falls strictly until it reaches the floor.
 *
 * @param value - an integer ≥ 0, not a `Fixed`: for `√x` of a `Fixed` x take `sqrt(x · one)`.
 * @throws {NegativeRootError} the value is negative.
 *
 * @example
 * Fixed.sqrt(17n, 'down')
 * // => 4n
 * Fixed.sqrt(17n, 'up')
 * // => 5n
 */
export function sqrt(value: bigint, rounding: Rounding): bigint {
  if (value < 0n) throw new NegativeRootError(value)
  if (value < 2n) return value
  // A float gives 53 bits of the root at once; adding its error keeps the start above the root.
  const estimate = Math.sqrt(Number(value))
  let root = Number.isFinite(estimate) ? BigInt(Math.ceil(estimate * (1 + 2 ** -50))) : value
  for (;;) {
    const next = (root + value / root) >> 1n
    if (next >= root) break
    root = next
  }
  return rounding === 'up' && root * root < value ? root + 1n : root
}

/** Thrown when a divisor is 0. */
export class DivisionByZeroError extends BaseError {
  override readonly name = 'Fixed.DivisionByZeroError'
  constructor() {
    super({ code: 'DIVISION_BY_ZERO', message: 'A figure was divided by 0.', hint: 'Handle the empty case before dividing.' })
  }
}

/** Thrown when a rate is not a safe integer. */
export class NotAnIntegerError extends BaseError {
  override readonly name = 'Fixed.NotAnIntegerError'
  readonly value: unknown
  constructor(value: unknown) {
    super({
      code: 'NOT_AN_INTEGER',
      message: `A rate is an integer of ppm, and ${String(value)} is not.`,
      hint: 'Round it against the user first.',
    })
    this.value = value
  }
}

/** Thrown when a text is not a decimal of at most 59 digits before and 18 after the point. */
export class ParseError extends BaseError {
  override readonly name = 'Fixed.ParseError'
  readonly value: unknown
  constructor(value: unknown) {
    const shown = typeof value === 'string' ? `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'` : `a ${typeof value}`
    super({
      code: 'NOT_A_DECIMAL',
      message: `An amount is a plain decimal, and ${shown} is not.`,
      hint: "Write it like '1250.75': at most 59 digits before the point and 18 after it, no exponent, no separators.",
    })
    this.value = value
  }
}

/** Thrown when a number of decimals is not an integer of 0 to 18. */
export class DecimalsError extends BaseError {
  override readonly name = 'Fixed.DecimalsError'
  readonly decimals: number
  constructor(decimals: number) {
    super({ code: 'BAD_DECIMALS', message: `${decimals} is no number of decimals.`, hint: 'Ask for 0 to 18 decimals.' })
    this.decimals = decimals
  }
}

/** Thrown when the root of a negative number is asked for. */
export class NegativeRootError extends BaseError {
  override readonly name = 'Fixed.NegativeRootError'
  readonly value: bigint
  constructor(value: bigint) {
    super({ code: 'NEGATIVE_ROOT', message: 'A negative number has no square root.', hint: 'Clamp the figure at 0 first.' })
    this.value = value
  }
}
