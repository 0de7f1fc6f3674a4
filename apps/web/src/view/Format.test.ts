import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Format from './Format.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const one = 10n ** 18n
const digits = (text: string) => BigInt(text.replace(/[^0-9]/g, ''))

describe('usd', () => {
  test('worked example: whole dollars from a thousand on, cents below', () => {
    expect(Format.usd(1_234_567n * one, 'down')).toBe('$1,234,567')
    expect(Format.usd(999n * one + one / 2n, 'down')).toBe('$999.50')
    expect(Format.usd(0n, 'down')).toBe('$0')
    expect(Format.price(3_012n * one + (37n * one) / 100n, 'down')).toBe('$3,012.37')
  })

  test('rounding: the limit down, the requirement up, below zero too', () => {
    expect(Format.usd(1_999n * one + 1n, 'down')).toBe('$1,999')
    expect(Format.usd(1_999n * one + 1n, 'up')).toBe('$2,000')
    expect(Format.usd(-1_999n * one - 1n, 'down')).toBe('−$2,000')
    expect(Format.usd(-1_999n * one - 1n, 'up')).toBe('−$1,999')
  })

  test('edge: what is not zero is never shown as zero', () => {
    expect(Format.usd(1n, 'down')).toBe('<$0.01')
    expect(Format.usd(-1n, 'down')).toBe('−<$0.01')
    expect(Format.amount(1n, 18)).toBe('<0.000001')
    expect(Format.amount(0n, 18)).toBe('0')
  })

  test('property: never further from the figure than one shown unit, on the side asked for', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1_000n * one, max: 10n ** 40n }), (value) => {
        const [down, up] = [digits(Format.usd(value, 'down')) * one, digits(Format.usd(value, 'up')) * one]
        expect(down <= value && value <= up && up - down <= one).toBe(true)
      }),
      { numRuns },
    )
  })
})

describe('rates', () => {
  test('worked example: four digits show every ppm; fewer are rounded towards danger', () => {
    expect(Format.percent(96_392, 4, 'up')).toBe('9.6392 %')
    expect(Format.percent(96_392, 2, 'up')).toBe('9.64 %')
    expect(Format.percent(96_392, 2, 'down')).toBe('9.63 %')
    expect(Format.signedPercent(-3_354, 4, 'up')).toBe('−0.3354 %')
    expect(Format.signedPercent(12_168, 4, 'up')).toBe('+1.2168 %')
    expect(Format.leverage(10_374_300)).toBe('10.37×')
  })
})

describe('amounts and times', () => {
  test('worked example', () => {
    expect(Format.amount(40_000_000_000n, 6)).toBe('40,000')
    expect(Format.amount(6_500_000_000_000_000_000n, 18)).toBe('6.5')
    expect(Format.amount(3n, 0)).toBe('3')
    expect(Format.debt(1_400_000_000n, 6)).toBe('1,400')
    expect(Format.age(0.2)).toBe('1 s')
    expect(Format.age(59.1)).toBe('1 min')
    expect(Format.age(3_660)).toBe('1 h 1 min')
    expect(Format.age(90_000)).toBe('1 d 1 h')
    expect(Format.short('0xea8d000000000000000000000000000000000000')).toBe('0xea8d…0000')
  })

  test('rounding: what is held down, what is owed up', () => {
    expect(Format.amount(1_000_000_999_999n, 12)).toBe('1')
    expect(Format.debt(1_000_000_000_001n, 12)).toBe('1.000001')
    expect(Format.debt(1n, 18)).toBe('0.000001')
  })

  test('rounding: an age up, what is left down, and never below nothing', () => {
    expect(Format.age(14.01)).toBe('15 s')
    expect(Format.countdown(299.99)).toBe('4:59')
    expect(Format.countdown(3_661)).toBe('1:01:01')
    expect(Format.countdown(-3)).toBe('0:00')
  })
})

describe('points', () => {
  test('worked example: with a sign that is read out, none at 0', () => {
    expect([30, -7, 0].map(Format.points)).toEqual(['+30', '−7', '0'])
  })
})
