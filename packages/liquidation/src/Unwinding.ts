/** When inventory that was taken in a fall is sold again, and how much at once. */
import * as Figure from './Figure.ts'

/** What a desk sees before it sells. */
export type Look = {
  /** Signed. USD. */
  readonly holding: number
  /** Forced flow of the last while, and inventory that others still have to sell. USD. */
  readonly flow: number
  /** ln(venue / index), signed. */
  readonly divergence: number
}

/** What it waits for, and how fast it goes. */
export type Rule = {
  /** Greatest flow that counts as none. USD. */
  readonly quiet: number
  /** Greatest divergence, whatever its sign. */
  readonly near: number
  /** Greatest sale at once. USD. */
  readonly slice: number
}

export type Step =
  | { readonly status: 'sell'; readonly notional: number }
  | { readonly status: 'wait'; readonly reason: 'FLOW' | 'DIVERGENCE' | 'FLAT' }

/**
 * The next slice to close, if it is time.
 *
 * Formula: `min(|q|, slice)` iff flow ≤ quiet and |divergence| ≤ near.
 * Source:  docs/method/backstop.md, eq. (6).
 *
 * @returns notional to close, whichever side it is on. USD.
 *
 * @example
 * Unwinding.of({ holding: -800, flow: 0, divergence: 0.001 }, { quiet: 0, near: 0.002, slice: 500 })
 * // => { status: 'sell', notional: 500 }
 */
export function of({ holding, flow, divergence }: Look, { quiet, near, slice }: Rule): Step {
  Figure.assert('finite', { holding, divergence })
  Figure.assert('at least 0', { flow, quiet, near, slice })
  if (holding === 0) return { status: 'wait', reason: 'FLAT' }
  if (flow > quiet) return { status: 'wait', reason: 'FLOW' }
  if (Math.abs(divergence) > near) return { status: 'wait', reason: 'DIVERGENCE' }
  return { status: 'sell', notional: Math.min(Math.abs(holding), slice) }
}

export declare namespace of {
  type ErrorType = Figure.InvalidFigureError
}
