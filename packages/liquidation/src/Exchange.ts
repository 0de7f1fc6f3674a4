/** The one market of a replay: its price, who is on the other side, and who pays. Floats, USD; the waterfall counts in integers. */
import * as Bid from './Bid.ts'
import * as Book from './Book.ts'
import * as Deleveraging from './Deleveraging.ts'
import type * as Isolated from './Isolated.ts'
import * as Standing from './Standing.ts'
import * as Unwinding from './Unwinding.ts'
import * as Waterfall from './Waterfall.ts'

/** What a flow does to the price, and what is charged. Slopes in log by USD at P0. */
export type Market = {
  /** What stays of a flow's impact, and what comes on top and is gone with a half-life. */
  readonly permanent: number
  readonly temporary: number
  readonly halfLifeSeconds: number
  /** Looks at the book within a step, ≥ 1: 1 is a venue that looks once a step. */
  readonly rounds: number
  /** Of what is closed by force, and of what is reduced under a mandate. Shares. */
  readonly fee: number
  readonly mandateFee: number
  /** USD. */
  readonly insurance: number
}

/** A backstop: its capital, committed before the first forced order, how much of it pays bad debt first, and how far it is levered. */
export type Backstop = {
  readonly capital: number
  readonly junior: number
  readonly leverage: number
  /** φ: the most of any flow. */
  readonly share: number
  /** How it prices risk; what it may hold follows from its capital. */
  readonly appetite: Omit<Bid.Appetite, 'limit'>
  /** τ: how long it expects to hold. */
  readonly unwindSeconds: number
  /** When it lets go, and over how many seconds the flow is counted that has to be over. */
  readonly release: Unwinding.Rule & { readonly seconds: number }
}

/** A market while a replay runs. Changed in place. */
export type Exchange = {
  readonly standing: Standing.Standing
  readonly market: Market
  readonly backing: Backstop | null
  /** Exogenous, permanent and temporary part of the log price. */
  exogenous: number
  permanent: number
  temporary: number
  readonly makers: { cash: number; units: number }
  readonly backstop: { cash: number; units: number }
  reserves: Waterfall.Reserves
  /** Losses that no reserve paid, until the winners do. */
  deficit: bigint
  unpaid: number
  absorbed: number
  badDebt: number
  deleveraged: number
}

/** The market before trading begins. */
export function of(book: Isolated.Positions, market: Market, backing: Backstop | null): Exchange {
  const standing = Standing.of(book)
  let open = 0
  for (let i = 0; i < book.side.length; i++) open += (standing.side[i] as number) * (standing.units[i] as number)
  const { capital = 0, junior = 0 } = backing ?? {}
  return {
    ...{ standing, market, backing, exogenous: 0, permanent: 0, temporary: 0 },
    // Whoever took the other side of what accounts do not hold against each other.
    makers: { cash: open, units: -open },
    backstop: { cash: 0, units: 0 },
    reserves: { fees: 0n, junior: exact(capital * junior), insurance: exact(market.insurance), senior: exact(capital * (1 - junior)) },
    ...{ deficit: 0n, unpaid: 0, absorbed: 0, badDebt: 0, deleveraged: 0 },
  }
}

/** The price ratio that stands, and the index: the same without what is gone soon. */
export function mark({ exogenous, permanent, temporary }: Exchange): number {
  return Math.exp(exogenous + permanent + temporary)
}
export function index({ exogenous, permanent }: Exchange): number {
  return Math.exp(exogenous + permanent)
}

/** Closes units of one side, in one order: the backstop takes what pays it, the makers the rest. Returns the price, the same for both. */
export function close(exchange: Exchange, side: 1 | -1, { units, sigma }: { readonly units: number; readonly sigma: number }): number {
  return sell(exchange, side, { units, taken: absorbed(exchange, side, { units, sigma }) })
}

/** Closes units of an account at a price that was paid for them: its fee comes in, and what it cannot pay is written off. Returns the fee. */
export function settle(exchange: Exchange, account: number, trade: Standing.trade.Trade): number {
  const { standing } = exchange
  const fee = Standing.trade(standing, account, trade)
  exchange.reserves = { ...exchange.reserves, fees: exchange.reserves.fees + exact(fee) }
  const owed = -(standing.cash[account] as number)
  if ((standing.units[account] as number) === 0 && owed > 0) writeOff(exchange, account, owed)
  return fee
}

/** What of a flow the backstop takes, in units. */
function absorbed(exchange: Exchange, side: 1 | -1, { units, sigma }: { readonly units: number; readonly sigma: number }): number {
  const { backing, market, reserves, backstop, temporary } = exchange
  if (backing === null) return 0
  const price = mark(exchange)
  const inventory = side * backstop.units * price
  const capital = Book.usd(reserves.junior) + Book.usd(reserves.senior) + Math.min(0, backstop.cash + backstop.units * price)
  const { share, leverage, appetite, unwindSeconds } = backing
  // It is filled where the market fills what it leaves, on average half of the way that this moves the price.
  const slope = (market.permanent + market.temporary) / price / 2
  const discount = -side * temporary + slope * units * price
  if (discount < 0) return 0
  const decision = Bid.of(
    { discount: Math.min(1, discount), notional: share * units * price, slope },
    { ...appetite, limit: Math.max(0, leverage * capital) },
    { risk: { sigma, horizon: unwindSeconds }, holding: inventory },
  )
  return decision.status === 'bid' ? decision.notional / price : 0
}

