/** Real markets to replay: bars of a window, read from CSV files of the shared format. */
import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import type { Path } from '@plimsoll/liquidation'

/** A window of real bars; those of the hours before it are what forecasts are made of. */
export type Day = {
  readonly name: string
  /** In a folder of prices. */
  readonly file: string
  readonly intervalSeconds: number
  /** Unix seconds. */
  readonly from: number
  readonly to: number
}

const day = (name: string, file: string, intervalSeconds: number): Day => {
  const from = Date.parse(`${name}T00:00:00Z`) / 1_000
  return { name, file, intervalSeconds, from, to: from + 86_400 }
}

/** Days on which markets of this kind broke. */
export const days: readonly Day[] = [
  day('2020-03-12', 'perp_1h.csv.gz', 3_600),
  day('2021-05-19', 'perp_1h.csv.gz', 3_600),
  day('2022-11-09', 'perp_1h.csv.gz', 3_600),
  day('2024-08-05', 'perp_1h.csv.gz', 3_600),
  day('2025-10-10', 'spot_5m_2025_2026.csv.gz', 300),
]

/** Hours known before trading begins. */
const before = 6 * 3_600

export type Bars = {
  readonly name: string
  readonly from: number
  readonly bars: readonly Path.Bar[]
  readonly start: number
  readonly intervalSeconds: number
}

/**
 * The bars of one symbol from six hours before a window to its end.
 *
 * @param path - CSV with columns symbol, timestamp (of the open, ISO 8601), open, high, low, close; plain or gzipped.
 * @throws {NoPricesError} bars are missing.
 */
export async function read(path: string, symbol: string, { name, intervalSeconds, from, to }: Omit<Day, 'file'>): Promise<Bars> {
  const raw = await readFile(path)
  const text = (path.endsWith('.gz') ? gunzipSync(raw) : raw).toString('utf8')
  const [header = '', ...lines] = text.split('\n')
  const columns = header.trim().split(',')
  const places = ['symbol', 'timestamp', 'open', 'high', 'low', 'close'].map((column) => columns.indexOf(column))
  if (places.some((place) => place < 0)) throw new NoPricesError(path, 'it has no columns symbol, timestamp, open, high, low and close')
  const bars = new Map<number, Path.Bar>()
  for (const line of lines) {
    if (places[0] === 0 && !line.startsWith(`${symbol},`)) continue
    const cells = line.trim().split(',')
    const [own, time, ...prices] = places.map((place) => cells[place] ?? '')
    const at = own === symbol ? Date.parse(time ?? '') / 1_000 : Number.NaN
    if (!(at >= from - before && at < to)) continue
    const [open = 0, high = 0, low = 0, close = 0] = prices.map(Number)
    bars.set(at, { open, high, low, close })
  }
  const wanted = Array.from({ length: (to - from + before) / intervalSeconds }, (_, k) => from - before + k * intervalSeconds)
  const found = wanted.flatMap((at) => bars.get(at) ?? [])
  if (found.length !== wanted.length)
    throw new NoPricesError(path, `it has ${found.length} of the ${wanted.length} bars of ${symbol} that ${name} needs`)
  return { name, from, intervalSeconds, start: before / intervalSeconds, bars: found }
}

/** Seconds between the first two bars of a file. */
export async function interval(path: string): Promise<number> {
  const raw = await readFile(path)
  const [header = '', first = '', second = ''] = (path.endsWith('.gz') ? gunzipSync(raw) : raw).toString('utf8').split('\n', 3)
  const place = header.trim().split(',').indexOf('timestamp')
  const at = (line: string) => Date.parse(line.split(',')[place] ?? '') / 1_000
  const seconds = at(second) - at(first)
  if (!(seconds >= 30 && seconds % 10 === 0)) throw new NoPricesError(path, 'its bars are not of whole tens of seconds')
  return seconds
}

/** Thrown when a file does not hold what is to be replayed. */
export class NoPricesError extends Error {
  override readonly name = 'Replay.NoPricesError'
  readonly code = 'PRICES_MISSING'
  readonly hint = 'Give a CSV of bars with symbol, timestamp, open, high, low and close, and with --symbol and --from a day that it covers.'
  constructor(path: string, reason: string) {
    super(`${path} cannot be replayed: ${reason}.`)
  }
}
