/**
 * Big books as columns. With flat rates health is linear in prices, `H = c + Σ w_k·y_k`, y the price by what it was valued at: one multiplication
 * a position, and arrays that are read from front to back. Simulation only: float64.
 */
import * as Book from './Book.ts'
import * as Figure from './Figure.ts'
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
  /** - signed notional and holding[n · slots], by account first, which a liquidation sells, as `flow` rounds it. USD at P0. */
  readonly exposure: Float64Array
}

/**
 * The columns of a book.
 *
 * Source: docs/method/big-books.md, eq. (1).
 *
 * A holding shares the slot of the position in its market, or takes one of its own.
 *
 * @throws {Figure.InvalidFigureError} more markets than 65,536.
 */
export function of(book: Book.Book): Columns {
  const names = [
    ...new Set(book.accounts.flatMap(({ positions, holdings = [] }) => [...positions, ...holdings].map(({ market }) => market))),
  ].sort()
  if (names.length > 65_536) throw new Figure.InvalidFigureError({ figure: 'markets', value: names.length, range: 'at most 65,536' })
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
      columns.exposure[i * slots + slot] = flow(exposure)
      cash -= exposure
      slot++
    }
    const gross = account.positions.reduce((sum, { notional }) => sum + Book.usd(notional), 0)
    columns.cash[i] = cash - LiquidationCurve.tolerance * gross
  }
  return columns
}

/**
 * What a close sells, to a 65,536th of a USD: sums of up to 2³⁷ USD are then exact, so that flows, prices and who fails next do not depend on the
 * order in which accounts are closed.
 *
 * Source:  docs/method/big-books.md, eq. (2).
 * Rounding: away from zero.
 *
 * @example
 * Columns.flow(-0.1) * 65_536
 * // => -6554
 */
export function flow(exposure: number): number {
  return (Math.sign(exposure) * Math.ceil(Math.abs(exposure) * 65_536)) / 65_536
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
    let health = cash[i] as number
    for (let at = i; at < slots * count; at += count) health += (weight[at] as number) * (ratios[market[at] as number] as number)
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
      (cash[i] as number) +
      (weight[i] as number) * (ratios[market[i] as number] as number) +
      (weight[second + i] as number) * (ratios[market[second + i] as number] as number) +
      (weight[third + i] as number) * (ratios[market[third + i] as number] as number) +
      (weight[fourth + i] as number) * (ratios[market[fourth + i] as number] as number)
    if (health <= 0) found[number++] = i
  }
  return number
}

/** Health of one account at these prices. USD. */
export function health({ count, slots, cash, market, weight }: Columns, account: number, ratios: Float64Array): number {
  let sum = cash[account] as number
  if (slots === 4) {
    const [second, third, fourth] = [account + count, account + 2 * count, account + 3 * count]
    return (
      sum +
      (weight[account] as number) * (ratios[market[account] as number] as number) +
      (weight[second] as number) * (ratios[market[second] as number] as number) +
      (weight[third] as number) * (ratios[market[third] as number] as number) +
      (weight[fourth] as number) * (ratios[market[fourth] as number] as number)
    )
  }
  for (let at = account; at < slots * count; at += count) sum += (weight[at] as number) * (ratios[market[at] as number] as number)
  return sum
}

/** Takes what an account sells from the flows of its markets. */
export function sell({ count, slots, market, exposure }: Columns, account: number, flows: Float64Array): void {
  for (let slot = 0; slot < slots; slot++) {
    const k = market[slot * count + account] as number
    flows[k] = (flows[k] as number) - (exposure[account * slots + slot] as number)
  }
}

/**
 * Refuses prices that are not one for each market: what is unknown is neither 0 nor what it was.
 *
 * @throws {Figure.InvalidFigureError} a price is missing, or is not a positive number.
 *
 * @example
 * Columns.assert(Columns.of(Book.of([])), Float64Array.of())
 * // => undefined
 */
export function assert({ names }: Pick<Columns, 'names'>, ratios: Float64Array): void {
  if (ratios.length !== names.length)
    throw new Figure.InvalidFigureError({ figure: 'prices', value: ratios.length, range: `${names.length}` })
  for (let k = 0; k < ratios.length; k++) {
    const ratio = ratios[k] as number
    if (!(ratio > 0 && ratio < Number.POSITIVE_INFINITY)) Figure.assert('above 0', { [`price of ${names[k]}`]: ratio })
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
