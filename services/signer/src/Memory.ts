/** What this signer has signed and may still hold: nobody's collateral backs two participants, nor twice its credit; no credit is lowered for another's sake twice. */
import { Amount } from '@plimsoll/margin'
import * as Endings from './Endings.ts'

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

/** Credit at one key that may be lowered so far, by an order signed here. */
export type Lowered = {
  /** Chain, venue and account. */
  readonly key: string
  /** USD. */
  readonly credit: bigint
  /** No block after this time takes the order. Unix seconds. */
  readonly until: number
}

export type Memory = Endings.Endings & {
  /**
   * Why a certificate may not be signed beside those that still hold, or null.
   *
   * @param own - credit of the participant's lots as read here. USD.
   * @param now - unix seconds.
   */
  readonly against: (certified: Certified, at: { readonly own: bigint; readonly now: number }) => Conflict | null
  readonly keep: (certified: Certified) => void
  /** What a key may have been lowered to beyond what a block of that time shows; null where nothing is under way. USD. */
  readonly loweredTo: (key: string, at: { readonly blockTime: number }) => bigint | null
  readonly keepLowered: (lowered: Lowered) => void
  /** Accounts that were the participant's when something was last signed here that names them, within an hour. */
  readonly holdersOf: (participantId: Hex, now: number) => readonly Hex[]
  /** Whose the account was then; null where nothing is known. */
  readonly ownerOf: (holder: Hex, now: number) => Hex | null
  /** Why what is signed is not known to the next process, or cannot be signed; null where it lies on disk. */
  readonly flaw: () => { readonly code: string; readonly message: string; readonly hint: string } | null
}

const forgetful = {
  code: 'MEMORY_NONE',
  message: 'What is signed here lies in no file, and is forgotten at the next start.',
  hint: 'Set SIGNER_MEMORY to the path of a file.',
}

/** So long it is remembered whose an account was. Seconds. */
export const ownedSeconds = 3_600

export type Conflict = { readonly code: 'CREDIT_BOUND_TWICE' | 'HOLDER_OF_ANOTHER'; readonly message: string }

/** Nothing yet: what a signer that restarts knows comes from its journal, or it has none. */
export function open(sizes?: Endings.Sizes): Memory {
  let kept: Certified[] = []
  const lowered = new Map<string, readonly Lowered[]>()
  const owners = new Map<Hex, { readonly participantId: Hex; readonly until: number }>()
  return {
    ...Endings.open(sizes),
    flaw: () => forgetful,
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
        message: `Live certificates signed here bind ${Amount.exactly(others, 18)} USD elsewhere, and ${Amount.exactly(own, 18)} USD is all there is.`,
      }
    },
    keep: (certified) => {
      kept.push(certified)
      const { participantId, holders, expiresAt } = certified
      for (const holder of holders) owners.set(holder, { participantId, until: expiresAt + ownedSeconds })
    },
    loweredTo: (key, { blockTime }) => {
      const live = (lowered.get(key) ?? []).filter(({ until }) => until >= blockTime)
      if (live.length === 0) lowered.delete(key)
      else lowered.set(key, live)
      return live.reduce<bigint | null>((least, { credit }) => (least === null || credit < least ? credit : least), null)
    },
    keepLowered: (one) => {
      // What is neither lower nor lives longer says nothing more.
      const others = (lowered.get(one.key) ?? []).filter(({ credit, until }) => credit < one.credit || until > one.until)
      lowered.set(one.key, [...others, one])
    },
    holdersOf: (participantId, now) => {
      for (const [holder, { until }] of owners) if (until <= now) owners.delete(holder)
      return [...owners].flatMap(([holder, owner]) => (owner.participantId === participantId ? [holder] : []))
    },
    ownerOf: (holder, now) => {
      const owner = owners.get(holder)
      return owner !== undefined && owner.until > now ? owner.participantId : null
    },
  }
}
