import { describe, expect, test } from 'vitest'
import * as Comparison from './Comparison.ts'

const options = { seed: 1, seeds: 2, traders: 30, days: 8, depth: 1e8, estimator: 'ewma', grants: 'record', noise: 0, block: 2 } as const
const told: [number, number][] = []
const comparison = await Comparison.of(options, (done, all) => told.push([done, all]))

describe('of', () => {
  test('dimension: every combination trades what static margin does, to the last unit', () => {
    const [first, ...others] = comparison.rows
    expect(comparison.rows.map(({ name }) => name)).toEqual(Comparison.arms.map(({ name }) => name))
    for (const row of others) expect(row.volume).toBe(first?.volume)
    expect([first?.levelPpm, first?.cutPpm, first?.differences, first?.verdict]).toEqual([1_000_000, 0, null, null])
    expect(comparison.rows.every(({ cutPpm }) => cutPpm < 100_000)).toBe(true)
    expect(comparison.days).toBe(16)
  })

  test('property: a difference is that of the two figures, inside its interval', () => {
    const [first, ...others] = comparison.rows
    for (const { figures, differences } of others)
      for (const figure of ['secant', 'extra', 'forced', 'badDebt'] as const) {
        const it = differences?.[figure] ?? { mean: Number.NaN, low: 0, high: 0 }
        expect(it.mean).toBeCloseTo(figures[figure] - (first?.figures[figure] ?? Number.NaN), 6)
        expect(it.low).toBeLessThanOrEqual(it.mean)
        expect(it.high).toBeGreaterThanOrEqual(it.mean)
      }
  })

  test('property: the same options, the same figures', async () => {
    expect(await Comparison.of(options, () => {})).toEqual(comparison)
  })

  test('worked example: progress counts every combination of every seed', () => {
    expect(told).toEqual(Array.from({ length: 12 }, (_, i) => [i + 1, 12]))
  })

  test('error: a market so thin that the brake shuts it is left out, and says so where all are', async () => {
    await expect(Comparison.of({ ...options, seeds: 1, depth: 1e4 }, () => {})).rejects.toThrow(Comparison.NothingComparedError)
  })
})
