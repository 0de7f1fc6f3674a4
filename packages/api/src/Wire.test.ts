import { describe, expect, test } from 'vitest'
import * as Wire from './Wire.ts'

describe('encode', () => {
  test('worked example: every bigint becomes a decimal string, at any depth', () => {
    expect(Wire.encode({ a: 1n, b: [{ c: -2n }], d: null, e: 'x', f: 3 })).toEqual({ a: '1', b: [{ c: '-2' }], d: null, e: 'x', f: 3 })
  })
})

describe('amount', () => {
  test('edge: 78 digits are an amount, 79 are not', () => {
    expect(Wire.amount.safeParse(`1${'0'.repeat(77)}`).success).toBe(true)
    expect(Wire.amount.safeParse(`1${'0'.repeat(78)}`).success).toBe(false)
  })

  test('error: nothing is coerced into money', () => {
    for (const value of ['', '0x10', '1.0', '+1', '-0', '00', true, 1, null, [5]]) expect(Wire.amount.safeParse(value).success).toBe(false)
    expect(Wire.signedAmount.safeParse('-0').success).toBe(false)
    expect(Wire.signedAmount.safeParse('-12').success).toBe(true)
  })
})

describe('quantile', () => {
  test('edge: a long loses all at most; a short may lose more', () => {
    expect(Wire.quantile.safeParse({ longPpm: 1_000_000, shortPpm: 1_000_001 }).success).toBe(true)
    expect(Wire.quantile.safeParse({ longPpm: 1_000_001, shortPpm: 0 }).success).toBe(false)
  })
})
