/** Two prices that a market maker stands behind: moved by what it holds, wider as risk rises, deeper as the market grows fragile. */
import * as Figure from './Figure.ts'

/** What a quote is made of. */
export type Desk = {
  /** P. USD a unit. */
  readonly price: number
  /** q, signed: notional held. USD. */
  readonly holding: number
  /** s by √time, τ in the same time. */
  readonly sigma: number
  readonly horizon: number
  /** γ: what a USD of variance costs. By USD. */
  readonly aversion: number
  /** κ: by how much fewer orders reach a price that is further away. By share of the price. */
  readonly decay: number
  /** Notional of a quote while the market is calm. USD. */
  readonly depth: number
  /** Greatest notional it may hold on one side. USD. */
  readonly limit: number
}

/** n, and how many times the depth it is worth from where it is high; it rises from where n is low. Shares. */
export type Fragility = { readonly reflexivity: number; readonly low: number; readonly high: number; readonly most: number }

export type Side = { readonly price: number; readonly notional: number }
export type Quote = { readonly reservation: number; readonly bid: Side; readonly ask: Side }

/**
 * The price at which the desk would rather hold neither more nor less, and its quotes around it.
 *
 * Formula: `r = P·(1 − q·γ·s²·τ)`, `w = γ·D·s²·τ/2 + ln(1 + γ·D/κ)/(γ·D)`, prices `r ∓ P·w`; without aversion `w = 1/κ`.
 * Source:  docs/method/backstop.md, eq. (3) to (5).
 *
 * @returns prices in USD a unit, notional in USD. A side that would pass the limit is smaller, down to 0.
 *
 * @example
 * const calm = { reflexivity: 0.2, low: 0.5, high: 0.8, most: 4 }
 * const desk = { price: 100, holding: 0, sigma: 0, horizon: 1, aversion: 0, decay: 200, depth: 1_000, limit: 10_000 }
 * Quote.of(desk, calm)
 * // => { reservation: 100, bid: { price: 99.5, notional: 1_000 }, ask: { price: 100.5, notional: 1_000 } }
 */
export function of(desk: Desk, fragility: Fragility): Quote {
  const { price, holding, sigma, horizon, aversion, decay, depth, limit } = desk
  Figure.assert('above 0', { price, decay })
  Figure.assert('at least 0', { sigma, horizon, aversion, depth, limit })
  Figure.assert('finite', { holding })
  const variance = sigma * sigma * horizon
  const reservation = price * (1 - holding * aversion * variance)
  const weight = aversion * depth
  const half = (weight * variance) / 2 + (weight === 0 ? 1 / decay : Math.log1p(weight / decay) / weight)
  const size = depth * multiple(fragility)
  return {
    reservation,
    bid: { price: reservation - price * half, notional: Math.max(0, Math.min(size, limit - holding)) },
    ask: { price: reservation + price * half, notional: Math.max(0, Math.min(size, limit + holding)) },
  }
}

export declare namespace of {
  type ErrorType = Figure.InvalidFigureError
}

/**
 * How many times its calm depth a desk quotes.
 *
 * Formula: `1 + (most − 1) · clamp((n − low) / (high − low))`.
 * Source:  docs/method/backstop.md, eq. (5).
 *
 * @example
 * Quote.multiple({ reflexivity: 0.65, low: 0.5, high: 0.8, most: 3 }).toFixed(6)
 * // => '2.000000'
 */
export function multiple({ reflexivity, low, high, most }: Fragility): number {
  Figure.assert('at least 0', { reflexivity, low })
  Figure.assert('above 0', { most, width: high - low })
  return 1 + (most - 1) * Math.min(1, Math.max(0, (reflexivity - low) / (high - low)))
}
