import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Garch, Random } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const plain: Garch.Garch = { omega: 2e-6, alpha: 0.08, gamma: 0, beta: 0.9 }
const fall: Garch.Garch = { omega: 2e-6, alpha: 0.03, gamma: 0.1, beta: 0.9 }
const models = fc
  .tuple(
    fc.double({ min: 0.1, max: 9, noNaN: true }),
    fc.double({ min: 0, max: 0.3, noNaN: true }),
    fc.double({ min: 0, max: 0.6, noNaN: true }),
  )
  .map(([omega, alpha, beta]): Garch.Garch => ({ omega, alpha, gamma: 0.1, beta }))

/** Σ −½(ln v + r²/v), as the page has it. */
function logLikelihood(returns: Float64Array, model: Garch.Garch, initial: number): number {
  const v = Garch.variances({ model, returns, initial })
  return returns.reduce((sum, r, t) => sum - (Math.log(v[t] ?? 0) + (r * r) / (v[t] ?? 0)) / 2, 0)
}

describe('fit', () => {
  test.each([
    ['GARCH(1,1)', 'symmetric', plain],
    ['GJR', 'asymmetric', fall],
    ['GJR that rises make wilder', 'asymmetric', { ...fall, alpha: 0.13, gamma: -0.1 }],
  ] as const)('recovers %s from its own simulator', (_, form, truth) => {
    const returns = Garch.simulate({ random: Random.of(4), length: 40_000, model: truth })
    const { model, ended } = Garch.fit({ returns, form })
    expect(ended).not.toBe('limit')
    // Three standard errors or more, from the spread over seeds.
    expect(Math.abs(model.alpha - truth.alpha)).toBeLessThan(0.015)
    expect(Math.abs(model.gamma - truth.gamma)).toBeLessThan(0.025)
    expect(Math.abs(model.beta - truth.beta)).toBeLessThan(0.02)
    expect(Math.abs(model.omega / truth.omega - 1)).toBeLessThan(0.3)
  })
  test('worked example: what it reports is the likelihood of the page, at its greatest', () => {
    const returns = Garch.simulate({ random: Random.of(5), length: 3_000, model: fall })
    const { model, initial, logLikelihood: best, variance } = Garch.fit({ returns, form: 'asymmetric' })
    expect(initial).toBeCloseTo(returns.reduce((sum, r) => sum + r * r, 0) / 3_000, 15)
    expect(best).toBeCloseTo(logLikelihood(returns, model, initial), 6)
    expect(variance).toBe(Garch.variances({ model, returns, initial }).at(-1))
    for (const key of ['omega', 'alpha', 'gamma', 'beta'] as const)
      for (const step of [-1e-3, 1e-3])
        expect(logLikelihood(returns, { ...model, [key]: model[key] * (1 + step) }, initial), `${key} ${step}`).toBeLessThan(best)
  })
  test.each(['symmetric', 'asymmetric'] as const)('property: at the end of a %s fit the likelihood is level in every parameter', (form) => {
    for (const seed of [11, 12, 13]) {
      const returns = Garch.simulate({ random: Random.of(seed), length: 2_000, model: fall })
      const { model, initial, ended } = Garch.fit({ returns, form })
      expect(ended).toBe('gradient')
      for (const key of form === 'symmetric' ? (['omega', 'alpha', 'beta'] as const) : (['omega', 'alpha', 'gamma', 'beta'] as const)) {
        const at = (step: number): number => logLikelihood(returns, { ...model, [key]: model[key] * (1 + step) }, initial)
        // Central difference per relative change of the parameter; the likelihood is of order 10⁴.
        expect(Math.abs((at(1e-5) - at(-1e-5)) / 2e-5), key).toBeLessThan(2e-3)
      }
    }
  })
  test('property: an asymmetry to choose never fits worse, and the symmetric form has none', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const returns = Garch.simulate({ random: Random.of(seed), length: 1_000, model: plain })
      const symmetric = Garch.fit({ returns, form: 'symmetric' })
      expect(symmetric.model.gamma).toBe(0)
      expect(Garch.fit({ returns, form: 'asymmetric' }).logLikelihood).toBeGreaterThanOrEqual(symmetric.logLikelihood - 1e-6)
    }
  })
  test('dimension: returns × k give ω and variance × k², and the same weights', () => {
    const returns = Garch.simulate({ random: Random.of(6), length: 2_000, model: plain })
    const one = Garch.fit({ returns, form: 'symmetric' })
    const eight = Garch.fit({ returns: returns.map((r) => 8 * r), form: 'symmetric' })
    expect(eight.model.omega / one.model.omega).toBeCloseTo(64, 3)
    expect(eight.variance / one.variance).toBeCloseTo(64, 3)
    expect(eight.model.beta).toBeCloseTo(one.model.beta, 5)
  })
  test('edge: 100 returns of constant variance still give a stationary model', () => {
    const random = Random.of(7)
    const { model } = Garch.fit({ returns: Array.from({ length: 100 }, random.normal), form: 'asymmetric' })
    expect(() => Garch.forecast({ model, variance: 1, steps: 9 })).not.toThrow()
  })
  test('error: too short, still, or not finite', () => {
    const short = expect.objectContaining({ name: 'Garch.TooShortError', code: 'GARCH_TOO_SHORT', needed: 100 })
    const usable = (had: number) => expect.objectContaining({ had })
    const returns = new Float64Array(100).fill(0.01)
    expect(() => Garch.fit({ returns: returns.subarray(1), form: 'symmetric' })).toThrow(short)
    expect(() => Garch.fit({ returns: returns.subarray(1), form: 'symmetric' })).toThrow(usable(99))
    expect(() => Garch.fit({ returns: new Float64Array(100), form: 'symmetric' })).toThrow(usable(0))
    expect(() => Garch.fit({ returns: new Float64Array(100), form: 'symmetric' })).toThrow(short)
    expect(() => Garch.fit({ returns: returns.map((r, t) => (t === 50 ? Number.NaN : r)), form: 'symmetric' })).toThrow(short)
    expect(() => Garch.fit({ returns: returns.map((r, t) => (t === 50 ? Number.POSITIVE_INFINITY : r)), form: 'symmetric' })).toThrow(short)
  })
})

