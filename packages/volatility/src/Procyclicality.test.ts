import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Procyclicality } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const series = fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 2, maxLength: 40 })

describe('of', () => {
  test('worked example', () => {
    const margins = [0.1, 0.2, 0.3, 0.15]
    const found = Procyclicality.of({ margins, losses: [0.2, 0.2, 0, 0], days: 2 })
    expect(found.peakToTrough).toBeCloseTo(3, 12)
    expect(found.largestCall).toBeCloseTo(0.2, 12)
    expect(found).toMatchObject({ calledAt: 2, breaches: 0.25 })
    expect(found.mean).toBeCloseTo(0.1875, 12)
  })
  test('edge: a loss equal to its margin is held; a margin that only falls calls nothing', () => {
    expect(Procyclicality.of({ margins: [2, 1], losses: [2, 1], days: 5 })).toEqual({
      peakToTrough: 2,
      largestCall: 0,
      calledAt: 0,
      mean: 1.5,
      breaches: 0,
    })
  })
  test('edge: a rise that takes longer than the days is called in parts; one that came and went was called all the same', () => {
    expect(Procyclicality.of({ margins: [1, 2, 3, 4], losses: [0, 0, 0, 0], days: 1 }).largestCall).toBe(1)
    expect(Procyclicality.of({ margins: [1, 2, 3, 4], losses: [0, 0, 0, 0], days: 2 }).largestCall).toBe(2)
    expect(Procyclicality.of({ margins: [1, 5, 1, 1], losses: [0, 0, 0, 0], days: 3 })).toMatchObject({ largestCall: 4, calledAt: 1 })
  })
  test('edge: of calls that tie, the first is told', () => {
    expect(Procyclicality.of({ margins: [1, 2, 1, 2], losses: [0, 0, 0, 0], days: 1 })).toMatchObject({ largestCall: 1, calledAt: 1 })
  })
  test('property: no pair within the days rises by more; margins × k scale what is in money alone', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 6 }), (margins, days) => {
        const losses = margins.map(() => 0.5)
        const found = Procyclicality.of({ margins, losses, days })
        let most = 0
        margins.forEach((m, s) => {
          for (const later of margins.slice(s + 1, s + days + 1)) most = Math.max(most, later - m)
        })
        expect(found.largestCall).toBe(most)
        expect(found.peakToTrough).toBe(Math.max(...margins) / Math.min(...margins))
        const four = Procyclicality.of({ margins: margins.map((m) => 4 * m), losses: losses.map((loss) => 4 * loss), days })
        expect(four).toEqual({ ...found, largestCall: 4 * found.largestCall, mean: 4 * found.mean })
      }),
      { numRuns },
    )
  })
  test.each([
    ['one margin', [1], [1], 1],
    ['a loss too few', [1, 1], [1], 1],
    ['a loss too many', [1, 1], [1, 1, 1], 1],
    ['no days', [1, 1], [1, 1], 0],
    ['half a day', [1, 1], [1, 1], 0.5],
    ['a margin of zero', [1, 0], [1, 1], 1],
    ['a margin without bound', [1, Number.POSITIVE_INFINITY], [1, 1], 1],
    ['a margin that is no number', [Number.NaN, 1], [1, 1], 1],
    ['a loss that is no number', [1, 1], [1, Number.NaN], 1],
  ])('error: %s', (_, margins, losses, days) => {
    expect(() => Procyclicality.of({ margins, losses, days })).toThrow(
      expect.objectContaining({ name: 'Procyclicality.InvalidMarginsError', code: 'MARGINS_INVALID' }),
    )
  })
})

describe('damp', () => {
  test('worked example: up at once, down by a tenth a day, the floor holds', () => {
    const damped = Procyclicality.damp({ margins: [1, 2, 1, 1, 1], floors: [0, 0, 0, 1.7, 0], fallPpm: 100_000 })
    expect(Array.from(damped, (m) => Math.round(m * 1e9) / 1e9)).toEqual([1, 2, 1.8, 1.7, 1.53])
  })
  test('property: never below the margin or the floor, never falls faster, and no higher than it must be', () => {
    fc.assert(
      fc.property(
        series,
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        (margins, fallPpm, floor) => {
          const damped = Procyclicality.damp({ margins, floors: margins.map(() => floor), fallPpm })
          margins.forEach((m, t) => {
            const least = Math.max(m, floor, (damped[t - 1] ?? 0) * (1 - fallPpm / 1e6))
            expect(damped[t]).toBe(least)
          })
        },
      ),
      { numRuns },
    )
  })
  test('edge: no fall at all, and no damping', () => {
    expect(Array.from(Procyclicality.damp({ margins: [3, 1], floors: [0, 0], fallPpm: 0 }))).toEqual([3, 3])
    expect(Array.from(Procyclicality.damp({ margins: [3, 1], floors: [0, 0], fallPpm: 1_000_000 }))).toEqual([3, 1])
  })
  test('edge: a margin that is missing stays missing', () => {
    expect(Procyclicality.damp({ margins: [3, Number.NaN], floors: [0, 0], fallPpm: 0 })[1]).toBeNaN()
  })
  test.each([-1, 1_000_001, Number.NaN])('error: a fall of %s ppm', (fallPpm) => {
    expect(() => Procyclicality.damp({ margins: [1], floors: [1], fallPpm })).toThrow(Procyclicality.InvalidMarginsError)
  })
  test('error: a floor for every margin', () => {
    expect(() => Procyclicality.damp({ margins: [1], floors: [], fallPpm: 0 })).toThrow(Procyclicality.InvalidMarginsError)
  })
})
