import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Normal from './Normal.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

/** Φ by its power series, x / 50 at a time in fixed point of 40 digits: nothing of the code under test. */
function exact(x: number): number {
  const one = 10n ** 40n
  const scaled = BigInt(Math.round(x * 2 ** 40)) * (one / 2n ** 40n)
  let term = scaled
  let sum = scaled
  for (let k = 1n; term !== 0n; k++) {
    term = (((-term * scaled) / one) * scaled) / one / (2n * k)
    sum += term / (2n * k + 1n)
  }
  const rootTwoPi = 25_066_282_746_310_005_024_157_652_848_110_452_530_069n // √(2π) · 1e40
  return Number((sum * one) / rootTwoPi + one / 2n) / 1e40
}

/** A multiple of 2⁻⁴⁰, so that fixed point has it exactly. */
const point = fc.bigInt({ min: -6n * 2n ** 40n, max: 6n * 2n ** 40n }).map((x) => Number(x) / 2 ** 40)

describe('cdf', () => {
  test('worked example: the table every textbook prints', () => {
    expect(Normal.cdf(0)).toBe(0.5)
    expect(Normal.cdf(1)).toBeCloseTo(0.841_344_746_068_543, 14)
    expect(Normal.cdf(-1.644_853_626_951_472_2)).toBeCloseTo(0.05, 14)
    expect(Normal.cdf(2.326_347_874_040_841)).toBeCloseTo(0.99, 14)
  })

  test('edge: infinities, far tails', () => {
    expect([Normal.cdf(Number.POSITIVE_INFINITY), Normal.cdf(Number.NEGATIVE_INFINITY), Normal.cdf(40), Normal.cdf(-40)]).toEqual([
      1, 0, 1, 0,
    ])
    expect(Normal.cdf(Number.NaN)).toBeNaN()
    // Φ(−38) is 2.9e-316, a subnormal, and beyond it nothing is told.
    expect(Normal.cdf(-38)).toBeGreaterThan(2.8e-316)
    expect(Normal.cdf(-38.1)).toBe(0)
  })

  test('worked example: the lower tail keeps its digits, on both sides of 3', () => {
    const tails = [
      [2.999_999_999, 1.349_898_036_061_9e-3],
      [3, 1.349_898_031_630_1e-3],
      [4, 3.167_124_183_312e-5],
      [5, 2.866_515_718_791_9e-7],
      [7, 1.279_812_543_885_8e-12],
      [10, 7.619_853_024_160_5e-24],
      [20, 2.753_624_118_606_2e-89],
    ] as const
    for (const [z, wanted] of tails) expect(Math.abs(Normal.cdf(-z) / wanted - 1)).toBeLessThan(1e-12)
  })

  test('vector: beyond 3 the fraction has all of its digits, by a series of fifty', () => {
    const tails = [
      [3.125, 8.890_252_991_084_32e-4],
      [3.5, 2.326_290_790_355_250_4e-4],
      [4, 3.167_124_183_311_992_4e-5],
    ] as const
    for (const [z, wanted] of tails) expect(Math.abs(Normal.cdf(-z) / wanted - 1)).toBeLessThan(1e-15)
  })

  test('vector: within 1e-15 of its series', () => {
    fc.assert(
      fc.property(point, (x) => {
        expect(Math.abs(Normal.cdf(x) - exact(x))).toBeLessThanOrEqual(1e-15)
      }),
      { numRuns },
    )
  })

  test('property: both tails are 1 together, and it never falls', () => {
    fc.assert(
      fc.property(point, fc.double({ min: 1e-9, max: 1, noNaN: true }), (x, step) => {
        expect(Normal.cdf(x) + Normal.cdf(-x)).toBeCloseTo(1, 15)
        expect(Normal.cdf(x + step)).toBeGreaterThanOrEqual(Normal.cdf(x))
      }),
      { numRuns },
    )
  })
})

describe('tabulated', () => {
  test('worked example: a node, half-way between nodes, the last node', () => {
    for (const x of [0, 1 / 128, -1 / 128, 2.5, 8.4999, -8.4999]) expect(Math.abs(Normal.tabulated(x) - Normal.cdf(x))).toBeLessThan(1e-15)
  })

  test('edge: at every node it is the distribution itself, and half-way between two of them within 2e-15', () => {
    for (let node = -8.5 * 64 + 1; node < 8.5 * 64; node++) {
      expect(Normal.tabulated(node / 64)).toBe(Normal.cdf(node / 64))
      const between = (node + 0.5) / 64
      expect(Math.abs(Normal.tabulated(between) - Normal.cdf(between))).toBeLessThanOrEqual(2e-15)
    }
    expect(Normal.tabulated(-8.5 + 1 / 200)).toBeGreaterThan(9e-18)
  })

  test('edge: beyond the table, infinities, no number', () => {
    expect([8.5, 9, Number.POSITIVE_INFINITY].map(Normal.tabulated)).toEqual([1, 1, 1])
    expect([-8.5, -9, Number.NEGATIVE_INFINITY].map(Normal.tabulated)).toEqual([0, 0, 0])
    expect(Normal.tabulated(Number.NaN)).toBeNaN()
  })

  test('vector: within 2e-15 of the series', () => {
    fc.assert(
      fc.property(point, (x) => {
        expect(Math.abs(Normal.tabulated(x) - exact(x))).toBeLessThanOrEqual(2e-15)
      }),
      { numRuns },
    )
  })
})
