import { describe, expect, test } from 'vitest'
import * as Standing from './Standing.ts'

/** Longs at 5 and 2.5 times, a short at 4 times, an account without a position. */
const positions = {
  side: Int8Array.of(1, 1, -1, 0),
  notional: Float64Array.of(100, 50, 100, 0),
  equity: Float64Array.of(20, 20, 25, 7),
  maintenance: new Float64Array(4),
}
const inOrder = (found: readonly number[]) => [...found].sort((a, b) => a - b)

describe('threshold', () => {
  test('worked example: a long that owes 80 against 100 units at 20 %, a short that holds 125', () => {
    expect(Standing.threshold({ side: 1, cash: -80, units: 100, maintenance: 0.2 })).toBe(1)
    expect(Standing.threshold({ side: -1, cash: 125, units: 100, maintenance: 0.25 })).toBe(1)
  })
})

describe('of', () => {
  test('worked example: cash is equity less what is held; keys are thresholds by side', () => {
    const { cash, units, longs, shorts } = Standing.of(positions)
    expect([...cash]).toEqual([-80, -30, 125, 7])
    expect([...units]).toEqual([100, 50, 100, 0])
    expect([...longs.keys]).toEqual([0.8, 0.6, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY])
    expect(shorts.keys[2]).toBe(-1.25)
  })
})

describe('failing', () => {
  test('edge: at its price an account fails; a look further finds who would', () => {
    const standing = Standing.of(positions)
    expect(Standing.failing(standing, 1, 0.8, 1e-12)).toEqual([0])
    expect(Standing.failing(standing, 1, 0.81, 1e-12)).toEqual([])
    expect(inOrder(Standing.failing(standing, 1, 1, Math.log(1 / 0.6) + 1e-12))).toEqual([0, 1])
    expect(Standing.failing(standing, -1, 1.25, 1e-12)).toEqual([2])
    expect(Standing.failing(standing, -1, 1.24, 1e-12)).toEqual([])
  })
})

describe('distance', () => {
  test('worked example: log moves against either side', () => {
    const standing = Standing.of(positions)
    expect(Standing.distance(standing, 0, 1)).toBeCloseTo(-Math.log(0.8), 12)
    expect(Standing.distance(standing, 2, 1)).toBeCloseTo(Math.log(1.25), 12)
  })
  test('edge: a long that paid for all of it has none', () => {
    const standing = Standing.of({ ...positions, equity: Float64Array.of(100, 20, 25, 7) })
    expect(Standing.distance(standing, 0, 1)).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('equity', () => {
  test('worked example: cash and units at a price, either way', () => {
    const standing = Standing.of(positions)
    expect([0, 2, 3].map((account) => Standing.equity(standing, account, 0.5))).toEqual([-80 + 50, 125 - 50, 7])
  })
})

describe('trade', () => {
  test('edge: what is left of a unit fails at a price; once all is closed none does, on either side', () => {
    const standing = Standing.of(positions)
    for (const account of [0, 2]) Standing.trade(standing, account, { units: 99.5, price: 1, fee: 0 })
    // 19.5 against half a unit, and 25.5 for it.
    expect([0, 2].map((account) => Standing.distance(standing, account, 1))).toEqual([
      Number.POSITIVE_INFINITY,
      expect.closeTo(Math.log(25.5 / 0.5), 12),
    ])
    for (const account of [0, 2]) Standing.trade(standing, account, { units: 0.5, price: 1, fee: 0 })
    expect([0, 2].map((account) => Standing.distance(standing, account, 1))).toEqual([1, 1].map(() => Number.POSITIVE_INFINITY))
  })
  test('worked example: half is sold at 0.9, and a fee of 1 is paid', () => {
    const standing = Standing.of(positions)
    expect(Standing.trade(standing, 0, { units: 50, price: 0.9, fee: 1 })).toBe(1)
    expect([standing.cash[0], standing.units[0]]).toEqual([-36, 50])
    expect(standing.longs.keys[0]).toBe(0.72)
  })
  test('edge: a fee takes what there is and no more; a closed account fails no more', () => {
    const standing = Standing.of(positions)
    expect(Standing.trade(standing, 0, { units: 100, price: 0.8125, fee: 5 })).toBe(1.25)
    expect(standing.cash[0]).toBe(0)
    expect(Standing.failing(standing, 1, 1e-9, 1e-12)).not.toContain(0)
    expect(Standing.trade(standing, 2, { units: 100, price: 1.5, fee: 5 })).toBe(0)
    expect(standing.cash[2]).toBe(-25)
  })
})
