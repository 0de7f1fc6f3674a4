import { BaseError } from './BaseError.ts'

/** Prices over one interval, known at `closeAt`. USD per whole token, floats: they feed statistics, never money. */
export type Bar = {
  /** End of the interval. Unix seconds, a multiple of the interval. */
  readonly closeAt: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  /** Traded in the interval, in whatever unit: only ratios within one series are used. Absent where it is not known. */
  readonly volume?: number
}

/**
 * Refuses a series that is not one unbroken run of sound bars, oldest first.
 *
 * Sound: `0 < low ≤ min(open, close)`, `max(open, close) ≤ high`, `volume ≥ 0` where it is known, all finite. Unbroken: each bar closes one interval after the last.
 *
 * @param bars - oldest first; may be empty.
 * @param intervalSeconds - length of every bar.
 * @throws {InvalidSeriesError} naming the first bar that is wrong.
 */
export function assertSeries(bars: readonly Bar[], intervalSeconds: number): void {
  if (!Number.isSafeInteger(intervalSeconds) || intervalSeconds <= 0)
    throw new InvalidSeriesError({ index: 0, problem: 'the interval is not a positive whole number of seconds' })
  bars.forEach((bar, index) => {
    const fault = problemOf(bar, bars[index - 1], intervalSeconds)
    if (fault !== null) throw new InvalidSeriesError({ index, problem: fault })
  })
}

/**
 * Adds bars to the end of a series. Bars it already holds may come again if they say the same, so a push can be repeated safely.
 *
 * @param series.keep - greatest number of bars to keep; the oldest go first.
 * @returns the new series; the argument is not touched.
 * @throws {InvalidSeriesError} a bar is unsound, or contradicts a bar already held.
 * @throws {GapError} the first new bar does not follow the last one held.
 *
 * @example
 * Bar.extend({ bars: [], more: [{ closeAt: 300, open: 10, high: 11, low: 9, close: 10 }], intervalSeconds: 300, keep: 100 }).length
 * // => 1
 */
export function extend(series: extend.Series): readonly Bar[] {
  const { bars, more, intervalSeconds, keep } = series
  assertSeries(more, intervalSeconds)
  const last = bars.at(-1)
  const first = bars[0]
  if (last === undefined || first === undefined) return more.slice(-keep)

  const fresh = more.filter((bar) => bar.closeAt > last.closeAt)
  more.forEach((bar, index) => {
    const held = bars[(bar.closeAt - first.closeAt) / intervalSeconds]
    if (held !== undefined && !same(held, bar))
      throw new InvalidSeriesError({ index, problem: 'it contradicts the bar already held for that time' })
  })
  const next = fresh[0]
  if (next !== undefined && next.closeAt !== last.closeAt + intervalSeconds)
    throw new GapError({ expectedCloseAt: last.closeAt + intervalSeconds, closeAt: next.closeAt })
  return [...bars, ...fresh].slice(-keep)
}

export declare namespace extend {
  type Series = {
    readonly bars: readonly Bar[]
    readonly more: readonly Bar[]
    readonly intervalSeconds: number
    readonly keep: number
  }
  type ErrorType = InvalidSeriesError | GapError
}

function same(a: Bar, b: Bar): boolean {
  return a.open === b.open && a.high === b.high && a.low === b.low && a.close === b.close && a.volume === b.volume
}

function problemOf(bar: Bar, before: Bar | undefined, intervalSeconds: number): string | null {
  const { closeAt, open, high, low, close } = bar
  if (!Number.isSafeInteger(closeAt) || closeAt < 0 || closeAt % intervalSeconds !== 0)
    return `closeAt ${closeAt} is not a multiple of ${intervalSeconds} s`
  if (![open, high, low, close].every((price) => Number.isFinite(price) && price > 0)) return 'a price is not finite and above zero'
  if (bar.volume !== undefined && !(Number.isFinite(bar.volume) && bar.volume >= 0)) return 'the volume is not finite or below zero'
  if (low > Math.min(open, close)) return 'the low is above the open or the close'
  if (high < Math.max(open, close)) return 'the high is below the open or the close'
  if (before !== undefined && closeAt !== before.closeAt + intervalSeconds)
    return `it closes at ${closeAt}, not one interval after ${before.closeAt}`
  return null
}

/** Thrown when bars are unsound, unsorted, repeated or have a hole inside one call. */
export class InvalidSeriesError extends BaseError {
  override readonly name = 'Bar.InvalidSeriesError'
  readonly index: number
  constructor(args: { readonly index: number; readonly problem: string }) {
    super({
      code: 'BARS_INVALID',
      message: `Bar ${args.index}: ${args.problem}.`,
      hint: 'Send sound bars of one interval, oldest first, without holes; nothing was taken from this call.',
    })
    this.index = args.index
  }
}

/** Thrown when new bars do not follow on from the ones already held. */
export class GapError extends BaseError {
  override readonly name = 'Bar.GapError'
  readonly expectedCloseAt: number
  readonly closeAt: number
  constructor(args: { readonly expectedCloseAt: number; readonly closeAt: number }) {
    super({
      code: 'BARS_GAP',
      message: `The next bar must close at ${args.expectedCloseAt}; the first new one closes at ${args.closeAt}.`,
      hint: 'Send the missing bars first, or replace the whole series.',
    })
    this.expectedCloseAt = args.expectedCloseAt
    this.closeAt = args.closeAt
  }
}
