import { BaseError } from './BaseError.ts'
import { ShapeError, SingularError } from './Regression.ts'

/** Outcomes and the forecasts made of them before: y[t] and f[t], one to one. */
export type Pairs = { readonly realised: ArrayLike<number>; readonly forecast: ArrayLike<number> }

/**
 * Mean QLIKE of variance forecasts: 0 when every forecast is right, and its ranking survives a noisy but unbiased proxy.
 *
 * Formula: `mean( y/f − ln(y/f) − 1 )`. Source: docs/method/evaluation.md, eq. (1). Patton, Journal of Econometrics 160 (2011).
 *
 * @param args.realised - y[t] > 0.
 * @param args.forecast - f[t] > 0, same length.
 * @throws {UnequalError}
 *
 * @example
 * Evaluation.qlike({ realised: [4, 2], forecast: [4, 2] })
 * // => 0
 */
export function qlike(args: qlike.Arguments): number {
  return average(qlikes(args))
}

export declare namespace qlike {
  type Arguments = Pairs
  type ErrorType = UnequalError
}

/**
 * QLIKE of each forecast, for tests that need the losses themselves: `DieboldMariano`, `ConfidenceSet`, `withoutWorst`.
 *
 * @throws {UnequalError}
 *
 * @example
 * Array.from(Evaluation.qlikes({ realised: [4, 1], forecast: [4, 1] }))
 * // => [0, 0]
 */
export function qlikes(args: Pairs): Float64Array {
  const { realised, forecast } = args
  assertEqual(realised, forecast)
  return Float64Array.from(realised, (y, t) => {
    const ratio = y / (forecast[t] ?? Number.NaN)
    return ratio - Math.log(ratio) - 1
  })
}

/**
 * Mean squared error of the logarithm: readable, and not robust to a noisy proxy, whose logarithm is biased. Report it beside QLIKE.
 *
 * Formula: `mean( (ln y − ln f)² )`. Source: docs/method/evaluation.md, eq. (2).
 *
 * @throws {UnequalError}
 *
 * @example
 * Evaluation.mseLog({ realised: [Math.E, 1], forecast: [1, 1] })
 * // => 0.5
 */
export function mseLog(args: Pairs): number {
  assertEqual(args.realised, args.forecast)
  return average(Float64Array.from(args.realised, (y, t) => Math.log(y / (args.forecast[t] ?? Number.NaN)) ** 2))
}

/**
 * Mincer–Zarnowitz regression of the outcome on its forecast: 0 and 1 for one without bias; R² says how much of the variation it explains.
 *
 * Formula: `y = intercept + slope·f + ε`. Source: docs/method/evaluation.md, eq. (3). Mincer and Zarnowitz, NBER (1969).
 *
 * @returns rSquared is NaN when the outcome never varies: nothing was there to explain.
 * @throws {UnequalError}
 * @throws {ShapeError} a value is not finite.
 * @throws {SingularError} the forecast never varies.
 *
 * @example
 * Evaluation.mincerZarnowitz({ realised: [1, 3, 5], forecast: [1, 2, 3] })
 * // => { intercept: -1, slope: 2, rSquared: 1 }
 */
export function mincerZarnowitz(args: Pairs): { readonly intercept: number; readonly slope: number; readonly rSquared: number } {
  const { realised, forecast } = args
  assertEqual(realised, forecast)
  const [y, f] = [average(realised), average(forecast)]
  let [yy, yf, ff] = [0, 0, 0]
  for (let t = 0; t < realised.length; t++) {
    const [dy, df] = [(realised[t] ?? Number.NaN) - y, (forecast[t] ?? Number.NaN) - f]
    yy += dy * dy
    yf += dy * df
    ff += df * df
  }
  if (!Number.isFinite(yf)) throw new ShapeError({ rows: realised.length, columns: 2 })
  if (ff === 0) throw new SingularError({ column: 1 })
  const slope = yf / ff
  return { intercept: y - slope * f, slope, rSquared: (yf * yf) / (ff * yy) }
}

/**
 * Mean pinball loss of quantile forecasts: least, in the mean, for the true quantile of that level.
 *
 * Formula: `mean( (loss − q)·(level − 1{loss < q}) )`. Source: docs/method/evaluation.md, eq. (4). Koenker and Bassett 1978.
 *
 * @param args.losses - loss[t].
 * @param args.quantiles - q[t], same length.
 * @param args.levelPpm - level, ppm.
 * @throws {UnequalError}
 *
 * @example
 * Evaluation.pinball({ losses: [5, 0], quantiles: [1, 1], levelPpm: 750_000 })
 * // => 1.625
 */
export function pinball(args: pinball.Arguments): number {
  const { losses, quantiles, levelPpm } = args
  assertEqual(losses, quantiles)
  const level = levelPpm / 1_000_000
  const each = Float64Array.from(losses, (loss, t) => {
    const over = loss - (quantiles[t] ?? Number.NaN)
    return over < 0 ? (level - 1) * over : level * over
  })
  return average(each)
}

export declare namespace pinball {
  type Arguments = { readonly losses: ArrayLike<number>; readonly quantiles: ArrayLike<number>; readonly levelPpm: number }
  type ErrorType = UnequalError
}

