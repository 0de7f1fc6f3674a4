/** Floats of a simulation as the integers that are told: the digit that a float may be off by is never rounded into. */
import * as Figure from './Figure.ts'

export type Rounding = 'up' | 'down' | 'nearest'

/** A float within this of a whole number is that number. Relative to 1, and to the figure where that is more. */
const slack = 1e-9

/**
 * A share, multiple or log move in ppm.
 *
 * @throws {Figure.InvalidFigureError} it is not finite.
 *
 * @example
 * Told.ppm(0.1 + 0.2, 'up')
 * // => 300000
 */
export function ppm(figure: number, rounding: Rounding): number {
  Figure.assert('finite', { figure })
  return rounded(figure * 1_000_000, rounding)
}

/**
 * USD × 1e18 of a float of USD, in whole cents.
 *
 * @throws {Figure.InvalidFigureError} it is not finite.
 *
 * @example
 * Told.usd(1.239, 'down')
 * // => 1230000000000000000n
 */
export function usd(figure: number, rounding: Rounding): bigint {
  Figure.assert('finite', { figure })
  return BigInt(rounded(figure * 100, rounding)) * 10_000_000_000_000_000n
}

function rounded(value: number, rounding: Rounding): number {
  const near = Math.round(value)
  // −0 is 0.
  if (rounding === 'nearest' || Math.abs(value - near) <= slack * Math.max(1, Math.abs(value))) return near + 0
  return (rounding === 'up' ? Math.ceil(value) : Math.floor(value)) + 0
}
