import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Attribution from './Attribution.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const one = 10n ** 18n

describe('of', () => {
  test('worked example', () => {
    const fills = [
      { size: 10n * one, mark: 100n * one, spread: 30n * one, fee: 1n * one },
      { size: -4n * one, mark: 103n * one, spread: 0n, fee: 2n * one },
    ]
    // Ten through +3, then six through −5.
    expect(Attribution.of(fills, 98n * one)).toEqual({
      spread: 30n * one,
      inventory: 0n,
      fees: 3n * one,
      total: 27n * one,
      size: 6n * one,
    })
  })

  test('edge: without a trade there is nothing', () => {
    expect(Attribution.of([], 5n)).toEqual({ spread: 0n, inventory: 0n, fees: 0n, total: 0n, size: 0n })
  })

  test('rounding: a move of the inventory down', () => {
    const fill = { size: 1n, mark: one, spread: 0n, fee: 0n }
    expect(Attribution.of([fill], one + 1n).inventory).toBe(0n)
    expect(Attribution.of([fill], one - 1n).inventory).toBe(-1n)
  })

  test('property: the total is what was paid and got, and what is held is worth', () => {
    const whole = fc.bigInt({ min: -1_000n, max: 1_000n }).map((n) => n * one)
    const fill = fc.record({ size: whole, mark: fc.bigInt({ min: 1n, max: 10_000n }), spread: whole, fee: whole })
    fc.assert(
      fc.property(fc.array(fill, { maxLength: 8 }), fc.bigInt({ min: 1n, max: 10_000n }), (fills, price) => {
        const { total, size } = Attribution.of(fills, price)
        const cash = fills.reduce((sum, it) => sum - (it.size * it.mark) / one + it.spread - it.fee, 0n)
        expect(total).toBe(cash + (size * price) / one)
      }),
      { numRuns },
    )
  })
})
