/**
 * Probability that a standard normal is greater than z.
 *
 * Formula: `½·erfc(z/√2)`, by the series of erf below 2 and its continued fraction above, to about 1e-15.
 *
 * @example
 * Distribution.normalAbove(0)
 * // => 0.5
 */
export function normalAbove(z: number): number {
  return z < 0 ? 1 - erfc(-z / Math.SQRT2) / 2 : erfc(z / Math.SQRT2) / 2
}

/**
 * Probability that a χ² of one or two degrees of freedom is greater than x: the p-value of a likelihood ratio.
 *
 * Formula: `erfc(√(x/2))` for one degree, `e^(−x/2)` for two.
 *
 * @param x - ≥ 0; below it counts as 0, for a likelihood ratio may fall a rounding error short.
 *
 * @example
 * Distribution.chiSquareAbove(0, 1)
 * // => 1
 */
export function chiSquareAbove(x: number, degrees: 1 | 2): number {
  const half = Math.max(0, x) / 2
  return degrees === 1 ? erfc(Math.sqrt(half)) : Math.exp(-half)
}

/**
 * Probability that at least k of n independent trials hit, and that at most k do. Exact sums of the binomial, each from its greatest term.
 *
 * @param args.probability - of one hit, inside (0, 1).
 *
 * @example
 * Distribution.binomial({ hits: 1, trials: 2, probability: 0.5 })
 * // => { atLeast: 0.75, atMost: 0.75 }
 */
export function binomial(args: binomial.Arguments): { readonly atLeast: number; readonly atMost: number } {
  const { hits, trials, probability } = args
  const odds = probability / (1 - probability)
  let logMass = trials * Math.log1p(-probability)
  let [below, above, at] = [0, 0, 0]
  for (let k = 0; k <= trials; k++) {
    const mass = Math.exp(logMass)
    if (k < hits) below += mass
    else if (k > hits) above += mass
    else at = mass
    logMass += Math.log(((trials - k) / (k + 1)) * odds)
  }
  return { atLeast: Math.min(1, above + at), atMost: Math.min(1, below + at) }
}

export declare namespace binomial {
  type Arguments = { readonly hits: number; readonly trials: number; readonly probability: number }
}

/** Complementary error function of x ≥ 0. */
function erfc(x: number): number {
  if (Number.isNaN(x)) return Number.NaN
  if (x < 2) {
    let [term, sum] = [x, x]
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (2 * x * x) / (2 * n + 1)
      sum += term
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
  }
  // x + ½/(x + 1/(x + 3⁄2/(x + …))), from the far end: 60 levels are far more than 1e-16 needs at x = 2.
  let tail = x
  for (let n = 60; n >= 1; n--) tail = x + n / 2 / tail
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * tail)
}
