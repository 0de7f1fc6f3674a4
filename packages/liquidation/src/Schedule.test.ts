import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Figure, Schedule } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const sale = { amount: 100, horizon: 2, slices: 2, sigma: 3, permanent: 0.1, temporary: 1.05, spread: 0.5, aversion: 0.01 }
const some = fc.record({
  amount: fc.double({ min: 1, max: 1e4, noNaN: true }),
  horizon: fc.double({ min: 0.5, max: 10, noNaN: true }),
  slices: fc.integer({ min: 1, max: 12 }),
  sigma: fc.double({ min: 0, max: 2, noNaN: true }),
  permanent: fc.double({ min: 0, max: 0.01, noNaN: true }),
  temporary: fc.double({ min: 0.1, max: 2, noNaN: true }),
  spread: fc.double({ min: 0, max: 1, noNaN: true }),
  aversion: fc.double({ min: 0, max: 1, noNaN: true }),
})

describe('plan', () => {
  test('worked example: two slices: half of 1/(1 + λσ²τ²/2η̃) is left after the first', () => {
    const { temporary, urgency, holdings, trades } = Schedule.plan(sale)
    expect(temporary).toBeCloseTo(1, 12)
    expect(Math.cosh(urgency)).toBeCloseTo(1.045, 12)
    // sinh(κ)/sinh(2κ) = 1/(2·cosh κ)
    expect(holdings[1]).toBeCloseTo(50 / 1.045, 9)
    expect(holdings[2]).toBe(0)
    expect(trades[0]).toBeCloseTo(100 - 50 / 1.045, 9)
  })

  test('dimension: slices of half a minute: λσ²τ²/2η̃ is a quarter, and 40 of 100 are left', () => {
    const minute = { amount: 100, horizon: 60, slices: 2, sigma: 0.1, permanent: 0, temporary: 9, spread: 0, aversion: 0.5 }
    const { holdings, trades, cost } = Schedule.plan(minute)
    expect(holdings.map((held) => held.toFixed(9))).toEqual(['100.000000000', '40.000000000', '0.000000000'])
    expect(trades.map((trade) => trade.toFixed(9))).toEqual(['60.000000000', '40.000000000'])
    // 0.3·(60² + 40²), and 0.01·30·40².
    expect(cost).toEqual({ expected: expect.closeTo(1_560, 6), variance: expect.closeTo(480, 6), utility: expect.closeTo(1_560 + 240, 6) })
  })

  test('property: sells all of it, never buys, and no neighbour is better', () => {
    fc.assert(
      fc.property(some, fc.double({ min: -1, max: 1, noNaN: true }), (sale, nudge) => {
        const { holdings, trades, cost } = Schedule.plan(sale)
        expect(trades.reduce((a, b) => a + b, 0)).toBeCloseTo(sale.amount, 6)
        for (const trade of trades) expect(trade).toBeGreaterThanOrEqual(-1e-9 * sale.amount)
        expect(cost.utility).toBeLessThanOrEqual(Schedule.even(sale).utility * (1 + 1e-9))
        expect(cost.variance).toBeLessThanOrEqual(Schedule.even(sale).variance * (1 + 1e-9) + 1e-9)
        if (sale.slices < 2) return
        // Moving a little from one slice to the next, by hand.
        const step = sale.horizon / sale.slices
        const utility = (held: readonly number[]) =>
          held
            .slice(1)
            .reduce(
              (sum, x, k) =>
                sum +
                ((sale.temporary - (sale.permanent * step) / 2) / step) * ((held[k] ?? 0) - x) ** 2 +
                sale.aversion * sale.sigma ** 2 * step * x * x,
              0,
            )
        const nudged = holdings.map((held, k) => (k === 1 ? held + nudge * 0.01 * sale.amount : held))
        expect(utility(nudged)).toBeGreaterThanOrEqual(utility(holdings) * (1 - 1e-9))
      }),
      { numRuns },
    )
  })

  test('edge: the greatest haste sells at once and does not overflow', () => {
    const { holdings } = Schedule.plan({ ...sale, sigma: 1e50, slices: 3 })
    expect(holdings.map((held) => Math.round(held))).toEqual([100, 0, 0, 0])
  })

  test('error: a figure out of range', () => {
    for (const bad of [{ slices: 0 }, { slices: 1.5 }, { horizon: 0 }, { temporary: 0.05 }, { aversion: -1 }, { amount: -1 }])
      for (const ask of [Schedule.plan, Schedule.even, Schedule.block])
        expect(() => ask({ ...sale, ...bad })).toThrow(Figure.InvalidFigureError)
  })
})

describe('even', () => {
  test('worked example: γX²/2 + εX + η̃X²/T and σ²X²T/3·(1 − 1/N)(1 − 1/2N)', () => {
    const { expected, variance, utility } = Schedule.even(sale)
    expect(expected).toBeCloseTo(500 + 50 + 5_000, 9)
    expect(variance).toBeCloseTo(((9 * 10_000 * 2) / 3) * 0.5 * 0.75, 9)
    expect(utility).toBeCloseTo(expected + 0.01 * variance, 9)
  })
})

describe('block', () => {
  test('worked example: εX + ηX²/τ', () => {
    expect(Schedule.block(sale)).toEqual({ expected: 50 + 10_500, variance: 0, utility: 10_550 })
  })
})
