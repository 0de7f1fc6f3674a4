/** Selling in slices: what waiting risks against what haste costs. */
import * as Figure from './Figure.ts'

/** What a sale is and what it costs: permanent impact γ and temporary impact η by unit and time, ε a unit, risk aversion λ by USD of variance. */
export type Sale = {
  /** X: units. */
  readonly amount: number
  /** T: how long it may take. */
  readonly horizon: number
  /** N: slices. */
  readonly slices: number
  /** σ: USD a unit by √time. */
  readonly sigma: number
  readonly permanent: number
  readonly temporary: number
  readonly spread: number
  readonly aversion: number
}

/** Expected cost in USD, its variance in USD², and cost + λ·variance. */
export type Cost = { readonly expected: number; readonly variance: number; readonly utility: number }

/** Holdings after each slice, what was held at the start first; the slices; the costs. `urgency` is κ by time, 0 for equal slices. */
export type Schedule = {
  readonly temporary: number
  readonly urgency: number
  readonly holdings: readonly number[]
  readonly trades: readonly number[]
  readonly cost: Cost
}

/**
 * The schedule of least cost + λ·variance.
 *
 * Formula: `x_k = X·sinh(κ(T − t_k)) / sinh(κT)`, `cosh(κτ) = 1 + λσ²τ²/(2η̃)`, `η̃ = η − γτ/2`, τ = T/N.
 * Source:  docs/method/cascade.md, eq. (28).
 *
 * @returns `temporary` is η̃.
 * @throws {Figure.InvalidFigureError} a figure is out of range, or the temporary impact is no more than what the permanent one takes of it.
 *
 * @example
 * Schedule.plan({ amount: 100, horizon: 4, slices: 4, sigma: 1, permanent: 0, temporary: 1, spread: 0, aversion: 0 }).holdings
 * // => [100, 75, 50, 25, 0]
 */
export function plan(sale: Sale): Schedule {
  const { amount, horizon, slices, aversion, sigma } = sale
  checked(sale)
  const step = horizon / slices
  const temporary = temporaryOf(sale)
  const urgency = Math.acosh(1 + (aversion * sigma * sigma * step * step) / (2 * temporary)) / step
  const holdings = Array.from({ length: slices + 1 }, (_, k) => amount * remaining(urgency, horizon, k / slices))
  const trades = holdings.slice(1).map((held, k) => (holdings[k] ?? 0) - held)
  return { temporary, urgency, holdings, trades, cost: costOf(sale, holdings, trades) }
}

/**
 * Equal slices, of the same sale.
 *
 * Formula: cost `γX²/2 + εX + η̃X²/T`, variance `σ²X²T/3·(1 − 1/N)(1 − 1/(2N))`.
 * Source:  docs/method/cascade.md, eq. (29).
 */
export function even(sale: Sale): Cost {
  checked(sale)
  const holdings = Array.from({ length: sale.slices + 1 }, (_, k) => sale.amount * (1 - k / sale.slices))
  const trades = holdings.slice(1).map(() => sale.amount / sale.slices)
  return costOf(sale, holdings, trades)
}

/**
 * Everything at once, in one slice of the schedule: no risk left, the whole impact.
 *
 * Formula: `εX + ηX²/τ`.
 * Source:  docs/method/cascade.md, eq. (30).
 */
export function block(sale: Sale): Cost {
  checked(sale)
  const expected = sale.spread * sale.amount + (sale.temporary * sale.amount * sale.amount * sale.slices) / sale.horizon
  return { expected, variance: 0, utility: expected }
}

function costOf(sale: Sale, holdings: readonly number[], trades: readonly number[]): Cost {
  const { amount, horizon, slices, sigma, permanent, spread, aversion } = sale
  const step = horizon / slices
  const squares = trades.reduce((sum, trade) => sum + trade * trade, 0)
  const sold = trades.reduce((sum, trade) => sum + Math.abs(trade), 0)
  const expected = (permanent * amount * amount) / 2 + spread * sold + (temporaryOf(sale) / step) * squares
  const variance = sigma * sigma * step * holdings.slice(1).reduce((sum, held) => sum + held * held, 0)
  return { expected, variance, utility: expected + aversion * variance }
}

/** `sinh(κ(T − t)) / sinh(κT)` at t = share·T, without overflow; a straight line at κ = 0. */
function remaining(urgency: number, horizon: number, share: number): number {
  const whole = urgency * horizon
  if (whole < 1e-9) return 1 - share
  return Math.exp(-whole * share) * (Math.expm1(-2 * whole * (1 - share)) / Math.expm1(-2 * whole))
}

function temporaryOf({ temporary, permanent, horizon, slices }: Sale): number {
  return temporary - (permanent * horizon) / (2 * slices)
}

function checked(sale: Sale): void {
  const { amount, horizon, slices, sigma, permanent, spread, aversion } = sale
  Figure.assert('above 0', { horizon, slices, 'temporary − permanent·τ/2': temporaryOf(sale) })
  Figure.assert('a whole number of at least 0', { slices })
  Figure.assert('at least 0', { amount, sigma, permanent, spread, aversion })
}
