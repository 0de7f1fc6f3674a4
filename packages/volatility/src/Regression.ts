import { BaseError } from './BaseError.ts'

/**
 * Ordinary least squares by Householder QR: no normal equations, so the condition number is not squared.
 *
 * Formula: `b = argmin ‖y − X·b‖²`.
 *
 * @param args.rows - X[t][k], shape [T, K], T ≥ K; include a column of ones for an intercept.
 * @param args.targets - y[t], length T.
 * @returns b, length K.
 * @throws {ShapeError} shapes do not fit, or a value is not finite.
 * @throws {SingularError} a column depends on the others.
 *
 * @example
 * Regression.ols({ rows: [[1], [1], [1]], targets: [2, 4, 6] }).map((b) => Math.round(b * 1e9) / 1e9)
 * // => [4]
 */
export function ols(args: ols.Arguments): number[] {
  const { rows, targets } = args
  const T = rows.length
  const K = rows[0]?.length ?? 0
  if (K === 0 || T < K || targets.length !== T || rows.some((row) => row.length !== K)) throw new ShapeError({ rows: T, columns: K })
  const columns = Array.from({ length: K }, (_, k) => Float64Array.from(rows, (row) => row[k] ?? Number.NaN))
  const y = Float64Array.from(targets)
  if (![...columns, y].every((column) => column.every(Number.isFinite))) throw new ShapeError({ rows: T, columns: K })

  const diagonal = columns.map((column, k) => {
    const scale = norm(column, 0)
    const length = norm(column, k)
    if (!(length > scale * 1e-10)) throw new SingularError({ column: k })
    const alpha = (column[k] ?? 0) > 0 ? -length : length
    column[k] = (column[k] ?? 0) - alpha
    const half = dot(column, column, k) / 2
    for (const other of [...columns.slice(k + 1), y]) {
      const factor = dot(column, other, k) / half
      for (let t = k; t < T; t++) other[t] = (other[t] ?? 0) - factor * (column[t] ?? 0)
    }
    return alpha
  })

  const b = new Array<number>(K).fill(0)
  for (let k = K - 1; k >= 0; k--) {
    let rest = y[k] ?? 0
    for (let j = k + 1; j < K; j++) rest -= (columns[j]?.[k] ?? 0) * (b[j] ?? 0)
    b[k] = rest / (diagonal[k] ?? 1)
  }
  return b
}

export declare namespace ols {
  type Arguments = { readonly rows: readonly ArrayLike<number>[]; readonly targets: ArrayLike<number> }
  type ErrorType = ShapeError | SingularError
}

function dot(a: Float64Array, b: Float64Array, from: number): number {
  let sum = 0
  for (let t = from; t < a.length; t++) sum += (a[t] ?? 0) * (b[t] ?? 0)
  return sum
}

function norm(a: Float64Array, from: number): number {
  return Math.sqrt(dot(a, a, from))
}

/** Thrown when rows and targets do not fit together, are too few, or hold NaN or ∞. */
export class ShapeError extends BaseError {
  override readonly name = 'Regression.ShapeError'
  readonly rows: number
  readonly columns: number
  constructor(args: { readonly rows: number; readonly columns: number }) {
    super({
      code: 'REGRESSION_SHAPE',
      message: `${args.rows} rows of ${args.columns} columns cannot be fitted.`,
      hint: 'Give at least as many rows as columns, one finite target a row, and only finite values.',
    })
    this.rows = args.rows
    this.columns = args.columns
  }
}

/** Thrown when a column is a combination of those before it. */
export class SingularError extends BaseError {
  override readonly name = 'Regression.SingularError'
  readonly column: number
  constructor(args: { readonly column: number }) {
    super({
      code: 'REGRESSION_SINGULAR',
      message: `Column ${args.column} depends on the columns before it.`,
      hint: 'Drop it, or give data in which it varies on its own.',
    })
    this.column = args.column
  }
}
