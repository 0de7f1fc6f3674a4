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
