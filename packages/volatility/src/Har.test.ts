import { describe, expect, test } from 'vitest'
import { Har, Random } from './index.ts'

const measures: readonly Har.Measure[] = [
  { variance: 1, down: 1, up: 0, quarticity: 1 },
  { variance: 3, down: 1, up: 2, quarticity: 4 },
  { variance: 5, down: 2, up: 3, quarticity: 9 },
]

describe('regressors', () => {
  test.each([
    ['plain', [3, 2, 3], [5, 4, 3]],
    ['semivariance', [1, 2, 2, 3], [2, 3, 4, 3]],
    ['quarticity', [3, 6, 2, 3], [5, 15, 4, 3]],
  ] as const)('worked example: %s', (form, second, third) => {
    expect(Har.regressors({ measures, windows: [2], form })).toEqual([second.slice(0, -1), third.slice(0, -1)])
    expect(Har.regressors({ measures, windows: [2, 3], form })).toEqual([third])
  })
  test('edge: a series shorter than the longest window has no rows', () => {
    expect(Har.regressors({ measures, windows: [4], form: 'plain' })).toEqual([])
  })
  test('property: a row knows nothing of what comes after it', () => {
    const simulated = Har.simulate({
      random: Random.of(1),
      length: 60,
      windows: [5, 22],
      form: 'plain',
      intercept: 1,
      weights: [0.3, 0.3, 0.2],
      noise: 0.3,
    })
    const whole = Har.regressors({ measures: simulated, windows: [5, 22], form: 'semivariance' })
    for (let cut = 22; cut < 60; cut++)
      expect(Har.regressors({ measures: simulated.slice(0, cut), windows: [5, 22], form: 'semivariance' })).toEqual(
        whole.slice(0, cut - 21),
      )
  })
  test.each([[[]], [[1]], [[3, 2]], [[2, 2]], [[2.5]], [[Number.NaN]]])('error: windows %j', (windows) => {
    expect(() => Har.regressors({ measures, windows, form: 'plain' })).toThrow(
      expect.objectContaining({ name: 'Har.InvalidWindowsError', code: 'HAR_WINDOWS_INVALID' }),
    )
  })
})

describe('fit', () => {
  test.each([
    ['plain', [0.3, 0.3, 0.2], 0.05],
    ['semivariance', [0.5, 0.1, 0.3, 0.2], 0.06],
    ['quarticity', [0.5, -0.2, 0.2, 0.2], 0.05],
  ] as const)('recovers %s from its own simulator', (form, weights, within) => {
    const simulated = Har.simulate({ random: Random.of(5), length: 20_000, windows: [5, 22], form, intercept: 0.2, weights, noise: 0.3 })
    const rows = Har.regressors({ measures: simulated, windows: [5, 22], form })
    const model = Har.fit({ rows: rows.slice(0, -1), targets: simulated.slice(22).map(({ variance }) => variance) })
    expect(Math.abs(model.intercept - 0.2)).toBeLessThan(0.02)
    weights.forEach((weight, k) => {
      expect(Math.abs((model.weights[k] ?? Number.NaN) - weight), `weight ${k}`).toBeLessThan(within)
    })
    expect(model.seen.least).toBeLessThan(model.seen.mean)
  })
  test('worked example: a line through three points, and what was seen', () => {
    const model = Har.fit({ rows: [[0], [1], [2]], targets: [1, 4, 5] })
    expect(model.intercept).toBeCloseTo(4 / 3, 12)
    expect(model.weights[0]).toBeCloseTo(2, 12)
    expect(model.seen.least).toBe(1)
    expect(model.seen.greatest).toBe(5)
    expect(model.seen.mean).toBeCloseTo(10 / 3, 12)
  })
  test('dimension: variances × k give forecasts × k, however small, and quarticity × k² with them', () => {
    const scaled = (k: number): Har.Measure[] => {
      const simulated = Har.simulate({
        random: Random.of(2),
        length: 300,
        windows: [7],
        form: 'quarticity',
        intercept: 0.2,
        weights: [0.5, -0.1, 0.2],
        noise: 0.3,
      })
      return simulated.map(({ variance, down, up, quarticity }) => ({
        variance: k * variance,
        down: k * down,
        up: k * up,
        quarticity: k * k * quarticity,
      }))
    }
    const forecastOf = (series: readonly Har.Measure[]): number => {
      const rows = Har.regressors({ measures: series, windows: [7], form: 'quarticity' })
      const model = Har.fit({ rows: rows.slice(0, -1), targets: series.slice(7).map(({ variance }) => variance) })
      return Har.forecast(model, rows.at(-1) ?? [])
    }
    expect(forecastOf(scaled(1e-6)) / forecastOf(scaled(1))).toBeCloseTo(1e-6, 14)
  })
  test('error: too few rows', () => {
    expect(() => Har.fit({ rows: [[1]], targets: [1] })).toThrow(expect.objectContaining({ code: 'REGRESSION_SHAPE' }))
    expect(() => Har.fit({ rows: [], targets: [] })).toThrow(expect.objectContaining({ code: 'REGRESSION_SHAPE' }))
  })
  test('error: a column that never moves', () => {
    expect(() => Har.fit({ rows: [[0], [0], [0]], targets: [1, 2, 3] })).toThrow(expect.objectContaining({ code: 'REGRESSION_SINGULAR' }))
  })
})

