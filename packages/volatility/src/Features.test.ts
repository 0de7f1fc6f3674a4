import { describe, expect, test } from 'vitest'
import { type Bar, Features, SyntheticMarket } from './index.ts'

const startAt = 1_704_067_200 // Monday 2024-01-01, 00:00 UTC
const market = SyntheticMarket.generate({
  seed: 4,
  startAt,
  intervalSeconds: 300,
  bars: Features.barsNeeded + 300,
  assets: [
    { symbol: 'B', price: 10, volatility: 0.5 },
    { symbol: 'A', price: 20, volatility: 1 },
  ],
})
const bars = (symbol: string): Bar.Bar[] => market[symbol] ?? []
const at = startAt + (Features.barsNeeded + 12) * 300
const prepared = ['B', 'A'].map((symbol) => Features.prepare({ symbol, bars: bars(symbol) }))
const named = (row: Features.Row | undefined): Record<string, number> =>
  Object.fromEntries(Features.schema.names.map((name, k) => [name, row?.values[k] ?? Number.NaN]))

describe('rows', () => {
  test('one row a symbol in order, one finite value a name', () => {
    const rows = Features.rows(prepared, at)
    expect(rows.map(({ symbol }) => symbol)).toEqual(['A', 'B'])
    for (const { values } of rows) {
      expect(values).toHaveLength(Features.schema.names.length)
      expect(values.every(Number.isFinite)).toBe(true)
    }
  })
  test('worked example: a market that only alternates', () => {
    const flip = Array.from({ length: Features.barsNeeded }, (_, i) => {
      const close = i % 2 === 0 ? 100 : 100 * Math.E
      return { closeAt: startAt + 300 * (i + 1), open: close, high: close, low: close, close }
    })
    const [row] = Features.rows([Features.prepare({ symbol: 'X', bars: flip })], startAt + 300 * Features.barsNeeded)
    const value = named(row)
    expect(value['ln variance 1 h']).toBeCloseTo(0, 12)
    expect(value['ln variance 7 d']).toBeCloseTo(0, 12)
    expect(value['ln range variance 1 h']).toBeCloseTo(Math.log(1e-12), 12)
    expect(value['down share 24 h']).toBeCloseTo(0.5, 12)
    expect(value['shock 1 h']).toBeCloseTo(0, 12)
    expect(value['market ln variance 1 h']).toBe(value['ln variance 1 h'])
    // The last bar closes on Monday at 00:00.
    expect(value['sin hour']).toBe(Math.sin((2 * Math.PI * ((300 * Features.barsNeeded) % 86_400)) / 86_400))
    expect(value['weekend']).toBe(0)
  })
  test('worked example: every feature, computed again from the bars', () => {
    const index = Features.indexOf(bars('A'), at)
    if (index === null) throw new Error('no bar')
    const last = (hours: number, back = 0): Bar.Bar[] => bars('A').slice(index + 1 - 12 * (hours + back), index + 1 - 12 * back)
    const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0)
    const r = (hours: number, back = 0): number[] => last(hours, back).map(({ open, close }) => Math.log(close / open))
    const ln = (values: number[]): number => Math.log(sum(values) / values.length)
    const squares = (hours: number, back = 0): number => ln(r(hours, back).map((x) => x * x))
    const ranges = (hours: number): number =>
      ln(
        last(hours).map(({ open, high, low, close }) => 0.5 * Math.log(high / low) ** 2 - 0.3862943611198906 * Math.log(close / open) ** 2),
      )
    const day = r(24).map((x) => x * x)
    const down = sum(r(24).map((x) => (x < 0 ? x * x : 0)))
    const shock = sum(r(1)) / Math.sqrt(sum(day) / 24)
    const angle = ((at % 86_400) / 86_400) * 2 * Math.PI
    const [row] = Features.rows(prepared, at).map(named)
    const expected: Record<string, number> = {
      'ln variance 1 h': squares(1),
      'ln variance 4 h': squares(4),
      'ln variance 24 h': squares(24),
      'ln variance 7 d': squares(168),
      'ln range variance 1 h': ranges(1),
      'ln range variance 4 h': ranges(4),
      'ln range variance 24 h': ranges(24),
      'ln variance of the same 1 h yesterday': squares(1, 23),
      'ln variance of the same 4 h yesterday': squares(4, 20),
      'down share 24 h': down / sum(day),
      'shock 1 h': shock,
      'absolute shock 1 h': Math.abs(shock),
      'sin hour': Math.sin(angle),
      'cos hour': Math.cos(angle),
      'sin 2 hour': Math.sin(2 * angle),
      'cos 2 hour': Math.cos(2 * angle),
      weekend: 0,
    }
    for (const [name, value] of Object.entries(expected)) expect(row?.[name], name).toBeCloseTo(value, 9)
  })
  test('edge: a market that does not move has finite features', () => {
    const still = Array.from({ length: Features.barsNeeded }, (_, i) => ({ closeAt: 300 * (i + 1), open: 1, high: 1, low: 1, close: 1 }))
    const [row] = Features.rows([Features.prepare({ symbol: 'X', bars: still })], 300 * Features.barsNeeded)
    expect(row?.values.every(Number.isFinite)).toBe(true)
    expect(named(row)['down share 24 h']).toBe(0.5)
  })
  test('the market mean is over symbols; yesterday is the 24 h earlier of what comes next', () => {
    const [a, b] = Features.rows(prepared, at).map(named)
    expect(a?.['market ln variance 24 h']).toBeCloseTo(((a?.['ln variance 24 h'] ?? 0) + (b?.['ln variance 24 h'] ?? 0)) / 2, 12)
    // The hour that follows `at`, one day before it, is the "last hour" seen from at − 23 h.
    const earlier = Features.rows(prepared, at - 23 * 3600)
    expect(earlier).toEqual([])
    const late = startAt + (Features.barsNeeded + 299) * 300
    const [today] = Features.rows(prepared, late).map(named)
    const [before] = Features.rows(prepared, late - 23 * 3600).map(named)
    expect(today?.['ln variance of the same 1 h yesterday']).toBe(before?.['ln variance 1 h'])
    const [four] = Features.rows(prepared, late - 20 * 3600).map(named)
    expect(today?.['ln variance of the same 4 h yesterday']).toBe(four?.['ln variance 4 h'])
  })
  test('weekend: Saturday and Sunday, UTC', () => {
    const long = SyntheticMarket.generate({
      seed: 1,
      startAt,
      intervalSeconds: 300,
      bars: 15 * 288,
      assets: [{ symbol: 'A', price: 1, volatility: 1 }],
    })
    const series = [Features.prepare({ symbol: 'A', bars: long['A'] ?? [] })]
    const weekend = (day: number): number | undefined => named(Features.rows(series, startAt + day * 86_400 + 300)[0])['weekend']
    expect([7, 8, 9, 10, 11, 12, 13, 14].map(weekend)).toEqual([0, 0, 0, 0, 0, 1, 1, 0])
  })
  test('no look-ahead: bars after the origin do not change a bit, nor do bars before the window', () => {
    const whole = Features.rows(prepared, at)
    const cut = ['B', 'A'].map((symbol) => {
      const upTo = bars(symbol).filter(({ closeAt }) => closeAt <= at)
      return Features.prepare({ symbol, bars: upTo.slice(-Features.barsNeeded) })
    })
    expect(Features.rows(cut, at)).toEqual(whole)
  })
  test('edge: one bar too few leaves the symbol out of rows and of the mean', () => {
    const short = Features.prepare({
      symbol: 'A',
      bars: bars('A')
        .filter(({ closeAt }) => closeAt <= at)
        .slice(1 - Features.barsNeeded),
    })
    const [only, none] = Features.rows([short, ...prepared.slice(0, 1)], at)
    expect(only?.symbol).toBe('B')
    expect(none).toBeUndefined()
    expect(named(only)['market ln variance 24 h']).toBe(named(only)['ln variance 24 h'])
  })
  test('dimension: another price unit changes nothing', () => {
    const scaled = prepared.map(({ symbol, bars: series }) =>
      Features.prepare({
        symbol,
        bars: series.map(({ closeAt, open, high, low, close }) => ({
          closeAt,
          open: 8 * open,
          high: 8 * high,
          low: 8 * low,
          close: 8 * close,
        })),
      }),
    )
    expect(Features.rows(scaled, at)).toEqual(Features.rows(prepared, at))
  })
})

