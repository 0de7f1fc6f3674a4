import { Conformal, type Signals } from '@plimsoll/volatility'
import type { Backend } from './Backend.ts'
import { BaseError } from './BaseError.ts'
import { type Checkpoint, keyOf } from './Checkpoint.ts'
import * as Fit from './Fit.ts'
import * as Frame from './Frame.ts'
import * as Network from './Network.ts'
import type { Panel } from './Panel.ts'
import { type Recipe, recipe, tailOf } from './Recipe.ts'
import * as Rivals from './Rivals.ts'

/** Every forecaster of a walk-forward. `base` is the regression that the champion corrects; `glm` the plain one. */
export const models = ['champion', 'glm', 'base', ...Rivals.names] as const
export type Model = (typeof models)[number]

/** One forecast: made at `origin` from what was known then. */
export type Forecast = {
  readonly symbol: string
  /** Unix seconds. */
  readonly origin: number
  readonly horizonSeconds: number
  readonly model: Model
  /** Of the log return over the horizon, not annualised. */
  readonly variance: number
  /** 99 % quantiles of the log loss, on the way and at the end. */
  readonly q99LongPath: number
  readonly q99ShortPath: number
  readonly q99LongEnd: number
  readonly q99ShortEnd: number
}

/** What came of one origin, once for all its forecasts. Null while it is not known. */
export type Realised = { readonly symbol: string; readonly origin: number; readonly outcome: Frame.Row['outcome']; readonly row: Frame.Row }

export type Walk = {
  readonly kind: Signals.Kind
  readonly forecasts: readonly Forecast[]
  /** In the order of each model's forecasts: `forecasts[m · realised.length + i]` is model m's of `realised[i]`. */
  readonly realised: readonly Realised[]
  /** When models were fitted, how many rows they saw, the network's last training loss, and the share of its correction that counts. */
  readonly fits: readonly { readonly at: number; readonly rows: number; readonly loss: number; readonly share: number }[]
}

export type Progress = { readonly done: number; readonly whole: number; readonly loss: number }

/** Days of origins that models of less than a day ahead are fitted on. */
const intradayDays = 365

const sides = ['longPath', 'shortPath', 'longEnd', 'shortEnd'] as const
type Side = (typeof sides)[number]

/**
 * Walks forward: at each fit, models see only rows whose horizon is over; until the next fit they forecast. Quantiles are the rolling pooled ones of each
 * model's own earlier forecasts, of the year before `from` too where there is one (before there are enough, of its fit's own rows), times an
 * adaptive step of each asset.
 *
 * Fits lie at fixed times, so cutting the panel at a date changes no bit of an earlier forecast.
 *
 * @param args.from - first origin. Unix seconds; likewise `to`, exclusive.
 * @throws {TooShortError} nothing can be fitted before `to`.
 */
