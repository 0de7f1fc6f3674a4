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
import type * as Profile from './Profile.ts'
import type * as Valuation from './Valuation.ts'

/** Prices by market or asset. */
export type Prices = ReadonlyMap<string, Valuation.Value>

export type Screen = {
  readonly profile: Profile.Profile
  readonly columns: readonly Column[]
  /** c - [A], float64, money: what no price moves; +∞ for who holds nothing that could be breached, and for who must be asked exactly. */
  readonly cash: Float64Array
  /** Columns that many hold: a size for everybody. */
  readonly dense: readonly Dense[]
  /** Columns that few hold: their sizes, block by block and in a block column by column. */
  readonly sparse: Sparse
  readonly blocks: readonly Block[]
  /** Most lines of one account. */
  readonly lines: number
  /** Accounts that are not flat, each assessed exactly: curves, orders, currencies, gains that do not count. */
  readonly exact: readonly number[]
}

/** `size` - [A], float64, whole units, signed; 0 for who does not hold it. */
export type Dense = { readonly column: number; readonly size: Float64Array }

/**
 * `size` - [lines], float64; `account` - [lines], uint16, within its block; the lines of block b in the j-th sparse column lie between
 * `start[b·J + j]` and the next.
 */
export type Sparse = {
  readonly columns: readonly number[]
  readonly size: Float64Array
  readonly account: Uint16Array
  readonly start: Uint32Array
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

/** Accounts of a block share one error bound, and their sums stay in the nearest cache. */
export const blockSize = 4_096

/** A column that at least one account in four holds is dense: a zero costs a quarter of a line that has to be looked up. */
const denseShare = 0.25

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
  const held: Held[] = []
  const known = new Map<string, number>()
  const cash = new Float64Array(accounts.length).fill(Number.POSITIVE_INFINITY)
  const blocks = Array.from({ length: Math.ceil(accounts.length / blockSize) }, () => ({ cash: 0, exposure: 0, slack: 0 }))
  const exact: number[] = []
  let most = 0
  let next = 0
  for (const account of accounts) {
    const a = next++
    const lines = linesOf(account, profile)
    if (lines === null) exact.push(a)
    if (lines === null || !isBound(account, lines)) continue
    let exposure = 0
    for (const { price, size, ...line } of lines) {
      const key = `${line.kind} ${line.rate} ${line.name}`
      const worth = Math.abs(effective(line, price, profile))
      const at = known.get(key) ?? columns.push({ ...line, anchor: worth }) - 1
      known.set(key, at)
      const into = held[at] ?? { accounts: [], sizes: [] }
      held[at] = into
      into.accounts.push(a)
      into.sizes.push(size)
      exposure += Math.abs(size) * worth
    }
    cash[a] = cashOf(account)
    most = Math.max(most, lines.length)
    const block = blocks[Math.floor(a / blockSize)] as { cash: number; exposure: number; slack: number }
    block.cash = Math.max(block.cash, Math.abs(cash[a] as number))
    block.exposure = Math.max(block.exposure, exposure)
    block.slack = Math.max(block.slack, 2 * account.balances.length + 4 * account.positions.length + 4)
  }
  const isDense = (column: Held) => column.accounts.length >= denseShare * accounts.length
  const numbered = held.map((column, k) => ({ ...column, k }))
  return {
    ...{ profile, columns, cash, blocks, lines: most, exact },
    dense: numbered.filter(isDense).map(({ k, ...column }) => ({ column: k, size: spread(column, accounts.length) })),
    sparse: gather(
      numbered.filter((column) => !isDense(column)),
      blocks.length,
    ),
  }
}

/** Accounts that are read once, in order: an array, or whatever makes them as they are asked for. */
export type Book = Iterable<Account.Account> & { readonly length: number }

/** Who holds a column, ascending, and how much. */
type Held = { readonly accounts: number[]; readonly sizes: number[] }

/** Whether there is anything to be breached: a position or a debt that requires, or a charge. */
function isBound({ positions }: Account.Account, lines: readonly Screened[]): boolean {
  return lines.some(({ kind, rate }) => kind !== 'owned' && rate > 0n) || positions.some(({ charge }) => charge > 0n)
}

function spread({ accounts, sizes }: Held, count: number): Float64Array {
  const size = new Float64Array(count)
  for (const [i, a] of accounts.entries()) size[a] = (size[a] as number) + (sizes[i] as number)
  return size
}

function gather(columns: readonly (Held & { readonly k: number })[], blocks: number): Sparse {
  const lines = columns.reduce((sum, { sizes }) => sum + sizes.length, 0)
  const [size, account] = [new Float64Array(lines), new Uint16Array(lines)]
  const start = new Uint32Array(blocks * columns.length + 1)
  const next = columns.map(() => 0)
  let at = 0
  for (let b = 0; b < blocks; b++)
    for (const [j, { accounts, sizes }] of columns.entries()) {
      start[b * columns.length + j] = at
      let i = next[j] as number
      for (; i < accounts.length && (accounts[i] as number) < (b + 1) * blockSize; i++, at++) {
        size[at] = sizes[i] as number
        account[at] = (accounts[i] as number) - b * blockSize
      }
      next[j] = i
    }
  start[blocks * columns.length] = at
  return { columns: columns.map(({ k }) => k), size, account, start }
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
  const { sparse } = screen
  return {
    ...screen,
    cash: shared(screen.cash),
    dense: screen.dense.map(({ column, size }) => ({ column, size: shared(size) })),
    sparse: {
      columns: sparse.columns,
      size: shared(sparse.size),
      account: new Uint16Array(bytes(sparse.account)),
      start: new Uint32Array(bytes(sparse.start)),
    },
  }
}

