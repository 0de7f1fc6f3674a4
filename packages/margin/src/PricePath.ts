/** A line along which prices move together: one price for all that is named, or a stress that each follows by a weight of its own. */
import type * as Account from './Account.ts'
import * as Fixed from './Fixed.ts'
import * as Prices from './Prices.ts'
import type * as Valuation from './Valuation.ts'

export type PricePath =
  /** Every market and asset that is named has the same price: that is the level. */
  | { readonly kind: 'price'; readonly names: readonly string[] }
  /** Every price is multiplied by `max(0, 1 + w·s)`; s × 1e18 is the level. What has no weight, or the weight 0, stands still. Integer ppm. */
  | { readonly kind: 'stress'; readonly weightsPpm: { readonly [name: string]: number } }

/** A stress is counted in parts of 1e18, its weights in ppm. */
export const whole = Fixed.one * Fixed.ppm

/**
 * The account with the prices that a level of the path has.
 *
 * Formula: price view `P_k = level`; stress view `P_k = P_k0 · max(0, 1 + w_k·s)`, with s = level / 1e18.
 * Source:  docs/method/liquidation-price.md, eq. (1) and (2).
 * Rounding: low prices down, high prices, open interest and what pools hold up.
 *
 * Open interest and what a pool holds are counts: their worth moves with the price. Sizes, costs, funding and orders stay.
 *
 * @param level - a price ≥ 0, or a stress × 1e18.
 *
 * @example
 * const terms = { initial: { kind: 'flat', rate: 900_000n }, maintenance: { kind: 'flat', rate: 900_000n } }
 * const ether = { asset: 'ETH', amount: 2n, unit: 1n, price: Valuation.mark(100n), owned: terms, owed: terms, total: 0n }
 * const account = { balances: [ether], positions: [], fees: 0n, asOf: 0 }
 * PricePath.move(account, { kind: 'stress', weightsPpm: { ETH: 1_500_000 } }, -Fixed.one / 10n).balances[0].price
 * // => { low: 85n, high: 85n }
 */
export function move(account: Account.Account, path: PricePath, level: bigint): Account.Account {
  return Prices.move(account, (name, price) => (moves(path, name) ? priceAt(path, { name, price }, level) : price))
}

/** Whether a market or an asset is on the path. */
export function moves(path: PricePath, name: string): boolean {
  return path.kind === 'price' ? path.names.includes(name) : weightOf(path, name) !== 0n
}

/**
 * The level at which a price of the path is `price`.
 *
 * Formula: price view `price`; stress view `(price / P_0 − 1) / w`.
 * Source:  docs/method/liquidation-price.md, eq. (1) and (2).
 * Rounding: as asked for.
 *
 * @param line.from - P_0 > 0, the price that is scaled.
 * @param price - numerator and denominator, the denominator above 0.
 *
 * @example
 * const stress = { kind: 'stress', weightsPpm: { ETH: 2_000_000 } }
 * PricePath.level(stress, { name: 'ETH', from: 100n }, { price: { numerator: 90n, denominator: 1n }, rounding: 'down' })
 * // => -50000000000000000n
 */
export function level(path: PricePath, line: level.Line, at: level.At): bigint {
  const { numerator, denominator } = at.price
  if (path.kind === 'price') return Fixed.ratio(numerator, denominator, at.rounding)
  const weight = weightOf(path, line.name)
  return Fixed.ratio((numerator - line.from * denominator) * whole, line.from * denominator * weight, at.rounding)
}

export declare namespace level {
  type Line = { readonly name: string; readonly from: bigint }
  type At = { readonly price: { readonly numerator: bigint; readonly denominator: bigint }; readonly rounding: Fixed.Rounding }
}

type Priced = { readonly name: string; readonly price: Valuation.Value }

function priceAt(path: PricePath, { name, price }: Priced, at: bigint): Valuation.Value {
  if (path.kind === 'price') return { low: at, high: at }
  const factor = whole + weightOf(path, name) * at
  if (factor <= 0n) return { low: 0n, high: 0n }
  return { low: Fixed.mulDiv(price.low, factor, whole, 'down'), high: Fixed.mulDiv(price.high, factor, whole, 'up') }
}

function weightOf(path: PricePath & { readonly kind: 'stress' }, name: string): bigint {
  const weight = Object.hasOwn(path.weightsPpm, name) ? path.weightsPpm[name] : undefined
  return weight === undefined ? 0n : Fixed.toPpm(weight)
}
