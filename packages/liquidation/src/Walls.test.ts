import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Figure, Walls } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const walls: Walls.Walls = {
  side: 'long',
  price: 1_000,
  impact: 0.1,
  maintenance: 0.05,
  accounts: [
    { account: 'late', size: 100, liquidationPrice: 800 },
    { account: 'first', size: 200, liquidationPrice: 980 },
    { account: 'next', size: 400, liquidationPrice: 950 },
  ],
}

describe('fall', () => {
  test('worked example: 970, then 200·0.1 lower, then 400·0.1 lower, and 800 is not reached', () => {
    const { steps, prices, final, forced, badDebt, amplification } = Walls.fall(walls, -30)
    expect(prices).toEqual([970, 950, 910])
    expect(steps.map(({ account }) => account)).toEqual(['first', 'next'])
    expect(steps.map(({ average }) => average)).toEqual([960, 930])
    // Bankrupt at 931 and 902.5: neither fill is below it.
    expect(steps.map(({ bankruptcyPrice }) => bankruptcyPrice)).toEqual([931, 902.5])
    expect({ final, forced, badDebt, amplification }).toEqual({ final: 910, forced: 600, badDebt: 0, amplification: 3 })
  })

  test('worked example: a fill below bankruptcy leaves a debt', () => {
    const { steps, badDebt } = Walls.fall(walls, -100)
    // 900 → 880 at 890, 41 below 931; 880 → 840 at 860, 42.5 below 902.5.
    expect(steps.map(({ badDebt }) => badDebt)).toEqual([200 * 41, 400 * 42.5])
    expect(badDebt).toBe(25_200)
  })

  test('edge: nothing reached, exactly reached, no shock', () => {
    expect(Walls.fall(walls, -19)).toMatchObject({ steps: [], prices: [981], final: 981, amplification: 1 })
    expect(Walls.fall(walls, -20).steps).toHaveLength(1)
    expect(Walls.fall(walls, 0)).toMatchObject({ steps: [], final: 1_000, amplification: null })
  })

  test('property: shorts are longs in the mirror, and the order of the accounts is no matter', () => {
    const account = fc.record({ size: fc.integer({ min: 1, max: 100 }), liquidationPrice: fc.integer({ min: 500, max: 999 }) })
    fc.assert(
      fc.property(fc.array(account, { maxLength: 8 }), fc.integer({ min: 1, max: 400 }), (raw, shock) => {
        const accounts = raw.map((it, i) => ({ account: `a${i}`, ...it }))
        const long = Walls.fall({ ...walls, accounts }, -shock)
        const mirrored = accounts.map((it) => ({ ...it, liquidationPrice: 2_000 - it.liquidationPrice }))
        const short = Walls.fall({ ...walls, side: 'short', accounts: mirrored }, shock)
        expect(short.prices.map((price) => 2_000 - price)).toEqual(long.prices.map((price) => expect.closeTo(price, 9)))
        expect(Walls.fall({ ...walls, accounts: [...accounts].reverse() }, -shock).final).toBeCloseTo(long.final, 9)
        expect(Walls.fall({ ...walls, accounts }, -shock - 1).final).toBeLessThan(long.final)
      }),
      { numRuns },
    )
  })

  test('error: a price of 0, a negative impact or size', () => {
    for (const bad of [{ price: 0 }, { impact: -1 }, { maintenance: 1 }, { accounts: [{ account: 'a', size: 0, liquidationPrice: 1 }] }])
      expect(() => Walls.fall({ ...walls, ...bad }, -1)).toThrow(Figure.InvalidFigureError)
  })
})

describe('bankruptcyPrice', () => {
  test('worked example: 5 % below for a long, above for a short', () => {
    expect([Walls.bankruptcyPrice('long', 100, 0.05), Walls.bankruptcyPrice('short', 100, 0.05)]).toEqual([95, 105])
  })
})
