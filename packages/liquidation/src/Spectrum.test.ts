import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Spectrum from './Spectrum.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

describe('radius', () => {
  test('worked example: a diagonal, a loop of two, a chain without one', () => {
    expect(
      Spectrum.radius([
        [0.2, 0],
        [0, 0.7],
      ]),
    ).toBeCloseTo(0.7, 12)
    expect(
      Spectrum.radius([
        [0, 2],
        [0.5, 0],
      ]),
    ).toBeCloseTo(1, 12)
    expect(
      Spectrum.radius([
        [0, 5],
        [0, 0],
      ]),
    ).toBe(0)
    expect(
      Spectrum.radius([
        [1, 1],
        [1, 1],
      ]),
    ).toBeCloseTo(2, 12)
    expect(Spectrum.radius([])).toBe(0)
  })

  test('property: between the least and the greatest row sum of a non-negative matrix, and scaled with it', () => {
    const value = fc.double({ min: 0, max: 2, noNaN: true })
    fc.assert(
      fc.property(fc.array(fc.array(value, { minLength: 3, maxLength: 3 }), { minLength: 3, maxLength: 3 }), (matrix) => {
        const rows = matrix.map((row) => row.reduce((a, b) => a + b, 0))
        const radius = Spectrum.radius(matrix)
        expect(radius).toBeGreaterThanOrEqual(Math.min(...rows) - 1e-9)
        expect(radius).toBeLessThanOrEqual(Math.max(...rows) + 1e-9)
        expect(Spectrum.radius(matrix.map((row) => row.map((each) => 3 * each)))).toBeCloseTo(3 * radius, 7)
      }),
      { numRuns: Math.ceil(numRuns / 5) },
    )
  })
})
