import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Decay } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

describe('power', () => {
  test('worked example: whole halvings are exact both ways', () => {
    for (const rounding of ['up', 'down'] as const) {
      expect(Decay.power(0, 21, rounding)).toBe(Decay.one)
      expect(Decay.power(21, 21, rounding)).toBe(Decay.one / 2n)
      expect(Decay.power(63, 21, rounding)).toBe(Decay.one / 8n)
    }
  })

  test('rounding: up and down enclose 2^(−a/H) within 10^-6', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 9 }), fc.integer({ min: 1, max: 10 ** 8 }), (age, halfLife) => {
        fc.pre(age / halfLife < 40)
        const truth = 2 ** (-age / halfLife)
        const up = Number(Decay.power(age, halfLife, 'up')) / 1e18
        const down = Number(Decay.power(age, halfLife, 'down')) / 1e18
        expect(up).toBeGreaterThanOrEqual(truth * (1 - 1e-12))
        expect(down).toBeLessThanOrEqual(truth * (1 + 1e-12))
        expect(up - down).toBeLessThanOrEqual(truth * 1e-6 + 4e-18)
        expect(up).toBeGreaterThanOrEqual(down)
      }),
      { numRuns },
    )
  })

  test('rounding: an awkward age differs in the last digits only', () => {
    expect(Decay.power(1, 3, 'up')).toBeGreaterThan(Decay.power(1, 3, 'down'))
    expect(Decay.weightPpm(1, 86_400, 'up')).toBe(999_993)
    expect(Decay.weightPpm(1, 86_400, 'down')).toBe(999_991)
  })

  test('rounding: exact where the fraction is: up^16 ≥ 2^(−age), down^16 ≤ it, and no further than one step', () => {
    for (let age = 0; age <= 64; age++) {
      const truth = (Decay.one ** 16n * 2n ** 64n) / 2n ** BigInt(age)
      const [up, down] = [Decay.power(age, 16, 'up'), Decay.power(age, 16, 'down')]
      expect(up ** 16n * 2n ** 64n).toBeGreaterThanOrEqual(truth)
      expect(down ** 16n * 2n ** 64n).toBeLessThanOrEqual(truth)
      expect(up - down).toBeLessThanOrEqual(12n)
    }
    expect(Decay.power(1, 2, 'up')).toBe(707_106_781_186_547_525n)
    expect(Decay.power(1, 2, 'down')).toBe(707_106_781_186_547_524n)
    expect(Decay.power(3, 2, 'up')).toBe(353_553_390_593_273_763n)
    expect(Decay.power(3, 2, 'down')).toBe(353_553_390_593_273_762n)
  })

  test('property: older never weighs more', () => {
    fc.assert(
      fc.property(fc.nat(10 ** 8), fc.nat(10 ** 6), fc.constantFrom('up' as const, 'down' as const), (age, more, rounding) => {
        expect(Decay.power(age + more, 1_814_400, rounding)).toBeLessThanOrEqual(Decay.power(age, 1_814_400, rounding))
      }),
      { numRuns },
    )
  })

  test('edge: never gone when rounded up, gone when rounded down', () => {
    expect(Decay.power(10 ** 9, 1, 'up')).toBe(1n)
    expect(Decay.power(10 ** 9, 1, 'down')).toBe(0n)
  })

  test('error: by class', () => {
    expect(() => Decay.power(-1, 1, 'up')).toThrow(Decay.InvalidAgeError)
    expect(() => Decay.power(1.5, 1, 'up')).toThrow(Decay.InvalidAgeError)
    expect(() => Decay.power(1, 0, 'up')).toThrow(Decay.InvalidAgeError)
  })
})

test('squareRoot: edge, the smallest', () => {
  expect([0n, 1n, 2n, 3n, 4n].map(Decay.squareRoot)).toEqual([0n, 1n, 1n, 1n, 2n])
})

test('squareRoot: property', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 60n }), (n) => {
      const root = Decay.squareRoot(n)
      expect(root * root <= n && (root + 1n) * (root + 1n) > n).toBe(true)
    }),
    { numRuns },
  )
})
