/**
 * Big books as columns. With flat rates health is linear in prices, `H = c + Σ w_k·y_k`, y the price by what it was valued at: one multiplication
 * a position, and arrays that are read from front to back. Simulation only: float64.
 */
import * as Book from './Book.ts'
import * as LiquidationCurve from './LiquidationCurve.ts'

export type Columns = {
  readonly names: readonly string[]
  readonly accounts: readonly string[]
  /** n: how many accounts. */
  readonly count: number
  /** Positions an account has room for; those it lacks weigh 0. A multiple of 4, or 1. */
  readonly slots: number
  /** - c[n]: what is left without any price, less the digit that a comparison may be off by. USD; +∞ where there is nothing to liquidate. */
  readonly cash: Float64Array
  /** - market[slots · n], by position first: all first positions, then all second ones. */
  readonly market: Uint16Array
  /** - w[slots · n]: signed notional and holding less maintenance. USD at P0. */
  readonly weight: Float64Array
  /** - signed notional and holding[slots · n], which a liquidation sells. USD at P0. */
  readonly exposure: Float64Array
}

/**
 * The columns of a book.
 *
 * Source: docs/method/cascade.md, eq. (37).
 *
 * A holding shares the slot of the position in its market, or takes one of its own.
 */
export function of(book: Book.Book): Columns {
  const names = [
    ...new Set(book.accounts.flatMap(({ positions, holdings = [] }) => [...positions, ...holdings].map(({ market }) => market))),
  ].sort()
  const numbers = new Map(names.map((name, k) => [name, k]))
  const lines = book.accounts.map((account) => linesOf(account, numbers))
  const widest = lines.reduce((most, each) => Math.max(most, each.size), 1)
  const slots = widest === 1 ? 1 : 4 * Math.ceil(widest / 4)
  const count = lines.length
  const columns = empty({ names, accounts: book.accounts.map(({ account }) => account), count, slots })
  for (const [i, each] of lines.entries()) {
    const account = book.accounts[i]
    if (account === undefined || account.positions.length === 0) continue
    let cash = Book.usd(account.equity)
    let slot = 0
    for (const [k, { exposure, maintenance }] of each) {
      const at = slot * count + i
      columns.market[at] = k
      columns.weight[at] = exposure - maintenance
      columns.exposure[at] = exposure
      cash -= exposure
      slot++
    }
    const gross = account.positions.reduce((sum, { notional }) => sum + Book.usd(notional), 0)
    columns.cash[i] = cash - LiquidationCurve.tolerance * gross
  }
  return columns
}

/** Columns of so many accounts with nothing in them, to be filled. */
export function empty(shape: Pick<Columns, 'names' | 'accounts' | 'count' | 'slots'>): Columns {
  const { count, slots } = shape
  return {
    ...shape,
    cash: new Float64Array(count).fill(Number.POSITIVE_INFINITY),
    market: new Uint16Array(slots * count),
    weight: new Float64Array(slots * count),
    exposure: new Float64Array(slots * count),
  }
}

/**
 * Who is below maintenance margin at these prices: every account read once.
 *
 * @param ratios - y[k], prices by what the book was valued at, in the order of `names`.
 * @param found - length ≥ n; the numbers of the accounts are written to its front, ascending.
 * @returns how many there are.
 */
export function failing(columns: Columns, ratios: Float64Array, found: Int32Array): number {
  const { count, slots, cash, market, weight } = columns
  if (slots === 4) return failingOfFour(count, cash, market, weight, ratios, found)
  let number = 0
  for (let i = 0; i < count; i++) {
    let health = cash[i] ?? 0
    for (let at = i; at < slots * count; at += count) health += (weight[at] ?? 0) * (ratios[market[at] ?? 0] ?? 0)
    if (health <= 0) found[number++] = i
  }
  return number
}

/** The loop that has to run at the speed of memory: local arrays, no calls, one branch. */
function failingOfFour(
  count: number,
  cash: Float64Array,
  market: Uint16Array,
  weight: Float64Array,
  ratios: Float64Array,
  found: Int32Array,
): number {
  const [second, third, fourth] = [count, 2 * count, 3 * count]
  let number = 0
  for (let i = 0; i < count; i++) {
    const health =
      (cash[i] ?? 0) +
      (weight[i] ?? 0) * (ratios[market[i] ?? 0] ?? 0) +
      (weight[second + i] ?? 0) * (ratios[market[second + i] ?? 0] ?? 0) +
      (weight[third + i] ?? 0) * (ratios[market[third + i] ?? 0] ?? 0) +
      (weight[fourth + i] ?? 0) * (ratios[market[fourth + i] ?? 0] ?? 0)
    if (health <= 0) found[number++] = i
  }
  return number
}

