/** Mango v4: everything × 1e18, everything floored, as its fixed-point numbers are, which are coarser (2^-48); a perpetual's profit less its requirement settles into a token before that is weighed. */
import * as Fixed from '../../Fixed.ts'
import type * as Profile from '../../Profile.ts'
import type * as Weight from '../../Weight.ts'

/** Source: blockworks-foundation/mango-v4, programs/mango-v4/src/health and ts/client/src/accounts/healthCache.ts. */
export const profile: Profile.Profile = {
  name: 'mango-v4',
  rateUnit: Fixed.one,
  rounded: 'line',
  debts: 'requirement',
  gains: { initial: 'all', maintenance: 'all' },
  settle: 'balance',
  rounding: {
    asset: 'down',
    debt: 'down',
    notional: 'down',
    profit: 'down',
    assetWeight: 'down',
    rate: 'down',
    requirement: 'down',
  },
}

/** What a token counts for towards new risk: less, once deposits are worth more than `start`; null is never. */
export function owned(rate: Fixed.Fixed, start: Fixed.Fixed | null): Weight.Weight {
  return scaled(rate, start, 'shrinks')
}

/** What a debt in a token counts for towards new risk: more, once borrows are worth more than `start`; null is never. */
export function owed(rate: Fixed.Fixed, start: Fixed.Fixed | null): Weight.Weight {
  return scaled(rate, start, 'grows')
}

function scaled(rate: Fixed.Fixed, start: Fixed.Fixed | null, as: 'shrinks' | 'grows'): Weight.Weight {
  const of: Weight.Weight = { kind: 'flat', rate }
  return start === null ? of : { kind: 'pool', of, start, as }
}
