/** The fund that takes what a liquidation leaves, and pays what it lacks. */
import * as Fixed from './Fixed.ts'

/**
 * What a filled liquidation moves into the fund: positive a fee, negative a loss that the fund covers.
 *
 * Formula: `min(filled − B, ⌊|filled| · f⌋)`.
 * Source:  docs/method/liquidation.md, eq. (3).
 * Rounding: the fee down, for the account.
 *
 * @param fill.filled - what the account received, negative when it paid. Money.
 * @param fill.bankruptcy - B, from `BankruptcyPrice.quote` for the size that was filled. Money.
 * @param fill.maxFeePpm - f, the greatest fee. Integer ppm of what was filled.
 *
 * @example
 * // A fee of at most 1 % of 200, from the 7 above the bankruptcy price; then the 4 that are missing below it.
 * InsuranceFund.change({ filled: 200n, bankruptcy: 193n, maxFeePpm: 10_000 })
 * // => 2n
 * InsuranceFund.change({ filled: 189n, bankruptcy: 193n, maxFeePpm: 10_000 })
 * // => -4n
 */
export function change({ filled, bankruptcy, maxFeePpm }: change.Fill): bigint {
  return Fixed.min(filled - bankruptcy, Fixed.ofPpm(Fixed.abs(filled), maxFeePpm, 'down'))
}

export declare namespace change {
  type Fill = { readonly filled: bigint; readonly bankruptcy: bigint; readonly maxFeePpm: number }
}
