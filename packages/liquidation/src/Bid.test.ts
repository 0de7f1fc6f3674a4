import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Bid from './Bid.ts'
import * as Figure from './Figure.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const appetite = { confidence: 1, aversion: 1e-6, fee: 0.001, limit: 200_000 }
const risk = { sigma: 0.01, horizon: 4 }

describe('admitted', () => {
  test('worked example: nothing held: 500 less the 100 of others bear 10,000 at 4 %', () => {
    expect(Bid.admitted({ raiseEquity: 500n, im: 100n }, { held: 0n, ratePpm: 40_000 })).toBe(10_000n)
  })

  test('rounding: what is held needs its part rounded up, and what is admitted is rounded down', () => {
    // 1 · 4 % is 1, so that the others need 99, and 401 bear 10,025; 2 of 3 % are 66.6.
    expect(Bid.admitted({ raiseEquity: 500n, im: 100n }, { held: 1n, ratePpm: 40_000 })).toBe(10_025n)
    expect(Bid.admitted({ raiseEquity: 2n, im: 0n }, { held: 0n, ratePpm: 30_000 })).toBe(66n)
  })

  test('edge: others need all there is, or more: nothing', () => {
    expect(Bid.admitted({ raiseEquity: 100n, im: 100n }, { held: 0n, ratePpm: 40_000 })).toBe(0n)
    expect(Bid.admitted({ raiseEquity: 99n, im: 100n }, { held: 0n, ratePpm: 40_000 })).toBe(0n)
    expect(Bid.admitted({ raiseEquity: 101n, im: 100n }, { held: 0n, ratePpm: 40_000 })).toBe(25n)
  })

  test('error: no rate', () => {
    expect(() => Bid.admitted({ raiseEquity: 1n, im: 0n }, { held: 0n, ratePpm: 0 })).toThrow(Figure.InvalidFigureError)
  })
})

describe('needed', () => {
  test('worked example', () => {
    // 1 · 0.01 · 2 + 1e-6 · 1e-4 · 100,000 · 4 / 2 + 0.001
    expect(Bid.needed(appetite, risk, 100_000)).toBeCloseTo(0.02 + 0.00002 + 0.001, 12)
  })

  test('edge: what closes an opposite holding may cost nothing', () => {
    expect(Bid.needed({ ...appetite, confidence: 0, fee: 0 }, risk, -100_000)).toBeLessThan(0)
  })

  test('error: a figure out of range', () => {
    expect(() => Bid.needed({ ...appetite, fee: -1 }, risk, 0)).toThrow(Figure.InvalidFigureError)
    expect(() => Bid.needed(appetite, { ...risk, sigma: Number.NaN }, 0)).toThrow(Figure.InvalidFigureError)
    expect(() => Bid.needed(appetite, risk, Number.NaN)).toThrow(Figure.InvalidFigureError)
  })
})

