/** What an insurance fund may take of a liquidation: no more than leaves the account solvent once its shortage is closed. */
import * as Fixed from './Fixed.ts'
import type * as Reduction from './Reduction.ts'

/**
 * The fee on a position that is liquidated.
 *
 * Formula: `min(most, κ · max(0, rate − fee − shortage / (size·P·c)))`, and 0 where there is no size or no price.
 * Source:  docs/method/reductions.md, eq. (4).
 * Rounding: down, after each division.
 *
 * @param shortage - ≥ 0. In money.
 * @param position.size - native units, ≥ 0.
 * @param limits.most - the market's fee. In parts of the rates' unit, as `kept` and the result are.
 * @param limits.kept - κ: below 1, so that the fee itself leaves no bankruptcy.
 *
 * @example
 * const ether = { size: 10n, price: 100n, unit: 1n, currency: { price: 1n, unit: 1n } }
 * // 10 % − 1 % − 20 / 1,000 = 7 %, of which half.
 * InsuranceFee.ofPosition(20n, { ...ether, rate: 1_000n, fee: 100n, rateUnit: 10_000n }, { most: 500n, kept: 5_000n })
 * // => 350n
 */
export function ofPosition(shortage: bigint, position: ofPosition.Position, { most, kept }: ofPosition.Limits): bigint {
  const { size, price, unit, currency, rate, fee, rateUnit } = position
  const value = Fixed.mulDiv(price, currency.price, currency.unit, 'down')
  if (size === 0n || value === 0n) return 0n
  const short = Fixed.mulDiv(Fixed.mulDiv(shortage, unit, size, 'down'), rateUnit, value, 'down')
  return Fixed.min(most, Fixed.mulDiv(Fixed.max(0n, rate - fee - short), kept, rateUnit, 'down'))
}

export declare namespace ofPosition {
  type Position = Omit<Reduction.ofPosition.Position, 'insuranceFee'> & { readonly size: bigint }
  type Limits = { readonly most: bigint; readonly kept: bigint }
}

/**
 * The fee on a debt that is liquidated.
 *
 * Formula: `min(most, max(0, w_owed − w_owned·m_asset/m_debt − shortage / (amount·P)) / w_owed)`, and 0 where there is no amount, no price, no
 *          multiplier, or the asset counts for as much as the debt.
 * Source:  docs/method/reductions.md, eq. (5).
 * Rounding: down, after each division.
 *
 * @param shortage - ≥ 0. In money.
 * @param debt.amount - native units, ≥ 0.
 * @param most - the market's fee, in parts of the weights' unit, as the result is.
 *
 * @example
 * const weights = { owed: 1_200n, owned: 800n, weightUnit: 1_000n, assetMultiplier: 1n, debtMultiplier: 1n }
 * // (1.2 − 0.8 − 250 / 1,000) / 1.2 = 12.5 %.
 * InsuranceFee.ofDebt(250n, { amount: 10n, price: 100n, unit: 1n, ...weights }, 200n)
 * // => 125n
 */
export function ofDebt(shortage: bigint, debt: ofDebt.Debt, most: bigint): bigint {
  const { amount, price, unit, owed, owned, weightUnit, assetMultiplier, debtMultiplier } = debt
  if (amount === 0n || price === 0n || debtMultiplier === 0n || owned >= owed) return 0n
  const given = Fixed.mulDiv(owned, assetMultiplier, debtMultiplier, 'down')
  const short = Fixed.ratio(Fixed.ratio(shortage * weightUnit * unit, amount, 'down'), price, 'down')
  return Fixed.min(most, Fixed.mulDiv(Fixed.max(0n, owed - given - short), weightUnit, owed, 'down'))
}

export declare namespace ofDebt {
  type Debt = Reduction.Priced & Reduction.Weights & { readonly amount: bigint }
}
