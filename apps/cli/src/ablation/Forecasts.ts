/** A forecast for each day of a series, from what was known when it began. */
import type { Inputs } from '@plimsoll/margin'
import { type Bar, Ewma, LogHar, Quantile, RealisedVariance, Returns } from '@plimsoll/volatility'

/** `ewma`: of hourly returns, its decay fitted. `har`: a regression of log variance on the last day, week and four weeks. Both on the warm-up. */
export type Estimator = 'ewma' | 'har'

export type Daily = {
  /** Which day of the series, from 0. */
  readonly index: number
  /** Variance of the day's log return, and its root. */
  readonly variance: number
  readonly sigma: number
  /** Calibrated on the days before; 0 in the warm-up, where nothing is asked of them. */
  readonly quantiles: Pick<Inputs.Forecast, 'sigmaPpm' | 'closeOut' | 'liquidation' | 'throughTheCycle'>
}

const windows = [1, 7, 28] as const
const level = 990_000

/**
 * The forecasts of all days that have four weeks before them.
 *
 * The 99 % quantile of the worst path over the day is so many forecast deviations as that level took over all days before it.
 *
 * @param args.bars - `hours` a day.
 */
export function of(args: of.Args): readonly Daily[] {
  const { bars, hours, warmup, estimator } = args
  const days = bars.length / hours
  // The first bar has no return: day 0 is a bar short.
  const returns = Returns.log(bars)
  const realised = Array.from({ length: days }, (_, k) =>
    RealisedVariance.of(returns.subarray(Math.max(0, k * hours - 1), (k + 1) * hours - 1)),
  )
  const variance = { ewma: smoothed, har: regressed }[estimator](args, returns, realised)
  const first = windows[2]
  const scored: { losses: Quantile.Sides<number>[]; variances: number[] } = { losses: [], variances: [] }
  return Array.from({ length: days - first }, (_, i): Daily => {
    const index = first + i
    const v = variance(index)
    const sigma = Math.sqrt(v)
    const none = { longPpm: 0, shortPpm: 0 }
    const deviations = index < warmup ? null : Quantile.calibrate({ ...scored, levelPpm: level, window: days })
    scored.losses.push(Quantile.pathLoss({ bars, index: index * hours - 1, steps: hours }))
    scored.variances.push(v)
    return {
      index,
      variance: v,
      sigma,
      quantiles: {
        sigmaPpm: Quantile.ppmUp(RealisedVariance.annualise({ variance: v, horizonSeconds: 86_400 })),
        closeOut: deviations === null ? none : Quantile.simple({ long: deviations.long * sigma, short: deviations.short * sigma }),
        liquidation: none,
        throughTheCycle: none,
      },
    }
  })
}

export declare namespace of {
  type Args = { readonly bars: readonly Bar.Bar[]; readonly hours: number; readonly warmup: number; readonly estimator: Estimator }
}

function smoothed({ hours, warmup }: of.Args, returns: Float64Array): (index: number) => number {
  const known = returns.subarray(0, warmup * hours - 1)
  const lambda = Ewma.fit(known)
  const initial = RealisedVariance.of(known) / known.length
  return (index) => hours * Ewma.of({ returns: returns.subarray(0, index * hours - 1), lambda, initial })
}

function regressed({ warmup }: of.Args, _: Float64Array, realised: readonly number[]): (index: number) => number {
  const lags = (index: number) =>
    windows.map((window) => realised.slice(index - window, index).reduce((sum, v) => sum + Math.log(v), 0) / window)
  const rows = Array.from({ length: warmup - windows[2] }, (_, i) => windows[2] + i)
  const model = LogHar.fit({ lags: rows.map(lags), targets: rows.map((index) => realised[index] ?? Number.NaN) })
  return (index) => LogHar.forecast(model, lags(index))
}
