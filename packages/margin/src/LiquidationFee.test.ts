import { describe, expect, test } from 'vitest'
import * as LiquidationFee from './LiquidationFee.ts'

describe('of', () => {
  const ramp = { base: 100n, most: 250n, grace: 10n, step: 2n }

  test('worked example: level, then with all the time that has passed, then at its most', () => {
    expect([0n, 9n, 10n, 11n, 74n, 75n, 76n, 1_000n].map((elapsed) => LiquidationFee.of(ramp, elapsed))).toEqual([
      100n,
      100n,
      120n,
      122n,
      248n,
      250n,
      250n,
      250n,
    ])
  })

  test('edge: within the grace the most does not bind', () => {
    expect(LiquidationFee.of({ ...ramp, most: 50n }, 9n)).toBe(100n)
    expect(LiquidationFee.of({ ...ramp, most: 50n }, 10n)).toBe(50n)
  })
})
