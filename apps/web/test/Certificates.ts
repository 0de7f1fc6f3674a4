/** The certificates that the edge has issued, and what they bind, as a ledger has it. In memory. */
import type { Services, Snapshot } from '@plimsoll/api'
import type { Hex } from 'viem'

type At = { readonly participantId: Hex; readonly venue: Pick<Snapshot.Venue, 'id' | 'address'> }
type Key = At & { readonly symbol: string }

export type Certificates = {
  readonly keep: (key: Key, signed: Services.Signed) => void
  readonly latest: (key: Key) => Services.Signed | null
  readonly anybodys: (key: Omit<Key, 'participantId'>) => Services.Signed | null
  /** Credit of one participant, over all venues. USD. */
  readonly bound: (participantId: Hex) => bigint
  /** What a limit in one market is computed on. */
  readonly ledger: (key: Key & { readonly there: Partial<Snapshot.LedgerState['ledger']> }) => Snapshot.LedgerState
}

const usd = (dollars: number): bigint => BigInt(dollars) * 10n ** 18n

/** What everybody carries, and may. */
export const everybody = { openInterest: { long: usd(4_200_000), short: usd(3_100_000) }, headroom: { long: 0n, short: 0n } }

export function open(): Certificates {
  const all = new Map<string, { readonly key: Key; readonly signed: Services.Signed }>()
  const nameOf = ({ participantId, venue, symbol }: Key) => `${participantId} ${venue.id} ${symbol}`
  /** One figure at a venue, shared by its markets: the greatest. */
  const credits = (participantId: Hex): ReadonlyMap<string, bigint> => {
    const found = new Map<string, bigint>()
    for (const { key, signed } of all.values()) {
      const { credit } = signed.certificate
      if (key.participantId === participantId && credit > (found.get(key.venue.id) ?? 0n)) found.set(key.venue.id, credit)
    }
    return found
  }
  const bound = (participantId: Hex) => [...credits(participantId).values()].reduce((sum, credit) => sum + credit, 0n)
  return {
    keep: (key, signed) => void all.set(nameOf(key), { key, signed }),
    latest: (key) => all.get(nameOf(key))?.signed ?? null,
    anybodys: ({ venue, symbol }) =>
      [...all.values()].find(({ key }) => key.venue.id === venue.id && key.symbol === symbol)?.signed ?? null,
    bound,
    ledger: ({ participantId, venue, symbol, there }) => {
      const own = credits(participantId).get(venue.id) ?? 0n
      const { position = flat, ...rest } = venue.address.endsWith('c1') ? there : {}
      return {
        ...everybody,
        ledger: {
          ...{ version: 1n, otherEncumbrance: bound(participantId) - own, certificateCredit: own, otherRequirement: 0n },
          ...{ venueCollateral: 0n, unrealisedLoss: 0n, fees: 0n, ...rest },
          position: symbol === 'ETH-PERP' ? position : flat,
        },
        ownHeadroom: { long: 0n, short: 0n },
        damper: null,
        marginCall: false,
        beside: [],
      }
    },
  }
}

const flat = { side: 'flat', notional: 0n } as const
