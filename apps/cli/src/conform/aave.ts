/** Aave v3: health factors, indexes and account summaries, in base-currency units. */
import { Account, Interest, Loan, Valuation, type Weight } from '@plimsoll/margin'
import { AaveV3 } from '@plimsoll/margin/profiles'
import type { Anchor, Answer, Fields, Group } from './Conformance.ts'
import * as Read from './Read.ts'

const { profile, ray, wad, healthDecimals } = AaveV3

/** A figure in parts of 10^decimals as a decimal; without debt, the sign that stands for none. */
function factor(health: bigint | null): string {
  if (health === null) return '-1'
  const digits = health.toString().padStart(healthDecimals + 1, '0')
  return `${digits.slice(0, -healthDecimals)}.${digits.slice(-healthDecimals)}`
}

function healthOf(value: bigint, debt: bigint, threshold: bigint): string {
  const loan = { value, debt, threshold, unit: profile.rateUnit }
  return factor(Loan.health(loan, { one: 10n ** BigInt(healthDecimals), capacity: 'exact', rounding: 'nearest' }))
}

/** Supplies accrue simply and debts compound; a case does not say which it is, so both are answered. */
function indexes(of: Fields): readonly Answer[] {
  const accrual = { rate: Read.integer(of, 'rate'), seconds: Read.integer(of, 'to') - Read.integer(of, 'from'), unit: ray }
  return [Interest.linear(accrual), Interest.compounded(accrual)].map((factor) => {
    if (!Read.has(of, 'scaledBalance')) return { factorRay: factor }
    const scaled = Read.integer(of, 'scaledBalance')
    return {
      factorRay: factor,
      balance: Interest.balance({ scaled, index: Read.integer(of, 'index'), factor, unit: ray, fine: ray / wad }),
    }
  })
}

/** A reserve supplied and borrowed, with the weights of the user's category where the reserve is in it. */
type Reserve = { readonly supplied: bigint; readonly borrowed: bigint; readonly loanToValue: bigint; readonly threshold: bigint }

function reserveOf(of: Fields, category: bigint): Reserve {
  const inCategory = category !== 0n && Read.has(of, 'emode') && Read.integer(of, 'emode') === category
  const flat = (rate: bigint): Weight.Weight => ({ kind: 'flat', rate })
  const whole = { initial: flat(profile.rateUnit), maintenance: flat(profile.rateUnit) }
  const balance = (amount: bigint) => ({ amount, unit: 1n, price: Valuation.mark(Read.integer(of, 'price')), owned: whole, owed: whole })
  return {
    supplied: Account.value(balance(Read.integer(of, 'supply')), profile),
    borrowed: Account.value(balance(-Read.integer(of, 'borrow')), profile),
    loanToValue: Read.integer(of, inCategory ? 'emLtv' : 'ltv'),
    threshold: Read.integer(of, inCategory ? 'emLt' : 'lt'),
  }
}

function summary(of: Fields): Answer {
  const category = Read.has(of, 'userEmode') ? Read.integer(of, 'userEmode') : 0n
  const reserves = Read.records(of, 'reserves').map((each) => reserveOf(each, category))
  // A reserve without a threshold is no collateral.
  const collateral = reserves.filter(({ threshold }) => threshold > 0n)
  const average = (weight: (reserve: Reserve) => bigint) =>
    Loan.average(
      collateral.map((reserve) => ({ value: reserve.supplied, weight: weight(reserve) })),
      profile.rounding.assetWeight,
    )
  const value = collateral.reduce((sum, { supplied }) => sum + supplied, 0n)
  const debt = reserves.reduce((sum, { borrowed }) => sum + borrowed, 0n)
  const [ltv, lt] = [average((reserve) => reserve.loanToValue), average((reserve) => reserve.threshold)]
  const avail = Loan.borrowable({ value, debt, threshold: ltv, unit: profile.rateUnit }, profile.rounding.asset)
  return { col: value, debt, ltv, lt, hf: healthOf(value, debt, lt), avail }
}

const exact = (answer: (of: Fields) => Answer | readonly Answer[]): Group => ({
  exactness: { kind: 'exact' },
  answer: (given) => answer(given.in),
})

export const aave: Anchor = {
  anchor: 'aave-v3',
  groups: {
    'health-factor': exact((of) => ({
      healthFactor: healthOf(Read.integer(of, 'collateral'), Read.integer(of, 'debt'), Read.integer(of, 'liquidationThresholdBps')),
    })),
    'interest-index': exact(indexes),
    'account-summary': exact(summary),
  },
}
