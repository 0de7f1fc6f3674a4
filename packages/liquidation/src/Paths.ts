/** The same probability by simulated paths: every price re-valued exactly, from draws that the caller brings. */
import * as Book from './Book.ts'
import * as Figure from './Figure.ts'
import type * as Forecast from './Forecast.ts'
import * as Prediction from './Prediction.ts'

/** Random numbers, markets in ascending order of their names. */
export type Draws = {
  readonly paths: number
  /** Looks within the horizon: h/Δt of them say what `Prediction.of` says. */
  readonly steps: number
  /** - [paths, steps, 1 + markets], standard normal: the factor first, then what each market has of its own. */
  readonly normals: Float64Array
  /** - [paths, markets], uniform in [0, 1): whether and when a market jumps. */
  readonly uniforms: Float64Array
  /** - [paths, markets], standard normal: how far. */
  readonly jumps: Float64Array
}

export type Estimate = {
  /** Share of the paths on which equity was not above maintenance margin at some look. */
  readonly probability: number
  readonly standardError: number
  /** Mean of what is owed at the end if nobody closes it. USD. */
  readonly shortfall: number
}

/**
 * An estimate for one account.
 *
 * Formula: `P̂ = 1/M·Σ 1{min_t H_t ≤ 0}`, `H_t = c + Σ g_k·e^(x_k(t))`.
 * Source:  docs/method/prediction.md, eq. (6).
 *
 * The calibrator, which stretches distances, has no part in it.
 *
 * @throws {Figure.InvalidFigureError} the draws are not of the shape that the account needs, or a market has no forecast.
 *
 * @example
 * const draws = { paths: 1, steps: 1, normals: Float64Array.of(0), uniforms: Float64Array.of(), jumps: Float64Array.of() }
 * const forecast = { horizonSeconds: 60, intervalSeconds: 60, markets: {}, calibrator: Calibrator.none }
 * Paths.simulate({ account: 'a', equity: 1n, collateral: 0n, positions: [] }, forecast, draws).probability
 * // => 0
 */
export function simulate(account: Book.Account, forecast: Forecast.Forecast, draws: Draws): Estimate {
  const lines = Prediction.linesOf(account)
  const markets = lines.map(({ market }) => {
    const found = forecast.markets[market]
    if (found === undefined) throw new Figure.InvalidFigureError({ figure: `forecasts of ${market}`, value: 0, range: '1' })
    return found
  })
  checked(draws, lines.length)
  const { paths, steps, normals, uniforms, jumps } = draws
  const width = lines.length
  const loadings = markets.map(({ variance, loading }) => Math.sqrt(variance / steps) * loading)
  const own = markets.map(({ variance, loading }) => Math.sqrt((variance / steps) * (1 - loading * loading)))
  const equity = Book.usd(account.equity)
  const constant = equity - lines.reduce((sum, { exposure }) => sum + exposure, 0)
  let breached = 0
  let owed = 0
  for (let path = 0; path < paths; path++) {
    const moves = new Float64Array(width)
    // A uniform number below λh is uniform within it: its part is when.
    const jumpAt = markets.map(({ jumps: { probability } }, k) => {
      const u = uniforms[path * width + k] ?? 1
      return u < probability ? Math.floor((u / probability) * steps) : steps
    })
    let isBreached = false
    let worth = equity
    for (let step = 0; step < steps; step++) {
      const at = (path * steps + step) * (width + 1)
      let health = constant
      worth = constant
      for (let k = 0; k < width; k++) {
        let move = (moves[k] ?? 0) + (loadings[k] ?? 0) * (normals[at] ?? 0) + (own[k] ?? 0) * (normals[at + 1 + k] ?? 0)
        if (jumpAt[k] === step) move += (markets[k]?.jumps.sigma ?? 0) * (jumps[path * width + k] ?? 0)
        moves[k] = move
        health += (lines[k]?.weight ?? 0) * Math.exp(move)
        worth += (lines[k]?.exposure ?? 0) * Math.exp(move)
      }
      if (health <= 0 && account.positions.length > 0) isBreached = true
    }
    if (isBreached) breached++
    owed += Math.max(0, -worth)
  }
  const probability = breached / paths
  return { probability, standardError: Math.sqrt((probability * (1 - probability)) / paths), shortfall: owed / paths }
}

export declare namespace simulate {
  type ErrorType = Figure.InvalidFigureError
}

function checked({ paths, steps, normals, uniforms, jumps }: Draws, markets: number): void {
  Figure.assert('above 0', { paths, steps })
  Figure.assert('a whole number of at least 0', { paths, steps })
  for (const [figure, value, wanted] of [
    ['normals', normals.length, paths * steps * (1 + markets)],
    ['uniforms', uniforms.length, paths * markets],
    ['jumps', jumps.length, paths * markets],
  ] as const)
    if (value !== wanted) throw new Figure.InvalidFigureError({ figure: `length of ${figure}`, value, range: String(wanted) })
}
