/**
 * Many accounts at once: a float64 screen with a proven error bound over structure-of-arrays, and the exact engine inside the bound.
 *
 * Flat rates make what is left of an account linear in prices, `H = E − MM = c + Σ w_k · P_k`. A column k is a market's side, or an asset's,
 * at one rate, and its effective price holds the rate: `low − high·mm` for longs, `high + high·mm` for shorts. So a price, and a market's
 * rate too, moves a few columns and none of the accounts.
 */
import * as Account from './Account.ts'
import { BaseError } from './BaseError.ts'
import * as Fixed from './Fixed.ts'
import * as Health from './Health.ts'
import * as Line from './Line.ts'
import * as Prices from './Prices.ts'
import type * as Profile from './Profile.ts'
import * as Sizes from './Sizes.ts'
import type * as Valuation from './Valuation.ts'

/** Prices by market, asset and currency. */
export type At = ReadonlyMap<string, Valuation.Value>

export type Screen = {
  readonly profile: Profile.Profile
  readonly columns: readonly Column[]
  /** c - [A], float64, money: what no price moves; +∞ for who holds nothing that could be breached, and for who must be asked exactly. */
  readonly cash: Float64Array
  readonly sizes: Sizes.Sizes
  readonly blocks: readonly Block[]
  /** Most lines of one account. */
  readonly lines: number
  /** Accounts that are not flat, each assessed exactly: curves, orders, currencies, gains that do not count. */
  readonly exact: readonly number[]
}

/** What the error bound of a run of accounts is made of. */
export type Block = {
  /** Greatest `|c|` and `Σ |w|·P` at the anchor prices. Money. */
  readonly cash: number
  readonly exposure: number
  /** Most units that the engine's roundings can move `H` by. */
  readonly slack: number
}

/** One kind of line: whatever is equal in it has one effective price. */
export type Column = {
  readonly name: string
  readonly kind: 'long' | 'short' | 'owned' | 'owed'
  /** Maintenance rate of a position or weight of a balance, in parts of the profile's rate unit. */
  readonly rate: bigint
  /** The effective price the blocks were measured at, without its sign. Float64. */
  readonly anchor: number
}

/** Half the distance from 1 to the next float. */
const roundoff = 2 ** -53

/**
 * A screen over a book.
 *
 * Formula: `H = c + Σ w_k·P_k`, with `c = −fees + Σ (quote − charge − cost/unit)`.
 * Source:  docs/method/screen.md, eq. (1) to (3).
 *
 * @param accounts - in the order of their numbers; the error bound is anchored to the prices they hold.
 */
export function of(accounts: Book, profile: Profile.Profile): Screen {
  const columns: Column[] = []
  const held: Sizes.Held[] = []
  const known = new Map<string, number>()
  const cash = new Float64Array(accounts.length).fill(Number.POSITIVE_INFINITY)
  const blocks = Array.from({ length: Math.ceil(accounts.length / Sizes.blockSize) }, () => ({ cash: 0, exposure: 0, slack: 0 }))
  const exact: number[] = []
  let most = 0
  let next = 0
  for (const account of accounts) {
    const a = next++
    if (a >= accounts.length) throw new InvalidBookError(accounts.length, next)
    const lines = linesOf(account, profile)
    if (lines === null) exact.push(a)
    if (lines === null || !isBound(account, lines, profile)) continue
    let exposure = 0
    let slack = 2 * account.balances.length + 4 * account.positions.length + 4
    for (const { price, size, ...line } of lines) {
      const key = `${line.kind} ${line.rate} ${line.name}`
      const at = known.get(key) ?? columns.push({ ...line, anchor: Math.abs(effective(line, price, profile)) }) - 1
      known.set(key, at)
      const into = held[at] ?? { accounts: [], sizes: [] }
      held[at] = into
      into.accounts.push(a)
      into.sizes.push(size)
      exposure += Math.abs(size) * (columns[at] as Column).anchor
      // A unit that a value or a notional is rounded by is worth a rate above 1 that often.
      slack += Math.max(0, Math.ceil(Number(line.rate) / Number(profile.rateUnit)) - 1)
    }
    cash[a] = cashOf(account)
    most = Math.max(most, lines.length)
    const block = blocks[Math.floor(a / Sizes.blockSize)] as { cash: number; exposure: number; slack: number }
    block.cash = Math.max(block.cash, Math.abs(cash[a] as number))
    block.exposure = Math.max(block.exposure, exposure)
    block.slack = Math.max(block.slack, slack)
  }
  if (next !== accounts.length) throw new InvalidBookError(accounts.length, next)
  return { profile, columns, cash, sizes: Sizes.of(held, accounts.length), blocks, lines: most, exact }
}

/** Accounts that are read once, in order: an array, or whatever makes them as they are asked for. */
export type Book = Iterable<Account.Account> & { readonly length: number }

