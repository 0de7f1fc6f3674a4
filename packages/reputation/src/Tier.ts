/** How hard a participant is to abandon: the more it costs to become somebody new, the more a record is worth. */
export type Tier = 0 | 1 | 2 | 3

/**
 * The tier of a participant.
 *
 * Source: docs/method/reputation.md, eq. (7). T0 anonymous, T1 history on accounts whose control was proven, T2 a unique human, T3 legal recourse.
 *
 * @param evidence.provenAccounts - accounts whose control was proven by signature (sign-in or link).
 * @param evidence.events - events recorded on those accounts.
 * @param evidence.uniqueHuman - a nullifier of this scope was verified and is not burned by a default.
 * @param evidence.legalRecourse - a person or company that can be sued stands behind the participant.
 *
 * @example
 * Tier.of({ provenAccounts: 1, events: 12, uniqueHuman: false, legalRecourse: false })
 * // => 1
 */
export function of(evidence: of.Evidence): Tier {
  if (evidence.provenAccounts < 1) return 0
  if (evidence.legalRecourse) return 3
  if (evidence.uniqueHuman) return 2
  return evidence.events > 0 ? 1 : 0
}

export declare namespace of {
  type Evidence = {
    readonly provenAccounts: number
    readonly events: number
    readonly uniqueHuman: boolean
    readonly legalRecourse: boolean
  }
}
