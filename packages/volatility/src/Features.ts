import type { Bar } from './Bar.ts'
import * as RealisedVariance from './RealisedVariance.ts'
import { log } from './Returns.ts'

/** What a model was trained on. A model whose schema is not this one must not be served by this module. */
export const schema = {
  version: 1,
  intervalSeconds: 300,
  names: [
    'ln variance 1 h',
    'ln variance 4 h',
    'ln variance 24 h',
    'ln variance 7 d',
    'ln range variance 1 h',
    'ln range variance 4 h',
    'ln range variance 24 h',
    'ln variance of the same 1 h yesterday',
    'ln variance of the same 4 h yesterday',
    'down share 24 h',
    'shock 1 h',
    'absolute shock 1 h',
    'market ln variance 1 h',
    'market ln variance 24 h',
    'market ln range variance 4 h',
    'sin hour',
    'cos hour',
    'sin 2 hour',
    'cos 2 hour',
    'weekend',
  ],
} as const

/** The first features are the log variances that the baseline regresses on. */
export const lagCount = 4

/** Forecast horizons: 1 h, 4 h, 24 h. */
export const horizonsSeconds = [3_600, 14_400, 86_400] as const

const perHour = 3_600 / schema.intervalSeconds
const perDay = 24 * perHour
const lagSteps = [perHour, 4 * perHour, perDay, 7 * perDay] as const

/** Bars a symbol needs before it has features: seven days, and the close before them. */
export const barsNeeded = 7 * perDay + 1

/** Variance a bar never counts below, so that a still market has a logarithm: 0.03 % annualised. */
const leastVariance = 1e-12

/** One symbol's features at one time. */
export type Row = { readonly symbol: string; readonly values: Float64Array }

/** A series with its returns and ranges at hand: r[t] and gk[t] belong to bar t+1. */
export type Prepared = {
  readonly symbol: string
  readonly bars: readonly Bar[]
  readonly returns: Float64Array
  readonly ranges: Float64Array
}

/**
 * Computes once what every origin of a series shares.
 *
 * @param series.bars - sound and unbroken (`Bar.assertSeries`), at least 2.
 */
export function prepare(series: { readonly symbol: string; readonly bars: readonly Bar[] }): Prepared {
  return { ...series, returns: log(series.bars), ranges: Float64Array.from(series.bars.slice(1), RealisedVariance.garmanKlass) }
}

/**
 * Features of every symbol that has seven unbroken days of bars up to `at`, in order of symbol. Symbols without them are left out, and
 * do not enter the market mean. Only bars up to `at` are read; the sums run over the same values in the same order however long the
 * series is, so that serving equals training bit for bit.
 *
 * @param market - prepared series, any order.
 * @param at - a bar's close. Unix seconds.
 * @returns rows, values of shape [schema.names.length].
 */
export function rows(market: readonly Prepared[], at: number): readonly Row[] {
  const own = market
    .flatMap((series) => {
      const index = indexOf(series.bars, at)
      return index === null || index < barsNeeded - 1 ? [] : [{ symbol: series.symbol, values: measure(series, index) }]
    })
    .sort((a, b) => (a.symbol < b.symbol ? -1 : 1))
  const mean = (feature: number): number => own.reduce((sum, { values }) => sum + (values[feature] ?? Number.NaN), 0) / own.length
  const shared = [mean(0), mean(2), mean(5), ...calendar(at)]
  return own.map(({ symbol, values }) => ({ symbol, values: Float64Array.from([...values, ...shared]) }))
}

/**
 * Where the bar that closes at `at` stands in an unbroken series; null when it is not there.
 *
 * @example
 * Features.indexOf([{ closeAt: 300, open: 1, high: 1, low: 1, close: 1 }], 600)
 * // => null
 */
export function indexOf(bars: readonly Bar[], at: number): number | null {
  const first = bars[0]
  if (first === undefined) return null
  const index = (at - first.closeAt) / schema.intervalSeconds
  return bars[index]?.closeAt === at ? index : null
}

/** Variance realised over the horizon after bar `index`; null when the series ends before it. This is a target: never a feature. */
export function target(series: Prepared, index: number, horizonSeconds: number): number | null {
  const steps = horizonSeconds / schema.intervalSeconds
  if (index + steps > series.returns.length) return null
  return Math.max(RealisedVariance.of(series.returns.subarray(index, index + steps)), steps * leastVariance)
}

/**
 * Standardised features as a network takes them: `clip((x − mean) / deviation, ±6)`, float32.
 *
 * @example
 * Array.from(Features.standardise({ values: [5, 100], mean: [3, 0], deviation: [2, 1] }))
 * // => [1, 6]
 */
export function standardise(args: standardise.Arguments): Float32Array {
  return Float32Array.from({ length: args.values.length }, (_, k) => {
    const z = ((args.values[k] ?? Number.NaN) - (args.mean[k] ?? Number.NaN)) / (args.deviation[k] ?? Number.NaN)
    return Math.max(-6, Math.min(6, z))
  })
}

export declare namespace standardise {
  type Arguments = { readonly values: ArrayLike<number>; readonly mean: ArrayLike<number>; readonly deviation: ArrayLike<number> }
}

/** The features that one symbol's own bars give. `index` is the bar at the origin, so its return is returns[index − 1]. */
function measure({ returns, ranges }: Prepared, index: number): number[] {
  const window = (values: Float64Array, steps: number, back = 0): Float64Array => values.subarray(index - back - steps, index - back)
  const variance = (steps: number, back = 0): number =>
    Math.log(Math.max(RealisedVariance.of(window(returns, steps, back)) / steps, leastVariance))
  const range = (steps: number): number =>
    Math.log(Math.max(window(ranges, steps).reduce((sum, value) => sum + value, 0) / steps, leastVariance))
  const day = RealisedVariance.semivariance(window(returns, perDay))
  const shock =
    window(returns, perHour).reduce((sum, r) => sum + r, 0) / Math.sqrt(Math.max((day.down + day.up) / 24, perHour * leastVariance))
  return [
    ...lagSteps.map((steps) => variance(steps)),
    range(perHour),
    range(4 * perHour),
    range(perDay),
    variance(perHour, perDay - perHour),
    variance(4 * perHour, perDay - 4 * perHour),
    day.down + day.up > 0 ? day.down / (day.down + day.up) : 0.5,
    shock,
    Math.abs(shock),
  ]
}

/** Hour of the day as two harmonics, and whether the day is a Saturday or Sunday. UTC. 1970-01-01 was a Thursday. */
function calendar(at: number): number[] {
  const angle = (2 * Math.PI * (at % 86_400)) / 86_400
  const weekday = (Math.floor(at / 86_400) + 4) % 7
  return [Math.sin(angle), Math.cos(angle), Math.sin(2 * angle), Math.cos(2 * angle), weekday === 0 || weekday === 6 ? 1 : 0]
}
