/** How much of a position or a debt a liquidation may take: to a target, by a factor, through a window, in parts. */
import * as Account from './Account.ts'
import * as Bracket from './Bracket.ts'
import * as Breakpoint from './Breakpoint.ts'
import * as Delta from './Delta.ts'
import * as Fixed from './Fixed.ts'
import type * as Profile from './Profile.ts'

export type Size =
  /** The target is met already. */
  | { readonly status: 'none' }
  /** The least that meets the target. */
  | { readonly status: 'part'; readonly size: bigint; readonly health: Course }
  /** All there is, and the target is not met. */
  | { readonly status: 'whole'; readonly size: bigint; readonly health: Course }

/** What each unit closed does to health, E / MM. */
export type Course = 'rises' | 'stays' | 'falls'

/**
 * The notional, or the debt repaid, that brings an account to a target health, in closed form.
 *
 * Formula: `x = ⌈(τ·MM − E) / (τ·m − φ)⌉`, from `E − φ·x ≥ τ·(MM − m·x)`.
 * Source:  docs/method/liquidation.md, eq. (4) and (5).
 * Rounding: up, so that the target is met.
 *
 * Health never falls when `E·m ≥ φ·MM`: what a unit costs is no more than its share of the health it stands on. Below that every unit that is
 * closed leaves the rest worse off, and `health` says so. A loan fits too: m = 1 and φ the collateral's threshold times 1 + bonus.
 *
 * @param account.equity - E, signed. Money.
 * @param account.maintenanceMargin - MM > 0. Money.
 * @param terms.margin - m: what a unit closed frees of maintenance margin, flat.
 * @param terms.cost - φ ≥ 0: what it costs in equity, fees and discounts together.
 * @param terms.target - τ ≥ 1, in parts of `unit` as the two others.
 * @param atMost - the whole position or debt. Money, ≥ 0.
 *
 * @example
 * // (1.25 · 50 − 40) / (1.25 · 5 % − 1 %) = 428.57…
 * const terms = { margin: 50_000n, cost: 10_000n, target: 1_250_000n, unit: 1_000_000n }
 * CloseOut.toTarget({ equity: 40n, maintenanceMargin: 50n }, terms, 1_000n)
 * // => { status: 'part', size: 429n, health: 'rises' }
 */
export function toTarget(account: toTarget.Account, { margin, cost, target, unit }: toTarget.Terms, atMost: bigint): Size {
  const { equity, maintenanceMargin } = account
  const missing = target * maintenanceMargin - equity * unit
  if (missing <= 0n) return { status: 'none' }
  const health = courseOf(equity * margin, cost * maintenanceMargin)
  const freed = target * margin - cost * unit
  const size = freed > 0n ? Fixed.mulDiv(missing, unit, freed, 'up') : atMost + 1n
  return size <= atMost ? { status: 'part', size, health } : { status: 'whole', size: atMost, health }
}

export declare namespace toTarget {
  type Account = { readonly equity: bigint; readonly maintenanceMargin: bigint }
  type Terms = { readonly margin: bigint; readonly cost: bigint; readonly target: bigint; readonly unit: bigint }
}

/** A position that is closed at a price for a fee, until health is at the target. */
export type Plan = {
  readonly market: string
  readonly price: bigint
  readonly feePpm: number
  /** τ ≥ 1. Integer ppm. */
  readonly targetPpm: number
}

/**
 * The least size of a position whose close brings the account to a target health, whatever its curves.
 *
 * Formula: the least d with `E(d) ≥ τ·MM(d)`, the account after the trade being `Delta.apply`'s.
 * Source:  docs/method/liquidation.md, eq. (4) and (5a).
 * Rounding: up to a native unit: d meets the target, and d − 1 does not. Every size is assessed by `Account.assess`.
 *
 * Under rates that rise a part can meet a target that the whole does not: the sizes at which a curve changes its law are tried from 0 on. Between
 * them flat and tiered margins are lines, and the least is found; of other curves a target that is met nowhere on the grid, nor at its best, is
 * taken as not met.
 *
 * @returns native units; `health` compares the account after with the account before.
 * @throws {Delta.UnknownMarketError} the account states no terms of the market.
 * @throws {Fixed.NotAnIntegerError} the fee or the target is no integer.
 *
 * @example
 * const flat = { kind: 'flat', rate: 50_000n }
 * const terms = { margin: { initial: flat, maintenance: flat }, openInterest: 0n, charge: 0n, unit: 1n }
 * const position = { market: 'ETH', size: 1_000n, cost: 1_000n, quote: 40n, price: Valuation.mark(1n), ...terms }
 * const account = { balances: [], positions: [position], fees: 0n, asOf: 0 }
 * CloseOut.plan(account, plimsoll, { market: 'ETH', price: 1n, feePpm: 10_000, targetPpm: 1_250_000 })
 * // => { status: 'part', size: 440n, health: 'rises' }
 */
