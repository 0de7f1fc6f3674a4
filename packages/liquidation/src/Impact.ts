import { BaseError } from './BaseError.ts'

/** How far a forced flow moves the price: log move by USD at P0, that is, by units. Through the origin, never falling. */
export type Impact =
  /** `I = slope·Q`; slope in log per USD, fitted to the market's depth. */
  | { readonly kind: 'linear'; readonly slope: number }
  /** `I = coefficient·√(Q / volume)`; coefficient Y·σ_day in log, volume in USD a day. */
  | { readonly kind: 'squareRoot'; readonly coefficient: number; readonly volume: number }
  /** `I = 2·ln(1 + Q / reserve)`; reserve is what of the asset lies in the pool, in USD at P0. */
  | { readonly kind: 'constantProduct'; readonly reserve: number }
  /** Linear between knots that begin after the origin; beyond the last one at the steeper of its own slope and the line from the origin. */
  | { readonly kind: 'isotonic'; readonly knots: readonly Knot[] }

export type Knot = { readonly flow: number; readonly move: number }

/**
 * I(Q), as a log move.
 *
 * Source: docs/method/cascade.md, eq. (5) to (8).
 *
 * @param flow - Q ≥ 0. USD.
 *
 * @example
 * Impact.of({ kind: 'linear', slope: 1e-8 }, 2e6)
 * // => 0.02
 */
export function of(impact: Impact, flow: number): number {
  if (impact.kind === 'linear') return impact.slope * flow
  if (impact.kind === 'squareRoot') return impact.coefficient * Math.sqrt(flow / impact.volume)
  if (impact.kind === 'constantProduct') return 2 * Math.log1p(flow / impact.reserve)
  const { from, to } = segment(impact.knots, flow)
  return from.move + ((flow - from.flow) * (to.move - from.move)) / (to.flow - from.flow)
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
  if (impact.kind === 'squareRoot')
    return flow === 0 ? Number.POSITIVE_INFINITY : impact.coefficient / (2 * Math.sqrt(flow * impact.volume))
  if (impact.kind === 'constantProduct') return 2 / (impact.reserve + flow)
  const { from, to } = segment(impact.knots, flow)
  return (to.move - from.move) / (to.flow - from.flow)
}

/**
 * The same market with a share of its depth left: a flow moves it as far as `flow/share` did.
 *
 * Source: docs/method/leverage-ratio-impact.md, eq. (21).
 *
 * @param share - above 0; 1 leaves it as it is.
 *
 * @example
 * Impact.scale({ kind: 'linear', slope: 0.25 }, 0.5)
 * // => { kind: 'linear', slope: 0.5 }
 */
export function scale(impact: Impact, share: number): Impact {
  if (impact.kind === 'linear') return { kind: 'linear', slope: impact.slope / share }
  if (impact.kind === 'squareRoot') return { ...impact, volume: impact.volume * share }
  if (impact.kind === 'constantProduct') return { kind: 'constantProduct', reserve: impact.reserve * share }
  return { kind: 'isotonic', knots: impact.knots.map(({ flow, move }) => ({ flow: flow * share, move })) }
}

/**
 * What a signed flow does to the log price: a purchase lifts it as far as a sale of as many units lowers it.
 *
 * @param flow - net forced flow; sales are negative. USD at P0.
 *
 * @example
 * Impact.move({ kind: 'linear', slope: 0.5 }, -3)
 * // => -1.5
 */
export function move(impact: Impact, flow: number): number {
  return flow < 0 ? -of(impact, -flow) : of(impact, flow)
}

/**
 * What a flow is filled at on average, by the price without any: the mean of `e^move` on the way.
 *
 * Source: docs/method/cascade.md, eq. (10).
 * Quadrature: exact for the linear, isotonic and constant-product curves; Gauss over √Q for the square root, below 10⁻⁹ up to moves of 1.
 *
 * @param from - net flow before, signed. USD at P0.
 * @param to - net flow after. USD at P0.
 *
 * @example
 * Impact.fill({ kind: 'constantProduct', reserve: 100 }, 0, -100)
 * // => 0.5
 */
export function fill(impact: Impact, from: number, to: number): number {
  if (from === to) return Math.exp(move(impact, from))
  if (from < 0 !== to < 0 && from !== 0 && to !== 0)
    return (fill(impact, from, 0) * Math.abs(from) + fill(impact, 0, to) * Math.abs(to)) / Math.abs(to - from)
  const sign = from < 0 || to < 0 ? -1 : 1
  const [low, high] = [Math.min(Math.abs(from), Math.abs(to)), Math.max(Math.abs(from), Math.abs(to))]
  return area(impact, sign, low, high) / (high - low)
}

