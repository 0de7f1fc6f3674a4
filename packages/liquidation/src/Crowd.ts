/** How much of one side of a market is expected to be liquidated, and how much more if the price were pushed: what a sale does to everybody else. */
import * as Breach from './Breach.ts'
import * as Calibrator from './Calibrator.ts'
import * as Figure from './Figure.ts'
import type * as Forecast from './Forecast.ts'
import type * as LiquidationCurve from './LiquidationCurve.ts'

export type Crowd = {
  /** F̄: expected forced flow within the horizon. USD at P0. */
  readonly expected: number
  /** The same after the price has moved against the side by `shift`. */
  readonly pushed: number
  readonly shift: number
  /** s√h, and the law that turns distances into probabilities. */
  readonly sigma: number
  readonly monitoring: number
  readonly calibrator: Calibrator.Calibrator
}

/**
 * The expectation over a liquidation curve.
 *
 * Formula: `F̄(δ) = Σ N_j·P(d_j − δ)`.
 * Source:  docs/method/prediction.md, eq. (15).
 *
 * @param curve - everybody of the side, whoever is to be reduced among them.
 * @param shift - δ > 0: the furthest that planned sales may push the price.
 * @throws {Figure.InvalidFigureError} the market has no forecast, or the shift is not above 0.
 */
export function of(curve: LiquidationCurve.LiquidationCurve, expectation: of.Expectation): Crowd {
  const { forecast, market, shift } = expectation
  Figure.assert('above 0', { shift, [`variance of ${market}`]: forecast.markets[market]?.variance ?? 0 })
  const sigma = Math.sqrt(forecast.markets[market]?.variance ?? 0)
  const monitoring = Breach.monitoring * Math.sqrt(forecast.intervalSeconds / forecast.horizonSeconds)
  const crowd = { expected: 0, pushed: 0, shift, sigma, monitoring, calibrator: forecast.calibrator }
  let before = 0
  for (const [j, at] of curve.thresholds.entries()) {
    const notional = (curve.notional[j] ?? 0) - before
    before += notional
    crowd.expected += notional * probability(crowd, at)
    crowd.pushed += notional * probability(crowd, at - shift)
  }
  return crowd
}

export declare namespace of {
  type Expectation = { readonly forecast: Forecast.Forecast; readonly market: string; readonly shift: number }
  type ErrorType = Figure.InvalidFigureError
}

/** P(touch) of a wall at this distance. */
export function probability({ sigma, monitoring, calibrator }: Omit<Crowd, 'expected' | 'pushed' | 'shift'>, distance: number): number {
  return distance <= 0 ? 1 : Calibrator.probability(calibrator, distance / sigma + monitoring)
}

/**
 * What a push of the price adds to the flow expected from others.
 *
 * Formula: the chord `(F̄(δ) − F̄(0))·move/δ`, less its own wall's part.
 * Source:  docs/method/prediction.md, eq. (16).
 *
 * @param move - in [0, δ].
 * @param own - the wall of who is reduced: notional in USD, distance.
 */
export function added(crowd: Crowd, move: number, own: added.Wall): number {
  const { expected, pushed, shift } = crowd
  const mine = own.notional * (probability(crowd, own.distance - shift) - probability(crowd, own.distance))
  return Math.max(0, ((pushed - expected - mine) * move) / shift)
}

export declare namespace added {
  type Wall = { readonly notional: number; readonly distance: number }
}
