/** What stands at a venue: its markets, the accounts asked for, and everybody with an open position, at one block. */
import { perpVenueAbi } from '@plimsoll/contracts'
import type { AbiStateMutability, ContractFunctionReturnType } from 'viem'
import * as Contract from './Contract.ts'
import { type Hex, address as parseAddress } from './Hex.ts'
import * as Query from './Query.ts'
import type { At, Pinned, Reader } from './Quorum.ts'

/** A market as it stands. USD and prices × 1e18, sizes in base units × 1e18. */
export type Market = {
  readonly market: Hex
  readonly feed: Hex
  readonly heartbeatSeconds: number
  /** 0 where its feed has none. */
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
  /** The least that an account's own trade leaves open. */
  readonly minNotional: bigint
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
  /** 0 where the feed has none; then its notional and profit say nothing. */
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
  /** Whether each of its markets has a price, however old. Else its equity and margins say nothing. */
  readonly priced: boolean
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

/** A venue as one read gives it: the book may have further pages. */
export type Part = Omit<Venue, 'pinned'> & {
  /** How many accounts have an open position. */
  readonly total: number
}

/** Accounts to a page of the book. */
const PAGE = 80
/** Of one account with its positions, as `Multicall.Call` has it. */
const weight = 5

/**
 * The reads of one venue with the first page of its book, to be made alone or together with others.
 *
 * A market whose feed is dead hides nobody else: whoever holds it is not `priced`.
 *
 * @throws {Contract.UnreadableError} when parsed: no such venue.
 */
export function query(args: query.Args): Query.Query<Part> {
  const { chainId, venue, accounts, pageSize = PAGE } = args
  const read = { abi: perpVenueAbi, chainId, address: venue }
  const reads = Query.all([some({ chainId, venue, accounts }), page({ venue, from: 0, pageSize })])
  return Query.map(reads, ([asked, listed]) => ({
    ...pageOf(Contract.answer(listed, { ...read, functionName: 'book' })),
    accounts: asked,
  }))
}

export declare namespace query {
  type Args = { readonly chainId: number; readonly venue: Hex; readonly accounts: readonly Hex[]; readonly pageSize?: number }
}

/**
 * Accounts of a venue, in the order asked for, with positions or without.
 *
 * @throws {Contract.UnreadableError} when parsed: no such venue.
 */
export function some(args: some.Args): Query.Query<readonly Account[]> {
  const { chainId, venue, accounts } = args
  const functionName = 'accountsOf'
  const read = { abi: perpVenueAbi, chainId, address: venue, functionName }
  return Query.rows({
    rows: accounts,
    weight,
    of: (few, weight) =>
      Query.map(Query.call({ abi: perpVenueAbi, target: venue, functionName, args: [few], weight }), (outcome) => {
        const answered = Contract.answer(outcome, read)
        if (answered.length !== few.length) throw new Contract.UnreadableError({ ...read, reason: 'it left accounts out' })
        return answered.map(accountOf)
      }),
  })
}

export declare namespace some {
  type Args = Pick<query.Args, 'chainId' | 'venue' | 'accounts'>
}

/**
 * A venue at one block.
 *
 * The first page of the book is read together with the rest; further pages at the same block, so that all of it is of one moment.
 *
 * @param args.accounts - whose accounts are wanted besides the book. May be empty.
 * @param args.at - `final` for what cannot be undone, `head` for open interest and prices now.
 * @throws {Quorum.QuorumError}
 * @throws {Contract.UnreadableError}
 */
export async function fetch(args: fetch.Args): Promise<Venue> {
  const { reader, venue, accounts, at, pageSize = PAGE } = args
  const { pinned, value } = await Query.fetch({ reader, at, query: query({ chainId: reader.config.chainId, venue, accounts, pageSize }) })
  return complete({ reader, pinned, venue, part: value, pageSize })
}

export declare namespace fetch {
  type Args = {
    readonly reader: Reader
    readonly venue: Hex
    readonly accounts: readonly Hex[]
    readonly at: At
    /** Accounts to a page of the book; 80 unless given. */
    readonly pageSize?: number
  }
  type ErrorType = Contract.UnreadableError
}

/**
 * The whole of a venue of which one read was made: the pages that are missing are read at the same block.
 *
 * @param args.pageSize - as in the query that gave `part`.
 * @throws {Quorum.QuorumError} {Contract.UnreadableError}
 */
export async function complete(args: complete.Args): Promise<Venue> {
  const { reader, pinned, venue, part, pageSize = PAGE } = args
  const { total, ...first } = part
  const read = { abi: perpVenueAbi, chainId: reader.config.chainId, address: venue, functionName: 'book' }
  const rest = pages({ venue, from: pageSize, total, pageSize })
  const { results } = await reader.read({ pinned, calls: rest.calls })
  const more = rest.parse(results).flatMap((outcome) => Contract.answer(outcome, read)[1].map(accountOf))
  const book = [...first.book, ...more]
  if (book.length !== total) throw new Contract.UnreadableError({ ...read, reason: 'it left accounts out' })
  return { pinned, ...first, book }
}

export declare namespace complete {
  type Args = { readonly reader: Reader; readonly pinned: Pinned; readonly venue: Hex; readonly part: Part; readonly pageSize?: number }
}

/**
 * Why not all of these accounts' figures are to be relied on, in words: one of them holds a market whose feed has no price. Else null.
 *
 * @param nameOf - how a market is called there.
 */
export function blind(accounts: readonly Account[], nameOf: (market: Hex) => string): string | null {
  const one = accounts.find(({ priced }) => !priced)
  if (one === undefined) return null
  const unpriced = one.positions.find(({ price }) => price === 0n)
  return `the feed of ${unpriced === undefined ? 'a market' : nameOf(unpriced.market)} has no price, and ${one.account} holds it`
}

/**
 * Accounts whose figures are to be relied on.
 *
 * @throws {Contract.UnreadableError} one of them holds a market whose feed has no price.
 */
export function assertPriced(accounts: readonly Account[], { chainId, venue }: Pick<query.Args, 'chainId' | 'venue'>): void {
  const reason = blind(accounts, (market) => `market ${market}`)
  if (reason !== null) throw new Contract.UnreadableError({ chainId, address: venue, functionName: 'accountOf', reason })
}

type BookAnswer = ContractFunctionReturnType<typeof perpVenueAbi, Extract<AbiStateMutability, 'view'>, 'book'>

/** A page of a book, as `book` answers it. */
function pageOf([markets, book, total]: BookAnswer): Omit<Part, 'accounts'> {
  return { markets: markets.map(marketOf), book: book.map(accountOf), total: Number(total) }
}

function pages(args: {
  readonly venue: Hex
  readonly from: number
  readonly total: number
  readonly pageSize: number
}): Query.Query<readonly Query.Outcome<BookAnswer>[]> {
  const { venue, from, total, pageSize } = args
  const offsets = Array.from({ length: Math.max(0, Math.ceil((total - from) / pageSize)) }, (_, index) => from + index * pageSize)
  return Query.all<readonly Query.Outcome<BookAnswer>[]>(offsets.map((offset) => page({ venue, from: offset, pageSize })))
}

function page(args: { readonly venue: Hex; readonly from: number; readonly pageSize: number }): Query.Query<Query.Outcome<BookAnswer>> {
  const { venue, from, pageSize } = args
  return Query.call({
    ...{ abi: perpVenueAbi, target: venue, functionName: 'book' },
    args: [BigInt(from), BigInt(pageSize)],
    weight: Math.max(1, pageSize * weight),
  })
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
  const priced = account.positions.every(({ price }) => price > 0n)
  return { ...account, account: parseAddress(account.account, 'account'), priced }
}
