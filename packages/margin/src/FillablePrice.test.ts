import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as FillablePrice from './FillablePrice.ts'
import * as Fixed from './Fixed.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const long = { equity: 30n, maintenanceMargin: 40n, notional: 1_000n, margin: 40n, size: 10n, adjustmentPpm: 1_000_000, spreadPpm: 100_000 }

describe('of', () => {
  test('worked example: a long below the oracle, a short above it', () => {
    // 1 − 30/40 = a quarter of the spread of 10 % of 40 = 1: 999 / 10
    expect(FillablePrice.of(long)).toEqual({ numerator: 999n, denominator: 10n })
    expect(FillablePrice.of({ ...long, notional: -1_000n, size: -10n })).toEqual({ numerator: 1_001n, denominator: 10n })
  })

  test('worked example: twice as eager at twice the adjustment', () => {
    expect(FillablePrice.of({ ...long, adjustmentPpm: 2_000_000 })).toEqual({ numerator: 499n, denominator: 5n })
  })

  test('edge: the spread ends where equity does, and begins where health is 1', () => {
    const whole = { numerator: 498n, denominator: 5n }
    expect(FillablePrice.of({ ...long, equity: 0n, spreadPpm: 100_000 })).toEqual(whole)
    expect(FillablePrice.of({ ...long, equity: -500n })).toEqual(whole)
    expect(FillablePrice.of({ ...long, equity: 20n, adjustmentPpm: 2_000_000 })).toEqual(whole)
    expect(FillablePrice.of({ ...long, equity: 40n })).toEqual({ numerator: 100n, denominator: 1n })
    expect(FillablePrice.of({ ...long, equity: 90n })).toEqual({ numerator: 100n, denominator: 1n })
  })

  test('error: no maintenance margin, no size', () => {
    expect(() => FillablePrice.of({ ...long, maintenanceMargin: 0n })).toThrow(Fixed.DivisionByZeroError)
    expect(() => FillablePrice.of({ ...long, size: 0n })).toThrow(Fixed.DivisionByZeroError)
  })

  test('property: less equity never makes a fill harder', () => {
    const usd = fc.bigInt({ min: -1_000n, max: 1_000n })
    fc.assert(
      fc.property(usd, fc.bigInt({ min: 0n, max: 1_000n }), fc.boolean(), (equity, less, isLong) => {
        const side = isLong ? long : { ...long, notional: -1_000n, size: -10n }
        const [more, fewer] = [FillablePrice.of({ ...side, equity }), FillablePrice.of({ ...side, equity: equity - less })]
        const falls = fewer.numerator * more.denominator - more.numerator * fewer.denominator
        expect(isLong ? falls <= 0n : falls >= 0n).toBe(true)
      }),
      { numRuns },
    )
  })

  test('error: a rate that is no integer', () => {
    expect(() => FillablePrice.of({ ...long, adjustmentPpm: 0.5 })).toThrow(Fixed.NotAnIntegerError)
    expect(() => FillablePrice.of({ ...long, spreadPpm: Number.NaN })).toThrow(Fixed.NotAnIntegerError)
  })
})
