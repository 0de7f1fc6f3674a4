import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Minimum } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const valley = ([x = 0, y = 0]: readonly number[]): Minimum.Slope => ({
  value: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
  gradient: [-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)],
})

describe('of', () => {
  test("worked example: Rosenbrock's valley ends at (1, 1)", () => {
    const found = Minimum.of({ start: [-1.2, 1], objective: valley, tolerance: 1e-8, limit: 200 })
    expect(found.ended).toBe('gradient')
    expect(found.slope).toBeLessThanOrEqual(1e-8)
    expect(found.iterations).toBeLessThan(60)
    for (const x of found.at) expect(x).toBeCloseTo(1, 7)
    expect(found.value).toBeCloseTo(0, 14)
  })
  test('property: finds the bottom of any bowl, whatever its axes, the same one twice', () => {
    const axis = fc.double({ min: 0.01, max: 100, noNaN: true })
    const place = fc.double({ min: -10, max: 10, noNaN: true })
    fc.assert(
      fc.property(axis, axis, fc.double({ min: -0.9, max: 0.9, noNaN: true }), place, place, (a, c, tilt, x0, y0) => {
        const b = tilt * Math.sqrt(a * c)
        const objective = ([x = 0, y = 0]: readonly number[]): Minimum.Slope => ({
          value: (a * (x - x0) ** 2 + c * (y - y0) ** 2) / 2 + b * (x - x0) * (y - y0),
          gradient: [a * (x - x0) + b * (y - y0), c * (y - y0) + b * (x - x0)],
        })
        const args = { start: [0, 0], objective, tolerance: 1e-7, limit: 100 }
        const found = Minimum.of(args)
        expect(found.ended).toBe('gradient')
        expect(Math.abs((found.at[0] ?? 0) - x0)).toBeLessThan(2e-3)
        expect(Math.abs((found.at[1] ?? 0) - y0)).toBeLessThan(2e-3)
        expect(Minimum.of(args)).toEqual(found)
      }),
      { numRuns },
    )
  })
  test('edge: begins where it ends', () => {
    expect(Minimum.of({ start: [1, 1], objective: valley, tolerance: 0, limit: 9 })).toMatchObject({
      at: [1, 1],
      iterations: 0,
      ended: 'gradient',
    })
  })
  test('edge: a point outside the domain is stepped back from', () => {
    const objective = ([x = 0]: readonly number[]): Minimum.Slope => ({ value: x - Math.log(x), gradient: [1 - 1 / x] })
    expect(Minimum.of({ start: [50], objective, tolerance: 1e-10, limit: 100 }).at[0]).toBeCloseTo(1, 9)
    expect(Minimum.of({ start: [0.001], objective, tolerance: 1e-10, limit: 100 }).at[0]).toBeCloseTo(1, 9)
  })
  test('edge: says when its iterations ran out, and when no step improves', () => {
    expect(Minimum.of({ start: [-1.2, 1], objective: valley, tolerance: 1e-8, limit: 3 })).toMatchObject({ iterations: 3, ended: 'limit' })
    const kink = ([x = 0]: readonly number[]): Minimum.Slope => ({ value: Math.abs(x), gradient: [1] })
    expect(Minimum.of({ start: [0], objective: kink, tolerance: 1e-8, limit: 9 })).toMatchObject({ at: [0], ended: 'step' })
  })
  test('error: a start without a value', () => {
    const invalid = expect.objectContaining({ name: 'Minimum.InvalidStartError', code: 'MINIMUM_START_INVALID' })
    const log = ([x = 0]: readonly number[]): Minimum.Slope => ({ value: Math.log(x), gradient: [1 / x] })
    expect(() => Minimum.of({ start: [-1], objective: log, tolerance: 0, limit: 1 })).toThrow(invalid)
    expect(() => Minimum.of({ start: [], objective: () => ({ value: 0, gradient: [] }), tolerance: 0, limit: 1 })).toThrow(invalid)
    expect(() => Minimum.of({ start: [1], objective: () => ({ value: 0, gradient: [Number.NaN] }), tolerance: 0, limit: 1 })).toThrow(
      invalid,
    )
    expect(() => Minimum.of({ start: [1], objective: () => ({ value: 0, gradient: [0, 0] }), tolerance: 0, limit: 1 })).toThrow(invalid)
  })
})
