import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Drift, Random } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const invalid = expect.objectContaining({ name: 'Drift.InvalidSampleError', code: 'DRIFT_SAMPLE_INVALID' })

describe('reference', () => {
  test('worked example: quarters of eight values', () => {
    expect(Drift.reference({ values: [8, 1, 7, 2, 6, 3, 5, 4], bins: 4 })).toEqual({ edges: [2, 4, 6], shares: [0.25, 0.25, 0.25, 0.25] })
  })
  test('rounding: a bin that cannot be cut evenly takes one more', () => {
    expect(Drift.reference({ values: [1, 2, 3], bins: 2 })).toEqual({ edges: [2], shares: [2 / 3, 1 / 3] })
  })
  test('edge: values that repeat merge bins; a feature that never varies has one', () => {
    expect(Drift.reference({ values: [0, 0, 0, 1], bins: 4 })).toEqual({ edges: [0], shares: [0.75, 0.25] })
    expect(Drift.reference({ values: [3, 3, 3], bins: 3 })).toEqual({ edges: [], shares: [1] })
  })
  test('property: shares sum to one, none is empty, edges rise', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 10, maxLength: 80 }),
        fc.integer({ min: 2, max: 10 }),
        (values, bins) => {
          const { edges, shares } = Drift.reference({ values, bins })
          expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12)
          expect(shares).toHaveLength(edges.length + 1)
          for (const share of shares) expect(share).toBeGreaterThan(0)
          edges.forEach((edge, k) => {
            expect(edge).toBeGreaterThan(edges[k - 1] ?? Number.NEGATIVE_INFINITY)
          })
        },
      ),
      { numRuns },
    )
  })
  test('error: fewer values than bins, one bin, not finite', () => {
    expect(() => Drift.reference({ values: [1, 2], bins: 3 })).toThrow(invalid)
    expect(() => Drift.reference({ values: [1, 2], bins: 2 })).not.toThrow()
    expect(() => Drift.reference({ values: [1, 2], bins: 1 })).toThrow(invalid)
    expect(() => Drift.reference({ values: [1, 2, 3], bins: 2.5 })).toThrow(invalid)
    expect(() => Drift.reference({ values: [1, Number.NaN], bins: 2 })).toThrow(invalid)
    expect(() => Drift.reference({ values: [1, Number.POSITIVE_INFINITY], bins: 2 })).toThrow(invalid)
  })
})

describe('psi', () => {
  const then: Drift.Reference = { edges: [0], shares: [0.5, 0.5] }
  test('worked example: nine of ten below where half were', () => {
    const values = [...new Array<number>(9).fill(-1), 1]
    expect(Drift.psi(then, values)).toBeCloseTo((4 / 11) * Math.log(9.5 / 5.5) - (4 / 11) * Math.log(1.5 / 5.5), 12)
  })
  test('worked example: bins of unlike weight', () => {
    // 4 of 10 below where 1 in 5 was: (4.5 − 2.5)/11 and as much the other way.
    const values = [-1, -1, -1, -1, 1, 1, 1, 1, 1, 1]
    const psi = Drift.psi({ edges: [0], shares: [0.2, 0.8] }, values)
    expect(psi).toBeCloseTo((2 / 11) * (Math.log(4.5 / 2.5) - Math.log(6.5 / 8.5)), 12)
  })
  test('edge: an empty bin is finite, and a value at an edge belongs below it', () => {
    expect(Drift.psi(then, [-1, -1])).toBeLessThan(2)
    expect(Drift.psi(then, [0, 0])).toBe(Drift.psi(then, [-1, -1]))
    expect(Drift.psi({ edges: [], shares: [1] }, [5, 6])).toBe(0)
  })
  test('property: never negative, about nothing on the same law, much on another', () => {
    const random = Random.of(41)
    const draw = (mean: number): number[] => Array.from({ length: 1_000 }, () => mean + random.normal())
    const reference = Drift.reference({ values: draw(0), bins: 10 })
    expect(Drift.psi(reference, draw(0))).toBeLessThan(0.05)
    expect(Drift.psi(reference, draw(0.5))).toBeGreaterThan(0.15)
    fc.assert(
      fc.property(fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 30 }), (values) => {
        expect(Drift.psi(reference, values)).toBeGreaterThanOrEqual(0)
        expect(Drift.psi(reference, [...values].reverse())).toBe(Drift.psi(reference, values))
      }),
      { numRuns },
    )
  })
  test('error: nothing to compare, or not finite', () => {
    expect(() => Drift.psi(then, [])).toThrow(invalid)
    expect(() => Drift.psi(then, [Number.NaN])).toThrow(invalid)
  })
})

