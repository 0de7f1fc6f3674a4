/** What may be believed of a rate after few outcomes. */
import { BaseError } from './BaseError.ts'

/**
 * The upper credible bound of a bad rate: the `level` quantile of Beta(a, b).
 *
 * Formula: `x` with `I_x(a, b) = level`, I the regularised incomplete beta function by its continued fraction, x by bisection.
 * Source: docs/method/reputation.md, eq. (19). Accurate to 10⁻¹².
 *
 * @param a - bad outcomes, the prior's included. > 0.
 * @param b - good outcomes, the prior's included. > 0.
 * @throws {InvalidBetaError} a count or the level is out of range.
 *
 * @example
 * Credible.upper({ a: 1, b: 1 }, 0.75).toFixed(6)
 * // => '0.750000'
 */
export function upper(beta: { readonly a: number; readonly b: number }, level: number): number {
  const { a, b } = beta
  if (!(a > 0) || !(b > 0) || !(level > 0) || !(level < 1)) throw new InvalidBetaError({ a, b, level })
  let low = 0
  let high = 1
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (cumulative(beta, middle) < level) low = middle
    else high = middle
  }
  return high
}

/**
 * How likely a bad rate is at or below x: I_x(a, b), which `upper` turns round.
 *
 * Source: docs/method/reputation.md, eq. (19). Accurate to 10⁻¹².
 *
 * @param beta.a - bad outcomes, the prior's included. > 0.
 * @param beta.b - good outcomes, the prior's included. > 0.
 *
 * @example
 * Credible.cumulative({ a: 2, b: 1 }, 0.5).toFixed(6)
 * // => '0.250000'
 */
export function cumulative(beta: { readonly a: number; readonly b: number }, x: number): number {
  const { a, b } = beta
  if (x <= 0) return 0
  if (x >= 1) return 1
  // the fraction converges fast on this side of the mean only
  if (x > (a + 1) / (a + b + 2)) return 1 - cumulative({ a: b, b: a }, 1 - x)
  let c = 1
  let d = 1 / (1 - ((a + b) * x) / (a + 1))
  let h = d
  for (let m = 1; m < 2_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / (1 + even * d)
    c = 1 + even / c
    h *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / (1 + odd * d)
    c = 1 + odd / c
    h *= d * c
    if (Math.abs(d * c - 1) < 1e-15) break
  }
  return (Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) * h) / a
}

/** ln Γ by Stirling's series after stepping up past 12. */
function logGamma(x: number): number {
  let shift = 0
  let y = x
  for (; y < 12; y++) shift += Math.log(y)
  const inverse = 1 / (y * y)
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1_260 - inverse * (1 / 1_680 - inverse / 1_188)))) / y
  return (y - 0.5) * Math.log(y) - y + Math.log(2 * Math.PI) / 2 + series - shift
}

/** Thrown when counts or level describe no bound. */
export class InvalidBetaError extends BaseError {
  override readonly name = 'Credible.InvalidBetaError'
  constructor(args: { readonly a: number; readonly b: number; readonly level: number }) {
    super({
      code: 'INVALID_BETA',
      message: `Beta(${args.a}, ${args.b}) has no quantile ${args.level}.`,
      hint: 'Give counts above 0 and a level between 0 and 1.',
    })
  }
}
