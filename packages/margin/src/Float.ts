/** From float64 to money: one unit against the user, after what the float may be wrong by. */
import { BaseError } from './BaseError.ts'
import * as Fixed from './Fixed.ts'

/**
 * An amount of USD in float64 as fixed point.
 *
 * Formula: `⌊value·1e18⌋ − ⌈error·1e18⌉ − 1` down, `⌈value·1e18⌉ + ⌈error·1e18⌉ + 1` up; both floats taken exactly.
 * Source:  docs/method/portfolio-margin.md, eq. (23).
 * Rounding: as asked, one unit beyond: down for what a user has left, up for what a user needs.
 *
 * @param value - USD.
 * @param options.error - what the value may be wrong by, ≥ 0. USD.
 * @returns USD × 1e18.
 * @throws {NotFiniteError} the value or the error is no finite number, or the error is negative.
 *
 * @example
 * Float.toFixed(0.5, { error: 0, rounding: 'down' })
 * // => 499999999999999999n
 * Float.toFixed(-0.5, { error: 0.25, rounding: 'up' })
 * // => -249999999999999999n
 */
export function toFixed(value: number, options: toFixed.Options): Fixed.Fixed {
  const { error, rounding } = options
  if (!Number.isFinite(value)) throw new NotFiniteError(value)
  if (!Number.isFinite(error) || error < 0) throw new NotFiniteError(error)
  if (rounding === 'up') return -toFixed(-value, { error, rounding: 'down' })
  return down(value) + down(-error) - 1n
}

export declare namespace toFixed {
  type Options = { readonly error: number; readonly rounding: Fixed.Rounding }
  type ErrorType = NotFiniteError
}

/** `⌊value·1e18⌋`: a float is an integer over a power of two. */
function down(value: number): bigint {
  let whole = value
  let halvings = 0n
  while (!Number.isInteger(whole)) {
    whole *= 2
    halvings++
  }
  return (BigInt(whole) * Fixed.one) >> halvings
}

/** Thrown when an amount is infinite or no number, or an error is negative. */
export class NotFiniteError extends BaseError {
  override readonly name = 'Float.NotFiniteError'
  readonly value: number
  constructor(value: number) {
    super({
      code: 'NOT_FINITE',
      message: `${value} is neither an amount of USD nor what one may be wrong by.`,
      hint: 'Pass finite numbers, and an error of at least 0.',
    })
    this.value = value
  }
}
