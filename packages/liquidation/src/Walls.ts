/** Isolated accounts of one side whose liquidation prices are known, closed one at a time: a cascade that a person can redo by hand. */
import type { Side } from './Book.ts'
import * as Figure from './Figure.ts'

/** A position and the price at which it may be liquidated. */
export type Wall = { readonly account: string; readonly size: number; readonly liquidationPrice: number }

export type Walls = {
  readonly side: Side
  /** P0. USD a unit. */
  readonly price: number
  /** λ: USD by which the price moves for each unit closed. */
  readonly impact: number
  /** m: flat maintenance rate. */
  readonly maintenance: number
  readonly accounts: readonly Wall[]
}

export type Step = {
  readonly account: string
  readonly before: number
  readonly after: number
  /** What it was closed at on average: the middle of the two. */
  readonly average: number
  readonly bankruptcyPrice: number
  /** What the account could not pay. USD. */
  readonly badDebt: number
}

export type Fall = {
  readonly steps: readonly Step[]
  /** The shocked price, and the price after each close. */
  readonly prices: readonly number[]
  readonly final: number
  readonly forced: number
  readonly badDebt: number
  /** The whole move by the shock; null where there was none. */
  readonly amplification: number | null
}

/**
 * The price at which nothing of an account's margin is left.
 *
 * Formula: `P_liq·(1 − m)` for a long, `P_liq·(1 + m)` for a short.
 * Source:  docs/method/cascade.md, eq. (1a).
 *
 * @example
 * Walls.bankruptcyPrice('long', 200, 0.05)
 * // => 190
 */
export function bankruptcyPrice(side: Side, liquidationPrice: number, maintenance: number): number {
  return liquidationPrice * (side === 'long' ? 1 - maintenance : 1 + maintenance)
}

/**
 * One account at a time, the one whose price was passed first before the others, the price read again after each.
 *
 * Formula: a close of q units moves the price by `λq` and is filled at the middle; bad debt is `q·max(0, bankruptcy − fill)` for a long.
 * Source:  docs/method/cascade.md, eq. (5a).
 *
 * @param shock - signed move of the price before anything is forced. USD.
 * @throws {Figure.InvalidFigureError} a price or size is not positive, the impact is negative.
 */
export function fall(walls: Walls, shock: number): Fall {
  const { side, price, impact, maintenance, accounts } = walls
  Figure.assert('above 0', { price })
  Figure.assert('at least 0', { impact })
  Figure.assert('a share below 1', { maintenance })
  Figure.assert('finite', { shock })
  for (const { account, size, liquidationPrice } of accounts)
    Figure.assert('above 0', { [`size of ${account}`]: size, [`liquidation price of ${account}`]: liquidationPrice })
  const sign = side === 'long' ? -1 : 1
  // First passed first: the highest price for longs, the lowest for shorts.
  const queue = [...accounts].sort((a, b) => sign * (a.liquidationPrice - b.liquidationPrice))
  const steps: Step[] = []
  let before = price + shock
  for (const { account, size, liquidationPrice } of queue) {
    // A price that is hit exactly counts, also through the last digit of a float.
    if (sign * (before - liquidationPrice) < -1e-12 * price) break
    const after = before + sign * impact * size
    const average = (before + after) / 2
    const bankruptcy = bankruptcyPrice(side, liquidationPrice, maintenance)
    steps.push({ account, before, after, average, bankruptcyPrice: bankruptcy, badDebt: size * Math.max(0, sign * (average - bankruptcy)) })
    before = after
  }
  const sizes = new Map(accounts.map(({ account, size }) => [account, size]))
  return {
    steps,
    prices: [price + shock, ...steps.map(({ after }) => after)],
    final: before,
    forced: steps.reduce((sum, { account }) => sum + (sizes.get(account) ?? 0), 0),
    badDebt: steps.reduce((sum, { badDebt }) => sum + badDebt, 0),
    amplification: shock === 0 ? null : (before - price) / shock,
  }
}

export declare namespace fall {
  type ErrorType = Figure.InvalidFigureError
}
