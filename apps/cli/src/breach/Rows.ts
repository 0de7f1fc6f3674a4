/** Forecasts beside the bars that followed them. */
import type { Hourly } from '@plimsoll/volatility'
import type { Panel, Table } from '@plimsoll/volatility-model'
import type { Row } from './Walk.ts'

/** `touch`: a low or high is enough. `close`: prices are looked at when a bar closes. */
export type Look = 'touch' | 'close'

/** A forecast and the bars of its horizon; `oracle` is the variance that came. */
export type Matched = Row & { readonly oracle: number }

/**
 * The forecasts of one model whose whole horizon has bars, by origin.
 *
 * Left out where bars are missing, at the origin or within the horizon: nothing is made up.
 */
export function of(forecasts: readonly Table.Row[], panel: Panel.Panel, look: Look): readonly Matched[] {
  const series = new Map<string, { readonly bars: readonly Hourly.Traded[]; readonly places: ReadonlyMap<number, number> }[]>()
  for (const [i, { symbol }] of panel.runs.entries()) {
    const bars = panel.bars[i] ?? []
    const places = new Map(bars.map(({ closeAt }, place) => [closeAt, place]))
    series.set(symbol, [...(series.get(symbol) ?? []), { bars, places }])
  }
  const rows = forecasts.flatMap(({ symbol, origin, variance, horizonSeconds }): readonly Matched[] => {
    const run = series.get(symbol)?.find(({ places }) => places.has(origin) && places.has(origin + horizonSeconds))
    if (run === undefined) return []
    const [first, last] = [run.places.get(origin) ?? 0, run.places.get(origin + horizonSeconds) ?? 0]
    const start = run.bars[first]?.close ?? Number.NaN
    let [low, high, before, oracle] = [start, start, start, 0]
    for (let place = first + 1; place <= last; place++) {
      const bar = run.bars[place]
      if (bar === undefined) return []
      low = Math.min(low, look === 'touch' ? bar.low : bar.close)
      high = Math.max(high, look === 'touch' ? bar.high : bar.close)
      oracle += Math.log(bar.close / before) ** 2
      before = bar.close
    }
    if (!(oracle > 0)) return []
    return [{ symbol, origin, variance, oracle, down: Math.log(start / low), up: Math.log(high / start) }]
  })
  return rows.sort((a, b) => a.origin - b.origin || (a.symbol < b.symbol ? -1 : 1))
}
