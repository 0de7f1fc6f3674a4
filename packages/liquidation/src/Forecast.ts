/** What is expected of prices over one horizon, and how often they are looked at. Log prices without drift. */
import type * as Calibrator from './Calibrator.ts'
import * as Figure from './Figure.ts'

export type Forecast = {
  /** h. */
  readonly horizonSeconds: number
  /** Δt: how often the price that liquidates is looked at. */
  readonly intervalSeconds: number
  readonly markets: Readonly<Record<string, Market>>
  /** What past forecasts of this kind came to. */
  readonly calibrator: Calibrator.Calibrator
}

export type Market = {
  /** s²h: predicted variance of the log price over the horizon, without its jumps. */
  readonly variance: number
  /** β: correlation with the one factor that all markets share, in [−1, 1]. */
  readonly loading: number
  /** A jump within the horizon with this probability (λh), normal with this spread. */
  readonly jumps: Jumps
}

export type Jumps = { readonly probability: number; readonly sigma: number }

/** No jumps. */
export const still: Jumps = { probability: 0, sigma: 0 }

/**
 * A forecast that is one, checked.
 *
 * @throws {Figure.InvalidFigureError} a figure is out of its range, or the prices are looked at less than once in the horizon.
 *
 * @example
 * const market = { variance: 0.0009, loading: 0.8, jumps: Forecast.still }
 * Forecast.of({ horizonSeconds: 3600, intervalSeconds: 60, markets: { ETH: market }, calibrator: Calibrator.none }).markets['ETH'] === market
 * // => true
 */
export function of(forecast: Forecast): Forecast {
  const { horizonSeconds, intervalSeconds, markets, calibrator } = forecast
  Figure.assert('above 0', { horizonSeconds, intervalSeconds })
  Figure.assert('at least 0', { 'horizon less interval': horizonSeconds - intervalSeconds })
  for (const [name, { variance, loading, jumps }] of Object.entries(markets)) {
    Figure.assert('above 0', { [`variance of ${name}`]: variance })
    Figure.assert('a share', { [`loading of ${name}, without its sign,`]: Math.abs(loading), [`jumps of ${name}`]: jumps.probability })
    Figure.assert('at least 0', { [`spread of jumps of ${name}`]: jumps.sigma })
  }
  let before: Calibrator.Knot = { from: 0, to: 0 }
  for (const knot of calibrator) {
    Figure.assert('above 0', {
      'knot less the one before it': knot.from - before.from,
      'its value less the one before it': knot.to - before.to,
    })
    before = knot
  }
  return forecast
}

export declare namespace of {
  type ErrorType = Figure.InvalidFigureError
}

/**
 * The same expectation over another horizon.
 *
 * Formula: variance and jumps grow with time, a jump at most once.
 * Source:  docs/method/prediction.md, eq. (1).
 *
 * @throws {Figure.InvalidFigureError} the horizon is shorter than the interval.
 */
export function over(forecast: Forecast, horizonSeconds: number): Forecast {
  const share = horizonSeconds / forecast.horizonSeconds
  const markets = Object.fromEntries(
    Object.entries(forecast.markets).map(([name, { variance, loading, jumps }]) => [
      name,
      { variance: variance * share, loading, jumps: { ...jumps, probability: Math.min(1, jumps.probability * share) } },
    ]),
  )
  return of({ ...forecast, horizonSeconds, markets })
}

export declare namespace over {
  type ErrorType = Figure.InvalidFigureError
}
