/** What options of one expiry pay together: their greatest loss, and the shorts that no other option matches. */
import * as Option from './Option.ts'

/** An option held (amount > 0) or written (amount < 0), in units of the underlying. */
export type Leg = { readonly kind: Option.Kind; readonly strike: number; readonly amount: number }

/**
 * What the legs pay at a settlement price.
 *
 * Formula: `Σ amount · payoff(p)`.
 * Source:  docs/method/portfolio-margin.md, eq. (5).
 *
 * @param settlement - p ≥ 0. USD per unit.
 * @returns USD, negative where they cost.
 *
 * @example
 * Payoff.at([{ kind: 'call', strike: 100, amount: 2 }, { kind: 'call', strike: 120, amount: -3 }], 130)
 * // => 30
 */
export function at(legs: readonly Leg[], settlement: number): number {
  let sum = 0
  for (const leg of legs) sum += leg.amount * Option.payoff(leg, settlement)
  return sum
}

/**
 * The most that the legs lose at settlement, below the highest strike.
 *
 * Formula: `max over p ∈ {0, every strike} of max(0, −Σ amount·payoff(p))`: the payoff is linear between these prices, so none below the
 *          highest strike is worse. Above it only short calls lose more, without bound: see `netCalls`.
 * Source:  docs/method/portfolio-margin.md, eq. (6).
 *
 * @returns USD, at least 0.
 *
 * @example
 * Payoff.greatestLoss([{ kind: 'put', strike: 100, amount: -1 }, { kind: 'put', strike: 70, amount: 1 }])
 * // => 30
 */
export function greatestLoss(legs: readonly Leg[]): number {
  let worst = Math.min(0, at(legs, 0))
  for (const { strike } of legs) worst = Math.min(worst, at(legs, strike))
  return 0 - worst
}

/** Calls held less calls written, in units: below 0 the loss has no bound. */
export function netCalls(legs: readonly Leg[]): number {
  let sum = 0
  for (const { kind, amount } of legs) if (kind === 'call') sum += amount
  return sum
}

/**
 * Units written that nothing held at the same strike matches: a call and a put match each other as well as themselves.
 *
 * Formula: `Σ over strikes of max(0, −Σ amount)`.
 * Source:  docs/method/portfolio-margin.md, eq. (7).
 *
 * @returns units of the underlying, at least 0.
 *
 * @example
 * Payoff.naked([{ kind: 'call', strike: 100, amount: -3 }, { kind: 'put', strike: 100, amount: 1 }, { kind: 'put', strike: 90, amount: 9 }])
 * // => 2
 */
export function naked(legs: readonly Leg[]): number {
  let sum = 0
  for (let i = 0; i < legs.length; i++) {
    const { strike } = legs[i] as Leg
    if (!seen(legs, strike, i)) sum += nakedAt(legs, strike)
  }
  return sum
}

function seen(legs: readonly Leg[], strike: number, before: number): boolean {
  for (let i = 0; i < before; i++) if ((legs[i] as Leg).strike === strike) return true
  return false
}

function nakedAt(legs: readonly Leg[], strike: number): number {
  let net = 0
  for (const leg of legs) if (leg.strike === strike) net += leg.amount
  return Math.max(0, -net)
}
