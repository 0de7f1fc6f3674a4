/** Forecasts as a forecaster publishes them: an outside answer, checked field by field; and the volatility that risk is priced by. */
import type { Inputs } from '@plimsoll/margin'
import { z } from 'zod'
import type { ForecastState, Sigma } from './Snapshot.ts'
import * as Wire from './Wire.ts'

const schema = z.object({
  backend: z.string(),
  forecasts: z.array(
    z.object({
      symbol: Wire.symbol,
      source: z.string().min(1),
      modelHash: Wire.hash.transform((value) => value as Inputs.Hex),
      asOf: Wire.seconds,
      sigmaPpm: z.number().int().positive(),
      closeOut: Wire.quantile,
      liquidation: Wire.quantile,
      throughTheCycle: Wire.quantile,
    }),
  ),
  missing: z.array(z.object({ symbol: Wire.symbol, code: z.string(), message: z.string() })).default([]),
})

export type Forecasts = {
  readonly backend: string
  /** One of each symbol asked for: the latest, or why there is none. */
  readonly bySymbol: ReadonlyMap<string, ForecastState>
  /** Why there is none at all. */
  readonly fault: string | null
}

/**
 * The latest forecast of each symbol; a symbol without one says why.
 *
 * @param args.url - of a forecaster, without a slash at its end; null where there is none, which is no fault.
 * @param args.ask - what reaches it: `fetch`.
 */
export async function fetch(args: fetch.Args): Promise<Forecasts> {
  const { url, symbols, ask } = args
  if (url === null) return none(symbols, { code: 'FORECASTER_NONE', message: 'There is no forecaster here.', isFault: false })
  let answer: unknown
  try {
    answer = await (await ask(`${url}/forecasts`, { signal: AbortSignal.timeout(mostMs) })).json()
  } catch {
    return none(symbols, { code: 'FORECASTER_UNREACHABLE', message: 'The forecaster did not answer.', isFault: true })
  }
  const outcome = schema.safeParse(answer)
  if (!outcome.success)
    return none(symbols, { code: 'FORECAST_UNREADABLE', message: 'The forecaster answered something else than forecasts.', isFault: true })
  const { backend, forecasts, missing } = outcome.data
  const bySymbol = new Map(
    symbols.map((symbol): [string, ForecastState] => {
      const found = forecasts.findLast((one) => one.symbol === symbol)
      if (found !== undefined) {
        const { symbol: _, ...forecast } = found
        return [symbol, { status: 'ok', forecast }]
      }
      const why = missing.find((one) => one.symbol === symbol)
      const message = why?.message ?? `There is no forecast of ${symbol} yet.`
      return [symbol, { status: 'missing', code: why?.code ?? 'FORECAST_MISSING', message }]
    }),
  )
  return { backend, bySymbol, fault: null }
}

export declare namespace fetch {
  type Args = { readonly url: string | null; readonly symbols: readonly string[]; readonly ask: typeof globalThis.fetch }
}

/** A forecaster that takes longer is one that does not answer. */
const mostMs = 2_000

function none(symbols: readonly string[], why: { readonly code: string; readonly message: string; readonly isFault: boolean }): Forecasts {
  const { code, message, isFault } = why
  return {
    backend: 'none',
    bySymbol: new Map(symbols.map((symbol) => [symbol, { status: 'missing', code, message }])),
    fault: isFault ? `forecaster: ${code}: ${message}` : null,
  }
}

/**
 * A forecast that is young enough to act on, else why not: one that is missing stays so.
 *
 * @param args.asOf - now. Unix seconds.
 * @param args.mostSeconds - how old it may be. One from later than now is as old as it is ahead.
 *
 * @example
 * const forecast = { source: 'har', modelHash: '0x01', asOf: 100, sigmaPpm: 700_000, closeOut: { longPpm: 1, shortPpm: 1 }, liquidation: { longPpm: 1, shortPpm: 1 }, throughTheCycle: { longPpm: 1, shortPpm: 1 } }
 * Forecasts.young({ status: 'ok', forecast }, { asOf: 161, mostSeconds: 60 })
 * // => { status: 'missing', code: 'FORECAST_STALE', message: 'The forecast is 61 s old, and may be 60 s.' }
 */
export function young(state: ForecastState, { asOf, mostSeconds }: young.Args): ForecastState {
  if (state.status === 'missing') return state
  const age = Math.abs(asOf - state.forecast.asOf)
  if (age <= mostSeconds) return state
  return { status: 'missing', code: 'FORECAST_STALE', message: `The forecast is ${age} s old, and may be ${mostSeconds} s.` }
}

export declare namespace young {
  type Args = { readonly asOf: number; readonly mostSeconds: number }
}

/**
 * What risk is priced by: the forecast where it is young; else the volatility through the cycle, or what an old forecast says if that is more.
 *
 * @param args.throughTheCyclePpm - annualised. ppm.
 * @returns `ppm`, annualised, and where it is from.
 *
 * @example
 * Forecasts.sigma({ status: 'missing', code: 'FORECASTER_UNREACHABLE', message: 'It did not answer.' }, { asOf: 100, mostSeconds: 60, throughTheCyclePpm: 650_000 })
 * // => { ppm: 650_000, from: { source: 'throughTheCycle', why: 'It did not answer.' } }
 */
export function sigma(state: ForecastState, args: sigma.Args): { readonly ppm: number; readonly from: Sigma } {
  const { throughTheCyclePpm } = args
  const now = young(state, args)
  if (now.status === 'ok') {
    const { source: model, modelHash, asOf, sigmaPpm } = now.forecast
    return { ppm: sigmaPpm, from: { source: 'forecast', model, modelHash, asOf } }
  }
  const old = state.status === 'ok' ? state.forecast.sigmaPpm : throughTheCyclePpm
  return { ppm: Math.max(old, throughTheCyclePpm), from: { source: 'throughTheCycle', why: now.message } }
}

export declare namespace sigma {
  type Args = young.Args & { readonly throughTheCyclePpm: number }
}