/** Whether there is anything to be breached: a position or a debt that requires, or a charge. */
function isBound({ positions }: Account.Account, lines: readonly Screened[], { debts }: Profile.Profile): boolean {
  const requires = ({ kind, rate }: Screened) =>
    rate > 0n && (kind === 'long' || kind === 'short' || (kind === 'owed' && debts === 'requirement'))
  return lines.some(requires) || positions.some(({ charge }) => charge > 0n)
}

/** A line as the screen has it: `size · effective price`. */
type Screened = Omit<Column, 'anchor'> & { readonly size: number; readonly price: Valuation.Value }

/** The lines of a flat account; null for one that must be asked exactly. */
function linesOf({ balances, positions, reserved }: Account.Account, profile: Profile.Profile): readonly Screened[] | null {
  if (reserved !== undefined || profile.settle !== undefined || profile.gains.maintenance !== 'all') return null
  const lines: Screened[] = []
  for (const balance of balances) {
    const { amount, unit, price, asset } = balance
    const weight = (amount > 0n ? balance.owned : balance.owed).maintenance
    if (weight.kind !== 'flat' || !Line.isBareBalance(balance)) return null
    const size = Number(amount) / Number(unit)
    if (amount !== 0n) lines.push({ name: asset, kind: amount > 0n ? 'owned' : 'owed', rate: weight.rate, size, price })
  }
  for (const position of positions) {
    const { size, unit, price, market, margin } = position
    const weight = margin.maintenance
    if (weight.kind !== 'flat' || !Line.isBarePosition(position)) return null
    const kind = size > 0n ? 'long' : 'short'
    if (size !== 0n) lines.push({ name: market, kind, rate: weight.rate, size: Number(size) / Number(unit), price })
  }
  return lines
}

/** c, rounded once to a float. */
function cashOf({ positions, fees }: Account.Account): number {
  return Number(positions.reduce((sum, { quote, charge, cost, unit }) => sum + quote - charge - Fixed.ratio(cost, unit, 'up'), -fees))
}

/** What one whole unit adds to `H`; exact until it becomes a float. */
function effective({ kind, rate }: Pick<Column, 'kind' | 'rate'>, { low, high }: Valuation.Value, { rateUnit }: Profile.Profile): number {
  const scaled = { long: low * rateUnit - high * rate, short: high * (rateUnit + rate), owned: low * rate, owed: high * rate }
  return Number(scaled[kind]) / Number(rateUnit)
}

/**
 * The same screen in memory that threads share: posted to a worker, it is not copied. Each scans blocks of its own.
 *
 * @example
 * const screen = Screen.share(Screen.of([], plimsoll))
 * screen.cash.buffer instanceof SharedArrayBuffer
 * // => true
 */
export function share(screen: Screen): Screen {
  return { ...screen, cash: Sizes.floats(screen.cash), sizes: Sizes.share(screen.sizes) }
}

/** Accounts by their numbers: surely below maintenance margin, or too near to it for floats to tell. */
export type Scan = { readonly breached: readonly number[]; readonly unsure: readonly number[] }

/**
 * Every account at new prices, in float64.
 *
 * Formula: `|Ĥ − H| ≤ γ_n·(|c| + ρ·Σ |w|·P) + slack`, `γ_n = n·u / (1 − n·u)`, n = lines + 6, `ρ = max P / anchor`, u = 2⁻⁵³: two roundings of a
 *          size, two of a price, one of their product, one of each sum; `slack` the engine's own roundings. An account beyond the bound is
 *          told rightly; one within it is unsure.
 * Source:  docs/method/screen.md, eq. (4) and (5).
 *
 * @param options.prices - of every market and asset held.
 * @param options.from - first block, and `options.to` the one after the last: what one worker does.
 * @throws {MissingPriceError} a column has no price.
 */
export function scan(screen: Screen, options: scan.Options): Scan {
  const { prices, rho, isPriced } = pricesOf(screen, options.prices)
  const { cash, blocks, profile } = screen
  const { from = 0, to = blocks.length } = options
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to > blocks.length) throw new InvalidBlocksError(from, to)
  const n = screen.lines + 6
  const gamma = ((n * roundoff) / (1 - n * roundoff)) * (1 + 2 ** -20)
  const breached: number[] = []
  const unsure: number[] = []
  const sum = new Float64Array(Sizes.blockSize)
  // What rounds a requirement down, or the notional under it, or finds it at a price of 0, may come to nothing, and nothing is not breached:
  // only the engine can tell.
  const { requirement, notional } = profile.rounding
  const tells = isPriced && requirement === 'up' && (profile.rounded === 'total' || notional === 'up')
  for (let b = from; b < to; b++) {
    const block = blocks[b] as Block
    const first = b * Sizes.blockSize
    const count = Math.min(Sizes.blockSize, cash.length - first)
    sum.set(cash.subarray(first, first + count))
    Sizes.add(sum, screen.sizes, { block: b, first, count, prices })
    const bound = gamma * (block.cash + rho * block.exposure) + block.slack
    collect(sum, { first, count, bound, tells }, { breached, unsure })
  }
  return { breached, unsure }
}

export declare namespace scan {
  type Options = { readonly prices: At; readonly from?: number; readonly to?: number }
  type ErrorType = MissingPriceError
}

