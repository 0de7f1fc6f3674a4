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
  test('worked example: sizes and leverages drawn apart, one long at the cap and the short at five quarters of its margin', () => {
    const longs = { accounts: 2, leverage: 4, deviation: Math.LN2, most: 10 }
    const shorts = { accounts: 1, leverage: 100, deviation: 1, most: 100 }
    const shape = { openInterest: 80, long: longs, short: shorts, maintenance: 0.02, sizes: Math.log(3), mandated: 0.5 }
    // Of each account: size, leverage; where the price has moved since, mandate. 8 times, 16 that are cut to 10, and 100.
    const normals = [0, 1, 1, 2, 2, 0]
    const uniforms = [0.5, 0.49, 0.25, 0.5, 0.5, 0.51]
    const { positions, mandates } = Throng.of(shape, { normal: () => normals.shift() ?? 0, uniform: () => uniforms.shift() ?? 0 })
    const near = (...values: readonly number[]) => values.map((value) => expect.closeTo(value, 12))
    expect([...positions.notional]).toEqual(near(20, 60, 80))
    expect([...positions.equity]).toEqual(near(20 / 8, (0.8 * 60) / 10, 0.025 * 80))
    expect([...mandates]).toEqual([1, 0, 0])
  })
  test('vector: the books of docs/method/replay.md, all with a mandate', () => {
    const { long, short, ...both } = Throng.shape
    expect(long).toEqual({ accounts: 3_000, leverage: 4.5, deviation: 0.6, most: 20 })
    expect(short).toEqual({ accounts: 1_000, leverage: 3, deviation: 0.5, most: 10 })
    expect(both).toEqual({ openInterest: 4e8, maintenance: 0.02, sizes: 1.2, mandated: 1 })
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
  test.each(['long', 'short'] as const)('error: a %s side that is no side', (side) => {
    for (const bad of [{ accounts: 0.5 }, { leverage: 0 }, { most: 0 }, { deviation: -1 }, { deviation: Number.NaN }])
      expect(() => Throng.of({ ...Throng.shape, [side]: { ...Throng.shape[side], ...bad } }, seeded(1))).toThrow(Figure.InvalidFigureError)
  })
  test('error: no open interest, a share above 1, sizes that are no number', () => {
    expect(() => Throng.of({ ...Throng.shape, sizes: Number.NaN }, seeded(1))).toThrow(Figure.InvalidFigureError)
    expect(() => Throng.of({ ...Throng.shape, openInterest: 0 }, seeded(1))).toThrow(Figure.InvalidFigureError)
    expect(() => Throng.of({ ...Throng.shape, mandated: 2 }, seeded(1))).toThrow(Figure.InvalidFigureError)
    expect(() => Throng.of({ ...Throng.shape, maintenance: 1 }, seeded(1))).toThrow(Figure.InvalidFigureError)
  })
})
