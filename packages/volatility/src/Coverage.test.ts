import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Coverage, Random } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const on = (length: number, ...days: readonly number[]): boolean[] => Array.from({ length }, (_, t) => days.includes(t))

describe('of', () => {
  test('worked example: 4 of 250 at 99 %, two of them in a row', () => {
    const { breaches, sample, unconditional, independence, conditional } = Coverage.of({
      breaches: on(250, 50, 51, 120, 200),
      levelPpm: 990_000,
    })
    expect({ breaches, sample }).toEqual({ breaches: 4, sample: 250 })
    expect(unconditional.statistic).toBeCloseTo(2 * (4 * Math.log(1.6) + 246 * Math.log(0.984 / 0.99)), 10)
    expect(unconditional.pValue).toBeCloseTo(0.3805, 4)
    const seen = 3 * Math.log(3 / 245) + 242 * Math.log(242 / 245) + Math.log(1 / 4) + 3 * Math.log(3 / 4)
    expect(independence.statistic).toBeCloseTo(2 * (seen - 4 * Math.log(4 / 249) - 245 * Math.log(245 / 249)), 10)
    expect(independence.pValue).toBeCloseTo(0.0427, 4)
    expect(conditional.statistic).toBeCloseTo(2 * (seen - 4 * Math.log(0.01) - 245 * Math.log(0.99)), 10)
    expect(conditional.pValue).toBeCloseTo(0.0868, 4)
  })
  test('property: the ratios of the likelihoods themselves, multiplied out day by day', () => {
    const likelihood = (breaches: readonly boolean[], rate: (t: number) => number): number =>
      breaches.reduce((product, breach, t) => product * (breach ? rate(t) : 1 - rate(t)), 1)
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 2, maxLength: 24 }),
        fc.integer({ min: 100_000, max: 900_000 }),
        (breaches, levelPpm) => {
          const p = 1 - levelPpm / 1e6
          const share = (days: readonly boolean[]): number => (days.length === 0 ? 0 : days.filter((day) => day).length / days.length)
          const tail = breaches.slice(1)
          const after = (state: boolean): number => share(tail.filter((_, t) => breaches[t] === state))
          const free = likelihood(tail, (t) => after(breaches[t] ?? false))
          const found = Coverage.of({ breaches, levelPpm })
          const ratio = (a: number, b: number): number => Math.max(0, 2 * Math.log(a / b))
          expect(found.unconditional.statistic).toBeCloseTo(
            ratio(
              likelihood(breaches, () => share(breaches)),
              likelihood(breaches, () => p),
            ),
            7,
          )
          expect(found.independence.statistic).toBeCloseTo(
            ratio(
              free,
              likelihood(tail, () => share(tail)),
            ),
            7,
          )
          expect(found.conditional.statistic).toBeCloseTo(
            ratio(
              free,
              likelihood(tail, () => p),
            ),
            7,
          )
          for (const { pValue } of [found.unconditional, found.independence, found.conditional]) {
            expect(pValue).toBeGreaterThanOrEqual(0)
            expect(pValue).toBeLessThanOrEqual(1)
          }
        },
      ),
      { numRuns },
    )
  })
  test('property: right quantiles are rejected about as often as they should be, wrong or clustered ones mostly', () => {
    const random = Random.of(23)
    const share = (draw: () => boolean[], of: (coverage: Coverage.Coverage) => Coverage.Ratio): number => {
      let rejected = 0
      for (let i = 0; i < 400; i++) if (of(Coverage.of({ breaches: draw(), levelPpm: 950_000 })).pValue < 0.05) rejected += 1
      return rejected / 400
    }
    const days = (rate: number) => () => Array.from({ length: 800 }, () => random.uniform() < rate)
    const storms = (): boolean[] => {
      let storm = false
      return Array.from({ length: 800 }, () => {
        storm = random.uniform() < (storm ? 0.8 : 0.02)
        return storm && random.uniform() < 0.6
      })
    }
    expect(share(days(0.05), ({ unconditional }) => unconditional)).toBeLessThan(0.1)
    expect(share(days(0.05), ({ unconditional }) => unconditional)).toBeGreaterThan(0.02)
    expect(share(days(0.05), ({ independence }) => independence)).toBeLessThan(0.12)
    expect(share(days(0.05), ({ conditional }) => conditional)).toBeLessThan(0.12)
    expect(share(days(0.1), ({ unconditional }) => unconditional)).toBeGreaterThan(0.9)
    expect(share(storms, ({ independence }) => independence)).toBeGreaterThan(0.9)
    expect(share(storms, ({ conditional }) => conditional)).toBeGreaterThan(0.9)
  })
  test('edge: no breach, and nothing but breaches', () => {
    const none = Coverage.of({ breaches: on(100), levelPpm: 990_000 })
    expect(none.unconditional.statistic).toBeCloseTo(-200 * Math.log(0.99), 10)
    expect(none.independence).toEqual({ statistic: 0, pValue: 1 })
    const all = Coverage.of({ breaches: [true, true, true], levelPpm: 990_000 })
    expect(all.unconditional.statistic).toBeCloseTo(-6 * Math.log(0.01), 10)
    expect(all.independence).toEqual({ statistic: 0, pValue: 1 })
  })
  test('edge: the highest level there is', () => {
    expect(Coverage.of({ breaches: on(2, 0), levelPpm: 999_999 }).unconditional.statistic).toBeCloseTo(
      2 * (2 * Math.log(0.5) - Math.log(1e-6)),
      4,
    )
  })
  test.each([
    [[true], 990_000],
    [[true, false], 0],
    [[true, false], 1_000_000],
    [[true, false], 0.99],
  ])('error: %j at %s ppm', (breaches, levelPpm) => {
    expect(() => Coverage.of({ breaches, levelPpm })).toThrow(
      expect.objectContaining({ name: 'Coverage.InvalidSampleError', code: 'COVERAGE_INVALID', levelPpm }),
    )
  })
})
