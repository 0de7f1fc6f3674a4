import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Curve from './Curve.ts'
import * as Arbitrary from './testing/arbitrary.ts'
import * as Weight from './Weight.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const usd = (amount: number) => BigInt(amount) * 10n ** 18n
const alone = { openInterest: 0n }
const tiers: Curve.Curve = {
  kind: 'tiers',
  tiers: [
    { upTo: usd(100), ppm: 50_000 },
    { upTo: usd(300), ppm: 100_000 },
    { upTo: null, ppm: 200_000 },
  ],
}
const sqrt: Curve.Curve = { kind: 'sqrt', ppm: 10_000, coefficientPpm: 20_000, unit: usd(100) }
const ramp: Curve.Curve = { kind: 'openInterest', ppm: 200_000, lower: usd(1_000), upper: usd(2_000) }

describe('ppm', () => {
  test('worked example: flat', () => {
    expect(Curve.ppm({ kind: 'flat', ppm: 7 }, usd(5), alone)).toBe(7)
  })

  test('worked example: tiers average over what a position passes through', () => {
    expect(Curve.ppm(tiers, usd(100), alone)).toBe(50_000)
    // 100·5 % + 100·10 % = 15 of 200
    expect(Curve.ppm(tiers, usd(200), alone)).toBe(75_000)
    // 100·5 % + 200·10 % + 100·20 % = 45 of 400
    expect(Curve.ppm(tiers, usd(400), alone)).toBe(112_500)
  })

  test('worked example: √size', () => {
    // 1 % + 2 % · √(400/100)
    expect(Curve.ppm(sqrt, usd(400), alone)).toBe(50_000)
  })

  test('worked example: open interest counts the position', () => {
    expect(Curve.ppm(ramp, usd(100), { openInterest: usd(900) })).toBe(200_000)
    // halfway from 20 % to 100 %
    expect(Curve.ppm(ramp, usd(500), { openInterest: usd(1_000) })).toBe(600_000)
    expect(Curve.ppm(ramp, usd(1_000), { openInterest: usd(1_000) })).toBe(1_000_000)
    expect(Curve.ppm(ramp, usd(9_000), { openInterest: usd(1_000) })).toBe(1_000_000)
  })

  test('rounding: up', () => {
    expect(Curve.ppm(tiers, usd(100) + 1n, alone)).toBe(50_001)
    expect(Curve.ppm(sqrt, usd(400) + 1n, alone)).toBe(50_001)
    expect(Curve.ppm(ramp, 1n, { openInterest: usd(1_000) })).toBe(200_001)
  })

  test('edge: nothing pays the first rate, and no rate is above 1000 %', () => {
    expect([tiers, sqrt, ramp].map((curve) => Curve.ppm(curve, 0n, alone))).toEqual([50_000, 10_000, 200_000])
    expect(Curve.ppm({ ...sqrt, ppm: 0, coefficientPpm: 0 }, usd(400), alone)).toBe(0)
    expect(Curve.ppm({ ...sqrt, unit: 1n }, 10n ** 70n, alone)).toBe(10_000_000)
    expect(Curve.ppm({ kind: 'sqrt', ppm: 9_999_999, coefficientPpm: 2, unit: 1n }, 1n, alone)).toBe(10_000_000)
  })

  test('error: tiers without a tier have no rate', () => {
    expect(() => Curve.ppm({ kind: 'tiers', tiers: [] }, 1n, alone)).toThrow(Weight.EmptyCurveError)
  })

  test('property: non-decreasing in size and in open interest', () => {
    fc.assert(
      fc.property(Arbitrary.curve(400_000), Arbitrary.usd, Arbitrary.usd, Arbitrary.usd, (curve, notional, more, openInterest) => {
        const rate = Curve.ppm(curve, notional, { openInterest })
        expect(Curve.ppm(curve, notional + more, { openInterest })).toBeGreaterThanOrEqual(rate)
        expect(Curve.ppm(curve, notional, { openInterest: openInterest + more })).toBeGreaterThanOrEqual(rate)
        expect(Number.isSafeInteger(rate) && rate > 0 && rate <= Curve.most).toBe(true)
      }),
      { numRuns },
    )
  })
})

describe('requirement', () => {
  test('worked example', () => {
    expect(Curve.requirement(tiers, usd(400), alone)).toBe(usd(45))
    expect(Curve.requirement(sqrt, usd(400), alone)).toBe(usd(20))
  })

  test('rounding: up, once', () => {
    expect(Curve.requirement(tiers, 1n, alone)).toBe(1n)
    expect(Curve.requirement({ kind: 'flat', ppm: 500_000 }, 3n, alone)).toBe(2n)
    expect(Curve.requirement(tiers, 0n, alone)).toBe(0n)
  })

  test('property: never above the rounded rate, never a ppm of notional below it, non-decreasing', () => {
    fc.assert(
      fc.property(Arbitrary.curve(400_000), Arbitrary.usd, Arbitrary.usd, (curve, notional, more) => {
        const required = Curve.requirement(curve, notional, alone)
        const byRate = BigInt(Curve.ppm(curve, notional, alone)) * notional
        expect((required - 1n) * 1_000_000n < byRate).toBe(true)
        expect(required * 1_000_000n >= byRate - notional).toBe(true)
        expect(Curve.requirement(curve, notional + more, alone) >= required).toBe(true)
      }),
      { numRuns },
    )
  })
})
