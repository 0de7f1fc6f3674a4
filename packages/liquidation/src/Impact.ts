import { BaseError } from './BaseError.ts'

/** How far a forced flow moves the price: log move by USD. Concave or linear, through the origin, never falling. */
export type Impact =
  /** `I = slope·Q`; slope in log per USD, fitted to the market's depth. */
  | { readonly kind: 'linear'; readonly slope: number }
  /** `I = coefficient·√(Q / volume)`; coefficient Y·σ_day in log, volume in USD a day. */
  | { readonly kind: 'squareRoot'; readonly coefficient: number; readonly volume: number }

/**
 * I(Q), as a log move.
 *
 * @param flow - Q ≥ 0. USD.
 *
 * @example
 * Impact.of({ kind: 'linear', slope: 1e-8 }, 2e6)
 * // => 0.02
 */
export function of(impact: Impact, flow: number): number {
  return impact.kind === 'linear' ? impact.slope * flow : impact.coefficient * Math.sqrt(flow / impact.volume)
}

/**
 * κ = dI/dQ at a flow. Infinite at 0 for the square root: there only the secant reflexivity means anything.
 *
 * @example
 * Impact.slope({ kind: 'squareRoot', coefficient: 0.04, volume: 100 }, 0)
 * // => Infinity
 */
export function slope(impact: Impact, flow: number): number {
  if (impact.kind === 'linear') return impact.slope
  return flow === 0 ? Number.POSITIVE_INFINITY : impact.coefficient / (2 * Math.sqrt(flow * impact.volume))
}

/** @throws {InvalidImpactError} a figure is not finite, or is not above 0 where it divides. */
export function assert(impact: Impact): void {
  const valid =
    impact.kind === 'linear'
      ? Number.isFinite(impact.slope) && impact.slope >= 0
      : Number.isFinite(impact.coefficient) && impact.coefficient >= 0 && Number.isFinite(impact.volume) && impact.volume > 0
  if (!valid) throw new InvalidImpactError(impact)
}

/** Thrown when an impact curve would push the price the wrong way, or nowhere that is a number. */
export class InvalidImpactError extends BaseError {
  override readonly name = 'Impact.InvalidImpactError'
  readonly impact: Impact
  constructor(impact: Impact) {
    super({
      code: 'INVALID_IMPACT',
      message: `A ${impact.kind} impact with these figures is no impact curve.`,
      hint: 'Give finite figures of at least 0, and a volume above 0.',
    })
    this.impact = impact
  }
}
