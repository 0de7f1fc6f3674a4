/** Who the participants are: their accounts, what they carry, what was verified of them, and what was signed; listed anew where the ledger moved on. */
import { type Ending, Tie } from '@plimsoll/chain'
import { Caip10, Membership } from '@plimsoll/reputation'
import { type Book, type Database, Evidence, Participants } from '@plimsoll/store'
import type { Config } from '../config.ts'
import { underPolicy } from '../evidence.ts'
import type * as Standings from './standings.ts'

type Hex = `0x${string}`

export type Member = Standings.Member & {
  /** What its accounts signed to be one's, newest first. */
  readonly ties: readonly Tie.Tie[]
  /** What of it is over by their own word, newest first. */
  readonly endings: readonly Ending.Ending[]
}

/** How the other side of what was signed to part begins, where it stands among what was signed to be one. */
export const endOf = 'end:'

export type Members = {
  /** Lists whoever is new or changed in the ledger. */
  readonly list: (book: Pick<Book.Book, 'participants'>) => Promise<void>
  readonly all: () => ReadonlyMap<Hex, Member>
  /** Has one listed anew by the next; until then it is the member that it was: who signs in again and again is not out of sight for it. */
  readonly renew: (participantId: Hex) => void
}

/** Nobody yet. */
export function open({ config, database }: { readonly config: Pick<Config, 'evidence'>; readonly database: Database.Database }): Members {
  const members = new Map<Hex, Member>()
  /** The ledger version at which each was listed. */
  const versions = new Map<Hex, bigint>()
  const memberships = new Map<Hex, readonly Participants.Membership[]>()

  async function list({ participants }: Pick<Book.Book, 'participants'>): Promise<void> {
    const changed = [...participants].filter(([participantId, { version }]) => versions.get(participantId) !== version)
    if (changed.length === 0) return
    const ids = changed.map(([participantId]) => participantId)
    for (const [participantId, history] of await Participants.histories(database, ids)) memberships.set(participantId, history)
    const ties = await Participants.ties(database, ids)
    const evidence = Map.groupBy(await Evidence.all(database, ids), ({ participantId }) => participantId)
    const everybody = [...memberships].flatMap(([participantId, all]) => all.map((membership) => ({ ...membership, participantId })))
    const carried = Membership.carried(everybody)
    for (const [participantId, { version }] of changed) {
      versions.set(participantId, version)
      const signed = Map.groupBy(ties.get(participantId) ?? [], ({ other }) => (other.startsWith(endOf) ? 'end' : 'tie'))
      members.set(participantId, {
        accounts: (memberships.get(participantId) ?? []).flatMap(({ account, unlinkedAt }) =>
          unlinkedAt === null ? [Caip10.parse(account)] : [],
        ),
        carried: (carried.get(participantId) ?? []).map(({ account, until }) => ({ account: Caip10.parse(account), until })),
        evidence: (evidence.get(participantId) ?? []).map((piece) => underPolicy(piece, config.evidence)),
        ties: newest(signed.get('tie')),
        endings: newest(signed.get('end')),
      })
    }
  }

  return { list, all: () => members, renew: (participantId) => void versions.delete(participantId) }
}

/** As it was signed: no more than signers take. */
function newest(all: readonly Participants.Tie[] = []) {
  return all.slice(0, Tie.most).map(({ signed }) => JSON.parse(signed))
}
