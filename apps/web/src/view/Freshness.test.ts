import { describe, expect, test } from 'vitest'
import * as Freshness from './Freshness.ts'

describe('of', () => {
  test('worked example: 1.5 s old when answered, 3 s ago', () => {
    expect(Freshness.of({ ageSeconds: 1.5, receivedAtMs: 1_000 }, 4_000)).toEqual({ status: 'fresh', ageSeconds: 4.5 })
  })

  test('edge: fresh at the bound, stale beyond it', () => {
    const at = (ageSeconds: number) => Freshness.of({ ageSeconds, receivedAtMs: 0 }, 0).status
    expect(at(Freshness.staleAfterSeconds)).toBe('fresh')
    expect(at(Freshness.staleAfterSeconds + 0.001)).toBe('stale')
  })

  test('edge: a clock that was set back makes nothing younger', () => {
    expect(Freshness.of({ ageSeconds: 2, receivedAtMs: 9_000 }, 4_000).ageSeconds).toBe(2)
  })
})

describe('gatewayTime', () => {
  test('worked example: the clock of this page does not matter', () => {
    const reading = { ageSeconds: 0.5, asOf: 1_800_000_000 }
    expect(Freshness.gatewayTime({ ...reading, receivedAtMs: 5_000 }, 7_000)).toBe(1_800_000_002.5)
    expect(Freshness.gatewayTime({ ...reading, receivedAtMs: 999_005_000 }, 999_007_000)).toBe(1_800_000_002.5)
  })
})