describe('ratio', () => {
  test('worked example: the sums of each window, not the mean of ratios', () => {
    expect(Array.from(Drift.ratio({ losses: [1, 3, 2], rival: [1, 1, 4], window: 2 }))).toEqual([2, 1])
    expect(Array.from(Drift.ratio({ losses: [1, 3, 2], rival: [1, 1, 4], window: 3 }))).toEqual([1])
    expect(Array.from(Drift.ratio({ losses: [1, 3, 2], rival: [1, 1, 4], window: 1 }))).toEqual([1, 3, 0.5])
  })
  test('error: a window longer than the series, or none, or series of two lengths', () => {
    expect(() => Drift.ratio({ losses: [1], rival: [1], window: 2 })).toThrow(invalid)
    expect(() => Drift.ratio({ losses: [1], rival: [1], window: 0 })).toThrow(invalid)
    expect(() => Drift.ratio({ losses: [1, 2], rival: [1, 2], window: 1.5 })).toThrow(invalid)
    expect(() => Drift.ratio({ losses: [1, 2], rival: [1], window: 1 })).toThrow(invalid)
  })
})

describe('hits', () => {
  test('worked example: two of the last three at one in two', () => {
    const { asMany, asFew, ...seen } = Drift.hits({ breaches: [true, true, false, true], levelPpm: 500_000, window: 3 })
    expect(seen).toEqual({ breaches: 2, sample: 3 })
    expect(asMany).toBeCloseTo(0.5, 12)
    expect(asFew).toBeCloseTo(0.875, 12)
  })
  test('edge: the whole series, and one step', () => {
    expect(Drift.hits({ breaches: [true, false], levelPpm: 500_000, window: 2 })).toMatchObject({ breaches: 1, sample: 2 })
    expect(Drift.hits({ breaches: [false, true], levelPpm: 500_000, window: 1 })).toMatchObject({ breaches: 1, sample: 1 })
    expect(Drift.hits({ breaches: [false, true], levelPpm: 999_999, window: 1 })).toMatchObject({ breaches: 1, sample: 1 })
  })
  test('error: a window the series does not fill, a level that is none', () => {
    expect(() => Drift.hits({ breaches: [true], levelPpm: 500_000, window: 2 })).toThrow(invalid)
    expect(() => Drift.hits({ breaches: [true], levelPpm: 500_000, window: 0 })).toThrow(invalid)
    expect(() => Drift.hits({ breaches: [true], levelPpm: 500_000, window: 0.5 })).toThrow(invalid)
    expect(() => Drift.hits({ breaches: [true], levelPpm: 0, window: 1 })).toThrow(invalid)
    expect(() => Drift.hits({ breaches: [true], levelPpm: 1_000_000, window: 1 })).toThrow(invalid)
  })
})

describe('assess', () => {
  const watch: Drift.Watch = {
    psi: { range: 0.2, shock: 0 },
    mostPsi: 0.2,
    ratio: 1.05,
    mostRatio: 1.05,
    hits: { breaches: 1, sample: 100, asMany: 0.01, asFew: 0.01 },
    leastChance: 0.01,
    ageSeconds: 900,
    mostAgeSeconds: 900,
  }
  test('edge: at every limit it is still steady', () => {
    expect(Drift.assess(watch)).toEqual({ status: 'steady' })
  })
  test('worked example: everything at once, named', () => {
    const all = {
      ...watch,
      psi: { range: 0.21, shock: 0.3 },
      ratio: 1.06,
      hits: { ...watch.hits, asMany: 0.009, asFew: 0.008 },
      ageSeconds: 901,
    }
    expect(Drift.assess(all)).toEqual({
      status: 'drifting',
      reasons: [
        { kind: 'feature', feature: 'range', psi: 0.21 },
        { kind: 'feature', feature: 'shock', psi: 0.3 },
        { kind: 'loss', ratio: 1.06 },
        { kind: 'breaches', chance: 0.009, direction: 'many' },
        { kind: 'breaches', chance: 0.008, direction: 'few' },
        { kind: 'age', ageSeconds: 901 },
      ],
    })
  })
  test.each([
    ['psi', { psi: { range: Number.NaN } }],
    ['ratio', { ratio: Number.NaN }],
    ['as many', { hits: { ...watch.hits, asMany: Number.NaN } }],
    ['as few', { hits: { ...watch.hits, asFew: Number.NaN } }],
    ['age', { ageSeconds: Number.NaN }],
  ])('edge: unknown is not well: %s', (_, part) => {
    expect(Drift.assess({ ...watch, ...part })).toMatchObject({ status: 'drifting', reasons: [{}] })
  })
})
