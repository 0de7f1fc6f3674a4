import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Bar, RealisedVariance, Returns, SyntheticMarket } from './index.ts'

const numRuns = Math.ceil(Number(process.env['PLIMSOLL_RUNS'] ?? 1000) / 20)
const assets = [
  { symbol: 'ETH-PERP', price: 3000, volatility: 0.7 },
  { symbol: 'BTC-PERP', price: 60_000, volatility: 0.5 },
]
const base = { seed: 7, startAt: 1_704_067_200, intervalSeconds: 300, bars: 500, assets }
const eth = (args: Partial<SyntheticMarket.generate.Arguments> = {}): Bar.Bar[] =>
  SyntheticMarket.generate({ ...base, ...args })['ETH-PERP'] ?? []

describe('generate', () => {
  test('vector: the market of seed 7 does not change', () => {
    expect(eth({ bars: 2 }).at(-1)).toMatchInlineSnapshot(`
      {
        "close": 3002.792302790231,
        "closeAt": 1704067800,
        "high": 3006.6719779167156,
        "low": 2998.9547366740853,
        "open": 3000.0126510231203,
      }
    `)
  })
  test('property: sound bars whatever the seed, each opening where the last closed', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(300, 3600), (seed, intervalSeconds) => {
        const bars = eth({ seed, intervalSeconds, bars: 200, startAt: 0 })
        expect(() => Bar.assertSeries(bars, intervalSeconds)).not.toThrow()
        expect(bars.slice(1).every((bar, i) => Math.abs(bar.open / (bars[i]?.close ?? 0) - 1) < 1e-12)).toBe(true)
      }),
      { numRuns },
    )
  })
  test('a longer market begins with the shorter one; who else is listed changes nothing; the seed does', () => {
    expect(eth({ bars: 700 }).slice(0, 500)).toEqual(eth())
    expect(eth({ assets: assets.slice(0, 1) })).toEqual(eth())
    expect(eth({ seed: 8 })).not.toEqual(eth())
  })
  test('long-run volatility is the diffusion asked for plus the jumps', () => {
    const year = SyntheticMarket.generate({ ...base, intervalSeconds: 3600, bars: 24 * 365 * 6 })
    for (const { symbol, volatility } of assets) {
      const returns = Returns.log(year[symbol] ?? [])
      const sigma = RealisedVariance.annualise({ variance: RealisedVariance.of(returns), horizonSeconds: 3600 * returns.length })
      expect(sigma / volatility).toBeGreaterThan(0.85)
      expect(sigma / volatility).toBeLessThan(1.35)
    }
  })
  test('assets move together, fall into volatility, and swing with the day', () => {
    const year = SyntheticMarket.generate({ ...base, intervalSeconds: 3600, bars: 24 * 365 * 3 })
    const [a, b] = assets.map(({ symbol }) => Returns.log(year[symbol] ?? []))
    const correlation = (x: number[], y: number[]): number => {
      const mean = (z: number[]): number => z.reduce((sum, v) => sum + v, 0) / z.length
      const [mx, my] = [mean(x), mean(y)]
      const cov = (p: number[], mp: number, q: number[], mq: number): number => mean(p.map((v, i) => (v - mp) * ((q[i] ?? 0) - mq)))
      return cov(x, mx, y, my) / Math.sqrt(cov(x, mx, x, mx) * cov(y, my, y, my))
    }
    const sample = (r: Float64Array | undefined): number[] => Array.from(r ?? [], (x) => Math.max(-0.02, Math.min(0.02, x)))
    expect(correlation(sample(a), sample(b))).toBeGreaterThan(0.4)
    const lnSquare = sample(a).map((x) => Math.log(x * x + 1e-9))
    expect(correlation(lnSquare.slice(0, -1), lnSquare.slice(1))).toBeGreaterThan(0.05)
    expect(correlation(sample(a).slice(0, -1), lnSquare.slice(1))).toBeLessThan(-0.01)
    const byHour = (hour: number): number[] => lnSquare.filter((_, t) => (t + 1) % 24 === hour)
    const mean = (z: number[]): number => z.reduce((sum, v) => sum + v, 0) / z.length
    expect(mean(byHour(15)) - mean(byHour(3))).toBeGreaterThan(0.5)
  })
  test('an event moves every asset by what it says, and leaves what was before it alone', () => {
    const crash = { events: [{ bar: 400, bars: 6, logMove: -0.3 }] }
    const calm = eth()
    const after = eth(crash)
    expect(after.slice(0, 400)).toEqual(calm.slice(0, 400))
    expect(Math.log((after[405]?.close ?? 0) / (calm[405]?.close ?? 1))).toBeLessThan(-0.28)
    expect(Math.log((after[405]?.close ?? 0) / (calm[405]?.close ?? 1))).toBeGreaterThan(-0.32)
    const later = (bars: Bar.Bar[]): number => RealisedVariance.of(Returns.log(bars.slice(406, 450)))
    expect(later(after)).toBeGreaterThan(later(calm))
  })
  test('an event is over when it says so', () => {
    const move = (bar: number): number => {
      const [calm, after] = [eth(), eth({ events: [{ bar: 100, bars: 2, logMove: -0.2 }] })].map((bars) => bars[bar])
      return Math.log((after?.close ?? 0) / (after?.open ?? 1)) - Math.log((calm?.close ?? 0) / (calm?.open ?? 1))
    }
    expect([99, 100, 101, 102].map((bar) => Math.round(move(bar) * 20) / 20 + 0)).toEqual([0, -0.1, -0.1, 0])
    const one = eth({ events: [{ bar: 100, bars: 1, logMove: -0.2 }] })
    expect(one.slice(0, 100)).toEqual(eth().slice(0, 100))
  })
  test('weekends are calmer', () => {
    const year = SyntheticMarket.generate({ ...base, intervalSeconds: 3600, bars: 24 * 364 * 2, startAt: 1_704_067_200 })
    const r = Returns.log(year['ETH-PERP'] ?? [])
    const variance = (days: number[]): number => {
      const mine = r.filter((_, t) => days.includes(Math.floor((t + 1) / 24) % 7)).map((x) => Math.log(x * x + 1e-9))
      return mine.reduce((sum, x) => sum + x, 0) / mine.length
    }
    // The first day is a Monday. What a weekend takes off is 0.5.
    for (const day of [5, 6]) expect(Math.abs(variance([0, 1, 2, 3, 4]) - variance([day]) - 0.5)).toBeLessThan(0.2)
  })
  test('edge: no bars', () => {
    expect(eth({ bars: 0 })).toEqual([])
  })
  test.each([
    ['an interval that does not divide a day', { intervalSeconds: 7 * 60 }],
    ['no interval', { intervalSeconds: 0 }],
    ['a negative interval', { intervalSeconds: -300 }],
    ['half a second', { intervalSeconds: 0.5, startAt: 0 }],
    ['a start before 1970', { startAt: -300 }],
    ['no volatility at all', { assets: [{ symbol: 'X', price: 1, volatility: 0 }] }],
    ['a start off the grid', { startAt: 1 }],
    ['half a bar', { bars: 0.5 }],
    ['a symbol twice', { assets: [...assets, ...assets] }],
    ['no price', { assets: [{ symbol: 'X', price: 0, volatility: 1 }] }],
    ['no volatility', { assets: [{ symbol: 'X', price: 1, volatility: Number.NaN }] }],
    ['an event without length', { events: [{ bar: 1, bars: 0, logMove: 1 }] }],
  ])('error: %s', (_, part) => {
    expect(() => SyntheticMarket.generate({ ...base, ...part })).toThrow(
      expect.objectContaining({ name: 'SyntheticMarket.InvalidMarketError', code: 'MARKET_INVALID' }),
    )
  })
})
