import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Depth, Figure } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const ladder: Depth.Depth = [
  [1_000, 0.01],
  [4_000, 0.03],
  [5_000, 0.08],
]

describe('breakEven', () => {
  test('worked example: a bonus of a quarter is eaten by a fifth; none by none', () => {
    expect([0.25, 0, 1].map(Depth.breakEven)).toEqual([0.2, 0, 0.5])
    expect(() => Depth.breakEven(-0.1)).toThrow(Figure.InvalidFigureError)
  })
})

describe('clearable', () => {
  test('worked example: half way between 1,000 and 4,000 in logs is 2,000', () => {
    const { status, notional } = Depth.clearable(ladder, 0.02)
    expect(status).toBe('within')
    expect(notional).toBeCloseTo(2_000, 9)
  })

  test('edge: on a quote, and outside the ladder', () => {
    expect(Depth.clearable(ladder, 0.01)).toEqual({ status: 'within', notional: 1_000 })
    expect(Depth.clearable(ladder, 0.08)).toEqual({ status: 'within', notional: 5_000 })
    expect(Depth.clearable(ladder, 0.009)).toEqual({ status: 'below', notional: 1_000 })
    expect(Depth.clearable(ladder, 0.09)).toEqual({ status: 'beyond', notional: 5_000 })
  })

  test('property: more slippage never clears less', () => {
    const s = fc.double({ min: 0.01, max: 0.2, noNaN: true })
    fc.assert(
      fc.property(s, s, (a, b) => {
        expect(Depth.clearable(ladder, Math.max(a, b)).notional).toBeGreaterThanOrEqual(Depth.clearable(ladder, Math.min(a, b)).notional)
      }),
      { numRuns },
    )
  })

  test('error: no quotes, sizes that do not rise, slippage that falls', () => {
    const bad: readonly Depth.Depth[] = [
      [],
      [[0, 0.1]],
      [
        [2, 0.1],
        [2, 0.2],
      ],
      [
        [1, 0.2],
        [2, 0.1],
      ],
    ]
    for (const depth of bad) expect(() => Depth.clearable(depth, 0.1)).toThrow(Figure.InvalidFigureError)
    expect(() => Depth.clearable(ladder, -0.1)).toThrow(Figure.InvalidFigureError)
    expect(() => Depth.breakEven(-0.1)).toThrow(Figure.InvalidFigureError)
  })
})
