/** One line of an account that is more than a size and a price: with orders, a currency of its own, weighted gains. For one purpose. */
import type * as Account from './Account.ts'
import * as Fixed from './Fixed.ts'
import * as Orders from './Orders.ts'
import type * as Profile from './Profile.ts'
import * as Weight from './Weight.ts'

export type Purpose = 'initial' | 'maintenance'

/** What a line adds, in money. */
export type Line = {
  /** Of balances, less what is owed where debts lower the collateral. */
  readonly equity: bigint
  readonly margin: bigint
  /** Unrealised, signed, weighted where it is a gain. */
  readonly profit: bigint
  /** Unweighted values of what is owed and of exposures, each ≥ 0. */
  readonly liabilities: readonly bigint[]
}

export type Under = { readonly profile: Profile.Profile; readonly asOf: number; readonly purpose: Purpose }

/** Whether a balance is an amount, a price and its weights, and no more. */
export function isBareBalance({ orders, charge, override }: Account.Balance): boolean {
  return orders === undefined && charge === undefined && override === undefined
}

/** Whether a position is a size, a price and its margins, and no more. */
export function isBarePosition({ orders, short, payout, gains, currency }: Account.Position): boolean {
  return orders === undefined && short === undefined && payout === undefined && gains === undefined && currency === undefined
}

/** A balance and the money paid or received for it. Signed. */
type Fill = { readonly size: bigint; readonly worth: bigint; readonly paid: bigint }

/**
 * A balance at the worse of all its asks filled and all its bids filled.
 *
 * Formula: `min over d ∈ {−asks, bids} of w(V − x)·(V − x) + x` with V the value of the balance, `x = −d·P_high` what the fill brings or takes,
 *          and the weight that of the sign and of the size `amount + d`. A tie goes to the asks. An override weighs what has been chosen.
 * Source:  docs/method/open-orders.md, eq. (2) and (3).
 * Rounding: values as the profile's `asset` and `debt`; a weighted debt as `requirement` where debts are in the requirement, else as `debt`.
 */
export function ofBalance(balance: Account.Balance, under: Under): Line {
  const { profile } = under
  const { amount, orders, override, charge = 0n } = balance
  const fill = (change: bigint): Fill => {
    const paid = signed(-change, balance, balance.price.high, profile)
    const price = amount > 0n ? balance.price.low : balance.price.high
    return { size: amount + change, worth: signed(amount, balance, price, profile) - paid, paid }
  }
  const counts = (of: Fill) => weigh(of, balance, under) + of.paid
  const [asks, bids] = orders ? [fill(-orders.asks), fill(orders.bids)] : [fill(0n), fill(0n)]
  const worse = counts(asks) <= counts(bids) ? asks : bids
  const weighted = weigh(worse, override ? { ...balance, ...override } : balance, under)

  const sides = [weighted, worse.paid]
  const plus = sides.reduce((sum, each) => (each > 0n ? sum + each : sum), 0n)
  const minus = sides.reduce((sum, each) => (each < 0n ? sum - each : sum), 0n)
  const inRequirement = profile.debts === 'requirement'
  return {
    equity: inRequirement ? plus : plus - minus,
    margin: charge + (inRequirement ? minus : 0n),
    profit: 0n,
    liabilities: [worse.worth, worse.paid].map((each) => Fixed.max(0n, -each)),
  }
}

/**
 * A position: what it needs at the worse of its fills, and what it has gained.
 *
 * Formula: `R = r(size′)·|size′|·P·c_high + charge`, with size′ the worse by `|size|·P`, and `payout − P` in P's place for a short of bounded
 *          payout; `profit = w(g)·g·c_low` of a gain g, at most `most` towards initial margin, and `g·c_high` of a loss.
 * Source:  docs/method/open-orders.md, eq. (8) to (10).
 * Rounding: the profile's, after each product.
 */
export function ofPosition(position: Account.Position, under: Under): Line {
  const { profile, purpose } = under
  const { rounding } = profile
  const { size, orders, currency, charge } = position
  const exposure = (of: bigint) => notional(of, position, profile)
  const worse = orders ? Orders.worse(size, orders, exposure) : size
  const exposed = exposure(worse)
  const liability = currency ? Fixed.mulDiv(exposed, currency.price.high, currency.unit, rounding.notional) : exposed

  const gain = profitOf(position, profile)
  const weighted = gain > 0n ? weighGain(gain, position, under) : gain
  const at = (of: bigint, { price, unit }: NonNullable<typeof currency>) =>
    Fixed.mulDiv(of, of > 0n ? price.low : price.high, unit, rounding.profit)
  const profit = currency ? at(weighted, currency) : weighted
  const { most } = profile.gains
  return {
    equity: 0n,
    margin: need(worse, liability, position, under) + charge,
    profit: purpose === 'initial' && most !== undefined ? Fixed.min(profit, most) : profit,
    liabilities: [liability],
  }
}

