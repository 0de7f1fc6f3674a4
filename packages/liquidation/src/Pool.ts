/** A constant-product pool that a forced sale goes through. */
import * as Figure from './Figure.ts'

/** What lies in it: units of the asset, and of what pays for it. */
export type Pool = { readonly base: number; readonly quote: number }

/**
 * A sale of `amount` units into the pool, without fee.
 *
 * Formula: `out = R_q·x/(R + x)`, `p₁ = p₀·(R/(R + x))²`, `ln(p₁/p₀) = −2·ln(1 + x/R)`, `κ = 2/R` at the start.
 * Source:  docs/method/cascade.md, eq. (7).
 *
 * @param amount - x ≥ 0. Units of the asset.
 * @returns prices in quote by unit; `logMove` is negative for a sale; `slope` is log by unit, of an infinitesimal sale.
 *
 * @example
 * Pool.sell({ base: 100, quote: 10000 }, 100).proceeds
 * // => 5000
 */
export function sell(pool: Pool, amount: number): sell.Sale {
  Figure.assert('above 0', { base: pool.base, quote: pool.quote })
  Figure.assert('at least 0', { amount })
  const before = pool.quote / pool.base
  const left = pool.base / (pool.base + amount)
  const after = before * left * left
  return {
    before,
    after,
    proceeds: pool.quote * (amount / (pool.base + amount)),
    average: before * left,
    logMove: -2 * Math.log1p(amount / pool.base),
    slope: 2 / pool.base,
  }
}

export declare namespace sell {
  type Sale = {
    readonly before: number
    readonly after: number
    readonly proceeds: number
    readonly average: number
    readonly logMove: number
    readonly slope: number
  }
  type ErrorType = Figure.InvalidFigureError
}
