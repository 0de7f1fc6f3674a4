import { describe, expect, test } from 'vitest'
import * as Book from './Book.ts'
import * as Matrix from './Matrix.ts'
import { expiry, market, model, option, scenario } from './testing/portfolio.ts'

const lot = { amount: 0, price: 1, confidence: 1, moves: false, haircut: { initial: 0, maintenance: 0 } }
const perp = { amount: 0, price: 100, profit: 0, confidence: 1 }
const future = { amount: 0, profit: 0 }
const matrix = Matrix.of(
  market(model([scenario(1)], {}, { held: { base: 0.9, multiple: 0, addend: 0 } }), {
    expiries: [
      expiry([option('call', 100, 0), option('put', 100, 0)], { futures: [future] }),
      expiry([option('call', 100, 0)], { futures: [future] }),
    ],
    perps: [perp],
    collaterals: [lot],
  }),
  1,
)
const of = (...held: readonly (readonly [number, number])[]) =>
  Book.of(matrix, {
    starts: Int32Array.of(0, held.length),
    instrument: Int32Array.from(held, ([instrument]) => instrument),
    amount: Float64Array.from(held, ([, amount]) => amount),
    cash: Float64Array.of(7),
  })

describe('of', () => {
  test('worked example: options and futures by expiry, the rest apart', () => {
    const book = of([5, 3], [2, -1], [0, -4], [6, 9], [3, 2], [1, 1], [3, -5])
    expect(book.cash).toEqual(Float64Array.of(7))
    expect(book.groups).toEqual(Int32Array.of(0, 2))
    expect(book.expiry).toEqual(Int32Array.of(1, 0))
    expect(book.starts).toEqual(Int32Array.of(0, 1, 3))
    expect(book.instrument).toEqual(Int32Array.of(2, 0, 1))
    expect(book.amount).toEqual(Float64Array.of(-1, -4, 1))
    expect(book.units).toEqual(Float64Array.of(1, 5))
    expect(book.written).toEqual(Float64Array.of(1, 4))
    expect(book.futures).toEqual(Float64Array.of(0, -3))
    expect(book.grossFutures).toEqual(Float64Array.of(0, 7))
    expect(book.naked).toEqual(Float64Array.of(1 + 3))
    expect(book.others).toEqual(Int32Array.of(0, 2))
    expect(book.otherInstrument).toEqual(Int32Array.of(5, 6))
    expect(book.otherAmount).toEqual(Float64Array.of(3, 9))
  })

  test('edge: nothing, and nothing of something', () => {
    expect(of()).toMatchObject({ groups: Int32Array.of(0, 0), others: Int32Array.of(0, 0), naked: Float64Array.of(0) })
    expect(of([0, 0], [5, 0])).toEqual(of())
  })

  test('error: no such instrument, no such amount, collateral owed', () => {
    for (const [instrument, amount] of [
      [7, 1],
      [-1, 1],
      [0, Number.NaN],
      [0, Number.POSITIVE_INFINITY],
      [6, -1],
    ] as const)
      expect(() => of([instrument, amount])).toThrow(
        expect.objectContaining({ name: 'Book.InvalidPositionError', account: 0, instrument, amount }),
      )
    expect(of([6, 0]).otherAmount).toHaveLength(0)
  })
})
