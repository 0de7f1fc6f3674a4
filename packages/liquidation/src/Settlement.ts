/** The books of one stress while it runs: every trade and payment has two sides, in integers. USD × 1e18; units are USD at P0. */
import { Fixed } from '@plimsoll/margin'
import type * as Book from './Book.ts'
import * as Venue from './Venue.ts'
import * as Waterfall from './Waterfall.ts'

/** A position, or a coin that stands under it: `open` units at P0, owed where the sign is −1. */
export type Line = { readonly market: number; readonly sign: 1n | -1n; readonly maintenance: number; readonly held: boolean; open: bigint }

/** An account: what it is owed in USD once its lines are taken out, and its lines. */
export type Entry = {
  readonly account: Book.Account
  cash: bigint
  readonly lines: readonly Line[]
  /** Closes so far, and the round of the first. */
  slices: number
  round: number | null
  closed: bigint
  fee: bigint
  badDebt: bigint
  haircut: bigint
}

/** Somebody who takes the other side. */
export type Party = { cash: bigint; readonly units: bigint[] }

export type Settlement = {
  readonly prices: Venue.Prices
  readonly entries: readonly Entry[]
  /** F: net forced flow still felt, and the gross one of all time. USD at P0. */
  readonly flows: number[]
  readonly gross: bigint[]
  /** Which ways flows went: sales of what was held, and purchases of what was owed. */
  readonly signs: Set<1n | -1n>
  readonly makers: Party
  readonly backstop: Party
  reserves: Waterfall.Reserves
  paid: Waterfall.Reserves
  fees: bigint
  unpaid: bigint
}

/**
 * The books before anything is closed.
 *
 * @throws {Venue.UnknownMarketError} the book holds a market of which the scenario knows nothing.
 */
export function of(book: Book.Book, prices: Venue.Prices, reserves: Omit<Waterfall.Reserves, 'fees'>): Settlement {
  const numbers = new Map(prices.names.map((name, k) => [name, k]))
  const line = (market: string, sign: 1n | -1n, open: bigint, maintenance: number, held: boolean): Line => {
    const k = numbers.get(market)
    if (k === undefined) throw new Venue.UnknownMarketError(market)
    return { market: k, sign, maintenance, held, open }
  }
  const nothing = () => prices.names.map(() => 0n)
  return {
    prices,
    entries: book.accounts.map((account) => {
      const lines = [
        ...account.positions.map(({ market, side, notional, maintenancePpm }) =>
          line(market, side === 'long' ? 1n : -1n, notional, maintenancePpm / 1_000_000, false),
        ),
        ...(account.holdings ?? []).map(({ market, value }) => line(market, 1n, value, 0, true)),
      ]
      const cash = lines.reduce((sum, { sign, open }) => sum - sign * open, account.equity)
      return { account, cash, lines, slices: 0, round: null, closed: 0n, fee: 0n, badDebt: 0n, haircut: 0n }
    }),
    flows: prices.names.map(() => 0),
    gross: nothing(),
    signs: new Set(),
    makers: { cash: 0n, units: nothing() },
    backstop: { cash: 0n, units: nothing() },
    reserves: { ...reserves, fees: 0n },
    paid: { fees: 0n, junior: 0n, insurance: 0n, senior: 0n },
    fees: 0n,
    unpaid: 0n,
  }
}

/** A log move as a price ratio × 1e18: what a float64 says, to fifteen places. */
export function ratio(move: number): Fixed.Fixed {
  return BigInt(Math.round(Math.exp(move) * 1e15)) * 1_000n
}

/** Equity at price ratios. Rounding: down, line by line. */
export function equity(entry: Entry, ratios: readonly Fixed.Fixed[]): bigint {
  return entry.lines.reduce((sum, { market, sign, open }) => sum + Fixed.mul(sign * open, ratios[market] ?? 0n, 'down'), entry.cash)
}

/** What its positions come to at price ratios, coins under them left out. Rounding: up, line by line. */
export function notional(entry: Entry, ratios: readonly Fixed.Fixed[]): bigint {
  return entry.lines.reduce((sum, { market, open, held }) => (held ? sum : sum + Fixed.mul(open, ratios[market] ?? 0n, 'up')), 0n)
}

