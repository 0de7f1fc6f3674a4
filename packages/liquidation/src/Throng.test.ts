import { describe, expect, test } from 'vitest'
import { Figure, Throng } from './index.ts'
import { seeded } from './testing/seeded.ts'

describe('of', () => {
  test('worked example: one long and one short at four times', () => {
    const side = { accounts: 1, leverage: 4, deviation: 1, most: 8 }
    const shape = { openInterest: 64, long: side, short: side, maintenance: 0, sizes: 1, mandated: 1 }
    const { positions, mandates } = Throng.of(shape, { uniform: () => 0.5, normal: () => 0 })
    expect(positions).toEqual({
      side: Int8Array.of(1, -1),
      notional: Float64Array.of(64, 64),
      equity: Float64Array.of(16, 16),
      maintenance: new Float64Array(2),
    })
    expect([...mandates]).toEqual([1, 1])
  })
  test('property: both sides have the open interest asked for, nobody fails at the start, and as many gave a mandate as should', () => {
    const { positions, mandates } = Throng.of({ ...Throng.shape, mandated: 0.25 }, seeded(1))
    const sum = (which: number) => positions.notional.reduce((sum, notional, i) => (positions.side[i] === which ? sum + notional : sum), 0)
    expect(sum(1)).toBeCloseTo(4e8, 0)
    expect(sum(-1)).toBeCloseTo(4e8, 0)
    positions.equity.forEach((equity, i) => {
      const ratio = equity / (positions.notional[i] ?? Number.NaN)
      expect(ratio).toBeGreaterThanOrEqual(0.025 - 1e-12)
      expect(ratio).toBeGreaterThanOrEqual((0.6 - 1e-9) / 20)
    })
    const given = mandates.reduce((sum, mandate) => sum + mandate, 0)
    expect(given).toBeGreaterThan(900)
    expect(given).toBeLessThan(1_100)
    expect(Throng.of({ ...Throng.shape, mandated: 0.25 }, seeded(1))).toEqual({ positions, mandates })
  })
  test('error: no open interest, a share above 1', () => {
    expect(() => Throng.of({ ...Throng.shape, openInterest: 0 }, seeded(1))).toThrow(Figure.InvalidFigureError)
    expect(() => Throng.of({ ...Throng.shape, mandated: 2 }, seeded(1))).toThrow(Figure.InvalidFigureError)
    expect(() => Throng.of({ ...Throng.shape, maintenance: 1 }, seeded(1))).toThrow(Figure.InvalidFigureError)
  })
})
