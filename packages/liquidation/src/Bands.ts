/** Loans whose collateral is sold over a band of prices, beside the same loans sold as one block at its bottom. */
import * as Figure from './Figure.ts'
import * as Impact from './Impact.ts'

/** A market whose band edges are `(A − 1)/A` of one another, and the price now. */
export type Market = { readonly amplification: number; readonly base: number; readonly price: number }

/** A loan: coins that stand under it, and its first (highest) and last band. */
export type Loan = { readonly coins: number; readonly first: number; readonly last: number }

/** All of a loan at the bottom of its last band, or an even part in each of its bands. */
export type Schedule = 'block' | 'spread'

/** What is sold at a drop of the price, as a share of today's. USD at that price. */
export type Sale = { readonly drop: number; readonly usd: number }

/**
 * The upper edge of a band.
 *
 * Formula: `base·((A − 1)/A)^n`.
 * Source:  docs/method/cascade.md, eq. (35).
 *
 * @example
 * Bands.edge({ amplification: 2, base: 100, price: 100 }, 1)
 * // => 50
 */
export function edge({ amplification, base }: Market, band: number): number {
  return base * ((amplification - 1) / amplification) ** band
}

/**
 * What loans sell as the price falls, each part at the bottom of its band.
 *
 * Source: docs/method/cascade.md, eq. (35).
 *
 * @throws {Figure.InvalidFigureError} a price is not positive, A is not above 1, a loan's last band lies above its first.
 */
export function sales(market: Market, loans: readonly Loan[], schedule: Schedule): readonly Sale[] {
  Figure.assert('above 0', { price: market.price, base: market.base, 'amplification − 1': market.amplification - 1 })
  return loans.flatMap(({ coins, first, last }) => {
    Figure.assert('at least 0', { coins })
    Figure.assert('a whole number of at least 0', { 'bands of the loan, less 1,': last - first })
    const bands = schedule === 'block' ? [last] : Array.from({ length: last - first + 1 }, (_, i) => first + i)
    return bands.map((band) => {
      const price = edge(market, band + 1)
      return { drop: Math.max(0, 1 - price / market.price), usd: (coins * price) / bands.length }
    })
  })
}

/** n in steps of the price: where it is greatest. `drop` is where the step begins; `usd` what is sold in it. */
export type Peak = { readonly n: number; readonly drop: number; readonly usd: number }

/**
 * The greatest local reflexivity over steps of the price, the book refilled between two of them.
 *
 * Formula: `n = I(ΔQ) / Δx`, ΔQ what is sold within a step, Δx its log width.
 * Source:  docs/method/cascade.md, eq. (36).
 *
 * @param step - of the price, as a share of today's; in (0, 1).
 * @throws {Figure.InvalidFigureError} {Impact.InvalidImpactError}
 */
export function peak(all: readonly Sale[], impact: Impact.Impact, step: number): Peak {
  Figure.assert('above 0', { step })
  Figure.assert('a share below 1', { step })
  Impact.assert(impact)
  const sums = new Map<number, number>()
  for (const { drop, usd } of all) {
    const at = Math.floor(drop / step + 1e-9)
    sums.set(at, (sums.get(at) ?? 0) + usd)
  }
  let found: Peak = { n: 0, drop: 0, usd: 0 }
  for (const [at, usd] of sums) {
    const below = 1 - (at + 1) * step
    // The last step ends at a price of 0: no move is wide enough for it.
    if (below <= 1e-9) continue
    const n = Impact.of(impact, usd) / Math.log((1 - at * step) / below)
    if (n > found.n) found = { n, drop: at * step, usd }
  }
  return found
}