describe('target', () => {
  const [series] = prepared
  test('worked example: it begins with the return after the origin', () => {
    if (series === undefined) throw new Error('no series')
    const r = series.returns
    expect(Features.target(series, 5, 600)).toBe((r[5] ?? 0) ** 2 + (r[6] ?? 0) ** 2)
  })
  test('edge: null when the horizon is not over', () => {
    if (series === undefined) throw new Error('no series')
    expect(Features.target(series, series.bars.length - 2, 300)).not.toBeNull()
    expect(Features.target(series, series.bars.length - 1, 300)).toBeNull()
  })
})

describe('standardise', () => {
  test('edge: clipped at six deviations on both sides; NaN stays NaN', () => {
    const z = Features.standardise({ values: [7, -7, Number.NaN], mean: [0, 0, 0], deviation: [1, 1, 1] })
    expect(Array.from(z)).toEqual([6, -6, Number.NaN])
    expect(Array.from(Features.standardise({ values: [5], mean: [3], deviation: [4] }))).toEqual([0.5])
  })
})

describe('indexOf', () => {
  test('worked example', () => {
    expect(Features.indexOf(bars('A'), startAt + 300)).toBe(0)
    expect(Features.indexOf(bars('A'), startAt + 900)).toBe(2)
  })
  test('edge: before, between and after', () => {
    expect([startAt, startAt + 301, startAt + 300 * 1e6].map((time) => Features.indexOf(bars('A'), time))).toEqual([null, null, null])
    expect(Features.indexOf([], 0)).toBeNull()
  })
})
