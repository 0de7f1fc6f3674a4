import { Evaluation, Ewma, Features, Quantile, RealisedVariance } from '@plimsoll/volatility'
import type { Coverage, ModelName, Score } from './Card.ts'
import * as Forecast from './Forecast.ts'
import type { Calibration } from './Parameters.ts'
import type { Sample } from './Sample.ts'

/** Variances of one forecaster: [row][horizon], over `Features.horizonsSeconds`. */
export type Variances = readonly (readonly number[])[]

/** EWMA with a decay fitted on the first symbol's training returns, and each symbol's mean variance of the training period. */
export function rivals(
  series: readonly Features.Prepared[],
  train: readonly Sample[],
  test: readonly Sample[],
): Record<'ewma' | 'static', number[][]> {
  const end = train.at(-1)?.at ?? 0
  const past = ({ bars, returns }: Features.Prepared): Float64Array => returns.subarray(0, Features.indexOf(bars, end) ?? 0)
  const first = series[0]
  const lambda = first === undefined ? Number.NaN : Ewma.fit(past(first))
  const perBar = new Map(series.map((each) => [each.symbol, RealisedVariance.of(past(each)) / past(each).length]))
  const running = new Map(
    series.map((each) => {
      const values = new Float64Array(each.bars.length)
      let v = perBar.get(each.symbol) ?? Number.NaN
      each.returns.forEach((r, t) => {
        v = Ewma.of({ returns: [r], lambda, initial: v })
        values[t + 1] = v
      })
      return [each.symbol, values]
    }),
  )
  const over = (variance: number): number[] =>
    Features.horizonsSeconds.map((seconds) => (variance * seconds) / Features.schema.intervalSeconds)
  return {
    ewma: test.map(({ symbol, index }) => over(running.get(symbol)?.[index] ?? Number.NaN)),
    static: test.map(({ symbol }) => over(perBar.get(symbol) ?? Number.NaN)),
  }
}

/** QLIKE of every forecaster over one horizon, k-th of `Features.horizonsSeconds`. */
export function score(
  test: readonly Sample[],
  horizonSeconds: number,
  k: number,
  forecasts: Readonly<Record<'champion' | 'baseline' | 'ewma' | 'static', Variances>>,
): Score {
  const realised = test.map(({ targets }) => targets[k] ?? Number.NaN)
  const column = (source: keyof typeof forecasts): number[] => forecasts[source].map((variances) => variances[k] ?? Number.NaN)
  const columns = { champion: column('champion'), 'log-har': column('baseline'), ewma: column('ewma'), static: column('static') }
  const qlike = (model: ModelName, keep: (i: number) => boolean): number => {
    const rows = test.map((_, i) => i).filter(keep)
    return Evaluation.qlike({
      realised: rows.map((i) => realised[i] ?? Number.NaN),
      forecast: rows.map((i) => columns[model][i] ?? Number.NaN),
    })
  }
  const each = (keep: (i: number) => boolean): Score['qlike'] => ({
    champion: qlike('champion', keep),
    'log-har': qlike('log-har', keep),
    ewma: qlike('ewma', keep),
    static: qlike('static', keep),
  })
  const hardness = realised.map((y, i) => Evaluation.qlike({ realised: [y], forecast: [columns['log-har'][i] ?? Number.NaN] }))
  const worst = new Set(
    hardness
      .map((_, i) => i)
      .sort((a, b) => (hardness[b] ?? 0) - (hardness[a] ?? 0))
      .slice(0, Math.ceil(hardness.length / 400)),
  )
  const symbols = [...new Set(test.map(({ symbol }) => symbol))].sort()
  return {
    horizonSeconds,
    sample: test.length,
    qlike: each(() => true),
    qlikeWithoutWorst: each((i) => !worst.has(i)),
    ratioBySymbol: Object.fromEntries(
      symbols.map((symbol) => {
        const mine = (i: number): boolean => test[i]?.symbol === symbol
        return [symbol, qlike('champion', mine) / qlike('log-har', mine)]
      }),
    ),
  }
}

/** Worst-path losses over the horizon after every sample. */
export function losses(series: readonly Features.Prepared[], samples: readonly Sample[], horizonSeconds: number): Quantile.Sides<number>[] {
  const bars = new Map(series.map((each) => [each.symbol, each.bars]))
  const steps = horizonSeconds / Features.schema.intervalSeconds
  return samples.map(({ symbol, index }) => Quantile.pathLoss({ bars: bars.get(symbol) ?? [], index, steps }))
}

/** How often the worst path went beyond the calibrated quantile. */
export function cover(
  series: readonly Features.Prepared[],
  test: readonly Sample[],
  forecasts: Record<'champion' | 'baseline', Variances>,
  calibration: Calibration,
): Coverage {
  const { horizonSeconds } = calibration
  const paths = losses(series, test, horizonSeconds)
  const rate = (source: 'champion' | 'baseline', side: 'long' | 'short'): number =>
    Evaluation.exceedance({
      losses: paths.map((loss) => loss[side]),
      quantiles: forecasts[source].map(
        (variances) => calibration[source][side] * Math.sqrt(Forecast.varianceOver(variances, horizonSeconds)),
      ),
    }).ppm
  const sides = (source: 'champion' | 'baseline'): Coverage['champion'] => ({
    longPpm: rate(source, 'long'),
    shortPpm: rate(source, 'short'),
  })
  return { horizonSeconds, sample: test.length, champion: sides('champion'), baseline: sides('baseline') }
}
