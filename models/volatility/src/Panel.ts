import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { Hourly, Integrity } from '@plimsoll/volatility'
import { BaseError } from './BaseError.ts'

/** Clean bars of several symbols, hour by hour, and what they were made from. */
export type Panel = {
  readonly intervalSeconds: number
  /** One unbroken run each; a symbol with a long gap has several. By symbol, then time. */
  readonly runs: readonly Hourly.Hourly[]
  /** The clean bars of each run, in the same order. */
  readonly bars: readonly (readonly Hourly.Traded[])[]
  readonly manifest: Manifest
}

/** Where a panel comes from: enough to tell whether two are the same. */
export type Manifest = {
  readonly schema: 1
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[]
  readonly intervalSeconds: number
  readonly symbols: readonly {
    readonly symbol: string
    readonly bars: number
    /** Close of the first and of the last bar. Unix seconds. */
    readonly from: number
    readonly to: number
    readonly runs: number
    readonly filled: number
    readonly counts: Integrity.Report['counts']
  }[]
  /** Of the clean bars, whatever files they came in. */
  readonly sha256: string
}

/** Bars as read, still unclean. */
export type Raw = Readonly<Record<string, readonly Hourly.Traded[]>>

const header = 'symbol,timestamp,open,high,low,close,volume'

/**
 * Reads bars from CSV files, plain or gzipped, cleans them and adds them up to hours.
 *
 * Header `symbol,timestamp,open,high,low,close,volume`; the timestamp is the bar's open, ISO 8601 in UTC. All files are of one interval, which
 * is read off the bars. Repairs are counted in the manifest; see `Integrity.clean`.
 *
 * @param args.paths - files, or folders whose CSV files with this header are all taken.
 * @param args.asOf - bars that close later are dropped. Unix seconds.
 * @throws {UnreadableError | MixedIntervalsError | EmptyError} and what `Integrity.clean` throws.
 */
export async function read(args: { readonly paths: readonly string[]; readonly asOf: number }): Promise<Panel> {
  const files = (await Promise.all(args.paths.map(listed))).flat()
  const symbols = new Map<string, Hourly.Traded[]>()
  const sources: Manifest['files'][number][] = []
  for (const { path, optional } of files) {
    const source = await load(path, optional, symbols)
    if (source !== null) sources.push(source)
  }
  if (symbols.size === 0) throw new EmptyError({ paths: args.paths })
  return of({ raw: Object.fromEntries(symbols), files: sources, asOf: args.asOf })
}

/**
 * Cleans bars that are in memory already.
 *
 * @param args.raw - by symbol, in any order and state. `closeAt` counts from the open by the shortest step: see `read`.
 */
export function of(args: { readonly raw: Raw; readonly files: Manifest['files']; readonly asOf: number }): Panel {
  const { raw, files, asOf } = args
  const names = Object.keys(raw).sort()
  const intervalSeconds = intervalOf(raw)
  const sum = createHash('sha256')
  const cleaned = names.map((symbol) => {
    const bars = (raw[symbol] ?? []).map((bar) => ({ ...bar, closeAt: bar.closeAt + intervalSeconds }))
    const volumes = new Map(bars.map(({ closeAt, volume }) => [closeAt, volume]))
    const { runs, report } = Integrity.clean({
      bars,
      intervalSeconds,
      asOf,
      mostFilled: 86_400 / intervalSeconds,
      mostMove: Math.log(10),
    })
    const traded = runs.map((run) =>
      run.map((bar): Hourly.Traded => {
        const volume = volumes.get(bar.closeAt) ?? 0
        return { ...bar, volume: Number.isFinite(volume) && volume > 0 ? volume : 0 }
      }),
    )
    for (const run of traded) hash(sum, symbol, run)
    const first = traded[0]?.[0]
    const last = traded.at(-1)?.at(-1)
    const { kept, filled, counts } = report
    return {
      hours: traded
        .map((run) => ({ run, hourly: Hourly.of({ symbol, bars: run, intervalSeconds }) }))
        .filter(({ hourly }) => hourly.length > 0),
      entry: { symbol, bars: kept, from: first?.closeAt ?? 0, to: last?.closeAt ?? 0, runs: runs.length, filled, counts },
    }
  })
  return {
    intervalSeconds,
    runs: cleaned.flatMap(({ hours }) => hours.map(({ hourly }) => hourly)),
    bars: cleaned.flatMap(({ hours }) => hours.map(({ run }) => run)),
    manifest: { schema: 1, files, intervalSeconds, symbols: cleaned.map(({ entry }) => entry), sha256: sum.digest('hex') },
  }
}

/**
 * The panel as it stood at an hour: what a backtest may know there, for tests of look-ahead.
 *
 * @param hour - hours since 1970; hours that close later are cut off.
 */
export function until(panel: Panel, hour: number): Panel {
  const kept = panel.runs.flatMap((run, i) => {
    const length = Math.min(run.length, hour - run.firstHour + 1)
    if (length <= 0) return []
    const cut = Object.entries(run).map(([key, value]) => [key, value instanceof Float64Array ? value.slice(0, length) : value])
    const bars = (panel.bars[i] ?? []).filter(({ closeAt }) => closeAt <= hour * 3_600)
    return [{ run: { ...Object.fromEntries(cut), length } as Hourly.Hourly, bars }]
  })
  return { ...panel, runs: kept.map(({ run }) => run), bars: kept.map(({ bars }) => bars) }
}

