/** The lines of hand-worked accounts: what a test does not name is 0, or counts in full. */
import type * as Account from '../Account.ts'
import type * as Profile from '../Profile.ts'
import * as Valuation from '../Valuation.ts'
import type * as Weight from '../Weight.ts'

export const flat = (rate: bigint): Weight.Weight => ({ kind: 'flat', rate })

/** Half a part of the unit above a rate: what a rounding of rates decides. */
export const half = (rate: bigint): Weight.Weight => ({ kind: 'mean', of: [flat(rate), flat(rate + 1n)] })

/** The same towards initial and towards maintenance margin. */
export const both = (weight: Weight.Weight): Account.Terms => ({ initial: weight, maintenance: weight })

/** Builders of lines under a profile. */
export const of = (profile: Profile.Profile) => {
  const whole = both(flat(profile.rateUnit))
  return {
    balance: (changes: Partial<Account.Balance>): Account.Balance => ({
      asset: 'USDC',
      amount: 0n,
      unit: 1n,
      price: Valuation.mark(1n),
      owned: whole,
      owed: whole,
      total: 0n,
      ...changes,
    }),
    position: (changes: Partial<Account.Position>): Account.Position => ({
      market: 'ETH-PERP',
      size: 0n,
      unit: 1n,
      price: Valuation.mark(1n),
      cost: 0n,
      quote: 0n,
      margin: whole,
      openInterest: 0n,
      charge: 0n,
      ...changes,
    }),
  }
}

/** An account of balances and positions, and nothing owed besides. */
export const account = (balances: readonly Account.Balance[], positions: readonly Account.Position[] = []): Account.Account => ({
  balances,
  positions,
  fees: 0n,
  asOf: 0,
})
