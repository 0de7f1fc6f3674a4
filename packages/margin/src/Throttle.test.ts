import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Throttle from './Throttle.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const pace = { initial: 20n, unit: 100n, duration: 10n, least: 50n }
const of = (progress: Partial<Throttle.Progress>, changes: Partial<Throttle.Pace> = {}) =>
  Throttle.of({ shortage: 600n, freed: 400n, elapsed: 5n, ...progress }, { ...pace, ...changes })

describe('of', () => {
  test('worked example', () => {
    expect(of({})).toBe(50n) // 700 less 400, of 600
    expect(of({ freed: 0n })).toBe(70n)
    expect(of({ freed: 0n, elapsed: 0n })).toBe(20n)
  })

  test('edge: what is small, or late, or without a duration goes at once', () => {
    expect(of({ shortage: 49n, elapsed: 0n })).toBe(100n)
    expect(of({ shortage: 50n, freed: 0n, elapsed: 0n })).toBe(20n)
    expect(of({ shortage: 0n }, { least: 0n })).toBe(100n)
    expect(of({ elapsed: 8n })).toBe(100n)
    expect(of({ elapsed: 900n })).toBe(100n)
    expect(of({ elapsed: 0n }, { duration: 0n })).toBe(100n)
  })

  test('edge: what has been freed ahead of the pace waits', () => {
    expect(of({ elapsed: 1n })).toBe(0n)
    expect(of({ elapsed: 2n })).toBe(0n)
    expect(of({ elapsed: 3n })).toBe(16n)
    expect(of({ shortage: 50n, elapsed: 1n })).toBe(0n)
  })

  test('rounding: down', () => {
    expect(of({ shortage: 101n, freed: 0n, elapsed: 0n })).toBe(19n) // 20 of 101
    expect(of({ shortage: 100n, freed: 0n, elapsed: 1n }, { duration: 7n })).toBe(34n) // 20 % and 14.3 %
  })

  test('property: more with time, never more than all', () => {
    const money = fc.bigInt({ min: 1n, max: 10n ** 6n })
    const time = fc.bigInt({ min: 0n, max: 20n })
    fc.assert(
      fc.property(money, money, time, (shortage, freed, elapsed) => {
        const share = of({ shortage, freed, elapsed })
        expect(share >= 0n && share <= 100n).toBe(true)
        expect(of({ shortage, freed, elapsed: elapsed + 1n }) >= share).toBe(true)
      }),
      { numRuns },
    )
  })
})