describe('variances', () => {
  test('worked example', () => {
    const model = { omega: 1, alpha: 0.25, gamma: 0.25, beta: 0.5 }
    expect(Array.from(Garch.variances({ model, returns: [-2, 2, 0], initial: 2 }))).toEqual([2, 4, 4, 3])
  })
  test('property: a variance knows only the returns before it', () => {
    fc.assert(
      fc.property(
        models,
        fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 2, maxLength: 30 }),
        fc.nat(),
        (model, returns, cut) => {
          const at = cut % returns.length
          const whole = Garch.variances({ model, returns, initial: 1 })
          expect(Garch.variances({ model, returns: returns.slice(0, at), initial: 1 })).toEqual(whole.slice(0, at + 1))
        },
      ),
      { numRuns },
    )
  })
})

describe('step', () => {
  test('edge: no move is not a fall, and the least fall is', () => {
    const model = { omega: 0, alpha: 0, gamma: 1, beta: 0 }
    expect(Garch.step(model, 1, 3)).toBe(0)
    expect(Garch.step(model, 1, -3)).toBe(9)
    expect(Garch.step({ ...model, omega: 2 }, 1, 0)).toBe(2)
  })
})

describe('forecast', () => {
  test('property: it is the sum of the expected variances, one step after the other', () => {
    fc.assert(
      fc.property(models, fc.double({ min: 0.01, max: 99, noNaN: true }), fc.integer({ min: 1, max: 40 }), (model, variance, steps) => {
        let [v, sum] = [variance, 0]
        for (let h = 0; h < steps; h++) {
          sum += v
          v = model.omega + Garch.persistence(model) * v
        }
        expect(Garch.forecast({ model, variance, steps }) / sum).toBeCloseTo(1, 9)
      }),
      { numRuns },
    )
  })
  test('edge: at its long-run level it stays there', () => {
    expect(Garch.forecast({ model: { omega: 1, alpha: 0.25, gamma: 0, beta: 0.25 }, variance: 2, steps: 7 })).toBe(14)
  })
  test.each([
    ['no variance', { omega: 0 }],
    ['negative weight of a rise', { alpha: -0.01, gamma: 0.05 }],
    ['negative weight of a fall', { gamma: -0.06 }],
    ['negative memory', { beta: -0.01 }],
    ['persistence of one', { beta: 0.95 }],
    ['a variance without bound', { omega: Number.POSITIVE_INFINITY }],
    ['not a number', { beta: Number.NaN }],
  ])('error: %s', (_, part) => {
    const model = { omega: 1, alpha: 0.05, gamma: 0, beta: 0.9, ...part }
    const invalid = expect.objectContaining({ name: 'Garch.InvalidModelError', code: 'GARCH_MODEL_INVALID' })
    expect(() => Garch.forecast({ model, variance: 1, steps: 1 })).toThrow(invalid)
    expect(() => Garch.variances({ model, returns: [], initial: 1 })).toThrow(invalid)
    expect(() => Garch.simulate({ random: Random.of(1), length: 1, model })).toThrow(invalid)
  })
  test('edge: a weight of zero is sound', () => {
    expect(() => Garch.forecast({ model: { omega: 1, alpha: 0.05, gamma: -0.05, beta: 0 }, variance: 1, steps: 1 })).not.toThrow()
    expect(() => Garch.forecast({ model: { omega: 1, alpha: 0, gamma: 0, beta: 0 }, variance: 1, steps: 1 })).not.toThrow()
  })
})

describe('persistence', () => {
  test('worked example: half of the asymmetry', () => {
    expect(Garch.persistence({ omega: 1, alpha: 0.125, gamma: -0.25, beta: 0.5 })).toBe(0.5)
  })
})

describe('simulate', () => {
  test('its mean square is the long-run variance', () => {
    const returns = Garch.simulate({ random: Random.of(8), length: 200_000, model: { omega: 0.1, alpha: 0.05, gamma: 0.1, beta: 0.8 } })
    expect(returns.reduce((sum, r) => sum + r * r, 0) / 200_000).toBeGreaterThan(0.97)
    expect(returns.reduce((sum, r) => sum + r * r, 0) / 200_000).toBeLessThan(1.03)
  })
  test('its first return has the long-run variance already', () => {
    const model = { omega: 0.1, alpha: 0.05, gamma: 0.1, beta: 0.8 }
    const firsts = Array.from(
      { length: 5_000 },
      (_, seed) => Garch.simulate({ random: Random.of(seed), length: 1, model })[0] ?? Number.NaN,
    )
    // Standard error √(2/5 000) = 0.02.
    expect(Math.abs(firsts.reduce((sum, r) => sum + r * r, 0) / 5_000 - 1)).toBeLessThan(0.08)
  })
})
