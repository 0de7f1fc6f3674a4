/** The standard normal distribution, in float64. */

/** Within this distance of 0 Φ is neither 0 nor 1 to a float64's absolute precision: Φ(−8.5) < 1e-17. */
const reach = 8.5

/** Nodes of the table per unit of x, and coefficients per node. */
const density = 64
const terms = 6

/** Levels of the continued fraction, at which it stands still from 3 on. */
const levels = 60
const rootTwoPi = Math.sqrt(2 * Math.PI)

/**
 * Φ(x), the chance that a standard normal variable is at most x.
 *
 * Formula: `e^(−x²/2) · A(|x|) / B(|x|)` up to |x| = 3, a continued fraction beyond; the other half by `Φ(−x) = 1 − Φ(x)`.
 * Source:  Hart et al., Computer Approximations (1968), no. 5666, as West (2005) puts it; docs/method/portfolio-margin.md, eq. (3).
 * Rounding: nearest. Error at most 1e-15, and in the lower tail at most 1e-12 of Φ itself.
 *
 * @param x - any number, infinities included. NaN gives NaN.
 *
 * @example
 * Normal.cdf(0)
 * // => 0.5
 * Math.abs(Normal.cdf(1.959963984540054) - 0.975) < 1e-15
 * // => true
 */
export function cdf(x: number): number {
  const below = tail(Math.abs(x))
  return x > 0 ? 1 - below : below
}

/** Φ(−z) for z ≥ 0. */
function tail(z: number): number {
  if (z > 38) return 0
  const bell = Math.exp((-z * z) / 2)
  if (z > 3) {
    let below = z
    for (let level = levels; level > 0; level--) below = z + level / below
    return bell / (below * rootTwoPi)
  }
  const above =
    (((((3.52624965998911e-2 * z + 0.700383064443688) * z + 6.37396220353165) * z + 33.912866078383) * z + 112.079291497871) * z +
      221.213596169931) *
      z +
    220.206867912376
  const under =
    ((((((8.83883476483184e-2 * z + 1.75566716318264) * z + 16.064177579207) * z + 86.7807322029461) * z + 296.564248779674) * z +
      637.333633378831) *
      z +
      793.826512519948) *
      z +
    440.413735824752
  return (bell * above) / under
}

/**
 * Φ(x) from a table, for loops that ask millions of times.
 *
 * Formula: the Taylor polynomial of degree 5 around the nearest of 1,089 nodes, 1/64 apart; 0 and 1 beyond |x| = 8.5.
 * Source:  docs/method/portfolio-margin.md, eq. (4).
 * Rounding: nearest. Error at most 2e-15, absolute: 1e-15 of `cdf` at the node, and |t|⁶/6!·max|φ⁽⁵⁾| < 1e-15 for |t| ≤ 1/128.
 *
 * @param x - any number, infinities included. NaN gives NaN.
 *
 * @example
 * Math.abs(Normal.tabulated(-1.2345) - Normal.cdf(-1.2345)) < 2e-15
 * // => true
 */
export function tabulated(x: number): number {
  if (x >= reach) return 1
  if (x <= -reach) return 0
  const node = ((x + reach) * density + 0.5) | 0
  const t = x - (node / density - reach)
  const at = node * terms
  return (
    (((((table[at + 5] as number) * t + (table[at + 4] as number)) * t + (table[at + 3] as number)) * t + (table[at + 2] as number)) * t +
      (table[at + 1] as number)) *
      t +
    (table[at] as number)
  )
}

/** table[node · 6 + k], float64: the coefficient of t^k around the node. */
const table = /* @__PURE__ */ tabulate()

function tabulate(): Float64Array {
  const filled = new Float64Array((2 * reach * density + 1) * terms)
  for (let node = 0; node <= 2 * reach * density; node++) {
    const x = node / density - reach
    const bell = Math.exp((-x * x) / 2) / rootTwoPi
    const at = node * terms
    filled[at] = cdf(x)
    filled[at + 1] = bell
    filled[at + 2] = (-x * bell) / 2
    filled[at + 3] = ((x * x - 1) * bell) / 6
    filled[at + 4] = ((3 - x * x) * x * bell) / 24
    filled[at + 5] = (((x * x - 6) * x * x + 3) * bell) / 120
  }
  return filled
}
