/** A reduction in slices: Almgren and Chriss, no slice above what the market takes. */
import { Fixed } from '@plimsoll/margin'
import * as Book from './Book.ts'
import * as Figure from './Figure.ts'
import type * as Forecast from './Forecast.ts'
import * as Impact from './Impact.ts'
import * as Schedule from './Schedule.ts'

export type Terms = {
  readonly slices: number
  /** T: how long all of them take. */
  readonly seconds: number
  /** λ: by USD of variance. 0 for equal slices. */
  readonly aversion: number
  /** The part of a slice's volume that it may be. */
  readonly participationPpm: number
}

export type Market = {
  readonly impact: Impact.Impact
  /** What is on offer within `slippage` for one slice. USD at P0. */
  readonly depth: bigint
  /** Log move that a slice of that size is filled at, away from the price. */
  readonly slippage: number
  /** What others trade in the time of one slice. USD. */
  readonly volume: bigint
}

/**
 * The most that one slice may be: depth and participation, less what others' plans take of it.
 *
 * Formula: `max(0, min(depth, ⌊part·volume⌋) − ⌈planned/slices⌉)`.
 * Source:  docs/method/prediction.md, eq. (18).
 * Rounding: down.
 */
export function cap({ depth, volume }: Market, planned: bigint, { slices, participationPpm }: Terms): bigint {
  const whole = Fixed.min(depth, Fixed.ofPpm(volume, participationPpm, 'down'))
  return Fixed.max(0n, whole - Fixed.ratio(planned, BigInt(slices), 'up'))
}

/** The most that all slices together may be. */
export function most(market: Market, planned: bigint, terms: Terms): bigint {
  return cap(market, planned, terms) * BigInt(terms.slices)
}

/**
 * The slices of a reduction.
 *
 * Formula: `x_k = X·sinh(κ(T − t_k))/sinh(κT)`, each slice at most the cap and what it leaves over in the next ones, and in the ones before it at
 *          the end.
 * Source:  docs/method/prediction.md, eq. (19).
 * Rounding: what is left after each slice down, so that more is closed sooner; they sum to the size.
 *
 * @param size - at most `most`. USD at P0.
 * @returns as many as the terms say; late ones may be 0.
 * @throws {Figure.InvalidFigureError} the size is more than all slices may be, or a figure of the schedule is out of range.
 */
export function of(size: bigint, { market, planned, forecast, name, terms }: of.Sale): readonly bigint[] {
  const amount = Book.usd(size)
  const largest = cap(market, planned, terms)
  Figure.assert('at least 0', { 'what slices may take, less the size,': Book.usd(largest * BigInt(terms.slices) - size) })
  const step = terms.seconds / terms.slices
  const permanent = amount > 0 ? Impact.of(market.impact, amount) / amount : 0
  const depth = Book.usd(market.depth)
  const temporary = Math.max(depth > 0 ? (market.slippage * step) / depth : 0, permanent * step, Number.MIN_VALUE * 2 ** 60)
  const sigma = Math.sqrt((forecast.markets[name]?.variance ?? 0) / forecast.horizonSeconds)
  const { holdings } = Schedule.plan({
    amount,
    horizon: terms.seconds,
    slices: terms.slices,
    sigma,
    permanent,
    temporary,
    spread: 0,
    aversion: terms.aversion,
  })
  const slices: bigint[] = []
  let left = size
  for (let k = 1; k <= terms.slices; k++) {
    const held = k === terms.slices ? 0n : Fixed.min(size, BigInt(Math.floor((holdings[k] ?? 0) * 1e6)) * 10n ** 12n)
    // What later slices cannot take has to be closed now.
    const later = largest * BigInt(terms.slices - k)
    const slice = Fixed.max(left - later, Fixed.min(largest, Fixed.max(0n, left - held)))
    slices.push(slice)
    left -= slice
  }
  return slices
}

export declare namespace of {
  type Sale = {
    readonly market: Market
    readonly planned: bigint
    readonly forecast: Forecast.Forecast
    readonly name: string
    readonly terms: Terms
  }
  type ErrorType = Figure.InvalidFigureError
}
