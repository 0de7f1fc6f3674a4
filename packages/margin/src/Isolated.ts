/** What a written option needs when it is looked at alone, and what an expiry needs when its options bound each other's loss. */
import type * as Option from './Option.ts'
import * as Payoff from './Payoff.ts'

/** Rates of spot, unless they say otherwise. 0.15 is 15 %. */
export type Terms = {
  /** Initial, at the money; it falls with the distance out of the money down to `least`. */
  readonly atTheMoney: number
  readonly least: number
  readonly maintenance: {
    readonly call: number
    readonly put: number
    /** Of the option's value; a put needs the greater of both. */
    readonly putOfValue: number
  }
  /** Initial of a put is at least this many times its maintenance. */
  readonly putOffset: number
  /** Of the forward, per call that is written beyond those held. */
  readonly unpaired: { readonly initial: number; readonly maintenance: number }
}

/** Units written (> 0), and what they are worth (≥ 0, USD) to whoever holds them. */
export type Written = { readonly kind: Option.Kind; readonly strike: number; readonly units: number; readonly value: number }

/**
 * Initial requirement of one written option.
 *
 * Formula: `max(atTheMoney − otm, least)·S·q + V`, with `otm = max(0, K/S − 1)` for a call, `max(0, 1 − K/S)` for a put; a put at least
 *          `putOffset · maintenance`.
 * Source:  docs/method/portfolio-margin.md, eq. (8).
 *
 * @param spot - S > 0. USD.
 * @returns USD, at least 0; the option's own value V is in it.
 *
 * @example
 * const rates = { maintenance: { call: 0.1, put: 0.1, putOfValue: 0.1 }, putOffset: 1, unpaired: { initial: 1, maintenance: 1 } }
 * Isolated.initial({ kind: 'call', strike: 125, units: 2, value: 12 }, 100, { atTheMoney: 0.25, least: 0.125, ...rates })
 * // => 37
 */
export function initial(written: Written, spot: number, terms: Terms): number {
  const { kind, strike, units, value } = written
  const out = Math.max(0, kind === 'call' ? strike / spot - 1 : 1 - strike / spot)
  const own = Math.max(terms.atTheMoney - out, terms.least) * spot * units + value
  return kind === 'call' ? own : Math.max(own, terms.putOffset * maintenance(written, spot, terms))
}

/**
 * Maintenance requirement of one written option.
 *
 * Formula: `call·S·q + V`; `max(put·S·q, putOfValue·V) + V`.
 * Source:  docs/method/portfolio-margin.md, eq. (9).
 *
 * @param spot - S > 0. USD.
 * @returns USD, at least 0; the option's own value V is in it.
 */
export function maintenance({ kind, units, value }: Written, spot: number, { maintenance: rates }: Terms): number {
  if (kind === 'call') return rates.call * spot * units + value
  return Math.max(rates.put * spot * units, rates.putOfValue * value) + value
}

/**
 * What the options of one expiry can cost at most.
 *
 * Formula: `greatest loss + unpaired · F · max(0, −net calls)`.
 * Source:  docs/method/portfolio-margin.md, eq. (10).
 *
 * @param forward - F. USD.
 * @param unpaired - the rate of F per unpaired call.
 * @returns USD, at least 0.
 */
export function bound(legs: readonly Payoff.Leg[], forward: number, unpaired: number): number {
  return Payoff.greatestLoss(legs) + unpaired * forward * Math.max(0, -Payoff.netCalls(legs))
}
