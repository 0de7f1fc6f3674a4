import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Book, Columns, Threshold } from './index.ts'
import { crossBook, isolated, market, usd } from './testing/books.ts'
import { failing, someColumns, somePrices } from './testing/naive.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const sides = fc.constantFrom('long' as const, 'short' as const)
const some = fc.array(fc.double({ min: 0.5, max: 1.6, noNaN: true }), { minLength: 3, maxLength: 3 })

describe('of', () => {
  test('worked example: a long with coins and a short share a slot each; nothing to liquidate is +∞', () => {
    const book = Book.of([
      { ...isolated('a', 'long', 1_000, 200), holdings: [{ market, value: usd(100) }] },
      isolated('b', 'short', 400, 100),
      { account: 'c', equity: usd(5), collateral: usd(5), positions: [] },
    ])
    const columns = Columns.of(book)
    expect(columns).toMatchObject({ names: [market], accounts: ['a', 'b', 'c'], count: 3, slots: 1 })
    expect([...columns.weight]).toEqual([1_050, -420, 0])
    expect([...columns.exposure]).toEqual([1_100, -400, 0])
    expect([...columns.cash].map((cash) => Math.round(cash))).toEqual([-900, 500, Number.POSITIVE_INFINITY])
    // At 0.9: −900 + 945.
    expect(Columns.health(columns, 0, Float64Array.of(0.9))).toBeCloseTo(45, 6)
    expect(Columns.of(Book.of([]))).toMatchObject({ count: 0, slots: 1 })
  })

  test('edge: one slot, or fours of them; 65,536 markets and no more', () => {
    const wide = (markets: number): Book.Account => ({
      ...isolated('a', 'long', 1, 1),
      positions: Array.from({ length: markets }, (_, k) => ({ market: `M${k}`, side: 'long', notional: 1n, maintenancePpm: 0 })),
    })
    const slots = (markets: number) => Columns.of({ accounts: [wide(markets)] }).slots
    expect([1, 2, 4, 5, 8, 9].map(slots)).toEqual([1, 4, 4, 8, 8, 12])
    expect(slots(65_536)).toBe(65_536)
    expect(() => slots(65_537)).toThrow(expect.objectContaining({ name: 'Figure.InvalidFigureError', figure: 'markets', value: 65_537 }))
  })
})

