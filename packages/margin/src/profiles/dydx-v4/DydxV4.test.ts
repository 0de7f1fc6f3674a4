import { describe, expect, test } from 'vitest'
import * as Account from '../../Account.ts'
import * as Fixed from '../../Fixed.ts'
import { account, both, flat, half, of } from '../../testing/lines.ts'
import * as Valuation from '../../Valuation.ts'
import * as DydxV4 from './DydxV4.ts'

const { profile } = DydxV4
const { balance, position } = of(profile)
const assess = (balances: readonly Account.Balance[], positions: readonly Account.Position[] = []) =>
  Account.assess(account(balances, positions), profile)

describe('profile', () => {
  // Sizes in parts of 10^10, prices in parts of 10^5: 1 BTC at 50,000.
  const bitcoin = position({
    size: 10n ** 10n,
    unit: 10n ** BigInt(10 + 5 - DydxV4.quoteExponent),
    price: Valuation.mark(50_000n * 10n ** 5n),
    cost: 10n ** 10n * 49_000n * 10n ** 5n,
    margin: { initial: flat(50_000n), maintenance: flat(30_000n) },
  })

  test('worked example: one bitcoin in quote quantums', () => {
    // 5 % and 3 % of 50,000 USD; 1,000 gained on 2,000, of which both margins see all.
    expect(assess([balance({ amount: 2_000_000_000n })], [bitcoin])).toMatchObject({
      initialEquity: 3_000_000_000n,
      equity: 3_000_000_000n,
      initialMargin: 2_500_000_000n,
      maintenanceMargin: 1_500_000_000n,
      health: { status: 'healthy', ratio: 2n * Fixed.one },
    })
  })

  test('worked example: what is owed lowers the collateral and needs no margin', () => {
    // −47,500 of quote against a bitcoin whose cost is in it.
    expect(assess([balance({ amount: -47_500_000_000n })], [{ ...bitcoin, cost: 0n }])).toMatchObject({
      initialEquity: 2_500_000_000n,
      equity: 2_500_000_000n,
      initialMargin: 2_500_000_000n,
      health: { status: 'healthy' },
    })
  })

  test('rounding: values are cut, up to their sign', () => {
    const tenths = { unit: 10n, price: Valuation.mark(19n) }
    expect(assess([balance({ ...tenths, amount: 1n })]).equity).toBe(1n) // 1.9
    expect(assess([balance({ ...tenths, amount: -1n })]).equity).toBe(-1n) // −1.9
    expect(assess([balance({ amount: 19n, owned: both(flat(100_000n)) })]).equity).toBe(1n) // 19 · 10 %
    expect(assess([balance({ amount: -19n, owed: both(flat(100_000n)) })]).equity).toBe(-1n)
  })

  test('rounding: what is below 0 is cut as well: a weight, or a price as oil once had', () => {
    expect(assess([balance({ amount: 19n, owned: both(flat(-100_000n)) })]).equity).toBe(-1n) // −1.9
    expect(assess([balance({ amount: -19n, owed: both(flat(-100_000n)) })]).equity).toBe(1n)
    const sold = position({ size: 1n, unit: 10n, price: Valuation.mark(-19n), margin: both(flat(1_000_000n)), charge: 5n })
    expect(assess([], [sold])).toMatchObject({ equity: -1n, initialMargin: 4n }) // −1.9
  })

  test('rounding: profit is cut, and so is a notional', () => {
    const tenths = { unit: 10n, price: Valuation.mark(19n), margin: both(flat(1_000_000n)) }
    expect(assess([], [position({ ...tenths, size: 1n })])).toMatchObject({ equity: 1n, initialMargin: 1n }) // 1.9
    expect(assess([], [position({ ...tenths, size: -1n })])).toMatchObject({ equity: -1n, initialMargin: 1n }) // −1.9
  })

  test('rounding: a requirement goes up, on each position', () => {
    // A millionth of 1 is 1, twice; summed first it would be 1.
    const small = position({ size: 1n, margin: both(flat(1n)) })
    expect(assess([], [small])).toMatchObject({ initialMargin: 1n, maintenanceMargin: 1n })
    expect(assess([], [small, small])).toMatchObject({ initialMargin: 2n, maintenanceMargin: 2n })
  })

  test('rounding: rates go down, those of the open interest too', () => {
    const million = { price: Valuation.mark(1_000_000n) }
    // A third of the way from 0 to 1: 333,333.3 ppm of a million.
    const scaled = both({ kind: 'openInterest', rate: 0n, lower: 0n, upper: 3_000_000n })
    expect(assess([], [position({ ...million, size: 1n, margin: scaled })]).initialMargin).toBe(333_333n)
    expect(assess([balance({ ...million, amount: 1n, owned: both(half(500_000n)) })]).equity).toBe(500_000n)
    expect(assess([balance({ ...million, amount: -1n, owed: both(half(500_000n)) })]).equity).toBe(-500_000n)
  })
})

describe('funding', () => {
  test('rounding: what has been settled is floored', () => {
    expect(Fixed.ratio(1_999_999n, Fixed.ppm, DydxV4.funding)).toBe(1n)
    expect(Fixed.ratio(-1n, Fixed.ppm, DydxV4.funding)).toBe(-1n)
  })
})