/** Sends a flow to the market, less what the backstop takes at the same price; returns that price. */
function sell(exchange: Exchange, side: 1 | -1, { units, taken }: { readonly units: number; readonly taken: number }): number {
  const { makers, backstop, market } = exchange
  const { permanent, temporary } = market
  const rest = units - taken
  const price = mark(exchange)
  const move = -side * (permanent + temporary) * rest
  const fill = move === 0 ? price : (price * Math.expm1(move)) / move
  exchange.permanent -= side * permanent * rest
  exchange.temporary -= side * temporary * rest
  makers.cash -= side * rest * fill
  makers.units += side * rest
  backstop.cash -= side * taken * fill
  backstop.units += side * taken
  exchange.absorbed += taken * fill
  return fill
}

/**
 * Sells of the backstop's inventory what it lets go of now.
 *
 * @param flow - what was closed lately. USD.
 */
export function release(exchange: Exchange, flow: number): void {
  const { backing, backstop, makers, temporary } = exchange
  if (backing === null) return
  const side = backstop.units > 0 ? 1 : -1
  const price = mark(exchange)
  const step = Unwinding.of({ holding: backstop.units * price, flow, divergence: temporary }, backing.release)
  if (step.status === 'wait') return
  const units = Math.min(Math.abs(backstop.units), step.notional / price)
  const fill = sell(exchange, side, { units, taken: 0 })
  const fee = backing.appetite.fee * units * fill
  backstop.cash += side * units * fill - fee
  backstop.units -= side * units
  makers.cash += fee
}

/** What an account cannot pay goes down the waterfall; what is left there waits for the winners. */
function writeOff(exchange: Exchange, account: number, owed: number): void {
  Standing.pay(exchange.standing, account, -owed)
  exchange.badDebt += owed
  const { left, unpaid } = Waterfall.pay(exchange.reserves, exact(owed))
  exchange.reserves = left
  exchange.deficit += unpaid
}

/** Winners give up profit, highest profit times leverage first. */
export function deleverage(exchange: Exchange): void {
  const { standing } = exchange
  const price = mark(exchange)
  const winners = Deleveraging.rank(
    Array.from(standing.units.keys()).flatMap((account) => {
      const equity = Standing.equity(standing, account, price)
      const profit = equity - (standing.posted[account] as number)
      return profit > 0 && (standing.units[account] as number) > 0
        ? [{ number: account, profit: exact(profit), notional: exact((standing.units[account] as number) * price), equity: exact(equity) }]
        : []
    }),
  )
  const { haircuts, unpaid } = Deleveraging.of(
    'queue',
    exchange.deficit,
    winners.map(({ profit }) => profit),
  )
  for (const [k, { number, profit }] of winners.entries()) {
    const given = Book.usd(haircuts[k] as bigint)
    // A profit of less than a millionth is none to divide by.
    if (given === 0) continue
    Standing.pay(standing, number, given)
    exchange.deleveraged += ((standing.units[number] as number) * price * given) / Book.usd(profit)
  }
  exchange.unpaid += Book.usd(unpaid)
  exchange.deficit = 0n
}

/** A float in USD as the waterfall counts, to a millionth. */
function exact(amount: number): bigint {
  return BigInt(Math.round(amount * 1e6)) * 1_000_000_000_000n
}

/** Where the money is: cash and units of all parties, who took no more and no less than they gave. */
export type Parties = {
  readonly accounts: Party
  readonly makers: Party
  readonly backstop: Party
  readonly reserves: Readonly<Record<keyof Waterfall.Reserves, number>>
  /** What nobody paid. */
  readonly unpaid: number
  /** The price ratio at which the backstop's inventory is valued. */
  readonly index: number
}

export type Party = { readonly cash: number; readonly units: number }

/** Everybody's account at the end. */
export function parties(exchange: Exchange): Parties {
  const { standing, makers, backstop, reserves, unpaid } = exchange
  const accounts = { cash: 0, units: 0 }
  for (let i = 0; i < standing.units.length; i++) {
    accounts.cash += standing.cash[i] as number
    accounts.units += (standing.side[i] as number) * (standing.units[i] as number)
  }
  const [fees, junior] = [Book.usd(reserves.fees), Book.usd(reserves.junior)]
  const [insurance, senior] = [Book.usd(reserves.insurance), Book.usd(reserves.senior)]
  return { accounts, makers, backstop, reserves: { fees, junior, insurance, senior }, unpaid, index: index(exchange) }
}
