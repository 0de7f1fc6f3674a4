import { describe, expect, test } from 'vitest'
import * as InsuranceFee from './InsuranceFee.ts'

describe('ofPosition', () => {
  const position = { size: 10n, price: 100n, unit: 1n, currency: { price: 1n, unit: 1n }, rate: 1_000n, fee: 100n, rateUnit: 10_000n }
  const of = (changes: Partial<typeof position>, shortage = 20n, most = 500n) =>
    InsuranceFee.ofPosition(shortage, { ...position, ...changes }, { most, kept: 5_000n })

  test('worked example', () => {
    expect(of({})).toBe(350n) // (10 − 1 − 2) / 2
    expect(of({ fee: 200n })).toBe(300n)
    expect(of({ currency: { price: 2n, unit: 1n } })).toBe(400n)
    expect(of({}, 20n, 300n)).toBe(300n)
  })

  test('edge: nothing is left to take', () => {
    expect(of({}, 90n)).toBe(0n)
    expect(of({}, 1_000n)).toBe(0n)
    expect(of({}, 89n)).toBe(50n) // 8.9 a unit, cut to 8
    expect(of({ size: 0n })).toBe(0n)
    expect(of({ price: 0n })).toBe(0n)
    expect(of({ currency: { price: 0n, unit: 1n } })).toBe(0n)
    expect(of({ rate: 100n }, 0n)).toBe(0n)
    expect(of({ rate: 99n }, 0n)).toBe(0n)
    expect(InsuranceFee.ofPosition(900n, position, { most: 9n, kept: 10_000n })).toBe(0n)
  })

  test('rounding: down, after each division', () => {
    // 20 · 7 / 9 = 15.6 → 15; 15 · 10,000 / 100 = 1,500.
    expect(of({ size: 9n, unit: 3n })).toBe(150n) // 20 · 3 / 9 = 6.7 → 6 % of a whole: (9 − 6) / 2
    expect(of({ price: 300n, currency: { price: 1n, unit: 2n }, size: 20n }, 31n)).toBe(417n) // 150; 1 / 150 = 0.66 %: (9 − 0.66) / 2
    expect(InsuranceFee.ofPosition(0n, { ...position, rate: 101n }, { most: 9n, kept: 9_999n })).toBe(0n)
    expect(
      of(
        { price: 3n, currency: { price: 1n, unit: 2n }, size: 1_000n, unit: 1_000n, fee: 0n, rate: 9_000n, rateUnit: 10n ** 4n },
        0n,
        9_999n,
      ),
    ).toBe(4_500n)
    expect(of({ price: 3n, currency: { price: 1n, unit: 2n }, size: 10n, unit: 1n, fee: 0n, rate: 20_000n }, 10n, 99_999n)).toBe(5_000n) // 1 of 1, not of 2
  })
})

describe('ofDebt', () => {
  const debt = {
    amount: 10n,
    price: 100n,
    unit: 1n,
    owed: 1_200n,
    owned: 800n,
    weightUnit: 1_000n,
    assetMultiplier: 1n,
    debtMultiplier: 1n,
  }
  const of = (changes: Partial<typeof debt>, shortage = 250n, most = 200n) => InsuranceFee.ofDebt(shortage, { ...debt, ...changes }, most)

  test('worked example', () => {
    expect(of({})).toBe(125n) // (1.2 − 0.8 − 0.25) / 1.2
    expect(of({}, 100n)).toBe(200n)
    expect(of({}, 100n, 1_000n)).toBe(250n)
    expect(of({ assetMultiplier: 5n, debtMultiplier: 4n }, 50n)).toBe(125n) // 1.2 − 1 − 0.05
    expect(of({ unit: 10n, amount: 100n })).toBe(125n)
  })

  test('edge: nothing is left to take', () => {
    expect(of({}, 400n)).toBe(0n)
    expect(of({}, 900n)).toBe(0n)
    expect(of({ amount: 0n })).toBe(0n)
    expect(of({ price: 0n })).toBe(0n)
    expect(of({ debtMultiplier: 0n })).toBe(0n)
    expect(of({ owned: 1_200n, debtMultiplier: 2n }, 0n)).toBe(0n)
    expect(of({ owned: 1_300n, debtMultiplier: 2n }, 0n)).toBe(0n)
    expect(of({ owned: 0n, owed: 0n }, 0n)).toBe(0n)
  })

  test('rounding: down, after each division', () => {
    // 800 · 7 / 6 = 933.3 → 933; 50 · 1,000 / 9 = 5,555.6 → 5,555, / 100 = 55.6 → 55; (1,200 − 933 − 55) / 1.2 = 176.7.
    expect(of({ amount: 9n, assetMultiplier: 7n, debtMultiplier: 6n }, 50n)).toBe(176n)
    expect(InsuranceFee.ofDebt(0n, { ...debt, owed: 10n, owned: 1n, weightUnit: 10n, debtMultiplier: 2n }, 99n)).toBe(10n)
    expect(InsuranceFee.ofDebt(999n, { ...debt, owed: 1n, owned: 0n, weightUnit: 10n }, 99n)).toBe(0n)
    // 19 · 10 / 4 = 47.5 is 47, and / 48 nothing.
    expect(InsuranceFee.ofDebt(19n, { ...debt, amount: 4n, price: 48n, owed: 12n, owned: 0n, weightUnit: 10n }, 99n)).toBe(10n)
    // 1 / 3 / 100 of 10,000 is 33 and not 34.
    expect(InsuranceFee.ofDebt(1n, { ...debt, amount: 3n, owed: 1_000n, owned: 0n, weightUnit: 10_000n }, 99_999n)).toBe(9_670n)
  })
})