describe('failing', () => {
  test('property: who is below maintenance, whatever the number of slots', () => {
    fc.assert(
      fc.property(crossBook(sides), some, fc.boolean(), (book, values, wide) => {
        // A fifth market makes eight slots of four.
        const extra = ['V', 'W', 'X', 'Y', 'Z'].map((name) => ({ market: name, side: 'long' as const, notional: 1n, maintenancePpm: 0 }))
        const own = wide ? Book.of(book.accounts.map((it) => ({ ...it, positions: [...it.positions, ...extra] }))) : book
        const columns = Columns.of(own)
        const ratios = Float64Array.from(columns.names, (_, k) => values[k % 3] ?? 1)
        const found = new Int32Array(columns.count)
        const number = Columns.failing(columns, ratios, found)
        const expected = own.accounts.flatMap(({ equity, positions, holdings = [] }, i) => {
          let health = Book.usd(equity)
          let scale = 0
          const y = (name: string) => ratios[columns.names.indexOf(name)] ?? 1
          for (const { market, side, notional, maintenancePpm } of positions) {
            const amount = Book.usd(notional)
            health += (side === 'long' ? amount : -amount) * (y(market) - 1) - amount * (maintenancePpm / 1e6) * y(market)
            scale += amount
          }
          for (const { market, value } of holdings) health += Book.usd(value) * (y(market) - 1)
          fc.pre(Math.abs(health) > 1e-9 * scale)
          return health < 0 ? [i] : []
        })
        expect([...found.slice(0, number)]).toEqual(expected)
      }),
      { numRuns },
    )
  })

  test('property: the naive scan, at the very threshold and a float beside it', () => {
    fc.assert(
      fc.property(someColumns(), somePrices, (columns, prices) => {
        const found = new Int32Array(columns.count)
        expect([...found.subarray(0, Columns.failing(columns, prices, found))]).toEqual(failing(columns, prices))
      }),
      { numRuns },
    )
  })

  test('edge: in four slots a health of exactly nothing is below it, and a unit is not', () => {
    const columns = Columns.empty({ names: ['A', 'B', 'C', 'D'], accounts: ['a', 'b'], count: 2, slots: 4 })
    columns.market.set([0, 0, 1, 1, 2, 2, 3, 3])
    columns.weight.set([1, 1, 2, 2, 4, 4, 8, 8])
    columns.cash.set([-15, -14])
    const prices = new Float64Array(4).fill(1)
    const found = new Int32Array(2)
    expect([Columns.failing(columns, prices, found), found[0]]).toEqual([1, 0])
    // By 2, 3, 5 and 7: 2 + 6 + 20 + 56.
    expect([0, 1].map((account) => Columns.health(columns, account, Float64Array.of(2, 3, 5, 7)))).toEqual([84 - 15, 84 - 14])
  })

  test('edge: on a million a ten-millionth of a USD above is there already', () => {
    const at = (above: bigint) => {
      const account = isolated('a', 'long', 1_000_000, 0, 0)
      return Columns.failing(Columns.of(Book.of([{ ...account, equity: usd(200_000) + above }])), Float64Array.of(0.8), new Int32Array(1))
    }
    expect([at(10n ** 11n), at(10n ** 13n)]).toEqual([1, 0])
  })

  test('edge: exactly at maintenance margin is below it', () => {
    const columns = Columns.of(Book.of([isolated('a', 'long', 1_000, 240)]))
    expect(Columns.failing(columns, Float64Array.of(0.8), new Int32Array(1))).toBe(1)
    expect(Columns.failing(columns, Float64Array.of(0.80000001), new Int32Array(1))).toBe(0)
    expect(
      Threshold.along(Book.of([isolated('a', 'long', 1_000, 240)]).accounts[0] ?? isolated('', 'long', 1, 1), { [market]: 1 }),
    ).toBeCloseTo(-Math.log(0.8), 12)
  })
})

describe('sell', () => {
  test('worked example: a long sells, a short buys, by account and slot', () => {
    const columns = Columns.empty({ names: ['A', 'B'], accounts: ['a', 'b'], count: 2, slots: 4 })
    columns.market[2 + 1] = 1
    columns.exposure.set([0, 0, 0, 0, 30, -20, 0, 0])
    const flows = new Float64Array(2)
    Columns.sell(columns, 1, flows)
    expect([...flows]).toEqual([-30, 20])
  })
})

describe('assert', () => {
  test('error: a price too few or too many, and one that is none', () => {
    const names = ['A', 'B']
    expect(Columns.assert({ names }, Float64Array.of(0.5, 2))).toBeUndefined()
    for (const prices of [[1], [1, 1, 1]])
      expect(() => Columns.assert({ names }, Float64Array.from(prices))).toThrow(
        expect.objectContaining({ figure: 'prices', value: prices.length }),
      )
    for (const price of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      for (const k of [0, 1])
        expect(() => Columns.assert({ names }, new Float64Array(2).fill(1).fill(price, k, k + 1))).toThrow(
          expect.objectContaining({ figure: `price of ${names[k]}`, value: price }),
        )
  })
})

describe('flow', () => {
  test('rounding: away from zero, to a 65,536th, and what is one already stays', () => {
    expect(Columns.flow(0.1) * 65_536).toBe(6_554)
    expect(Columns.flow(-0.1) * 65_536).toBe(-6_554)
    expect(Columns.flow(12.5)).toBe(12.5)
    expect(Columns.flow(0)).toBe(0)
  })

  test('property: sums do not depend on their order', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true })), (amounts) => {
        const sum = (list: readonly number[]) => list.reduce((total, amount) => total + Columns.flow(amount), 0)
        expect(sum([...amounts].reverse())).toBe(sum(amounts))
      }),
      { numRuns },
    )
  })
})
