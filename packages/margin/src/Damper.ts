/** Quantiles rise at once and fall slowly, so that a calm hour does not lend what the next storm takes back. */
import * as Fixed from './Fixed.ts'
import type { Damper, Forecast, Params, Quantile } from './Inputs.ts'

const hourSeconds = 3_600
const hoursPerDay = 24n

/**
 * The quantiles that apply now; they are also the state that the next call starts from.
 *
 * Formula, per side, with h whole hours since `previous.at`, p the previous and f the forecast quantile:
 *   through the cycle   `t = clamp(f, p − ⌊p · move · h / 24⌋, p + ⌈p · move · h / 24⌉)`
 *   close-out, τ_liq    `max(f, p − ⌊p · fall · h / 24⌋, t)`
 * Source:  docs/method/limit.md, eq. (3).
 * Rounding: against the user: a fall down, a rise up. A rise through the cycle is at least 1 ppm an hour, so that 0 is left again.
 *
 * Only whole hours count and `at` advances by them, so that asking often does not round the fall away: in any 24 hours a quantile
 * falls by at most the set fraction, however often it is read. Nothing falls below the through-the-cycle quantile over τ_liq, which
 * is a floor for the longer horizon as well.
 *
 * @param previous - what was applied last; null before the first, when the forecast applies as it is.
 * @param asOf - unix seconds. A time before `previous.at` counts as no time.
 */
export function apply(previous: Damper | null, forecast: Forecast, asOf: number, params: Params): Damper {
  const before = previous ?? { ...forecast, at: asOf }
  const hours = Math.max(0, Math.floor((asOf - before.at) / hourSeconds))
  const throughTheCycle = each((side) => {
    const was = before.throughTheCycle[side]
    const least = was - change(was, params.throughTheCycleMovePpmPerDay, hours, 'down')
    const most = was + Math.max(hours, change(was, params.throughTheCycleMovePpmPerDay, hours, 'up'))
    return Math.min(most, Math.max(least, forecast.throughTheCycle[side]))
  })
  const damped = (was: Quantile, now: Quantile) =>
    each((side) => {
      const least = was[side] - change(was[side], params.quantileFallPpmPerDay, hours, 'down')
      return Math.max(now[side], least, throughTheCycle[side])
    })
  return {
    at: before.at + hours * hourSeconds,
    closeOut: damped(before.closeOut, forecast.closeOut),
    liquidation: damped(before.liquidation, forecast.liquidation),
    throughTheCycle,
  }
}

/** What `quantile` may change by in so many hours. */
function change(quantile: number, ratePpmPerDay: number, hours: number, rounding: Fixed.Rounding): number {
  return Number(Fixed.mulDiv(BigInt(quantile) * BigInt(ratePpmPerDay), BigInt(hours), Fixed.ppm * hoursPerDay, rounding))
}

function each(of: (side: keyof Quantile) => number): Quantile {
  return { longPpm: of('longPpm'), shortPpm: of('shortPpm') }
}
