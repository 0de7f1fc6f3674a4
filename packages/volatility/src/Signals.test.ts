import { describe, expect, test } from 'vitest'
import * as Hourly from './Hourly.ts'
import * as Signals from './Signals.ts'
import * as SyntheticMarket from './SyntheticMarket.ts'

const kinds: readonly Signals.Kind[] = [
  { horizonHours: 24, intervalSeconds: 3_600 },
  { horizonHours: 1, intervalSeconds: 300 },
  { horizonHours: 4, intervalSeconds: 3_600 },
]
const startAt = 1_700_006_400
const market = (intervalSeconds: number, hours: number, names = ['BTC', 'ETH']): Hourly.Hourly[] =>
  Object.entries(
    SyntheticMarket.generate({
      seed: 5,
      startAt,
      intervalSeconds,
      bars: (hours * 3_600) / intervalSeconds,
      assets: names.map((symbol, i) => ({ symbol, price: 100 + i, volatility: 0.5 + i / 10 })),
    }),
  ).map(([symbol, bars]) => Hourly.of({ symbol, intervalSeconds, bars: bars.map((bar, i) => ({ ...bar, volume: 10 + (i % 7) })) }))
const value = (rows: readonly Signals.Row[], kind: Signals.Kind, symbol: string, name: string): number =>
  rows.find((row) => row.symbol === symbol)?.values[Signals.names(kind).indexOf(name)] ?? Number.NaN

describe('rows', () => {
  const whole = market(3_600, 760)
  const hour = startAt / 3_600 + 720
  const [daily = { horizonHours: 24, intervalSeconds: 3_600 }] = kinds

  test.each(kinds)('one finite value for each name: $horizonHours h of $intervalSeconds s', (kind) => {
    const rows = Signals.rows(market(kind.intervalSeconds, 700), startAt / 3_600 + 690, kind)
    expect(rows.map(({ symbol }) => symbol)).toEqual(['BTC', 'ETH'])
    expect(new Set(Signals.names(kind)).size).toBe(Signals.names(kind).length)
    for (const { values } of rows) {
      expect(values.length).toBe(Signals.names(kind).length)
      expect(Array.from(values).every(Number.isFinite)).toBe(true)
    }
  })

  test('property: online equals batch bit for bit, whatever came before and after', () => {
    for (const kind of kinds) {
      const long = market(kind.intervalSeconds, 760)
      const at = startAt / 3_600 + 720
      const batch = Signals.rows(long, at, kind)
      const bars = SyntheticMarket.generate({
        seed: 5,
        startAt,
        intervalSeconds: kind.intervalSeconds,
        bars: (720 * 3_600) / kind.intervalSeconds,
        assets: [
          { symbol: 'BTC', price: 100, volatility: 0.5 },
          { symbol: 'ETH', price: 101, volatility: 0.6 },
        ],
      })
      const tail = Object.entries(bars).map(([symbol, series]) =>
        Hourly.of({
          symbol,
          intervalSeconds: kind.intervalSeconds,
          bars: series.map((bar, i) => ({ ...bar, volume: 10 + (i % 7) })).slice((-Signals.hoursNeeded * 3_600) / kind.intervalSeconds),
        }),
      )
      const online = Signals.rows(tail, at, kind)
      expect(online.map(({ values }) => Array.from(values))).toEqual(batch.map(({ values }) => Array.from(values)))
    }
  })

  test('worked example: range and variance of the last hour and the last day', () => {
    const rows = Signals.rows(whole, hour, daily)
    const btc = whole[0]
    if (btc === undefined) throw new Error('no hours')
    const index = hour - btc.firstHour
    expect(value(rows, daily, 'BTC', 'range 1 h')).toBe(Math.log(btc.range[index] ?? Number.NaN))
    expect(value(rows, daily, 'BTC', 'variance 24 h')).toBe(Math.log(Hourly.sum(btc.variance, index, 24) / 24))
    expect(value(rows, daily, 'BTC', 'variance 1 d ago')).toBe(Math.log(Hourly.sum(btc.variance, index - 24, 24) / 24))
    const mean = (value(rows, daily, 'BTC', 'range 1 h') + value(rows, daily, 'ETH', 'range 1 h')) / 2
    expect(value(rows, daily, 'ETH', 'market range 1 h')).toBeCloseTo(mean, 12)
    expect(value(rows, daily, 'ETH', 'leader range 1 h')).toBe(value(rows, daily, 'BTC', 'range 1 h'))
  })

  test('edge: too short a history has no row, and does not enter the market', () => {
    const young = market(3_600, 760, ['BTC', 'NEW']).map((each) =>
      each.symbol === 'NEW' ? { ...each, firstHour: each.firstHour + 100, length: each.length - 100 } : each,
    )
    const rows = Signals.rows(young, hour, daily)
    expect(rows.map(({ symbol }) => symbol)).toEqual(['BTC'])
    expect(value(rows, daily, 'BTC', 'dispersion of range 24 h')).toBe(0)
    const first = whole[0]?.firstHour ?? 0
    expect(Signals.rows(whole, first + Signals.hoursNeeded - 2, daily)).toEqual([])
    expect(Signals.rows(whole, first + Signals.hoursNeeded - 1, daily).length).toBe(2)
    expect(Signals.rows(whole, first + 760, daily)).toEqual([])
  })

  test('edge: the calendar is that of the day ahead', () => {
    // 1 700 006 400 is Wednesday 2023-11-15, 00:00 UTC.
    const at = (hours: number): readonly Signals.Row[] => Signals.rows(whole, startAt / 3_600 + 24 * 29 + hours, daily)
    // 29 days later it is Thursday.
    expect(value(at(0), daily, 'BTC', 'Thu')).toBe(1)
    expect(value(at(0), daily, 'BTC', 'Fri')).toBe(0)
    expect(value(at(6), daily, 'BTC', 'Thu')).toBe(0.75)
    expect(value(at(6), daily, 'BTC', 'Fri')).toBe(0.25)
    expect(value(at(6), daily, 'BTC', 'sine of hour')).toBe(1)
  })

  test('dimension: prices times k change nothing', () => {
    const bars =
      SyntheticMarket.generate({
        seed: 5,
        startAt,
        intervalSeconds: 3_600,
        bars: 700,
        assets: [{ symbol: 'BTC', price: 100, volatility: 0.5 }],
      })['BTC'] ?? []
    const scaled = (k: number): Hourly.Hourly[] => [
      Hourly.of({
        symbol: 'BTC',
        intervalSeconds: 3_600,
        bars: bars.map(({ closeAt, ...price }) => ({
          closeAt,
          open: k * price.open,
          high: k * price.high,
          low: k * price.low,
          close: k * price.close,
          volume: 1,
        })),
      }),
    ]
    const of = (k: number): number[] => Array.from(Signals.rows(scaled(k), startAt / 3_600 + 700, daily)[0]?.values ?? [])
    const [one, many] = [of(1), of(1_024)]
    expect(one.length).toBeGreaterThan(40)
    many.forEach((each, i) => {
      expect(each).toBeCloseTo(one[i] ?? Number.NaN, 9)
    })
  })
})
