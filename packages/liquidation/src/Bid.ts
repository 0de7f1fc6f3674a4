/** Whether a lot of inherited inventory is worth its discount, and how much of it. */
import { Fixed } from '@plimsoll/margin'
import * as Figure from './Figure.ts'

/** A lot on offer, what the bidder has already, and what it makes of risk. */
export type Lot = {
  /** δ: from the mark, to the bidder's advantage. A share of the price. */
  readonly discount: number
  /** Notional on offer. USD. */
  readonly notional: number
  /** λ: what every dollar that is taken takes off the discount, where a market sets it; 0 unless given, as in an auction. By USD. */
  readonly slope?: number
}

/** How a bidder prices risk. */
export type Appetite = {
  /** k: standard deviations of the unwinding's price that the discount has to pay for. */
  readonly confidence: number
  /** γ: what a USD of variance costs. By USD. */
  readonly aversion: number
  /** Of taking and of closing together. A share of the notional. */
  readonly fee: number
  /** Greatest notional it may hold on one side. USD. */
  readonly limit: number
}

/** s by √time, τ in the same time: how far the price may go before the lot is closed again. */
export type Risk = { readonly sigma: number; readonly horizon: number }

export type Decision =
  /** `needed` is the discount asked for all that is taken. */
  | { readonly status: 'bid'; readonly notional: number; readonly needed: number }
  /** `needed` is the discount that a first dollar would ask for. */
  | { readonly status: 'pass'; readonly reason: 'DISCOUNT' | 'LIMIT'; readonly needed: number }

/**
 * The discount that a holding asks for.
 *
 * Formula: `k·s·√τ + γ·s²·q·τ/2 + fee`.
 * Source:  docs/method/backstop.md, eq. (1).
 *
 * @param holding - q: notional on the lot's side after the bid; negative where the lot closes some of the opposite. USD.
 * @returns a share of the price; it may be negative for a lot that takes risk away.
 *
 * @example
 * Bid.needed({ confidence: 1, aversion: 1e-6, fee: 0.001, limit: 1e6 }, { sigma: 0.01, horizon: 4 }, 100_000).toFixed(6)
 * // => '0.021020'
 */
export function needed({ confidence, aversion, fee }: Appetite, { sigma, horizon }: Risk, holding: number): number {
  Figure.assert('at least 0', { confidence, aversion, fee, sigma, horizon })
  Figure.assert('finite', { holding })
  return confidence * sigma * Math.sqrt(horizon) + (aversion * sigma * sigma * holding * horizon) / 2 + fee
}

/**
 * By how much a lot at the venue's price costs more than at the index: so much of a discount is none. What is cheap by it earns nothing.
 *
 * Formula: `max(0, 1 − e^−d)` for a long lot, `max(0, e^−d − 1)` for a short one.
 * Source:  docs/method/backstop.md, eq. (18).
 *
 * @param divergence - d: ln(P_venue / P_index).
 * @param side - 1 for a long lot, −1 for a short one.
 * @returns a share of the venue's price.
 *
 * @example
 * Bid.dearness(Math.log(1.25), 1).toFixed(6)
 * // => '0.200000'
 */
export function dearness(divergence: number, side: 1 | -1): number {
  Figure.assert('finite', { divergence })
  return Math.max(0, -side * Math.expm1(-divergence))
}

/**
 * How much of a lot to bid for: all that its discount pays for, within the limit.
 *
 * Formula: `needed(q + x) ≤ δ − λ·x`, so that `x ≤ (δ − needed(q))/(γ·s²·τ/2 + λ)`.
 * Source:  docs/method/backstop.md, eq. (2).
 *
 * @param holding - q: notional held already, negative where it is on the other side. USD.
 *
 * @example
 * const appetite = { confidence: 1, aversion: 0, fee: 0, limit: 1_000_000 }
 * Bid.of({ discount: 0.03, notional: 500_000 }, appetite, { risk: { sigma: 0.01, horizon: 4 }, holding: 0 })
 * // => { status: 'bid', notional: 500_000, needed: 0.02 }
 */
export function of(lot: Lot, appetite: Appetite, { risk, holding }: of.State): Decision {
  const { discount, notional, slope = 0 } = lot
  Figure.assert('a share', { discount })
  Figure.assert('at least 0', { notional, slope, limit: appetite.limit })
  const first = needed(appetite, risk, holding)
  const room = Math.min(notional, appetite.limit - holding)
  if (room <= 0) return { status: 'pass', reason: 'LIMIT', needed: first }
  if (discount < first) return { status: 'pass', reason: 'DISCOUNT', needed: first }
  const dearer = (appetite.aversion * risk.sigma * risk.sigma * risk.horizon) / 2 + slope
  const taken = dearer === 0 ? room : Math.min(room, (discount - first) / dearer)
  if (taken <= 0) return { status: 'pass', reason: 'DISCOUNT', needed: first }
  return { status: 'bid', notional: taken, needed: needed(appetite, risk, holding + taken) }
}

/**
 * Greatest holding on one side that a venue admits without a certificate: what the bidder's account has, less what its other markets need.
 *
 * Formula: `⌊(E − (IM − ⌈N₀·r⌉))·10⁶/r⌋`, 0 where the rest is not covered.
 * Source:  docs/method/backstop.md, eq. (17).
 * Rounding: down; what this market needs of IM up, as the venue does.
 *
 * @param account.raiseEquity - E: gains and credit count nothing. USD.
 * @param account.im - of all positions. USD.
 * @param at.held - N₀: notional held in the market. USD.
 * @param at.ratePpm - r > 0.
 *
 * @example
 * Bid.admitted({ raiseEquity: 500n, im: 140n }, { held: 1_000n, ratePpm: 40_000 })
 * // => 10_000n
 */
export function admitted({ raiseEquity, im }: admitted.Account, { held, ratePpm }: admitted.At): bigint {
  Figure.assert('above 0', { ratePpm })
  const others = im - Fixed.ofPpm(held, ratePpm, 'up')
  return raiseEquity > others ? Fixed.mulDiv(raiseEquity - others, 1_000_000n, BigInt(ratePpm), 'down') : 0n
}

export declare namespace admitted {
  type Account = { readonly raiseEquity: bigint; readonly im: bigint }
  type At = { readonly held: bigint; readonly ratePpm: number }
  type ErrorType = Figure.InvalidFigureError
}

export declare namespace of {
  type State = { readonly risk: Risk; readonly holding: number }
  type ErrorType = Figure.InvalidFigureError
}
