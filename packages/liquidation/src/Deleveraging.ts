/** Auto-deleveraging: what winners give up when nothing else is left to pay a loss. */
import { Fixed } from '@plimsoll/margin'

/** Who gives first: the queue in the order given, or everybody in proportion to profit. */
export type Rule = 'queue' | 'pro rata'

export type Deleveraging = {
  /** What each gives up, in the order given: between 0 and their profit. */
  readonly haircuts: readonly bigint[]
  /** min(deficit, Σ profit⁺). */
  readonly total: bigint
  /** What nobody is left to pay. */
  readonly unpaid: bigint
}

/**
 * Haircuts that pay a deficit out of profits.
 *
 * Formula: queue `hᵢ = min(PnLᵢ⁺, D − Σ_{j<i} h_j)`; pro rata `hᵢ = min(D, ΣPnL⁺)·PnLᵢ⁺/ΣPnL⁺`.
 * Source:  docs/method/cascade.md, eq. (18) and (19).
 * Rounding: pro rata down, and a unit more from the first on until none is left over: the haircuts sum to the total exactly.
 *
 * @param deficit - D ≥ 0. USD; a negative one is none.
 * @param profits - unrealised, in rank order. USD; losses give nothing.
 *
 * @example
 * Deleveraging.of('queue', 5n, [3n, -9n, 4n])
 * // => { haircuts: [3n, 0n, 2n], total: 5n, unpaid: 0n }
 */
export function of(rule: Rule, deficit: bigint, profits: readonly bigint[]): Deleveraging {
  const owed = Fixed.max(deficit, 0n)
  const able = profits.map((profit) => Fixed.max(profit, 0n))
  const pool = able.reduce((sum, profit) => sum + profit, 0n)
  const total = Fixed.min(owed, pool)
  let left = total
  const haircuts = able.map((profit) => {
    const share = rule === 'queue' ? Fixed.min(profit, left) : pool === 0n ? 0n : Fixed.mulDiv(total, profit, pool, 'down')
    left -= share
    return share
  })
  // Fewer units are left than there are profits that could still give one.
  for (const [i, profit] of able.entries()) {
    if (left === 0n) break
    if (profit === (haircuts[i] ?? profit)) continue
    haircuts[i] = (haircuts[i] ?? profit) + 1n
    left -= 1n
  }
  return { haircuts, total, unpaid: owed - total }
}

/**
 * How early a profit is taken: profit times leverage, to the unit what a venue's contract computes.
 *
 * Formula: `r = ⌊PnL⁺·N/E⌋`; 0 where there is no equity.
 * Source:  docs/method/cascade.md, eq. (18a).
 * Rounding: down.
 *
 * @param winner.notional - N ≥ 0. USD.
 * @param winner.equity - E. USD; an account without any has no profit to give.
 *
 * @example
 * Deleveraging.value({ profit: 5n, notional: 30n, equity: 20n })
 * // => 7n
 */
export function value({ profit, notional, equity }: value.Winner): bigint {
  return equity <= 0n ? 0n : Fixed.mulDiv(Fixed.max(profit, 0n), notional, equity, 'down')
}

export declare namespace value {
  type Winner = { readonly profit: bigint; readonly notional: bigint; readonly equity: bigint }
}

/**
 * The order of the queue: the highest `value` first; ties stay in the order given.
 *
 * Source: docs/method/cascade.md, eq. (18a).
 *
 * @returns the accounts, first who gives first.
 *
 * @example
 * const of = (account: string, profit: bigint) => ({ account, profit, notional: 50n, equity: 10n })
 * Deleveraging.rank([of('a', 1n), of('b', 5n)]).map(({ account }) => account)
 * // => ['b', 'a']
 */
export function rank<T extends value.Winner>(winners: readonly T[]): readonly T[] {
  const valued = winners.map((winner) => ({ winner, value: value(winner) }))
  return valued.sort((a, b) => compare(b.value, a.value)).map(({ winner }) => winner)
}

/**
 * The queue that a venue's contract takes for a debt: positions by rank, as many as it takes, at most `longest`.
 *
 * A profit of less than a unit of the token pays nothing, and has no place. Ties go by account, then by market.
 *
 * Source: docs/method/backstop.md, eq. (9a).
 *
 * @param book - everybody whose profit may be taken, at one price of each market.
 * @param debt.owed - D. USD.
 * @param debt.scale - of the token to USD.
 *
 * @example
 * const position = { market: 'ETH', unrealised: 5n, notional: 30n }
 * Deleveraging.plan([{ account: 'a', equity: 20n, positions: [position] }], { owed: 4n, scale: 1n, longest: 64 })
 * // => [{ account: 'a', market: 'ETH', profit: 5n, value: 7n }]
 */
export function plan(book: readonly plan.Account[], debt: plan.Debt): readonly plan.Place[] {
  const { owed, scale, longest } = debt
  const places = book.flatMap(({ account, equity, positions }) =>
    positions.flatMap(({ market, unrealised, notional }): readonly plan.Place[] => {
      const place = { account, market, profit: unrealised, value: value({ profit: unrealised, notional, equity }) }
      return place.value === 0n || unrealised < scale ? [] : [place]
    }),
  )
  places.sort((a, b) => compare(b.value, a.value) || compare(a.account, b.account) || compare(a.market, b.market))
  let paid = 0n
  return places.slice(0, longest).filter(({ profit }) => {
    const isNeeded = paid < owed
    paid += profit - (profit % scale)
    return isNeeded
  })
}

export declare namespace plan {
  type Account = {
    readonly account: string
    readonly equity: bigint
    readonly positions: readonly { readonly market: string; readonly unrealised: bigint; readonly notional: bigint }[]
  }
  type Debt = { readonly owed: bigint; readonly scale: bigint; readonly longest: number }
  type Place = { readonly account: string; readonly market: string; readonly profit: bigint; readonly value: bigint }
}

function compare<T extends bigint | string>(a: T, b: T): number {
  return Number(a > b) - Number(a < b)
}
