/** Synthetix v3 perps: everything × 1e18, everything cut. */
import * as Fixed from '../../Fixed.ts'
import type * as Profile from '../../Profile.ts'

/** Source: Synthetixio/synthetix-v3, PerpsAccount.sol, PerpsMarketConfiguration.sol, DecimalMath.sol. */
export const profile: Profile.Profile = {
  name: 'synthetix-v3',
  rateUnit: Fixed.one,
  rounded: 'line',
  debts: 'collateral',
  gains: { initial: 'all', maintenance: 'all' },
  rounding: {
    asset: 'zero',
    debt: 'zero',
    notional: 'zero',
    profit: 'zero',
    assetWeight: 'zero',
    rate: 'zero',
    requirement: 'zero',
  },
}
