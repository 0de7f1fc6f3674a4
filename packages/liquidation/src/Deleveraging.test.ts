import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Deleveraging } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const money = fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n })

describe('of', () => {
  test('worked example: 60 owed, profits of 50, 30 and 20', () => {
    expect(Deleveraging.of('queue', 60n, [50n, 30n, 20n])).toEqual({ haircuts: [50n, 10n, 0n], total: 60n, unpaid: 0n })
    expect(Deleveraging.of('pro rata', 60n, [50n, 30n, 20n])).toEqual({ haircuts: [30n, 18n, 12n], total: 60n, unpaid: 0n })
  })

  test('rounding: down, the unit left over falls to the first who can give it', () => {
    expect(Deleveraging.of('pro rata', 2n, [0n, 1n, 1n, 1n]).haircuts).toEqual([0n, 1n, 1n, 0n])
    expect(Deleveraging.of('pro rata', 10n, [7n, 7n, 7n]).haircuts).toEqual([4n, 3n, 3n])
  })

  test('edge: more owed than there is, nothing owed, nobody there', () => {
    for (const rule of ['queue', 'pro rata'] as const) {
      expect(Deleveraging.of(rule, 100n, [30n, -5n])).toEqual({ haircuts: [30n, 0n], total: 30n, unpaid: 70n })
      expect(Deleveraging.of(rule, -1n, [30n])).toEqual({ haircuts: [0n], total: 0n, unpaid: 0n })
      expect(Deleveraging.of(rule, 5n, [])).toEqual({ haircuts: [], total: 0n, unpaid: 5n })
    }
  })

  test('property: between 0 and the profit, and together exactly what is owed or there', () => {
    fc.assert(
      fc.property(fc.constantFrom('queue' as const, 'pro rata' as const), money, fc.array(money), (rule, deficit, profits) => {
        const { haircuts, total, unpaid } = Deleveraging.of(rule, deficit, profits)
        const pool = profits.reduce((sum, p) => (p > 0n ? sum + p : sum), 0n)
        expect(haircuts.reduce((a, b) => a + b, 0n)).toBe(total)
        expect(total + unpaid).toBe(deficit > 0n ? deficit : 0n)
        expect(total <= pool).toBe(true)
        for (const [i, haircut] of haircuts.entries()) {
          const profit = profits[i] ?? 0n
          expect(haircut >= 0n && haircut <= (profit > 0n ? profit : 0n)).toBe(true)
          // Pro rata within a unit of the exact share, and the units left over.
          if (rule === 'pro rata' && pool > 0n) expect(haircut * pool >= total * (profit > 0n ? profit : 0n) - pool).toBe(true)
        }
      }),
      { numRuns },
    )
  })
})

describe('rank', () => {
  test('worked example: 1 of 1 before 3 of 10 before 20 of 100; ties as they were given; losses and no equity last', () => {
    const winners = [
      { account: 'd', profit: 9n, equity: 0n },
      { account: 'f', profit: 0n, equity: 10n },
      { account: 'e', profit: -5n, equity: 10n },
      { account: 'c', profit: 20n, equity: 100n },
      { account: 'b', profit: 3n, equity: 10n },
      { account: 'a', profit: 2n, equity: 10n },
      { account: 'g', profit: 1n, equity: 1n },
      { account: 'h', profit: -1n, equity: 1n },
    ]
    expect(
      Deleveraging.rank(winners)
        .map(({ account }) => account)
        .join(''),
    ).toBe('gbcadfeh')
    expect(
      Deleveraging.rank([...winners].reverse())
        .map(({ account }) => account)
        .join(''),
    ).toBe('gbachefd')
  })
})
