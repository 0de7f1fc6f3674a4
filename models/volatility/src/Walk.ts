import { Conformal, type Signals } from '@plimsoll/volatility'
import type { Backend } from './Backend.ts'
import { BaseError } from './BaseError.ts'
import * as Fit from './Fit.ts'
import * as Frame from './Frame.ts'
import * as Network from './Network.ts'
import type { Panel } from './Panel.ts'
import { type Recipe, recipe } from './Recipe.ts'
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
export type Realised = { readonly symbol: string; readonly origin: number; readonly outcome: Frame.Row['outcome'] }

export type Walk = {
  readonly kind: Signals.Kind
  readonly forecasts: readonly Forecast[]
  readonly realised: readonly Realised[]
  /** When models were fitted, how many rows they saw, and the network's last training loss. */
  readonly fits: readonly { readonly at: number; readonly rows: number; readonly loss: number }[]
}

export type Progress = { readonly done: number; readonly whole: number; readonly loss: number }

const sides = ['longPath', 'shortPath', 'longEnd', 'shortEnd'] as const
type Side = (typeof sides)[number]

/**
 * Walks forward: at each fit, models see only rows whose horizon is over; until the next fit they forecast. Quantiles are the rolling pooled ones of each
 * model's own earlier forecasts, of the year before `from` too where there is one; before there are enough, of its fit's own rows.
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
  const frame = Frame.of({ runs: panel.runs, kind, from: 0, to })
  const every = choice.refitDays * 24
  const start = from - choice.windowDays * 24
  const hours: number[] = []
  const last = frame.rows.at(-1)?.hour ?? 0
  for (let hour = Math.floor(start / every) * every; hour <= last; hour += every)
    if (isEnough(Frame.observed(frame, hour), choice)) hours.push(hour)
  if (hours.length === 0) throw new TooShortError({ days: choice.leastDays })

  const table: { readonly row: Frame.Row; readonly variances: Readonly<Record<Model, number>> }[] = []
  const earlier: typeof table = []
  const fits: Walk['fits'][number][] = []
  for (const [i, hour] of hours.entries()) {
    const observed = Frame.observed(frame, hour)
    let loss = Number.NaN
    const fit = await Fit.of({
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
    })
    const rivals = Rivals.fit({ rows: observed, runs: panel.runs, hour, kind })
    const of = (rows: readonly Frame.Row[]): typeof table => {
      const { champion, base, plain } = Fit.forecast(fit, rows)
      return rows.map((row, r) => ({
        row,
        variances: {
          champion: champion[r] ?? Number.NaN,
          glm: plain[r] ?? Number.NaN,
          base: base[r] ?? Number.NaN,
          ...rivals(row),
        },
      }))
    }
    const until = hours[i + 1] ?? Number.POSITIVE_INFINITY
    table.push(...of(frame.rows.filter((row) => row.hour >= Math.max(hour, start) && row.hour < until)))
    if (i === 0) earlier.push(...of(observed.filter((row) => row.hour >= hour - choice.windowDays * 24)))
    fits.push({ at: hour * 3_600, rows: Math.min(observed.length, choice.mostRows), loss })
    Network.dispose(fit.network)
  }
  const shown = table.filter(({ row }) => row.hour >= from && row.hour < to)
  return {
    kind,
    forecasts: models.flatMap((model) => quantiles({ model, shown, scored: [...earlier, ...table], choice, horizonHours })),
    realised: shown.map(({ row }) => ({ symbol: row.symbol, origin: row.hour * 3_600, outcome: row.outcome })),
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
    readonly onProgress?: (progress: Progress) => void
  }
}

function quantiles(args: {
  readonly model: Model
  readonly shown: readonly { readonly row: Frame.Row; readonly variances: Readonly<Record<Model, number>> }[]
  readonly scored: readonly { readonly row: Frame.Row; readonly variances: Readonly<Record<Model, number>> }[]
  readonly choice: Recipe
  readonly horizonHours: number
}): Forecast[] {
  const { model, shown, scored, choice, horizonHours } = args
  const origins = shown.map(({ row }) => row.hour * 3_600)
  const factors = Object.fromEntries(
    sides.map((side) => [
      side,
      Conformal.roll({
        scores: scored.flatMap(({ row, variances }) =>
          row.outcome === null
            ? []
            : [{ knownAt: (row.hour + horizonHours) * 3_600, value: lossOf(row.outcome, side) / Math.sqrt(variances[model]) }],
        ),
        origins,
        levelPpm: choice.levelPpm,
        windowSeconds: choice.windowDays * 86_400,
        everySeconds: choice.refreshDays * 86_400,
      }),
    ]),
  ) as Record<Side, ReturnType<typeof Conformal.roll>>
  return shown.map(({ row, variances }, i) => {
    const quantile = (side: Side): number => (factors[side][i]?.quantile ?? Number.NaN) * Math.sqrt(variances[model])
    return {
      symbol: row.symbol,
      origin: row.hour * 3_600,
      horizonSeconds: horizonHours * 3_600,
      model,
      variance: variances[model],
      q99LongPath: quantile('longPath'),
      q99ShortPath: quantile('shortPath'),
      q99LongEnd: quantile('longEnd'),
      q99ShortEnd: quantile('shortEnd'),
    }
  })
}

/** Log loss of a side; at the end a gain is no loss. */
export function lossOf(outcome: NonNullable<Frame.Row['outcome']>, side: Side): number {
  if (side === 'longPath') return outcome.longPath
  if (side === 'shortPath') return outcome.shortPath
  return Math.max(0, side === 'longEnd' ? -outcome.end : outcome.end)
}

function isEnough(rows: readonly Frame.Row[], { leastDays, batch }: Recipe): boolean {
  const days = new Set(rows.map(({ hour }) => Math.floor(hour / 24)))
  return days.size >= leastDays && rows.length >= 2 * batch
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
