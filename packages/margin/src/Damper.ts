/** Quantiles rise at once and fall slowly, so that a calm hour does not lend what the next storm takes back. */
import * as Fixed from './Fixed.ts'
import type { Damper, Forecast, Params, Quantile } from './Inputs.ts'

const day = 86_400n

/**
 * The quantiles that apply now.
 *
 * Formula: `applied = max(forecast, previous − ⌊previous · fall · Δt / day⌋)`; through the cycle `previous ± ⌊previous · move · Δt / day⌋`
 *          bounds the step both ways.
 * Source:  docs/method/limit.md, eq. (3).
 * Rounding: a fall is rounded down, a rise up.
 *
 * @param previous - what was applied last; null before the first.
 * @param asOf - unix seconds.
 */
export function apply(previous: Damper | null, forecast: Forecast, asOf: number, params: Params): Damper {
  if (previous === null)
    return { at: asOf, closeOut: forecast.closeOut, liquidation: forecast.liquidation, throughTheCycle: forecast.throughTheCycle }
  const elapsed = BigInt(Math.max(0, asOf - previous.at))
  const falling = (before: number, now: number) => Math.max(now, before - step(before, params.quantileFallPpmPerDay, elapsed))
  const moving = (before: number, now: number) => {
    const bound = step(before, params.throughTheCycleMovePpmPerDay, elapsed)
    return Math.min(before + bound, Math.max(before - bound, now))
  }
  const both = (before: Quantile, now: Quantile, move: (before: number, now: number) => number): Quantile => ({
    longPpm: move(before.longPpm, now.longPpm),
    shortPpm: move(before.shortPpm, now.shortPpm),
  })
  const next = {
    closeOut: both(previous.closeOut, forecast.closeOut, falling),
    liquidation: both(previous.liquidation, forecast.liquidation, falling),
    throughTheCycle: both(previous.throughTheCycle, forecast.throughTheCycle, moving),
  }
  // An unchanged quantile keeps its clock, so that many small steps add up to what one long step gives.
  const moved =
    JSON.stringify(next) !==
    JSON.stringify({ closeOut: previous.closeOut, liquidation: previous.liquidation, throughTheCycle: previous.throughTheCycle })
  return { at: moved ? Math.max(asOf, previous.at) : previous.at, ...next }
}

function step(before: number, ratePpm: number, elapsed: bigint): number {
  return Number(Fixed.mulDiv(BigInt(before) * BigInt(ratePpm), elapsed, Fixed.ppm * day, 'down'))
}
