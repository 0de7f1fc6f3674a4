import { BaseError } from './BaseError.ts'

/** A logistic regression whose coefficients may not change sign. */
export type Logit = {
  readonly intercept: number
  /** Each ≥ 0. */
  readonly coefficients: readonly number[]
  readonly iterations: number
}

/** Rows of equal length with their outcomes and weights. */
export type Table = {
  /** `[n, k]`. */
  readonly rows: readonly (readonly number[])[]
  readonly bad: readonly boolean[]
  /** ≥ 0, as many as rows. */
  readonly weights: readonly number[]
}

const most = 200
const enough = 1e-10

/**
 * The coefficients that make the outcomes likeliest, none of them negative.
 *
 * Formula: minimise `−Σ wᵢ·ln L(yᵢ, β₀ + Σ βⱼ·xᵢⱼ) + ½λ·Σ (βⱼ − βⱼ⁰)²` subject to `βⱼ ≥ 0`. Each Newton step is a least-squares problem
 * (IRLS), solved by coordinate descent with negative coordinates set to 0; the step is halved until the objective falls.
 * The objective is convex, so the end does not depend on the way; there is no randomness.
 * Source: docs/method/reputation.md, eq. (10).
 *
 * @param options.ridge - λ > 0: without it a column that parts good from bad would have no finite coefficient.
 * @param options.prior - βⱼ⁰, what λ pulls towards, one a column: 1 takes a column at its word, 0 (where none is given) not at all.
 * @throws {InvalidTableError} rows of unequal length, unequal counts, a negative weight, no weight at all, or a λ that is not positive.
 *
 * @example
 * Logit.fit({ rows: [[0], [0], [1], [1]], bad: [false, false, true, true], weights: [1, 1, 1, 1] }, { ridge: 1, prior: [0] }).coefficients.length
 * // => 1
 */
export function fit(table: Table, options: fit.Options): Logit {
  checked(table, options)
  const width = table.rows[0]?.length ?? 0
  let at: readonly number[] = [0, ...Array.from({ length: width }, (_, j) => options.prior[j] ?? 0)]
  let value = objective(table, options, at)
  for (let iterations = 1; iterations <= most; iterations++) {
    const aim = step(table, options, at)
    let next = aim
    let found = objective(table, options, next)
    for (let halvings = 0; found > value && halvings < 40; halvings++) {
      next = next.map((b, j) => (b + (at[j] ?? 0)) / 2)
      found = objective(table, options, next)
    }
    const moved = Math.max(...next.map((b, j) => Math.abs(b - (at[j] ?? 0))))
    if (found <= value) {
      at = next
      value = found
    }
    if (moved < enough || iterations === most) return { intercept: at[0] ?? 0, coefficients: at.slice(1), iterations }
  }
  return { intercept: at[0] ?? 0, coefficients: at.slice(1), iterations: most }
}

export declare namespace fit {
  type Options = { readonly ridge: number; readonly prior: readonly number[] }
}

/**
 * The probability behind log-odds.
 *
 * @example
 * Logit.probability(0)
 * // => 0.5
 */
export function probability(logOdds: number): number {
  return logOdds >= 0 ? 1 / (1 + Math.exp(-logOdds)) : Math.exp(logOdds) / (1 + Math.exp(logOdds))
}

/** The intercept is pulled to 0 ever so slightly, so that a table of one outcome has a finite answer too. */
const still = 1e-6

function objective({ rows, bad, weights }: Table, { ridge, prior }: fit.Options, at: readonly number[]): number {
  let sum = (still / 2) * (at[0] ?? 0) ** 2
  for (let j = 1; j < at.length; j++) sum += (ridge / 2) * ((at[j] ?? 0) - (prior[j - 1] ?? 0)) ** 2
  for (const [i, row] of rows.entries()) {
    const z = dot(row, at)
    // ln(1 + e^z) − y·z, without overflow
    sum += (weights[i] ?? 0) * (Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - (bad[i] ? z : 0))
  }
  return sum
}

function step({ rows, bad, weights }: Table, { ridge, prior }: fit.Options, at: readonly number[]): readonly number[] {
  const k = at.length
  const hessian = Array.from({ length: k }, () => new Float64Array(k))
  const gradient = new Float64Array(k)
  for (const [i, row] of rows.entries()) {
    const p = probability(dot(row, at))
    const w = weights[i] ?? 0
    const curve = w * p * (1 - p)
    const slope = w * (p - (bad[i] ? 1 : 0))
    for (let a = 0; a < k; a++) {
      const xa = a === 0 ? 1 : (row[a - 1] ?? 0)
      gradient[a] = (gradient[a] ?? 0) + slope * xa
      const line = hessian[a]
      if (line) for (let b = 0; b < k; b++) line[b] = (line[b] ?? 0) + curve * xa * (b === 0 ? 1 : (row[b - 1] ?? 0))
    }
  }
  for (let a = 0; a < k; a++) {
    const pull = a === 0 ? still : ridge
    gradient[a] = (gradient[a] ?? 0) + pull * ((at[a] ?? 0) - (a === 0 ? 0 : (prior[a - 1] ?? 0)))
    const line = hessian[a]
    if (line) line[a] = (line[a] ?? 0) + pull
  }
  const next = [...at]
  for (let sweep = 0; sweep < 500; sweep++) {
    let moved = 0
    for (let a = 0; a < k; a++) {
      const line = hessian[a]
      let g = gradient[a] ?? 0
      for (let b = 0; b < k; b++) g += (line?.[b] ?? 0) * ((next[b] ?? 0) - (at[b] ?? 0))
      const free = (next[a] ?? 0) - g / (line?.[a] ?? 1)
      const held = a === 0 ? free : Math.max(0, free)
      moved = Math.max(moved, Math.abs(held - (next[a] ?? 0)))
      next[a] = held
    }
    if (moved < 1e-12) break
  }
  return next
}

function dot(row: readonly number[], at: readonly number[]): number {
  let z = at[0] ?? 0
  for (let j = 0; j < row.length; j++) z += (row[j] ?? 0) * (at[j + 1] ?? 0)
  return z
}

function checked({ rows, bad, weights }: Table, { ridge }: fit.Options): void {
  const width = rows[0]?.length ?? 0
  if (rows.length !== bad.length || rows.length !== weights.length)
    throw new InvalidTableError('rows, outcomes and weights differ in number')
  if (!rows.every((row) => row.length === width && row.every(Number.isFinite))) throw new InvalidTableError('a row has a gap')
  if (!weights.every((w) => w >= 0) || !weights.some((w) => w > 0)) throw new InvalidTableError('there is no weight to fit on')
  if (!(ridge > 0)) throw new InvalidTableError(`the ridge is ${ridge}`)
}

/** Thrown when a table cannot be fitted. */
export class InvalidTableError extends BaseError {
  override readonly name = 'Logit.InvalidTableError'
  constructor(reason: string) {
    super({
      code: 'INVALID_TABLE',
      message: `Nothing can be fitted: ${reason}.`,
      hint: 'Give rows of one length with an outcome and a weight ≥ 0 each, some weight above 0, and a ridge above 0.',
    })
  }
}
