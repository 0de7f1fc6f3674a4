/**
 * Derive's liquidation auctions.
 *
 * Source:  Derive, liquidations, docs.derive.xyz; docs/method/portfolio-margin.md, eq. (24) to (27).
 * Rounding: the contract truncates products to 18 decimals; this is float64 and rounds nothing, within 1e-6 of it.
 */
import type * as Auction from '../../Auction.ts'

/** What a bidder pays of the mark-to-market value: from 98 % to 80 % in the first 100 s, then to nothing in 4 hours. */
export const schedule: Auction.Schedule = { start: 0.98, middle: 0.8, fastSeconds: 100, slowSeconds: 14_400 }
