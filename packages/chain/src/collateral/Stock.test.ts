import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Stock from './Stock.ts'

describe('payable', () => {
  test('worked example: a share of what is there; all of it where all is there, or nobody says', () => {
    expect(Stock.payable(990n, { owed: 1_980n, held: 990n })).toBe(495n)
    expect(Stock.payable(990n, { owed: 990n, held: 990n })).toBe(990n)
    expect(Stock.payable(990n, { owed: 990n, held: 5_000n })).toBe(990n)
    expect(Stock.payable(990n, { owed: 990n, held: null })).toBe(990n)
  })

  test('edge: of a token of which nothing is owed nothing is paid', () => {
    expect(Stock.payable(0n, { owed: 0n, held: 0n })).toBe(0n)
  })

  test('rounding: down, so that all shares together are no more than what is there', () => {
    expect(Stock.payable(100n, { owed: 1_000n, held: 995n })).toBe(99n)
    expect(Stock.payable(1n, { owed: 3n, held: 2n })).toBe(0n)
  })
})

describe('written', () => {
  test('worked example: of half there is twice as much written down, and one unit that halving left out', () => {
    expect(Stock.written(495n, { owed: 1_980n, held: 990n })).toBe(991n)
    expect(Stock.payable(991n, { owed: 1_980n, held: 990n })).toBe(495n)
    expect(Stock.payable(992n, { owed: 1_980n, held: 990n })).toBe(496n)
  })

  test('edge: all of it where all is there, or nobody says; nothing can be told of a token that is gone', () => {
    expect(Stock.written(990n, { owed: 990n, held: 990n })).toBe(990n)
    expect(Stock.written(990n, { owed: 990n, held: 5_000n })).toBe(990n)
    expect(Stock.written(990n, { owed: 990n, held: null })).toBe(990n)
    expect(Stock.written(0n, { owed: 990n, held: 0n })).toBe(0n)
  })

  test('property: the greatest amount of which so much is paid', () => {
    const whole = fc.bigInt(1n, 10n ** 30n)
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 30n), whole, whole, (amount, a, b) => {
        const [held, owed] = a < b ? [a, b] : [b, a]
        const paid = Stock.payable(amount, { owed, held })
        const most = Stock.written(paid, { owed, held })
        expect(most).toBeGreaterThanOrEqual(amount)
        expect(Stock.payable(most, { owed, held })).toBe(paid)
        if (held < owed) expect(Stock.payable(most + 1n, { owed, held })).toBeGreaterThan(paid)
      }),
      { numRuns: Number(process.env['PLIMSOLL_RUNS'] ?? 1000) },
    )
  })
})

describe('isShort', () => {
  test('edge: a millionth is rounding, one more is not; more than is owed is a gift; who says nothing is not said to be short', () => {
    expect(Stock.isShort({ owed: 2_000_000n, held: 1_999_998n })).toBe(false)
    expect(Stock.isShort({ owed: 2_000_000n, held: 1_999_997n })).toBe(true)
    expect(Stock.isShort({ owed: 999_999n, held: 999_998n })).toBe(true)
    expect(Stock.isShort({ owed: 10n, held: 11n })).toBe(false)
    expect(Stock.isShort({ owed: 0n, held: 0n })).toBe(false)
    expect(Stock.isShort({ owed: 10n, held: null })).toBe(false)
  })
})