function shared(of: Float64Array): Float64Array {
  return new Float64Array(bytes(of))
}

function bytes(of: Float64Array | Uint16Array | Uint32Array): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(of.byteLength)
  new Uint8Array(buffer).set(new Uint8Array(of.buffer, of.byteOffset, of.byteLength))
  return buffer
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
  const { prices, rho } = pricesOf(screen, options.prices)
  const { cash, blocks, profile } = screen
  const n = screen.lines + 6
  const gamma = ((n * roundoff) / (1 - n * roundoff)) * (1 + 2 ** -20)
  const breached: number[] = []
  const unsure: number[] = []
  const sum = new Float64Array(blockSize)
  // What rounds a requirement down, or the notional under it, may round it to nothing, and nothing is not breached: only the engine can tell.
  const { requirement, notional } = profile.rounding
  const tells = requirement === 'up' && (profile.rounded === 'total' || notional === 'up')
  for (let b = options.from ?? 0; b < (options.to ?? blocks.length); b++) {
    const block = blocks[b] as Block
    const first = b * blockSize
    const count = Math.min(blockSize, cash.length - first)
    add(sum, screen, { block: b, first, count, prices })
    const bound = gamma * (block.cash + rho * block.exposure) + block.slack
    collect(sum, { first, count, bound, tells }, { breached, unsure })
  }
  return { breached, unsure }
}

export declare namespace scan {
  type Options = { readonly prices: Prices; readonly from?: number; readonly to?: number }
  type ErrorType = MissingPriceError
}

type Run = { readonly first: number; readonly count: number }

/** `sum[j] = c + Σ w·P` of a block. */
function add(
  sum: Float64Array,
  { cash, dense, sparse }: Screen,
  at: Run & { readonly block: number; readonly prices: Float64Array },
): void {
  const { block, first, count, prices } = at
  sum.set(cash.subarray(first, first + count))
  for (let d = 0; d < dense.length; d += 4) {
    // What is missing to four reads the last column again, at no price.
    const four = [0, 1, 2, 3].map((i) => dense[Math.min(d + i, dense.length - 1)] as Dense) as [Dense, Dense, Dense, Dense]
    const price = four.map(({ column }, i) => (d + i < dense.length ? (prices[column] as number) : 0)) as [number, number, number, number]
    addFour(sum, four, { price, first, count })
  }
  const width = sparse.columns.length
  for (const [j, column] of sparse.columns.entries()) {
    const from = sparse.start[block * width + j] as number
    addSome(sum, sparse, { price: prices[column] as number, from, to: sparse.start[block * width + j + 1] as number })
  }
}

type Four<T> = readonly [T, T, T, T]

function addFour(sum: Float64Array, columns: Four<Dense>, run: Run & { readonly price: Four<number> }): void {
  const [{ size: w }, { size: x }, { size: y }, { size: z }] = columns
  const [p, q, r, s] = run.price
  const { first, count } = run
  for (let j = 0, a = first; j < count; j++, a++)
    sum[j] = (sum[j] as number) + ((w[a] as number) * p + (x[a] as number) * q + ((y[a] as number) * r + (z[a] as number) * s))
}

function addSome(
  sum: Float64Array,
  { size, account }: Sparse,
  run: { readonly price: number; readonly from: number; readonly to: number },
): void {
  const { price, from, to } = run
  for (let i = from; i < to; i++) {
    const j = account[i] as number
    sum[j] = (sum[j] as number) + (size[i] as number) * price
  }
}

function collect(
  sum: Float64Array,
  { first, count, bound, tells }: Run & { readonly bound: number; readonly tells: boolean },
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

/** The effective price of each column, and how far the greatest has risen above its anchor. */
function pricesOf({ columns, profile }: Screen, at: Prices): { readonly prices: Float64Array; readonly rho: number } {
  const prices = new Float64Array(columns.length)
  let rho = 1
  for (const [k, column] of columns.entries()) {
    const value = at.get(column.name)
    if (value === undefined) throw new MissingPriceError(column.name)
    const price = effective(column, value, profile)
    prices[k] = price
    if (price !== 0) rho = Math.max(rho, Math.abs(price) / column.anchor)
  }
  return { prices, rho }
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
export function breached(accounts: readonly Account.Account[], screen: Screen, prices: Prices): readonly number[] {
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
  type Of = { readonly screen: Screen; readonly prices: Prices; readonly found: Scan }
}

/**
 * An account at other prices.
 *
 * @throws {MissingPriceError} a market or an asset held has no price.
 */
export function repriced(account: Account.Account, prices: Prices): Account.Account {
  const at = (name: string) => {
    const price = prices.get(name)
    if (price === undefined) throw new MissingPriceError(name)
    return price
  }
  return {
    ...account,
    balances: account.balances.map((balance) => ({ ...balance, price: at(balance.asset) })),
    positions: account.positions.map((position) => ({ ...position, price: at(position.market) })),
  }
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