export async function of(args: of.Arguments): Promise<Walk> {
  const { panel, horizonHours, backend, seed, onProgress } = args
  const choice = args.recipe ?? recipe
  const [from, to] = [Math.ceil(args.from / 3_600), Math.ceil(args.to / 3_600)]
  const kind = { horizonHours, intervalSeconds: panel.intervalSeconds }
  const every = choice.refitDays * 24
  const start = from - choice.windowDays * 24
  // A year of hours is enough for less than a day ahead, and all that memory need hold; a fixed span, so that a later start changes nothing.
  const span = horizonHours < 24 ? intradayDays * 24 : Number.POSITIVE_INFINITY
  const frame = Frame.of({ runs: panel.runs, kind, from: Math.max(0, Math.floor(start / every) * every - span), to })
  const isDueHere = (row: Frame.Row): boolean => Frame.isDue(kind, row)
  const due = frame.rows.filter(isDueHere)
  const last = frame.rows.at(-1)?.hour ?? 0
  const birth = birthOf(frame, choice)
  const hours = birth > start && birth <= last ? [birth] : []
  // The fit before the start serves its first origins; none follows the first of all before its time.
  const first = Math.max(Math.floor(start / every) * every, birth > start ? birth + every : 0)
  for (let hour = Math.ceil(first / every) * every; hour <= last; hour += every) if (hour >= birth) hours.push(hour)
  if (hours.length === 0) throw new TooShortError({ days: choice.leastDays })

  const table: Entry[] = []
  const earlier: Entry[] = []
  const fits: Walk['fits'][number][] = []
  for (const [i, hour] of hours.entries()) {
    const observed = Frame.observed(frame, hour).filter((row) => row.hour >= hour - span)
    let loss = Number.NaN
    // What determines a fit, and no more: rows that came later are not in it.
    const key = keyOf({
      rows: observed
        .slice(-choice.mostRows)
        .map(({ symbol, hour: at, outcome, values }) => [symbol, at, outcome.variance, Array.from(values)]),
      kind,
      names: frame.names,
      recipe: fitting(choice),
      seed,
      backend: backend.name,
    })
    const kept = (await args.checkpoint?.read(key, backend)) ?? null
    const fit =
      kept ??
      (await Fit.of({
        rows: observed,
        kind,
        names: frame.names,
        recipe: choice,
        backend,
        seed,
        onProgress: (progress) => {
          loss = progress.loss
          onProgress?.({ done: i + progress.done / progress.whole, whole: hours.length, loss })
        },
      }))
    if (kept === null) await args.checkpoint?.write(key, fit)
    onProgress?.({ done: i + 1, whole: hours.length, loss })
    const rivals = Rivals.fit({ rows: observed.filter(isDueHere), runs: panel.runs, hour, kind })
    const of = (rows: readonly Frame.Row[]): Entry[] => {
      const { correction, base, plain } = Fit.forecast(fit, rows)
      return rows.map((row, r) => ({
        row,
        variances: {
          champion: (base[r] ?? Number.NaN) * Math.exp(fit.share * (correction[r] ?? Number.NaN)),
          glm: plain[r] ?? Number.NaN,
          base: base[r] ?? Number.NaN,
          ...rivals(row),
        },
      }))
    }
    const until = hours[i + 1] ?? Number.POSITIVE_INFINITY
    table.push(...of(due.filter((row) => row.hour >= Math.max(hour, start) && row.hour < until)))
    if (i === 0) earlier.push(...of(observed.filter((row) => isDueHere(row) && row.hour >= hour - choice.windowDays * 24)))
    fits.push({ at: hour * 3_600, rows: Math.min(observed.length, choice.mostRows), loss, share: fit.share })
    Network.dispose(fit.network)
  }
  const isShown = (hour: number): boolean => hour >= from && hour < to
  const shown = table.filter(({ row }) => isShown(row.hour))
  return {
    kind,
    forecasts: models.flatMap((model) => quantiles({ model, table, earlier, isShown, choice, horizonHours })),
    realised: shown.map(({ row }) => ({ symbol: row.symbol, origin: row.hour * 3_600, outcome: row.outcome, row })),
    fits,
  }
}

export declare namespace of {
  type Arguments = {
    readonly panel: Panel
    readonly horizonHours: number
    readonly from: number
    readonly to: number
    readonly backend: Backend
    readonly seed: number
    readonly recipe?: Recipe
    /** Where fits are kept; a run that was killed goes on from them. */
    readonly checkpoint?: Checkpoint
    readonly onProgress?: (progress: Progress) => void
  }
}

/** The part of a recipe that a fit depends on; the rest says when fits are made and how quantiles are taken. */
function fitting({ windowDays: _w, refreshDays: _r, tails: _t, levelPpm: _l, leastDays: _d, refitDays: _f, ...rest }: Recipe): unknown {
  return rest
}

type Entry = { readonly row: Frame.Row; readonly variances: Readonly<Record<Model, number>> }

