/** What is expected of a path's volatility, minute by minute, from what its own bars had shown by then. */
import type { Path } from '@plimsoll/liquidation'
import { Ewma, Glm, LogHar, RealisedVariance } from '@plimsoll/volatility'

/**
 * - `ewma`: of returns by the minute, decay 0.94.
 * - `har`: log-HAR on the realised variance of the last 5, 30 and 240 minutes, jumps cut off: they say little of the hour that follows.
 * - `champion`: what serves: its own forecasts where a table of them covers the path, else a Gamma regression on the same windows, the EWMA, and the
 *   share of falls.
 * - `oracle`: what the next quarter of an hour really is.
 */
export const kinds = ['ewma', 'har', 'champion', 'oracle'] as const
export type Kind = (typeof kinds)[number]

/** Fitted on paths that no replay is run on. */
export type Models = { readonly har: LogHar.LogHar; readonly gamma: Glm.Glm }

const windows = [5, 30, 240] as const
/** Minutes ahead. */
export const horizon = 15
const decay = 0.94
/** Deviations beyond which a return is a jump, and is cut off. */
const jump = 4
/** Variance of a minute below which nothing is believed: 2 % a year. */
const least = RealisedVariance.ofVolatility({ volatility: 0.02, horizonSeconds: 60 })

/** Returns by the minute, and the first minute of trading. */
type Minutes = { readonly returns: Float64Array; readonly start: number; readonly steps: number }

function minutesOf({ log, start, stepSeconds }: Path.Path): Minutes {
  const steps = Math.round(60 / stepSeconds)
  // Minutes are counted back from the first traded step, so that one ends with it.
  const lead = start % steps
  const count = Math.floor((log.length - 1 - lead) / steps)
  const at = (k: number) => log[lead + k * steps] ?? Number.NaN
  return { returns: Float64Array.from({ length: count }, (_, k) => at(k + 1) - at(k)), start: (start - lead) / steps, steps }
}

/**
 * s at each traded step, log by √second; the forecast of a minute holds until the next one is over.
 *
 * @param table - variance of each traded minute's next hour, where the champion's own forecasts cover the path.
 */
export function of(kind: Kind, path: Path.Path, models: Models, table: Float64Array | null): Float64Array {
  const minutes = minutesOf(path)
  const { returns, start, steps } = minutes
  const traded = path.log.length - 1 - path.start
  const forecast = perMinute(kind, minutes, models)
  const sigma = new Float64Array(traded)
  for (let t = 0; t < traded; t++) {
    const minute = start + Math.floor(t / steps)
    const hourly = kind === 'champion' ? table?.[Math.floor(t / steps)] : undefined
    const variance = hourly === undefined ? forecast(Math.min(minute, returns.length)) : hourly / 60
    sigma[t] = Math.sqrt(Math.max(least, variance) / 60)
  }
  return sigma
}

/** Variance by minute of what follows so many minutes. Asked in order. */
function perMinute(kind: Kind, { returns }: Minutes, models: Models): (known: number) => number {
  if (kind === 'oracle') {
    const squares = prefix(returns, () => true)
    return (known) => within(squares, known, Math.min(returns.length, known + horizon))
  }
  if (kind === 'ewma') {
    const { variances } = smoothed(returns, Number.POSITIVE_INFINITY)
    return (known) => variances[known] ?? Number.NaN
  }
  const known = knownOf(returns)
  if (kind === 'har') return held((minute) => LogHar.forecast(models.har, lagsOf(known.squares, minute)))
  return held((minute) => Glm.forecast(models.gamma, rowOf(known, minute)))
}

/** One look-up a minute, not one a step. */
function held(forecast: (known: number) => number): (known: number) => number {
  let [at, value] = [-1, Number.NaN]
  return (known) => {
    if (known !== at) [at, value] = [known, forecast(known)]
    return value
  }
}

/** - [minutes + 1]: the EWMA after so many of them; and the returns, each cut off at so many deviations of what was expected before it. */
function smoothed(returns: Float64Array, deviations: number) {
  const first = returns.subarray(0, Math.min(60, returns.length))
  const variances = new Float64Array(returns.length + 1)
  const cut = returns.slice()
  let variance = Math.max(least, RealisedVariance.of(first) / Math.max(1, first.length))
  variances[0] = variance
  for (const [k, r] of returns.entries()) {
    cut[k] = Math.sign(r) * Math.min(Math.abs(r), deviations * Math.sqrt(variance))
    variance = Ewma.of({ returns: cut.subarray(k, k + 1), lambda: decay, initial: variance })
    variances[k + 1] = variance
  }
  return { variances, cut }
}

/** Running sums of squares. */
function prefix(returns: Float64Array, counts: (r: number) => boolean): Float64Array {
  const sums = new Float64Array(returns.length + 1)
  for (let k = 0; k < returns.length; k++) {
    const r = returns[k] ?? 0
    sums[k + 1] = (sums[k] ?? 0) + (counts(r) ? r * r : 0)
  }
  return sums
}

function within(sums: Float64Array, from: number, to: number): number {
  return to > from ? Math.max(least, ((sums[to] ?? 0) - (sums[from] ?? 0)) / (to - from)) : least
}

function lagsOf(squares: Float64Array, known: number): readonly number[] {
  return windows.map((window) => Math.log(within(squares, Math.max(0, known - window), known)))
}

type Known = { readonly squares: Float64Array; readonly falls: Float64Array; readonly smooth: Float64Array }

/** What `har` and `champion` read of a path. */
function knownOf(returns: Float64Array): Known {
  const { variances, cut } = smoothed(returns, jump)
  return { squares: prefix(cut, () => true), falls: prefix(cut, (r) => r < 0), smooth: variances }
}

function rowOf({ squares, falls, smooth }: Known, known: number): readonly number[] {
  const from = Math.max(0, known - 30)
  const share = known > from ? within(falls, from, known) / within(squares, from, known) : 0.5
  return [...lagsOf(squares, known), Math.log(Math.max(least, smooth[known] ?? least)), Math.min(1, share)]
}

/** The models, fitted on every fifth minute of paths of their own. */
export function fit(paths: readonly Path.Path[]): Models {
  const lags: (readonly number[])[] = []
  const rows: (readonly number[])[] = []
  const targets: number[] = []
  for (const path of paths) {
    const { returns } = minutesOf(path)
    const squares = prefix(returns, () => true)
    const known = knownOf(returns)
    for (let minute = windows[2]; minute + horizon <= returns.length; minute += 5) {
      lags.push(lagsOf(known.squares, minute))
      rows.push(rowOf(known, minute))
      targets.push(within(squares, minute, minute + horizon))
    }
  }
  return { har: LogHar.fit({ lags, targets }), gamma: Glm.fit({ rows, targets, ridge: 1e-4 }) }
}
