/**
 * Everybody with a position at a venue, kept in step with its events: a look costs what was touched since the last one.
 *
 * Logs only say whom to read again, so that a log too many costs a read, and a source that hides one is outvoted by any that does not. A block
 * that was replaced, a gap, or a count that does not fit, and everything is read anew.
 */
import { type Hex, type Quorum, Venue } from '@plimsoll/chain'

type Address = Hex.Hex

export type Look = {
  readonly pinned: Quorum.Pinned
  readonly markets: readonly Venue.Market[]
  /** By address; each has a position. */
  readonly accounts: ReadonlyMap<Address, Venue.Account>
  /** How many accounts were read for it. */
  readonly read: number
}

export type Stream = {
  readonly look: (pinned: Quorum.Pinned) => Promise<Look>
  /** The accounts as they stand at the block, each from k sources. */
  readonly at: (pinned: Quorum.Pinned, accounts: readonly Address[]) => Promise<readonly Venue.Account[]>
}

/** Between two readings of everybody, whatever events say. */
const wholeMs = 60_000
/** A longer gap is read anew. */
const mostBlocks = 1_000n

/**
 * The stream of one venue.
 *
 * @param args.contracts - whose logs can change an account there: the venue, its limit book.
 */
export function open(args: open.Args): Stream {
  const { reader, venue, contracts, nowMs } = args
  const { chainId } = reader.config
  let last: { readonly pinned: Quorum.Pinned; readonly markets: readonly Venue.Market[] } | null = null
  let wholeAt = Number.NEGATIVE_INFINITY
  const accounts = new Map<Address, Venue.Account>()

  async function look(pinned: Quorum.Pinned): Promise<Look> {
    if (last?.pinned.block.hash === pinned.block.hash) return { pinned, markets: last.markets, accounts, read: 0 }
    const touched = last === null || nowMs() - wholeAt > wholeMs ? null : await since(last.pinned, pinned)
    const fresh = touched === null ? await whole(pinned) : await some(pinned, touched)
    last = { pinned, markets: fresh.markets }
    return { pinned, markets: fresh.markets, accounts, read: fresh.read }
  }

  /** Whom logs name since a block; null where the one does not lead to the other. */
  async function since(before: Quorum.Pinned, pinned: Quorum.Pinned): Promise<readonly Address[] | null> {
    const gap = pinned.block.number - before.block.number
    if (gap <= 0n || gap > mostBlocks) return null
    const header = gap === 1n ? { hash: pinned.block.parentHash } : await reader.header({ pinned, number: before.block.number })
    if (header.hash !== before.block.hash) return null
    const filter = { fromBlock: before.block.number + 1n, toBlock: pinned.block.number, addresses: contracts, topics: [] }
    const { answers } = await reader.logs({ pinned, filter })
    return [...new Set(answers.flatMap(({ logs }) => logs.flatMap(({ topics }) => topics.slice(1).flatMap(addressOf))))]
  }

  async function whole(pinned: Quorum.Pinned) {
    const query = Venue.query({ chainId, venue, accounts: [] })
    const part = query.parse((await reader.read({ pinned, calls: query.calls })).results)
    const { markets, book } = await Venue.complete({ reader, pinned, venue, part })
    accounts.clear()
    for (const account of book) accounts.set(account.account, account)
    wholeAt = nowMs()
    return { markets, read: book.length }
  }

  async function some(pinned: Quorum.Pinned, touched: readonly Address[]) {
    const query = Venue.query({ chainId, venue, accounts: [], pageSize: 0 })
    const { markets, total } = query.parse((await reader.read({ pinned, calls: query.calls })).results)
    for (const account of await at(pinned, touched))
      if (account.positions.length > 0) accounts.set(account.account, account)
      else accounts.delete(account.account)
    return total === accounts.size ? { markets, read: touched.length } : whole(pinned)
  }

  async function at(pinned: Quorum.Pinned, asked: readonly Address[]): Promise<readonly Venue.Account[]> {
    if (asked.length === 0) return []
    const query = Venue.some({ chainId, venue, accounts: asked })
    return query.parse((await reader.read({ pinned, calls: query.calls })).results)
  }

  return { look, at }
}

export declare namespace open {
  type Args = {
    readonly reader: Quorum.Reader
    readonly venue: Address
    readonly contracts: readonly Address[]
    readonly nowMs: () => number
  }
}

/** The address in an indexed field, if it is one. */
function addressOf(topic: Address): readonly Address[] {
  return /^0x0{24}[0-9a-f]{40}$/.test(topic) ? [`0x${topic.slice(26)}`] : []
}
