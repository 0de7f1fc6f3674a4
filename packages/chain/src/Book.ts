/** What a limit book holds, of many keys. */
import { limitBookAbi } from '@plimsoll/contracts'
import { zeroAddress } from 'viem'
import * as Contract from './Contract.ts'
import type { Hex } from './Hex.ts'
import * as Query from './Query.ts'
import type { At, Pinned, Reader } from './Quorum.ts'

/** What a limit is kept under. */
export type Key = { readonly account: Hex; readonly venue: Hex; readonly market: Hex }

/** What the book holds for a key. `sequence` 0 means it never accepted a certificate there. */
export type Standing = {
  readonly key: Key
  /** Of the last accepted certificate, live or not. USD. */
  readonly maxNotional: bigint
  readonly imPpm: number
  readonly epoch: number
  readonly sequence: bigint
  readonly issuedAt: number
  readonly expiresAt: number
  /** Not expired, of the current epoch, and the book is not paused. */
  readonly live: boolean
  /** Of the account at the venue, over all its markets. USD. */
  readonly credit: bigint
  /** The greatest `maxNotional` the book would accept now. USD. */
  readonly ceiling: bigint
}

export type Book = {
  readonly pinned: Pinned
  readonly epoch: number
  readonly paused: boolean
  /** One a key, in order. */
  readonly standings: readonly Standing[]
}

/** Of one key, as `Multicall.Call` has it. */
const weight = 2

/**
 * The reads of one book, to be made alone or together with others.
 *
 * @throws {Contract.UnreadableError} when parsed, if there is no limit book there.
 */
export function query(args: query.Args): Query.Query<Omit<Book, 'pinned'>> {
  const { chainId, limitBook, keys } = args
  const reads = Query.all([
    Query.rows({ rows: keys, weight, of: (some, weight) => limits({ ...args, keys: some, weight }) }),
    Query.call({ abi: limitBookAbi, target: limitBook, functionName: 'epoch', args: [] }),
    Query.call({ abi: limitBookAbi, target: limitBook, functionName: 'paused', args: [] }),
  ])
  const at = (functionName: string) => ({ abi: limitBookAbi, chainId, address: limitBook, functionName })
  return Query.map(reads, ([standings, epoch, paused]) => ({
    epoch: Contract.answer(epoch, at('epoch')),
    paused: Contract.answer(paused, at('paused')),
    standings,
  }))
}

function limits(args: query.Args & { readonly weight: number }): Query.Query<readonly Standing[]> {
  const { chainId, limitBook, keys, weight } = args
  const functionName = 'limitsOf'
  const read = { abi: limitBookAbi, chainId, address: limitBook, functionName }
  return Query.map(Query.call({ abi: limitBookAbi, target: limitBook, functionName, args: [keys], weight }), (outcome) => {
    const standings = Contract.answer(outcome, read)
    return keys.map((key, index) => {
      const standing = standings[index]
      if (!standing) throw new Contract.UnreadableError({ ...read, reason: 'it left keys out' })
      return { ...standing, key, issuedAt: Number(standing.issuedAt), expiresAt: Number(standing.expiresAt) }
    })
  })
}

export declare namespace query {
  type Args = { readonly chainId: number; readonly limitBook: Hex; readonly keys: readonly Key[] }
}

/**
 * Accepted sequences, credit and ceilings of many keys.
 *
 * @param args.at - `final` for what cannot be undone, `head` for what holds now.
 * @throws {Quorum.QuorumError} {Contract.UnreadableError}
 */
export async function fetch(args: fetch.Args): Promise<Book> {
  const { reader, limitBook, keys, at } = args
  const { pinned, value } = await Query.fetch({ reader, at, query: query({ chainId: reader.config.chainId, limitBook, keys }) })
  return { pinned, ...value }
}

export declare namespace fetch {
  type Args = { readonly reader: Reader; readonly limitBook: Hex; readonly keys: readonly Key[]; readonly at: At }
}

/**
 * Which assets the book cannot value now: it does not know them, or its chain has no fresh price. A mark-down whose evidence names one is
 * refused there.
 *
 * @returns of those given, in order.
 */
export function unpriced(args: unpriced.Args): Query.Query<readonly Hex[]> {
  const { limitBook, assets } = args
  const floors = Query.all<readonly Query.Outcome<bigint>[]>(
    assets.map((asset) => {
      const nothing = { lots: [{ asset, amount: 0n, haircutPpm: 0 }], sharePpm: 0 }
      return Query.call({ abi: limitBookAbi, target: limitBook, functionName: 'floorOf', args: [nothing] })
    }),
  )
  return Query.map(floors, (outcomes) => assets.filter((_, index) => outcomes[index]?.status === 'reverted'))
}

/**
 * The greatest haircut of each asset that a mark-down may name: the book refuses one whole that names a greater. ppm.
 *
 * @returns of those given, in order; null for an asset that the book does not know.
 * @throws {Contract.UnreadableError} when parsed, if there is no limit book there.
 */
export function haircuts(args: haircuts.Args): Query.Query<readonly (number | null)[]> {
  const { chainId, limitBook, assets } = args
  const read = { abi: limitBookAbi, chainId, address: limitBook, functionName: 'assetOf' } as const
  const terms = Query.all<readonly Query.Outcome<{ readonly feed: Hex; readonly maxHaircutPpm: number }>[]>(
    assets.map((asset) => Query.call({ abi: limitBookAbi, target: limitBook, functionName: 'assetOf', args: [asset] })),
  )
  return Query.map(terms, (outcomes) =>
    outcomes.map((outcome) => {
      const { feed, maxHaircutPpm } = Contract.answer(outcome, read)
      return feed === zeroAddress ? null : maxHaircutPpm
    }),
  )
}

export declare namespace haircuts {
  type Args = { readonly chainId: number; readonly limitBook: Hex /** Hashes of symbols. */; readonly assets: readonly Hex[] }
}

export declare namespace unpriced {
  type Args = { readonly limitBook: Hex /** Hashes of symbols. */; readonly assets: readonly Hex[] }
}

/**
 * Whose signatures of some keys the book takes, and how many it asks for.
 *
 * @returns `known` are those given that may sign, in order.
 * @throws {Contract.UnreadableError} when parsed, if there is no limit book there.
 */
export function signers(args: signers.Args): Query.Query<{ readonly known: readonly Hex[]; readonly threshold: number }> {
  const { chainId, limitBook, addresses } = args
  const read = (functionName: 'isSigner' | 'threshold') => ({ abi: limitBookAbi, chainId, address: limitBook, functionName })
  const reads = Query.all([
    Query.all<readonly Query.Outcome<boolean>[]>(
      addresses.map((address) => Query.call({ abi: limitBookAbi, target: limitBook, functionName: 'isSigner', args: [address] })),
    ),
    Query.call({ abi: limitBookAbi, target: limitBook, functionName: 'threshold', args: [] }),
  ])
  return Query.map(reads, ([may, threshold]) => ({
    known: addresses.filter((_, index) => may[index] !== undefined && Contract.answer(may[index], read('isSigner'))),
    threshold: Number(Contract.answer(threshold, read('threshold'))),
  }))
}

export declare namespace signers {
  type Args = { readonly chainId: number; readonly limitBook: Hex; readonly addresses: readonly Hex[] }
}
