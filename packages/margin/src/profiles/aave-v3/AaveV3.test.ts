import { describe, expect, test } from 'vitest'
import * as Account from '../../Account.ts'
import * as Interest from '../../Interest.ts'
import * as Loan from '../../Loan.ts'
import { account, both, flat, half, of } from '../../testing/lines.ts'
import * as Valuation from '../../Valuation.ts'
import * as AaveV3 from './AaveV3.ts'

const { profile, ray, wad } = AaveV3
const { balance, position } = of(profile)
const assess = (balances: readonly Account.Balance[], positions: readonly Account.Position[] = []) =>
  Account.assess(account(balances, positions), profile)

describe('profile', () => {
  // 2 ETH of 2,000, of which 80 % may be borrowed and 82.5 % must stand; 3,000 USDC owed. Base currency has eight decimals.
  const ether = balance({
    asset: 'WETH',
    amount: 2n * wad,
    unit: wad,
    price: Valuation.mark(2_000n * 10n ** 8n),
    owned: { initial: flat(8_000n), maintenance: flat(8_250n) },
  })
  const dollars = balance({ amount: -3_000n * 10n ** 6n, unit: 10n ** 6n, price: Valuation.mark(10n ** 8n) })

  test('worked example: collateral against a debt', () => {
    expect(assess([ether, dollars])).toMatchObject({
      initialEquity: 3_200n * 10n ** 8n,
      equity: 3_300n * 10n ** 8n,
      initialMargin: 3_000n * 10n ** 8n,
      maintenanceMargin: 3_000n * 10n ** 8n,
      health: { status: 'healthy', ratio: (11n * wad) / 10n },
    })
  })

  test('worked example: a gain would count in full', () => {
    expect(assess([], [position({ size: 1n, price: Valuation.mark(3n), cost: 1n })])).toMatchObject({ initialEquity: 2n, equity: 2n })
  })

  test('rounding: what is owned goes down, what is owed up', () => {
    const tenths = { unit: 10n, price: Valuation.mark(15n) }
    expect(assess([balance({ ...tenths, amount: 1n })]).equity).toBe(1n) // 1.5
    expect(Account.value(balance({ ...tenths, amount: -1n }), profile)).toBe(2n)
    expect(assess([balance({ amount: 15n, owned: both(flat(1_000n)) })]).equity).toBe(1n) // 15 · 10 %
    expect(assess([balance({ amount: -15n, owed: both(flat(1_000n)) })]).maintenanceMargin).toBe(2n)
  })

  test('rounding: weights of what is owned go down, those of what is owed up', () => {
    expect(assess([balance({ amount: 10_000n, owned: both(half(5_000n)) })]).equity).toBe(5_000n)
    expect(assess([balance({ amount: -10_000n, owed: both(half(5_000n)) })]).maintenanceMargin).toBe(5_001n)
  })

  test('rounding: an exposure goes up, its profit down, its requirement up by itself', () => {
    const tenths = { unit: 10n, price: Valuation.mark(15n) }
    expect(assess([], [position({ ...tenths, size: 1n })])).toMatchObject({ equity: 1n, initialMargin: 2n })
    expect(assess([], [position({ ...tenths, size: -1n })])).toMatchObject({ equity: -2n, initialMargin: 2n })
    const small = position({ size: 1n, margin: both(flat(1n)) })
    expect(assess([], [small, small]).initialMargin).toBe(2n) // 0.0001 each
  })
})

describe('ray, wad', () => {
  test('worked example: a year at 10 % on a balance kept at an index of 1.1', () => {
    const factor = Interest.linear({ rate: ray / 10n, seconds: Interest.yearSeconds, unit: ray })
    expect(factor).toBe(1_100_000_000_000_000_000_000_000_000n)
    // 100 · 1.1 · 1.1, at nine digits more than the amount has.
    const index = 1_100_000_000_000_000_000_000_000_000n
    expect(Interest.balance({ scaled: 100n * wad, index, factor, unit: ray, fine: ray / wad })).toBe(121_000_000_000_000_000_000n)
    expect(ray / wad).toBe(1_000_000_000n)
  })
})

describe('healthDecimals', () => {
  test('worked example: two thirds, to the nearest of twenty decimals', () => {
    const loan = { value: 2n, debt: 3n, threshold: profile.rateUnit, unit: profile.rateUnit }
    const health = Loan.health(loan, { one: 10n ** BigInt(AaveV3.healthDecimals), capacity: 'exact', rounding: 'nearest' })
    expect(health).toBe(66_666_666_666_666_666_667n)
  })
})
