import { describe, expect, test } from 'vitest'
import { LogHar, Random } from './index.ts'

describe('fit', () => {
  test('recovers the parameters of its own simulator', () => {
    const truth = { intercept: -0.9, weights: [0.4, 0.3, 0.2], windows: [1, 5, 22], noise: 0.5 }
    const sample = LogHar.simulate({ random: Random.of(9), length: 20_000, ...truth })
    const model = LogHar.fit(sample)
    expect(Math.abs(model.intercept - truth.intercept)).toBeLessThan(0.12)
    model.weights.forEach((weight, k) => {
      expect(Math.abs(weight - (truth.weights[k] ?? 0))).toBeLessThan(0.04)
    })
    // Duan's factor of Gaussian noise is e^(s²/2).
    expect(Math.abs(model.smearing - Math.exp(0.125))).toBeLessThan(0.02)
  })
  test('smearing makes the mean of the forecasts the mean of the outcomes', () => {
    const targets = [1, Math.E, Math.E ** 2, Math.E]
    const model = LogHar.fit({ lags: [[0.1], [0.2], [0.3], [0.2]], targets })
    expect(model.smearing).toBeGreaterThanOrEqual(1)
    const flat = LogHar.fit({ lags: [[1], [-1], [1], [-1]], targets: [1, 1, 4, 4] })
    expect(LogHar.forecast(flat, [1])).toBeCloseTo(2.5, 12)
  })
  test('dimension: targets × k give forecasts × k', () => {
    const lags = [[1], [2], [4], [7]]
    const one = LogHar.fit({ lags, targets: [1, 3, 2, 9] })
    const ten = LogHar.fit({ lags, targets: [10, 30, 20, 90] })
    expect(LogHar.forecast(ten, [5])).toBeCloseTo(10 * LogHar.forecast(one, [5]), 9)
  })
  test('error: a target of zero has no logarithm', () => {
    expect(() => LogHar.fit({ lags: [[1], [2], [3]], targets: [1, 0, 1] })).toThrow(expect.objectContaining({ code: 'REGRESSION_SHAPE' }))
  })
})

describe('simulate', () => {
  test('worked example: without noise it stands at its mean, c / (1 − Σβ), for every window', () => {
    const { lags, targets } = LogHar.simulate({
      random: Random.of(1),
      length: 3,
      windows: [1, 4],
      intercept: -2,
      weights: [0.25, 0.25],
      noise: 0,
    })
    expect(lags).toEqual([
      [-4, -4],
      [-4, -4],
      [-4, -4],
    ])
    for (const target of targets) expect(target).toBeCloseTo(Math.exp(-4), 12)
    expect(targets).toHaveLength(3)
  })
})

describe('forecast', () => {
  test('worked example', () => {
    expect(LogHar.forecast({ intercept: 1, weights: [0.5, 0.5], smearing: 3 }, [-1, -1])).toBe(3)
  })
  test('edge: a missing lag is NaN, never zero', () => {
    expect(LogHar.forecast({ intercept: 1, weights: [0.5, 0.5], smearing: 3 }, [-1])).toBeNaN()
  })
})