/**
 * What a position brings into the balance of its currency: its profit less its requirement at the worse of its fills.
 *
 * Formula: `g = min over (d, f) ∈ {(−asks, P_low), (bids, P_high)} of (size′·P − d·f − cost)/unit + quote − r·|size′|·P`, with
 *          `size′ = size + d`, P the low price of a long and the high one of a short; `w·g` where g > 0.
 * Source:  docs/method/open-orders.md, eq. (11).
 * Rounding: the profile's, after each product.
 *
 * @returns native units of the currency, signed.
 */
export function settled(position: Account.Position, under: Under): bigint {
  const { size, unit, price, cost, quote, orders, charge } = position
  const { rounding } = under.profile
  const fill = (change: bigint, at: bigint): bigint => {
    const to = size + change
    const side = to > 0n ? price.low : price.high
    const exposed = Fixed.mulDiv(Fixed.abs(to), side, unit, rounding.notional)
    return Fixed.ratio(to * side - change * at - cost, unit, rounding.profit) - need(to, exposed, position, under)
  }
  const worse = orders ? Fixed.min(fill(-orders.asks, price.low), fill(orders.bids, price.high)) : fill(0n, 0n)
  const gain = worse + quote - charge
  return gain > 0n ? weighGain(gain, position, under) : gain
}

/** What a position has gained, before any weight. */
function profitOf({ size, unit, price, cost, quote }: Account.Position, { rounding }: Profile.Profile): bigint {
  return Fixed.ratio(size * (size > 0n ? price.low : price.high) - cost, unit, rounding.profit) + quote
}

function notional(size: bigint, { unit, price, payout }: Account.Position, { rounding }: Profile.Profile): bigint {
  const most = payout !== undefined && size < 0n ? Fixed.max(0n, payout - price.low) : price.high
  return Fixed.mulDiv(Fixed.abs(size), most, unit, rounding.notional)
}

/** A short has margins of its own where the position says so. */
function need(size: bigint, exposed: bigint, position: Account.Position, { profile, purpose, asOf }: Under): bigint {
  const { margin, short = margin, openInterest } = position
  const state = { notional: exposed, size: Fixed.abs(size), openInterest, total: 0n, asOf }
  const { rate, requirement } = profile.rounding
  return Weight.requirement((size < 0n ? short : margin)[purpose], state, { unit: profile.rateUnit, rounding: rate, requirement })
}

/** A gain is its own size: what a large one counts less. */
function weighGain(gain: bigint, { gains }: Account.Position, { profile, purpose, asOf }: Under): bigint {
  if (!gains) return gain
  const { assetWeight: rounding, profit: requirement } = profile.rounding
  const state = { notional: gain, size: gain, openInterest: 0n, total: gains.total, asOf }
  return Weight.requirement(gains[purpose], state, { unit: profile.rateUnit, rounding, requirement })
}

/** The value of an amount, up to its sign: what is owed rounds as debt. */
function signed(amount: bigint, { unit }: Account.Balance, price: bigint, { rounding }: Profile.Profile): bigint {
  return amount > 0n ? Fixed.mulDiv(amount, price, unit, rounding.asset) : -Fixed.mulDiv(-amount, price, unit, rounding.debt)
}

type Weighed = Pick<Account.Balance, 'owned' | 'owed' | 'total' | 'totalOwed'>

/** A worth with the weight of its sign, signed. */
function weigh({ size, worth }: Fill, { owned, owed, total, totalOwed = total }: Weighed, { profile, purpose, asOf }: Under): bigint {
  const { rateUnit: unit, rounding } = profile
  if (worth > 0n) {
    const state = { notional: worth, size: Fixed.abs(size), openInterest: 0n, total, asOf }
    return Weight.requirement(owned[purpose], state, { unit, rounding: rounding.assetWeight, requirement: rounding.asset })
  }
  const state = { notional: -worth, size: Fixed.abs(size), openInterest: 0n, total: totalOwed, asOf }
  return -Weight.requirement(owed[purpose], state, { unit, rounding: rounding.rate, requirement: owing(profile) })
}

/** How a weighted debt rounds: as what it is part of. */
export function owing({ debts, rounding }: Profile.Profile): Fixed.Rounding {
  return debts === 'requirement' ? rounding.requirement : rounding.debt
}
