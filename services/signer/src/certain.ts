/** What an order to lower credit is held against, read by this signer itself at the newest final blocks. */
import { type Acceptances, Book, type CollateralView, Contract, Query, Quorum } from '@plimsoll/chain'
import { Hash, limitBookAbi } from '@plimsoll/contracts'
import * as Accepted from './accepted.ts'
import * as Reads from './reads.ts'
import type { Signer } from './review.ts'

type Hex = `0x${string}`
type Venue = Signer['deployment']['venues'][number]

/** What is read for one order. */
export type Certain = {
  readonly book: AtBook
  /** Of all holders, as final blocks have it, and what stands at their addresses. */
  readonly collateral: Pick<CollateralView.CollateralView, 'missing' | 'firm' | 'codes'>
  /** The last certificate that the book took of the account; null where there is none, or not all of its log was read. */
  readonly last: Acceptances.Acceptance | null
  /** What books hold for every other key of the holders, and whose it is. */
  readonly others: readonly {
    readonly key: string
    readonly participantId: Hex | null
    readonly credit: bigint
    readonly blockTime: number
  }[]
}

type AtBook = {
  readonly epoch: number
  readonly paused: boolean
  /** Of the last order that it took of the key. */
  readonly sequence: bigint
  /** What it holds for the key. USD. */
  readonly credit: bigint
  /** Of the newest block seen, not only of the final one. Unix seconds. */
  readonly headTime: number
  /** Assets that it cannot value at the newest block: no order that names one is taken. */
  readonly unpriced: ReadonlySet<string>
}

/**
 * Everything that is read for one order: what has left is gone there, and what has come counts.
 *
 * @throws {Quorum.QuorumError} {Contract.UnreadableError} something could not be read; a chain of collateral is named in `missing` instead.
 */
export async function fetch(
  signer: Signer,
  asked: { readonly venue: Venue; readonly account: Hex; readonly holders: readonly Hex[]; readonly now: number },
): Promise<Certain> {
  const { deployment, readers, accepted } = signer
  const { venue, account, holders, now } = asked
  const [prices, complete, atBook, ...found] = await Promise.all([
    signer.prices.look(now),
    accepted.look(),
    readBook(signer, { venue, account }),
    ...deployment.venues.map((at) => readCredits(signer, { venue: at, holders })),
  ])
  const collateral = await Reads.fetchCollateral({
    ...{ deployment, readers, prices, holders, codesOf: holders, now, venues: [], blocks: new Map() },
    most: signer.prices.most(now),
    chainIds: new Set(deployment.vaults.map(({ chainId }) => chainId)),
  })
  const own = Accepted.keyOf(account, venue)
  return {
    book: atBook,
    collateral,
    last: complete ? accepted.lastOf(account, venue) : null,
    others: found.flat().flatMap(({ holder, at, ...other }) => {
      const key = Accepted.keyOf(holder, at)
      return key === own ? [] : [{ ...other, key, participantId: accepted.lastOf(holder, at)?.participantId ?? null }]
    }),
  }
}

async function readBook(
  { readers, deployment }: Signer,
  { venue, account }: { readonly venue: Venue; readonly account: Hex },
): Promise<AtBook> {
  const { chainId, address, limitBook } = venue
  const call = { abi: limitBookAbi, target: limitBook }
  const query = Query.all([
    Query.call({ ...call, functionName: 'epoch', args: [] }),
    Query.call({ ...call, functionName: 'paused', args: [] }),
    Query.call({ ...call, functionName: 'lastMarkDownOf', args: [account, address] }),
    Query.call({ ...call, functionName: 'creditOf', args: [account, address] }),
  ])
  const reader = Reads.readerOf(readers, chainId)
  const symbols = new Map(deployment.assets.map(({ asset }) => [Hash.ofText(asset), asset]))
  const valued = Book.unpriced({ limitBook, assets: [...symbols.keys()] })
  const [{ pinned, value }, unpriced] = await Promise.all([
    Query.fetch({ reader, at: 'final', query }),
    Query.fetch({ reader, at: 'head', query: valued }).then(({ value }) => value, noneOf),
  ])
  const [epoch, paused, last, credit] = value
  const at = (functionName: string) => ({ abi: limitBookAbi, chainId, address: limitBook, functionName })
  const [sequence] = Contract.answer(last, at('lastMarkDownOf'))
  return {
    epoch: Contract.answer(epoch, at('epoch')),
    paused: Contract.answer(paused, at('paused')),
    credit: Contract.answer(credit, at('creditOf')),
    ...{ sequence, headTime: pinned.head.timestamp },
    unpriced: new Set(unpriced.flatMap((hash) => symbols.get(hash) ?? [])),
  }
}

/** Where the book cannot be asked, lines of all assets are asked for: that is stricter, and takes nothing on anybody's word. */
function noneOf(error: unknown): readonly Hex[] {
  if (error instanceof Quorum.QuorumError) return []
  throw error
}

type Credit = { readonly holder: Hex; readonly at: Venue; readonly credit: bigint; readonly blockTime: number }

/** What a venue's book holds for each of the holders. */
export async function readCredits(
  { readers }: Pick<Signer, 'readers'>,
  { venue, holders }: { readonly venue: Venue; readonly holders: readonly Hex[] },
): Promise<readonly Credit[]> {
  const { chainId, address, limitBook } = venue
  const functionName = 'creditOf'
  const query = Query.all<readonly Query.Outcome<bigint>[]>(
    holders.map((holder) => Query.call({ abi: limitBookAbi, target: limitBook, functionName, args: [holder, address] })),
  )
  const { pinned, value } = await Query.fetch({ reader: Reads.readerOf(readers, chainId), at: 'final', query })
  return holders.map((holder, index) => ({
    ...{ holder, at: venue },
    credit: Contract.answer(value[index] ?? { status: 'malformed' }, { abi: limitBookAbi, chainId, address: limitBook, functionName }),
    blockTime: pinned.block.timestamp,
  }))
}
