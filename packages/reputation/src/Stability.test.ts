import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Stability } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

describe('of', () => {
  test('worked example: from halves to 9 : 1 is an alarm: (0.4)·ln 1.8 + (−0.4)·ln 0.2, near enough', () => {
    const found = Stability.of([5_000, 5_000], [9_000, 1_000])
    expect(found.status).toBe('alarm')
    expect(found.psi).toBeCloseTo(0.4 * Math.log(1.8) - 0.4 * Math.log(0.2), 2)
  })

  test('property: not negative, symmetric, 0 for the same shares', () => {
    const counts = fc.array(fc.nat(100), { minLength: 3, maxLength: 3 })
    fc.assert(
      fc.property(counts, counts, (then, now) => {
        const { psi } = Stability.of(then, now)
        expect(psi).toBeGreaterThanOrEqual(-1e-12)
        expect(Stability.of(now, then).psi).toBeCloseTo(psi, 10)
        expect(Stability.of(then, then).psi).toBe(0)
      }),
      { numRuns },
    )
  })
})

describe('statusOf', () => {
  test('edge: at a threshold it is not yet reached', () => {
    expect([0.1, 0.100001, 0.25, 0.250001].map(Stability.statusOf)).toEqual(['stable', 'watch', 'watch', 'alarm'])
  })
})

describe('counts', () => {
  test('edge: at an edge is above it, below the first is in the first', () => {
    expect(Stability.counts([-1, 0, 4, 5, 9], [0, 5])).toEqual([3, 2])
  })
})
