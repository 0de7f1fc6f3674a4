import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Evaluation, Glm, Random } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

/** A pooled sample whose model is known: columns of unlike size, some correlated. */
function sample(seed: number, length: number): { rows: number[][]; targets: Float64Array; model: Glm.Glm } {
  const random = Random.of(seed)
  const model = { intercept: -9, weights: [0.5, 30, -0.2] }
  const rows = Array.from({ length }, () => {
    const [a, b] = [random.normal(), random.normal()]
    return [a, (b + a / 2) / 100, random.uniform() < 0.3 ? 1 : 0]
  })
  return { rows, targets: Glm.simulate({ random, rows, model, returns: 4 }), model }
}

const ratios = (model: Glm.Glm, rows: readonly ArrayLike<number>[], targets: ArrayLike<number>): number[] =>
  rows.map((row, t) => (targets[t] ?? 0) / Glm.forecast(model, row))

/** Eq. (16), written down again. */
function objective(model: Glm.Glm, rows: readonly number[][], targets: ArrayLike<number>, ridge: number): number {
  const T = rows.length
  const deviation = model.weights.map((_, k) => {
    const mean = rows.reduce((sum, row) => sum + (row[k] ?? 0) / T, 0)
    return Math.sqrt(rows.reduce((sum, row) => sum + ((row[k] ?? 0) - mean) ** 2 / T, 0))
  })
  const fit = rows.reduce((sum, row, t) => sum + ((targets[t] ?? 0) / Glm.forecast(model, row) + Glm.predictor(model, row)) / T, 0)
  return fit + (ridge / 2) * model.weights.reduce((sum, weight, k) => sum + (weight * (deviation[k] ?? 0)) ** 2, 0)
}

