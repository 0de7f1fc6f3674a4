/** dYdX v4: quote quantums, rates in ppm; requirements up on each position, notional cut, funding against the user. */
import * as Fixed from '../../Fixed.ts'
import type * as Profile from '../../Profile.ts'

/** Source: dydxprotocol/v4-chain, protocol/x/perpetuals/lib and protocol/lib/margin. */
export const profile: Profile.Profile = {
  name: 'dydx-v4',
  rateUnit: Fixed.ppm,
  rounded: 'line',
  debts: 'collateral',
  gains: { initial: 'all', maintenance: 'all' },
  rounding: {
    asset: 'zero',
    debt: 'zero',
    notional: 'zero',
    profit: 'zero',
    assetWeight: 'down',
    rate: 'down',
    requirement: 'up',
  },
}

/** Of `x · 10^exponent` in quote quantums, each a millionth of the quote currency. */
export const quoteExponent = 6

/** Settled funding is floored over the whole account. */
export const funding: Fixed.Rounding = 'down'
