import { open } from 'node:fs/promises'
import type { Walk } from './Walk.ts'

/** Columns of a table of forecasts, one row for each symbol, origin and model. */
export const columns = [
  'symbol',
  'origin',
  'horizon',
  'model',
  'variance',
  'q99_long_path',
  'q99_short_path',
  'q99_long_end',
  'q99_short_end',
] as const

/** Rows handed to the file at once. */
const chunk = 4_096

/**
 * Writes forecasts as CSV: origin in ISO 8601 UTC, horizon such as `24h`, variance of the log return over the horizon, quantiles as positive log
 * losses. Numbers have every digit they need to be read back the same. Sorted by origin, symbol and model.
 */
export async function write(path: string, forecasts: Walk['forecasts']): Promise<void> {
  const sorted = forecasts
    .map((forecast, i) => ({ forecast, i }))
    .sort(
      (a, b) =>
        a.forecast.origin - b.forecast.origin ||
        (a.forecast.symbol < b.forecast.symbol ? -1 : Number(a.forecast.symbol !== b.forecast.symbol)) ||
        a.i - b.i,
    )
  const file = await open(path, 'w')
  try {
    await file.write(`${columns.join(',')}\n`)
    for (let from = 0; from < sorted.length; from += chunk)
      await file.write(
        sorted
          .slice(from, from + chunk)
          .map(({ forecast }) => `${line(forecast)}\n`)
          .join(''),
      )
  } finally {
    await file.close()
  }
}

function line(forecast: Walk['forecasts'][number]): string {
  return [
    forecast.symbol,
    new Date(forecast.origin * 1_000).toISOString().replace('.000Z', 'Z'),
    `${forecast.horizonSeconds / 3_600}h`,
    forecast.model,
    forecast.variance,
    forecast.q99LongPath,
    forecast.q99ShortPath,
    forecast.q99LongEnd,
    forecast.q99ShortEnd,
  ].join(',')
}
