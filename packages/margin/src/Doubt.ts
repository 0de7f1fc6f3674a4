/** What is there and in doubt: the most that it may be worth, so that a grain of it keeps nobody from being called, and a sack of it does. */
import type { Lot } from './Inputs.ts'
import * as Lowering from './Lowering.ts'

/** The highest price that was told of since one was last lent on, and when that one was published. USD per whole token; unix seconds. */
export type Claimed = { readonly price: bigint; readonly at: number }

/** What a price may come to within a day: as far as a tick may jump without being held back. */
const times = 5n
/** Each further day that nothing is known adds as much again. */
const daySeconds = 86_400

/**
 * The most that a token may be worth whose price is out.
 *
 * Formula: `p⁺ = 5 · p · (1 + ⌊max(0, asOf − at) / 86,400⌋)`.
 * Source:  docs/method/limit.md, eq. (17).
 * Rounding: none.
 *
 * @param asOf - unix seconds.
 * @returns USD per whole token.
 *
 * @example
 * Doubt.price({ price: 3_000n, at: 0 }, 86_399)
 * // => 15000n
 */
export function price({ price, at }: Claimed, asOf: number): bigint {
  return times * price * BigInt(1 + Math.max(0, Math.floor((asOf - at) / daySeconds)))
}

/**
 * The most that lots in doubt may count for.
 *
 * Formula: `Σ ⌈p⁺ · (a⁺ − pendingOut) · Π(1 − h)⌉`, with p⁺ the lot's price and a⁺ its amount.
 * Source:  docs/method/limit.md, eq. (18).
 * Rounding: up, once a lot: nobody is called over what rounding leaves out.
 *
 * @param lots - with the largest amounts that are claimed and the greatest prices that may be, configured haircuts.
 * @returns USD.
 *
 * @example
 * Doubt.worth([])
 * // => 0n
 */
export function worth(lots: readonly Lot[]): bigint {
  return Lowering.least({ own: lots, elsewhere: 0n })
}
