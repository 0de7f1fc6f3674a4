import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Bins } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const point = (x: number, bad: boolean, weight: number): Bins.Point => ({ x, bad, weight })
const options = { direction: 'bad' as const, most: 4, least: 1, shrink: 1 }

describe('fit', () => {
  test('worked example: 2 of 10 bad at 0, 8 of 10 at 1: WOE ±1.22 with one outcome of a half added', () => {
    const bins = Bins.fit([point(0, true, 2), point(0, false, 8), point(1, true, 8), point(1, false, 2)], options)
    expect(bins.map(({ from, good, bad }) => [from, good, bad])).toEqual([
      [0, 8, 2],
      [1, 2, 8],
    ])
    expect(bins[0]?.woe).toBeCloseTo(Math.log(2.5 / 8.5), 12)
    expect(bins[1]?.woe).toBeCloseTo(Math.log(8.5 / 2.5), 12)
  })

  test('worked example: a step against the sign is pooled away', () => {
    const against = [point(0, true, 8), point(0, false, 2), point(1, true, 2), point(1, false, 8)]
    expect(Bins.fit(against, options)).toHaveLength(1)
    expect(Bins.fit(against, { ...options, direction: 'good' })).toHaveLength(2)
  })

  test('edge: a bin below the least weight joins its neighbour, one at it stands', () => {
    const list = [point(0, false, 9), point(5, true, 3)]
    expect(Bins.fit(list, { ...options, least: 3 })).toHaveLength(2)
    expect(Bins.fit(list, { ...options, least: 3.5 })).toHaveLength(1)
  })

  test('edge: nothing at all is no bin, one value is one without evidence', () => {
    expect(Bins.fit([], options)).toEqual([])
    expect(Bins.fit([point(7, true, 1), point(7, false, 1)], options).map(({ from, woe }) => [from, woe])).toEqual([[0, 0]])
  })

  test('property: from 0, ascending, never against the sign, every outcome in one bin', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ x: fc.nat(30), bad: fc.boolean(), weight: fc.integer({ min: 1, max: 5 }) }), { minLength: 1, maxLength: 60 }),
        fc.constantFrom('good' as const, 'bad' as const),
        (points, direction) => {
          const bins = Bins.fit(points, { direction, most: 6, least: 3, shrink: 2 })
          expect(bins[0]?.from).toBe(0)
          expect(bins.reduce((sum, { good, bad }) => sum + good + bad, 0)).toBe(points.reduce((sum, { weight }) => sum + weight, 0))
          for (const [i, bin] of bins.slice(1).entries()) {
            const before = bins[i]
            expect(bin.from).toBeGreaterThan(before?.from ?? Infinity)
            if (direction === 'bad') expect(bin.woe).toBeGreaterThan(before?.woe ?? Infinity)
            else expect(bin.woe).toBeLessThan(before?.woe ?? -Infinity)
          }
        },
      ),
      { numRuns },
    )
  })
})

describe('conjugate', () => {
  test('worked example: with half an outcome held, one bad trebles the odds and one good thirds them', () => {
    expect(Bins.conjugate([0, 1_000_000], 'good', 0.5).map(({ woe }) => woe)).toEqual([-0, -Math.log(3)])
    expect(Bins.conjugate([0, 1, 1_000_000], 'bad', 0.5).map(({ woe }) => woe)[1]).toBe(Math.log(3))
  })

  test('rounding: a good count at its lower edge, a bad one at its upper, beyond the last at twice it', () => {
    const edges = [0, 2_000_000, 4_000_000]
    expect(Bins.conjugate(edges, 'good', 1).map(({ woe }) => Math.round(Math.exp(-woe)))).toEqual([1, 3, 5])
    expect(Bins.conjugate(edges, 'bad', 1).map(({ woe }) => Math.round(Math.exp(woe)))).toEqual([1, 5, 9])
  })
})

describe('at', () => {
  test('edge: a bin begins at its edge; without bins there is no evidence', () => {
    const bins = Bins.conjugate([0, 10, 20], 'good', 1)
    expect([0, 9, 10, 19, 20, 99].map((x) => Bins.at(bins, x).from)).toEqual([0, 0, 10, 10, 20, 20])
    expect(Bins.at([], 3).woe).toBe(0)
  })
})
