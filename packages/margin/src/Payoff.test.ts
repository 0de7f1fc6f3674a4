import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Payoff from './Payoff.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const call = (strike: number, amount: number): Payoff.Leg => ({ kind: 'call', strike, amount })
const put = (strike: number, amount: number): Payoff.Leg => ({ kind: 'put', strike, amount })
const legs = fc.array(
  fc.record({
    kind: fc.constantFrom('call' as const, 'put' as const),
    strike: fc.integer({ min: 0, max: 9 }),
    amount: fc.integer({ min: -5, max: 5 }),
  }),
  { maxLength: 8 },
)

describe('at', () => {
  test('worked example: a call spread', () => {
    const spread = [call(100, 1), call(120, -1)]
    expect([90, 110, 150].map((price) => Payoff.at(spread, price))).toEqual([0, 10, 20])
    expect(Payoff.at([], 100)).toBe(0)
  })
})

describe('greatestLoss', () => {
  test('worked example: spreads, a put of strike 0, a box', () => {
    expect(Payoff.greatestLoss([put(100, -1), put(70, 1)])).toBe(30)
    expect(Payoff.greatestLoss([call(100, -1), call(120, 1)])).toBe(20)
    expect(Payoff.greatestLoss([put(0, -1)])).toBe(0)
    expect(Payoff.greatestLoss([call(100, -1), put(100, 1), call(90, 1), put(90, -1)])).toBe(0)
    expect(Payoff.greatestLoss([call(100, 1), put(100, -1), call(90, -1), put(90, 1)])).toBe(10)
  })

  test('edge: nothing, held options only: a plain 0', () => {
    expect(Object.is(Payoff.greatestLoss([]), 0)).toBe(true)
    expect(Object.is(Payoff.greatestLoss([put(100, 2), call(50, 1)]), 0)).toBe(true)
  })

  test('edge: above the highest strike an unpaired call is not counted here', () => {
    expect(Payoff.greatestLoss([call(100, -1)])).toBe(0)
    expect(Payoff.netCalls([call(100, -1), call(120, 0.25), put(100, -7)])).toBe(-0.75)
  })

  test('property: no price up to the highest strike is worse', () => {
    fc.assert(
      fc.property(legs, fc.double({ min: 0, max: 1, noNaN: true }), (all, where) => {
        const highest = Math.max(0, ...all.map(({ strike }) => strike))
        expect(-Payoff.at(all, where * highest)).toBeLessThanOrEqual(Payoff.greatestLoss(all) + 1e-12)
      }),
      { numRuns },
    )
  })
})

describe('naked', () => {
  test('worked example: one kind written, both written, matched in part and in full', () => {
    expect(Payoff.naked([call(100, -3)])).toBe(3)
    expect(Payoff.naked([call(100, -3), put(100, -2)])).toBe(5)
    expect(Payoff.naked([call(100, -3), put(100, 2)])).toBe(1)
    expect(Payoff.naked([call(100, 2), put(100, -3)])).toBe(1)
    expect(Payoff.naked([call(100, -3), put(100, 4)])).toBe(0)
    expect(Payoff.naked([call(100, 3), put(100, 4)])).toBe(0)
  })

  test('edge: another strike does not match; the same option twice nets', () => {
    expect(Payoff.naked([call(100, -3), put(101, 3)])).toBe(3)
    expect(Payoff.naked([call(100, -3), call(100, 1), put(100, 1)])).toBe(1)
    expect(Payoff.naked([])).toBe(0)
  })

  test('property: order changes nothing; never above what is written', () => {
    fc.assert(
      fc.property(legs, (all) => {
        const written = all.reduce((sum, { amount }) => sum + Math.max(0, -amount), 0)
        expect(Payoff.naked(all.toReversed())).toBe(Payoff.naked(all))
        expect(Payoff.naked(all)).toBeLessThanOrEqual(written)
        expect(Payoff.naked(all)).toBeGreaterThanOrEqual(0)
      }),
      { numRuns },
    )
  })
})
