/** A linear account: what it owns and owes, what it is exposed to, and what that takes. One engine for every profile. */
import { BaseError } from './BaseError.ts'
import * as Fixed from './Fixed.ts'
import * as Health from './Health.ts'
import * as Line from './Line.ts'
import * as Lines from './Lines.ts'
import type * as Orders from './Orders.ts'
import type * as Profile from './Profile.ts'
import type * as Valuation from './Valuation.ts'
import * as Weight from './Weight.ts'

/** Money is in the units of the profile; every line's `amount · price / unit` is in them. */
export type Account = {
  readonly balances: readonly Balance[]
  readonly positions: readonly Position[]
  /** Owed besides, ≥ 0. */
  readonly fees: bigint
  /** Unix seconds: curves may ramp. */
  readonly asOf: number
  /** Funds that rest at spot markets, in neither of their balances. */
  readonly reserved?: readonly Orders.Reserved[]
}

/** Weights towards initial and towards maintenance margin. */
export type Terms = { readonly initial: Weight.Weight; readonly maintenance: Weight.Weight }

/** An asset owned, or owed when the amount is negative. */
export type Balance = {
  readonly asset: string
  readonly amount: bigint
  readonly unit: bigint
  readonly price: Valuation.Value
  readonly owned: Terms
  readonly owed: Terms
  /** What the pool holds of the asset, in money: curves may shrink with it. */
  readonly total: bigint
  /** What is owed of the asset altogether, in money: curves of `owed` look at it. `total` where it is not given. */
  readonly totalOwed?: bigint
  /** Orders that rest for the asset against money: it counts as the worse of what may fill. */
  readonly orders?: Orders.Orders
  /** Weights that replace the others once they have chosen the worse fill. */
  readonly override?: { readonly owned: Terms; readonly owed: Terms }
  /** Added to both requirements whatever the amount: an open order's charge. In money. */
  readonly charge?: bigint
}

/** A linear exposure: a perpetual or a future. */
export type Position = {
  readonly market: string
  /** Signed, a short is negative. */
  readonly size: bigint
  readonly unit: bigint
  readonly price: Valuation.Value
  /** `size · entry price`, signed and not divided by `unit`; 0 where the venue keeps the cost in a balance or in `quote`. */
  readonly cost: bigint
  /** Settled beside the price: funding, fees, or the whole cost. Signed, in money. */
  readonly quote: bigint
  readonly margin: Terms
  /** Open interest of the side without this position, in money. */
  readonly openInterest: bigint
  /** Added to both requirements whatever the size: an open order's charge, what a keeper costs, a least margin. In money. */
  readonly charge: bigint
  /** Orders that rest for the market: what may fill is in the requirement, at its worse. */
  readonly orders?: Orders.Orders
  /** Margins of a short, where they differ. */
  readonly short?: Terms
  /** The most that one unit pays: a short can lose no more than `payout − price`, and that is its notional. */
  readonly payout?: bigint
  /** What gains count for, by their size; `total` is what the market's gains come to. In full where it is not given. Losses always do. */
  readonly gains?: Terms & { readonly total: bigint }
  /** The currency that notional, profit and `quote` are in, where that is not money: gains count at its low price, all else at its high one. */
  readonly currency?: { readonly asset: string; readonly price: Valuation.Value; readonly unit: bigint }
}

export type Assessment = {
  /** What meets initial margin, and what meets maintenance margin. May be negative. */
  readonly initialEquity: bigint
  readonly equity: bigint
  readonly initialMargin: bigint
  readonly maintenanceMargin: bigint
  readonly health: Health.Health
}

/**
 * Equity, requirements and health of an account under a profile.
 *
 * Formula: `E_p = Σ w_p·value(owned) [− Σ w_p·value(owed)] + profit_p − fees`,
 *          `R_p = Σ r_p(N)·N + Σ charge [+ Σ w_p·value(owed)]` for p initial and maintenance; where the profile puts debts decides the
 *          brackets; `profit = Σ ((size·price − cost)/unit + quote)`, at the low price for a long and the high one for a short.
 * Source:  docs/method/linear-margin.md, eq. (14) to (18); lines with orders, a currency, weighted gains or a bounded payout, profit that
 *          settles and funds that rest: docs/method/open-orders.md, eq. (1) to (12).
 * Rounding: the profile's. Rounded once a requirement where it says `total`, and by the line in an account with such lines.
 *
 * @throws {UnitError} a position's unit does not divide 1e18 under a profile that rounds totals.
 * @throws {Orders.UnknownAssetError} profit settles, or funds rest, in an asset that no balance states.
 * @throws {Health.InvertedMarginError} maintenance margin is negative or exceeds initial margin.
 *
 * @example
 * const flat = (rate) => ({ kind: 'flat', rate })
 * const price = Valuation.mark(110n * Fixed.one)
 * const margin = { initial: flat(100_000n), maintenance: flat(50_000n) }
 * const terms = { margin, openInterest: 0n, quote: 0n, charge: 0n }
 * const position = { market: 'ETH-PERP', size: Fixed.one, unit: Fixed.one, cost: 100n * Fixed.one * Fixed.one, price, ...terms }
 * Account.assess({ balances: [], positions: [position], fees: 0n, asOf: 0 }, plimsoll).equity
 * // => 10000000000000000000n
 */
