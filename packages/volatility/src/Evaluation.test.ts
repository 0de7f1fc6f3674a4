import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Evaluation } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const positive = fc.double({ min: 1e-6, max: 1e6, noNaN: true })

describe('qlike', () => {
  test('worked example', () => {
    expect(Evaluation.qlike({ realised: [Math.E, 1], forecast: [1, 1] })).toBeCloseTo((Math.E - 2) / 2, 14)
  })
  test('property: never negative, zero only when right, blind to the unit', () => {
    fc.assert(
      fc.property(positive, positive, (y, f) => {
        const loss = Evaluation.qlike({ realised: [y], forecast: [f] })
        expect(loss).toBeGreaterThanOrEqual(-1e-12)
        if (Math.abs(y / f - 1) > 1e-3) expect(loss).toBeGreaterThan(0)
        expect(Evaluation.qlike({ realised: [8 * y], forecast: [8 * f] })).toBe(loss)
      }),
      { numRuns },
    )
  })
  test('too low costs more than too high by the same factor', () => {
    expect(Evaluation.qlike({ realised: [1], forecast: [0.5] })).toBeGreaterThan(Evaluation.qlike({ realised: [1], forecast: [2] }))
  })
  test('error: not one to one', () => {
    const unequal = expect.objectContaining({ name: 'Evaluation.UnequalError', code: 'EVALUATION_UNEQUAL' })
    expect(() => Evaluation.qlike({ realised: [1], forecast: [] })).toThrow(unequal)
    expect(() => Evaluation.qlike({ realised: [], forecast: [] })).toThrow(unequal)
  })
})

describe('qlikes', () => {
  test('worked example: half and double', () => {
    const [half, double] = Evaluation.qlikes({ realised: [1, 2], forecast: [2, 1] })
    expect(half).toBeCloseTo(Math.LN2 - 0.5, 14)
    expect(double).toBeCloseTo(1 - Math.LN2, 14)
  })
  test('edge: a forecast that is missing or zero is never a good one', () => {
    expect(Evaluation.qlikes({ realised: [1], forecast: [Number.NaN] })[0]).toBeNaN()
    expect(Evaluation.qlikes({ realised: [1], forecast: [0] })[0]).not.toBeLessThan(Number.POSITIVE_INFINITY)
  })
  test('error: not one to one', () => {
    expect(() => Evaluation.qlikes({ realised: [1], forecast: [1, 2] })).toThrow(Evaluation.UnequalError)
  })
})

describe('mseLog', () => {
  test('worked example', () => {
    expect(Evaluation.mseLog({ realised: [Math.E ** 3, 1], forecast: [1, Math.E] })).toBeCloseTo(5, 13)
  })
  test('property: blind to the unit, and to which of the two is greater', () => {
    fc.assert(
      fc.property(positive, positive, (y, f) => {
        const loss = Evaluation.mseLog({ realised: [y], forecast: [f] })
        expect(Evaluation.mseLog({ realised: [8 * y], forecast: [8 * f] })).toBe(loss)
        expect(Evaluation.mseLog({ realised: [f], forecast: [y] })).toBeCloseTo(loss, 9)
      }),
      { numRuns },
    )
  })
  test('error: not one to one', () => {
    expect(() => Evaluation.mseLog({ realised: [1], forecast: [] })).toThrow(Evaluation.UnequalError)
  })
})

describe('mincerZarnowitz', () => {
  test('worked example: half of the variation is explained', () => {
    // f = 1, 3; deviations −1, 1 twice: Σff = 4, Σyf = 4, Σyy = 8.
    const { intercept, slope, rSquared } = Evaluation.mincerZarnowitz({ realised: [1, 3, 5, 3], forecast: [1, 1, 3, 3] })
    expect([intercept, slope, rSquared]).toEqual([1, 1, 0.5])
  })
  test('dimension: variances × k change the intercept alone, however small', () => {
    const [realised, forecast] = [
      [1, 3, 5, 4],
      [2, 2, 4, 3],
    ]
    const one = Evaluation.mincerZarnowitz({ realised, forecast })
    const small = Evaluation.mincerZarnowitz({ realised: realised.map((y) => y * 2 ** -40), forecast: forecast.map((f) => f * 2 ** -40) })
    expect(small).toEqual({ ...one, intercept: one.intercept * 2 ** -40 })
  })
  test('edge: an outcome that never varies leaves nothing to explain', () => {
    expect(Evaluation.mincerZarnowitz({ realised: [2, 2], forecast: [1, 3] })).toEqual({ intercept: 2, slope: 0, rSquared: Number.NaN })
  })
  test('error: a forecast that never varies, and what is not finite', () => {
    expect(() => Evaluation.mincerZarnowitz({ realised: [1, 2], forecast: [3, 3] })).toThrow(
      expect.objectContaining({ code: 'REGRESSION_SINGULAR', column: 1 }),
    )
    expect(() => Evaluation.mincerZarnowitz({ realised: [1, Number.NaN], forecast: [1, 3] })).toThrow(
      expect.objectContaining({ code: 'REGRESSION_SHAPE' }),
    )
    expect(() => Evaluation.mincerZarnowitz({ realised: [1], forecast: [1, 3] })).toThrow(Evaluation.UnequalError)
  })
})

