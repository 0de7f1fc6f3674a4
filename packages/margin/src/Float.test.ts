import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Float from './Float.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const down = (value: number, error = 0) => Float.toFixed(value, { error, rounding: 'down' })
const up = (value: number, error = 0) => Float.toFixed(value, { error, rounding: 'up' })

describe('toFixed', () => {
  test('rounding: one unit beyond, on either side of 0', () => {
    expect([down(2), up(2)]).toEqual([2n * 10n ** 18n - 1n, 2n * 10n ** 18n + 1n])
    expect([down(-2), up(-2)]).toEqual([-2n * 10n ** 18n - 1n, -2n * 10n ** 18n + 1n])
    expect([down(0), up(0)]).toEqual([-1n, 1n])
  })

  test('rounding: a float is taken as what it is, 0.1 being a little more', () => {
    // 0.1 is 0.1000000000000000055…
    expect([down(0.1), up(0.1)]).toEqual([10n ** 17n + 5n - 1n, 10n ** 17n + 6n + 1n])
  })

  test('rounding: the error counts against the user', () => {
    expect([down(2, 0.5), up(2, 0.5)]).toEqual([15n * 10n ** 17n - 1n, 25n * 10n ** 17n + 1n])
    expect([down(0, 1e-300), up(0, 1e-300)]).toEqual([-2n, 2n])
  })

  test('edge: the largest and the smallest floats', () => {
    expect(down(2 ** 90)).toBe(2n ** 90n * 10n ** 18n - 1n)
    expect([down(Number.MIN_VALUE), up(Number.MIN_VALUE)]).toEqual([-1n, 2n])
  })

  test('property: never better than the float, and never by more than two units', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e9, max: 1e9, noNaN: true }), (value) => {
        const exact = BigInt(Math.round(value * 2 ** 10)) // a check in another unit: 2⁻¹⁰ USD
        expect(down(Number(exact) / 2 ** 10) * 1024n).toBe(exact * 10n ** 18n - 1024n - ((exact * 10n ** 18n) % 1024n))
        expect(up(value) - down(value) >= 2n && up(value) - down(value) <= 3n).toBe(true)
      }),
      { numRuns },
    )
  })

  test('error: no finite number, or an error below 0', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) expect(() => down(value)).toThrow(Float.NotFiniteError)
    for (const error of [Number.NaN, Number.POSITIVE_INFINITY, -1]) expect(() => up(0, error)).toThrow(Float.NotFiniteError)
  })
})