export function assess(account: Account, profile: Profile.Profile): Assessment {
  const { initial, maintenance } = Lines.isBare(account, profile) ? plain(account, profile) : Lines.sums(account, profile)
  const { gains } = profile
  const { fees } = account
  const initialEquity = initial.equity + (gains.initial === 'all' ? initial.profit : Fixed.min(0n, initial.profit)) - fees
  const equity = maintenance.equity + (gains.maintenance === 'all' ? maintenance.profit : Fixed.min(0n, maintenance.profit)) - fees
  const initialMargin = initial.margin
  const maintenanceMargin = maintenance.margin
  const health = Health.assess({ equity, initialEquity, initialMargin, maintenanceMargin })
  return { initialEquity, equity, initialMargin, maintenanceMargin, health }
}

export declare namespace assess {
  type ErrorType = UnitError | Orders.UnknownAssetError | Health.InvertedMarginError | Weight.EmptyCurveError
}

/** What an account comes to for one purpose: equity without profit and fees, requirement, profit. In money. */
export type Sum = { readonly equity: bigint; readonly margin: bigint; readonly profit: bigint }
export type Sums = { readonly initial: Sum; readonly maintenance: Sum }

/**
 * What a balance is worth before any weight, as a positive figure: owned at the low price, owed at the high one.
 *
 * Formula: `|amount| · price / unit`.
 * Source:  docs/method/linear-margin.md, eq. (13a).
 * Rounding: the profile's `asset` or `debt`.
 */
export function value({ amount, unit, price }: Pick<Balance, 'amount' | 'unit' | 'price'>, { rounding }: Profile.Profile): bigint {
  return amount > 0n ? Fixed.mulDiv(amount, price.low, unit, rounding.asset) : Fixed.mulDiv(-amount, price.high, unit, rounding.debt)
}

/** Sizes, prices and weights, and no more: what most accounts are, in one pass over their lines. */
function plain(account: Account, profile: Profile.Profile): Sums {
  const held = profile.rounded === 'total' ? totals(account, profile) : lines(account, profile)
  let { initial, maintenance } = held
  let initialEquity = 0n
  let equity = 0n
  const inRequirement = profile.debts === 'requirement'
  for (const balance of account.balances) {
    if (balance.amount === 0n) continue
    const isOwned = balance.amount > 0n
    const terms = isOwned ? balance.owned : balance.owed
    const worth = value(balance, profile)
    const atInitial = weigh(terms.initial, balance, { worth, profile, asOf: account.asOf })
    const atMaintenance =
      terms.maintenance === terms.initial ? atInitial : weigh(terms.maintenance, balance, { worth, profile, asOf: account.asOf })
    if (isOwned) {
      initialEquity += atInitial
      equity += atMaintenance
    } else if (inRequirement) {
      initial += atInitial
      maintenance += atMaintenance
    } else {
      initialEquity -= atInitial
      equity -= atMaintenance
    }
  }
  const { profit } = held
  return { initial: { equity: initialEquity, margin: initial, profit }, maintenance: { equity, margin: maintenance, profit } }
}

type Held = { readonly initial: bigint; readonly maintenance: bigint; readonly profit: bigint }
type Worth = { readonly worth: bigint; readonly profile: Profile.Profile; readonly asOf: number }

/** A balance's weighted value. */
function weigh(weight: Weight.Weight, balance: Balance, { worth, profile, asOf }: Worth): bigint {
  const { rounding, rateUnit } = profile
  if (weight.kind === 'flat' && weight.rate === rateUnit) return worth
  const { amount, total, totalOwed = total } = balance
  if (amount > 0n) {
    const state = { notional: worth, size: amount, openInterest: 0n, total, asOf }
    return Weight.requirement(weight, state, { unit: rateUnit, rounding: rounding.assetWeight, requirement: rounding.asset })
  }
  const state = { notional: worth, size: -amount, openInterest: 0n, total: totalOwed, asOf }
  return Weight.requirement(weight, state, { unit: rateUnit, rounding: rounding.rate, requirement: Line.owing(profile) })
}

