import { Garch, Hourly, LogHar, type Signals } from '@plimsoll/volatility'
import type { Observed, Row } from './Frame.ts'

/** The classical forecasts, each asset by itself. */
export const names = ['log-har', 'garch', 'gjr', 'ewma', 'static'] as const
export type Name = (typeof names)[number]

/** Variances of one origin over its horizon. */
export type Rivals = (row: Row) => Readonly<Record<Name, number>>

/** RiskMetrics' decay, on variances of one horizon each. */
const lambda = 0.94

/** Fewer outcomes, or returns, than this and an asset has no model of its own yet. */
const least = 250

/**
 * Fits every rival on what had been observed at an hour.
 *
 * `log-har`: log variances over the horizon, a day and a week (for a day: a day, a week and a month), by asset; an asset with too few outcomes takes the
 * pooled fit. `garch`, `gjr`: on returns of one horizon each, by quasi-maximum likelihood; an asset with too few takes `ewma`. `ewma`: decay 0.94
 * on variances of one horizon each. `static`: the mean variance of the asset's history.
 *
 * @param args.rows - `Frame.observed` at `hour`.
 */
export function fit(args: fit.Arguments): Rivals {
  const { rows, hour, kind } = args
  const hours = kind.horizonHours
  const symbols = [...new Set(args.runs.map(({ symbol }) => symbol))]
  const pooled = logHar(rows, hours)
  const own = new Map(
    symbols.map((symbol) => {
      const mine = rows.filter((row) => row.symbol === symbol)
      return [symbol, mine.length < least ? pooled : logHar(mine, hours)]
    }),
  )
  const steps = new Map(args.runs.map((run) => [run, stepsOf(run, hours)]))
  const filtered = (form: Garch.Form): ReadonlyMap<Hourly.Hourly, Float64Array> =>
    new Map(
      symbols.flatMap((symbol) => {
        const runs = args.runs.filter((run) => run.symbol === symbol)
        const past = runs.flatMap((run) => {
          const { returns, firstEnd } = steps.get(run) ?? stepsOf(run, hours)
          return Array.from(returns.subarray(0, Math.max(0, Math.floor((hour - firstEnd) / hours) + 1)))
        })
        if (past.length < least || past.every((r) => r === 0)) return []
        const { model, initial } = Garch.fit({ returns: past, form })
        return runs.map((run) => [run, Garch.variances({ model, returns: steps.get(run)?.returns ?? [], initial })] as const)
      }),
    )
  const garch = filtered('symmetric')
  const gjr = filtered('asymmetric')
  return (row) => {
    const { firstEnd, ewma, mean } = steps.get(row.run) ?? stepsOf(row.run, hours)
    const k = Math.floor((row.hour - firstEnd) / hours)
    const smooth = ewma[k] ?? Number.NaN
    return {
      'log-har': LogHar.forecast(own.get(row.symbol) ?? pooled, lags(row, hours)),
      garch: garch.get(row.run)?.[k + 1] ?? smooth,
      gjr: gjr.get(row.run)?.[k + 1] ?? smooth,
      ewma: smooth,
      static: mean[k] ?? Number.NaN,
    }
  }
}

export declare namespace fit {
  type Arguments = {
    readonly rows: readonly Observed[]
    readonly runs: readonly Hourly.Hourly[]
    readonly hour: number
    readonly kind: Signals.Kind
  }
}

function logHar(rows: readonly Observed[], hours: number): LogHar.LogHar {
  return LogHar.fit({ lags: rows.map((row) => lags(row, hours)), targets: rows.map(({ outcome }) => outcome.variance) })
}

/** Log variances an hour over growing windows. */
function lags({ run, index }: Row, hours: number): readonly number[] {
  return [hours, ...(hours < 24 ? [24, 168] : [168, 720])].map((window) =>
    Math.log(Math.max(Hourly.sum(run.variance, index, window) / window, Hourly.leastVariance)),
  )
}

type Steps = {
  /** Hour at which step 0 ends. */
  readonly firstEnd: number
  readonly returns: Float64Array
  /** After each step: what is expected of the next. */
  readonly ewma: Float64Array
  readonly mean: Float64Array
}

/** A run cut into steps of one horizon, from midnight on. */
function stepsOf(run: Hourly.Hourly, hours: number): Steps {
  const firstEnd = Math.ceil((run.firstHour + hours - 1) / hours) * hours
  const count = Math.max(0, Math.floor((run.firstHour + run.length - 1 - firstEnd) / hours) + 1)
  const [returns, ewma, mean] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)]
  let smooth = Number.NaN
  let total = 0
  for (let k = 0; k < count; k++) {
    const index = firstEnd + k * hours - run.firstHour
    const variance = Math.max(Hourly.sum(run.variance, index, hours), hours * Hourly.leastVariance)
    returns[k] = Hourly.sum(run.returns, index, hours)
    smooth = k === 0 ? variance : lambda * smooth + (1 - lambda) * variance
    total += variance
    ewma[k] = smooth
    mean[k] = total / (k + 1)
  }
  return { firstEnd, returns, ewma, mean }
}