export function plan(account: Account.Account, profile: Profile.Profile, { market, price, feePpm, targetPpm }: Plan): Size {
  const held = account.positions.find((position) => position.market === market)
  if (held === undefined) throw new Delta.UnknownMarketError(market)
  const closing = held.size > 0n ? -1n : 1n
  const after = (size: bigint) => {
    const trade = { kind: 'trade' as const, market, size: size * closing, price, feePpm }
    return Account.assess(Delta.apply({ account, stack: Delta.bare }, [trade]).account, profile)
  }
  const target = Fixed.toPpm(targetPpm)
  const excess = (size: bigint) => {
    const { equity, maintenanceMargin } = after(size)
    return equity * Fixed.ppm - target * maintenanceMargin
  }
  if (excess(0n) >= 0n) return { status: 'none' }
  const least = reach(excess, Breakpoint.sizes(held, profile))
  const size = least ?? Fixed.abs(held.size)
  const [before, then] = [after(0n), after(size)]
  const health = courseOf(then.equity * before.maintenanceMargin, before.equity * then.maintenanceMargin)
  return { status: least === null ? 'whole' : 'part', size, health }
}

/** The first size that passes, from 0, which does not; null where none is found. */
function reach(excess: (size: bigint) => bigint, stops: readonly bigint[]): bigint | null {
  let [fallen, best] = [0n, { at: 0, excess: excess(0n) }]
  for (const [i, stop] of stops.entries()) {
    const value = excess(stop)
    if (value >= 0n) return Bracket.narrow(excess, { safe: stop, fallen })
    if (value > best.excess) best = { at: i + 1, excess: value }
    fallen = stop
  }
  // Between the neighbours of the best stop a bend may rise above it.
  const ends = [0n, ...stops]
  const from = ends[Math.max(0, best.at - 1)] ?? 0n
  const top = Bracket.peak(excess, { from, to: ends[best.at + 1] ?? fallen })
  return excess(top) < 0n ? null : Bracket.narrow(excess, { safe: top, fallen: from })
}

export declare namespace plan {
  type ErrorType = Delta.UnknownMarketError | Fixed.NotAnIntegerError | Account.assess.ErrorType
}

/** A debt and the collateral that would be taken for it, in money; health in parts of `unit`. */
export type Loan = { readonly debt: bigint; readonly collateral: bigint; readonly totalDebt: bigint; readonly health: bigint }

/** A share of all the account owes while it is not too far gone; the whole debt below `wholeBelow`, and of sums below `smallest`. */
export type Factor = { readonly share: bigint; readonly unit: bigint; readonly wholeBelow: bigint; readonly smallest: bigint }

/**
 * The most of one debt that one liquidation may repay.
 *
 * Formula: `min(debt, share · total debt)` while health is above `wholeBelow` and both sums reach `smallest`; else the debt.
 * Source:  docs/method/liquidation.md, eq. (6).
 * Rounding: as asked.
 *
 * @example
 * const factor = { share: 5_000n, unit: 10_000n, wholeBelow: 9_500n, smallest: 2_000n }
 * CloseOut.byFactor({ debt: 9_000n, collateral: 12_000n, totalDebt: 10_000n, health: 9_900n }, factor, 'down')
 * // => 5000n
 */
export function byFactor({ debt, collateral, totalDebt, health }: Loan, factor: Factor, rounding: Fixed.Rounding): bigint {
  const { share, unit, wholeBelow, smallest } = factor
  if (health <= wholeBelow || debt < smallest || collateral < smallest) return debt
  return Fixed.min(debt, Fixed.mulDiv(totalDebt, share, unit, rounding))
}

/** What a liquidation leaves of a debt and of its collateral, in money. */
export type Left = { readonly debt: bigint; readonly collateral: bigint }

export type Leftover = { readonly status: 'ok' } | { readonly status: 'refused'; readonly code: 'DUST'; readonly message: string }

/**
 * Whether what is left is worth liquidating again: one side is cleared, or both still reach a least sum.
 *
 * Source:  docs/method/liquidation.md, eq. (7).
 *
 * @example
 * CloseOut.check({ debt: 900n, collateral: 1_500n }, 1_000n).status
 * // => 'refused'
 * CloseOut.check({ debt: 0n, collateral: 5n }, 1_000n).status
 * // => 'ok'
 */
