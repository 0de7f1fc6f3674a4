import { BaseError } from './BaseError.ts'

/** Where a search ended, and why: a gradient of zero, no step that still improves, or the limit of its iterations. */
export type Minimum = {
  readonly at: readonly number[]
  readonly value: number
  /** Greatest absolute component of the gradient there. */
  readonly slope: number
  readonly iterations: number
  readonly ended: 'gradient' | 'step' | 'limit'
}

/** A smooth function and its gradient at one point. A value that is not finite marks the point as outside. */
export type Slope = { readonly value: number; readonly gradient: readonly number[] }

/**
 * A local minimum of a smooth function of a few variables, by BFGS with an analytic gradient. Deterministic: the same start gives the same
 * bits. The step is halved until the value falls enough (Armijo) and doubled while the curvature asks for it (weak Wolfe).
 *
 * Formula: `d = −H·g`, `x ← x + t·d`, H updated from `s = t·d` and `y = g⁺ − g` so that `H·y = s`.
 * Source: docs/method/volatility.md, eq. (12). Broyden, Fletcher, Goldfarb and Shanno, 1970; Nocedal and Wright, Numerical Optimization, ch. 6.
 *
 * @param args.start - x₀, length K; the function must be finite there.
 * @param args.tolerance - the search ends where no component of the gradient is greater.
 * @param args.limit - most iterations.
 * @throws {InvalidStartError}
 *
 * @example
 * Minimum.of({ start: [3], objective: ([x = 0]) => ({ value: x * x, gradient: [2 * x] }), tolerance: 1e-9, limit: 50 }).at
 * // => [0]
 */
export function of(args: of.Arguments): Minimum {
  const { start, objective, tolerance, limit } = args
  let x = [...start]
  let here = objective(x)
  if (x.length === 0 || !finite(here, x.length)) throw new InvalidStartError({ start: x })
  let inverse = identity(x.length, 1)
  let iterations = 0
  let fresh = true
  for (; ; iterations++) {
    const end = { at: x, value: here.value, slope: slope(here.gradient), iterations }
    if (end.slope <= tolerance) return { ...end, ended: 'gradient' }
    if (iterations >= limit) return { ...end, ended: 'limit' }
    const step = search(x, here, inverse, objective)
    if (step === null) {
      // A stale H can point nowhere; steepest descent gets one try before the search ends.
      if (fresh) return { ...end, ended: 'step' }
      inverse = identity(x.length, 1)
      fresh = true
      continue
    }
    const s = step.x.map((value, k) => value - (x[k] ?? 0))
    const y = step.slope.gradient.map((value, k) => value - (here.gradient[k] ?? 0))
    const curvature = dot(s, y)
    if (curvature > 1e-14 * Math.sqrt(dot(s, s) * dot(y, y))) {
      if (fresh) inverse = identity(x.length, curvature / dot(y, y))
      inverse = update(inverse, s, y, curvature)
      fresh = false
    }
    x = step.x
    here = step.slope
  }
}

export declare namespace of {
  type Arguments = {
    readonly start: readonly number[]
    readonly objective: (x: readonly number[]) => Slope
    readonly tolerance: number
    readonly limit: number
  }
  type ErrorType = InvalidStartError
}

/** A step along −H·g that meets the weak Wolfe conditions, by bisection; null when none is found. */
function search(
  x: readonly number[],
  here: Slope,
  inverse: readonly (readonly number[])[],
  objective: (x: readonly number[]) => Slope,
): { readonly x: number[]; readonly slope: Slope } | null {
  const direction = inverse.map((row) => -dot(row, here.gradient))
  const descent = dot(direction, here.gradient)
  if (!(descent < 0)) return null
  let [low, high, t] = [0, Number.POSITIVE_INFINITY, 1]
  let best: { x: number[]; slope: Slope } | null = null
  for (let trial = 0; trial < 60; trial++) {
    const next = x.map((value, k) => value + t * (direction[k] ?? 0))
    const there = objective(next)
    if (!finite(there, x.length) || there.value > here.value + 1e-4 * t * descent) high = t
    else {
      best = { x: next, slope: there }
      if (dot(direction, there.gradient) >= 0.9 * descent) return best
      low = t
    }
    t = high === Number.POSITIVE_INFINITY ? 2 * t : (low + high) / 2
  }
  return best !== null && best.slope.value < here.value ? best : null
}

function update(inverse: readonly (readonly number[])[], s: readonly number[], y: readonly number[], curvature: number): number[][] {
  const hy = inverse.map((row) => dot(row, y))
  const scale = (1 + dot(y, hy) / curvature) / curvature
  return inverse.map((row, i) =>
    row.map((value, j) => {
      const [si, sj] = [s[i] ?? 0, s[j] ?? 0]
      return value + scale * si * sj - ((hy[i] ?? 0) * sj + si * (hy[j] ?? 0)) / curvature
    }),
  )
}

const identity = (K: number, scale: number): number[][] =>
  Array.from({ length: K }, (_, i) => Array.from({ length: K }, (_, j) => (i === j ? scale : 0)))

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, k) => sum + value * (b[k] ?? 0), 0)

const slope = (gradient: readonly number[]): number => gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0)

const finite = ({ value, gradient }: Slope, K: number): boolean =>
  Number.isFinite(value) && gradient.length === K && gradient.every(Number.isFinite)

/** Thrown when a search would begin where its function has no finite value and gradient. */
export class InvalidStartError extends BaseError {
  override readonly name = 'Minimum.InvalidStartError'
  readonly start: readonly number[]
  constructor(args: { readonly start: readonly number[] }) {
    super({
      code: 'MINIMUM_START_INVALID',
      message: `The function has no finite value and gradient at [${args.start.join(', ')}].`,
      hint: 'Begin inside its domain.',
    })
    this.start = args.start
  }
}
