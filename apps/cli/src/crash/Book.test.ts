import { describe, expect, test } from 'vitest'
import * as Book from './Book.ts'

const one = 10n ** 18n
const price = 3_000

describe('of', () => {
  test('property: a quarter is short, both sides have the open interest, and everybody may open what he has', () => {
    const traders = Book.of({ accounts: 40, seed: 1, price })
    expect(traders.filter(({ size }) => size < 0n).length).toBe(10)
    expect(new Set(traders.map(({ account }) => account)).size).toBe(40)
    for (const sign of [1, -1]) {
      const notional = traders.reduce((sum, { size }) => sum + Math.max(0, (sign * price * Number(size)) / 1e18), 0)
      expect(notional).toBeCloseTo(Book.openInterest, -2)
    }
    for (const { size, deposit } of traders) {
      const notional = ((size < 0n ? -size : size) * BigInt(price)) / one
      const fee = (notional * BigInt(Book.terms.feePpm)) / 1_000_000n
      expect((deposit * 10n ** 12n - fee) * 1_000_000n).toBeGreaterThanOrEqual(notional * BigInt(Book.terms.imPpm))
    }
  })
  test('property: a seed is one book, another seed another', () => {
    const of = (seed: number) => Book.of({ accounts: 8, seed, price })
    expect(of(1)).toEqual(of(1))
    expect(of(1)).not.toEqual(of(2))
  })
})

describe('cents', () => {
  test('rounding: to the nearest cent', () => {
    expect([Book.cents(1), Book.cents(0.014), Book.cents(0.016)]).toEqual([1_000_000n, 10_000n, 20_000n])
  })
})
