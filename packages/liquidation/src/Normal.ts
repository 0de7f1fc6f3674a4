/** The normal distribution, to the last digits of a float64 also far out in the tails. */

/** φ(x). */
export function density(x: number): number {
  return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)
}

/**
 * Φ(x).
 *
 * Near 0 the series `½ + φ(x)·(x + x³/3 + x⁵/(3·5) + …)`, beyond 2.8 the continued fraction of the tail, so that a small probability keeps its
 * own digits.
 */
export function cumulative(x: number): number {
  if (Math.abs(x) < 2.8) {
    let term = x
    let sum = x
    for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) {
      term *= (x * x) / k
      sum += term
    }
    return 0.5 + density(x) * sum
  }
  const z = Math.abs(x)
  if (z > 39) return x > 0 ? 1 : 0
  let fraction = z
  for (let k = 120; k >= 1; k--) fraction = z + k / fraction
  const tail = density(z) / fraction
  return x > 0 ? 1 - tail : tail
}

/** Φ⁻¹(p), by bisection: exact to a float64, for p in (0, 1). */
export function quantile(p: number): number {
  if (p > 0.5) return -quantile(1 - p)
  let low = -39
  let high = 0
  for (;;) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) return middle
    if (cumulative(middle) < p) low = middle
    else high = middle
  }
}
