import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DieboldMariano, Distribution, Random } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const losses = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 4, maxLength: 40 })

/** Differences with memory: x[t] = φ·x[t−1] + noise. */
function memory(random: Random.Random, length: number, phi: number): number[] {
  const values: number[] = []
  let x = random.normal() / Math.sqrt(1 - phi * phi)
  for (let t = 0; t < length; t++) {
    values.push(x)
    x = phi * x + random.normal()
  }
  return values
}

describe('of', () => {
  test('worked example: four days, no lag and one', () => {
    // d = −3, 1, −2, 0: mean −1, γ₀ = (4 + 4 + 1 + 1)/4, γ₁ = (−4 − 2 − 1)/4; Ω = 2.5, and 2.5 + 2·½·−1.75 = 0.75.
    const sample = { challenger: [1, 3, 0, 2], rival: [4, 2, 2, 2] }
    expect(DieboldMariano.of({ ...sample, lag: 0 })).toMatchObject({
      difference: -1,
      error: Math.sqrt(2.5 / 4),
      statistic: -1 / Math.sqrt(2.5 / 4),
    })
    const one = DieboldMariano.of({ ...sample, lag: 1 })
    expect(one).toMatchObject({ difference: -1, error: Math.sqrt(0.75 / 4), statistic: -1 / Math.sqrt(0.75 / 4) })
    expect(one.better).toBe(Distribution.normalAbove(1 / Math.sqrt(0.75 / 4)))
    expect(one.different).toBe(2 * Distribution.normalAbove(1 / Math.sqrt(0.75 / 4)))
  })
  test('property: the other way round the sign turns, and the two sides make one', () => {
    fc.assert(
      fc.property(losses, fc.nat(3), (a, lag) => {
        const rival = a.map((_, t) => t % 3)
        const there = DieboldMariano.of({ challenger: a, rival, lag })
        const back = DieboldMariano.of({ challenger: rival, rival: a, lag })
        expect(back.difference).toBeCloseTo(-there.difference, 9)
        expect(back.statistic).toBeCloseTo(-there.statistic, 9)
        expect(back.better + there.better).toBeCloseTo(1, 9)
        expect(back.different).toBeCloseTo(there.different, 9)
      }),
      { numRuns },
    )
  })
  test('dimension: losses × k change neither statistic nor probability', () => {
    const [challenger, rival] = [
      [1, 3, 0, 2],
      [2, 2, 3, 3],
    ]
    const one = DieboldMariano.of({ challenger, rival, lag: 1 })
    const eight = DieboldMariano.of({ challenger: challenger.map((x) => 8 * x), rival: rival.map((x) => 8 * x), lag: 1 })
    expect(eight).toEqual({ ...one, difference: 8 * one.difference, error: 8 * one.error })
  })
  test('property: of equally good forecasters it accuses one in twenty, also where losses remember, if the lag does', () => {
    const random = Random.of(17)
    const share = (phi: number, lag: number): number => {
      let count = 0
      for (let i = 0; i < 600; i++) {
        const challenger = memory(random, 300, phi)
        if (DieboldMariano.of({ challenger, rival: challenger.map(() => 0), lag }).different < 0.05) count += 1
      }
      return count / 600
    }
    // Standard error 0.009.
    expect(Math.abs(share(0, 0) - 0.05)).toBeLessThan(0.03)
    expect(share(0.6, 0)).toBeGreaterThan(0.2)
    expect(share(0.6, 12)).toBeLessThan(0.12)
  })
  test('property: it sees a forecaster that is better', () => {
    const random = Random.of(18)
    const challenger = Array.from({ length: 400 }, () => random.normal() - 0.3)
    expect(DieboldMariano.of({ challenger, rival: challenger.map(() => 0), lag: 4 }).better).toBeLessThan(1e-4)
  })
  test('edge: no difference at all is no evidence; one that never varies is all of it', () => {
    expect(DieboldMariano.of({ challenger: [1, 2], rival: [1, 2], lag: 0 })).toEqual({
      difference: 0,
      error: 0,
      statistic: 0,
      better: 0.5,
      different: 1,
    })
    expect(DieboldMariano.of({ challenger: [1, 2], rival: [2, 3], lag: 0 })).toMatchObject({
      statistic: Number.NEGATIVE_INFINITY,
      better: 0,
      different: 0,
    })
  })
  test.each([
    ['one loss', [1], [2], 0],
    ['not one to one', [1, 2], [1], 0],
    ['not finite', [1, Number.NaN], [1, 2], 0],
    ['without bound', [1, Number.POSITIVE_INFINITY], [1, 2], 0],
    ['a negative lag', [1, 2], [2, 2], -1],
    ['half a lag', [1, 2], [2, 2], 0.5],
    ['a lag as long as the series', [1, 2], [2, 2], 2],
  ])('error: %s', (_, challenger, rival, lag) => {
    expect(() => DieboldMariano.of({ challenger, rival, lag })).toThrow(
      expect.objectContaining({ name: 'DieboldMariano.InvalidSampleError', code: 'LOSSES_INVALID', lag }),
    )
  })
})

describe('longRunVariance', () => {
  test('property: never negative, and without a lag the variance itself', () => {
    fc.assert(
      fc.property(losses, fc.nat(3), (values, lag) => {
        expect(DieboldMariano.longRunVariance(values, lag)).toBeGreaterThanOrEqual(0)
        const mean = values.reduce((sum, x) => sum + x, 0) / values.length
        const plain = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length
        expect(DieboldMariano.longRunVariance(values, 0)).toBeCloseTo(plain, 5)
      }),
      { numRuns },
    )
  })
  test('recovers 1/(1 − φ)² of a series that remembers', () => {
    const values = memory(Random.of(19), 100_000, 0.5)
    expect(Math.abs(DieboldMariano.longRunVariance(values, 60) - 4)).toBeLessThan(0.4)
  })
})
