import { type Inputs, Parse } from '@plimsoll/margin'
import { BaseError } from './BaseError.ts'

export type Side = 'long' | 'short'

/** Everybody's open positions at one price vector P0, by margin account. */
export type Book = { readonly accounts: readonly Account[] }

/** One pool of collateral and the positions that stand on it: liquidated together. */
export type Account = {
  readonly account: string
  /** Collateral plus unrealised profit and loss at P0. USD; may be negative. */
  readonly equity: bigint
  /** What was posted, without profit and loss. USD. */
  readonly collateral: bigint
  /** One position a market, netted. */
  readonly positions: readonly Position[]
  /** The part of the equity that is not USD: it moves with the price of its market. */
  readonly holdings?: readonly Holding[]
}

export type Holding = {
  readonly market: string
  /** c·P0. USD. */
  readonly value: bigint
}

export type Position = {
  readonly market: string
  readonly side: Side
  /** |q|·P0. USD. */
  readonly notional: bigint
  /** Flat maintenance rate at this size. */
  readonly maintenancePpm: number
}

/**
 * A checked book in one order: by account, then by market, whatever order it was read in.
 *
 * @throws {InvalidBookError} an account or one of its markets stands twice, a notional or holding is not positive, a rate is not whole ppm
 *         below 100 %.
 */
export function of(accounts: readonly Account[]): Book {
  const seen = new Set<string>()
  for (const { account, collateral, positions, holdings = [] } of accounts) {
    if (seen.has(account)) throw new InvalidBookError({ account, reason: 'it stands in the book twice' })
    seen.add(account)
    if (collateral < 0n) throw new InvalidBookError({ account, reason: 'its collateral is negative' })
    const held = new Set<string>()
    for (const { market, value } of holdings) {
      if (held.has(market)) throw new InvalidBookError({ account, reason: `it has two holdings of ${market}` })
      held.add(market)
      if (value <= 0n) throw new InvalidBookError({ account, reason: `its holding of ${market} is worth ${value}` })
    }
    const markets = new Set<string>()
    for (const { market, notional, maintenancePpm } of positions) {
      if (markets.has(market)) throw new InvalidBookError({ account, reason: `it has two positions in ${market}` })
      markets.add(market)
      if (notional <= 0n) throw new InvalidBookError({ account, reason: `its notional in ${market} is ${notional}` })
      if (!Number.isSafeInteger(maintenancePpm) || maintenancePpm < 0 || maintenancePpm >= 1_000_000)
        throw new InvalidBookError({ account, reason: `its maintenance rate in ${market} is ${maintenancePpm} ppm` })
    }
  }
  return {
    accounts: [...accounts]
      .sort((a, b) => compare(a.account, b.account))
      .map((account) => ({
        ...account,
        positions: [...account.positions].sort((a, b) => compare(a.market, b.market)),
        ...(account.holdings === undefined ? {} : { holdings: [...account.holdings].sort((a, b) => compare(a.market, b.market)) }),
      })),
  }
}

/**
 * The text whose hash is the `bookHash` of a brake (RFC 8785; bigint as decimal string).
 *
 * @example
 * Book.canonical(Book.of([{ account: 'a', equity: -1n, collateral: 2n, positions: [] }]))
 * // => '{"accounts":[{"account":"a","collateral":"2","equity":"-1","positions":[]}]}'
 */
export function canonical(book: Book): string {
  return Parse.canonical(book)
}

/**
 * The canonical text in pieces of so many accounts each; joined they are `canonical`.
 *
 * @example
 * [...Book.pieces(Book.of([]), 2)].join('')
 * // => '{"accounts":[]}'
 */
export function* pieces(book: Book, size: number): Generator<string> {
  const { accounts } = book
  yield '{"accounts":['
  for (let from = 0; from < accounts.length; from += size)
    yield `${from === 0 ? '' : ','}${Parse.canonical(accounts.slice(from, from + size)).slice(1, -1)}`
  yield ']}'
}

/** Every position of one market with its account, and what its account must hold for its other markets. */
export function positions(book: Book, market: string): readonly Entry[] {
  const entries: Entry[] = []
  for (const account of book.accounts) {
    const position = account.positions.find((candidate) => candidate.market === market)
    if (!position) continue
    let elsewhere = 0n
    for (const other of account.positions)
      if (other !== position) elsewhere += (other.notional * BigInt(other.maintenancePpm) + 999_999n) / 1_000_000n
    const held = account.holdings?.find((holding) => holding.market === market)?.value ?? 0n
    entries.push({ account, position, elsewhere, held })
  }
  return entries
}

export type Entry = {
  readonly account: Account
  readonly position: Position
  /** Maintenance of the account's other positions at P0. USD, rounded up. */
  readonly elsewhere: bigint
  /** What of the account's equity moves with this market. USD. */
  readonly held: bigint
}

/** USD as a float: a relative error below 2^-52, which every comparison here allows for. */
export function usd(amount: bigint): number {
  return Number(amount) / 1e18
}

/** 32 bytes, as margin writes them. */
export type Hex = Inputs.Hex

/** Of two names that differ. */
function compare(a: string, b: string): number {
  return a < b ? -1 : 1
}

/** Thrown when a book cannot be what a venue holds. */
export class InvalidBookError extends BaseError {
  override readonly name = 'Book.InvalidBookError'
  readonly account: string
  constructor(args: { readonly account: string; readonly reason: string }) {
    super({
      code: 'INVALID_BOOK',
      message: `Account ${args.account} cannot be in a book: ${args.reason}.`,
      hint: 'Give one entry an account, one netted position a market, notionals above 0 and rates in whole ppm below 1,000,000.',
    })
    this.account = args.account
  }
}
