import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Bootstrap, Random } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const day = 86_400

describe('starts', () => {
  test('property: enough blocks for every step, each within the series', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), fc.nat(), (a, b, seed) => {
        const [length, block] = [Math.max(a, b), Math.min(a, b)]
        const starts = Bootstrap.starts({ random: Random.of(seed), length, block })
        expect(starts.length * block).toBeGreaterThanOrEqual(length)
        expect((starts.length - 1) * block).toBeLessThan(length)
        for (const start of starts) expect(start).toBeLessThan(length)
      }),
      { numRuns },
    )
  })
  test('property: every step begins a block as often as any other', () => {
    const random = Random.of(1)
    const counts = new Array<number>(5).fill(0)
    for (let i = 0; i < 4_000; i++)
      for (const start of Bootstrap.starts({ random, length: 5, block: 5 })) counts[start] = (counts[start] ?? 0) + 1
    for (const count of counts) expect(Math.abs(count - 800)).toBeLessThan(120)
  })
  test.each([0, 6, 1.5, Number.NaN])('error: a block of %s', (block) => {
    expect(() => Bootstrap.starts({ random: Random.of(1), length: 5, block })).toThrow(
      expect.objectContaining({ name: 'Bootstrap.InvalidBlockError', code: 'BOOTSTRAP_BLOCK_INVALID', length: 5 }),
    )
  })
})

describe('interval', () => {
  const args = { block: 1, draws: 400, levelPpm: 900_000 }
  test('worked example: two days, one with two values: every resample is one of three', () => {
    // Day 0 sums to 0 over 1, day 1 to 12 over 2: means 0/2, 12/3 and 24/4.
    const { mean, low, high } = Bootstrap.interval({ random: Random.of(3), values: [0, 6, 6], at: [5, day, day + 9], ...args })
    expect({ mean, low, high }).toEqual({ mean: 4, low: 0, high: 6 })
  })
  test('worked example: a block as long as the series only turns it', () => {
    const { mean, low, high } = Bootstrap.interval({ random: Random.of(3), values: [1, 2, 6], at: [0, day, 2 * day], ...args, block: 3 })
    expect({ mean, low, high }).toEqual({ mean: 3, low: 3, high: 3 })
  })
  test('property: the order in which a panel comes does not matter, blocks run in order of time', () => {
    const random = Random.of(10)
    const pairs = Array.from({ length: 60 }, (_, t) => ({ at: t * day, value: t + random.normal() }))
    const of = (panel: typeof pairs) =>
      Bootstrap.interval({
        random: Random.of(5),
        values: panel.map(({ value }) => value),
        at: panel.map(({ at }) => at),
        ...args,
        block: 6,
      })
    const order = Array.from(random.permutation(60), (i) => pairs[i] ?? { at: 0, value: 0 })
    const [a, b] = [of(order), of(pairs)]
    expect(a.low).toBeCloseTo(b.low, 9)
    expect(a.high).toBeCloseTo(b.high, 9)
  })
  test('rounding: half a ppm goes outward', () => {
    const random = Random.of(11)
    const values = Array.from({ length: 30 }, random.normal)
    const of = (levelPpm: number) =>
      Bootstrap.interval({ random: Random.of(5), values, at: values.map((_, t) => t * day), block: 1, draws: 399, levelPpm })
    expect(of(900_001)).toEqual(of(900_002))
    expect(of(900_001).high).toBeGreaterThan(of(900_000).high)
    expect(of(900_001).low).toBeLessThan(of(900_000).low)
  })
  test('property: the same seed gives the same interval; a higher level holds a lower one', () => {
    const random = Random.of(4)
    const values = Array.from({ length: 90 }, random.normal)
    const at = values.map((_, i) => i * day)
    const of = (levelPpm: number) => Bootstrap.interval({ random: Random.of(5), values, at, block: 3, draws: 400, levelPpm })
    expect(of(900_000)).toEqual(of(900_000))
    expect(of(950_000).low).toBeLessThanOrEqual(of(900_000).low)
    expect(of(950_000).high).toBeGreaterThanOrEqual(of(900_000).high)
  })
  test('property: it holds the truth about as often as it says', () => {
    const random = Random.of(6)
    let held = 0
    for (let i = 0; i < 300; i++) {
      const values = Array.from({ length: 100 }, random.normal)
      const { low, high } = Bootstrap.interval({ random, values, at: values.map((_, t) => t * day), ...args })
      if (low <= 0 && 0 <= high) held += 1
    }
    // Standard error 0.017; percentiles of a mean of 100 fall a little short.
    expect(Math.abs(held / 300 - 0.9)).toBeLessThan(0.06)
  })
  test('property: assets that fall together are one sample, not ten', () => {
    const random = Random.of(7)
    const days = Array.from({ length: 200 }, random.normal)
    const width = (values: number[], at: number[]): number => {
      const { low, high } = Bootstrap.interval({ random: Random.of(8), values, at, ...args })
      return high - low
    }
    const at = days.flatMap((_, t) => Array.from({ length: 10 }, (_, asset) => t * day + asset))
    const together = width(
      days.flatMap((value) => new Array<number>(10).fill(value)),
      at,
    )
    const apart = width(at.map(random.normal), at)
    expect(
      together /
        width(
          days,
          days.map((_, t) => t * day),
        ),
    ).toBeCloseTo(1, 9)
    expect(together / apart).toBeGreaterThan(2.5)
  })
  test('property: days that remember need blocks', () => {
    const random = Random.of(9)
    let x = 0
    const values = Array.from({ length: 600 }, () => {
      x = 0.9 * x + random.normal()
      return x
    })
    const width = (block: number): number => {
      const { low, high } = Bootstrap.interval({ random: Random.of(8), values, at: values.map((_, t) => t * day), ...args, block })
      return high - low
    }
    expect(width(30) / width(1)).toBeGreaterThan(2)
  })
  test('error: values without times, none at all, too few draws, a block too long', () => {
    const invalid = expect.objectContaining({ code: 'BOOTSTRAP_BLOCK_INVALID' })
    const of = (part: Partial<Bootstrap.interval.Arguments>) => () =>
      Bootstrap.interval({ random: Random.of(1), values: [1], at: [0], ...args, ...part })
    expect(of({})).not.toThrow()
    expect(of({ at: [] })).toThrow(invalid)
    expect(of({ values: [], at: [] })).toThrow(invalid)
    expect(of({ draws: 99 })).toThrow(invalid)
    expect(of({ draws: 100.5 })).toThrow(invalid)
    expect(of({ block: 2 })).toThrow(invalid)
    expect(of({ draws: 100, levelPpm: 999_000 })).toThrow(expect.objectContaining({ code: 'QUANTILE_TOO_FEW' }))
  })
})
