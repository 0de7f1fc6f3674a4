/** What the limit books took, as this signer follows their logs by itself: whose each key is, and what its last certificate binds. */
import type { Deployment } from '@plimsoll/api'
import { Acceptances } from '@plimsoll/chain'
import { Fixed } from '@plimsoll/margin'
import { type Readers, readerOf } from './reads.ts'

type Hex = `0x${string}`
type Venue = { readonly chainId: number; readonly address: Hex }

export type Accepted = {
  /** Goes on reading every book. @returns whether all are read to their newest final block. @throws {Quorum.QuorumError} */
  readonly look: () => Promise<boolean>
  /** The last certificate that the venue's book took for the account, as far as it was read; null before the first. */
  readonly lastOf: (account: Hex, venue: Venue) => Acceptances.Acceptance | null
}

/** Nothing is known before the first look; a long history takes several. */
export function open({ deployment, readers }: open.Args): Accepted {
  const books = [...Map.groupBy(deployment.venues, ({ chainId, limitBook }) => `${chainId}:${limitBook}`).values()].flatMap((venues) => {
    const [first] = venues
    // No certificate was taken for a venue before there was one.
    const from = venues.reduce((least, { fromBlock }) => Fixed.min(fromBlock, least), first?.fromBlock ?? 0n)
    return first === undefined ? [] : [{ chainId: first.chainId, limitBook: first.limitBook, next: from }]
  })
  const last = new Map<string, Acceptances.Acceptance>()
  let running: Promise<boolean> | null = null

  async function read(book: (typeof books)[number]): Promise<boolean> {
    const { chainId, limitBook, next: from } = book
    const { accepted, next, complete } = await Acceptances.fetch({ reader: readerOf(readers, chainId), limitBook, from })
    for (const one of accepted) last.set(keyOf(one.account, { chainId, address: one.venue }), one)
    book.next = next
    return complete
  }

  return {
    look: () => {
      running ??= Promise.all(books.map(read))
        .then((complete) => complete.every(Boolean))
        .finally(() => {
          running = null
        })
      return running
    },
    lastOf: (account, venue) => last.get(keyOf(account, venue)) ?? null,
  }
}

export declare namespace open {
  type Args = { readonly deployment: Deployment.Deployment; readonly readers: Readers }
}

/** How a key is named: chain, venue, account. */
export function keyOf(account: Hex, { chainId, address }: Venue): string {
  return `${chainId}:${address}:${account}`
}
