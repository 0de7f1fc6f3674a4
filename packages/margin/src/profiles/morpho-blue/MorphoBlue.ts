/** Morpho Blue: one collateral and one debt a market, rates × 1e18; collateral down, debt up. */
import type * as Profile from '../../Profile.ts'

/** Source: morpho-org/morpho-blue, Morpho.sol, SharesMathLib.sol and ConstantsLib.sol. */
export const profile: Profile.Profile = {
  name: 'morpho-blue',
  rateUnit: 10n ** 18n,
  rounded: 'line',
  debts: 'requirement',
  gains: { initial: 'all', maintenance: 'all' },
  rounding: {
    asset: 'down',
    debt: 'up',
    notional: 'up',
    profit: 'down',
    assetWeight: 'down',
    rate: 'up',
    requirement: 'up',
  },
}

/** Added to every pool, so that a share of an empty one has a price. */
export const virtual = { assets: 1n, shares: 1_000_000n }

/** What an oracle's price is divided by. */
export const priceUnit = 10n ** 36n

/** Of the liquidation incentive, × 1e18. */
export const incentive = { maximum: 1_150_000_000_000_000_000n, cursor: 300_000_000_000_000_000n }
