/** Credit that is bound: to certificates, or to positions. */
import * as Fixed from './Fixed.ts'

/** What one key (participant, account, chain, venue) has outstanding. USD. */
export type Key = {
  readonly key: string
  /** `credit` of every certificate that is not provably dead; they count by their greatest, so that renewals fit. */
  readonly certificateCredits: readonly bigint[]
  /** Initial requirement of the open positions. */
  readonly requirement: bigint
  readonly unrealisedLoss: bigint
  readonly fees: bigint
}

export type Encumbrance = {
  readonly total: bigint
  readonly perKey: readonly { readonly key: string; readonly encumbrance: bigint }[]
}

/**
 * Credit in USD that is bound, per key and in all. Notional is never bound.
 *
 * Formula: `enc = max(greatest live certificate credit, initial requirement + unrealised loss + fees)`, summed over keys.
 * Source:  docs/method/limit.md, eq. (8).
 * Rounding: none; its terms are rounded up already.
 *
 * @example
 * Encumbrance.of([{ key: 'a', certificateCredits: [5n, 7n], requirement: 4n, unrealisedLoss: 2n, fees: 0n }])
 * // => { total: 7n, perKey: [{ key: 'a', encumbrance: 7n }] }
 */
export function of(keys: readonly Key[]): Encumbrance {
  const perKey = keys.map(({ key, certificateCredits, requirement, unrealisedLoss, fees }) => ({
    key,
    encumbrance: certificateCredits.reduce(Fixed.max, requirement + unrealisedLoss + fees),
  }))
  return { total: perKey.reduce((sum, { encumbrance }) => sum + encumbrance, 0n), perKey }
}
