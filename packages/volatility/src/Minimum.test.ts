import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Minimum } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const valley = ([x = 0, y = 0]: readonly number[]): Minimum.Slope => ({
  value: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
  gradient: [-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)],
})

/** A function of one variable by itself and by its slope. */
const line =
  (value: (x: number) => number, slope: (x: number) => number) =>
  ([x = 0]: readonly number[]): Minimum.Slope => ({ value: value(x), gradient: [slope(x)] })

/** Where one step ends. */
const first = (start: number, objective: (x: readonly number[]) => Minimum.Slope) =>
  Minimum.of({ start: [start], objective, tolerance: 0, limit: 1 }).at[0]

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
  test('edge: the first step is the gradient, and is kept when it falls by a ten-thousandth of what it promises', () => {
    // −x + c·x² from 0 promises 1 at 1, and falls by 1 − c.
    const promise = (fall: number) => {
      const c = 1 - fall
      return line(
        (x) => c * x * x - x,
        (x) => 2 * c * x - 1,
      )
    }
    expect(first(0, promise(1.005e-4))).toBe(1)
    expect(first(0, promise(0.995e-4))).toBe(0.5)
    // Across the valley and as high as before is no fall.
    const square = line(
      (x) => x * x,
      (x) => 2 * x,
    )
    expect(first(1, square)).toBe(0)
  })
  test('edge: a step is doubled until the slope has fallen to nine tenths', () => {
    const bowl = (a: number) =>
      line(
        (x) => (a * x * x) / 2,
        (x) => a * x,
      )
    expect(first(10, bowl(0.1))).toBe(9)
    expect(first(1, bowl(0.095))).toBeCloseTo(0.81, 12)
  })
  test('edge: between a step too short and one too long it halves', () => {
    // Flat up to 3, with a wall at 3.5: 1 and 2 are too short, 4 is outside, 3 is still too short by its slope.
    const walled = line(
      (x) => (x >= 3.5 ? Number.NaN : -x + Math.max(0, x - 3) ** 2),
      (x) => -1 + 2 * Math.max(0, x - 3),
    )
    expect(first(0, walled)).toBe(3.25)
  })
  test('dimension: a bowl of 2⁻⁵⁰ of the height has its bottom after two steps', () => {
    const flat = line(
      (x) => 2 ** -51 * x * x,
      (x) => 2 ** -50 * x,
    )
    // Forty-seven doublings to an eighth of the way; the curvature that this shows leads to the bottom.
    expect(Minimum.of({ start: [1], objective: flat, tolerance: 0, limit: 9 })).toMatchObject({ at: [0], iterations: 2 })
  })
  test('edge: a fall without end is followed sixty trials a step', () => {
    const fall = line(
      (x) => -x,
      () => -1,
    )
    expect(Minimum.of({ start: [0], objective: fall, tolerance: 0, limit: 2 })).toMatchObject({ at: [2 ** 60], ended: 'limit' })
  })
  test('edge: a slope that leads no lower, or that no float can square, is no step', () => {
    const ended = (value: number, slope: number) =>
      Minimum.of({
        start: [1],
        objective: line(
          () => value,
          () => slope,
        ),
        tolerance: 0,
        limit: 9,
      })
    expect(ended(1, 1)).toMatchObject({ at: [1], iterations: 0, ended: 'step' })
    expect(ended(1, 1e-200)).toMatchObject({ at: [1], iterations: 0, ended: 'step' })
  })
  test('edge: where what was learnt leads no lower, steepest descent is tried once more', () => {
    // The first step ends in a kink; what it has shown of y then leads up the other side, and the gradient does not.
    const tried: (readonly number[])[] = []
    const kinked =
      (other: number) =>
      ([x = 0, y = 0]: readonly number[]): Minimum.Slope => {
        tried.push([x, y])
        return { value: (x < 0 ? -other * x : x) + 0.75 * y * y - 0.1875, gradient: [x < 0 ? -other : 1, 1.5 * y] }
      }
    const found = Minimum.of({ start: [1, 1], objective: kinked(0.3), tolerance: 0, limit: 3 })
    expect(found).toMatchObject({ at: [-0.5, -0.125], iterations: 3, ended: 'limit' })
    // The start, a step, sixty trials of what was learnt, two of the gradient.
    expect(tried.slice(0, 2)).toEqual([
      [1, 1],
      [0, -0.5],
    ])
    expect(tried.slice(62)).toEqual([
      [-1, 0.25],
      [-0.5, -0.125],
    ])
    // A steeper other side: not even the gradient leads lower.
    expect(Minimum.of({ start: [1, 1], objective: kinked(0.8), tolerance: 0, limit: 9 })).toMatchObject({
      ...{ at: [0, -0.5], iterations: 2, ended: 'step' },
    })
  })
  test('error: a start without a value', () => {
    const invalid = expect.objectContaining({ name: 'Minimum.InvalidStartError', code: 'MINIMUM_START_INVALID' })
    const log = ([x = 0]: readonly number[]): Minimum.Slope => ({ value: Math.log(x), gradient: [1 / x] })
    expect(() => Minimum.of({ start: [-1], objective: log, tolerance: 0, limit: 1 })).toThrow(invalid)
    expect(() => Minimum.of({ start: [], objective: () => ({ value: 0, gradient: [] }), tolerance: 0, limit: 1 })).toThrow(invalid)
    expect(() => Minimum.of({ start: [1], objective: () => ({ value: 0, gradient: [Number.NaN] }), tolerance: 0, limit: 1 })).toThrow(
      invalid,
    )
    expect(() => Minimum.of({ start: [1, 1], objective: () => ({ value: 0, gradient: [0, Number.NaN] }), tolerance: 0, limit: 1 })).toThrow(
      invalid,
    )
    expect(() => Minimum.of({ start: [1], objective: () => ({ value: 0, gradient: [0, 0] }), tolerance: 0, limit: 1 })).toThrow(invalid)
  })
})
