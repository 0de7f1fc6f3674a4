/** What a keeper is paid for a liquidation: its cost and a profit, within bounds. Priced into the requirement before it is needed. */
import * as Fixed from './Fixed.ts'

export type Terms = {
  /** Least profit beyond the cost. */
  readonly minimum: bigint
  /** Least profit as a share of the cost, in parts of `unit`. */
  readonly profitRate: bigint
  readonly maximum: bigint
  /** Most of the account's collateral it may take, in parts of `unit`. */
  readonly collateralRate: bigint
  readonly unit: bigint
}

/**
 * The reward, within its bounds.
 *
 * Formula: `min( max(cost + minimum, cost·(1 + profit rate), reward + cost), min(collateral · rate, maximum) )`.
 * Source:  docs/method/linear-margin.md, eq. (22).
 * Rounding: cut.
 *
 * @param of.cost - ≥ 0, as all of them are.
 * @param of.reward - for flagging, before costs.
 *
 * @example
 * const terms = { minimum: 1n, profitRate: 50n, maximum: 500n, collateralRate: 100n, unit: 1_000n }
 * KeeperReward.of({ cost: 200n, reward: 0n, collateral: 10_000n }, terms)
 * // => 210n
 */
export function of({ cost, reward, collateral }: of.Costs, terms: Terms): bigint {
  const { minimum, profitRate, maximum, collateralRate, unit } = terms
  const least = Fixed.max(cost + minimum, Fixed.mulDiv(cost, unit + profitRate, unit, 'zero'))
  const most = Fixed.min(Fixed.mulDiv(collateral, collateralRate, unit, 'zero'), maximum)
  return Fixed.min(Fixed.max(least, reward + cost), most)
}

export declare namespace of {
  type Costs = { readonly cost: bigint; readonly reward: bigint; readonly collateral: bigint }
}
