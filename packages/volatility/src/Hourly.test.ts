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
  test('edge: bars of a second are told apart to the second: five minutes, fifteen, the last half and the last quarter', () => {
    // Each second a range of 1 in the log, at a tenth of a dollar; a low of its own.
    const openAt = 1_700_000_000 - (1_700_000_000 % 3_600)
    const seconds = Array.from({ length: 3_600 }, (_, i) => {
      const low = 0.1 - i * 1e-6
      return { closeAt: openAt + i + 1, open: low, high: Math.E * low, low, close: low, volume: 0 }
    })
    const hourly = Hourly.of({ symbol: 'A', intervalSeconds: 1, bars: seconds })
    expect(hourly).toMatchObject({ length: 1, firstHour: openAt / 3_600 + 1 })
    const sums = [hourly.range[0], hourly.rangeHalf[0], hourly.rangeQuarter[0]]
    expect(sums).toEqual([3_600, 1_800, 900].map((count) => expect.closeTo(count / 2, 6)))
    expect([hourly.lowFive[0], hourly.lowFifteen[0], hourly.low[0]]).toEqual([seconds[299]?.low, seconds[899]?.low, seconds[3_599]?.low])
    expect([hourly.highFive[0], hourly.highFifteen[0], hourly.high[0]]).toEqual(new Array(3).fill(Math.E * 0.1))
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
  test('worked example: extremes on the way, from what the hour closed at', () => {
    // 24 and 3 within the second hour, which closes at 6; then 3, 12 and 6, 6.
    const hourly = of([24, 3, 24, 6, 3, 12, 6, 6])
    expect(Hourly.outcome(hourly, 1, 1)).toMatchObject({ longPath: Math.LN2, shortPath: Math.LN2, end: Math.LN2 })
    const outcome = Hourly.outcome(hourly, 1, 2)
    expect(outcome).toMatchObject({ longPath: Math.LN2, shortPath: Math.LN2, end: 0 })
    // Moves of 1, 2, 1 and 0 times ln 2, by Garman–Klass each ½ − (2 ln 2 − 1) of its square.
    expect(outcome?.variance).toBeCloseTo(6 * Math.LN2 ** 2, 12)
    expect(outcome?.range).toBeCloseTo((0.5 - (2 * Math.LN2 - 1)) * 6 * Math.LN2 ** 2, 12)
  })
  test('edge: a horizon that is not over has no outcome; a market that stands still has the least variance', () => {
    const hourly = of([1, 1, 1, 1])
    expect(Hourly.outcome(hourly, 1, 1)).toBeNull()
    expect(Hourly.outcome(hourly, -1, 1)).toBeNull()
    expect(Hourly.outcome(hourly, 0, 1)).toMatchObject({ variance: 1e-10, range: 1e-10 })
    expect(Hourly.outcome(of([1, 1, 1, 1, 1, 1]), 0, 2)).toMatchObject({ variance: 2e-10, range: 2e-10 })
  })
})

describe('soon', () => {
  test('worked example: the first five and fifteen minutes after the hour', () => {
    const short = Array.from({ length: 24 }, (_, i) => ({
      closeAt: 300 * (i + 1),
      open: 1,
      high: i === 14 ? 4 : i === 12 ? 2 : 1,
      low: i === 14 ? 0.25 : i === 12 ? 0.5 : 1,
      close: 1,
      volume: 0,
    }))
    const hourly = Hourly.of({ symbol: 'A', intervalSeconds: 300, bars: short })
    expect(Hourly.soon(hourly, 0, 300)).toEqual({ longPath: Math.LN2, shortPath: Math.LN2 })
    expect(Hourly.soon(hourly, 0, 900)).toEqual({ longPath: Math.log(4), shortPath: Math.log(4) })
    expect(Hourly.soon(hourly, 1, 300)).toBeNull()
    expect(Hourly.soon(hourly, -1, 300)).toBeNull()
    expect(Hourly.soon(of([1, 1, 1, 1]), 0, 900)).toBeNull()
  })
})

describe('soon', () => {
  test('edge: from what the hour closed at; a market that only rose has no path down', () => {
    const short = Array.from({ length: 24 }, (_, i) => ({
      closeAt: 300 * (i + 1),
      ...(i < 12 ? { open: 4, high: 4, low: 4, close: 4 } : { open: 5, high: i === 13 ? 16 : 8, low: 5, close: 5 }),
      volume: 0,
    }))
    const hourly = Hourly.of({ symbol: 'A', intervalSeconds: 300, bars: short })
    expect(Hourly.soon(hourly, 0, 300)).toEqual({ longPath: 0, shortPath: Math.LN2 })
    expect(Hourly.soon(hourly, 0, 900)).toEqual({ longPath: 0, shortPath: Math.log(4) })
  })
})

describe('coarser', () => {
  test('worked example: hours of quarters, from the first that opens one on', () => {
    const quarter = (i: number, open: number, high: number, low: number, close: number) => ({
      ...{ closeAt: 900 * i, open, high, low, close, volume: i },
    })
    const bars = [
      ...[quarter(1, 2, 9, 2, 3), quarter(2, 3, 5, 1, 4), quarter(3, 4, 4, 0.5, 2), quarter(4, 2, 3, 2, 3)],
      ...[quarter(5, 3, 3, 3, 3), quarter(6, 3, 4, 3, 4), quarter(7, 4, 4, 4, 4), quarter(8, 4, 4, 3, 3)],
    ]
    const coarser = (bars: readonly Hourly.Traded[]) => Hourly.coarser({ symbol: 'A', intervalSeconds: 900, bars }, 3_600)
    const [first, second] = [
      { closeAt: 3_600, open: 2, high: 9, low: 0.5, close: 3, volume: 10 },
      { closeAt: 7_200, open: 3, high: 4, low: 3, close: 3, volume: 26 },
    ]
    expect(coarser(bars)).toEqual([first, second])
    expect(coarser(bars.slice(1))).toEqual([second])
    expect(coarser(bars.slice(0, 7))).toEqual([first])
    expect(coarser(bars.slice(1, 4))).toEqual([])
  })
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
