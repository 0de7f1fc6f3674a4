import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Credible } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

describe('upper', () => {
  test('worked example: closed forms: Beta(1, 1) is x, Beta(2, 1) is x², Beta(1, 3) is 1 − (1 − x)³', () => {
    expect(Credible.upper({ a: 1, b: 1 }, 0.8)).toBeCloseTo(0.8, 12)
    expect(Credible.upper({ a: 2, b: 1 }, 0.81)).toBeCloseTo(0.9, 12)
    expect(Credible.upper({ a: 1, b: 3 }, 0.875)).toBeCloseTo(0.5, 12)
  })

  test('worked example: the arcsine law, Beta(½, ½): sin²(π·level/2)', () => {
    for (const level of [0.1, 0.5, 0.8])
      expect(Credible.upper({ a: 0.5, b: 0.5 }, level)).toBeCloseTo(Math.sin((Math.PI * level) / 2) ** 2, 10)
  })

  test('property: more good lowers it, more bad and a higher level raise it, the mirror is the rest', () => {
    const count = fc.integer({ min: 1, max: 400 }).map((n) => n / 8)
    fc.assert(
      fc.property(count, count, fc.constantFrom(0.2, 0.5, 0.8), (a, b, level) => {
        const bound = Credible.upper({ a, b }, level)
        expect(Credible.upper({ a, b: b + 1 }, level)).toBeLessThan(bound)
        expect(Credible.upper({ a: a + 1, b }, level)).toBeGreaterThan(bound)
        expect(Credible.upper({ a, b }, level + 0.1)).toBeGreaterThan(bound)
        expect(Credible.upper({ a: b, b: a }, 1 - level)).toBeCloseTo(1 - bound, 8)
      }),
      { numRuns: Math.ceil(numRuns / 10) },
    )
  })

  test('error: by class', () => {
    for (const [a, b, level] of [
      [0, 1, 0.5],
      [1, 0, 0.5],
      [1, 1, 0],
      [1, 1, 1],
      [Number.NaN, 1, 0.5],
    ] as const)
      expect(() => Credible.upper({ a, b }, level)).toThrow(Credible.InvalidBetaError)
  })
})

describe('cumulative', () => {
  test('worked example: closed forms, and their ends', () => {
    expect(Credible.cumulative({ a: 2, b: 1 }, 0.3)).toBeCloseTo(0.09, 12)
    expect(Credible.cumulative({ a: 1, b: 3 }, 0.5)).toBeCloseTo(0.875, 12)
    for (const x of [0, -1]) expect(Credible.cumulative({ a: 2, b: 3 }, x)).toBe(0)
    for (const x of [1, 2]) expect(Credible.cumulative({ a: 2, b: 3 }, x)).toBe(1)
  })

  test('property: at the bound it is the level', () => {
    const count = fc.integer({ min: 8, max: 400 }).map((n) => n / 8)
    fc.assert(
      fc.property(count, count, (a, b) => {
        expect(Credible.cumulative({ a, b }, Credible.upper({ a, b }, 0.8))).toBeCloseTo(0.8, 8)
      }),
      { numRuns: Math.ceil(numRuns / 10) },
    )
  })
})
