import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Branching, Figure } from './index.ts'

describe('probability', () => {
  test('worked example: e^(−n) for one alone, n·e^(−2n) for two', () => {
    expect(Branching.probability(0.3, 1)).toBeCloseTo(Math.exp(-0.3), 15)
    expect(Branching.probability(0.3, 2)).toBeCloseTo(0.3 * Math.exp(-0.6), 15)
  })

  test('property: sums to 1 with the mean and the variance that are stated', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.7, noNaN: true }), (n) => {
        let [sum, mean, square] = [0, 0, 0]
        for (let k = 1; k <= 500; k++) {
          const p = Branching.probability(n, k)
          sum += p
          mean += k * p
          square += k * k * p
        }
        const size = Branching.size(n)
        expect(sum).toBeCloseTo(1, 9)
        expect(mean).toBeCloseTo(size.mean, 8)
        expect(square - mean * mean).toBeCloseTo(size.variance, 5)
      }),
      { numRuns: 50 },
    )
  })

  test('edge: at n = 1 the tail falls as size^(−3/2)', () => {
    const slope = Math.log(Branching.probability(1, 4_000) / Branching.probability(1, 1_000)) / Math.log(4)
    expect(slope).toBeCloseTo(-Branching.criticalTailExponent, 3)
    expect(Branching.probability(0, 2)).toBe(0)
  })

  test('error: n above 1, a size of 0', () => {
    expect(() => Branching.probability(1.1, 1)).toThrow(Figure.InvalidFigureError)
    expect(() => Branching.probability(0.5, 0)).toThrow(Figure.InvalidFigureError)
  })
})

describe('size', () => {
  test('edge: from n = 1 there is none', () => {
    expect(Branching.size(1)).toEqual({ mean: Number.POSITIVE_INFINITY, variance: Number.POSITIVE_INFINITY })
    expect(() => Branching.size(-0.1)).toThrow(Figure.InvalidFigureError)
  })
})

describe('hawkes', () => {
  test('worked example: half are offspring: twice the rate, four times the dispersion', () => {
    expect(Branching.hawkes({ base: 3, n: 0.5 })).toEqual({ rate: 6, fano: 4 })
    expect(Branching.hawkes({ base: 3, n: 1 })).toEqual({ rate: Number.POSITIVE_INFINITY, fano: Number.POSITIVE_INFINITY })
  })

  test('error: negative rates', () => {
    expect(() => Branching.hawkes({ base: -1, n: 0.5 })).toThrow(Figure.InvalidFigureError)
  })
})

describe('ofFano', () => {
  test('property: undoes the Fano factor', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.99, noNaN: true }), (n) => {
        expect(Branching.ofFano(Branching.hawkes({ base: 1, n }).fano)).toBeCloseTo(n, 9)
      }),
    )
    expect(() => Branching.ofFano(0)).toThrow(Figure.InvalidFigureError)
  })
})
