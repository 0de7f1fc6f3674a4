/** What a market takes at which slippage, from quotes of several sizes. */
import * as Figure from './Figure.ts'

/** Notional in USD by slippage as a share, both rising. */
export type Depth = readonly (readonly [notional: number, slippage: number])[]

/**
 * The slippage that eats a liquidation bonus: beyond it a liquidator loses by liquidating.
 *
 * Formula: `b / (1 + b)`.
 * Source:  docs/method/leverage-ratio-impact.md, eq. (19).
 *
 * @example
 * Depth.breakEven(0.25)
 * // => 0.2
 */
export function breakEven(bonus: number): number {
  Figure.assert('at least 0', { bonus })
  return bonus / (1 + bonus)
}

/**
 * The greatest notional that clears at a slippage.
 *
 * Formula: between two quotes slippage is linear in ln(notional).
 * Source:  docs/method/leverage-ratio-impact.md, eq. (19).
 *
 * Outside the ladder nothing is made up: `below` the first quote less than its size clears, how much is not known; `beyond` the last one at least
 * its size.
 *
 * @throws {Figure.InvalidFigureError} the ladder is empty, or does not rise.
 *
 * @example
 * Depth.clearable([[100, 0.25], [400, 0.75]], 0.5)
 * // => { status: 'within', notional: 200 }
 */
export function clearable(depth: Depth, slippage: number): clearable.Clearance {
  checked(depth)
  Figure.assert('at least 0', { slippage })
  let [low] = depth
  if (low === undefined || slippage < low[1]) return { status: 'below', notional: low?.[0] ?? 0 }
  for (const high of depth) {
    if (slippage === high[1]) return { status: 'within', notional: high[0] }
    if (slippage < high[1]) {
      const share = (slippage - low[1]) / (high[1] - low[1])
      return { status: 'within', notional: low[0] * (high[0] / low[0]) ** share }
    }
    low = high
  }
  return { status: 'beyond', notional: low[0] }
}

export declare namespace clearable {
  type Clearance = { readonly status: 'below' | 'within' | 'beyond'; readonly notional: number }
  type ErrorType = Figure.InvalidFigureError
}

function checked(depth: Depth): void {
  Figure.assert('above 0', { 'of quotes in the ladder': depth.length })
  let before: readonly [number, number] = [0, 0]
  for (const [notional, slippage] of depth) {
    Figure.assert('above 0', { notional, 'notional less the quote before it': notional - before[0] })
    Figure.assert('at least 0', { slippage, 'slippage less the quote before it': slippage - before[1] })
    before = [notional, slippage]
  }
}
