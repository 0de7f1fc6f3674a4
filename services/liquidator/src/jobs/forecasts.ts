/** Forecasts as the forecaster publishes them: an outside answer, checked field by field. */
import { Wire } from '@plimsoll/api'
import { z } from 'zod'

const schema = z.object({
  forecasts: z.array(
    z.object({
      symbol: Wire.symbol,
      source: z.string().min(1),
      modelHash: Wire.hash.transform((value) => value as `0x${string}`),
      asOf: Wire.seconds,
      sigmaPpm: z.number().int().positive(),
    }),
  ),
})

export type Forecast = z.infer<typeof schema>['forecasts'][number]

export type Forecasts = {
  /** By symbol; one that is missing is not known. */
  readonly bySymbol: ReadonlyMap<string, Forecast>
  readonly fault: string | null
}

/** The latest forecasts that are young enough. Without a forecaster there are none, and nothing is done before a breach. */
export async function read(args: read.Args): Promise<Forecasts> {
  const { url, asOf, mostSeconds } = args
  if (url === null) return { bySymbol: new Map(), fault: null }
  let answer: unknown
  try {
    answer = await (await fetch(`${url}/forecasts`, { signal: AbortSignal.timeout(2_000) })).json()
  } catch {
    return { bySymbol: new Map(), fault: 'FORECASTER_UNREACHABLE: the forecaster did not answer' }
  }
  const outcome = schema.safeParse(answer)
  if (!outcome.success) return { bySymbol: new Map(), fault: 'FORECAST_UNREADABLE: the forecaster answered something else than forecasts' }
  const young = outcome.data.forecasts.filter((forecast) => asOf - forecast.asOf <= mostSeconds)
  return { bySymbol: new Map(young.map((forecast) => [forecast.symbol, forecast])), fault: null }
}

export declare namespace read {
  type Args = { readonly url: string | null; readonly asOf: number; readonly mostSeconds: number }
}