/** Health of one account at these prices. USD. */
export function health({ count, slots, cash, market, weight }: Columns, account: number, ratios: Float64Array): number {
  let sum = cash[account] ?? 0
  if (slots === 4) {
    const [second, third, fourth] = [account + count, account + 2 * count, account + 3 * count]
    return (
      sum +
      (weight[account] ?? 0) * (ratios[market[account] ?? 0] ?? 0) +
      (weight[second] ?? 0) * (ratios[market[second] ?? 0] ?? 0) +
      (weight[third] ?? 0) * (ratios[market[third] ?? 0] ?? 0) +
      (weight[fourth] ?? 0) * (ratios[market[fourth] ?? 0] ?? 0)
    )
  }
  for (let at = account; at < slots * count; at += count) sum += (weight[at] ?? 0) * (ratios[market[at] ?? 0] ?? 0)
  return sum
}

/**
 * The safe radius of one account: while every price is within this share of where it is now, it cannot be liquidated.
 *
 * Formula: `r = H / Σ |w_k|·y_k`, for `H(y') ≥ H(y) − max_k |y'_k/y_k − 1| · Σ |w_k|·y_k`.
 * Source:  docs/method/cascade.md, eq. (38).
 * Rounding: down, by more than a float can be off.
 */
export function radius({ count, slots, cash, market, weight }: Columns, account: number, ratios: Float64Array): number {
  let left = cash[account] ?? 0
  let sway = 0
  for (let at = account; at < slots * count; at += count) {
    const value = (weight[at] ?? 0) * (ratios[market[at] ?? 0] ?? 0)
    left += value
    sway += value < 0 ? -value : value
  }
  if (left === Number.POSITIVE_INFINITY) return left
  return left <= 0 ? 0 : (left / sway) * (1 - 1e-9)
}

/**
 * Safe radii of a stretch of accounts, where they are within a reach; everybody read once.
 *
 * @param reach - radii from here on are left out, without dividing.
 * @param near - length ≥ to − from; the numbers of those within reach are written to its front, ascending.
 * @param radii - as long; their radii, 0 for who fails.
 * @returns how many there are.
 */
export function within(columns: Columns, ratios: Float64Array, stretch: within.Stretch): number {
  const { from, to, reach, near, radii } = stretch
  const { count, slots, cash, market, weight } = columns
  let found = 0
  if (slots === 4) {
    const [second, third, fourth] = [count, 2 * count, 3 * count]
    for (let i = from; i < to; i++) {
      const a = (weight[i] ?? 0) * (ratios[market[i] ?? 0] ?? 0)
      const b = (weight[second + i] ?? 0) * (ratios[market[second + i] ?? 0] ?? 0)
      const c = (weight[third + i] ?? 0) * (ratios[market[third + i] ?? 0] ?? 0)
      const d = (weight[fourth + i] ?? 0) * (ratios[market[fourth + i] ?? 0] ?? 0)
      const left = (cash[i] ?? 0) + a + b + c + d
      const sway = Math.abs(a) + Math.abs(b) + Math.abs(c) + Math.abs(d)
      if (left >= reach * sway) continue
      near[found] = i
      radii[found++] = left <= 0 ? 0 : (left / sway) * (1 - 1e-9)
    }
    return found
  }
  for (let i = from; i < to; i++) {
    const own = radius(columns, i, ratios)
    if (own >= reach) continue
    near[found] = i
    radii[found++] = own
  }
  return found
}

export declare namespace within {
  type Stretch = {
    readonly from: number
    readonly to: number
    readonly reach: number
    readonly near: Int32Array
    readonly radii: Float64Array
  }
}

function linesOf(account: Book.Account, numbers: ReadonlyMap<string, number>) {
  const lines = new Map<number, { exposure: number; maintenance: number }>()
  const add = (market: string, exposure: number, maintenance: number) => {
    const k = numbers.get(market) ?? 0
    const line = lines.get(k) ?? { exposure: 0, maintenance: 0 }
    lines.set(k, { exposure: line.exposure + exposure, maintenance: line.maintenance + maintenance })
  }
  for (const { market, side, notional, maintenancePpm } of account.positions) {
    const amount = Book.usd(notional)
    add(market, side === 'long' ? amount : -amount, (amount * maintenancePpm) / 1_000_000)
  }
  for (const { market, value } of account.holdings ?? []) add(market, Book.usd(value), 0)
  return lines
}
