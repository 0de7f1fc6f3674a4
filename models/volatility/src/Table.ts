import { open } from 'node:fs/promises'
import { BaseError } from './BaseError.ts'
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

/** A forecast as read back. */
export type Row = Omit<Walk['forecasts'][number], 'model'> & { readonly model: string }

/**
 * Reads a table that {@link write} wrote.
 *
 * @param name - of the file, for errors.
 * @throws {UnreadableError} naming the first line that is wrong; a number that is not finite is.
 */
export function parse(text: string, name: string): readonly Row[] {
  const lines = text.split('\n')
  if (lines[0]?.trim() !== columns.join(',')) throw new UnreadableError({ name, line: 1 })
  return lines.slice(1).flatMap((each, i) => {
    if (each.trim() === '') return []
    const [symbol = '', origin = '', horizon = '', model = '', ...rest] = each.trim().split(',')
    const numbers = rest.map(Number)
    const [variance = 0, q99LongPath = 0, q99ShortPath = 0, q99LongEnd = 0, q99ShortEnd = 0] = numbers
    const at = Date.parse(origin) / 1_000
    const hours = /^(\d{1,3})h$/.exec(horizon)?.[1]
    const sound = numbers.length === 5 && numbers.every((value) => Number.isFinite(value) && value >= 0) && variance > 0
    if (!sound || !Number.isSafeInteger(at) || hours === undefined || symbol === '') throw new UnreadableError({ name, line: i + 2 })
    return [
      { symbol, origin: at, horizonSeconds: Number(hours) * 3_600, model, variance, q99LongPath, q99ShortPath, q99LongEnd, q99ShortEnd },
    ]
  })
}

/** Thrown when a file is no table of forecasts. */
export class UnreadableError extends BaseError {
  override readonly name = 'Table.UnreadableError'
  readonly line: number
  constructor(args: { readonly name: string; readonly line: number }) {
    super({
      code: 'TABLE_UNREADABLE',
      message: `${args.name}: line ${args.line} is not a forecast.`,
      hint: 'Give a table that `plimsoll model backtest --out` wrote.',
    })
    this.line = args.line
  }
}
