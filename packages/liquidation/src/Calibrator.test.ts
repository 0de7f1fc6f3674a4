import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Calibrator, Figure } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const knots = [
  { from: 1, to: 0.5 },
  { from: 2, to: 1.5 },
]

describe('probability', () => {
  test('worked example: without knots twice the tail of the normal law, 31.7 % one deviation away', () => {
    expect(Calibrator.probability(Calibrator.none, 1)).toBeCloseTo(0.31731050786, 10)
    expect(Calibrator.probability(Calibrator.none, 0)).toBe(1)
  })

  test('worked example: a deviation that counts for half of one', () => {
    expect(Calibrator.probability(knots, 1)).toBeCloseTo(0.617075077, 8)
  })
})

describe('apply', () => {
  test('worked example: through the origin, between knots, and on from the last', () => {
    expect([0, 0.5, 1, 1.5, 2, 4].map((z) => Calibrator.apply(knots, z))).toEqual([0, 0.25, 0.5, 1, 1.5, 3])
    expect(Calibrator.apply(Calibrator.none, 1.25)).toBe(1.25)
    expect(Calibrator.apply([{ from: 0.5, to: 1 }], 2)).toBe(4)
  })
})

describe('deviations', () => {
  test('worked example: the distance that leaves 1 % is 2.576 deviations, and more where distances count for less', () => {
    expect(Calibrator.deviations(Calibrator.none, 0.01)).toBeCloseTo(2.5758293, 6)
    expect(Calibrator.deviations(knots, 0.01)).toBeCloseTo((2.5758293 * 2) / 1.5, 6)
    expect(Calibrator.deviations(knots, 1)).toBeCloseTo(0, 12)
  })

  test('property: undoes the probability', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1, noNaN: true }), (target) => {
        for (const map of [Calibrator.none, knots])
          expect(Calibrator.probability(map, Calibrator.deviations(map, target))).toBeCloseTo(target, 9)
      }),
      { numRuns: Math.ceil(numRuns / 10) },
    )
  })

  test('error: a target that is no probability', () => {
    for (const target of [0, 1.5, Number.NaN]) expect(() => Calibrator.deviations(knots, target)).toThrow(Figure.InvalidFigureError)
  })
})

describe('fit', () => {
  /** `of` forecasts at a distance, `touched` of them touched. */
  const group = (deviations: number, touched: number, of: number) =>
    Array.from({ length: of }, (_, i) => ({ deviations, touched: i < touched }))

  test('worked example: two groups, each touched as often as another distance is', () => {
    // 2Φ(−1) = 31.73 %, 2Φ(−2) = 4.55 %.
    const found = Calibrator.fit([...group(2, 3_173, 10_000), ...group(4, 455, 10_000)], 2)
    expect(found).toEqual([
      { from: 2, to: expect.closeTo(1, 3) },
      { from: 4, to: expect.closeTo(2, 3) },
    ])
  })

  test('edge: in whatever order it is told', () => {
    const given = [...group(3, 5, 100), ...group(1, 60, 100), ...group(2, 30, 100)]
    const found = Calibrator.fit(given, 3)
    expect(found.map(({ from }) => from)).toEqual([1, 2, 3])
    expect(Calibrator.fit(given.toReversed(), 3)).toEqual(found)
  })

  test('edge: a group touched more often than a nearer one is one with it', () => {
    const found = Calibrator.fit([...group(1, 10, 100), ...group(2, 30, 100), ...group(3, 1, 100)], 3)
    expect(found.map(({ from }) => from)).toEqual([1.5, 3])
    expect(Calibrator.probability(found, 1.5)).toBeCloseTo(0.2, 10)
  })

  test('edge: as often as a nearer one is one with it too, and once they are one they are held against the one before', () => {
    const even = Calibrator.fit([...group(1, 30, 100), ...group(2, 30, 100)], 2)
    expect(even.map(({ from }) => from)).toEqual([1.5])
    const found = Calibrator.fit([...group(1, 90, 100), ...group(2, 30, 100), ...group(3, 20, 100), ...group(4, 60, 100)], 4)
    expect(found.map(({ from }) => from)).toEqual([1, 3])
    expect(Calibrator.probability(found, 3)).toBeCloseTo(110 / 300, 10)
  })

  test('edge: of two groups nearer to each other than a millionth the first is a knot', () => {
    const found = Calibrator.fit([...group(1, 60, 100), ...group(2, 30, 100), ...group(2.000_000_5, 10, 100)], 3)
    expect(found.map(({ from }) => from)).toEqual([1, 2])
    expect(Calibrator.fit([...group(1, 60, 100), ...group(2, 30, 100), ...group(2.000_002, 10, 100)], 3)).toHaveLength(3)
  })

  test('edge: all or nothing says nothing, and no outcome no knot', () => {
    expect(Calibrator.fit([...group(1, 0, 10), ...group(2, 0, 10)], 2)).toEqual([])
    expect(Calibrator.fit([...group(1, 10, 10), ...group(2, 5, 10)], 2)).toHaveLength(1)
    expect(Calibrator.fit([], 5)).toEqual([])
  })

  test('property: rises, whatever happened and in whatever order it is told', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ deviations: fc.double({ min: 0, max: 6, noNaN: true }), touched: fc.boolean() }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 10 }),
        (outcomes, groups) => {
          const found = Calibrator.fit(outcomes, groups)
          expect(found.length).toBeLessThanOrEqual(groups)
          let before = { from: 0, to: 0 }
          for (const knot of found) {
            expect(knot.from).toBeGreaterThan(before.from)
            expect(knot.to).toBeGreaterThan(before.to)
            before = knot
          }
        },
      ),
      { numRuns },
    )
  })

  test('error: a distance below 0, no group', () => {
    expect(() => Calibrator.fit([{ deviations: -1, touched: true }], 1)).toThrow(Figure.InvalidFigureError)
    const endless = [3, 1, Number.POSITIVE_INFINITY, 2].map((deviations) => ({ deviations, touched: true }))
    expect(() => Calibrator.fit(endless, 1)).toThrow(Figure.InvalidFigureError)
    for (const groups of [0, 1.5]) expect(() => Calibrator.fit([], groups)).toThrow(Figure.InvalidFigureError)
  })
})
