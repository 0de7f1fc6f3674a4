import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Damper from './Damper.ts'
import type { Damper as State } from './Inputs.ts'
import * as Worked from './testing/worked.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const { params, forecast } = Worked.inputs
const day = 86_400
const both = (ppm: number) => ({ longPpm: ppm, shortPpm: ppm })
const quantiles = (closeOut: number, liquidation: number, throughTheCycle: number) => ({
  closeOut: both(closeOut),
  liquidation: both(liquidation),
  throughTheCycle: both(throughTheCycle),
})
const now = (closeOut: number, liquidation: number, throughTheCycle: number) => ({
  ...forecast,
  ...quantiles(closeOut, liquidation, throughTheCycle),
})
const state = (at: number, ...values: [number, number, number]): State => ({ at, ...quantiles(...values) })
const apply = (previous: State | null, next: typeof forecast, asOf: number) => Damper.apply(previous, next, asOf, params)

describe('apply', () => {
  test('worked example: the first forecast applies as it is', () => {
    expect(apply(null, now(70_000, 40_000, 30_000), 1_000)).toEqual(state(1_000, 70_000, 40_000, 30_000))
  })

  test('worked example: up at once', () => {
    expect(apply(state(0, 70_000, 40_000, 30_000), now(90_000, 60_000, 30_000), 1)).toEqual(state(0, 90_000, 60_000, 30_000))
  })

  test('worked example: down by 10 % a day, pro rata by the hour', () => {
    expect(apply(state(0, 240_000, 120_000, 10_000), now(0, 0, 10_000), day)).toEqual(state(day, 216_000, 108_000, 10_000))
    expect(apply(state(0, 240_000, 120_000, 10_000), now(0, 0, 10_000), 3 * 3_600)).toEqual(state(3 * 3_600, 237_000, 118_500, 10_000))
    expect(apply(state(0, 240_000, 120_000, 10_000), now(239_999, 0, 10_000), day).closeOut).toEqual(both(239_999))
  })

  test('worked example: through the cycle 2 % a day both ways', () => {
    expect(apply(state(0, 240_000, 240_000, 120_000), now(240_000, 240_000, 240_000), day).throughTheCycle).toEqual(both(122_400))
    expect(apply(state(0, 240_000, 240_000, 120_000), now(240_000, 240_000, 0), day).throughTheCycle).toEqual(both(117_600))
    expect(apply(state(0, 240_000, 240_000, 120_000), now(240_000, 240_000, 121_000), day).throughTheCycle).toEqual(both(121_000))
  })

  test('worked example: nothing falls below the through-the-cycle quantile', () => {
    expect(apply(null, now(20_000, 10_000, 30_000), 0)).toEqual(state(0, 30_000, 30_000, 30_000))
    expect(apply(state(0, 31_000, 31_000, 30_000), now(0, 0, 30_000), day)).toEqual(state(day, 30_000, 30_000, 30_000))
  })

  test('sides are apart', () => {
    const next = { ...now(0, 0, 0), closeOut: { longPpm: 50_000, shortPpm: 10 } }
    expect(apply(state(0, 40_000, 0, 0), next, 0).closeOut).toEqual({ longPpm: 50_000, shortPpm: 40_000 })
  })

  test('rounding: a fall down, a rise up', () => {
    // 10 % of 241 in 24 hours is 24.1 down; 2 % of 101 is 2.02 down, and up at least 1 an hour.
    expect(apply(state(0, 241, 0, 0), now(0, 0, 0), day).closeOut).toEqual(both(217))
    expect(apply(state(0, 0, 0, 10_001), now(0, 0, 0), day).throughTheCycle).toEqual(both(9_801))
    expect(apply(state(0, 0, 0, 10_001), now(0, 0, 90_000), day).throughTheCycle).toEqual(both(10_202))
    expect(apply(state(0, 0, 0, 0), now(0, 0, 90_000), day).throughTheCycle).toEqual(both(24))
  })

  test('edge: less than an hour changes nothing downwards, and is not lost', () => {
    const before = state(0, 240_000, 240_000, 10_000)
    expect(apply(before, now(0, 0, 10_000), 3_599)).toEqual(before)
    expect(apply(before, now(0, 0, 10_000), 3_600 + 1_799)).toEqual(state(3_600, 239_000, 239_000, 10_000))
  })

  test('edge: a clock that went back is no time', () => {
    expect(apply(state(5_000, 240_000, 240_000, 10_000), now(0, 0, 10_000), 0)).toEqual(state(5_000, 240_000, 240_000, 10_000))
  })

  test('property: asked every few minutes it falls as far as asked once, but for the rounding of each hour', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_599 }), (step) => {
        let often = state(0, 500_000, 500_000, 0)
        for (let at = 0; at <= day; at += step) often = apply(often, now(0, 0, 0), at)
        const hourly = 500_000 * (1 - 0.1 / 24) ** Math.floor(often.at / 3_600)
        expect(often.closeOut.longPpm).toBeGreaterThanOrEqual(Math.floor(hourly))
        expect(often.closeOut.longPpm).toBeLessThan(hourly + 24)
        expect(often.at).toBeGreaterThan(day - 3_600 - step)
      }),
      { numRuns: Math.min(numRuns, 100) },
    )
  })

  test('property: never below the forecast or its floor, never a faster fall or move than set, monotone in what came before', () => {
    const ppm = fc.integer({ min: 0, max: 1_000_000 })
    fc.assert(
      fc.property(ppm, ppm, ppm, ppm, ppm, fc.integer({ min: 0, max: 30 * day }), (q, t, f, ft, lift, elapsed) => {
        const before = state(0, q, q, t)
        const after = apply(before, now(f, f, ft), elapsed)
        const hours = Math.floor(elapsed / 3_600)
        expect(after.closeOut.longPpm).toBeGreaterThanOrEqual(Math.max(f, after.throughTheCycle.longPpm))
        expect(after.closeOut.longPpm * 24).toBeGreaterThanOrEqual(q * 24 - (q * hours) / 10)
        expect(Math.abs(after.throughTheCycle.longPpm - t)).toBeLessThanOrEqual(Math.max(hours, Math.ceil((t * 0.02 * hours) / 24 + 1e-6)))
        expect(after.closeOut.longPpm).toBeLessThanOrEqual(Math.max(q, f, after.throughTheCycle.longPpm))
        const lifted = apply(state(0, q + lift, q, t + lift), now(f, f, ft), elapsed)
        expect(lifted.closeOut.longPpm).toBeGreaterThanOrEqual(after.closeOut.longPpm)
        expect(lifted.throughTheCycle.longPpm).toBeGreaterThanOrEqual(after.throughTheCycle.longPpm)
      }),
      { numRuns },
    )
  })
})
