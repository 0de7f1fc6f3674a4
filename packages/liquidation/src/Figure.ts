/** The numbers that formulas are given: refused by name before they become NaN somewhere else. */
import { BaseError } from './BaseError.ts'

/** What a figure has to be. */
export type Range = 'finite' | 'at least 0' | 'above 0' | 'a share' | 'a share below 1' | 'a whole number of at least 0'

/**
 * Refuses figures that a formula has no meaning for.
 *
 * @param figures - by name; `a share` lies in [0, 1].
 * @throws {InvalidFigureError} one of them is not what it has to be.
 *
 * @example
 * Figure.assert('above 0', { depth: 1, volume: 2 })
 * // => undefined
 */
export function assert(range: Range, figures: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(figures))
    if (!within(range, value)) throw new InvalidFigureError({ figure: name, value, range })
}

function within(range: Range, value: number): boolean {
  if (!Number.isFinite(value)) return false
  if (range === 'finite') return true
  if (range === 'above 0') return value > 0
  if (range === 'a share') return value >= 0 && value <= 1
  if (range === 'a share below 1') return value >= 0 && value < 1
  if (range === 'at least 0') return value >= 0
  return value >= 0 && Number.isSafeInteger(value)
}

/** Thrown when a figure cannot stand in the formula that was asked for. */
export class InvalidFigureError extends BaseError {
  override readonly name = 'Figure.InvalidFigureError'
  readonly figure: string
  readonly value: number
  constructor(args: { readonly figure: string; readonly value: number; readonly range: string }) {
    super({
      code: 'INVALID_FIGURE',
      message: `The figure ${args.figure} is ${args.value}, and has to be ${args.range}.`,
      hint: 'See the symbols and units of the method page that the function cites.',
    })
    this.figure = args.figure
    this.value = args.value
  }
}
