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
 * The order of the queue: highest profit by entry value times leverage first; ties stay in the order given.
 *
 * Formula: `score = (PnL⁺ / N) · (N / E) = PnL⁺ / E`; an account without equity has no profit to give and comes last.
 * Source:  docs/method/cascade.md, eq. (18a).
 *
 * @returns the accounts, first who gives first.
 *
 * @example
 * Deleveraging.rank([{ account: 'a', profit: 1n, equity: 10n }, { account: 'b', profit: 5n, equity: 10n }]).map(({ account }) => account)
 * // => ['b', 'a']
 */
export function rank<T extends rank.Winner>(winners: readonly T[]): readonly T[] {
  // b.profit/b.equity against a.profit/a.equity, by cross-multiplication.
  return [...winners].sort((a, b) => Number(worth(b) * Fixed.max(a.equity, 1n) - worth(a) * Fixed.max(b.equity, 1n)))
}

export declare namespace rank {
  type Winner = { readonly account: string; readonly profit: bigint; readonly equity: bigint }
}

function worth({ profit, equity }: rank.Winner): bigint {
  return equity > 0n ? Fixed.max(profit, 0n) : 0n
}
