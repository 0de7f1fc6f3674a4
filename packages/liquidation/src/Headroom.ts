/** How much more leverage a market bears before it feeds on itself, and how much of a forced sale it takes. */
import * as Book from './Book.ts'
import * as Depth from './Depth.ts'
import type * as Figure from './Figure.ts'
import * as Impact from './Impact.ts'
import * as LiquidationCurve from './LiquidationCurve.ts'
import * as Reflexivity from './Reflexivity.ts'

/**
 * The factor by which all leverages of one side may grow, equity and margin rules as they are, with n below 1 everywhere.
 *
 * Formula: `g = sup{g : max_x n(x; g') < 1 for every g' ≤ g}`, every notional taken g times.
 * Source:  docs/method/leverage-ratio-impact.md, eq. (13).
 *
 * Local n by `Reflexivity.local`. Growing leverages first enter the window one by one, so g' is walked in steps of 2 % and the step that breaks is
 * halved down to 10⁻⁶.
 *
 * @param window - of `Reflexivity.local`.
 * @returns null where no leverage up to `most` times today's does it.
 * @throws {Figure.InvalidFigureError} {Impact.InvalidImpactError}
 */
export function leverage(side: leverage.Side, impact: Impact.Impact, window: Reflexivity.local.Window): number | null {
  const breaks = (g: number) => Reflexivity.local(scaled(side, g), impact, window).n >= 1
  let low = 0
  for (let g = least; low < most; g = Math.min(most, g * 1.02)) {
    if (!breaks(g)) {
      low = g
      continue
    }
    let high = g
    while (high - low > 1e-6 * high) {
      const middle = (low + high) / 2
      if (breaks(middle)) high = middle
      else low = middle
    }
    return low
  }
  return null
}

const least = 0.05
const most = 20

export declare namespace leverage {
  type Side = { readonly book: Book.Book; readonly market: string; readonly side: Book.Side }
  type ErrorType = Figure.InvalidFigureError | Impact.InvalidImpactError
}

/** The curve of a side whose notionals are g times what they are. */
function scaled({ book, market, side }: leverage.Side, g: number): LiquidationCurve.LiquidationCurve {
  const walls: { at: number; notional: number }[] = []
  for (const { account, position, elsewhere, held } of Book.positions(book, market)) {
    if (position.side !== side) continue
    const notional = g * Book.usd(position.notional)
    const at = LiquidationCurve.distance({
      side,
      notional,
      equity: Book.usd(account.equity - elsewhere),
      maintenance: position.maintenancePpm / 1_000_000,
      held: Book.usd(held),
    })
    if (at !== null) walls.push({ at, notional })
  }
  return LiquidationCurve.fromWalls(side, walls)
}

/** USD. Who takes as much takes anything. */
const largest = 1e18

/**
 * What can be sold, or bought back, before the slippage eats a liquidation bonus; null where none up to 10¹⁸ does.
 *
 * Formula: the greatest Q with `fill(Q) ≥ 1 − b/(1 + b)` for a sale, `fill(Q) ≤ 1 + b/(1 + b)` for a purchase.
 * Source:  docs/method/leverage-ratio-impact.md, eq. (16).
 *
 * @param bonus - b ≥ 0.
 * @returns USD at P0.
 * @throws {Figure.InvalidFigureError} {Impact.InvalidImpactError}
 *
 * @example
 * Headroom.executable({ kind: 'constantProduct', reserve: 100 }, 'long', 1)
 * // => 100
 */
export function executable(impact: Impact.Impact, side: Book.Side, bonus: number): number | null {
  Impact.assert(impact)
  const slippage = Depth.breakEven(bonus)
  const sign = side === 'long' ? -1 : 1
  const clears = (flow: number) => sign * (Impact.fill(impact, 0, sign * flow) - 1) <= slippage
  let [low, high] = [0, largest]
  if (clears(high)) return null
  // To the last digit of a float, however small.
  for (let halving = 0; halving < 150; halving++) {
    const middle = (low + high) / 2
    if (clears(middle)) low = middle
    else high = middle
  }
  return Math.round(low * 1e6) / 1e6
}