/**
 * How often the loss was greater than the quantile that was to hold it. A loss equal to its quantile is held.
 *
 * @param args.losses - loss[t] ≥ 0.
 * @param args.quantiles - quantile[t], same length.
 * @returns count, sample size, and their ratio in ppm rounded up.
 * @throws {UnequalError}
 *
 * @example
 * Evaluation.exceedance({ losses: [1, 2, 3], quantiles: [2, 2, 2] })
 * // => { count: 1, sample: 3, ppm: 333334 }
 */
export function exceedance(args: exceedance.Arguments): { readonly count: number; readonly sample: number; readonly ppm: number } {
  const { losses, quantiles } = args
  assertEqual(losses, quantiles)
  let count = 0
  for (let t = 0; t < losses.length; t++) if ((losses[t] ?? 0) > (quantiles[t] ?? 0)) count += 1
  return { count, sample: losses.length, ppm: Math.ceil((count * 1_000_000) / losses.length) }
}

export declare namespace exceedance {
  type Arguments = { readonly losses: ArrayLike<number>; readonly quantiles: ArrayLike<number> }
  type ErrorType = UnequalError
}

/**
 * One value a time: the mean over whatever was observed together. Assets fall on the same day, so a panel of fifteen is not fifteen
 * independent samples; tests run on the series that comes out of this.
 *
 * @param args.values - value[i] of a panel, any order.
 * @param args.at - when each belongs to. Unix seconds.
 * @returns times, rising, and the mean of each.
 * @throws {UnequalError}
 *
 * @example
 * Evaluation.across({ values: [1, 5, 3], at: [0, 86_400, 0] })
 * // => { at: [0, 86400], means: [2, 5] }
 */
export function across(args: across.Arguments): { readonly at: readonly number[]; readonly means: readonly number[] } {
  const { values, at } = args
  assertEqual(values, at)
  const sums = new Map<number, { sum: number; count: number }>()
  for (let i = 0; i < at.length; i++) {
    const held = sums.get(at[i] ?? Number.NaN) ?? { sum: 0, count: 0 }
    sums.set(at[i] ?? Number.NaN, { sum: held.sum + (values[i] ?? Number.NaN), count: held.count + 1 })
  }
  const times = [...sums.keys()].sort((a, b) => a - b)
  return { at: times, means: times.map((time) => (sums.get(time)?.sum ?? Number.NaN) / (sums.get(time)?.count ?? Number.NaN)) }
}

export declare namespace across {
  type Arguments = { readonly values: ArrayLike<number>; readonly at: ArrayLike<number> }
  type ErrorType = UnequalError
}

/**
 * Which observations are left when the hardest days are taken out: one day can decide a contest, so every result is also told without it.
 * Days are ranked by the mean loss of one forecaster, the same for all that are compared.
 *
 * @param args.losses - loss[i] of the forecaster that ranks the days.
 * @param args.at - unix seconds; a day is 00:00 to 24:00 UTC.
 * @param args.sharePpm - share of days to take out, rounded up to whole days; ppm. 2 500 is 0.25 %.
 * @returns indices that stay, rising.
 * @throws {UnequalError}
 *
 * @example
 * Evaluation.withoutWorst({ losses: [1, 9, 2, 9], at: [0, 86_400, 172_800, 90_000], sharePpm: 2_500 })
 * // => [0, 2]
 */
export function withoutWorst(args: withoutWorst.Arguments): readonly number[] {
  const { losses, at, sharePpm } = args
  const days = Array.from(at, (time) => Math.floor(time / 86_400))
  const daily = across({ values: losses, at: days })
  const out = Math.ceil((daily.at.length * sharePpm) / 1_000_000)
  const ranked = daily.at.map((day, i) => ({ day, mean: daily.means[i] ?? Number.NaN })).sort((a, b) => b.mean - a.mean)
  const worst = new Set(ranked.slice(0, out).map(({ day }) => day))
  return days.flatMap((day, i) => (worst.has(day) ? [] : [i]))
}

export declare namespace withoutWorst {
  type Arguments = { readonly losses: ArrayLike<number>; readonly at: ArrayLike<number>; readonly sharePpm: number }
  type ErrorType = UnequalError
}

function average(values: ArrayLike<number>): number {
  let sum = 0
  for (let t = 0; t < values.length; t++) sum += values[t] ?? Number.NaN
  return sum / values.length
}

function assertEqual(a: ArrayLike<number>, b: ArrayLike<number>): void {
  if (a.length !== b.length || a.length === 0) throw new UnequalError({ realised: a.length, forecast: b.length })
}

/** Thrown when outcomes and forecasts are not one to one, or there are none. */
export class UnequalError extends BaseError {
  override readonly name = 'Evaluation.UnequalError'
  readonly realised: number
  readonly forecast: number
  constructor(args: { readonly realised: number; readonly forecast: number }) {
    super({
      code: 'EVALUATION_UNEQUAL',
      message: `${args.realised} outcomes stand against ${args.forecast} forecasts.`,
      hint: 'Give at least one outcome, and one forecast for each.',
    })
    this.realised = args.realised
    this.forecast = args.forecast
  }
}
