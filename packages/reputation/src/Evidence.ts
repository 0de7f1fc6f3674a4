import * as Tier from './Tier.ts'

/** What a piece of evidence says of a participant. */
export type Claim = 'uniqueHuman' | 'legalRecourse'

/** One verified piece: a claim, unique by its nullifier within its scope. The document behind it stays with its owner. */
export type Evidence = {
  /** `scope` and `nullifier` together are its name. */
  readonly scope: string
  readonly nullifier: string
  readonly claim: Claim
  /** Unix seconds. It counts from `verifiedAt` on, and before `until`. */
  readonly verifiedAt: number
  readonly until: number
  /** When its word was taken back; null if it was not. */
  readonly revokedAt: number | null
  /** When its participant left a debt behind; null if none was. It is the person's, so it burns for every account it will ever have. */
  readonly burnedAt: number | null
}

export type Status = 'COUNTS' | 'COUNTED_ALREADY' | 'BURNED' | 'REVOKED' | 'EXPIRED' | 'NOT_YET'

/** What each piece does, and what they do together. */
export type Effect = {
  readonly uniqueHuman: boolean
  readonly legalRecourse: boolean
  /** When the first of the pieces that count ends; null where none counts. */
  readonly until: number | null
  /** One a piece, in the order of scope and nullifier. */
  readonly lines: readonly (Evidence & { readonly status: Status })[]
}

/**
 * What some evidence says at `now`: each claim once, however many pieces make it.
 *
 * Source: docs/method/evidence.md, eq. (2). A set: neither the order of the pieces nor a second copy of one changes anything. Of several that
 * make one claim the one that lasts longest counts.
 *
 * @param now - unix seconds.
 *
 * @example
 * const piece = { scope: 'margin', nullifier: '0x1', claim: 'uniqueHuman', verifiedAt: 10, until: 20, revokedAt: null, burnedAt: null } as const
 * const { uniqueHuman, lines } = Evidence.of([piece, piece], 15)
 * ;[uniqueHuman, lines.length, lines[0].status]
 * // => [true, 1, 'COUNTS']
 */
export function of(evidence: readonly Evidence[], now: number): Effect {
  const pieces = new Map<string, Evidence>()
  for (const piece of evidence) {
    const key = nameOf(piece)
    const known = pieces.get(key)
    pieces.set(key, known ? union(known, piece) : piece)
  }
  const sorted = [...pieces].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, piece]) => piece)
  const chosen = new Map<Claim, Evidence>()
  for (const piece of sorted) {
    const best = chosen.get(piece.claim)
    if (fault(piece, now) === null && (!best || piece.until > best.until)) chosen.set(piece.claim, piece)
  }
  const ends = [...chosen.values()].map(({ until }) => until)
  return {
    uniqueHuman: chosen.has('uniqueHuman'),
    legalRecourse: chosen.has('legalRecourse'),
    until: ends.length === 0 ? null : Math.min(...ends),
    lines: sorted.map((piece) => ({
      ...piece,
      status: fault(piece, now) ?? (chosen.get(piece.claim) === piece ? 'COUNTS' : 'COUNTED_ALREADY'),
    })),
  }
}

/**
 * What evidence does to a tier: the tier without it, the tier with it, and the effect that lies between.
 *
 * Source: docs/method/evidence.md, eq. (3). It raises and never lowers; without a proven account it does nothing.
 *
 * @param record - of the participant: accounts proven by signature, and events on them.
 *
 * @example
 * const piece = { scope: 'margin', nullifier: '0x1', claim: 'uniqueHuman', verifiedAt: 10, until: 20, revokedAt: null, burnedAt: null } as const
 * const { without, tier } = Evidence.explain([piece], { provenAccounts: 1, events: 3 }, 15)
 * ;[without, tier]
 * // => [1, 2]
 */
export function explain(evidence: readonly Evidence[], record: explain.Record, now: number): explain.Explanation {
  const effect = of(evidence, now)
  const { uniqueHuman, legalRecourse } = effect
  return {
    without: Tier.of({ ...record, uniqueHuman: false, legalRecourse: false }),
    tier: Tier.of({ ...record, uniqueHuman, legalRecourse }),
    effect,
  }
}

export declare namespace explain {
  type Record = { readonly provenAccounts: number; readonly events: number }
  type Explanation = { readonly without: Tier.Tier; readonly tier: Tier.Tier; readonly effect: Effect }
}

/** Two readings of one piece: what was verified last stands; what burned it once, did. */
function union(a: Evidence, b: Evidence): Evidence {
  const later = compare(a, b) >= 0 ? a : b
  const revokedAt = a.verifiedAt === b.verifiedAt ? earliest(a.revokedAt, b.revokedAt) : later.revokedAt
  return { ...later, revokedAt, burnedAt: earliest(a.burnedAt, b.burnedAt) }
}

function compare(a: Evidence, b: Evidence): number {
  if (a.verifiedAt !== b.verifiedAt) return a.verifiedAt - b.verifiedAt
  // Read at the same second: the one that gives less stands.
  if (a.until !== b.until) return b.until - a.until
  return a.claim === 'uniqueHuman' ? 1 : -1
}

function earliest(a: number | null, b: number | null): number | null {
  if (a === null) return b
  return b === null ? a : Math.min(a, b)
}

function fault(piece: Evidence, now: number): Status | null {
  if (piece.burnedAt !== null) return 'BURNED'
  if (piece.revokedAt !== null) return 'REVOKED'
  if (piece.verifiedAt > now) return 'NOT_YET'
  return piece.until <= now ? 'EXPIRED' : null
}

function nameOf(piece: Evidence): string {
  return `${piece.scope} ${piece.nullifier}`
}
