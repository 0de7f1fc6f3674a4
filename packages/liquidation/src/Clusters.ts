/** Where liquidations lie, in steps of the move: the map a trader and a risk desk look at. */
import * as Book from './Book.ts'
import * as Figure from './Figure.ts'
import * as Threshold from './Threshold.ts'

/** Everybody who fails between two moves along the direction, by what is then forced. */
export type Cluster = {
  /** The moves, as log: `from` included, `to` not. */
  readonly from: number
  readonly to: number
  /** The same in σ̂ of the horizon. */
  readonly fromSigma: number
  readonly toSigma: number
  readonly accounts: number
  /** At P0, by market and in all. USD. */
  readonly notional: number
  readonly byMarket: Readonly<Record<string, number>>
}

export type Clusters = {
  readonly clusters: readonly Cluster[]
  /** Who does not fail at any move that was looked at. USD at P0. */
  readonly standing: { readonly accounts: number; readonly notional: number }
  /** HHI of the clusters' notional: 1 where all of it lies in one step. 0 where nothing fails. */
  readonly concentration: number
}

/**
 * The cluster map of a book along a direction.
 *
 * Thresholds are exact (`Threshold.along`); only empty clusters are left out. An account below its maintenance margin already lies in the first.
 * Source: docs/method/leverage-ratio-impact.md, eq. (3) and (20).
 *
 * @param grid.width - of one cluster, log > 0.
 * @param grid.sigma - σ̂·√horizon, log > 0.
 * @throws {Figure.InvalidFigureError}
 */
export function of(book: Book.Book, direction: Threshold.Direction, grid: of.Grid): Clusters {
  const { width, sigma } = grid
  Figure.assert('above 0', { width, sigma })
  const found = new Map<number, { accounts: number; notional: number; byMarket: Record<string, number> }>()
  const standing = { accounts: 0, notional: 0 }
  for (const account of book.accounts) {
    if (account.positions.length === 0) continue
    const at = Threshold.along(account, direction)
    const notional = account.positions.reduce((sum, position) => sum + Book.usd(position.notional), 0)
    if (at === null) {
      standing.accounts++
      standing.notional += notional
      continue
    }
    const step = Math.floor(at / width + 1e-9)
    const cluster = found.get(step) ?? { accounts: 0, notional: 0, byMarket: {} }
    cluster.accounts++
    cluster.notional += notional
    for (const position of account.positions)
      cluster.byMarket[position.market] = (cluster.byMarket[position.market] ?? 0) + Book.usd(position.notional)
    found.set(step, cluster)
  }
  const clusters = [...found]
    .sort(([a], [b]) => a - b)
    .map(([step, cluster]) => {
      const [from, to] = [step * width, (step + 1) * width]
      return { from, to, fromSigma: from / sigma, toSigma: to / sigma, ...cluster }
    })
  return { clusters, standing, concentration: herfindahl(clusters.map(({ notional }) => notional)) }
}

export declare namespace of {
  type Grid = { readonly width: number; readonly sigma: number }
  type ErrorType = Figure.InvalidFigureError
}

/**
 * `Σ shareᵢ²`: 1 where one has all, 0 where there is nothing.
 *
 * Source: docs/method/leverage-ratio-impact.md, eq. (20).
 *
 * @example
 * Clusters.herfindahl([1, 1, 2])
 * // => 0.375
 */
export function herfindahl(amounts: readonly number[]): number {
  const total = amounts.reduce((sum, amount) => sum + amount, 0)
  return total === 0 ? 0 : amounts.reduce((sum, amount) => sum + (amount / total) ** 2, 0)
}
