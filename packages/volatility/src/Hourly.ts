import type { Bar } from './Bar.ts'
import { BaseError } from './BaseError.ts'
import * as RealisedVariance from './RealisedVariance.ts'

/** A bar with what was traded in it. In whatever unit: only ratios within one symbol are used. */
export type Traded = Bar & { readonly volume: number }

/**
 * What a symbol's bars say hour by hour. Everything a model of the next hours reads is a sum over these, in one order, so that a forecast
 * made online equals the one made in a backtest bit for bit.
 */
export type Hourly = {
  readonly symbol: string
  readonly intervalSeconds: number
  /** Hours since 1970 at which hour 0 of the arrays closes. */
  readonly firstHour: number
  /** Hours held. Every array has this length, oldest first. */
  readonly length: number
  readonly close: Float64Array
  readonly low: Float64Array
  readonly high: Float64Array
  /** Log return of the hour. */
  readonly returns: Float64Array
  /** Σ r² of the bars. */
  readonly variance: Float64Array
  /** Σ r² of the bars that fell. */
  readonly down: Float64Array
  /** Σ Garman–Klass variance of the bars, and of those in the last half and the last quarter of the hour. */
  readonly range: Float64Array
  readonly rangeHalf: Float64Array
  readonly rangeQuarter: Float64Array
  readonly volume: Float64Array
  /** Extremes of the first five and fifteen minutes; NaN where bars are too long to tell. */
  readonly lowFive: Float64Array
  readonly highFive: Float64Array
  readonly lowFifteen: Float64Array
  readonly highFifteen: Float64Array
}

/**
 * Adds bars up to hours. Hours that the series does not cover whole, at either end, are left out.
 *
 * Formula: `r = ln(close / close before)`; the first bar's is `ln(close / open)`.
 *
 * @param series.bars - sound and unbroken (`Bar.assertSeries`), oldest first.
 * @param series.intervalSeconds - divides an hour.
 * @throws {InvalidIntervalError}
 *
 * @example
 * Hourly.of({ symbol: 'ETH', intervalSeconds: 1800, bars: [1, 2].map((i) => ({ closeAt: 1800 * i, open: 1, high: 1, low: 1, close: 1, volume: 5 })) }).volume[0]
 * // => 10
 */
export function of(series: of.Series): Hourly {
  const { symbol, bars, intervalSeconds } = series
  if (!Number.isSafeInteger(intervalSeconds) || intervalSeconds <= 0 || 3_600 % intervalSeconds !== 0)
    throw new InvalidIntervalError({ intervalSeconds })
  const first = bars[0]
  const last = bars.at(-1)
  const opened = first === undefined ? 0 : Math.ceil((first.closeAt - intervalSeconds) / 3_600)
  const ended = last === undefined ? 0 : Math.floor(last.closeAt / 3_600)
  const length = Math.max(0, ended - opened)
  const zeros = (): Float64Array => new Float64Array(length)
  const extremes = (seconds: number) => {
    const known = seconds % intervalSeconds === 0
    return { low: zeros().fill(known ? Number.POSITIVE_INFINITY : Number.NaN), high: zeros().fill(known ? 0 : Number.NaN) }
  }
  const [first5, first15] = [extremes(300), extremes(900)]
  const hourly: Hourly = {
    symbol,
    intervalSeconds,
    firstHour: opened + 1,
    length,
    close: zeros(),
    low: zeros().fill(Number.POSITIVE_INFINITY),
    high: zeros(),
    returns: zeros(),
    variance: zeros(),
    down: zeros(),
    range: zeros(),
    rangeHalf: zeros(),
    rangeQuarter: zeros(),
    volume: zeros(),
    lowFive: first5.low,
    highFive: first5.high,
    lowFifteen: first15.low,
    highFifteen: first15.high,
  }
  let before = first?.open ?? Number.NaN
  for (const bar of bars) {
    const r = Math.log(bar.close / before)
    before = bar.close
    const openAt = bar.closeAt - intervalSeconds
    const i = Math.floor(openAt / 3_600) - opened
    if (i < 0 || i >= length) continue
    const squared = r * r
    const garmanKlass = RealisedVariance.garmanKlass(bar)
    const into = openAt % 3_600
    add(hourly.returns, i, r)
    add(hourly.variance, i, squared)
    add(hourly.down, i, r * Math.min(0, r))
    add(hourly.range, i, garmanKlass)
    if (into >= 1_800) add(hourly.rangeHalf, i, garmanKlass)
    if (into >= 2_700) add(hourly.rangeQuarter, i, garmanKlass)
    add(hourly.volume, i, bar.volume)
    for (const { low, high } of into < 300 ? [first5, first15, hourly] : into < 900 ? [first15, hourly] : [hourly]) {
      low[i] = Math.min(low[i] ?? Number.NaN, bar.low)
      high[i] = Math.max(high[i] ?? Number.NaN, bar.high)
    }
    hourly.close[i] = bar.close
  }
  return hourly
}

export declare namespace of {
  type Series = { readonly symbol: string; readonly bars: readonly Traded[]; readonly intervalSeconds: number }
  type ErrorType = InvalidIntervalError
}

