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

describe('value', () => {
  test('worked example: 4,000 of profit on 20,000 at an equity of 6,500, and 5,000 on 25,000 at 15,000', () => {
    expect(Deleveraging.value({ profit: 4_000n, notional: 20_000n, equity: 6_500n })).toBe(12_307n)
    expect(Deleveraging.value({ profit: 5_000n, notional: 25_000n, equity: 15_000n })).toBe(8_333n)
  })

  test('edge: a loss, nothing, no equity, less than none', () => {
    expect(Deleveraging.value({ profit: -1n, notional: 10n, equity: 10n })).toBe(0n)
    expect(Deleveraging.value({ profit: 0n, notional: 10n, equity: 10n })).toBe(0n)
    expect(Deleveraging.value({ profit: 5n, notional: 10n, equity: 0n })).toBe(0n)
    expect(Deleveraging.value({ profit: 5n, notional: 10n, equity: -1n })).toBe(0n)
    expect(Deleveraging.value({ profit: 1n, notional: 1n, equity: 1n })).toBe(1n)
  })

  test('rounding: down', () => {
    expect(Deleveraging.value({ profit: 2n, notional: 5n, equity: 3n })).toBe(3n)
  })

  test('dimension: all money times k is the value times k, to the unit', () => {
    const amount = fc.bigInt({ min: 1n, max: 10n ** 9n })
    fc.assert(
      fc.property(amount, amount, amount, fc.bigInt({ min: 1n, max: 1_000n }), (profit, notional, equity, k) => {
        const value = Deleveraging.value({ profit, notional, equity })
        const large = Deleveraging.value({ profit: profit * k, notional: notional * k, equity: equity * k })
        expect(large >= value * k && large < (value + 1n) * k).toBe(true)
      }),
      { numRuns },
    )
  })
})

/** By account: profit, notional, equity. */
const winners = (figures: Readonly<Record<string, readonly [bigint, bigint, bigint]>>) =>
  Object.entries(figures).map(([account, [profit, notional, equity]]) => ({ account, profit, notional, equity }))
const names = (ranked: readonly { readonly account: string }[]) => ranked.map(({ account }) => account).join('')

describe('rank', () => {
  test('worked example: 20 of 100 with 900 open before 3 of 10 with 30; ties as they were given; losses and no equity last', () => {
    const given = winners({
      d: [9n, 90n, 0n],
      f: [0n, 90n, 10n],
      e: [-5n, 90n, 10n],
      b: [3n, 30n, 10n],
      c: [20n, 900n, 100n],
      a: [9n, 10n, 10n],
    })
    expect(names(Deleveraging.rank(given))).toBe('cbadfe')
    expect(names(Deleveraging.rank([...given].reverse()))).toBe('cabefd')
  })
})

describe('plan', () => {
  const holder = (account: string, equity: bigint, ...positions: readonly (readonly [string, bigint, bigint])[]) => ({
    account,
    equity,
    positions: positions.map(([market, unrealised, notional]) => ({ market, unrealised, notional })),
  })
  const places = (...args: Parameters<typeof Deleveraging.plan>) =>
    Deleveraging.plan(...args).map(({ account, market, value }) => `${account} ${market} ${value}`)
  const book = [
    holder('c', 810n, ['ETH', 500n, 2_500n]),
    holder('a', 15_000n, ['ETH', 5_000n, 25_000n]),
    holder('b', 6_500n, ['ETH', 4_000n, 20_000n]),
    holder('l', 100n, ['ETH', -40n, 1_000n]),
  ]
  const debt = { owed: 8_000n, scale: 1n, longest: 64 }

  test('worked example: 8,000 owed are 4,000 of the first and 4,000 of the 5,000 of the second; who has more by equity alone is third', () => {
    expect(places(book, debt)).toEqual(['b ETH 12307', 'a ETH 8333'])
  })

  test('edge: what the first pays alone asks nobody else; a unit more does; more than all have asks all', () => {
    expect(places(book, { ...debt, owed: 4_000n })).toHaveLength(1)
    expect(places(book, { ...debt, owed: 4_001n })).toHaveLength(2)
    expect(places(book, { ...debt, owed: 10_000n })).toEqual(['b ETH 12307', 'a ETH 8333', 'c ETH 1543'])
    expect(places(book, { ...debt, owed: 10_000n, longest: 2 })).toHaveLength(2)
    expect(places([], debt)).toEqual([])
  })

  test('edge: who has no equity has no place, nor has a rank below one', () => {
    expect(
      places([holder('e', 0n, ['ETH', 500n, 900n]), holder('t', 100n, ['ETH', 9n, 11n]), holder('u', 99n, ['ETH', 9n, 11n])], debt),
    ).toEqual(['u ETH 1'])
  })

  test('edge: equal ranks go by account, then by market; each position has a place of its own', () => {
    const equal = [holder('z', 10n, ['ETH', 1n, 10n]), holder('y', 10n, ['SOL', 1n, 10n], ['BTC', 1n, 10n], ['ETH', 2n, 10n])]
    expect(places(equal, debt)).toEqual(['y ETH 2', 'y BTC 1', 'y SOL 1', 'z ETH 1'])
  })

  test('rounding: what is less than a unit of the token pays nothing', () => {
    const dust = [holder('a', 10n, ['ETH', 19n, 10n]), holder('b', 10n, ['ETH', 10n, 10n]), holder('c', 10n, ['ETH', 9n, 90n])]
    expect(places(dust, { ...debt, owed: 10n, scale: 10n })).toEqual(['a ETH 19'])
    expect(places(dust, { ...debt, owed: 20n, scale: 10n })).toEqual(['a ETH 19', 'b ETH 10'])
    expect(places(dust, { ...debt, owed: 30n, scale: 10n })).toEqual(['a ETH 19', 'b ETH 10'])
  })
})
