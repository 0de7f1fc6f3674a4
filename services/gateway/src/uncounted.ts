/** Whom signers do not count, as far as they said so not long ago: so that who asks again is told at once, and not asked for twice. */
import { Signer } from '@plimsoll/chain'

type Hex = `0x${string}`

export type Uncounted = {
  /** Of a participant, each holder and chain once. */
  readonly of: (participantId: Hex) => readonly Signer.Uncounted[]
  /** Keeps what signers said who signed nothing, if that is why. */
  readonly note: (participantId: Hex, error: unknown) => void
  /** What was signed may have changed: signers are asked again. */
  readonly forget: (participantId: Hex) => void
}

/** Who signed nothing that holds is untied until he signs; a chain that could not be asked may be back soon. Milliseconds. */
const keptMs = { HOLDER_UNTIED: 600_000, HOLDER_UNREAD: 30_000 } as const
/** So many participants are kept; beyond, those noted longest ago are asked for again. */
const most = 10_000

/** Nobody yet. @param nowMs - unix milliseconds. */
export function open(nowMs: () => number): Uncounted {
  const known = new Map<Hex, readonly (Signer.Uncounted & { readonly until: number })[]>()

  const living = (participantId: Hex) => (known.get(participantId) ?? []).filter(({ until }) => until > nowMs())

  return {
    of: (participantId) => living(participantId).map(({ until: _, ...one }) => one),
    note: (participantId, error) => {
      const told = error instanceof Signer.DisagreeError || error instanceof Signer.UnavailableError ? error.uncounted : []
      if (told.length === 0) return
      const isTold = (one: Signer.Uncounted) => told.some(({ holder, chainId }) => holder === one.holder && chainId === one.chainId)
      const others = living(participantId).filter((one) => !isTold(one))
      known.delete(participantId)
      known.set(participantId, [...others, ...told.map((one) => ({ ...one, until: nowMs() + keptMs[one.code] }))])
      const [oldest] = known.keys()
      if (oldest !== undefined && known.size > most) known.delete(oldest)
    },
    forget: (participantId) => void known.delete(participantId),
  }
}
