import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Bar, Quantile, Random } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const bar = (low: number, high: number, close = 100): Bar.Bar => ({ closeAt: 0, open: close, high, low, close })

describe('upper', () => {
  test('worked example: of 99 values the 99 % quantile is the greatest; of 199 the second greatest', () => {
    expect(Quantile.upper({ values: Array.from({ length: 99 }, (_, i) => i), levelPpm: 990_000 })).toBe(98)
    expect(Quantile.upper({ values: Array.from({ length: 199 }, (_, i) => i), levelPpm: 990_000 })).toBe(197)
  })
  test('rounding: the rank goes up', () => {
    // (100 + 1)·0.99 = 99.99: the 100th, not the 99th.
    expect(Quantile.upper({ values: Array.from({ length: 100 }, (_, i) => i), levelPpm: 990_000 })).toBe(99)
  })
  test('property: order does not matter, and a greater value never lowers it', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 9, noNaN: true }), { minLength: 9, maxLength: 60 }), fc.nat(), (values, at) => {
        const quantile = Quantile.upper({ values, levelPpm: 900_000 })
        expect(Quantile.upper({ values: [...values].reverse(), levelPpm: 900_000 })).toBe(quantile)
        const worse = values.map((value, i) => (i === at % values.length ? value + 1 : value))
        expect(Quantile.upper({ values: worse, levelPpm: 900_000 })).toBeGreaterThanOrEqual(quantile)
      }),
      { numRuns },
    )
  })
  test('property: a new value exceeds it no more often than 1 − level', () => {
    const random = Random.of(21)
    let breaches = 0
    const trials = 4_000
    for (let i = 0; i < trials; i++) {
      const values = Array.from({ length: 19 }, random.uniform)
      if (random.uniform() > Quantile.upper({ values, levelPpm: 900_000 })) breaches += 1
    }
    // Exactly 2 in 20; standard error 0.0047.
    expect(Math.abs(breaches / trials - 0.1)).toBeLessThan(0.015)
  })
  test('error: 98 values cannot hold 99 %; NaN counts as greater than all', () => {
    const values = new Array<number>(98).fill(1)
    expect(() => Quantile.upper({ values, levelPpm: 990_000 })).toThrow(
      expect.objectContaining({ name: 'Quantile.TooFewScoresError', code: 'QUANTILE_TOO_FEW', needed: 99, had: 98 }),
    )
    expect(() => Quantile.upper({ values: [...values, Number.NaN], levelPpm: 990_000 })).toThrow(Quantile.TooFewScoresError)
  })
  test('error: what is needed goes up', () => {
    expect(() => Quantile.upper({ values: [], levelPpm: 700_000 })).toThrow(expect.objectContaining({ needed: 3 }))
    expect(Quantile.upper({ values: [1, 2, 3], levelPpm: 700_000 })).toBe(3)
  })
  test.each([0, 1_000_000, -1, 0.99])('error: a level of %s ppm', (levelPpm) => {
    expect(() => Quantile.upper({ values: [1], levelPpm })).toThrow(
      expect.objectContaining({ name: 'Quantile.InvalidLevelError', code: 'QUANTILE_LEVEL_INVALID' }),
    )
  })
})

describe('needed', () => {
  test('worked example', () => {
    expect([500_000, 900_000, 990_000, 995_000].map(Quantile.needed)).toEqual([1, 9, 99, 199])
  })
  test('property: so many hold the level, one fewer do not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_000 }), (levelPpm) => {
        const needed = Quantile.needed(levelPpm)
        expect(Quantile.upper({ values: new Float64Array(needed), levelPpm })).toBe(0)
        expect(() => Quantile.upper({ values: new Float64Array(needed - 1), levelPpm })).toThrow(Quantile.TooFewScoresError)
      }),
      { numRuns },
    )
  })
  test.each([0, 1_000_000, 0.5])('error: a level of %s ppm', (levelPpm) => {
    expect(() => Quantile.needed(levelPpm)).toThrow(Quantile.InvalidLevelError)
  })
})