/** One model's forecasts with their quantiles: the pooled rolling factor, and on it each asset's own adaptive step. */
function quantiles(args: {
  readonly model: Model
  /** Rows forecast, by rising hour. */
  readonly table: readonly Entry[]
  /** Rows of the first fit, whose scores stand in until there are forecasts. */
  readonly earlier: readonly Entry[]
  readonly isShown: (hour: number) => boolean
  readonly choice: Recipe
  readonly horizonHours: number
}): Forecast[] {
  const { model, table, earlier, isShown, choice, horizonHours } = args
  const yardstick = (variance: number): number => Conformal.yardstick(variance, tailOf(choice, horizonHours).exponent)
  const factors = Object.fromEntries(
    sides.map((side) => {
      const rolled = Conformal.roll({
        scores: [...earlier, ...table].flatMap(({ row, variances }) =>
          row.outcome === null
            ? []
            : [{ knownAt: (row.hour + horizonHours) * 3_600, value: lossOf(row.outcome, side) / yardstick(variances[model]) }],
        ),
        origins: table.map(({ row }) => row.hour * 3_600),
        levelPpm: choice.levelPpm,
        windowSeconds: choice.windowDays * 86_400,
        everySeconds: choice.refreshDays * 86_400,
      })
      const pooled = Float64Array.from(rolled, (each) => each?.quantile ?? Number.NaN)
      return [side, adapted({ model, table, side, pooled, choice, horizonHours })]
    }),
  ) as Record<Side, Float64Array>
  return table.flatMap(({ row, variances }, i) => {
    if (!isShown(row.hour)) return []
    const quantile = (side: Side): number => (factors[side][i] ?? Number.NaN) * yardstick(variances[model])
    return [
      {
        symbol: row.symbol,
        origin: row.hour * 3_600,
        horizonSeconds: horizonHours * 3_600,
        model,
        variance: variances[model],
        q99LongPath: quantile('longPath'),
        q99ShortPath: quantile('shortPath'),
        q99LongEnd: quantile('longEnd'),
        q99ShortEnd: quantile('shortEnd'),
      },
    ]
  })
}

/** Pooled factors times each asset's adaptive one: a breach raises it, a step without one lowers it a little. */
function adapted(args: {
  readonly model: Model
  readonly table: readonly Entry[]
  readonly side: Side
  readonly pooled: Float64Array
  readonly choice: Recipe
  readonly horizonHours: number
}): Float64Array {
  const { model, table, side, pooled, choice, horizonHours } = args
  const { exponent, trackRate } = tailOf(choice, horizonHours)
  const bySymbol = new Map<string, number[]>()
  table.forEach(({ row }, i) => {
    const held = bySymbol.get(row.symbol)
    if (held === undefined) bySymbol.set(row.symbol, [i])
    else held.push(i)
  })
  const factors = Float64Array.from(pooled)
  for (const rows of bySymbol.values()) {
    const known = rows.flatMap((i) => {
      const entry = table[i]
      const factor = pooled[i] ?? Number.NaN
      if (entry === undefined || entry.row.outcome === null || !(factor > 0)) return []
      const at = entry.row.hour * 3_600
      const ratio = lossOf(entry.row.outcome, side) / (factor * Conformal.yardstick(entry.variances[model], exponent))
      return [{ i, at, knownAt: at + horizonHours * 3_600, ratio }]
    })
    const steps = Conformal.track({ outcomes: known, levelPpm: choice.levelPpm, rate: trackRate })
    const step = new Map(known.map(({ i }, t) => [i, steps[t] ?? 1]))
    // A row whose outcome is not known yet comes after all that are, and learns from each of them.
    for (const i of rows) factors[i] = (pooled[i] ?? Number.NaN) * (step.get(i) ?? steps.at(-1) ?? 1)
  }
  return factors
}

/** Log loss of a side; at the end a gain is no loss. */
export function lossOf(outcome: NonNullable<Frame.Row['outcome']>, side: Side): number {
  if (side === 'longPath') return outcome.longPath
  if (side === 'shortPath') return outcome.shortPath
  return Math.max(0, side === 'longEnd' ? -outcome.end : outcome.end)
}

/** Rows a column needs before anything is fitted. */
const rowsPerColumn = 3

/** The first midnight at which there is enough to fit on; never, where there is not. */
function birthOf({ rows, kind, names }: Frame.Frame, { leastDays }: Recipe): number {
  const days = new Set<number>()
  let due = 0
  const row = rows.find((each) => {
    if (each.outcome === null) return false
    days.add(Math.floor(each.hour / 24))
    if (Frame.isDue(kind, each)) due += 1
    return days.size >= leastDays && due >= rowsPerColumn * names.length
  })
  return row === undefined ? Number.POSITIVE_INFINITY : Math.ceil((row.hour + kind.horizonHours) / 24) * 24
}

/** Thrown when a panel is too short for anything to be fitted before the end of the walk. */
export class TooShortError extends BaseError {
  override readonly name = 'Walk.TooShortError'
  constructor(args: { readonly days: number }) {
    super({
      code: 'WALK_TOO_SHORT',
      message: `Before the end of the walk there are not ${args.days} days of origins to fit on, each after thirty days of history.`,
      hint: 'Give a longer panel, or a later end.',
    })
  }
}
