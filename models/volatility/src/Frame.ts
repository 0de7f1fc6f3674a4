import { Hourly, Signals } from '@plimsoll/volatility'

/** Origins of a panel as rows: what was known, and what came of it. */
export type Frame = {
  readonly kind: Signals.Kind
  readonly names: readonly string[]
  /** Hours between origins: a part of the horizon, so that models learn from more than one origin in it. */
  readonly stepHours: number
  /** Rows, by hour and then symbol. */
  readonly rows: readonly Row[]
}

export type Row = {
  readonly symbol: string
  /** The origin: hours since 1970. */
  readonly hour: number
  readonly run: Hourly.Hourly
  /** Of the origin's hour within the run. */
  readonly index: number
  readonly values: Float64Array
  /** Null where the horizon is not over: nothing may be fitted on such a row. */
  readonly outcome: Hourly.Outcome | null
}

/** Hours of history an origin needs: thirty days, for the classical models' month, and the hour before them. */
const leastHours = 721

/** Origins in a horizon. */
const perHorizon = 3

/**
 * Every origin of every symbol with thirty days of history, every third of the horizon in whole hours, from midnight on. Forecasts are made for those that
 * follow each other without overlap (`isDue`); models are fitted on all.
 *
 * @param args.from - no origins before this hour; likewise `to`, exclusive.
 */
export function of(args: of.Arguments): Frame {
  const { runs, kind, from, to } = args
  const { horizonHours } = kind
  const stepHours = Math.max(1, Math.floor(horizonHours / perHorizon))
  const first = Math.max(
    from,
    runs.reduce((least, { firstHour }) => Math.min(least, firstHour), Number.POSITIVE_INFINITY),
  )
  const last = Math.min(to, 1 + runs.reduce((most, { firstHour, length }) => Math.max(most, firstHour + length - 1), 0))
  const rows: Row[] = []
  for (let hour = Math.ceil(first / stepHours) * stepHours; hour < last; hour += stepHours) {
    for (const { symbol, index, values } of Signals.rows(runs, hour, kind)) {
      const run = runs.find((each) => each.symbol === symbol && hour - each.firstHour === index && index < each.length)
      if (run !== undefined && index >= leastHours - 1)
        rows.push({ symbol, hour, run, index, values, outcome: Hourly.outcome(run, index, horizonHours) })
    }
  }
  return { kind, names: Signals.names(kind), stepHours, rows }
}

export declare namespace of {
  type Arguments = {
    readonly runs: readonly Hourly.Hourly[]
    readonly kind: Signals.Kind
    readonly from: number
    readonly to: number
  }
}

/** Whether an origin is one of those that are forecast: they follow each other without overlap, from midnight on. */
export function isDue({ horizonHours }: Signals.Kind, row: Pick<Row, 'hour'>): boolean {
  return row.hour % horizonHours === 0
}

/** A row whose horizon is over. */
export type Observed = Row & { readonly outcome: Hourly.Outcome }

/** Rows that may be fitted on at an hour: their whole horizon lies before it. */
export function observed({ rows, kind }: Pick<Frame, 'rows' | 'kind'>, hour: number): readonly Observed[] {
  return rows.filter((row): row is Observed => row.outcome !== null && row.hour + kind.horizonHours <= hour)
}
