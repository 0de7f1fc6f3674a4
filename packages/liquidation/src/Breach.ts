/** How probably a price reaches the liquidation price, and what it costs when it jumps past it. Log moves; σ and horizon in one unit of time. */
import * as Figure from './Figure.ts'
import * as Normal from './Normal.ts'

/** −ζ(½)/√(2π): how far a barrier moves away, in σ√Δt, when it is looked at every Δt instead of always. */
export const monitoring = 0.5825971579390106

/**
 * P(the price touches a barrier within the horizon), watched without a pause.
 *
 * Formula: `P = Φ((−d − νh)/(σ√h)) + e^(−2νd/σ²)·Φ((−d + νh)/(σ√h))`, ν the drift of the log price towards safety.
 * Source:  docs/method/cascade.md, eq. (25).
 *
 * @param path.distance - d ≥ 0, log; ln(P/P_liq) for a long, ln(P_liq/P) for a short. At 0 the barrier has been touched.
 * @param path.sigma - σ > 0 by √(unit of time).
 * @param path.horizon - h > 0, in the same unit.
 * @param path.drift - ν by unit of time: 0 for a driftless log price, −σ²/2 for a driftless price seen from a long.
 *
 * @example
 * Breach.probability({ distance: 0, sigma: 0.8, horizon: 1, drift: 0 })
 * // => 1
 */
export function probability(path: probability.Path): number {
  const { distance, sigma, horizon, drift } = path
  Figure.assert('at least 0', { distance })
  Figure.assert('above 0', { sigma, horizon })
  Figure.assert('finite', { drift })
  const spread = sigma * Math.sqrt(horizon)
  const direct = Normal.cumulative((-distance - drift * horizon) / spread)
  const reflected = Normal.cumulative((-distance + drift * horizon) / spread)
  // Far out the reflected path is 0 and its weight infinite.
  return Math.min(1, reflected === 0 ? direct : direct + Math.exp((-2 * drift * distance) / (sigma * sigma)) * reflected)
}

export declare namespace probability {
  type Path = { readonly distance: number; readonly sigma: number; readonly horizon: number; readonly drift: number }
  type ErrorType = Figure.InvalidFigureError
}

/**
 * The same where the price is looked at only every `interval`: the barrier stands `0.5826·σ√Δt` further away.
 *
 * Source: docs/method/cascade.md, eq. (26).
 */
export function monitored(path: probability.Path, interval: number): number {
  Figure.assert('above 0', { interval })
  return probability({ ...path, distance: path.distance + monitoring * path.sigma * Math.sqrt(interval) })
}

/**
 * The distance at which the probability of a touch is `target`, driftless: what a predictive liquidation restores.
 *
 * Formula: `d* = −σ√h·Φ⁻¹(target/2)`.
 * Source:  docs/method/cascade.md, eq. (25a).
 *
 * @param target - in (0, 1].
 */
export function distance(target: number, sigma: number, horizon: number): number {
  Figure.assert('above 0', { target, sigma, horizon })
  Figure.assert('a share', { target })
  return Math.max(0, -sigma * Math.sqrt(horizon) * Normal.quantile(target / 2))
}

/**
 * What a jump takes beyond a margin buffer, per unit of notional.
 *
 * Formula: `E[(−r − m)⁺] = σ·φ(m/σ) − m·Φ(−m/σ)`, r normal with spread σ.
 * Source:  docs/method/cascade.md, eq. (27).
 *
 * @param gap.buffer - m, a share of notional; negative under water.
 * @param gap.sigma - σ > 0 of the gap.
 * @returns `rate` expected loss by notional; `probability` that there is one.
 */
export function gap({ buffer, sigma }: gap.Gap): gap.Loss {
  Figure.assert('finite', { buffer })
  Figure.assert('above 0', { sigma })
  const z = buffer / sigma
  return { rate: sigma * Normal.density(z) - buffer * Normal.cumulative(-z), probability: Normal.cumulative(-z) }
}

export declare namespace gap {
  type Gap = { readonly buffer: number; readonly sigma: number }
  type Loss = { readonly rate: number; readonly probability: number }
  type ErrorType = Figure.InvalidFigureError
}
