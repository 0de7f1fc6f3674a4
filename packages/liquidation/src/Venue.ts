/** How the prices of one venue's markets answer to forced flow. */
import { BaseError } from './BaseError.ts'
import * as Figure from './Figure.ts'
import * as Impact from './Impact.ts'

/** One market: what a forced flow does to it, and by which price it liquidates. */
export type Market = {
  readonly impact: Impact.Impact
  /** The share of the forced flow still felt that new offers absorb between two rounds, in [0, 1]. 0: the book does not refill. */
  readonly refill: number
  /** The price that liquidates: this venue's weight in the index, and over how many rounds it is averaged. */
  readonly index: { readonly weight: number; readonly rounds: number }
  /** What of this market's own impact reaches the prices of others, in [0, 1]. */
  readonly spill: Readonly<Record<string, number>>
  /** A backstop takes over this share of each forced close, until it holds this much (USD at P0), at the price that liquidates. */
  readonly backstop: { readonly sharePpm: number; readonly capacity: bigint }
}

export type Markets = Readonly<Record<string, Market>>

/**
 * A market that does not refill, liquidates by its own price at once, touches no other and has nobody behind it.
 *
 * @example
 * Venue.plain({ kind: 'linear', slope: 1e-9 }).index
 * // => { weight: 1, rounds: 1 }
 */
export function plain(impact: Impact.Impact): Market {
  return { impact, refill: 0, index: { weight: 1, rounds: 1 }, spill: {}, backstop: { sharePpm: 0, capacity: 0n } }
}

/** The prices of all markets, as log moves from P0, and what stands behind them. Lists are in the order of `names`. */
export type Prices = {
  readonly names: readonly string[]
  readonly markets: readonly Market[]
  readonly shocks: readonly number[]
  /** - reach[k][j]: what of j's impact reaches k. */
  readonly reach: readonly (readonly number[])[]
}

/**
 * The markets of a stress in one order, with the shock of each.
 *
 * @param shocks - signed log moves, negative down; a market without one stands still.
 * @throws {UnknownMarketError} a shock or a spill names a market that is not there.
 * @throws {Figure.InvalidFigureError} {Impact.InvalidImpactError}
 */
export function of(markets: Markets, shocks: Readonly<Record<string, number>>): Prices {
  const names = Object.keys(markets).sort()
  for (const market of [...Object.keys(shocks), ...Object.values(markets).flatMap(({ spill }) => Object.keys(spill))])
    if (!(market in markets)) throw new UnknownMarketError(market)
  Figure.assert('finite', Object.fromEntries(Object.entries(shocks).map(([market, shock]) => [`shock of ${market}`, shock])))
  const list = names.map((name) => checked(name, markets))
  return {
    names,
    markets: list,
    shocks: names.map((name) => shocks[name] ?? 0),
    reach: names.map((name, k) => list.map((market, j) => (j === k ? 1 : (market.spill[name] ?? 0)))),
  }
}

/** No price moves further than this, either way, whatever a curve says beyond its knots: e²⁰ is five hundred million times the price. */
export const furthest = 20

/**
 * Log moves at this venue under net forced flows.
 *
 * Formula: `ln(P_k/P0_k) = s_k + Σ_j γ_kj·I_j(F_j)`, signed, γ_kk = 1.
 * Source:  docs/method/cascade.md, eq. (12).
 *
 * @param flows - F[k], net, signed, sales negative. USD at P0.
 */
export function moves(prices: Prices, flows: readonly number[]): readonly number[] {
  const own = prices.markets.map((market, j) => Impact.move(market.impact, flows[j] ?? 0))
  return prices.reach.map((row, k) => bounded(row.reduce((sum, share, j) => sum + share * (own[j] ?? 0), prices.shocks[k] ?? 0)))
}

/**
 * The index by which each market liquidates, as log moves: the other venues have had the shock and no more.
 *
 * Formula: `s_k + w_k·(ln(P_k/P0_k) − s_k)`.
 * Source:  docs/method/cascade.md, eq. (9).
 */
export function indexed(prices: Prices, venue: readonly number[]): readonly number[] {
  return prices.markets.map(({ index }, k) => {
    const shock = prices.shocks[k] ?? 0
    return shock + index.weight * ((venue[k] ?? shock) - shock)
  })
}

/** What a close in market k is filled at, by its price at P0, on average on the way from one flow to the next. */
export function fill(prices: Prices, flows: readonly number[], k: number, to: number): number {
  const market = prices.markets[k]
  if (market === undefined) throw new UnknownMarketError(String(k))
  const others = (prices.reach[k] ?? []).reduce(
    (sum, share, j) =>
      j === k || share === 0 ? sum : sum + share * Impact.move(prices.markets[j]?.impact ?? market.impact, flows[j] ?? 0),
    prices.shocks[k] ?? 0,
  )
  return Math.min(Math.exp(furthest), Math.exp(bounded(others)) * Impact.fill(market.impact, flows[k] ?? 0, to))
}

function bounded(move: number): number {
  return Math.max(-furthest, Math.min(furthest, move))
}

function checked(name: string, markets: Markets): Market {
  const market = markets[name]
  if (market === undefined) throw new UnknownMarketError(name)
  Impact.assert(market.impact)
  Figure.assert('a share', {
    [`refill of ${name}`]: market.refill,
    [`index weight of ${name}`]: market.index.weight,
    [`backstop share of ${name}`]: market.backstop.sharePpm / 1_000_000,
    ...Object.fromEntries(Object.entries(market.spill).map(([to, share]) => [`spill of ${name} to ${to}`, share])),
  })
  Figure.assert('a whole number of at least 0', {
    [`backstop ppm of ${name}`]: market.backstop.sharePpm,
    [`index rounds of ${name}, less 1,`]: market.index.rounds - 1,
  })
  return market
}

/** Thrown when a market is named of which nothing is known. */
export class UnknownMarketError extends BaseError {
  override readonly name = 'Venue.UnknownMarketError'
  readonly market: string
  constructor(market: string) {
    super({
      code: 'UNKNOWN_MARKET',
      message: `There is no market ${market} in this scenario.`,
      hint: 'Give an impact for every market that the book, its holdings, the shocks and the spills name.',
    })
    this.market = market
  }
}
