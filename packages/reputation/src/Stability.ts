/** Whether those who come now are like those a model was fitted on. */
export type Stability = {
  readonly status: 'stable' | 'watch' | 'alarm'
  readonly psi: number
}

/** Below it a population is stable, above `alarmAt` it has changed. */
export const watchAt = 0.1
export const alarmAt = 0.25

/**
 * The population-stability index of counts by bin.
 *
 * Formula: `PSI = Σ (a − e)·ln(a/e)`, a and e the shares now and then, half an observation added to every bin.
 * Source: docs/method/reputation.md, eq. (16).
 *
 * @param then - counts the model was fitted on. As many as `now`.
 * @param now - counts that came since.
 *
 * @example
 * Stability.of([50, 50], [50, 50]).status
 * // => 'stable'
 */
export function of(then: readonly number[], now: readonly number[]): Stability {
  const before = shares(then)
  const after = shares(now)
  const psi = before.reduce((sum, e, i) => sum + ((after[i] ?? e) - e) * Math.log((after[i] ?? e) / e), 0)
  return { status: statusOf(psi), psi }
}

/**
 * What an index means.
 *
 * @example
 * Stability.statusOf(0.3)
 * // => 'alarm'
 */
export function statusOf(psi: number): Stability['status'] {
  if (psi > alarmAt) return 'alarm'
  return psi > watchAt ? 'watch' : 'stable'
}

/**
 * How many of `values` fall at or above each edge and below the next; below the first counts as the first.
 *
 * @example
 * Stability.counts([1, 5, 9], [0, 5])
 * // => [1, 2]
 */
export function counts(values: readonly number[], edges: readonly number[]): readonly number[] {
  const found = edges.map(() => 0)
  for (const value of values) {
    const i = Math.max(
      0,
      edges.findLastIndex((edge) => edge <= value),
    )
    found[i] = (found[i] ?? 0) + 1
  }
  return found
}

function shares(list: readonly number[]): readonly number[] {
  const total = list.reduce((sum, n) => sum + n + 0.5, 0)
  return list.map((n) => (n + 0.5) / total)
}
