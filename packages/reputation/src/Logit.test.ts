import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Logit } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const someTable = fc
  .array(
    fc.record({
      row: fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 })),
      bad: fc.boolean(),
      weight: fc.integer({ min: 1, max: 9 }),
    }),
    {
      minLength: 2,
      maxLength: 20,
    },
  )
  .map((list) => ({ rows: list.map(({ row }) => row), bad: list.map(({ bad }) => bad), weights: list.map(({ weight }) => weight) }))

/** The slope of the objective: at a minimum 0 where a coefficient is free, not negative where it is held at 0. */
function slopes({ rows, bad, weights }: Logit.Table, { ridge, prior }: Logit.fit.Options, at: Logit.Logit): readonly number[] {
  const p = rows.map((row) => Logit.probability(at.intercept + row.reduce((sum, x, j) => sum + x * (at.coefficients[j] ?? 0), 0)))
  return at.coefficients.map(
    (b, j) =>
      ridge * (b - (prior[j] ?? 0)) +
      rows.reduce((sum, row, i) => sum + (weights[i] ?? 0) * ((p[i] ?? 0) - (bad[i] ? 1 : 0)) * (row[j] ?? 0), 0),
  )
}

describe('fit', () => {
  test('worked example: two groups of 1 in 4 and 3 in 4 bad: log-odds −ln 3 and 2·ln 3 apart', () => {
    const table = { rows: [[0], [0], [1], [1]], bad: [true, false, true, false], weights: [1, 3, 3, 1] }
    const { intercept, coefficients } = Logit.fit(table, { ridge: 1e-9, prior: [] })
    expect(intercept).toBeCloseTo(-Math.log(3), 5)
    expect(coefficients[0]).toBeCloseTo(2 * Math.log(3), 5)
  })

  test('worked example: a column against its sign is held at 0, and the rest is the overall rate', () => {
    const table = { rows: [[1], [1], [0], [0]], bad: [true, false, true, false], weights: [1, 3, 3, 1] }
    const { intercept, coefficients } = Logit.fit(table, { ridge: 1, prior: [] })
    expect(coefficients).toEqual([0])
    expect(intercept).toBeCloseTo(0, 6)
  })

  test('worked example: the ridge pulls to the prior, all the more the greater it is', () => {
    const table = { rows: [[0], [1]], bad: [false, true], weights: [1, 1] }
    const at = (ridge: number) => Logit.fit(table, { ridge, prior: [1] }).coefficients[0] ?? Number.NaN
    expect(Math.abs(at(100) - 1)).toBeLessThan(Math.abs(at(1) - 1))
    expect(at(1e6)).toBeCloseTo(1, 4)
  })

  test('edge: outcomes of one kind have a finite answer', () => {
    const { intercept } = Logit.fit({ rows: [[0], [1]], bad: [true, true], weights: [1, 1] }, { ridge: 1, prior: [] })
    expect(Number.isFinite(intercept)).toBe(true)
    expect(Logit.probability(intercept)).toBeGreaterThan(0.99)
  })

  test('property: no coefficient is negative, and none can be moved to make the outcomes likelier', () => {
    fc.assert(
      fc.property(someTable, fc.constantFrom(0.01, 0.1, 1, 10), fc.constantFrom(0, 1, 25), (table, ridge, prior) => {
        const options = { ridge, prior: [prior, prior] }
        const found = Logit.fit(table, options)
        for (const [j, slope] of slopes(table, options, found).entries()) {
          const b = found.coefficients[j] ?? -1
          expect(b).toBeGreaterThanOrEqual(0)
          if (b > 1e-6) expect(Math.abs(slope)).toBeLessThan(1e-4)
          else expect(slope).toBeGreaterThan(-1e-4)
        }
      }),
      { numRuns: Math.ceil(numRuns / 4) },
    )
  })

  test('property: a row of weight 2 is two rows', () => {
    fc.assert(
      fc.property(someTable, (table) => {
        const twice = {
          rows: [...table.rows, ...table.rows],
          bad: [...table.bad, ...table.bad],
          weights: [...table.weights, ...table.weights],
        }
        const double = { ...table, weights: table.weights.map((w) => 2 * w) }
        const options = { ridge: 1, prior: [] }
        expect(Logit.fit(twice, options).coefficients[0]).toBeCloseTo(Logit.fit(double, options).coefficients[0] ?? Number.NaN, 6)
      }),
      { numRuns: Math.ceil(numRuns / 10) },
    )
  })

  test('worked example: with nothing asked, the rate; 1 in 4 bad is −ln 3', () => {
    const { intercept, coefficients, iterations } = Logit.fit(
      { rows: [[], []], bad: [true, false], weights: [1, 3] },
      { ridge: 1, prior: [] },
    )
    expect(intercept).toBeCloseTo(-Math.log(3), 5)
    expect(coefficients).toEqual([])
    expect(iterations).toBeLessThan(10)
  })

  test('worked example: one bad outcome alone: the intercept a stays where 1/(1 + e^a) is a millionth of a', () => {
    const { intercept } = Logit.fit({ rows: [[]], bad: [true], weights: [1] }, { ridge: 1, prior: [] })
    expect(1 / (1 + Math.exp(intercept)) / intercept).toBeCloseTo(1e-6, 9)
    expect(1e6 / (1 + Math.exp(intercept)) / intercept).toBeCloseTo(1, 6)
  })

  test('worked example: where outcomes say nothing, the weight stays at what it is pulled to', () => {
    // every row alike: the column is no more than the intercept
    const { intercept, coefficients } = Logit.fit({ rows: [[0], [0]], bad: [true, false], weights: [1, 1] }, { ridge: 2, prior: [0.7] })
    expect(coefficients).toEqual([0.7])
    expect(intercept).toBeCloseTo(0, 9)
  })

  test('worked example: a start far off, where the first step goes too far, ends where a near one does', () => {
    const table = { rows: [[0], [0], [1], [1]], bad: [true, false, true, false], weights: [1, 3, 3, 1] }
    const far = Logit.fit(table, { ridge: 1e-7, prior: [40] })
    expect(far.coefficients[0]).toBeCloseTo(2 * Math.log(3), 4)
    expect(far.intercept).toBeCloseTo(-Math.log(3), 4)
    expect(far.iterations).toBeLessThan(60)
  })

  test('edge: a row of weight 0 is none', () => {
    const table = { rows: [[0], [1], [1]], bad: [false, true, false], weights: [2, 3, 1] }
    const more = { rows: [...table.rows, [5]], bad: [...table.bad, true], weights: [...table.weights, 0] }
    const options = { ridge: 1, prior: [1] }
    expect(Logit.fit(more, options).coefficients).toEqual(Logit.fit(table, options).coefficients)
  })

  test('error: by class', () => {
    const table = { rows: [[0], [1]], bad: [true, false], weights: [1, 1] }
    const options = { ridge: 1, prior: [] }
    for (const broken of [
      { bad: [true] },
      { weights: [1] },
      { weights: [1, -1] },
      { weights: [0, 0] },
      { rows: [[0], []] },
      { rows: [[0], [Number.NaN]] },
    ])
      expect(() => Logit.fit({ ...table, ...broken }, options)).toThrow(Logit.InvalidTableError)
    expect(() => Logit.fit(table, { ridge: Number.NaN, prior: [] })).toThrow(Logit.InvalidTableError)
    expect(() => Logit.fit(table, { ridge: 0, prior: [] })).toThrow(expect.objectContaining({ code: 'INVALID_TABLE' }))
  })
})

describe('probability', () => {
  test('worked example: odds of 3 to 1 either way, and no overflow', () => {
    expect(Logit.probability(Math.log(3))).toBeCloseTo(0.75, 12)
    expect(Logit.probability(-Math.log(3))).toBeCloseTo(0.25, 12)
    expect([Logit.probability(1_000), Logit.probability(-1_000)]).toEqual([1, 0])
  })
})