describe('pinball', () => {
  test('worked example: a breach costs the level, a margin too high what is left of one', () => {
    expect(Evaluation.pinball({ losses: [3], quantiles: [1], levelPpm: 750_000 })).toBe(1.5)
    expect(Evaluation.pinball({ losses: [1], quantiles: [3], levelPpm: 750_000 })).toBe(0.5)
    expect(Evaluation.pinball({ losses: [2], quantiles: [2], levelPpm: 750_000 })).toBe(0)
  })
  test('property: no constant does better than a quantile of the sample', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 9, noNaN: true }), { minLength: 4, maxLength: 40 }),
        fc.double({ min: -1, max: 10, noNaN: true }),
        (losses, other) => {
          const cost = (q: number): number => Evaluation.pinball({ losses, quantiles: losses.map(() => q), levelPpm: 750_000 })
          const sorted = [...losses].sort((a, b) => a - b)
          expect(cost(sorted[Math.ceil(0.75 * losses.length) - 1] ?? Number.NaN)).toBeLessThanOrEqual(cost(other) + 1e-12)
        },
      ),
      { numRuns },
    )
  })
  test('error: not one to one', () => {
    expect(() => Evaluation.pinball({ losses: [1], quantiles: [], levelPpm: 1 })).toThrow(Evaluation.UnequalError)
  })
})

describe('across', () => {
  test('worked example: the mean of what was observed together, in order of time', () => {
    expect(Evaluation.across({ values: [9, 1, 3, 2], at: [20, 10, 10, 10] })).toEqual({ at: [10, 20], means: [2, 9] })
  })
  test('edge: a value that is missing stays missing', () => {
    expect(Evaluation.across({ values: [1, Number.NaN], at: [5, 5] }).means).toEqual([Number.NaN])
  })
  test('error: a time for every value', () => {
    expect(() => Evaluation.across({ values: [1], at: [] })).toThrow(Evaluation.UnequalError)
  })
})

describe('withoutWorst', () => {
  const day = 86_400
  test('worked example: the worst day goes for every asset, however its own loss was', () => {
    // Day 1 has the greatest mean (5.5) though day 0 has the greatest loss (6, mean 3).
    expect(Evaluation.withoutWorst({ losses: [6, 0, 5, 6, 1], at: [0, day - 1, day, 2 * day - 1, 2 * day], sharePpm: 2_500 })).toEqual([
      0, 1, 4,
    ])
  })
  test('rounding: the number of days goes up; none is none', () => {
    const losses = Array.from({ length: 401 }, (_, i) => i)
    const at = losses.map((i) => i * day)
    expect(Evaluation.withoutWorst({ losses, at, sharePpm: 2_500 })).toHaveLength(399)
    expect(Evaluation.withoutWorst({ losses: losses.slice(1), at: at.slice(1), sharePpm: 2_500 })).toHaveLength(399)
    expect(Evaluation.withoutWorst({ losses, at, sharePpm: 0 })).toHaveLength(401)
  })
  test('edge: of days that tie, the earlier goes', () => {
    expect(Evaluation.withoutWorst({ losses: [1, 1, 1], at: [2 * day, 0, day], sharePpm: 1 })).toEqual([0, 2])
  })
  test('error: a time for every loss', () => {
    expect(() => Evaluation.withoutWorst({ losses: [1, 2], at: [0], sharePpm: 1 })).toThrow(Evaluation.UnequalError)
  })
})

describe('exceedance', () => {
  test('edge: a loss equal to its quantile is held', () => {
    expect(Evaluation.exceedance({ losses: [2], quantiles: [2] }).count).toBe(0)
    expect(Evaluation.exceedance({ losses: [2.000001], quantiles: [2] }).count).toBe(1)
  })
  test('rounding: the rate goes up', () => {
    expect(Evaluation.exceedance({ losses: [1, 0, 0], quantiles: [0, 0, 0] }).ppm).toBe(333_334)
  })
  test('error: not one to one', () => {
    expect(() => Evaluation.exceedance({ losses: [1], quantiles: [] })).toThrow(Evaluation.UnequalError)
    expect(() => Evaluation.exceedance({ losses: [], quantiles: [] })).toThrow(Evaluation.UnequalError)
  })
})
