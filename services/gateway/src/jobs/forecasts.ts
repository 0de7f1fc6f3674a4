/** Forecasts as the forecaster publishes them: an outside answer, checked field by field. */
import type { Snapshot } from '@plimsoll/api'
import { Wire } from '@plimsoll/api'
import type { Inputs } from '@plimsoll/margin'
import { z } from 'zod'

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
  readonly bySymbol: ReadonlyMap<string, Snapshot.ForecastState>
  readonly fault: string | null
}

/** The latest forecast of each symbol; a symbol without one says why. */
export async function read(args: { readonly url: string; readonly symbols: readonly string[] }): Promise<Forecasts> {
  const missing = (code: string, message: string): Forecasts => ({
    backend: 'none',
    bySymbol: new Map(args.symbols.map((symbol) => [symbol, { status: 'missing', code, message }])),
    fault: `forecaster: ${code}: ${message}`,
  })
  let answer: unknown
  try {
    const response = await fetch(`${args.url}/forecasts`, { signal: AbortSignal.timeout(2_000) })
    answer = await response.json()
  } catch {
    return missing('FORECASTER_UNREACHABLE', 'The forecaster did not answer.')
  }
  const outcome = schema.safeParse(answer)
  if (!outcome.success) return missing('FORECAST_UNREADABLE', 'The forecaster answered something else than forecasts.')
  const { backend, forecasts, missing: without } = outcome.data
  const bySymbol = new Map<string, Snapshot.ForecastState>(
    args.symbols.map((symbol) => {
      const why = without.find((it) => it.symbol === symbol)
      return [
        symbol,
        { status: 'missing', code: why?.code ?? 'FORECAST_MISSING', message: why?.message ?? `There is no forecast of ${symbol} yet.` },
      ]
    }),
  )
  for (const { symbol, ...forecast } of forecasts) if (bySymbol.has(symbol)) bySymbol.set(symbol, { status: 'ok', forecast })
  return { backend, bySymbol, fault: null }
}
