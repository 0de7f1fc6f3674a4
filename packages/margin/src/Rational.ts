/** A quotient kept as two integers, so that nothing is rounded before somebody needs a figure. */
import * as Fixed from './Fixed.ts'

/** In lowest terms, the denominator above 0. */
export type Rational = { readonly numerator: bigint; readonly denominator: bigint }

/**
 * `numerator / denominator`, in lowest terms.
 *
 * Source: Euclid's algorithm.
 * Rounding: none.
 *
 * @throws {Fixed.DivisionByZeroError} the denominator is 0.
 *
 * @example
 * Rational.of(10n, -4n)
 * // => { numerator: -5n, denominator: 2n }
 */
export function of(numerator: bigint, denominator: bigint): Rational {
  if (denominator === 0n) throw new Fixed.DivisionByZeroError()
  let [divisor, rest] = [Fixed.abs(denominator), Fixed.abs(numerator)]
  while (rest !== 0n) [divisor, rest] = [rest, divisor % rest]
  if (denominator < 0n) divisor = -divisor
  return { numerator: numerator / divisor, denominator: denominator / divisor }
}

/**
 * The quotient as an integer.
 *
 * @example
 * Rational.round({ numerator: -5n, denominator: 2n }, 'up')
 * // => -2n
 */
export function round(of: Rational, rounding: Fixed.Rounding): bigint {
  return Fixed.ratio(of.numerator, of.denominator, rounding)
}