async function listed(path: string): Promise<readonly { readonly path: string; readonly optional: boolean }[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new UnreadableError({ path, problem: 'it cannot be read', cause })
  })
  if (!found.isDirectory()) return [{ path, optional: false }]
  const names = (await readdir(path)).filter((name) => /\.csv(\.gz)?$/.test(name)).sort()
  return names.map((name) => ({ path: join(path, name), optional: true }))
}

/** Adds one file's bars; null when a folder holds a file that is no price file. `closeAt` is still the open here. */
async function load(path: string, optional: boolean, symbols: Map<string, Hourly.Traded[]>): Promise<Manifest['files'][number] | null> {
  const sum = createHash('sha256')
  let bytes = 0
  const source = createReadStream(path)
  source.on('data', (chunk) => {
    sum.update(chunk)
    bytes += chunk.length
  })
  const text = path.endsWith('.gz') ? source.pipe(createGunzip()) : source
  if (text !== source) source.on('error', (error) => text.destroy(error))
  let number = 0
  try {
    for await (const line of createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1
      if (number === 1) {
        if (line.trim() === header) continue
        if (optional) {
          source.destroy()
          return null
        }
        throw new UnreadableError({ path, problem: `its first line is not "${header}"` })
      }
      if (line === '') continue
      const [symbol = '', timestamp = '', ...rest] = line.split(',')
      const [open = Number.NaN, high = Number.NaN, low = Number.NaN, close = Number.NaN, volume = Number.NaN] = rest.map(Number)
      const openAt = Date.parse(timestamp) / 1000
      if (
        !/^[A-Za-z0-9][A-Za-z0-9._/-]{0,31}$/.test(symbol) ||
        Number.isNaN(openAt) ||
        rest.length !== 5 ||
        !/(Z|\+00:00)$/.test(timestamp)
      )
        throw new UnreadableError({ path, problem: `line ${number} is not a bar` })
      const held = symbols.get(symbol)
      const bar = { closeAt: openAt, open, high, low, close, volume }
      if (held === undefined) symbols.set(symbol, [bar])
      else held.push(bar)
    }
  } catch (cause) {
    if (cause instanceof UnreadableError) throw cause
    throw new UnreadableError({ path, problem: `it breaks off after line ${number}`, cause })
  }
  return { name: basename(path), bytes, sha256: sum.digest('hex') }
}

/** The step that most bars follow each other by; every symbol must have the same. Gaps are rare: another common step is another interval. */
function intervalOf(raw: Raw): number {
  const intervals = Object.entries(raw).map(([symbol, bars]) => {
    const counts = new Map<number, number>()
    for (let i = 1; i < bars.length; i++) {
      const step = (bars[i]?.closeAt ?? 0) - (bars[i - 1]?.closeAt ?? 0)
      if (step > 0) counts.set(step, (counts.get(step) ?? 0) + 1)
    }
    const [common] = [...counts].sort((a, b) => b[1] - a[1])
    const rivals = [...counts].filter(([step, count]) => step !== common?.[0] && count > bars.length / 4)
    if (rivals.length > 0) throw new MixedIntervalsError({ intervals: [common?.[0] ?? 0, ...rivals.map(([step]) => step)] })
    return { symbol, interval: common?.[0] ?? null }
  })
  const distinct = [...new Set(intervals.flatMap(({ interval }) => (interval === null ? [] : [interval])))]
  const [interval] = distinct
  if (interval === undefined) throw new EmptyError({ paths: [] })
  if (distinct.length > 1) throw new MixedIntervalsError({ intervals: distinct })
  return interval
}

function hash(sum: ReturnType<typeof createHash>, symbol: string, bars: readonly Hourly.Traded[]): void {
  const bytes = Buffer.alloc(bars.length * 48)
  bars.forEach(({ closeAt, open, high, low, close, volume }, i) => {
    for (const [k, value] of [closeAt, open, high, low, close, volume].entries()) bytes.writeDoubleLE(value, 48 * i + 8 * k)
  })
  sum.update(`${symbol}\0${bars.length}\0`).update(bytes)
}

/** Thrown when a file is not bars in the shared format. */
export class UnreadableError extends BaseError {
  override readonly name = 'Panel.UnreadableError'
  constructor(args: { readonly path: string; readonly problem: string; readonly cause?: unknown }) {
    super({
      code: 'PANEL_UNREADABLE',
      message: `${basename(args.path)} is refused: ${args.problem}.`,
      hint: `Give CSV files, plain or gzipped, with the header ${header}, times like 2024-01-31T00:00:00Z.`,
    })
    if (args.cause !== undefined) this.cause = args.cause
  }
}

/** Thrown when files are of different intervals, or one file is of several. */
export class MixedIntervalsError extends BaseError {
  override readonly name = 'Panel.MixedIntervalsError'
  readonly intervals: readonly number[]
  constructor(args: { readonly intervals: readonly number[] }) {
    super({
      code: 'PANEL_MIXED_INTERVALS',
      message: `The bars are of several intervals: ${args.intervals.map((seconds) => `${seconds} s`).join(', ')}.`,
      hint: 'Name files of one interval, not a folder that holds several.',
    })
    this.intervals = args.intervals
  }
}

/** Thrown when there are no bars. */
export class EmptyError extends BaseError {
  override readonly name = 'Panel.EmptyError'
  constructor(args: { readonly paths: readonly string[] }) {
    super({
      code: 'PANEL_EMPTY',
      message: `There are no bars${args.paths.length === 0 ? '' : ` in ${args.paths.map((path) => basename(path)).join(', ')}`}.`,
      hint: `Give CSV files, plain or gzipped, with the header ${header}.`,
    })
  }
}
