import { BaseError } from './BaseError.ts'
import * as Cascade from './Cascade.ts'
import * as Figure from './Figure.ts'
import * as Impact from './Impact.ts'
import type { LiquidationCurve } from './LiquidationCurve.ts'

/** The share of a fall that is the market's own doing: 0 where nothing is forced, towards 1 where everything is. */
export type Reflexivity = number

/**
 * The secant reflexivity of one shock.
 *
 * Formula: `n(s) = 1 − s / x*(s)`; amplification is `1 / (1 − n)`. Defined for square-root impact, where the local slope is not.
 *
 * @throws {InvalidShockError} the shock is not a positive number.
 */
export function secant(scenario: Cascade.run.Scenario): Reflexivity {
  if (!(scenario.shock > 0 && Number.isFinite(scenario.shock))) throw new InvalidShockError(scenario.shock)
  return 1 - scenario.shock / Cascade.reach(scenario, 0, 0, Number.POSITIVE_INFINITY)
}

/** The greatest over several shocks: a wall beyond the smallest shock is invisible to it. */
export function greatest(args: greatest.Args): Reflexivity {
  return Math.max(0, ...args.shocks.map((shock) => secant({ curve: args.curve, impact: args.impact, shock })))
}

export declare namespace greatest {
  type Args = { readonly curve: LiquidationCurve; readonly impact: Impact.Impact; readonly shocks: readonly number[] }
}

/**
 * The local reflexivity where it is greatest: κρ with ρ over a window of the move.
 *
 * Formula: `n = max_x (I(Q(x + b)) − I(Q(x⁻))) / b`, the window sliding over every wall. Finite also where κ is not.
 * Source:  docs/method/leverage-ratio-impact.md, eq. (8).
 *
 * @param width - b > 0, log: state it with the figure, for a step function has no density without one.
 * @param within - no window begins beyond this move.
 * @returns `at` is where the window begins; n is 0 where nothing fails.
 * @throws {Figure.InvalidFigureError} {Impact.InvalidImpactError}
 */
export function local(curve: LiquidationCurve, impact: Impact.Impact, window: local.Window): local.Peak {
  const { width, within } = window
  Figure.assert('above 0', { width, within })
  Impact.assert(impact)
  const { thresholds, notional } = curve
  let peak: local.Peak = { n: 0, at: 0, density: 0 }
  let end = 0
  for (const [i, at] of thresholds.entries()) {
    if (at > within) break
    while (end < thresholds.length && (thresholds[end] as number) < at + width) end++
    const before = i === 0 ? 0 : (notional[i - 1] as number)
    const after = notional[end - 1] as number
    const n = (Impact.of(impact, after) - Impact.of(impact, before)) / width
    if (n > peak.n) peak = { n, at, density: (after - before) / width }
  }
  return peak
}

export declare namespace local {
  type Window = { readonly width: number; readonly within: number }
  /** `density`: ρ of that window, USD by log. */
  type Peak = { readonly n: Reflexivity; readonly at: number; readonly density: number }
  type ErrorType = Figure.InvalidFigureError | Impact.InvalidImpactError
}

/**
 * The shocks n is asked for: one, two and three σ through the cycle over a horizon, as log moves.
 *
 * @param sigmaPpm - annualised.
 *
 * @example
 * Reflexivity.shocks(1000000, 31536000)
 * // => [1, 2, 3]
 */
export function shocks(sigmaPpm: number, horizonSeconds: number): readonly [number, number, number] {
  const sigma = (sigmaPpm / 1_000_000) * Math.sqrt(horizonSeconds / 31_536_000)
  if (!(sigma > 0 && Number.isFinite(sigma))) throw new InvalidShockError(sigma)
  return [sigma, 2 * sigma, 3 * sigma]
}

/** Thrown when a shock is no adverse move. */
export class InvalidShockError extends BaseError {
  override readonly name = 'Reflexivity.InvalidShockError'
  readonly shock: number
  constructor(shock: number) {
    super({
      code: 'INVALID_SHOCK',
      message: `${shock} is not an adverse log move.`,
      hint: 'Give a finite number above 0; a σ and a horizon above 0.',
    })
    this.shock = shock
  }
}
