/** Aave v3: base currency, weights in parts of 1e4; collateral down, debt up. */
import type * as Profile from '../../Profile.ts'

/** Source: aave-dao/aave-v3-origin, GenericLogic and the rounding of v3.7. */
export const profile: Profile.Profile = {
  name: 'aave-v3',
  rateUnit: 10_000n,
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

/** What indexes and rates are counted in, and how much finer than an amount they are. */
export const ray = 10n ** 27n
export const wad = 10n ** 18n

/** A published health factor has twenty decimals, to the nearest. */
export const healthDecimals = 20
