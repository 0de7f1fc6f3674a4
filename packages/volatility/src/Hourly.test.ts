import { describe, expect, test } from 'vitest'
import * as Hourly from './Hourly.ts'

/** Half-hour bars of given closes; each opens where the one before closed. */
const bars = (closes: readonly number[], firstCloseAt = 1_800): Hourly.Traded[] =>
  closes.map((close, i) => {
    const open = closes[i - 1] ?? close
    return { closeAt: firstCloseAt + 1_800 * i, open, high: Math.max(open, close), low: Math.min(open, close), close, volume: i + 1 }
  })
const of = (closes: readonly number[], firstCloseAt?: number): Hourly.Hourly =>
  Hourly.of({ symbol: 'A', intervalSeconds: 1_800, bars: bars(closes, firstCloseAt) })

describe('of', () => {
  test('worked example: two half hours, up by e and down again', () => {
    const hourly = of([1, Math.E, Math.E, 1])
    expect(hourly).toMatchObject({ symbol: 'A', firstHour: 1, length: 2 })
    expect(Array.from(hourly.close)).toEqual([Math.E, 1])
    expect(Array.from(hourly.returns)).toEqual([1, -1])
    expect(Array.from(hourly.variance)).toEqual([1, 1])
    expect(Array.from(hourly.down)).toEqual([0, 1])
    expect(Array.from(hourly.low)).toEqual([1, 1])
    expect(Array.from(hourly.high)).toEqual([Math.E, Math.E])
    expect(Array.from(hourly.volume)).toEqual([3, 7])
    // One bar moves by 1: ½ − (2 ln 2 − 1); it is the last half of hour 1, and of hour 2.
    const range = 0.5 - (2 * Math.LN2 - 1)
    expect(hourly.range[0]).toBeCloseTo(range, 12)
    expect(hourly.rangeHalf[1]).toBeCloseTo(range, 12)
    expect(Array.from(hourly.rangeQuarter)).toEqual([0, 0])
  })
  test('edge: hours that are not whole are left out at either end, and the return into the first whole one is kept', () => {
    const hourly = of([1, 2, 4, 8], 3_600)
    expect(hourly).toMatchObject({ firstHour: 2, length: 1 })
    expect(hourly.returns[0]).toBeCloseTo(2 * Math.LN2, 12)
    expect(of([])).toMatchObject({ length: 0 })
    expect(of([1])).toMatchObject({ length: 0 })
  })
  test('edge: five-minute bars know the first minutes, half-hour bars do not', () => {
    const short = Array.from({ length: 12 }, (_, i) => ({
      closeAt: 300 * (i + 1),
      open: 1,
      high: i < 1 ? 3 : i < 3 ? 4 : 9,
      low: 1 / (i + 1),
      close: 1,
      volume: 0,
    }))
    const hourly = Hourly.of({ symbol: 'A', intervalSeconds: 300, bars: short })
    expect([hourly.highFive[0], hourly.highFifteen[0], hourly.high[0]]).toEqual([3, 4, 9])
    expect([hourly.lowFive[0], hourly.lowFifteen[0], hourly.low[0]]).toEqual([1, 1 / 3, 1 / 12])
    expect(of([1, 1]).highFive[0]).toBeNaN()
  })
  test.each([0, -300, 0.5, 7_200, 420])('error: bars of %d s do not add up to hours', (intervalSeconds) => {
    expect(() => Hourly.of({ symbol: 'A', bars: [], intervalSeconds })).toThrow(Hourly.InvalidIntervalError)
  })
})

describe('sum', () => {
  test('edge: reaching before the first hour is NaN, never a smaller sum', () => {
    expect(Hourly.sum(Float64Array.of(1, 2), 1, 3)).toBeNaN()
    expect(Hourly.sum(Float64Array.of(1, 2), 1, 2)).toBe(3)
  })
})

describe('outcome', () => {
  test('worked example: what comes after the hour, never the hour itself', () => {
    const hourly = of([1, 1, 1, 2, 2, 1])
    const outcome = Hourly.outcome(hourly, 0, 2)
    expect(outcome).toMatchObject({ variance: 2 * Math.LN2 ** 2, longPath: 0, end: 0 })
    expect(outcome?.shortPath).toBeCloseTo(Math.LN2, 12)
    expect(Hourly.outcome(hourly, 1, 1)).toMatchObject({ longPath: Math.LN2, shortPath: 0, end: -Math.LN2 })
  })
  test('edge: a horizon that is not over has no outcome; a market that stands still has the least variance', () => {
    const hourly = of([1, 1, 1, 1])
    expect(Hourly.outcome(hourly, 1, 1)).toBeNull()
    expect(Hourly.outcome(hourly, -1, 1)).toBeNull()
    expect(Hourly.outcome(hourly, 0, 1)?.variance).toBe(Hourly.leastVariance)
  })
})

describe('soon', () => {
  test('worked example: the first five and fifteen minutes after the hour', () => {
    const short = Array.from({ length: 24 }, (_, i) => ({
      closeAt: 300 * (i + 1),
      open: 1,
      high: i === 14 ? 4 : i === 12 ? 2 : 1,
      low: i === 12 ? 0.5 : 1,
      close: 1,
      volume: 0,
    }))
    const hourly = Hourly.of({ symbol: 'A', intervalSeconds: 300, bars: short })
    expect(Hourly.soon(hourly, 0, 300)).toEqual({ longPath: Math.LN2, shortPath: Math.LN2 })
    expect(Hourly.soon(hourly, 0, 900)).toEqual({ longPath: Math.LN2, shortPath: Math.log(4) })
    expect(Hourly.soon(hourly, 1, 300)).toBeNull()
    expect(Hourly.soon(of([1, 1, 1, 1]), 0, 900)).toBeNull()
  })
})

describe('coarser', () => {
  test('worked example: bars that are not whole at either end are left out', () => {
    const series = { symbol: 'A', intervalSeconds: 1_800, bars: bars([1, 3, 2, 5], 3_600) }
    expect(Hourly.coarser(series, 3_600)).toEqual([{ closeAt: 7_200, open: 1, high: 3, low: 1, close: 2, volume: 5 }])
    expect(Hourly.coarser(series, 1_800)).toBe(series.bars)
  })
  test('error: not a multiple', () => {
    expect(() => Hourly.coarser({ symbol: 'A', intervalSeconds: 1_800, bars: [] }, 2_700)).toThrow(Hourly.InvalidIntervalError)
  })
})

describe('traded', () => {
  const bar = { closeAt: 300, open: 1, high: 1, low: 1, close: 1 }
  test('worked example: volumes that are all known stand, zero among them', () => {
    expect(
      Hourly.traded([
        { ...bar, volume: 5 },
        { ...bar, volume: 0 },
      ]).map(({ volume }) => volume),
    ).toEqual([5, 0])
  })
  test('edge: one that is not known takes all away; prices stay', () => {
    expect(Hourly.traded([{ ...bar, volume: 5 }, bar])).toEqual([
      { ...bar, volume: 0 },
      { ...bar, volume: 0 },
    ])
    expect(Hourly.traded([])).toEqual([])
  })
})
