/** Fixed-point numbers: `bigint`, 18 decimals, the rounding always an argument. */
import { BaseError } from './BaseError.ts'

/** A number × 1e18. */
export type Fixed = bigint

/** Towards +∞, towards −∞, towards 0, or to the nearest with halves away from 0; there is no default. */
export type Rounding = Directed | 'zero' | 'nearest'

/** The two that say whom they favour, whatever the sign. */
export type Directed = 'up' | 'down'

/** 1, as a `Fixed`. */
export const one = 1_000_000_000_000_000_000n

/** Parts in a whole: rates are integer ppm. */
export const ppm = 1_000_000n

/**
 * `a · b / d`, exact before the one rounding.
 *
 * Rounding: 'up' towards +∞, 'down' towards −∞, for negative figures too; 'zero' cuts; 'nearest' takes halves away from 0.
 * Source:  docs/method/rounding.md, eq. (1) to (4).
 *
 * @throws {DivisionByZeroError} d is 0.
 *
 * @example
 * Fixed.mulDiv(10n, 1n, 3n, 'up')
 * // => 4n
 * Fixed.mulDiv(-10n, 1n, 3n, 'up')
 * // => -3n
 * Fixed.mulDiv(-11n, 1n, 2n, 'nearest')
 * // => -6n
 */
export function mulDiv(a: bigint, b: bigint, d: bigint, rounding: Rounding): bigint {
  return ratio(a * b, d, rounding)
}

/**
 * `a / d`, exact before the one rounding.
 *
 * Rounding: as `mulDiv`.
 *
 * @throws {DivisionByZeroError} d is 0.
 *
 * @example
 * Fixed.ratio(-7n, 2n, 'zero')
 * // => -3n
 */
export function ratio(a: bigint, d: bigint, rounding: Rounding): bigint {
  if (d === 0n) throw new DivisionByZeroError()
  // No remainder need be known over a positive divisor, and it would cost as much again.
  if (d > 0n && rounding !== 'nearest') {
    if (a >= 0n) return rounding === 'up' ? (a + d - 1n) / d : a / d
    return rounding === 'down' ? (a - d + 1n) / d : a / d
  }
  const quotient = a / d
  if (rounding === 'zero') return quotient
  const remainder = a - quotient * d
  if (remainder === 0n) return quotient
  const positive = remainder > 0n === d > 0n
  if (rounding === 'up') return positive ? quotient + 1n : quotient
  if (rounding === 'down') return positive ? quotient : quotient - 1n
  if (2n * abs(remainder) < abs(d)) return quotient
  return positive ? quotient + 1n : quotient - 1n
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
  return mulDiv(amount, toPpm(rate), ppm, rounding)
}

/**
 * A rate as an integer to multiply by.
 *
 * Rounding: none; what is no integer is refused.
 *
 * @param rate - integer ppm.
 * @throws {NotAnIntegerError} the rate is not a safe integer.
 *
 * @example
 * Fixed.toPpm(250_000)
 * // => 250000n
 */
export function toPpm(rate: number): bigint {
  if (!Number.isSafeInteger(rate)) throw new NotAnIntegerError(rate)
  return BigInt(rate)
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

/**
 * Changes in whole units that add up to their sum in whole units: whoever adds up what is written gets what is written below.
 *
 * Formula: `⌊Σ up to i⌋ − ⌊Σ up to i − 1⌋`, in units.
 * Rounding: down, of each running sum; so that each change is less than a unit from what it was.
 *
 * @param unit - above 0.
 *
 * @example
 * Fixed.apportion([105n, -28n, -28n], 10n)
 * // => [100n, -30n, -30n]
 */
export function apportion(changes: readonly bigint[], unit: bigint): readonly bigint[] {
  let [total, before] = [0n, 0n]
  return changes.map((change) => {
    total += change
    const rounded = ratio(total, unit, 'down') * unit
    const difference = rounded - before
    before = rounded
    return difference
  })
}

/** The figure without its sign. */
export function abs(a: bigint): bigint {
  return a < 0n ? -a : a
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
 * The integer that a real figure rounds to, where a float near it can tell; else null, and integers must.
 *
 * Formula: with `|float − figure| ≤ 2⁻⁴⁸ · |float|`, no integer (for 'nearest', no half) lies between the two.
 * Source:  docs/method/rounding.md, eq. (5).
 *
 * @param float - of a figure ≥ 0, by at most sixteen roundings.
 *
 * @example
 * Fixed.told(2.25, 'up')
 * // => 3n
 * Fixed.told(2.0000000000000004, 'up')
 * // => null
 */
export function told(float: number, rounding: Rounding): bigint | null {
  // Up to 2^46 the margin is below a quarter; NaN and ∞ are not below it.
  if (!(float >= 0 && float < 70_368_744_177_664)) return null
  const shifted = rounding === 'nearest' ? float + 0.5 : float
  const below = Math.floor(shifted)
  const part = shifted - below
  const margin = (shifted + 1) * 2 ** -48
  if (part < margin || part > 1 - margin) return null
  return BigInt(rounding === 'up' ? below + 1 : below)
}

/** 2^52. */
const exactFloat = 4_503_599_627_370_496n

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
export function sqrt(value: bigint, rounding: Directed): bigint {
  if (value < 0n) throw new NegativeRootError(value)
  if (value < 2n) return value
  const estimate = Math.sqrt(Number(value))
  // Below 2^52 a float holds the value, and its root is right to the integer.
  if (value < exactFloat) return BigInt(rounding === 'up' ? Math.ceil(estimate) : Math.floor(estimate))
  // A float gives 53 bits of the root at once; adding its error keeps the start above the root.
  let root = Number.isFinite(estimate) ? BigInt(Math.ceil(estimate * (1 + 2 ** -50))) : value
  for (;;) {
    const next = (root + value / root) >> 1n
    if (next >= root) break
    root = next
  }
  return rounding === 'up' && root * root < value ? root + 1n : root
}

/**
 * `value^(1/degree)` of an integer, as an integer.
 *
 * Source: Newton's iteration from above, as `sqrt`.
 *
 * @param value - an integer ≥ 0.
 * @param degree - an integer ≥ 1.
 * @throws {NegativeRootError} the value is negative, or the degree below 1.
 *
 * @example
 * Fixed.root(33n, 5n, 'down')
 * // => 2n
 * Fixed.root(33n, 5n, 'up')
 * // => 3n
 */
export function root(value: bigint, degree: bigint, rounding: Directed): bigint {
  if (degree === 2n) return sqrt(value, rounding)
  if (value < 0n || degree < 1n) throw new NegativeRootError(value)
  if (value < 2n || degree === 1n) return value
  // 2^⌈bits/degree⌉ is above the root.
  let least = 1n << (BigInt(value.toString(2).length) / degree + 1n)
  for (;;) {
    const next = ((degree - 1n) * least + value / least ** (degree - 1n)) / degree
    if (next >= least) break
    least = next
  }
  return rounding === 'up' && least ** degree < value ? least + 1n : least
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