describe('shortfall', () => {
  test('worked example: the mean of the tail, the quantile in it', () => {
    // (9 + 1)·0.8 = 8: the 8th and the 9th.
    expect(Quantile.shortfall({ values: [1, 2, 3, 4, 5, 6, 7, 8, 12], levelPpm: 800_000 })).toBe(10)
  })
  test('edge: of a tail of one it is the quantile', () => {
    expect(Quantile.shortfall({ values: [3, 1, 2], levelPpm: 750_000 })).toBe(3)
  })
  test('edge: values that tie with the quantile below its rank do not dilute it', () => {
    expect(Quantile.shortfall({ values: [1, 1, 1, 1, 2], levelPpm: 600_000 })).toBe(1.5)
  })
  test('property: never below the quantile, never above the worst; scales with the losses', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 9, noNaN: true }), { minLength: 9, maxLength: 60 }), (values) => {
        const shortfall = Quantile.shortfall({ values, levelPpm: 900_000 })
        expect(shortfall).toBeGreaterThanOrEqual(Quantile.upper({ values, levelPpm: 900_000 }))
        expect(shortfall).toBeLessThanOrEqual(Math.max(...values) + 1e-12)
        expect(Quantile.shortfall({ values: values.map((value) => 2 * value), levelPpm: 900_000 })).toBe(2 * shortfall)
      }),
      { numRuns },
    )
  })
  test('error: too few', () => {
    expect(() => Quantile.shortfall({ values: [1], levelPpm: 900_000 })).toThrow(Quantile.TooFewScoresError)
  })
})

describe('endLoss', () => {
  const bars = [bar(1, 999, 100), bar(50, 200, 90), bar(50, 200, 120)]
  test('worked example: the last close alone counts', () => {
    expect(Quantile.endLoss({ bars, index: 0, steps: 1 })).toEqual({ long: -Math.log(0.9), short: 0 })
    expect(Quantile.endLoss({ bars, index: 0, steps: 2 })).toEqual({ long: 0, short: Math.log(1.2) })
  })
  test('property: never more than the worst path', () => {
    for (const steps of [1, 2]) {
      const [end, path] = [Quantile.endLoss({ bars, index: 0, steps }), Quantile.pathLoss({ bars, index: 0, steps })]
      expect(end.long).toBeLessThanOrEqual(path.long)
      expect(end.short).toBeLessThanOrEqual(path.short)
    }
  })
  test('error: the series ends before the horizon, or there is none', () => {
    expect(() => Quantile.endLoss({ bars, index: 1, steps: 2 })).toThrow(
      expect.objectContaining({ code: 'QUANTILE_TOO_FEW', needed: 4, had: 3 }),
    )
    expect(() => Quantile.endLoss({ bars, index: 1, steps: 0 })).toThrow(Quantile.TooFewScoresError)
    expect(() => Quantile.endLoss({ bars, index: 9, steps: -8 })).toThrow(Quantile.TooFewScoresError)
  })
})

describe('pathLoss', () => {
  const bars = [bar(1, 999), bar(90, 101), bar(95, 120), bar(50, 500)]
  test('worked example: the worst of the bars after the origin, not of the origin itself nor after the horizon', () => {
    expect(Quantile.pathLoss({ bars, index: 0, steps: 2 })).toEqual({ long: Math.log(100 / 90), short: Math.log(1.2) })
  })
  test('edge: a price that only rises costs a long nothing', () => {
    expect(Quantile.pathLoss({ bars: [bar(100, 100), bar(101, 103)], index: 0, steps: 1 }).long).toBe(0)
  })
  test('property: a longer horizon never loses less', () => {
    const one = Quantile.pathLoss({ bars, index: 0, steps: 1 })
    const three = Quantile.pathLoss({ bars, index: 0, steps: 3 })
    expect(three.long).toBeGreaterThan(one.long)
    expect(three.short).toBeGreaterThan(one.short)
  })
  test('error: the series ends before the horizon', () => {
    expect(() => Quantile.pathLoss({ bars, index: 0, steps: 4 })).toThrow(Quantile.TooFewScoresError)
    expect(() => Quantile.pathLoss({ bars, index: 1, steps: 0 })).toThrow(Quantile.TooFewScoresError)
    expect(() => Quantile.pathLoss({ bars: [], index: 0, steps: 1 })).toThrow(Quantile.TooFewScoresError)
  })
})

