import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Interest from './Interest.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const unit = 1_000_000n
const year = Interest.yearSeconds

describe('linear', () => {
  test('worked example: half a year at 10 %', () => expect(Interest.linear({ rate: 100_000n, seconds: year / 2n, unit })).toBe(1_050_000n))
  test('worked example: a year has 365 days', () => {
    const ray = 10n ** 27n
    expect(Interest.linear({ rate: ray / 10n, seconds: 365n * 24n * 3_600n, unit: ray })).toBe(ray + ray / 10n)
  })
  test('edge: no time, no interest', () => expect(Interest.linear({ rate: 100_000n, seconds: 0n, unit })).toBe(unit))
  test('rounding: to the nearest, of the time and of the product', () => {
    // Half a unit of time counts as one; 1.5 of a product as 2.
    expect(Interest.linear({ rate: unit, seconds: 16n, unit })).toBe(unit + 1n)
    expect(Interest.linear({ rate: unit, seconds: 15n, unit })).toBe(unit)
    expect(Interest.linear({ rate: 3n, seconds: year / 2n, unit })).toBe(unit + 2n)
  })
})

describe('compounded', () => {
  const rate = year * 1_000n // 0.1 % a second
  const at = (seconds: bigint) => Interest.compounded({ rate, seconds, unit })
  test('worked example: the binomial, term by term', () => {
    expect([0n, 1n, 2n, 3n, 4n].map(at)).toEqual([1_000_000n, 1_001_000n, 1_002_001n, 1_003_003n, 1_004_006n])
  })
  test('worked example: the third term', () => {
    // r = 10 %: 1 + 0.4 + 6 · 0.01 + 4 · 0.001
    expect(Interest.compounded({ rate: year * 100_000n, seconds: 4n, unit })).toBe(1_464_000n)
    expect(Interest.compounded({ rate: year * 100_000n, seconds: 3n, unit })).toBe(1_331_000n)
    expect(Interest.compounded({ rate: year * 100_000n, seconds: 2n, unit })).toBe(1_210_000n)
  })
  test('rounding: a second rate is cut', () => {
    expect(Interest.compounded({ rate: year - 1n, seconds: 5n, unit })).toBe(unit)
    expect(Interest.compounded({ rate: year, seconds: 5n, unit })).toBe(unit + 5n)
  })
  test('rounding: the powers of a second rate go to the nearest', () => {
    // r = 0.7: r² is 4.9 tenths, 5, and r³ 3.5 of 5 times it, 4: 1 + 3 · 0.7 + 3 · 0.5 + 0.4.
    expect(Interest.compounded({ rate: year * 7n, seconds: 3n, unit: 10n })).toBe(50n)
  })
  test('property: at least as much as simple interest at the cut rate, and growing with time', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 27n }), fc.bigInt({ min: 0n, max: 10n ** 9n }), (rate, seconds) => {
        const ray = 10n ** 27n
        const of = (n: bigint) => Interest.compounded({ rate, seconds: n, unit: ray })
        expect(of(seconds)).toBeGreaterThanOrEqual(ray + (rate / year) * seconds)
        expect(of(seconds + 1n)).toBeGreaterThanOrEqual(of(seconds))
      }),
      { numRuns },
    )
  })
})

describe('balance', () => {
  test('worked example: 200 at an index of 1.1 and a factor of 1.05', () => {
    expect(Interest.balance({ scaled: 200n, index: 1_100n, factor: 1_050n, unit: 1_000n, fine: 1n })).toBe(231n)
  })
  test('rounding: to the nearest, at the finer precision first', () => {
    const of = (scaled: bigint, fine: bigint) => Interest.balance({ scaled, index: 1_150n, factor: 1_000n, unit: 1_000n, fine })
    expect(of(10n, 10n)).toBe(12n) // 11.5
    expect(of(9n, 10n)).toBe(10n) // 10.35 is 10.4 is 10
    expect(of(3n, 1n)).toBe(3n)
    // 1.05 · 1.15 = 1.2075 is 1.208.
    expect(Interest.balance({ scaled: 1_000n, index: 1_150n, factor: 1_050n, unit: 1_000n, fine: 1n })).toBe(1_208n)
    expect(Interest.balance({ scaled: 1n, index: 1_500n, factor: 1_000n, unit: 1_000n, fine: 1n })).toBe(2n) // 1.5
  })
})