describe('forecast', () => {
  const model: Har.Har = { intercept: 1, weights: [2], seen: { least: 3, greatest: 9, mean: 5 } }
  test('worked example', () => {
    expect(Har.forecast(model, [2])).toBe(5)
    expect(Har.forecast(model, [3])).toBe(7)
  })
  test('edge: the ends of what was seen hold, beyond them the mean', () => {
    expect(Har.forecast(model, [1])).toBe(3)
    expect(Har.forecast(model, [4])).toBe(9)
    expect(Har.forecast(model, [0.9])).toBe(5)
    expect(Har.forecast(model, [4.1])).toBe(5)
    expect(Har.forecast(model, [-99])).toBe(5)
  })
  test('edge: a missing regressor is NaN, never zero', () => {
    expect(Har.forecast(model, [])).toBeNaN()
  })
})

describe('simulate', () => {
  test('worked example: without noise it stands at c / (1 − Σβ)', () => {
    const still = Har.simulate({
      random: Random.of(1),
      length: 5,
      windows: [2],
      form: 'plain',
      intercept: 2,
      weights: [0.25, 0.25],
      noise: 0,
    })
    expect(still).toHaveLength(5)
    for (const { variance, down, up } of still) {
      expect(variance).toBeCloseTo(4, 12)
      expect(down + up).toBeCloseTo(4, 12)
    }
  })
  test.each([
    ['semivariance', [0.125, 0.375, 0.25]],
    ['quarticity', [0.25, 0, 0.25]],
  ] as const)(
    'worked example: so does %s, its weights of falls and rises counted half each, that of the error not at all',
    (form, weights) => {
      const [first] = Har.simulate({ random: Random.of(1), length: 2, windows: [2], form, intercept: 2, weights, noise: 0 })
      expect(first).toEqual({ variance: 4, down: 2, up: 2, quarticity: 16 })
    },
  )
  test('worked example: the first step of HARQ: 2 + (0.25 − 0.01·4)·4 + 0.25·4', () => {
    const measures = Har.simulate({
      random: Random.of(1),
      length: 3,
      windows: [2],
      form: 'quarticity',
      intercept: 2,
      weights: [0.25, -0.01, 0.25],
      noise: 0,
    })
    expect(measures[2]?.variance).toBeCloseTo(3.84, 12)
  })
  test('property: falls and rises are parts of the variance, and its error is of its size, whatever the unit', () => {
    const measures = Har.simulate({
      random: Random.of(3),
      length: 4_000,
      windows: [5],
      form: 'plain',
      intercept: 2e-5,
      weights: [0.3, 0.3],
      noise: 0.4,
    })
    for (const { variance, down, up } of measures) {
      expect(down).toBeGreaterThan(0)
      expect(up).toBeGreaterThan(0)
      expect((down + up) / variance).toBeCloseTo(1, 12)
    }
    const mean = (of: (measure: Har.Measure) => number): number => measures.reduce((sum, measure) => sum + of(measure), 0) / measures.length
    expect(mean(({ down, variance }) => down / variance)).toBeCloseTo(0.5, 1)
    expect(mean(({ quarticity }) => Math.sqrt(quarticity)) / 5e-5).toBeCloseTo(1, 1)
    expect(mean(({ variance }) => variance) / 5e-5).toBeCloseTo(1, 0)
  })
})
