import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random, Regression } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

describe('ols', () => {
  test('worked example: a line through three points', () => {
    // y = 1 + 2x + (1, −2, 1)/6·…: slope 2, intercept 4/3 by hand.
    const [intercept, slope] = Regression.ols({
      rows: [
        [1, 0],
        [1, 1],
        [1, 2],
      ],
      targets: [1, 4, 5],
    })
    expect(intercept).toBeCloseTo(4 / 3, 12)
    expect(slope).toBeCloseTo(2, 12)
  })
  test('property: residuals are orthogonal to every column', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 1, max: 5 }), (seed, K) => {
        const random = Random.of(seed)
        const rows = Array.from({ length: K + 8 }, () => Array.from({ length: K }, random.normal))
        const targets = rows.map(() => random.normal())
        const b = Regression.ols({ rows, targets })
        const residuals = rows.map((row, t) => (targets[t] ?? 0) - row.reduce((sum, x, k) => sum + x * (b[k] ?? 0), 0))
        for (let k = 0; k < K; k++) expect(residuals.reduce((sum, e, t) => sum + e * (rows[t]?.[k] ?? 0), 0)).toBeCloseTo(0, 8)
      }),
      { numRuns },
    )
  })
  test('edge: as many rows as columns; a nearly collinear pair still solves', () => {
    expect(Regression.ols({ rows: [[2]], targets: [6] })).toEqual([3])
    const rows = [
      [1, 1],
      [1, 1 + 1e-6],
      [1, 1 - 1e-6],
    ]
    const b = Regression.ols({ rows, targets: rows.map(([, x = 0]) => 3 + 2 * x) })
    expect(b[0]).toBeCloseTo(3, 4)
    expect(b[1]).toBeCloseTo(2, 4)
  })
  test('error: shapes and values', () => {
    const shape = expect.objectContaining({ name: 'Regression.ShapeError', code: 'REGRESSION_SHAPE' })
    expect(() => Regression.ols({ rows: [], targets: [] })).toThrow(shape)
    expect(() => Regression.ols({ rows: [[1, 2]], targets: [1] })).toThrow(shape)
    expect(() => Regression.ols({ rows: [[1], [1, 2]], targets: [1, 2] })).toThrow(shape)
    expect(() => Regression.ols({ rows: [[1], [1]], targets: [1] })).toThrow(shape)
    expect(() => Regression.ols({ rows: [[1], [Number.NaN]], targets: [1, 2] })).toThrow(shape)
    expect(() => Regression.ols({ rows: [[1], [1]], targets: [1, Number.POSITIVE_INFINITY] })).toThrow(shape)
  })
  test('error: dependent columns', () => {
    expect(() =>
      Regression.ols({
        rows: [
          [1, 2],
          [1, 2],
          [1, 2],
        ],
        targets: [1, 2, 3],
      }),
    ).toThrow(expect.objectContaining({ name: 'Regression.SingularError', code: 'REGRESSION_SINGULAR', column: 1 }))
    expect(() => Regression.ols({ rows: [[0], [0]], targets: [1, 2] })).toThrow(Regression.SingularError)
  })
})
