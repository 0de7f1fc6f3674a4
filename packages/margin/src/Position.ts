/** One open linear position. */
import * as Fixed from './Fixed.ts'
import type { Side } from './Inputs.ts'

export type Position = {
  readonly market: string
  readonly side: Side
  /** Base units × 1e18, ≥ 0. */
  readonly size: bigint
  /** USD per base unit × 1e18. */
  readonly entryPrice: bigint
}

/** What a venue says a base unit is worth. USD × 1e18. */
export type Price = { readonly index: bigint; readonly mark: bigint }

/**
 * Notional at the higher of mark and index.
 *
 * Formula: `N = size · max(mark, index)`.
 * Rounding: up; margin stands on it.
 *
 * @example
 * Position.notional({ market: 'ETH-PERP', side: 'long', size: 2n * Fixed.one, entryPrice: 0n }, { index: 3n, mark: 4n })
 * // => 8n
 */
export function notional(position: Position, price: Price): bigint {
  return Fixed.mul(position.size, Fixed.max(price.mark, price.index), 'up')
}

/**
 * Unrealised profit at the worse of mark and index; a loss is negative.
 *
 * Formula: `size · (price − entry)` for a long, `size · (entry − price)` for a short.
 * Rounding: down.
 *
 * @example
 * Position.profit({ market: 'ETH-PERP', side: 'short', size: Fixed.one, entryPrice: 10n }, { index: 12n, mark: 9n })
 * // => -2n
 */
export function profit({ side, size, entryPrice }: Position, price: Price): bigint {
  const change = side === 'long' ? Fixed.min(price.mark, price.index) - entryPrice : entryPrice - Fixed.max(price.mark, price.index)
  return Fixed.mul(size, change, 'down')
}