describe('calibrate', () => {
  test('worked example, per side', () => {
    const losses = [1, 2, 3, 4].map((k) => ({ long: k, short: 2 * k }))
    expect(Quantile.calibrate({ losses, variances: [4, 4, 4, 4], levelPpm: 500_000, window: 99 })).toEqual({ long: 1.5, short: 3 })
  })
  test('rolling: only the newest scores count', () => {
    const losses = [9, 9, 1, 1, 1].map((k) => ({ long: k, short: k }))
    expect(Quantile.calibrate({ losses, variances: [1, 1, 1, 1, 1], levelPpm: 700_000, window: 3 })).toEqual({ long: 1, short: 1 })
  })
  test('recovers the reflection principle: the 99 % worst path of a Brownian motion is 2.576 σ√h', () => {
    const random = Random.of(33)
    const losses = Array.from({ length: 4_000 }, () => {
      let [x, low, high] = [0, 0, 0]
      for (let k = 0; k < 400; k++) {
        x += random.normal() / 20
        if (x < low) low = x
        if (x > high) high = x
      }
      return { long: -low, short: high }
    })
    const k = Quantile.calibrate({ losses, variances: losses.map(() => 1), levelPpm: 990_000, window: 4_000 })
    // Standard error of the order statistic ≈ 0.06; 400 steps miss ≈ 0.03 of the maximum.
    expect(Math.abs(k.long - 2.546)).toBeLessThan(0.2)
    expect(Math.abs(k.short - 2.546)).toBeLessThan(0.2)
  })
  test('error: a variance for every loss; NaN or zero is refused or counts as worst', () => {
    expect(() => Quantile.calibrate({ losses: [{ long: 1, short: 1 }], variances: [], levelPpm: 500_000, window: 1 })).toThrow(
      Quantile.TooFewScoresError,
    )
    expect(() => Quantile.calibrate({ losses: [{ long: 1, short: 1 }], variances: [Number.NaN], levelPpm: 500_000, window: 1 })).toThrow(
      Quantile.TooFewScoresError,
    )
  })
})

describe('throughTheCycle', () => {
  test('worked example', () => {
    const bars = Array.from({ length: 100 }, (_, i) => bar(i === 50 ? 80 : 99, 101))
    expect(Quantile.throughTheCycle({ bars, steps: 1, levelPpm: 990_000 }).long).toBe(Math.log(100 / 80))
    expect(Quantile.throughTheCycle({ bars, steps: 1, levelPpm: 980_000 }).long).toBe(Math.log(100 / 99))
  })
  test('error: too short', () => {
    expect(() => Quantile.throughTheCycle({ bars: [bar(1, 2)], steps: 1, levelPpm: 990_000 })).toThrow(Quantile.TooFewScoresError)
  })
})

describe('simple', () => {
  test('worked example: 10 % down and up in logs', () => {
    expect(Quantile.simple({ long: 0.1, short: 0.1 })).toEqual({ longPpm: 95_163, shortPpm: 105_171 })
  })
  test('rounding: never below the real figure', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 2, noNaN: true }), (q) => {
        const { longPpm, shortPpm } = Quantile.simple({ long: q, short: q })
        expect(longPpm / 1e6).toBeGreaterThanOrEqual(-Math.expm1(-q))
        expect(shortPpm / 1e6).toBeGreaterThanOrEqual(Math.expm1(q))
        expect(longPpm).toBeLessThanOrEqual(Math.ceil(-Math.expm1(-q) * 1e6) + 1)
      }),
      { numRuns },
    )
  })
  test('rounding: an exact figure gains one unit, so that float error never loses one', () => {
    expect([0.05, 0.25, 1].map(Quantile.ppmUp)).toEqual([50_001, 250_001, 1_000_001])
    expect(Quantile.ppmUp(0.1234561)).toBe(123_457)
  })
  test('edge: nothing lost is nothing; a long never loses more than everything', () => {
    expect(Quantile.simple({ long: 0, short: 0 })).toEqual({ longPpm: 0, shortPpm: 0 })
    expect(Quantile.simple({ long: 50, short: 0 }).longPpm).toBe(1_000_000)
  })
  test.each([-1e-9, Number.NaN, Number.POSITIVE_INFINITY])('error: a loss of %s', (loss) => {
    const invalid = expect.objectContaining({ name: 'Quantile.InvalidLossError', code: 'QUANTILE_LOSS_INVALID' })
    expect(() => Quantile.simple({ long: loss, short: 0 })).toThrow(invalid)
    expect(() => Quantile.simple({ long: 0, short: loss })).toThrow(invalid)
  })
  test('error: a short loss too great for an integer', () => {
    expect(() => Quantile.simple({ long: 0, short: 40 })).toThrow(Quantile.InvalidLossError)
  })
})
