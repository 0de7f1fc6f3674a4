/** Where a desk's profit comes from: what it was paid to trade, what its holdings did, what it paid in fees. */
import { Fixed } from '@plimsoll/margin'

/** One trade, in the order in which they were made. */
export type Fill = {
  /** Signed. Base units × 1e18. */
  readonly size: bigint
  /** The market's own price at that moment. USD × 1e18. */
  readonly mark: bigint
  /** What the trade brought beside the position: a discount paid to the desk; negative for a profit that paid somebody's loss. USD × 1e18. */
  readonly spread: bigint
  /** USD × 1e18. */
  readonly fee: bigint
}

export type Attribution = {
  readonly spread: bigint
  readonly inventory: bigint
  readonly fees: bigint
  /** spread + inventory − fees. */
  readonly total: bigint
  /** What is held at the end. Base units × 1e18. */
  readonly size: bigint
}

/**
 * Profit by its source, at the price now.
 *
 * Formula: `Σ spread`, `Σ q_k·(P_{k+1} − P_k)` with q_k held after trade k and the last P the price now, `Σ fee`.
 * Source:  docs/method/backstop.md, eq. (7).
 * Rounding: of each move of the inventory down.
 *
 * @param price - now. USD × 1e18.
 *
 * @example
 * const e = 10n ** 18n
 * Attribution.of([{ size: 2n * e, mark: 100n * e, spread: 8n * e, fee: 1n * e }], 99n * e).total / e
 * // => 5n
 */
export function of(fills: readonly Fill[], price: bigint): Attribution {
  let [size, inventory, spread, fees] = [0n, 0n, 0n, 0n]
  let last = fills[0]?.mark ?? price
  for (const fill of fills) {
    inventory += Fixed.mulDiv(size, fill.mark - last, Fixed.one, 'down')
    size += fill.size
    spread += fill.spread
    fees += fill.fee
    last = fill.mark
  }
  inventory += Fixed.mulDiv(size, price - last, Fixed.one, 'down')
  return { spread, inventory, fees, total: spread + inventory - fees, size }
}
