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

  test('error: cash that is no finite number', () => {
    const none = { starts: Int32Array.of(0, 0), instrument: new Int32Array(0), amount: new Float64Array(0) }
    for (const cash of [Number.NaN, Number.NEGATIVE_INFINITY])
      expect(() => Book.of(matrix, { ...none, cash: Float64Array.of(cash) })).toThrow(
        expect.objectContaining({ name: 'Portfolio.InvalidAccountError', path: 'cash', value: cash }),
      )
    expect(Book.of(matrix, { ...none, cash: Float64Array.of(-5) }).cash).toEqual(Float64Array.of(-5))
  })

  test('error: a position that is in no account, or in two', () => {
    const laid = (starts: readonly number[], amounts = [4, 5]) =>
      Book.of(matrix, {
        starts: Int32Array.from(starts),
        instrument: Int32Array.of(0, 5),
        amount: Float64Array.from(amounts),
        cash: Float64Array.of(1, 2),
      })
    const refused = (account: number, instrument: number, amount: number) =>
      expect.objectContaining({ name: 'Book.InvalidPositionError', account, instrument, amount })
    expect(laid([0, 1, 2]).amount).toEqual(Float64Array.of(4))
    expect(laid([0, 0, 2]).others).toEqual(Int32Array.of(0, 0, 1))
    // Too short: nothing says whose the second is; and too few, none before the first, one twice, one that is not there.
    expect(() => laid([0, 1])).toThrow(refused(2, 5, 5))
    expect(() => laid([0, 1, 1])).toThrow(refused(2, 5, 5))
    expect(() => laid([1, 1, 2])).toThrow(refused(0, 0, 4))
    expect(() => laid([0, 1, 0])).toThrow(refused(2, 5, 5))
    expect(() => laid([0, 1, 3])).toThrow(refused(2, 5, 5))
    expect(() => laid([0, 1, 2], [4, 5, 6])).toThrow(refused(2, Number.NaN, 6))
    expect(() => laid([0, 1, 2], [4])).toThrow(refused(2, Number.NaN, Number.NaN))
  })
})
