/** What stands at a venue: its markets, the accounts asked for, and everybody with an open position, in one `eth_call` per source. */
import { perpVenueAbi } from '@plimsoll/contracts'
import type { AbiStateMutability, ContractFunctionReturnType } from 'viem'
import * as Contract from './Contract.ts'
import { type Hex, address as parseAddress } from './Hex.ts'
import type { Call, Result } from './Multicall.ts'
import * as Query from './Query.ts'
import type { At, Pinned, Reader } from './Quorum.ts'

/** A market as it stands. USD and prices × 1e18, sizes in base units × 1e18. */
export type Market = {
  readonly market: Hex
  readonly feed: Hex
  readonly heartbeatSeconds: number
  readonly price: bigint
  readonly priceUpdatedAt: number
  /** Whether the venue would trade at this price. */
  readonly fresh: boolean
  readonly imPpm: number
  /** On its ramp now. */
  readonly mmPpm: number
  /** What liquidations go by. */
  readonly mmLiquidationPpm: number
  readonly mmTargetPpm: number
  readonly mmRampEndsAt: number
  readonly sequence: bigint
  readonly feePpm: number
  readonly liquidationFeePpm: number
  readonly maxOpenInterest: bigint
  readonly longSize: bigint
  readonly shortSize: bigint
  readonly longNotional: bigint
  readonly shortNotional: bigint
}

/** A position as it stands. `size` is positive for a long, `unrealised` negative for a loss. */
export type Position = {
  readonly market: Hex
  readonly size: bigint
  readonly entryPrice: bigint
  readonly price: bigint
  readonly notional: bigint
  readonly unrealised: bigint
  readonly imPpm: number
  readonly mmPpm: number
  readonly mmLiquidationPpm: number
}

/** An account as it stands. USD. */
export type Account = {
  readonly account: Hex
  readonly collateral: bigint
  /** Losses and fees that the collateral there did not cover. */
  readonly unsettledLoss: bigint
  readonly unpaidGain: bigint
  readonly credit: bigint
  readonly equity: bigint
  readonly raiseEquity: bigint
  readonly im: bigint
  readonly mm: bigint
  readonly mmRamped: bigint
  readonly positions: readonly Position[]
}

export type Venue = {
  readonly pinned: Pinned
  readonly markets: readonly Market[]
  /** One an account asked for, in order, with positions or without. */
  readonly accounts: readonly Account[]
  /** Everybody with an open position. */
  readonly book: readonly Account[]
}

/** Positions to a page. One page is one more call in the same request, unless the book has outgrown it. */
const PAGE = 500n

/**
 * A venue at one block.
 *
 * The first page of the book is read together with the rest. A book of more than 500 accounts costs one more `eth_call` per source, at the
 * same block, so that all of it is of one moment.
 *
 * @param args.accounts - whose accounts are wanted besides the book. May be empty.
 * @param args.at - `final` for what cannot be undone, `head` for open interest and prices now.
 * @throws {Quorum.QuorumError}
 * @throws {Contract.UnreadableError} no such venue, or one of its feeds has no positive price.
 */
export async function fetch(args: fetch.Args): Promise<Venue> {
  const { reader, venue, accounts, at } = args
  const page = Number(args.pageSize ?? PAGE)
  const read = { abi: perpVenueAbi, chainId: reader.config.chainId, address: venue }
  const first = Query.all([
    Query.call({ abi: perpVenueAbi, target: venue, functionName: 'accountsOf', args: [accounts] }),
    Query.call({ abi: perpVenueAbi, target: venue, functionName: 'book', args: [0n, BigInt(page)] }),
  ])
  const { pinned, results, dissent } = await reader.fetch({ calls: first.calls, at })
  const [own, listed] = first.parse(results)
  const [markets, head, total] = Contract.answer(listed, { ...read, functionName: 'book' })
  const asked = Contract.answer(own, { ...read, functionName: 'accountsOf' })
  if (asked.length !== accounts.length)
    throw new Contract.UnreadableError({ ...read, functionName: 'accountsOf', reason: 'it left accounts out' })

  const rest = pages({ venue, from: page, total: Number(total), page })
  const more = await readAt({ reader, pinned, query: rest })
  const book = [...head, ...more.flatMap((outcome) => Contract.answer(outcome, { ...read, functionName: 'book' })[1])]
  if (BigInt(book.length) !== total) throw new Contract.UnreadableError({ ...read, functionName: 'book', reason: 'it left accounts out' })
  return { pinned: { ...pinned, dissent }, markets: markets.map(marketOf), accounts: asked.map(accountOf), book: book.map(accountOf) }
}

export declare namespace fetch {
  type Args = {
    readonly reader: Reader
    readonly venue: Hex
    readonly accounts: readonly Hex[]
    readonly at: At
    /** Accounts to a page of the book; 500 unless given. */
    readonly pageSize?: number
  }
  type ErrorType = Contract.UnreadableError
}

type BookAnswer = ContractFunctionReturnType<typeof perpVenueAbi, Extract<AbiStateMutability, 'view'>, 'book'>

function pages(args: {
  readonly venue: Hex
  readonly from: number
  readonly total: number
  readonly page: number
}): Query.Query<readonly Query.Outcome<BookAnswer>[]> {
  const { venue, from, total, page } = args
  const offsets = Array.from({ length: Math.max(0, Math.ceil((total - from) / page)) }, (_, index) => from + index * page)
  return Query.all<readonly Query.Outcome<BookAnswer>[]>(
    offsets.map((offset) => Query.call({ abi: perpVenueAbi, target: venue, functionName: 'book', args: [BigInt(offset), BigInt(page)] })),
  )
}

async function readAt<value>(args: {
  readonly reader: Reader
  readonly pinned: Pinned
  readonly query: { readonly calls: readonly Call[]; readonly parse: (results: readonly Result[]) => value }
}): Promise<value> {
  const { reader, pinned, query } = args
  const { results } = await reader.read({ pinned, calls: query.calls })
  return query.parse(results)
}

function marketOf(market: BookAnswer[0][number]): Market {
  return {
    ...market,
    feed: parseAddress(market.feed, 'feed'),
    priceUpdatedAt: Number(market.priceUpdatedAt),
    mmRampEndsAt: Number(market.mmRampEndsAt),
  }
}

function accountOf(account: BookAnswer[1][number]): Account {
  return { ...account, account: parseAddress(account.account, 'account') }
}
