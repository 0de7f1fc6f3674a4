import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Closing, Figure } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

describe('of', () => {
  test('worked example: 3 of 100 back to 6 % at a cost of 1 %: 60 %', () => {
    const { share, left } = Closing.of({ equity: 3, notional: 100, target: 0.06, cost: 0.01 })
    expect(share).toBeCloseTo(0.6, 12)
    expect(left.equity / left.notional).toBeCloseTo(0.06, 12)
  })

  test('edge: at the target nothing; where cost eats the equity, everything', () => {
    expect(Closing.of({ equity: 6, notional: 100, target: 0.06, cost: 0.01 })).toMatchObject({ status: 'none', share: 0 })
    expect(Closing.of({ equity: 1, notional: 100, target: 0.06, cost: 0.01 })).toMatchObject({ status: 'whole', share: 1 })
    expect(Closing.of({ equity: 1.01, notional: 100, target: 0.06, cost: 0.01 }).status).toBe('part')
    expect(Closing.of({ equity: 3, notional: 100, target: 0.06, cost: 0.06 })).toMatchObject({ status: 'whole', closed: 100 })
    expect(Closing.of({ equity: -3, notional: 100, target: 0.06, cost: 0 }).status).toBe('whole')
  })

  test('property: a part restores the target; a higher target closes no less', () => {
    const share = fc.double({ min: 0, max: 0.5, noNaN: true })
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e9, noNaN: true }), share, share, share, share, (notional, ratio, target, more, cost) => {
        fc.pre(target > 1e-6)
        const closing = Closing.of({ equity: ratio * notional, notional, target, cost })
        if (closing.status === 'part') fc.pre(closing.share < 1 - 1e-6)
        if (closing.status === 'part') expect(closing.left.equity / closing.left.notional).toBeCloseTo(target, 6)
        const further = Closing.of({ equity: ratio * notional, notional, target: target + more, cost: 0 })
        expect(further.share).toBeGreaterThanOrEqual(Closing.of({ equity: ratio * notional, notional, target, cost: 0 }).share - 1e-12)
      }),
      { numRuns },
    )
  })

  test('error: no position, no target, a cost below 0', () => {
    const good = { equity: 1, notional: 100, target: 0.1, cost: 0 }
    for (const bad of [{ notional: 0 }, { target: 0 }, { cost: -1 }, { equity: Number.NaN }])
      expect(() => Closing.of({ ...good, ...bad })).toThrow(Figure.InvalidFigureError)
  })
})
