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
