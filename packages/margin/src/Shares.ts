/** Shares in a pool: what a share is worth, with virtual shares against the empty pool. */
import * as Fixed from './Fixed.ts'

/** A pool of assets divided into shares. `virtual` is added to both, so that a first depositor cannot set the price alone. */
export type Pool = {
  readonly assets: bigint
  readonly shares: bigint
  readonly virtual: { readonly assets: bigint; readonly shares: bigint }
}

/**
 * What shares are worth.
 *
 * Formula: `assets = shares · (A + a) / (S + s)`, with A, S the pool's and a, s its virtual assets and shares.
 * Source:  docs/method/lending.md, eq. (1).
 * Rounding: the caller's; up for a debt.
 *
 * @throws {Fixed.DivisionByZeroError} the pool has no shares, virtual ones included.
 *
 * @example
 * Shares.assets(10n, { assets: 21n, shares: 10n, virtual: { assets: 0n, shares: 0n } }, 'up')
 * // => 21n
 */
export function assets(shares: bigint, pool: Pool, rounding: Fixed.Rounding): bigint {
  return Fixed.mulDiv(shares, pool.assets + pool.virtual.assets, pool.shares + pool.virtual.shares, rounding)
}

/**
 * How many shares assets are.
 *
 * Formula: `shares = assets · (S + s) / (A + a)`.
 * Source:  docs/method/lending.md, eq. (2).
 *
 * @throws {Fixed.DivisionByZeroError} the pool has no assets, virtual ones included.
 *
 * @example
 * Shares.of(21n, { assets: 21n, shares: 10n, virtual: { assets: 0n, shares: 0n } }, 'down')
 * // => 10n
 */
export function of(assets: bigint, pool: Pool, rounding: Fixed.Rounding): bigint {
  return Fixed.mulDiv(assets, pool.shares + pool.virtual.shares, pool.assets + pool.virtual.assets, rounding)
}
