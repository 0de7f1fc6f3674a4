/** What somebody says of somebody, as it was read; where it stood is `origin`. */
export type Attestation = {
  readonly origin: 'stored' | 'signed' | 'batched'
  readonly chainId: number
  /** The registry it speaks to. Lower-case. */
  readonly registry: string
  readonly uid: string
  readonly schema: string
  /** Who says it: the registry's word for a stored one, for the others whom the signature recovers to; null for nobody. Lower-case. */
  readonly attester: string | null
  /** Lower-case. */
  readonly recipient: string
  /** Unix seconds; `expiresAt` null for one that does not expire, `revokedAt` null for one that is not revoked. */
  readonly issuedAt: number
  readonly expiresAt: number | null
  readonly revokedAt: number | null
  /** For a batched one, when a chain saw the root it is proven under; null for none. */
  readonly anchoredAt: number | null
}

/** Whose word counts, and for what. */
export type Trust = {
  readonly chainId: number
  readonly registry: string
  readonly schema: string
  readonly attesters: readonly string[]
  /** Accounts of the participant it must be about: addresses, lower-case. */
  readonly recipients: readonly string[]
  /** One issued longer ago does not count, whatever it says of its own end. */
  readonly maxAgeSeconds: number
}

export type Verdict =
  | {
      readonly status: 'accepted'
      /** Until when it counts unless it is revoked: the sooner of its own end and our longest age. */
      readonly until: number
    }
  | { readonly status: 'refused'; readonly code: Code }

export type Code =
  | 'WRONG_CHAIN'
  | 'WRONG_REGISTRY'
  | 'WRONG_SCHEMA'
  | 'UNSIGNED'
  | 'UNTRUSTED_ATTESTER'
  | 'WRONG_RECIPIENT'
  | 'NOT_ANCHORED'
  | 'INVALID_TIMES'
  | 'FROM_THE_FUTURE'
  | 'REVOKED'
  | 'EXPIRED'
  | 'TOO_OLD'

/** How far the attester's clock may run ahead of ours. */
export const skewSeconds = 60

/**
 * Whether an attestation counts now.
 *
 * Formula: `issuedAt ≤ now + skew` and `now < min(expiresAt, issuedAt + maxAge)` and not revoked, said by one we trust, under our schema, of one
 * of these recipients, in this registry on this chain; a batched one also under a root that a chain had seen.
 * Source: docs/method/evidence.md, eq. (1).
 *
 * A registry's own `isAttestationValid` says no more than that it exists: it stays true after revocation and expiry.
 *
 * @param now - unix seconds.
 *
 * @example
 * const said = { origin: 'stored', chainId: 1, registry: '0xa', uid: '0x1', schema: '0x5', attester: '0xb', recipient: '0xc', issuedAt: 100, expiresAt: null, revokedAt: null, anchoredAt: null } as const
 * const trust = { chainId: 1, registry: '0xa', schema: '0x5', attesters: ['0xb'], recipients: ['0xc'], maxAgeSeconds: 50 }
 * Attestation.assess(said, trust, 149)
 * // => { status: 'accepted', until: 150 }
 * Attestation.assess({ ...said, revokedAt: 120 }, trust, 149)
 * // => { status: 'refused', code: 'REVOKED' }
 */
export function assess(attestation: Attestation, trust: Trust, now: number): Verdict {
  const refused = (code: Code): Verdict => ({ status: 'refused', code })
  const { issuedAt, expiresAt, revokedAt, anchoredAt } = attestation

  if (attestation.chainId !== trust.chainId) return refused('WRONG_CHAIN')
  if (attestation.registry !== trust.registry) return refused('WRONG_REGISTRY')
  if (attestation.schema !== trust.schema) return refused('WRONG_SCHEMA')
  if (attestation.attester === null) return refused('UNSIGNED')
  if (!trust.attesters.includes(attestation.attester)) return refused('UNTRUSTED_ATTESTER')
  if (!trust.recipients.includes(attestation.recipient)) return refused('WRONG_RECIPIENT')
  if (attestation.origin === 'batched' && anchoredAt === null) return refused('NOT_ANCHORED')
  if (!isTime(issuedAt) || (expiresAt !== null && (!isTime(expiresAt) || expiresAt <= issuedAt))) return refused('INVALID_TIMES')
  if (issuedAt > now + skewSeconds || (anchoredAt !== null && anchoredAt > now + skewSeconds)) return refused('FROM_THE_FUTURE')
  // A revocation of whatever time is one: nobody's clock brings a word back that was taken back.
  if (revokedAt !== null) return refused('REVOKED')
  if (expiresAt !== null && expiresAt <= now) return refused('EXPIRED')
  const oldest = issuedAt + trust.maxAgeSeconds
  if (oldest <= now) return refused('TOO_OLD')
  return { status: 'accepted', until: expiresAt === null ? oldest : Math.min(expiresAt, oldest) }
}

function isTime(seconds: number): boolean {
  return Number.isSafeInteger(seconds) && seconds > 0
}
