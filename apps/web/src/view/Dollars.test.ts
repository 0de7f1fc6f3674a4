import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Dollars from './Dollars.ts'
import * as Format from './Format.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const one = 10n ** 18n

describe('parse', () => {
  test('worked example', () => {
    expect(Dollars.parse('12500')).toBe(12_500n * one)
    expect(Dollars.parse(' $12,500.5 ')).toBe(12_500n * one + one / 2n)
    expect(Dollars.parse('0.01')).toBe(one / 100n)
    expect(Dollars.parse('0')).toBe(0n)
  })

  test.each(['', '-5', '+5', '1e5', '0x10', '007', '1,00', '1,0000', '.5', '5.', '1.234', '1 000', 'NaN', '٣', '1234567890123'])(
    'error: %j is no amount',
    (text) => {
      expect(Dollars.parse(text)).toBeNull()
    },
  )

  test('property: what is written as whole dollars is read back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n - 1n }), (dollars) => {
        expect(Dollars.parse(Format.decimal(dollars, 0, 0, 'down'))).toBe(dollars * one)
        expect(Dollars.whole(dollars * one + one - 1n)).toBe(Number(dollars))
      }),
      { numRuns },
    )
  })
})
