import { describe, expect, test } from 'vitest'
import { Book, LeverageRatio } from './index.ts'
import { isolated, usd } from './testing/books.ts'

const one = 10n ** 18n
const book = Book.of([isolated('a', 'long', 1_000, 200), isolated('b', 'long', 500, 50), isolated('c', 'short', 1_200, 240)])

describe('posted', () => {
  test('worked example: 2,700 on 490, or 1,500 once', () => {
    expect(LeverageRatio.posted(book, null, 'two-sided')).toEqual({
      status: 'ok',
      convention: 'two-sided',
      ratio: (2_700n * one + 489n) / 490n,
      notional: usd(2_700),
      base: usd(490),
    })
    expect(LeverageRatio.posted(book, null, 'open-interest')).toMatchObject({ notional: usd(1_500) })
  })

  test('edge: no positions is empty, positions on nothing are unbacked', () => {
    expect(LeverageRatio.posted(book, 'SOL-PERP', 'two-sided')).toEqual({ status: 'empty', convention: 'two-sided' })
    expect(LeverageRatio.posted(Book.of([isolated('a', 'long', 10, 0)]), null, 'two-sided')).toEqual({
      status: 'unbacked',
      convention: 'two-sided',
      notional: usd(10),
    })
  })

  test('edge: the larger side is the short one', () => {
    expect(
      LeverageRatio.posted(Book.of([isolated('c', 'short', 30, 10), isolated('d', 'long', 20, 10)]), null, 'open-interest'),
    ).toMatchObject({ notional: usd(30) })
  })

  test('rounding: up', () => {
    const thirds = Book.of([
      { account: 'a', equity: 3n, collateral: 3n, positions: [{ market: 'm', side: 'long', notional: 10n, maintenancePpm: 1 }] },
    ])
    expect(LeverageRatio.posted(thirds, 'm', 'two-sided')).toMatchObject({ ratio: 3_333_333_333_333_333_334n })
  })
})

describe('equity', () => {
  test('worked example: an account under water lends its deficit to nobody', () => {
    const under = Book.of([isolated('a', 'long', 100, -50), isolated('b', 'long', 100, 50)])
    expect(LeverageRatio.equity(under, null, 'two-sided')).toMatchObject({ ratio: 4n * one, base: usd(50) })
  })
})