/**
 * Closes a share of an account: the backstop takes what it committed to at `marks`, the market the rest at what it pays.
 *
 * A whole close takes the coins under the positions too; what an account then cannot pay goes down the waterfall.
 * Rounding: units up, proceeds down, costs and fees up.
 *
 * @param share - in (0, 1].
 * @param marks - the prices that liquidate, as ratios × 1e18.
 */
export function close(
  settlement: Settlement,
  entry: Entry,
  share: number,
  marks: readonly Fixed.Fixed[],
  feePpm: number,
  round: number,
): void {
  const whole = share >= 1
  const part = BigInt(Math.ceil(share * 1e9))
  let turnover = 0n
  for (const line of entry.lines) {
    if (line.held && !whole) continue
    const units = whole ? line.open : Fixed.min(line.open, Fixed.mulDiv(line.open, part, 1_000_000_000n, 'up'))
    const taken = line.held ? 0n : absorbed(settlement, line.market, units)
    const sold = trade(entry, line, settlement.backstop, taken, marks[line.market] ?? 0n)
    const filled = units - taken
    const rest = trade(entry, line, settlement.makers, filled, filledAt(settlement, line, filled))
    if (units > 0n) settlement.signs.add(line.sign)
    line.open -= units
    settlement.gross[line.market] = (settlement.gross[line.market] ?? 0n) + units
    entry.closed += line.held ? 0n : units
    turnover += line.held ? 0n : sold + rest
  }
  entry.slices++
  entry.round ??= round
  charge(settlement, entry, Fixed.ofPpm(turnover, feePpm, 'up'), Fixed.max(0n, whole ? entry.cash : equity(entry, marks)))
  if (whole && entry.cash < 0n) writeOff(settlement, entry)
}

/** Moves units between an account and who takes the other side; returns what they were worth. */
function trade(entry: Entry, line: Line, other: Party, units: bigint, price: Fixed.Fixed): bigint {
  if (units === 0n) return 0n
  const value = Fixed.mul(units, price, line.sign > 0n ? 'down' : 'up')
  entry.cash += line.sign * value
  other.cash -= line.sign * value
  other.units[line.market] = (other.units[line.market] ?? 0n) + line.sign * units
  return value
}

/** What of a close the backstop still takes over. */
function absorbed({ prices, backstop }: Settlement, market: number, units: bigint): bigint {
  const terms = prices.markets[market]?.backstop
  if (terms === undefined) return 0n
  const held = backstop.units[market] ?? 0n
  const room = Fixed.max(0n, terms.capacity - (held < 0n ? -held : held))
  return Fixed.min(room, Fixed.ofPpm(units, terms.sharePpm, 'down'))
}

/** Sends a close into the market; returns its average price, and moves the flow that is felt. */
function filledAt(settlement: Settlement, line: Line, units: bigint): Fixed.Fixed {
  const { flows, prices } = settlement
  const to = (flows[line.market] ?? 0) - (Number(line.sign) * Number(units)) / 1e18
  const price = Venue.fill(prices, flows, line.market, to)
  flows[line.market] = to
  return BigInt(Math.round(price * 1e15)) * 1_000n
}

function charge(settlement: Settlement, entry: Entry, wanted: bigint, able: bigint): void {
  const fee = Fixed.min(wanted, able)
  entry.cash -= fee
  entry.fee += fee
  settlement.fees += fee
  settlement.reserves = { ...settlement.reserves, fees: settlement.reserves.fees + fee }
}

function writeOff(settlement: Settlement, entry: Entry): void {
  const loss = -entry.cash
  const { paid, left, unpaid } = Waterfall.pay(settlement.reserves, loss)
  entry.badDebt += loss
  entry.cash = 0n
  settlement.reserves = left
  settlement.unpaid += unpaid
  const before = settlement.paid
  settlement.paid = {
    fees: before.fees + paid.fees,
    junior: before.junior + paid.junior,
    insurance: before.insurance + paid.insurance,
    senior: before.senior + paid.senior,
  }
}
