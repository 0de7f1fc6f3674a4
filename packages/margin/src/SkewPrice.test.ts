import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as SkewPrice from './SkewPrice.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const unit = 10n ** 18n
const order = (of: Partial<SkewPrice.Order>): SkewPrice.Order => ({
  price: 1_000n,
  skew: 0n,
  size: 20n,
  scale: 1_000n,
  unit: 1_000n,
  ...of,
})

describe('of', () => {
  test('worked example: who adds to the skew pays, who lowers it is paid', () => {
    expect(SkewPrice.of(order({}))).toBe(1_010n)
    expect(SkewPrice.of(order({ skew: 100n }))).toBe(1_110n)
    expect(SkewPrice.of(order({ skew: 20n, size: -20n }))).toBe(1_010n)
    expect(SkewPrice.of(order({ size: -20n }))).toBe(990n)
  })

  test('rounding: cut at the depth, at the premium and at the mean', () => {
    expect(SkewPrice.of(order({ skew: 1n, size: 0n, scale: 3n, price: 100n, unit: 10n }))).toBe(130n)
    expect(SkewPrice.of(order({ skew: 0n, size: 1n, scale: 10n, price: 15n, unit: 10n }))).toBe(15n)
    expect(SkewPrice.of(order({ skew: 0n, size: -1n, scale: 10n, price: 15n, unit: 10n }))).toBe(14n) // 15 − 1.5 cut is 14, mean 14.5
    expect(SkewPrice.of(order({ skew: -1n, size: 0n, scale: 10n, price: 15n, unit: 10n }))).toBe(14n)
    expect(SkewPrice.of(order({ skew: -1n, size: 0n, scale: 3n, price: 100n, unit: 10n }))).toBe(70n) // −3.3 cut is −3
  })

  test('rounding: beyond the scale of the skew a price is negative, and cut as well', () => {
    // −2 and −3
    expect(SkewPrice.of(order({ price: 1n, skew: -3_000n, size: -1_000n }))).toBe(-2n)
  })

  test('property: in two parts an order costs what it costs in one, but for the rounding', () => {
    const size = fc.bigInt({ min: 1n, max: 10n ** 6n }).map((whole) => whole * unit)
    fc.assert(
      fc.property(size, size, fc.bigInt({ min: 1n, max: 10n ** 5n }), (first, second, price) => {
        const at = (of: Partial<SkewPrice.Order>) => SkewPrice.of(order({ price: price * unit, scale: 10n ** 8n * unit, unit, ...of }))
        const whole = at({ size: first + second }) * (first + second)
        const parts = at({ size: first }) * first + at({ skew: first, size: second }) * second
        const difference = whole > parts ? whole - parts : parts - whole
        expect(difference / (first + second)).toBeLessThanOrEqual(3n * price)
      }),
      { numRuns },
    )
  })
})