/**
 * Sum of `count` hours that end with hour `index`, oldest first.
 *
 * @example
 * Hourly.sum(Float64Array.of(1, 2, 4), 2, 2)
 * // => 6
 */
export function sum(values: Float64Array, index: number, count: number): number {
  let total = 0
  for (let i = index - count + 1; i <= index; i++) total += values[i] ?? Number.NaN
  return total
}

/**
 * Worst log loss on the way and the log return at the end, over the hours after `index`. These are outcomes: never features.
 *
 * @returns null when the series ends before the horizon does.
 */
export function outcome(hourly: Hourly, index: number, hours: number): Outcome | null {
  const { variance, range, low, high, close } = hourly
  const start = close[index]
  if (start === undefined || index + hours >= hourly.length) return null
  let [least, most] = [start, start]
  for (let i = index + 1; i <= index + hours; i++) {
    least = Math.min(least, low[i] ?? start)
    most = Math.max(most, high[i] ?? start)
  }
  return {
    variance: Math.max(sum(variance, index + hours, hours), hours * leastVariance),
    range: Math.max(sum(range, index + hours, hours), hours * leastVariance),
    longPath: Math.log(start / least),
    shortPath: Math.log(most / start),
    end: Math.log((close[index + hours] ?? Number.NaN) / start),
  }
}

/**
 * Worst log losses of the first minutes after `index`: what a position that is closed out at once is exposed to.
 *
 * @returns null when the series ends before, or its bars are too long to tell.
 */
export function soon(hourly: Hourly, index: number, seconds: 300 | 900): { readonly longPath: number; readonly shortPath: number } | null {
  const start = hourly.close[index] ?? Number.NaN
  const low = (seconds === 300 ? hourly.lowFive : hourly.lowFifteen)[index + 1] ?? Number.NaN
  const high = (seconds === 300 ? hourly.highFive : hourly.highFifteen)[index + 1] ?? Number.NaN
  if (![start, low, high].every(Number.isFinite)) return null
  return { longPath: Math.max(0, Math.log(start / low)), shortPath: Math.max(0, Math.log(high / start)) }
}

/**
 * Bars of a longer interval from bars of a shorter one. Bars that are not whole, at either end, are left out.
 *
 * @param series.bars - sound and unbroken, oldest first.
 * @param to - the longer interval, a multiple of the shorter. Seconds.
 *
 * @example
 * Hourly.coarser({ symbol: 'ETH', intervalSeconds: 1800, bars: [1, 2].map((i) => ({ closeAt: 1800 * i, open: i, high: i, low: i, close: i, volume: 5 })) }, 3600)
 * // => [{ closeAt: 3600, open: 1, high: 2, low: 1, close: 2, volume: 10 }]
 */
export function coarser(series: of.Series, to: number): readonly Traded[] {
  const { bars, intervalSeconds } = series
  if (!Number.isSafeInteger(to) || to % intervalSeconds !== 0) throw new InvalidIntervalError({ intervalSeconds: to })
  const count = to / intervalSeconds
  if (count === 1) return bars
  const start = bars.findIndex(({ closeAt }) => (closeAt - intervalSeconds) % to === 0)
  const longer: Traded[] = []
  for (let from = start; start >= 0 && from + count <= bars.length; from += count) {
    longer.push(
      bars.slice(from, from + count).reduce((whole, { closeAt, high, low, close, volume }) => ({
        ...{ closeAt, open: whole.open, high: Math.max(whole.high, high), low: Math.min(whole.low, low), close },
        volume: whole.volume + volume,
      })),
    )
  }
  return longer
}

/**
 * Bars with what was traded in them. Where one of them does not say, none counts: signals of volume then say "as usual".
 *
 * @param bars - of one symbol: all that signals read.
 *
 * @example
 * const bar = { closeAt: 300, open: 1, high: 1, low: 1, close: 1 }
 * Hourly.traded([{ ...bar, volume: 5 }, bar]).map(({ volume }) => volume)
 * // => [0, 0]
 */
export function traded(bars: readonly Bar[]): readonly Traded[] {
  return bars.every((bar): bar is Traded => bar.volume !== undefined) ? bars : bars.map((bar) => ({ ...bar, volume: 0 }))
}

/** What came of one origin. */
export type Outcome = {
  /** Σ r² over the horizon. */
  readonly variance: number
  /** The same by Garman–Klass. */
  readonly range: number
  readonly longPath: number
  readonly shortPath: number
  readonly end: number
}

/** Variance an hour never counts below, so that a still market has a logarithm: 0.1 % annualised. */
export const leastVariance = 1e-10

function add(values: Float64Array, i: number, value: number): void {
  values[i] = (values[i] ?? 0) + value
}

/** Thrown when bars cannot be added up to hours. */
export class InvalidIntervalError extends BaseError {
  override readonly name = 'Hourly.InvalidIntervalError'
  readonly intervalSeconds: number
  constructor(args: { readonly intervalSeconds: number }) {
    super({
      code: 'HOURLY_INTERVAL_INVALID',
      message: `Bars of ${args.intervalSeconds} s do not add up to hours.`,
      hint: 'Use bars whose length divides an hour, such as 300, 1800 or 3600 s.',
    })
    this.intervalSeconds = args.intervalSeconds
  }
}
