/** What a vault owes of a token to everybody, and what it holds of it. */
import { Fixed } from '@plimsoll/margin'

/** Native units. */
export type Stock = {
  readonly owed: bigint
  /** Null where the token does not say. */
  readonly held: bigint | null
}

/** Of what is owed, so much may be missing that is rounding of the token's own. */
const roundingParts = 1_000_000n

/**
 * What the vault would pay of an amount written down: all of it, or its share of what is there. Rounded down, as the vault does.
 */
export function payable(amount: bigint, { owed, held }: Stock): bigint {
  return held === null || held >= owed ? amount : Fixed.mulDiv(amount, held, owed, 'down')
}

/**
 * The most that can be written down where `payable` is what is told: the vault does not say it beside the share.
 *
 * Formula: `⌈(payable + 1) · owed / held⌉ − 1`, since `payable = ⌊amount · held / owed⌋`.
 */
export function written(payable: bigint, { owed, held }: Stock): bigint {
  return held === null || held >= owed || held === 0n ? payable : Fixed.mulDiv(payable + 1n, owed, held, 'up') - 1n
}

/** Whether more is missing than the token's own rounding. */
export function isShort({ owed, held }: Stock): boolean {
  return held !== null && owed - held > owed / roundingParts
}
