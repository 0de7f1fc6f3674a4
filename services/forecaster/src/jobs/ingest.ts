/** Takes bars in: one unbroken series a symbol, in memory. */
import { Bar, Features } from '@plimsoll/volatility'
import { BaseError } from '@plimsoll/volatility-model'

/** Length of the bars every model here reads. */
export const intervalSeconds = Features.schema.intervalSeconds

/** Bars kept a symbol: ten weeks. */
export const keep = 20_160
/** Symbols kept. */
export const mostSymbols = 64
/** How far a live feed's clock may be ahead of ours. */
const skewSeconds = 10

export type Push = {
  readonly symbol: string
  readonly intervalSeconds: number
  readonly bars: readonly Bar.Bar[]
  readonly mode: 'append' | 'replace'
}

export type Taken = {
  readonly symbol: string
  /** Bars in this push that were not held before. */
  readonly taken: number
  readonly held: number
  readonly needed: number
  readonly asOf: number | null
}

export type Ingest = {
  /** All of a push is taken, or nothing. */
  readonly push: (push: Push) => Taken
  readonly market: () => Readonly<Record<string, readonly Bar.Bar[]>>
}

/**
 * An empty market.
 *
 * @param args.now - unix seconds; bars that close later are refused. Null where the bars are the time.
 */
export function open(args: { readonly now: (() => number) | null; readonly onChange: () => void }): Ingest {
  const series = new Map<string, readonly Bar.Bar[]>()
  return {
    market: () => Object.fromEntries(series),
    push({ symbol, intervalSeconds, bars, mode }) {
      if (intervalSeconds !== Features.schema.intervalSeconds) throw new IntervalError({ intervalSeconds })
      const held = mode === 'replace' ? [] : (series.get(symbol) ?? [])
      const last = bars.at(-1)
      if (args.now !== null && last !== undefined && last.closeAt > args.now() + skewSeconds)
        throw new FutureBarError({ closeAt: last.closeAt, now: args.now() })
      const next = Bar.extend({ bars: held, more: bars, intervalSeconds, keep })
      if (!series.has(symbol) && series.size >= mostSymbols) throw new TooManySymbolsError({ symbol })
      series.set(symbol, next)
      args.onChange()
      const before = held.at(-1)?.closeAt ?? Number.NEGATIVE_INFINITY
      return {
        symbol,
        taken: bars.filter(({ closeAt }) => closeAt > before).length,
        held: next.length,
        needed: Features.barsNeeded,
        asOf: next.at(-1)?.closeAt ?? null,
      }
    },
  }
}

/** Thrown when bars are of another length than the model was trained on. */
export class IntervalError extends BaseError {
  override readonly name = 'Ingest.IntervalError'
  constructor(args: { readonly intervalSeconds: number }) {
    super({
      code: 'INTERVAL_UNSUPPORTED',
      message: `Bars of ${args.intervalSeconds} s cannot be used; the model reads bars of ${Features.schema.intervalSeconds} s.`,
      hint: 'Aggregate the prices to that interval.',
    })
  }
}

/** Thrown when a bar closes after the clock: it would make an old forecast look fresh. */
export class FutureBarError extends BaseError {
  override readonly name = 'Ingest.FutureBarError'
  constructor(args: { readonly closeAt: number; readonly now: number }) {
    super({
      code: 'BARS_FUTURE',
      message: `The last bar closes at ${args.closeAt}; it is ${args.now} now.`,
      hint: 'Send bars once they have closed. To replay a market whose time is not the clock, start with MARKET_DATA=replay.',
    })
  }
}

/** Thrown when one symbol too many is pushed. */
export class TooManySymbolsError extends BaseError {
  override readonly name = 'Ingest.TooManySymbolsError'
  constructor(args: { readonly symbol: string }) {
    super({
      code: 'SYMBOLS_FULL',
      message: `${mostSymbols} symbols are held already; ${args.symbol} was not taken.`,
      hint: 'Run another forecaster for it.',
    })
  }
}
