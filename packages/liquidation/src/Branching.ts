/** Liquidations as a branching process: each brings n others on average. */
import * as Figure from './Figure.ts'

/** At n = 1 the sizes of cascades fall off as `size^(−3/2)`: no mean, no scale. */
export const criticalTailExponent = 1.5

/**
 * P(a cascade counts `size` liquidations, the first included), offspring being Poisson.
 *
 * Formula: `P(S = k) = e^(−nk)·(nk)^(k−1) / k!` (Borel).
 * Source:  docs/method/cascade.md, eq. (22).
 *
 * @param n - branching ratio in [0, 1]; above 1 some cascades have no size.
 * @param size - k ≥ 1.
 *
 * @example
 * Branching.probability(0, 1)
 * // => 1
 */
export function probability(n: number, size: number): number {
  Figure.assert('a share', { n })
  Figure.assert('a whole number of at least 0', { size: size - 1 })
  if (n === 0) return size === 1 ? 1 : 0
  let log = -n * size
  for (let k = 1; k < size; k++) log += Math.log((n * size) / k)
  return Math.exp(log) / size
}

/**
 * Mean and variance of the size of a cascade.
 *
 * Formula: `1/(1 − n)` and `n/(1 − n)³`.
 * Source:  docs/method/cascade.md, eq. (22a).
 *
 * @returns infinite from n = 1.
 *
 * @example
 * Branching.size(0.5)
 * // => { mean: 2, variance: 4 }
 */
export function size(n: number): { readonly mean: number; readonly variance: number } {
  Figure.assert('at least 0', { n })
  if (n >= 1) return { mean: Number.POSITIVE_INFINITY, variance: Number.POSITIVE_INFINITY }
  return { mean: 1 / (1 - n), variance: n / (1 - n) ** 3 }
}

/**
 * The Hawkes process `λ(t) = μ + Σ nβ·e^(−β(t − tᵢ))` in the long run.
 *
 * Formula: mean rate `μ/(1 − n)`; Fano factor of long windows `F = 1/(1 − n)²`.
 * Source:  docs/method/cascade.md, eq. (23).
 *
 * @param events.base - μ: events by unit of time that nothing triggered.
 * @returns infinite from n = 1.
 */
export function hawkes(events: { readonly base: number; readonly n: number }): { readonly rate: number; readonly fano: number } {
  const { base, n } = events
  Figure.assert('at least 0', { base, n })
  if (n >= 1) return { rate: Number.POSITIVE_INFINITY, fano: Number.POSITIVE_INFINITY }
  return { rate: base / (1 - n), fano: 1 / (1 - n) ** 2 }
}

/**
 * n from the Fano factor (variance by mean) of event counts. It depends on the window that was counted in: state it.
 *
 * Formula: `n = 1 − 1/√F`.
 * Source:  docs/method/cascade.md, eq. (24).
 *
 * @example
 * Branching.ofFano(4)
 * // => 0.5
 */
export function ofFano(fano: number): number {
  Figure.assert('above 0', { fano })
  return 1 - 1 / Math.sqrt(fano)
}
