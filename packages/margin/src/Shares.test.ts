import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Fixed from './Fixed.ts'
import * as Shares from './Shares.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const pool: Shares.Pool = { assets: 20n, shares: 9n, virtual: { assets: 1n, shares: 1n } }

describe('assets', () => {
  test('worked example: virtual ones count', () => expect(Shares.assets(10n, pool, 'down')).toBe(21n))
  test('rounding', () => expect([Shares.assets(1n, pool, 'down'), Shares.assets(1n, pool, 'up')]).toEqual([2n, 3n]))
  test('error: a pool without shares', () => {
    const empty = { assets: 0n, shares: 0n, virtual: { assets: 0n, shares: 0n } }
    expect(() => Shares.assets(1n, empty, 'up')).toThrow(Fixed.DivisionByZeroError)
    expect(() => Shares.of(1n, empty, 'up')).toThrow(Fixed.DivisionByZeroError)
  })
})

describe('of', () => {
  test('worked example', () => expect(Shares.of(21n, pool, 'down')).toBe(10n))
  test('rounding', () => expect([Shares.of(1n, pool, 'down'), Shares.of(1n, pool, 'up')]).toEqual([0n, 1n]))
  test('property: there and back never gains', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 30n })
    fc.assert(
      fc.property(amount, amount, amount, (assets, total, shares) => {
        const of = { assets: total, shares, virtual: { assets: 1n, shares: 1_000_000n } }
        expect(Shares.assets(Shares.of(assets, of, 'down'), of, 'down')).toBeLessThanOrEqual(assets)
        expect(Shares.assets(Shares.of(assets, of, 'up'), of, 'up')).toBeGreaterThanOrEqual(assets)
      }),
      { numRuns },
    )
  })
})
