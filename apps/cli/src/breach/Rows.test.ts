import { Panel, type Table } from '@plimsoll/volatility-model'
import { describe, expect, test } from 'vitest'
import * as Rows from './Rows.ts'

const hour = 3_600
/** Opens at its hour, one after the other. */
const bars = (closes: readonly number[], over: Readonly<Record<number, { readonly low?: number; readonly high?: number }>> = {}) =>
  closes.map((close, i) => {
    const open = closes[i - 1] ?? close
    return { closeAt: i * hour, open, close, low: Math.min(open, close), high: Math.max(open, close), volume: 1, ...over[i] }
  })
const panelOf = (raw: Panel.Raw) => Panel.of({ raw, files: [], asOf: 1e9 })
const forecast = (symbol: string, origin: number, horizon: number): Table.Row => ({
  ...{ symbol, origin: origin * hour, horizonSeconds: horizon * hour, model: 'ewma', variance: 0.01 },
  ...{ q99LongPath: 1, q99ShortPath: 1, q99LongEnd: 1, q99ShortEnd: 1 },
})

describe('of', () => {
  const panel = panelOf({ ETH: bars([100, 100, 90, 110, 100], { 3: { low: 80, high: 125 } }), BTC: bars([1, 1, 1, 1, 2]) })

  test('worked example: two hours after the close of the second bar: lows and highs, or closes', () => {
    const [touch] = Rows.of([forecast('ETH', 2, 2)], panel, 'touch')
    expect(touch).toMatchObject({
      down: expect.closeTo(Math.log(100 / 80), 12),
      up: expect.closeTo(Math.log(1.25), 12),
      origin: 2 * hour,
      variance: 0.01,
    })
    const [close] = Rows.of([forecast('ETH', 2, 2)], panel, 'close')
    expect(close).toMatchObject({ down: expect.closeTo(Math.log(100 / 90), 12), up: expect.closeTo(Math.log(1.1), 12) })
    expect(close?.oracle).toBeCloseTo(Math.log(0.9) ** 2 + Math.log(110 / 90) ** 2, 12)
  })

  test('edge: without bars to the end of the horizon, at the origin, or of the symbol, there is no row', () => {
    const none = [forecast('ETH', 4, 2), forecast('ETH', 0, 1), forecast('XRP', 2, 1)]
    expect(Rows.of(none, panel, 'touch')).toEqual([])
    expect(Rows.of([forecast('BTC', 1, 1)], panel, 'touch')).toEqual([])
  })

  test('edge: by origin, then by symbol', () => {
    const found = Rows.of([forecast('ETH', 4, 1), forecast('ETH', 2, 3), forecast('BTC', 4, 1)], panel, 'touch')
    expect(found.map(({ symbol, origin }) => [symbol, origin / hour])).toEqual([
      ['ETH', 2],
      ['BTC', 4],
      ['ETH', 4],
    ])
  })
})
