/** How much of a perpetual position is closed. */
import * as Figure from './Figure.ts'

/**
 * The share of a position whose closing brings its margin ratio back to a target.
 *
 * Formula: `f = (t·N − E) / (N·(t − c))`; closing costs `c` of what is closed.
 * Source:  docs/method/cascade.md, eq. (17).
 *
 * Where the cost is not below the target, or the equity does not cover the cost of what is left, no part helps and all of it is closed.
 *
 * @param position.equity - E. USD; may be negative.
 * @param position.notional - N > 0. USD.
 * @param position.target - t: equity by notional to come back to.
 * @param position.cost - c: fee and expected slippage by notional closed.
 * @returns shares in [0, 1] and what is left. `ratio` is E/N before.
 *
 * @example
 * Closing.of({ equity: 5, notional: 100, target: 0.1, cost: 0 })
 * // => { status: 'part', share: 0.5, closed: 50, ratio: 0.05, left: { equity: 5, notional: 50 } }
 */
export function of(position: of.Position): of.Closing {
  const { equity, notional, target, cost } = position
  Figure.assert('finite', { equity })
  Figure.assert('above 0', { notional, target })
  Figure.assert('at least 0', { cost })
  const ratio = equity / notional
  if (ratio >= target) return { status: 'none', share: 0, closed: 0, ratio, left: { equity, notional } }
  const wanted = target > cost ? (target * notional - equity) / (notional * (target - cost)) : 1
  const share = Math.min(1, wanted)
  const closed = share * notional
  return {
    status: share < 1 ? 'part' : 'whole',
    share,
    closed,
    ratio,
    left: { equity: equity - cost * closed, notional: notional - closed },
  }
}

export declare namespace of {
  type Position = { readonly equity: number; readonly notional: number; readonly target: number; readonly cost: number }
  type Closing = {
    readonly status: 'none' | 'part' | 'whole'
    readonly share: number
    readonly closed: number
    readonly ratio: number
    readonly left: { readonly equity: number; readonly notional: number }
  }
  type ErrorType = Figure.InvalidFigureError
}
