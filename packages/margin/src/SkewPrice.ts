/** The price of a fill against a pool that charges for the skew it is left with. */
import * as Fixed from './Fixed.ts'

export type Order = {
  readonly price: bigint
  /** Of the market before, signed. */
  readonly skew: bigint
  /** Signed. */
  readonly size: bigint
  /** The skew at which the premium would be the whole price. */
  readonly scale: bigint
  readonly unit: bigint
}

/**
 * The fill price: the mean of the prices before and after.
 *
 * Formula: `(P(skew) + P(skew + size)) / 2`, `P(k) = price + price · k / scale`.
 * Source:  docs/method/linear-margin.md, eq. (19).
 * Rounding: cut after each division.
 *
 * @example
 * SkewPrice.of({ price: 1_000n, skew: 0n, size: 20n, scale: 1_000n, unit: 1_000n })
 * // => 1010n
 */
export function of({ price, skew, size, scale, unit }: Order): bigint {
  const at = (k: bigint) => price + Fixed.mulDiv(price, Fixed.mulDiv(k, unit, scale, 'zero'), unit, 'zero')
  return Fixed.ratio(at(skew) + at(skew + size), 2n, 'zero')
}
