import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Fixed from './Fixed.ts'
import * as Rational from './Rational.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

describe('of', () => {
  test('worked example: lowest terms, the denominator above 0', () => {
    expect(Rational.of(12n, 18n)).toEqual({ numerator: 2n, denominator: 3n })
    expect(Rational.of(-12n, 18n)).toEqual({ numerator: -2n, denominator: 3n })
    expect(Rational.of(12n, -18n)).toEqual({ numerator: -2n, denominator: 3n })
    expect(Rational.of(-12n, -18n)).toEqual({ numerator: 2n, denominator: 3n })
    expect(Rational.of(0n, -7n)).toEqual({ numerator: 0n, denominator: 1n })
  })

  test('error: nothing below the line', () => {
    expect(() => Rational.of(1n, 0n)).toThrow(Fixed.DivisionByZeroError)
  })

  test('property: the same quotient, however it is written', () => {
    const integer = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n })
    const other = integer.filter((value) => value !== 0n)
    fc.assert(
      fc.property(integer, other, other, (numerator, denominator, k) => {
        const found = Rational.of(numerator, denominator)
        expect(found.numerator * denominator).toBe(numerator * found.denominator)
        expect(Rational.of(numerator * k, denominator * k)).toEqual(found)
      }),
      { numRuns },
    )
  })
})

describe('round', () => {
  test('rounding: as asked', () => {
    const half = { numerator: -5n, denominator: 2n }
    expect((['up', 'down', 'zero', 'nearest'] as const).map((rounding) => Rational.round(half, rounding))).toEqual([-2n, -3n, -2n, -3n])
  })
})
