import { RealisedVariance, SyntheticMarket } from '@plimsoll/volatility'
import { describe, expect, test } from 'vitest'
import * as Forecasts from './Forecasts.ts'

const hours = 24
const warmup = 140
const bars = (days: number, seed = 5) =>
  SyntheticMarket.generate({
    seed,
    startAt: 0,
    intervalSeconds: 3_600,
    bars: days * hours,
    assets: [{ symbol: 'A', price: 100, volatility: 0.8 }],
  }).A ?? []

describe('of', () => {
  for (const estimator of ['ewma', 'har'] as const) {
    test(`property: ${estimator} knows nothing of the day it is for, nor of any later one`, () => {
      const series = bars(160)
      const cut = 150
      // The prices of day 150 and after are others.
      const other = series.map((bar, i) =>
        i < cut * hours ? bar : { ...bar, low: bar.low / 2, close: bar.close / 2, open: bar.open / 2, high: bar.high / 2 },
      )
      const [one, two] = [series, other].map((bars) => Forecasts.of({ bars, hours, warmup, estimator }))
      const upTo = (daily: readonly Forecasts.Daily[] | undefined, day: number) => daily?.filter(({ index }) => index <= day)
      expect(upTo(one, cut)).toEqual(upTo(two, cut))
      expect(upTo(one, cut + 1)).not.toEqual(upTo(two, cut + 1))
    })

    test(`dimension: ${estimator} is in the middle of what is realised, and its quantile holds in about 99 of 100 days`, () => {
      const series = bars(700)
      const daily = Forecasts.of({ bars: series, hours, warmup, estimator }).filter(({ index }) => index >= warmup)
      const realised = daily.map(({ index }) => {
        const closes = series.slice(index * hours - 1, (index + 1) * hours).map(({ close }) => close)
        return RealisedVariance.of(closes.slice(1).map((close, i) => Math.log(close / (closes[i] ?? Number.NaN))))
      })
      const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value / values.length, 0)
      const ratio = mean(daily.map(({ variance }) => variance)) / mean(realised)
      expect(ratio).toBeGreaterThan(0.7)
      expect(ratio).toBeLessThan(1.4)
      const breaches = daily.filter(({ index, quantiles }) => {
        const open = series[index * hours - 1]?.close ?? Number.NaN
        return (
          1 - Math.min(...series.slice(index * hours, (index + 1) * hours).map(({ low }) => low)) / open > quantiles.closeOut.longPpm / 1e6
        )
      })
      expect(breaches.length / daily.length).toBeLessThan(0.03)
      expect(daily.every(({ sigma, variance }) => Math.abs(sigma * sigma - variance) < 1e-12)).toBe(true)
    })
  }

  test('edge: four weeks have no forecast, and the warm-up no quantile', () => {
    const daily = Forecasts.of({ bars: bars(150), hours, warmup, estimator: 'har' })
    expect(daily[0]?.index).toBe(28)
    expect(daily).toHaveLength(122)
    expect(daily.find(({ index }) => index === warmup - 1)?.quantiles.closeOut).toEqual({ longPpm: 0, shortPpm: 0 })
    expect(daily.find(({ index }) => index === warmup)?.quantiles.closeOut.longPpm).toBeGreaterThan(0)
  })
})
