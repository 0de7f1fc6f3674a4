import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Figure, Reliability } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const record = fc
  .array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1)), { maxLength: 40 })
  .map((pairs) => ({ probabilities: pairs.map(([p]) => p), happened: pairs.map(([, y]) => y) }))

describe('bins', () => {
  test('worked example: two bins of two', () => {
    expect(Reliability.bins({ probabilities: [0.5, 0.25, 0.75, 0.25], happened: [1, 0, 1, 1] }, { count: 2, above: 0 })).toEqual([
      { from: 0.25, to: 0.25, count: 2, predicted: 0.25, observed: 0.5 },
      { from: 0.5, to: 0.75, count: 2, predicted: 0.625, observed: 1 },
    ])
  })

  test('edge: exactly at the bound is left out, and equal forecasts are not parted', () => {
    expect(Reliability.bins({ probabilities: [0.25, 0.5], happened: [1, 1] }, { count: 1, above: 0.25 })).toHaveLength(1)
    expect(
      Reliability.bins({ probabilities: [0.5, 0.5, 0.5, 0.75], happened: [1, 0, 0, 1] }, { count: 4, above: 0 }).map(({ count }) => count),
    ).toEqual([3, 1])
    expect(Reliability.bins({ probabilities: [], happened: [] }, { count: 4, above: 0 })).toEqual([])
  })

  test('property: every forecast above the bound is in one bin, and bins do not overlap', () => {
    fc.assert(
      fc.property(record, fc.integer({ min: 1, max: 8 }), (given, count) => {
        const found = Reliability.bins(given, { count, above: 0.1 })
        const above = given.probabilities.filter((p) => p > 0.1)
        expect(found.reduce((sum, bin) => sum + bin.count, 0)).toBe(above.length)
        expect(found.length).toBeLessThanOrEqual(count)
        for (const [b, bin] of found.entries()) {
          expect(bin.from).toBeLessThanOrEqual(bin.to)
          expect(bin.from).toBeGreaterThan(found[b - 1]?.to ?? 0.1)
        }
      }),
      { numRuns },
    )
  })

  test('error: other lengths, what is no probability or outcome, no bin', () => {
    const options = { count: 1, above: 0 }
    for (const bad of [
      { probabilities: [0.5], happened: [] },
      { probabilities: [], happened: [1] },
      { probabilities: [1.1], happened: [1] },
      { probabilities: [-0.1], happened: [1] },
      { probabilities: [Number.NaN], happened: [1] },
      { probabilities: [0.5], happened: [0.5] },
    ]) {
      expect(() => Reliability.bins(bad, options)).toThrow(Figure.InvalidFigureError)
      expect(() => Reliability.brier(bad)).toThrow(Figure.InvalidFigureError)
    }
    for (const count of [0, 1.5])
      expect(() => Reliability.bins({ probabilities: [], happened: [] }, { count, above: 0 })).toThrow(Figure.InvalidFigureError)
  })
})

describe('error', () => {
  test('worked example: 0.1 too high in one of four and 0.2 too low in three', () => {
    const bin = { from: 0, to: 1 }
    expect(
      Reliability.error([
        { ...bin, count: 1, predicted: 0.3, observed: 0.2 },
        { ...bin, count: 3, predicted: 0.4, observed: 0.6 },
      ]),
    ).toBeCloseTo(0.175, 12)
    expect(Reliability.error([])).toBeNull()
  })
})

describe('brier', () => {
  test('worked example: a quarter off on what came, a half on what did not', () => {
    expect(Reliability.brier({ probabilities: [0.75, 0.5], happened: [1, 0] })).toBe((0.0625 + 0.25) / 2)
    expect(Reliability.brier({ probabilities: [], happened: [] })).toBeNull()
  })
})
