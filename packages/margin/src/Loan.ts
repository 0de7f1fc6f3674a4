/** A loan against collateral: how far it is from its threshold, whatever protocol keeps it. */
import * as Fixed from './Fixed.ts'

export type Loan = {
  /** What the collateral is worth. */
  readonly value: bigint
  readonly debt: bigint
  /** The share of the value that may stand against the debt, in parts of `unit`. */
  readonly threshold: bigint
  readonly unit: bigint
}

/**
 * The debt that the collateral carries.
 *
 * Formula: `value · threshold`.
 * Source:  docs/method/lending.md, eq. (6).
 *
 * @example
 * Loan.capacity({ value: 101n, debt: 0n, threshold: 500n, unit: 1_000n }, 'down')
 * // => 50n
 */
export function capacity({ value, threshold, unit }: Loan, rounding: Fixed.Rounding): bigint {
  return Fixed.mulDiv(value, threshold, unit, rounding)
}

/**
 * What may still be borrowed.
 *
 * Formula: `max(0, capacity − debt)`.
 * Source:  docs/method/lending.md, eq. (6).
 *
 * @example
 * Loan.borrowable({ value: 101n, debt: 40n, threshold: 500n, unit: 1_000n }, 'down')
 * // => 10n
 */
export function borrowable(loan: Loan, rounding: Fixed.Rounding): bigint {
  return Fixed.max(0n, capacity(loan, rounding) - loan.debt)
}

/**
 * How many times the collateral carries the debt.
 *
 * Formula: `capacity / debt`.
 * Source:  docs/method/lending.md, eq. (7).
 *
 * @param options.one - what 1 is in the result.
 * @param options.capacity - the rounding of the capacity first; 'exact' divides once.
 * @returns null without debt: there is nothing to divide by.
 *
 * @example
 * Loan.health({ value: 101n, debt: 40n, threshold: 500n, unit: 1_000n }, { one: 1_000n, capacity: 'down', rounding: 'down' })
 * // => 1250n
 */
export function health(loan: Loan, options: health.Options): bigint | null {
  const { value, debt, threshold, unit } = loan
  if (debt === 0n) return null
  if (options.capacity === 'exact') return Fixed.mulDiv(value * threshold, options.one, unit * debt, options.rounding)
  return Fixed.mulDiv(capacity(loan, options.capacity), options.one, debt, options.rounding)
}

export declare namespace health {
  type Options = { readonly one: bigint; readonly capacity: Fixed.Rounding | 'exact'; readonly rounding: Fixed.Rounding }
}

/**
 * Debt over value.
 *
 * Formula: `debt / value`.
 * Source:  docs/method/lending.md, eq. (8).
 *
 * @returns in parts of `unit`; null where a debt stands on nothing, 0 without debt.
 *
 * @example
 * Loan.loanToValue({ value: 3n, debt: 1n, threshold: 500n, unit: 1_000n }, 'up')
 * // => 334n
 */
export function loanToValue({ value, debt, unit }: Loan, rounding: Fixed.Rounding): bigint | null {
  if (debt === 0n) return 0n
  return value === 0n ? null : Fixed.mulDiv(debt, unit, value, rounding)
}

/**
 * The collateral price at which the debt meets the threshold.
 *
 * Formula: `debt / (amount · threshold)`.
 * Source:  docs/method/lending.md, eq. (9).
 * Rounding: up, towards danger; the collateral's power down before it.
 *
 * @param amount - collateral, native units.
 * @param priceUnit - what the price is divided by in `value = amount · price / priceUnit`.
 * @returns null where no price carries the debt.
 *
 * @example
 * Loan.liquidationPrice({ value: 0n, debt: 40n, threshold: 500n, unit: 1_000n }, { amount: 100n, priceUnit: 10n })
 * // => 8n
 */
export function liquidationPrice({ debt, threshold, unit }: Loan, of: liquidationPrice.Of): bigint | null {
  const power = Fixed.mulDiv(of.amount, threshold, unit, 'down')
  return power === 0n ? null : Fixed.mulDiv(debt, of.priceUnit, power, 'up')
}

export declare namespace liquidationPrice {
  type Of = { readonly amount: bigint; readonly priceUnit: bigint }
}

/**
 * The collateral that may leave: what the debt does not need.
 *
 * Formula: `max(0, amount − ⌈⌈debt · priceUnit / price⌉ / threshold⌉)`.
 * Source:  docs/method/lending.md, eq. (9a).
 * Rounding: what is needed up, twice.
 *
 * @param of.price - above 0; nothing may leave at a price of 0, nor with a threshold of 0 under a debt.
 *
 * @example
 * Loan.withdrawable({ value: 0n, debt: 40n, threshold: 500n, unit: 1_000n }, { amount: 100n, priceUnit: 10n, price: 10n })
 * // => 20n
 */
export function withdrawable({ debt, threshold, unit }: Loan, { amount, priceUnit, price }: withdrawable.Of): bigint {
  if (price === 0n) return 0n
  if (debt === 0n) return amount
  if (threshold === 0n) return 0n
  return Fixed.max(0n, amount - Fixed.mulDiv(Fixed.mulDiv(debt, priceUnit, price, 'up'), unit, threshold, 'up'))
}

export declare namespace withdrawable {
  type Of = liquidationPrice.Of & { readonly price: bigint }
}

/**
 * The average of weights over what they weigh.
 *
 * Formula: `Σ value·weight / Σ value`.
 * Source:  docs/method/lending.md, eq. (10).
 *
 * @returns 0 where nothing is weighed.
 *
 * @example
 * Loan.average([{ value: 3n, weight: 800n }, { value: 1n, weight: 500n }], 'down')
 * // => 725n
 */
export function average(parts: readonly average.Part[], rounding: Fixed.Rounding): bigint {
  const total = parts.reduce((sum, { value }) => sum + value, 0n)
  return total === 0n
    ? 0n
    : Fixed.ratio(
        parts.reduce((sum, { value, weight }) => sum + value * weight, 0n),
        total,
        rounding,
      )
}

export declare namespace average {
  type Part = { readonly value: bigint; readonly weight: bigint }
}
