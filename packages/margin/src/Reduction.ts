/** How much of a position or of a debt somebody takes over to close a margin shortage, in closed form, with the fees that are paid for it. */
import * as Fixed from './Fixed.ts'

export type Outcome =
  | { readonly status: 'closes'; readonly size: bigint }
  /** Each unit taken over costs as much as it frees: no size is enough. */
  | { readonly status: 'unreachable' }

/** A price in money, of `unit` native units. */
export type Priced = { readonly price: bigint; readonly unit: bigint }

/** What a unit of notional frees and costs. In parts of `rateUnit`. */
export type Terms = {
  /** Maintenance rate, with the buffer that must be reached. */
  readonly rate: bigint
  /** To whoever takes over. */
  readonly fee: bigint
  /** To the insurance fund. */
  readonly insuranceFee: bigint
  readonly rateUnit: bigint
}

/**
 * Size of a position that closes a shortage.
 *
 * Formula: `shortage / (P·c·(rate − fee) − P·insuranceFee)` per unit.
 * Source:  docs/method/reductions.md, eq. (1).
 * Rounding: as asked, after each product.
 *
 * @param shortage - ≥ 0. In money.
 * @param position.currency - c: what the position's currency is worth. The insurance fee is counted without it.
 * @returns native units, or that no size is enough.
 *
 * @example
 * const ether = { price: 2_000n, unit: 1_000n, currency: { price: 1n, unit: 1n } }
 * // A unit frees 2,000 · (10 % − 2 %) − 2,000 · 3 % = 100.
 * Reduction.ofPosition(50n, { ...ether, rate: 100n, fee: 20n, insuranceFee: 30n, rateUnit: 1_000n }, 'up')
 * // => { status: 'closes', size: 500n }
 */
export function ofPosition(shortage: bigint, position: ofPosition.Position, rounding: Fixed.Rounding): Outcome {
  const { price, unit, currency, rate, fee, insuranceFee, rateUnit } = position
  const value = Fixed.mulDiv(price, currency.price, currency.unit, rounding)
  const freed = Fixed.mulDiv(value, rate - fee, rateUnit, rounding) - Fixed.mulDiv(price, insuranceFee, rateUnit, rounding)
  if (freed <= 0n) return { status: 'unreachable' }
  return { status: 'closes', size: Fixed.mulDiv(shortage, unit, freed, rounding) }
}

export declare namespace ofPosition {
  type Position = Priced & Terms & { readonly currency: Priced }
}

/** What a debt and the asset that is given for it count for, and at which share of its price each changes hands. */
export type Weights = {
  readonly owed: bigint
  readonly owned: bigint
  readonly weightUnit: bigint
  /** Above 1 where whoever takes over gets more of the asset than the debt is worth. */
  readonly assetMultiplier: bigint
  /** Below 1 where the debt is taken over at less than it is worth. */
  readonly debtMultiplier: bigint
}

/**
 * Amount of a debt that closes a shortage.
 *
 * Formula: `shortage / (P·(w_owed − w_owned·m_asset/m_debt) − P·insuranceFee·w_owed)` per unit, at least 1.
 * Source:  docs/method/reductions.md, eq. (2).
 * Rounding: as asked, after each product.
 *
 * @param shortage - ≥ 0. In money.
 * @returns native units of the debt. An asset that counts for as much as the debt frees nothing, whatever the multipliers.
 *
 * @example
 * const terms = { owed: 12n, owned: 8n, weightUnit: 10n, assetMultiplier: 1n, debtMultiplier: 1n, insuranceFee: 0n, rateUnit: 100n }
 * // A unit frees 100 · (1.2 − 0.8) = 40.
 * Reduction.ofDebt(10n, { price: 100n, unit: 1_000n, ...terms }, 'up')
 * // => { status: 'closes', size: 250n }
 */
export function ofDebt(shortage: bigint, debt: ofDebt.Debt, rounding: Fixed.Rounding): Outcome {
  const { price, unit, owed, owned, weightUnit, assetMultiplier, debtMultiplier, insuranceFee, rateUnit } = debt
  if (owned >= owed) return { status: 'unreachable' }
  const given = Fixed.mulDiv(owned, assetMultiplier, debtMultiplier, rounding)
  const freed = price * (owed - given) - Fixed.mulDiv(price, insuranceFee, rateUnit, rounding) * owed
  if (freed <= 0n) return { status: 'unreachable' }
  return { status: 'closes', size: Fixed.max(1n, Fixed.mulDiv(shortage * unit, weightUnit, freed, rounding)) }
}

export declare namespace ofDebt {
  type Debt = Priced & Weights & Pick<Terms, 'insuranceFee' | 'rateUnit'>
}

/**
 * Amount of a debt that an amount of an asset pays for.
 *
 * Formula: `amount · P_asset · m_debt / (P_debt · m_asset)`.
 * Source:  docs/method/reductions.md, eq. (3).
 * Rounding: as asked, once.
 *
 * @param asset.amount - native units, ≥ 0.
 * @returns native units of the debt.
 *
 * @example
 * const asset = { amount: 101n, price: 1n, unit: 1n, multiplier: 101n }
 * Reduction.debtOf(asset, { price: 10n, unit: 1n, multiplier: 100n }, 'up')
 * // => 10n
 */
export function debtOf(asset: debtOf.Asset, debt: debtOf.Side, rounding: Fixed.Rounding): bigint {
  const value = asset.amount * asset.price * debt.multiplier * debt.unit
  return Fixed.ratio(value, asset.unit * debt.price * asset.multiplier, rounding)
}

export declare namespace debtOf {
  type Side = Priced & { readonly multiplier: bigint }
  type Asset = Side & { readonly amount: bigint }
}
