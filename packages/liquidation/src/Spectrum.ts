/** How fast a shock that goes round between markets grows or dies. */

/**
 * The spectral radius of a square matrix.
 *
 * Formula: `lim ‖Mᵏ‖^(1/k)`, by squaring: it holds for matrices that turn or that are made of blocks, where a power iteration wanders.
 *
 * @param matrix - [n, n], finite.
 */
export function radius(matrix: readonly (readonly number[])[]): number {
  let power = matrix.map((row) => [...row])
  let log = 0
  let weight = 1
  for (let squarings = 0; squarings < 60; squarings++) {
    const norm = Math.max(0, ...power.map((row) => row.reduce((sum, value) => sum + Math.abs(value), 0)))
    if (norm === 0) return 0
    log += weight * Math.log(norm)
    power = power.map((row) => row.map((value) => value / norm))
    power = power.map((row) => power.map((_, j) => row.reduce((sum, value, k) => sum + value * (power[k]?.[j] ?? 0), 0)))
    weight /= 2
  }
  return Math.exp(log)
}
