import { describe, expect, test } from 'vitest'
import * as Amount from './Amount.ts'

describe('dollars', () => {
  const cent = 10n ** 16n

  test('worked example: thousands apart, two digits after the point', () => {
    expect([0n, 99_999n, 100_000n, 99_999_999n, 123_456_789_012n].map((cents) => Amount.dollars(cents * cent, 'down'))).toEqual([
      ...['0.00', '999.99', '1,000.00', '999,999.99', '1,234,567,890.12'],
    ])
    expect(Amount.dollars(-123_456n * cent, 'down')).toBe('-1,234.56')
  })

  test('rounding: what it takes up, what there is down, as they may be the same to the cent', () => {
    expect([Amount.dollars(cent + 1n, 'down'), Amount.dollars(cent + 1n, 'up')]).toEqual(['0.01', '0.02'])
    expect([Amount.dollars(2n * cent - 1n, 'down'), Amount.dollars(-cent - 1n, 'down'), Amount.dollars(-cent - 1n, 'up')]).toEqual([
      ...['0.01', '-0.02', '-0.01'],
    ])
  })
})

describe('exactly', () => {
  test('edge: none, less than one, whole, below 0, without decimals', () => {
    const of = (units: bigint, decimals = 18) => Amount.exactly(units, decimals)
    expect([of(0n), of(1n), of(-1n, 6), of(-1_234_500_000n, 6)]).toEqual(['0', '0.000000000000000001', '-0.000001', '-1,234.5'])
    expect([of(1_000n, 0), of(999n, 0), of(1_000_000n * 10n ** 18n), of(100n * 10n ** 18n)]).toEqual(['1,000', '999', '1,000,000', '100'])
  })
})
