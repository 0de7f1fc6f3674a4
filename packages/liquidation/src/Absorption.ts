/** What a backstop takes of a forced flow, and when it lets go of it. Capital is committed before the first forced order; nothing is added later. */
import * as Bid from './Bid.ts'
import * as Figure from './Figure.ts'

export type Terms = {
  /** φ: the most of any flow. */
  readonly share: number
  /** k: deviations of the price over the unwind that it wants to be paid. */
  readonly risk: number
  /** γ: risk aversion by USD. */
  readonly aversion: number
  /** τ: how long it expects to hold. */
  readonly unwindSeconds: number
  /** What a trade costs it, as a share. */
  readonly fee: number
}

/** A forced flow, in USD, and the market that it comes to. */
export type Flow = {
  /** q ≥ 0. */
  readonly amount: number
  /** Inventory already held of the same sign, negative where the flow takes from it. USD. */
  readonly inventory: number
  /** What capital is left for. USD ≥ 0. */
  readonly room: number
  /** How far the price already stands beyond the index on the side that pays it. Log; negative where it costs. */
  readonly divergence: number
  /** κ: what the market moves by, log by USD. */
  readonly slope: number
  /** s: log by √second. */
  readonly sigma: number
}

/**
 * The discount to the index at which the backstop holds an inventory: what a bidder for a lot asks for.
 *
 * Formula: `δ(I) = k·s·√τ + γ·s²·τ·I/2 + fee`.
 * Source:  docs/method/replay.md, eq. (12).
 *
 * @param inventory - I ≥ 0. USD.
 *
 * @example
 * Absorption.discount({ share: 1, risk: 2, aversion: 1, unwindSeconds: 4, fee: 0.25 }, { sigma: 0.125, inventory: 8 })
 * // => 1
 */
export function discount(
  { risk, aversion, unwindSeconds, fee }: Terms,
  { sigma, inventory }: { readonly sigma: number; readonly inventory: number },
): number {
  const appetite = { confidence: risk, aversion, fee, limit: Number.POSITIVE_INFINITY }
  return Bid.needed(appetite, { sigma, horizon: unwindSeconds }, inventory)
}

/**
 * What it takes: as much as pays for itself at the price that what it leaves moves the market to, at most φ of the flow and what capital is left for.
 *
 * Formula: `a = min(φq, room, (D + κq/2 − δ(I)) / (κ/2 + γs²τ/2))`, from `δ(I + a) ≤ D + κ(q − a)/2`.
 * Source:  docs/method/replay.md, eq. (13).
 *
 * @returns USD, in [0, φq].
 * @throws {Figure.InvalidFigureError}
 *
 * @example
 * Absorption.of({ share: 0.5, risk: 0, aversion: 0, unwindSeconds: 1, fee: 0.25 }, { amount: 8, inventory: 0, room: 100, divergence: 0, slope: 0.125, sigma: 0 })
 * // => 4
 */
export function of(terms: Terms, flow: Flow): number {
  const { amount, inventory, room, divergence, slope, sigma } = flow
  if (!(amount > 0 && room > 0)) return 0
  const growth = (terms.aversion * sigma * sigma * terms.unwindSeconds) / 2
  const spare = divergence + (slope * amount) / 2 - discount(terms, { sigma, inventory: Math.max(0, inventory) })
  if (spare <= 0) return 0
  const weight = slope / 2 + growth
  const paying = weight > 0 ? spare / weight : Number.POSITIVE_INFINITY
  return Math.min(terms.share * amount, room, paying)
}

/** @throws {Figure.InvalidFigureError} */
export function assert({ share, risk, aversion, unwindSeconds, fee }: Terms): void {
  Figure.assert('a share', { share })
  Figure.assert('at least 0', { risk, aversion, unwindSeconds, fee })
}

/** When inventory goes back to the market: no forced flow for so long, and the price close to the index. */
export type Release = {
  readonly quietSeconds: number
  /** Log. */
  readonly divergence: number
  /** At most so much a step. USD. */
  readonly amount: number
}

/**
 * What of an inventory is sold now.
 *
 * Formula: `min(I, amount)` where flow has stopped and |D| is small, else 0.
 * Source:  docs/method/replay.md, eq. (14).
 *
 * @example
 * Absorption.release({ quietSeconds: 60, divergence: 0.001, amount: 5 }, { inventory: 8, quietSeconds: 60, divergence: 0 })
 * // => 5
 */
export function release(
  terms: Release,
  state: { readonly inventory: number; readonly quietSeconds: number; readonly divergence: number },
): number {
  if (state.quietSeconds < terms.quietSeconds || Math.abs(state.divergence) > terms.divergence) return 0
  return Math.min(state.inventory, terms.amount)
}
