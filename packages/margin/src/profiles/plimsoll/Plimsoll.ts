/** Our own: assets down, requirements up, gains towards maintenance margin at their venue only. */
import * as Fixed from '../../Fixed.ts'
import type * as Profile from '../../Profile.ts'
import type * as Valuation from '../../Valuation.ts'

/** USD × 1e18, sizes × 1e18, rates in ppm. */
export const profile: Profile.Profile = {
  name: 'plimsoll',
  rateUnit: Fixed.ppm,
  rounded: 'total',
  debts: 'requirement',
  gains: { initial: 'none', maintenance: 'all' },
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

const fresh: Valuation.Rule = {
  sources: ['mark', 'index'],
  widening: 2n,
  maxAgeSeconds: 60,
  maxConfidencePpm: 20_000,
  maxDivergencePpm: 50_000,
}

/** New risk needs a fresh, narrow price; a liquidation a fresh one, at mark and index and never at the last trade; a view shows any. */
export const valuation: Valuation.Policy = {
  raise: fresh,
  withdraw: fresh,
  liquidate: { ...fresh, maxConfidencePpm: null },
  view: { ...fresh, maxAgeSeconds: null, maxConfidencePpm: null, maxDivergencePpm: null },
}
