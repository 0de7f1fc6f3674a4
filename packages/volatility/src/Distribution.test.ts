import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Distribution } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

describe('normalAbove', () => {
  test('worked example: the values every table has', () => {
    expect(Distribution.normalAbove(1.959963984540054)).toBeCloseTo(0.025, 15)
    expect(Distribution.normalAbove(2.3263478740408408)).toBeCloseTo(0.01, 15)
    expect(Distribution.normalAbove(-1)).toBeCloseTo(0.8413447460685429, 14)
    expect(Distribution.normalAbove(6) / 9.865876450376981e-10).toBeCloseTo(1, 12)
  })
  test('property: its slope is the density, on either side of where the series gives way to the fraction', () => {
    fc.assert(
      fc.property(fc.double({ min: -5, max: 5, noNaN: true }), (z) => {
        const h = 1e-4
        const slope = (Distribution.normalAbove(z - h) - Distribution.normalAbove(z + h)) / (2 * h)
        const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
        expect(Math.abs(slope - density)).toBeLessThan(5e-8 * density + 2e-12)
      }),
      { numRuns },
    )
    const seam = 2 * Math.SQRT2
    expect(Distribution.normalAbove(seam - 1e-13) - Distribution.normalAbove(seam + 1e-13)).toBeCloseTo(0, 14)
  })
  test('property: both tails make one', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 40, noNaN: true }), (z) => {
        expect(Distribution.normalAbove(z) + Distribution.normalAbove(-z)).toBeCloseTo(1, 15)
      }),
      { numRuns },
    )
  })
  test('edge: the ends, and what is not a number', () => {
    expect(Distribution.normalAbove(Number.POSITIVE_INFINITY)).toBe(0)
    expect(Distribution.normalAbove(Number.NEGATIVE_INFINITY)).toBe(1)
    expect(Distribution.normalAbove(Number.NaN)).toBeNaN()
  })
})

describe('chiSquareAbove', () => {
  test('worked example: the 5 % points', () => {
    expect(Distribution.chiSquareAbove(3.841458820694124, 1)).toBeCloseTo(0.05, 14)
    expect(Distribution.chiSquareAbove(5.991464547107979, 2)).toBeCloseTo(0.05, 14)
  })
  test('edge: a ratio that fell a rounding error below zero is zero', () => {
    expect(Distribution.chiSquareAbove(-1e-15, 1)).toBe(1)
    expect(Distribution.chiSquareAbove(-1e-15, 2)).toBe(1)
  })
})

describe('binomial', () => {
  test('worked example: of three coins', () => {
    const { atLeast, atMost } = Distribution.binomial({ hits: 2, trials: 3, probability: 0.5 })
    expect(atLeast).toBeCloseTo(4 / 8, 14)
    expect(atMost).toBeCloseTo(7 / 8, 14)
  })
  test('edge: none and all', () => {
    expect(Distribution.binomial({ hits: 0, trials: 5, probability: 0.1 }).atLeast).toBeCloseTo(1, 14)
    expect(Distribution.binomial({ hits: 5, trials: 5, probability: 0.1 }).atLeast).toBeCloseTo(1e-5, 16)
    expect(Distribution.binomial({ hits: 5, trials: 5, probability: 0.1 }).atMost).toBeCloseTo(1, 14)
    expect(Distribution.binomial({ hits: 0, trials: 5, probability: 0.1 }).atMost).toBeCloseTo(0.9 ** 5, 14)
  })
  test('property: the tails meet without overlap, by counting every outcome', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.nat(12),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (trials, k, probability) => {
          const hits = Math.min(k, trials)
          let atLeast = 0
          for (let outcome = 0; outcome < 2 ** trials; outcome++) {
            const ones = outcome.toString(2).replaceAll('0', '').length
            if (ones >= hits) atLeast += probability ** ones * (1 - probability) ** (trials - ones)
          }
          expect(Distribution.binomial({ hits, trials, probability }).atLeast).toBeCloseTo(atLeast, 12)
          if (hits > 0) expect(Distribution.binomial({ hits: hits - 1, trials, probability }).atMost).toBeCloseTo(1 - atLeast, 12)
        },
      ),
      { numRuns: Math.min(numRuns, 200) },
    )
  })
})
