import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Normal from './Normal.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

describe('cumulative', () => {
  test('worked example: what every table says', () => {
    expect(Normal.cumulative(0)).toBe(0.5)
    expect(Normal.cumulative(1.959963984540054)).toBeCloseTo(0.975, 14)
    expect(Normal.cumulative(-1)).toBeCloseTo(0.15865525393145707, 15)
    expect(Normal.cumulative(-2.8) / 0.002555130330427932).toBeCloseTo(1, 12)
    expect(Normal.cumulative(-6) / 9.865876450376981e-10).toBeCloseTo(1, 12)
    expect(Normal.cumulative(-30) / 4.906713927148187e-198).toBeCloseTo(1, 10)
  })

  test('edge: so far out that nothing is left', () => {
    expect([Normal.cumulative(-40), Normal.cumulative(40), Normal.cumulative(Number.POSITIVE_INFINITY)]).toEqual([0, 1, 1])
  })

  test('property: rises, is symmetric, and is the integral of the density', () => {
    fc.assert(
      fc.property(fc.double({ min: -8, max: 8, noNaN: true }), fc.double({ min: 1e-4, max: 1e-3, noNaN: true }), (x, h) => {
        expect(Normal.cumulative(x) + Normal.cumulative(-x)).toBeCloseTo(1, 14)
        const gained = Normal.cumulative(x + h) - Normal.cumulative(x)
        expect(gained).toBeGreaterThanOrEqual(0)
        expect(Math.abs(gained - Normal.density(x + h / 2) * h)).toBeLessThan(1e-10)
      }),
      { numRuns },
    )
  })
})

describe('quantile', () => {
  test('worked example: the 97.5 % and the 1 % quantile', () => {
    expect(Normal.quantile(0.975)).toBeCloseTo(1.959963984540054, 12)
    expect(Normal.quantile(0.01)).toBeCloseTo(-2.3263478740408408, 13)
    expect(Normal.quantile(0.5)).toBeCloseTo(0, 15)
  })

  test('property: undoes the distribution', () => {
    fc.assert(
      fc.property(fc.double({ min: -6, max: 4, noNaN: true }), (x) => {
        expect(Normal.quantile(Normal.cumulative(x))).toBeCloseTo(x, 8)
      }),
      { numRuns: Math.ceil(numRuns / 10) },
    )
  })
})
