/** The accounts of a market while a replay runs: cash and units of each, and the price at which each fails. Floats, USD; units are USD at P0. */
import type * as Isolated from './Isolated.ts'
import * as Queue from './Queue.ts'

/** Changed in place by `trade` and `pay`. */
export type Standing = {
  readonly side: Int8Array
  readonly maintenance: Float64Array
  /** - equity at P0, from which profit is counted. */
  readonly posted: Float64Array
  readonly cash: Float64Array
  readonly units: Float64Array
  /** By side: keys are `side·y*`, so that who fails first comes first. */
  readonly longs: Queue.Queue
  readonly shorts: Queue.Queue
}

/**
 * The accounts at P0, price ratio 1.
 *
 * Formula: cash `K = E − side·N`.
 * Source:  docs/method/replay.md, eq. (6).
 */
export function of({ side, notional, equity, maintenance }: Isolated.Positions): Standing {
  const count = side.length
  const cash = new Float64Array(count)
  const units = new Float64Array(count)
  const keys = [1, -1].map(() => new Float64Array(count).fill(Number.NEGATIVE_INFINITY)) as [Float64Array, Float64Array]
  for (let i = 0; i < count; i++) {
    const way = side[i] as number
    units[i] = way === 0 ? 0 : (notional[i] as number)
    cash[i] = (equity[i] as number) - way * (units[i] as number)
    const line = { side: way, cash: cash[i] as number, units: units[i] as number, maintenance: maintenance[i] as number }
    if (way !== 0) keys[way === 1 ? 0 : 1][i] = way * threshold(line)
  }
  return {
    side,
    maintenance,
    posted: Float64Array.from(equity),
    cash,
    units,
    longs: Queue.of(keys[0]),
    shorts: Queue.of(keys[1]),
  }
}

/**
 * The price ratio at which an account fails; not positive, or +∞ for a short, where none does it.
 *
 * Formula: long `y* = −K / (u(1 − m))`, short `y* = K / (u(1 + m))`.
 * Source:  docs/method/replay.md, eq. (7), which is docs/method/cascade.md, eq. (1).
 */
export function threshold({ side, cash, units, maintenance }: threshold.Line): number {
  return (-side * cash) / (units * (1 - side * maintenance))
}

export declare namespace threshold {
  type Line = { readonly side: number; readonly cash: number; readonly units: number; readonly maintenance: number }
}

/** Equity of an account at a price ratio. USD. */
export function equity({ side, cash, units }: Standing, account: number, price: number): number {
  return (cash[account] as number) + (side[account] as number) * (units[account] as number) * price
}

/** The adverse log move that makes an account fail; not above 0 where it does already, +∞ where none does, or nothing is open. */
export function distance({ side, longs, shorts }: Standing, account: number, price: number): number {
  const way = side[account] as 1 | -1
  const at = way * ((way === 1 ? longs : shorts).keys[account] as number)
  return at > 0 ? way * Math.log(price / at) : Number.POSITIVE_INFINITY
}

/** Accounts of one side that fail at a price ratio, in an order that does not depend on who asks. `beyond` looks further by a log move. */
export function failing(standing: Standing, side: 1 | -1, price: number, beyond: number): readonly number[] {
  return Queue.above(side === 1 ? standing.longs : standing.shorts, side * price * Math.exp(-side * beyond))
}

/** Closes units of an account at a price; it pays a fee of what it has, at most. Returns the fee. */
export function trade(standing: Standing, account: number, { units: closed, price, fee }: trade.Trade): number {
  const { side, cash, units } = standing
  const way = side[account] as number
  const left = (units[account] as number) - closed
  units[account] = left
  cash[account] = (cash[account] as number) + way * closed * price
  const paid = Math.max(0, Math.min(fee, equity(standing, account, price)))
  pay(standing, account, paid)
  return paid
}

export declare namespace trade {
  type Trade = { readonly units: number; readonly price: number; readonly fee: number }
}

/** Takes cash from an account; negative gives. */
export function pay(standing: Standing, account: number, amount: number): void {
  const { side, cash, units, maintenance } = standing
  const [way, open] = [side[account] as 1 | -1, units[account] as number]
  const left = (cash[account] as number) - amount
  cash[account] = left
  const line = { side: way, cash: left, units: open, maintenance: maintenance[account] as number }
  const key = open > 0 ? way * threshold(line) : Number.NEGATIVE_INFINITY
  Queue.place(way === 1 ? standing.longs : standing.shorts, account, key)
}
