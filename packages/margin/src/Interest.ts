/** Interest on balances kept as a scaled amount times an index. */
import * as Fixed from './Fixed.ts'

export type Accrual = {
  /** Per year, in parts of `unit`. */
  readonly rate: bigint
  readonly seconds: bigint
  readonly unit: bigint
}

/** Seconds in a year, as lending protocols count it. */
export const yearSeconds = 31_536_000n

/**
 * The factor of simple interest.
 *
 * Formula: `1 + rate · t / year`.
 * Source:  docs/method/lending.md, eq. (3).
 * Rounding: nearest, of the time as a share of the year and of the product.
 *
 * @returns in parts of `unit`.
 *
 * @example
 * Interest.linear({ rate: 100n, seconds: 15_768_000n, unit: 1_000n })
 * // => 1050n
 */
export function linear({ rate, seconds, unit }: Accrual): bigint {
  const share = Fixed.mulDiv(seconds, unit, yearSeconds, 'nearest')
  return unit + Fixed.mulDiv(rate, share, unit, 'nearest')
}

/**
 * The factor of interest compounded each second, by the first three terms of the binomial.
 *
 * Formula: `1 + n·r + n(n−1)/2·r² + n(n−1)(n−2)/6·r³`, with r the rate of a second, cut, and n the seconds.
 * Source:  docs/method/lending.md, eq. (4). It is below the exact power by less than its fourth term.
 * Rounding: the powers of r to the nearest, the terms cut.
 *
 * @returns in parts of `unit`.
 *
 * @example
 * Interest.compounded({ rate: 31_536_000n, seconds: 2n, unit: 1_000n })
 * // => 1002n
 */
export function compounded({ rate, seconds: n, unit }: Accrual): bigint {
  const base = rate / yearSeconds
  const squared = Fixed.mulDiv(base, base, unit, 'nearest')
  const cubed = Fixed.mulDiv(squared, base, unit, 'nearest')
  return unit + n * base + (n * (n - 1n) * squared) / 2n + (n * (n - 1n) * (n - 2n) * cubed) / 6n
}

/**
 * A balance from its scaled amount.
 *
 * Formula: `scaled · index · factor`.
 * Source:  docs/method/lending.md, eq. (5).
 * Rounding: nearest after each product, at `fine` times the precision of the amount.
 *
 * @param fine - how much finer than the amount the products are kept.
 *
 * @example
 * Interest.balance({ scaled: 200n, index: 1_100n, factor: 1_050n, unit: 1_000n, fine: 1n })
 * // => 231n
 */
export function balance({ scaled, index, factor, unit, fine }: balance.Of): bigint {
  const grown = Fixed.mulDiv(factor, index, unit, 'nearest')
  return Fixed.ratio(Fixed.mulDiv(scaled * fine, grown, unit, 'nearest'), fine, 'nearest')
}

export declare namespace balance {
  type Of = { readonly scaled: bigint; readonly index: bigint; readonly factor: bigint; readonly unit: bigint; readonly fine: bigint }
}
