/** Funding of perpetual positions: what an index has moved, and how far a rate may go. */
import * as Fixed from './Fixed.ts'

/**
 * What a position is owed since its last settlement, before it is divided.
 *
 * Formula: `−(index − from) · size`. Sum it over an account, then round once, down.
 * Source:  docs/method/linear-margin.md, eq. (20).
 * Rounding: none.
 *
 * @param of.index - cumulative funding of the market now, in parts of `unit` of money per native unit.
 * @param of.from - the index the position was settled at.
 * @param of.size - signed, native units.
 *
 * @example
 * Funding.owed({ index: 15n, from: 10n, size: 3n })
 * // => -15n
 */
export function owed({ index, from, size }: owed.Of): bigint {
  return -(index - from) * size
}

export declare namespace owed {
  type Of = { readonly index: bigint; readonly from: bigint; readonly size: bigint }
}

/**
 * The greatest funding rate of a market: a multiple of what lies between its initial and its maintenance margin.
 *
 * Formula: `factor · (initial − maintenance)`.
 * Source:  docs/method/linear-margin.md, eq. (21).
 * Rounding: down.
 *
 * @param of - all in parts of `unit`.
 *
 * @example
 * Funding.clamp({ factor: 6_000_000n, initial: 150_000n, maintenance: 120_000n, unit: 1_000_000n })
 * // => 180000n
 */
export function clamp({ factor, initial, maintenance, unit }: clamp.Of): bigint {
  return Fixed.mulDiv(factor, initial - maintenance, unit, 'down')
}

export declare namespace clamp {
  type Of = { readonly factor: bigint; readonly initial: bigint; readonly maintenance: bigint; readonly unit: bigint }
}
