/** Where one market's liquidations lie on both sides of its price, in USD and in σ̂: no account is named. */
import * as Clusters from './Clusters.ts'
import type * as LeverageRatioImpact from './LeverageRatioImpact.ts'
import type * as Reading from './Reading.ts'
import * as Reflexivity from './Reflexivity.ts'
import * as Told from './Told.ts'

/** Log moves in ppm, adverse to the side; `from` included, `to` not. */
export type Cluster = {
  readonly fromPpm: number
  readonly toPpm: number
  readonly fromSigmasPpm: number
  readonly accounts: number
  /** In this market, at P0. Up. */
  readonly forced: bigint
  /** Q(to): what is forced by then, this cluster included. Up. */
  readonly cumulative: bigint
}

export type Side = {
  readonly direction: LeverageRatioImpact.Direction
  readonly clusters: readonly Cluster[]
  /** Whose positions no move up to e⁻³ liquidates. USD at P0. */
  readonly standing: { readonly accounts: number; readonly notional: bigint }
  /** HHI by notional, up; null where nothing fails. */
  readonly concentrationPpm: number | null
}

export type LiquidationMap = { readonly widthPpm: number; readonly sigmaPpm: number; readonly down: Side; readonly up: Side }

/**
 * The map of a reading.
 *
 * Source: docs/method/leverage-ratio-impact.md, eq. (3), (5) and (20).
 *
 * @param width - of one cluster, log > 0.
 * @throws {Figure.InvalidFigureError} {Reflexivity.InvalidShockError}
 */
export function of(reading: Reading.Reading, width: number): LiquidationMap {
  const [sigma] = Reflexivity.shocks(reading.sigmaPpm.forecast, reading.horizonSeconds)
  return {
    widthPpm: Told.ppm(width, 'nearest'),
    sigmaPpm: Told.ppm(sigma, 'up'),
    down: sideOf(reading, 'down', { width, sigma }),
    up: sideOf(reading, 'up', { width, sigma }),
  }
}

/** The accounts of one side: whose position in the market loses by the move. */
function sideOf({ book, market }: Reading.Reading, direction: LeverageRatioImpact.Direction, grid: Clusters.of.Grid): Side {
  const losing = direction === 'down' ? 'long' : 'short'
  const own = {
    accounts: book.accounts.filter(({ positions }) => positions.some((position) => position.market === market && position.side === losing)),
  }
  const { clusters, concentration } = Clusters.of(own, { [market]: direction === 'down' ? 1 : -1 }, grid)
  const total = own.accounts
    .flatMap(({ positions }) => positions)
    .reduce((sum, position) => (position.market === market ? sum + position.notional : sum), 0n)
  let cumulative = 0
  const shown = clusters.map(({ from, to, fromSigma, accounts, byMarket }): Cluster => {
    const forced = byMarket[market] ?? 0
    cumulative += forced
    return {
      fromPpm: Told.ppm(from, 'nearest'),
      toPpm: Told.ppm(to, 'nearest'),
      fromSigmasPpm: Told.ppm(fromSigma, 'down'),
      accounts,
      forced: Told.usd(forced, 'up'),
      cumulative: Told.usd(cumulative, 'up'),
    }
  })
  const failing = clusters.reduce((sum, { accounts }) => sum + accounts, 0)
  return {
    direction,
    clusters: shown,
    standing: {
      accounts: own.accounts.length - failing,
      notional: failing === own.accounts.length ? 0n : total - Told.usd(cumulative, 'down'),
    },
    concentrationPpm: clusters.length === 0 ? null : Told.ppm(concentration, 'up'),
  }
}