export function check({ debt, collateral }: Left, least: bigint): Leftover {
  if (debt === 0n || collateral === 0n || (debt >= least && collateral >= least)) return { status: 'ok' }
  return {
    status: 'refused',
    code: 'DUST',
    message: `A debt of ${debt} on ${collateral} would be left, and ${least} is the least of either.`,
  }
}

/** What sizes a rolling window of liquidations: rates and the multiplier in parts of `unit`. */
export type Window = {
  readonly makerFee: bigint
  readonly takerFee: bigint
  readonly skewScale: bigint
  readonly multiplier: bigint
  readonly seconds: bigint
  readonly unit: bigint
}

/**
 * The size that one window lets through.
 *
 * Formula: `(maker fee + taker fee) · skew scale · multiplier · seconds`.
 * Source:  docs/method/liquidation.md, eq. (8).
 * Rounding: cut, after each product.
 *
 * @returns native units.
 *
 * @example
 * CloseOut.windowOf({ makerFee: 7n, takerFee: 3n, skewScale: 1_000n, multiplier: 1_000n, seconds: 10n, unit: 1_000n })
 * // => 100n
 */
export function windowOf({ makerFee, takerFee, skewScale, multiplier, seconds, unit }: Window): bigint {
  const fees = Fixed.mulDiv(makerFee + takerFee, skewScale, unit, 'zero')
  return Fixed.mulDiv(fees, multiplier, unit, 'zero') * seconds
}

/** A size that was liquidated. Native units, unix seconds. */
export type Taken = { readonly at: number; readonly size: bigint }

/**
 * What a window has let through: all that was taken less than `seconds` ago.
 *
 * Formula: `Σ size over at > now − seconds`.
 * Source:  docs/method/liquidation.md, eq. (8).
 *
 * @example
 * CloseOut.used([{ at: 0, size: 60n }, { at: 5, size: 7n }], { now: 10, seconds: 10 })
 * // => 7n
 */
export function used(taken: readonly Taken[], { now, seconds }: used.Window): bigint {
  return taken.reduce((sum, { at, size }) => (at > now - seconds ? sum + size : sum), 0n)
}

export declare namespace used {
  type Window = { readonly now: number; readonly seconds: number }
}

/**
 * What may be liquidated now: what the window has left, and one more window once it is used up while the market is close to balance.
 *
 * Formula: `min(asked, capacity − used)`; `min(asked, capacity)` where that is used up and `|skew| / scale < mostSkew`.
 * Source:  docs/method/liquidation.md, eq. (8).
 *
 * @param state.asked - native units, ≥ 0; `used` in this window likewise, `skew` signed.
 * @param window.mostSkew - in parts of `unit`; 0 opens no second window.
 *
 * @example
 * const window = { capacity: 100n, skewScale: 1_000n, unit: 1_000n, mostSkew: 50n }
 * CloseOut.inWindow({ asked: 500n, used: 60n, skew: 900n }, window)
 * // => 40n
 * CloseOut.inWindow({ asked: 500n, used: 100n, skew: -49n }, window)
 * // => 100n
 */
export function inWindow({ asked, used, skew }: inWindow.State, { capacity, skewScale, unit, mostSkew }: inWindow.Window): bigint {
  const left = Fixed.max(0n, capacity - used)
  const opens = left === 0n && Fixed.abs(skew) * unit < mostSkew * skewScale
  return Fixed.min(asked, opens ? capacity : left)
}

export declare namespace inWindow {
  type State = { readonly asked: bigint; readonly used: bigint; readonly skew: bigint }
  type Window = { readonly capacity: bigint; readonly skewScale: bigint; readonly unit: bigint; readonly mostSkew: bigint }
}

/**
 * The least and the most notional of a position that one liquidation may take.
 *
 * Formula: `least = min(least, N)`, `most = max(least, ⌊N · portion⌋)`.
 * Source:  docs/method/liquidation.md, eq. (9).
 * Rounding: down.
 *
 * @example
 * CloseOut.portion(1_000n, { least: 300n, mostPpm: 200_000 })
 * // => { least: 300n, most: 300n }
 */
export function portion(notional: bigint, terms: portion.Terms): portion.Range {
  const least = Fixed.min(terms.least, notional)
  return { least, most: Fixed.max(least, Fixed.ofPpm(notional, terms.mostPpm, 'down')) }
}

export declare namespace portion {
  type Terms = { readonly least: bigint; readonly mostPpm: number }
  type Range = { readonly least: bigint; readonly most: bigint }
  type ErrorType = Fixed.NotAnIntegerError
}

function courseOf(gained: bigint, lost: bigint): Course {
  if (gained > lost) return 'rises'
  return gained === lost ? 'stays' : 'falls'
}