/** Every position rounded by itself. */
function lines({ positions, asOf }: Account, profile: Profile.Profile): Held {
  const { rounding, rateUnit } = profile
  const basis = { unit: rateUnit, rounding: rounding.rate, requirement: rounding.requirement }
  let [initial, maintenance, profit] = [0n, 0n, 0n]
  for (const { size, unit, price, cost, quote, margin, openInterest, charge } of positions) {
    const isLong = size > 0n
    const notional = Fixed.mulDiv(isLong ? size : -size, price.high, unit, rounding.notional)
    const state = { notional, size: isLong ? size : -size, openInterest, total: 0n, asOf }
    initial += Weight.requirement(margin.initial, state, basis) + charge
    maintenance += Weight.requirement(margin.maintenance, state, basis) + charge
    profit += Fixed.ratio(size * (isLong ? price.low : price.high) - cost, unit, rounding.profit) + quote
  }
  return { initial, maintenance, profit }
}

/** Products summed exactly, and divided once: the tightest bound that is still against the account, and the fastest. */
function totals({ positions, asOf }: Account, profile: Profile.Profile): Held {
  const { rounding, rateUnit } = profile
  const basis = { unit: rateUnit, rounding: rounding.rate }
  let [initial, maintenance, profit, settled, charges] = [0n, 0n, 0n, 0n, 0n]
  for (const position of positions) {
    const { size, unit, price, cost, margin } = position
    // Every notional, and a short's profit, is at the high price; a long's profit at the low one.
    const product = size * price.high
    const isLong = size > 0n
    const value = isLong && price.low !== price.high ? size * price.low : product
    const notional = isLong ? product : -product
    const scale = unit === Fixed.one ? 1n : scaleOf(unit)
    const { initial: i, maintenance: m } = margin
    let [atInitial, atMaintenance] = [0n, 0n]
    if (i.kind === 'flat' && m.kind === 'flat') {
      atInitial = i.rate * notional
      atMaintenance = m.rate * notional
    } else {
      // N in money, rounded against the account: curves look at it.
      const money = Fixed.ratio(notional, unit, 'up')
      const state = { notional: money, size: isLong ? size : -size, openInterest: position.openInterest, total: 0n, asOf }
      const of = { notional, unit, state, basis }
      atInitial = take(i, of)
      atMaintenance = take(m, of)
    }
    initial += scale === 1n ? atInitial : atInitial * scale
    maintenance += scale === 1n ? atMaintenance : atMaintenance * scale
    profit += scale === 1n ? value - cost : (value - cost) * scale
    settled += position.quote
    charges += position.charge
  }
  return {
    initial: whole(initial, profile) + charges,
    maintenance: whole(maintenance, profile) + charges,
    profit: Fixed.ratio(profit, Fixed.one, rounding.profit) + settled,
  }
}

/** A sum of products of sizes, prices and rates in ppm, in money: 10^24 = 2^24 · 5^24, and a shift and a divisor of one digit are quick. */
function whole(products: bigint, { rateUnit, rounding }: Profile.Profile): bigint {
  if (rateUnit !== Fixed.ppm || rounding.requirement !== 'up' || products <= 0n)
    return Fixed.ratio(products, Fixed.one * rateUnit, rounding.requirement)
  return ((products + below) >> 24n) / fives
}
const fives = 5n ** 24n
const below = 10n ** 24n - 1n

/** A curve's share of an undivided notional; over tiers from their exact sum, in money. */
function take(weight: Weight.Weight, { notional, unit, state, basis }: Taken): bigint {
  if (weight.kind === 'flat') return weight.rate * notional
  if (weight.kind === 'tiers') return Weight.product(weight, state, basis) * unit
  return Weight.rate(weight, state, basis) * notional
}

type Taken = { readonly notional: bigint; readonly unit: bigint; readonly state: Weight.State; readonly basis: Weight.Basis }

function scaleOf(unit: bigint): bigint {
  if (unit <= 0n || Fixed.one % unit !== 0n) throw new UnitError(unit)
  return Fixed.one / unit
}

/** Thrown when products in a unit cannot be summed with those of the others. */
export class UnitError extends BaseError {
  override readonly name = 'Account.UnitError'
  readonly unit: bigint
  constructor(unit: bigint) {
    super({
      code: 'BAD_UNIT',
      message: `A position counts in parts of ${unit}, which do not divide 1e18.`,
      hint: 'Count sizes in parts of a power of ten up to 1e18.',
    })
    this.unit = unit
  }
}