/** ∫ e^(±I) dQ over [low, high]. */
function area(impact: Impact, sign: -1 | 1, low: number, high: number): number {
  if (impact.kind === 'linear') return straight(sign * impact.slope * low, sign * impact.slope * high, high - low)
  if (impact.kind === 'constantProduct') {
    const { reserve } = impact
    const [a, b] = [1 + low / reserve, 1 + high / reserve]
    return (high - low) * (sign < 0 ? 1 / (a * b) : (a * a + a * b + b * b) / 3)
  }
  if (impact.kind === 'squareRoot') {
    const [a, b] = [Math.sqrt(low), Math.sqrt(high)]
    const rate = (sign * impact.coefficient) / Math.sqrt(impact.volume)
    // (b − a) as (high − low)/(a + b): no digits are lost where the two are close.
    return (
      ((high - low) / (a + b)) *
      nodes.reduce((sum, [at, weight]) => {
        const u = (a + b + at * (b - a)) / 2
        return sum + weight * u * Math.exp(rate * u)
      }, 0)
    )
  }
  let sum = 0
  let at = low
  for (const { flow } of impact.knots) {
    if (flow <= at) continue
    const end = Math.min(flow, high)
    sum += straight(sign * of(impact, at), sign * of(impact, end), end - at)
    at = end
    if (at >= high) return sum
  }
  return sum + straight(sign * of(impact, at), sign * of(impact, high), high - at)
}

/** ∫ of e^(a line from a to b) over a width. */
function straight(a: number, b: number, width: number): number {
  return Math.abs(b - a) < 1e-15 ? Math.exp(a) * width : (Math.exp(a) * Math.expm1(b - a) * width) / (b - a)
}

/** Gauss–Legendre, seven nodes. */
const nodes: readonly (readonly [number, number])[] = [
  [0, 0.4179591836734694],
  [0.4058451513773972, 0.3818300505051189],
  [-0.4058451513773972, 0.3818300505051189],
  [0.7415311855993945, 0.2797053914892766],
  [-0.7415311855993945, 0.2797053914892766],
  [0.9491079123427585, 0.1294849661688697],
  [-0.9491079123427585, 0.1294849661688697],
]

const origin: Knot = { flow: 0, move: 0 }

/** The two knots whose line holds at a flow. */
function segment(knots: readonly Knot[], flow: number): { readonly from: Knot; readonly to: Knot } {
  let low = 0
  let high = knots.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((knots[middle] ?? origin).flow < flow) low = middle + 1
    else high = middle
  }
  if (low < knots.length) return { from: knots[low - 1] ?? origin, to: knots[low] ?? origin }
  const [before, last] = [knots.at(-2) ?? origin, knots.at(-1) ?? origin]
  const rate = Math.max((last.move - before.move) / (last.flow - before.flow), last.move / last.flow)
  return { from: last, to: { flow: last.flow * 2, move: last.move + rate * last.flow } }
}

/** @throws {InvalidImpactError} a figure is not finite, or is not above 0 where it divides; knots do not rise. */
export function assert(impact: Impact): void {
  if (!valid(impact)) throw new InvalidImpactError(impact)
}

function valid(impact: Impact): boolean {
  if (impact.kind === 'linear') return Number.isFinite(impact.slope) && impact.slope >= 0
  if (impact.kind === 'constantProduct') return Number.isFinite(impact.reserve) && impact.reserve > 0
  if (impact.kind === 'squareRoot')
    return Number.isFinite(impact.coefficient) && impact.coefficient >= 0 && Number.isFinite(impact.volume) && impact.volume > 0
  let before = origin
  for (const knot of impact.knots) {
    if (!(Number.isFinite(knot.flow) && Number.isFinite(knot.move) && knot.flow > before.flow && knot.move >= before.move)) return false
    before = knot
  }
  return impact.knots.length > 0
}

/** Thrown when an impact curve would push the price the wrong way, or nowhere that is a number. */
export class InvalidImpactError extends BaseError {
  override readonly name = 'Impact.InvalidImpactError'
  readonly impact: Impact
  constructor(impact: Impact) {
    super({
      code: 'INVALID_IMPACT',
      message: `A ${impact.kind} impact with these figures is no impact curve.`,
      hint: 'Give finite figures of at least 0, a volume or reserve above 0, and knots whose flow rises while their move never falls.',
    })
    this.impact = impact
  }
}
