import { describe, expect, test } from 'vitest'
import * as Account from '../../Account.ts'
import * as Fixed from '../../Fixed.ts'
import { account, both, flat, half, of } from '../../testing/lines.ts'
import * as Valuation from '../../Valuation.ts'
import type * as Weight from '../../Weight.ts'
import * as SynthetixV3 from './SynthetixV3.ts'

const { profile } = SynthetixV3
const { one } = Fixed
const { balance, position } = of(profile)
const assess = (balances: readonly Account.Balance[], positions: readonly Account.Position[] = []) =>
  Account.assess(account(balances, positions), profile)
const usd = (amount: bigint) => balance({ amount: amount * one, unit: one, price: Valuation.mark(one) })

describe('profile', () => {
  // 10 of a depth of 1,000 at a ratio of 2, above 2 %: 4 %. Half of it is maintenance.
  const initial: Weight.Weight = { kind: 'skew', minimum: one / 50n, coefficient: 2n * one, scale: 1_000n * one }
  const ether = position({
    size: 10n * one,
    unit: one,
    price: Valuation.mark(100n * one),
    cost: 10n * one * 95n * one,
    margin: { initial, maintenance: { kind: 'scaled', of: initial, rate: one / 2n } },
  })

  test('worked example: a position against the depth of its market', () => {
    // 4 % and 2 % of 1,000; 50 gained, of which both margins see all, on 20.
    expect(assess([usd(20n)], [ether])).toMatchObject({
      initialEquity: 70n * one,
      equity: 70n * one,
      initialMargin: 40n * one,
      maintenanceMargin: 20n * one,
      health: { status: 'healthy', ratio: (7n * one) / 2n },
    })
  })

  test('worked example: a debt lowers the collateral and needs no margin', () => {
    expect(assess([usd(20n), usd(-35n)], [ether])).toMatchObject({ initialEquity: 35n * one, equity: 35n * one, initialMargin: 40n * one })
  })

  test('rounding: values are cut, up to their sign', () => {
    const tenths = { unit: 10n, price: Valuation.mark(19n) }
    expect(assess([balance({ ...tenths, amount: 1n })]).equity).toBe(1n) // 1.9
    expect(assess([balance({ ...tenths, amount: -1n })]).equity).toBe(-1n) // −1.9
    expect(assess([balance({ amount: 19n, owned: both(flat(one / 10n)) })]).equity).toBe(1n) // 19 · 10 %
    expect(assess([balance({ amount: -19n, owed: both(flat(one / 10n)) })]).equity).toBe(-1n)
  })

  test('rounding: what is below 0 is cut as well: a weight, or a price as oil once had', () => {
    expect(assess([balance({ amount: 19n, owned: both(flat(-one / 10n)) })]).equity).toBe(-1n) // −1.9
    expect(assess([balance({ amount: -19n, owed: both(flat(-one / 10n)) })]).equity).toBe(1n)
    const sold = position({ size: 1n, unit: 10n, price: Valuation.mark(-19n), margin: both(flat(one)), charge: 5n })
    expect(assess([], [sold])).toMatchObject({ equity: -1n, initialMargin: 4n }) // −1.9
    // Half a unit below −0.5 of it: −500,000,000,000,000,000.5, cut.
    const below = { kind: 'mean', of: [flat(-one / 2n - 1n), flat(-one / 2n)] } as const
    const whole = { price: Valuation.mark(one) }
    expect(assess([balance({ ...whole, amount: 1n, owned: both(below) })]).equity).toBe(-one / 2n)
    expect(assess([], [position({ ...whole, size: 1n, margin: both(below), charge: one })]).initialMargin).toBe(one / 2n)
    expect(assess([], [position({ size: 19n, margin: both(flat(-one / 10n)), charge: 5n })]).initialMargin).toBe(4n)
  })

  test('rounding: profit is cut, and so is a notional', () => {
    const tenths = { unit: 10n, price: Valuation.mark(19n), margin: both(flat(one)) }
    expect(assess([], [position({ ...tenths, size: 1n })])).toMatchObject({ equity: 1n, initialMargin: 1n }) // 1.9
    expect(assess([], [position({ ...tenths, size: -1n })])).toMatchObject({ equity: -1n, initialMargin: 1n }) // −1.9
  })

  test('rounding: a requirement is cut, on each position', () => {
    // 60 % of 1 is nothing, twice; summed first it would be 1.
    const small = position({ size: 1n, margin: both(flat((6n * one) / 10n)) })
    expect(assess([], [small, small])).toMatchObject({ initialMargin: 0n, maintenanceMargin: 0n })
  })

  test('rounding: weights and rates are cut', () => {
    const whole = { price: Valuation.mark(one) }
    expect(assess([balance({ ...whole, amount: 1n, owned: both(half(one / 2n)) })]).equity).toBe(one / 2n)
    expect(assess([balance({ ...whole, amount: -1n, owed: both(half(one / 2n)) })]).equity).toBe(-one / 2n)
    expect(assess([], [position({ ...whole, size: 1n, margin: both(half(one / 2n)) })]).initialMargin).toBe(one / 2n)
  })
})