function collect(
  sum: Float64Array,
  { first, count, bound, tells }: { readonly first: number; readonly count: number; readonly bound: number; readonly tells: boolean },
  into: { readonly breached: number[]; readonly unsure: number[] },
): void {
  for (let j = 0; j < count; j++) {
    const h = sum[j] as number
    // The negation, so that what is no number is asked exactly.
    if (!(h >= bound)) {
      if (tells && h < -bound) into.breached.push(first + j)
      else into.unsure.push(first + j)
    }
  }
}

type Priced = { readonly prices: Float64Array; readonly rho: number; readonly isPriced: boolean }

/** The effective price of each column, how far the greatest has risen above its anchor, and whether none is 0. */
function pricesOf({ columns, profile }: Screen, at: At): Priced {
  const prices = new Float64Array(columns.length)
  let rho = 1
  let isPriced = true
  for (const [k, column] of columns.entries()) {
    const value = at.get(column.name)
    if (value === undefined) throw new MissingPriceError(column.name)
    const price = effective(column, value, profile)
    prices[k] = price
    if (price !== 0) rho = Math.max(rho, Math.abs(price) / column.anchor)
    if (value.high === 0n) isPriced = false
  }
  return { prices, rho, isPriced }
}

/**
 * The accounts below maintenance margin at new prices: the screen, then the exact engine where the screen cannot tell.
 *
 * Source:  docs/method/screen.md, eq. (6).
 * Rounding: none that shows: what is returned is what `Account.assess` says of each account.
 *
 * @param accounts - those the screen was made of.
 * @returns numbers of accounts, ascending.
 * @throws {MissingPriceError} a market or an asset held has no price.
 *
 * @example
 * const flat = (rate) => ({ kind: 'flat', rate })
 * const terms = { margin: { initial: flat(100_000n), maintenance: flat(50_000n) }, openInterest: 0n, quote: 0n, charge: 0n }
 * const long = (entry) => ({ market: 'ETH', size: Fixed.one, unit: Fixed.one, price: Valuation.mark(100n * Fixed.one), cost: entry * Fixed.one, ...terms })
 * const accounts = [50n, 96n].map((entry) => ({ balances: [], positions: [long(entry * Fixed.one)], fees: 0n, asOf: 0 }))
 * Screen.breached(accounts, Screen.of(accounts, plimsoll), new Map([['ETH', Valuation.mark(100n * Fixed.one)]]))
 * // => [1]
 */
export function breached(accounts: readonly Account.Account[], screen: Screen, prices: At): readonly number[] {
  const found = scan(screen, { prices })
  return confirm(accounts, { screen, prices, found })
}

/** What scans of all blocks found, told exactly: for callers that scan in parts. */
export function confirm(accounts: readonly Account.Account[], { screen, prices, found }: confirm.Of): readonly number[] {
  const isBreached = (a: number) => {
    const account = accounts[a]
    return account !== undefined && Health.breached(Account.assess(repriced(account, prices), screen.profile))
  }
  return [...found.breached, ...found.unsure.filter(isBreached), ...screen.exact.filter(isBreached)].sort((a, b) => a - b)
}

export declare namespace confirm {
  type Of = { readonly screen: Screen; readonly prices: At; readonly found: Scan }
}

/**
 * An account at other prices.
 *
 * @throws {MissingPriceError} a market or an asset held has no price.
 */
export function repriced(account: Account.Account, prices: At): Account.Account {
  return Prices.move(account, (name) => {
    const price = prices.get(name)
    if (price === undefined) throw new MissingPriceError(name)
    return price
  })
}

/** Thrown when a market or an asset that is held has no price: unknown is never 0. */
export class MissingPriceError extends BaseError {
  override readonly name = 'Screen.MissingPriceError'
  readonly missing: string
  constructor(missing: string) {
    super({
      code: 'MISSING_PRICE',
      message: `${missing} is held and has no price.`,
      hint: 'Give the price of every market and asset of the book.',
    })
    this.missing = missing
  }
}

/** Thrown when a book does not have the accounts that it says it has. */
export class InvalidBookError extends BaseError {
  override readonly name = 'Screen.InvalidBookError'
  readonly said: number
  readonly found: number
  constructor(said: number, found: number) {
    super({
      code: 'INVALID_BOOK',
      message: `The book says it has ${said} accounts, and gave ${found}.`,
      hint: 'Its length is the number of accounts that it yields.',
    })
    this.said = said
    this.found = found
  }
}

/** Thrown when blocks are asked for that a screen does not have. */
export class InvalidBlocksError extends BaseError {
  override readonly name = 'Screen.InvalidBlocksError'
  readonly from: number
  readonly to: number
  constructor(from: number, to: number) {
    super({
      code: 'INVALID_BLOCKS',
      message: `Blocks ${from} to ${to} are not blocks of this screen.`,
      hint: 'Ask for whole numbers from 0 to `blocks.length`.',
    })
    this.from = from
    this.to = to
  }
}
