/** What this signer has signed and may still hold: nobody's collateral backs two participants, nor twice its credit. */

type Hex = `0x${string}`

export type Certified = {
  readonly participantId: Hex
  /** Account and venue: certificates there share one credit, the greatest of them. */
  readonly key: string
  /** USD. */
  readonly credit: bigint
  /** Unix seconds. */
  readonly expiresAt: number
  /** Whose lots were counted. */
  readonly holders: readonly Hex[]
}

export type Memory = {
  /**
   * Why a certificate may not be signed beside those that still hold, or null.
   *
   * @param own - credit of the participant's lots as read here. USD.
   * @param now - unix seconds.
   */
  readonly against: (certified: Certified, at: { readonly own: bigint; readonly now: number }) => Conflict | null
  readonly keep: (certified: Certified) => void
}

export type Conflict = { readonly code: 'CREDIT_BOUND_TWICE' | 'HOLDER_OF_ANOTHER'; readonly message: string }

/** Nothing yet. A signer that restarts waits out one certificate's life before it knows everything it signed; the books' own rules hold meanwhile. */
export function open(): Memory {
  let kept: Certified[] = []
  return {
    against: (certified, { own, now }) => {
      kept = kept.filter(({ expiresAt }) => expiresAt > now)
      const { participantId, key, credit, holders } = certified
      const foreign = kept.find((it) => it.participantId !== participantId && it.holders.some((holder) => holders.includes(holder)))
      if (foreign)
        return {
          code: 'HOLDER_OF_ANOTHER',
          message: `Its collateral backs a live certificate of participant ${foreign.participantId}.`,
        }

      const bound = new Map<string, bigint>()
      for (const it of kept) if (it.participantId === participantId && it.credit > (bound.get(it.key) ?? 0n)) bound.set(it.key, it.credit)
      const held = bound.get(key) ?? 0n
      // A renewal and a cut bind no more than is bound already.
      if (credit <= held) return null
      const others = [...bound].reduce((sum, [id, value]) => (id === key ? sum : sum + value), 0n)
      if (others + credit <= own) return null
      return {
        code: 'CREDIT_BOUND_TWICE',
        message: `Live certificates signed here bind ${others} elsewhere, and ${own} is all there is.`,
      }
    },
    keep: (certified) => void kept.push(certified),
  }
}
