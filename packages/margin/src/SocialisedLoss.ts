/** A loss that nobody is left to pay, shared by those who are still there. */
import * as Fixed from './Fixed.ts'

export type Outcome =
  | { readonly status: 'shared'; readonly change: bigint }
  /** Nobody is there to share it. */
  | { readonly status: 'unshared'; readonly loss: bigint }

/**
 * A loss of a market, as a change of its funding index that both sides pay alike, by size.
 *
 * Formula: `⌈loss · unit / (long + short)⌉ · scale`.
 * Source:  docs/method/reductions.md, eq. (8).
 * Rounding: as asked, before `scale`: up leaves nothing of the loss behind.
 *
 * @param market.loss - ≥ 0. In money.
 * @param market.long - open interest of the longs, native units, ≥ 0; `short` likewise.
 * @param market.scale - how much finer than money the index is.
 *
 * @example
 * SocialisedLoss.toFunding({ loss: 100n, long: 7n, short: 2n, unit: 1n, scale: 10n }, 'up')
 * // => { status: 'shared', change: 120n }
 */
export function toFunding({ loss, long, short, unit, scale }: toFunding.Market, rounding: Fixed.Rounding): Outcome {
  const open = long + short
  if (open === 0n) return { status: 'unshared', loss }
  return { status: 'shared', change: Fixed.mulDiv(loss, unit, open, rounding) * scale }
}

export declare namespace toFunding {
  type Market = {
    readonly loss: bigint
    readonly long: bigint
    readonly short: bigint
    readonly unit: bigint
    readonly scale: bigint
  }
}

/**
 * A debt that nobody repays, as what the index of deposits loses.
 *
 * Formula: `index · loss / deposits`.
 * Source:  docs/method/reductions.md, eq. (9).
 * Rounding: as asked: up leaves nothing of the loss behind.
 *
 * @param pool.loss - native units, ≥ 0; `deposits` likewise, all of them.
 * @returns to be taken from the index, in its own unit.
 *
 * @example
 * SocialisedLoss.toIndex({ loss: 10n, deposits: 300n, index: 1_000n }, 'up')
 * // => { status: 'shared', change: 34n }
 */
export function toIndex({ loss, deposits, index }: toIndex.Pool, rounding: Fixed.Rounding): Outcome {
  if (deposits === 0n) return { status: 'unshared', loss }
  return { status: 'shared', change: Fixed.mulDiv(index, loss, deposits, rounding) }
}

export declare namespace toIndex {
  type Pool = { readonly loss: bigint; readonly deposits: bigint; readonly index: bigint }
}