describe('fit', () => {
  test('worked example: with a dummy for each of two groups the forecasts are their means', () => {
    const rows = [[0], [0], [0], [1], [1]]
    const model = Glm.fit({ rows, targets: [1, 2, 6, 10, 30], ridge: 0 })
    expect(Glm.forecast(model, [0])).toBeCloseTo(3, 10)
    expect(Glm.forecast(model, [1])).toBeCloseTo(20, 9)
  })
  test('recovers the parameters of its own simulator', () => {
    const { rows, targets, model: truth } = sample(3, 40_000)
    const model = Glm.fit({ rows, targets, ridge: 0 })
    // Deviation of a target is √½ of its mean; standard error of a standardised weight √(½/40 000) = 0.0035.
    expect(Math.abs(model.intercept - truth.intercept)).toBeLessThan(0.015)
    expect(Math.abs((model.weights[0] ?? 0) - 0.5)).toBeLessThan(0.015)
    expect(Math.abs((model.weights[1] ?? 0) - 30)).toBeLessThan(1.2)
    expect(Math.abs((model.weights[2] ?? 0) + 0.2)).toBeLessThan(0.03)
  })
  test('property: the ratios y/v̂ average to one and are orthogonal to every column', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 1, max: 4 }), (seed, K) => {
        const random = Random.of(seed)
        const rows = Array.from({ length: 6 * K + 10 }, () => Array.from({ length: K }, random.normal))
        const targets = rows.map(() => Math.exp(2 * random.normal()))
        const off = ratios(Glm.fit({ rows, targets, ridge: 0 }), rows, targets).map((ratio) => ratio - 1)
        expect(off.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 6)
        for (let k = 0; k < K; k++) expect(off.reduce((sum, value, t) => sum + value * (rows[t]?.[k] ?? 0), 0)).toBeCloseTo(0, 6)
      }),
      { numRuns },
    )
  })
  test('property: no other weights have a lower QLIKE in sample', () => {
    const { rows, targets } = sample(4, 500)
    const model = Glm.fit({ rows, targets, ridge: 0 })
    const qlike = (other: Glm.Glm): number => Evaluation.qlike({ realised: targets, forecast: rows.map((row) => Glm.forecast(other, row)) })
    const best = qlike(model)
    fc.assert(
      fc.property(fc.array(fc.double({ min: -0.5, max: 0.5, noNaN: true }), { minLength: 4, maxLength: 4 }), ([shift = 0, ...moves]) => {
        const weights = model.weights.map((weight, k) => weight * (1 + (moves[k] ?? 0)))
        expect(qlike({ intercept: model.intercept + shift, weights })).toBeGreaterThanOrEqual(best - 1e-12)
      }),
      { numRuns },
    )
  })
  test('worked example: with a ridge it is the least of the penalised objective, not of QLIKE', () => {
    const { rows, targets } = sample(5, 400)
    const model = Glm.fit({ rows, targets, ridge: 0.3 })
    const least = objective(model, rows, targets, 0.3)
    expect(objective(Glm.fit({ rows, targets, ridge: 0 }), rows, targets, 0.3)).toBeGreaterThan(least)
    expect(objective({ ...model, intercept: model.intercept + 1e-3 }, rows, targets, 0.3)).toBeGreaterThan(least)
    for (const [k, weight] of model.weights.entries())
      for (const step of [-1e-3, 1e-3])
        expect(
          objective({ ...model, weights: model.weights.with(k, weight * (1 + step)) }, rows, targets, 0.3),
          `weight ${k}, ${step}`,
        ).toBeGreaterThan(least)
  })
  test('edge: a ridge without end leaves the mean', () => {
    const { rows, targets } = sample(6, 200)
    const model = Glm.fit({ rows, targets, ridge: 1e9 })
    for (const weight of model.weights) expect(Math.abs(weight)).toBeLessThan(1e-5)
    expect(Glm.forecast(model, [0, 0, 0])).toBeCloseTo(targets.reduce((sum, y) => sum + y, 0) / 200, 8)
  })
  test('dimension: targets × k move the intercept alone, a column × k its weight alone, with a ridge too', () => {
    const { rows, targets } = sample(7, 300)
    const one = Glm.fit({ rows, targets, ridge: 0.1 })
    const dear = Glm.fit({ rows, targets: targets.map((y) => 1e6 * y), ridge: 0.1 })
    expect(dear.intercept - one.intercept).toBeCloseTo(Math.log(1e6), 9)
    const wide = Glm.fit({ rows: rows.map(([a = 0, b = 0, c = 0]) => [a, 100 * b + 7, c]), targets, ridge: 0.1 })
    expect((wide.weights[1] ?? 0) * 100).toBeCloseTo(one.weights[1] ?? 0, 6)
    expect(wide.weights[0]).toBeCloseTo(one.weights[0] ?? 0, 8)
    expect(dear.weights[0]).toBeCloseTo(one.weights[0] ?? 0, 8)
  })
  test('edge: one wild day does not keep it from settling', () => {
    const { rows, targets } = sample(8, 500)
    targets[250] = 1e6
    const model = Glm.fit({ rows, targets, ridge: 0 })
    expect(ratios(model, rows, targets).reduce((sum, ratio) => sum + ratio, 0) / 500).toBeCloseTo(1, 6)
  })
  test('edge: a column that never varies is harmless under a ridge, and equal columns share', () => {
    const { rows, targets } = sample(9, 200)
    const model = Glm.fit({ rows: rows.map(([a = 0]) => [a, 7, a]), targets, ridge: 1e-3 })
    expect(model.weights[1]).toBe(0)
    expect(model.weights[0]).toBeCloseTo(model.weights[2] ?? 0, 9)
  })
  test('error: a column that varies by float noise alone does not vary; one of tiny numbers does', () => {
    const { rows, targets } = sample(9, 200)
    const noise = rows.map(([a = 0]) => [1e6 + 1e-8 * a])
    expect(() => Glm.fit({ rows: noise, targets, ridge: 0 })).toThrow(expect.objectContaining({ code: 'REGRESSION_SINGULAR', column: 0 }))
    expect(() => Glm.fit({ rows: rows.map(([a = 0]) => [1e-9 + 1e-10 * a]), targets, ridge: 0 })).not.toThrow()
  })
  test('error: columns that depend on others', () => {
    const { rows, targets } = sample(9, 200)
    const singular = (column: number) => expect.objectContaining({ name: 'Regression.SingularError', column })
    expect(() => Glm.fit({ rows: rows.map(([a = 0]) => [a, 7]), targets, ridge: 0 })).toThrow(singular(1))
    expect(() => Glm.fit({ rows: rows.map(([a = 0, b = 0]) => [a, b, 2 * a - b]), targets, ridge: 0 })).toThrow(singular(2))
  })
  test('error: shapes, values and ridge', () => {
    const shape = expect.objectContaining({ name: 'Regression.ShapeError', code: 'REGRESSION_SHAPE' })
    const of =
      (rows: number[][], targets: number[], ridge = 0) =>
      () =>
        Glm.fit({ rows, targets, ridge })
    expect(of([], [])).toThrow(shape)
    expect(of([[]], [1])).toThrow(shape)
    expect(of([[1]], [1])).toThrow(shape)
    expect(of([[1], [2]], [1, 2])).not.toThrow()
    expect(of([[1], [2], [3]], [1, 2])).toThrow(shape)
    expect(of([[1], [2, 3], [3]], [1, 2, 3])).toThrow(shape)
    expect(of([[1], [Number.NaN], [3]], [1, 2, 3])).toThrow(shape)
    expect(of([[1], [2], [3]], [1, 2, 3], -1e-9)).toThrow(shape)
    expect(of([[1], [2], [3]], [1, 2, 3], Number.NaN)).toThrow(shape)
    expect(of([[1], [2], [3]], [1, 2, 3], Number.POSITIVE_INFINITY)).toThrow(shape)
  })
  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('error: a target of %s', (target) => {
    expect(() => Glm.fit({ rows: [[1], [2], [3]], targets: [1, target, 2], ridge: 0 })).toThrow(
      expect.objectContaining({ name: 'Glm.InvalidTargetError', code: 'GLM_TARGET_INVALID', index: 1 }),
    )
  })
})

describe('predictor', () => {
  test('worked example, and a feature that is missing is NaN, never zero', () => {
    expect(Glm.predictor({ intercept: 1, weights: [2, 3] }, [10, 100])).toBe(321)
    expect(Glm.predictor({ intercept: 1, weights: [2, 3] }, [10])).toBeNaN()
  })
})

describe('forecast', () => {
  test('worked example', () => {
    expect(Glm.forecast({ intercept: Math.log(2), weights: [0.5] }, [Math.log(16)])).toBeCloseTo(8, 12)
  })
})

describe('simulate', () => {
  test('its mean is the forecast, its relative variance 2 in the number of returns', () => {
    const rows = Array.from({ length: 20_000 }, () => [1])
    const y = Glm.simulate({ random: Random.of(10), rows, model: { intercept: 0, weights: [Math.log(3)] }, returns: 4 })
    const mean = y.reduce((sum, value) => sum + value, 0) / y.length
    const variance = y.reduce((sum, value) => sum + (value - mean) ** 2, 0) / y.length
    expect(Math.abs(mean - 3)).toBeLessThan(0.06)
    expect(Math.abs(variance / 9 - 0.5)).toBeLessThan(0.04)
  })
})