describe('of', () => {
  const steep = { ...appetite, aversion: 1e-3, fee: 0 }

  test('worked example', () => {
    // (0.03 − 0.02) / (1e-3 · 1e-4 · 4 / 2) = 50,000
    const decision = Bid.of({ discount: 0.03, notional: 500_000 }, steep, { risk, holding: 0 })
    expect(decision).toMatchObject({ status: 'bid' })
    expect(decision.status === 'bid' && decision.notional).toBeCloseTo(50_000, 6)
    expect(decision.needed).toBeCloseTo(0.03, 12)
  })

  test('edge: exactly what a first dollar asks for takes nothing, a little more takes a little', () => {
    expect(Bid.of({ discount: 0.02, notional: 1_000 }, steep, { risk, holding: 0 })).toEqual({
      status: 'pass',
      reason: 'DISCOUNT',
      needed: 0.02,
    })
    expect(Bid.of({ discount: 0.0201, notional: 1e6 }, steep, { risk, holding: 0 })).toMatchObject({ status: 'bid' })
    expect(Bid.of({ discount: 0.0199, notional: 1e6 }, steep, { risk, holding: 0 })).toMatchObject({ status: 'pass', reason: 'DISCOUNT' })
  })

  test('edge: no more than the lot, and no more than the limit', () => {
    const at = (notional: number, holding: number) => Bid.of({ discount: 0.2, notional }, appetite, { risk, holding })
    expect(at(1_000, 0)).toMatchObject({ status: 'bid', notional: 1_000 })
    expect(at(500_000, 150_000)).toMatchObject({ status: 'bid', notional: 50_000 })
    expect(at(500_000, 200_000)).toMatchObject({ status: 'pass', reason: 'LIMIT' })
    expect(at(0, 0)).toMatchObject({ status: 'pass', reason: 'LIMIT' })
  })

  test('edge: without aversion it is all or nothing', () => {
    const bold = { ...appetite, aversion: 0 }
    expect(Bid.of({ discount: 0.021, notional: 9 }, bold, { risk, holding: 0 })).toMatchObject({ status: 'bid', notional: 9 })
    expect(Bid.of({ discount: 0.0209, notional: 9 }, bold, { risk, holding: 0 })).toMatchObject({ status: 'pass' })
  })

  test('worked example: what a bidder takes of a market’s own flow takes from the discount as well', () => {
    // needed(x) = 1/64·x·4/2 + ¼ and δ − λ·x = ½ − x/16: (½ − ¼) / (1/32 + 1/16) = 8/3.
    const own = { confidence: 0, aversion: 1, fee: 0.25, limit: 100 }
    const decision = Bid.of({ discount: 0.5, notional: 8, slope: 1 / 16 }, own, { risk: { sigma: 0.125, horizon: 4 }, holding: 0 })
    expect(decision.status === 'bid' && decision.notional).toBeCloseTo(8 / 3, 12)
    expect(decision.needed).toBeCloseTo(0.5 - 8 / 3 / 16, 12)
  })

  test('property: more of a deeper discount, less the more is held and the more of it a dollar takes away', () => {
    const real = { confidence: 0.25, aversion: 1e-8, fee: 2e-4, limit: 1e8 }
    const taken = (discount: number, slope: number, holding: number) => {
      const decision = Bid.of({ discount, notional: 1e7, slope }, real, { risk: { sigma: 1e-4, horizon: 600 }, holding })
      return decision.status === 'bid' ? decision.notional : 0
    }
    const share = fc.double({ min: 0, max: 0.05, noNaN: true })
    fc.assert(
      fc.property(
        share,
        fc.double({ min: 0, max: 1e-8, noNaN: true }),
        fc.double({ min: 0, max: 1e8, noNaN: true }),
        (discount, slope, holding) => {
          const here = taken(discount, slope, holding)
          expect(taken(discount + 0.01, slope, holding)).toBeGreaterThanOrEqual(here)
          expect(taken(discount, slope, holding + 1e6)).toBeLessThanOrEqual(here)
          expect(taken(discount, slope + 1e-9, holding)).toBeLessThanOrEqual(here)
        },
      ),
      { numRuns },
    )
  })

  test('property: a bid is paid for by its discount, within lot and limit; a pass of the discount is not worth a dollar', () => {
    const share = fc.double({ min: 0, max: 0.2, noNaN: true })
    const money = fc.double({ min: 0, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(share, money, fc.double({ min: -1e5, max: 3e5, noNaN: true }), share, (discount, notional, holding, sigma) => {
        const state = { risk: { sigma, horizon: 2 }, holding }
        const decision = Bid.of({ discount, notional }, steep, state)
        if (decision.status === 'bid') {
          expect(decision.notional).toBeLessThanOrEqual(notional)
          expect(holding + decision.notional).toBeLessThanOrEqual(steep.limit + 1e-6)
          expect(decision.needed).toBeLessThanOrEqual(discount + 1e-9)
        } else if (decision.reason === 'DISCOUNT') expect(decision.needed).toBeGreaterThanOrEqual(discount)
        else expect(Math.min(notional, steep.limit - holding)).toBeLessThanOrEqual(0)
      }),
      { numRuns },
    )
  })

  test('error: a discount that is no share, a slope below 0', () => {
    expect(() => Bid.of({ discount: 1.1, notional: 1 }, appetite, { risk, holding: 0 })).toThrow(Figure.InvalidFigureError)
    expect(() => Bid.of({ discount: 0.1, notional: 1, slope: -1 }, appetite, { risk, holding: 0 })).toThrow(Figure.InvalidFigureError)
  })
})

describe('dearness', () => {
  test('worked example: 2,500 at the venue and 2,000 at the index: a fifth of it for a long lot, nothing for a short one', () => {
    expect(Bid.dearness(Math.log(2_500 / 2_000), 1)).toBeCloseTo(0.2, 12)
    expect(Bid.dearness(Math.log(2_500 / 2_000), -1)).toBe(0)
  })

  test('worked example: 2,000 at the venue and 2,500 at the index: a short lot is sold a quarter too low', () => {
    expect(Bid.dearness(Math.log(2_000 / 2_500), -1)).toBeCloseTo(0.25, 12)
    expect(Bid.dearness(Math.log(2_000 / 2_500), 1)).toBe(0)
  })

  test('edge: together, nothing either way; error: no number', () => {
    expect([Bid.dearness(0, 1), Bid.dearness(0, -1)].map(Math.abs)).toEqual([0, 0])
    expect(() => Bid.dearness(Number.NaN, 1)).toThrow(Figure.InvalidFigureError)
  })
})
