/** The index price of markets at final blocks whose numbers everybody arrives at: what a position was worth, for anybody to read again. */
import type { Header } from './Header.ts'
import type { Hex } from './Hex.ts'
import * as Oracle from './Oracle.ts'
import * as Query from './Query.ts'
import { type Pinned, QuorumError, type Reader } from './Quorum.ts'

export type Mark = {
  readonly chainId: number
  readonly feed: Hex
  readonly blockNumber: bigint
  readonly blockHash: Hex
  /** By the block's clock. Unix seconds. */
  readonly at: number
  /** USD × 1e18. */
  readonly price: bigint
}

export type Marks = {
  readonly marks: readonly Mark[]
  /** Where to go on. */
  readonly next: bigint
  /** Whether every block due is read; else call again. */
  readonly complete: boolean
  /** Blocks whose state no quorum has any more. Nothing is known of them. */
  readonly left: readonly bigint[]
}

const MOST_BLOCKS = 24

/**
 * Feeds at every block whose number is a multiple of `every`, up to the newest final one.
 *
 * The blocks do not depend on who asks or when, so that two readers, or one that was away, come to the same marks. A feed that would be
 * refused at such a block, by that block's own clock, has no mark there. An older block that cannot be read, as on nodes that keep no
 * old state, is left out; the newest one is asked for again.
 *
 * @param args.from - the first block that may be read.
 * @param args.every - > 0.
 * @param args.most - how many blocks to read in this call; 24 unless given.
 * @throws {Quorum.QuorumError} the newest block due cannot be read now.
 */
export async function fetch(args: fetch.Args): Promise<Marks> {
  const { reader, feeds, from, every, most = MOST_BLOCKS } = args
  const pinned = await reader.pin({ at: 'final' })
  const last = pinned.block.number
  const marks: Mark[] = []
  const left: bigint[] = []
  let next = due(from, every)
  for (let read = 0; next <= last && read < most; read++, next += every) {
    try {
      const header = await reader.header({ pinned, number: next })
      marks.push(...(await marksAt({ reader, pinned, header, feeds })))
    } catch (error) {
      if (next + every > last || !refused(error)) throw error
      left.push(next)
    }
  }
  return { marks, next, complete: next > last, left }
}

export declare namespace fetch {
  type Args = {
    readonly reader: Reader
    readonly feeds: readonly Oracle.Feed[]
    readonly from: bigint
    readonly every: bigint
    readonly most?: number
  }
}

/** Some source answered that it will not say, as those do that keep no old state. */
function refused(error: unknown): boolean {
  return error instanceof QuorumError && error.dissent.some(({ why }) => why === 'RPC_ANSWERED_ERROR')
}

/** The first multiple at or after a block. */
function due(from: bigint, every: bigint): bigint {
  return ((from + every - 1n) / every) * every
}

async function marksAt(args: {
  readonly reader: Reader
  readonly pinned: Pinned
  readonly header: Header
  readonly feeds: readonly Oracle.Feed[]
}): Promise<readonly Mark[]> {
  const { reader, pinned, header, feeds } = args
  const query = Query.all<readonly Oracle.Assessment[]>(feeds.map((feed) => Oracle.query({ feed, asOf: header.timestamp })))
  const { results } = await reader.read({ pinned: { ...pinned, block: header }, calls: query.calls })
  const where = { chainId: reader.config.chainId, blockNumber: header.number, blockHash: header.hash, at: header.timestamp }
  return query.parse(results).flatMap((price, i): readonly Mark[] => {
    const feed = feeds[i]
    return feed && price.status === 'ok' ? [{ ...where, feed: feed.address, price: price.price }] : []
  })
}
