import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Figure, Pool } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const pool = { base: 100, quote: 10_000 }

describe('sell', () => {
  test('worked example: as much again halves what is paid and quarters the price', () => {
    expect(Pool.sell(pool, 100)).toEqual({ before: 100, after: 25, proceeds: 5_000, average: 50, logMove: -2 * Math.log(2), slope: 0.02 })
  })

  test('edge: nothing sold, nothing moved', () => {
    expect(Pool.sell(pool, 0)).toMatchObject({ after: 100, proceeds: 0, average: 100 })
    expect(Math.abs(Pool.sell(pool, 0).logMove)).toBe(0)
  })

  test('property: the product of the reserves stays, and two sales are one', () => {
    const amount = fc.double({ min: 0.01, max: 1e5, noNaN: true })
    fc.assert(
      fc.property(amount, amount, amount, amount, (base, quote, a, b) => {
        const first = Pool.sell({ base, quote }, a)
        const left = { base: base + a, quote: quote - first.proceeds }
        fc.pre(left.quote > quote * 1e-3)
        expect((left.base * left.quote) / (base * quote)).toBeCloseTo(1, 9)
        const both = Pool.sell({ base, quote }, a + b)
        expect((first.proceeds + Pool.sell(left, b).proceeds) / both.proceeds).toBeCloseTo(1, 6)
        expect(Math.log(both.after / both.before)).toBeCloseTo(both.logMove, 9)
      }),
      { numRuns },
    )
  })

  test('error: an empty pool, a negative sale', () => {
    for (const bad of [
      { base: 0, quote: 1 },
      { base: 1, quote: 0 },
    ])
      expect(() => Pool.sell(bad, 1)).toThrow(Figure.InvalidFigureError)
    expect(() => Pool.sell(pool, -1)).toThrow(Figure.InvalidFigureError)
  })
})
