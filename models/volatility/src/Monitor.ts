import { Conformal, Drift, Evaluation, type Hourly } from '@plimsoll/volatility'
import * as Frame from './Frame.ts'
import * as Member from './Member.ts'
import * as Outlook from './Outlook.ts'
import type { Served } from './Suite.ts'

/** Whether the world still looks as it did in training, and whether a member still earns its place. */
export type Report = {
  readonly horizonSeconds: number
  readonly days: number
  /** Origins whose horizon is over; below ten, nothing but signals and age is told. */
  readonly origins: number
  /** Seconds since the last hour known. */
  readonly ageSeconds: number
  /** QLIKE over that of the moving average; null with too few origins. */
  readonly ratio: number | null
  /** Long paths beyond the 99 % quantile. */
  readonly hits: Drift.Hits | null
  /** Mean QLIKE of each origin, oldest first. */
  readonly losses: readonly number[]
  /** PSI of every signal against training, the greatest first. */
  readonly signals: readonly { readonly name: string; readonly psi: number }[]
  readonly alerts: readonly string[]
}

/**
 * What sets off an alert: a signal's PSI, QLIKE over the moving average's, the chance of so many breaches at the promised rate, and hours without bars.
 * Signals of the calendar are left out: a window of days never has the year's weekdays in proportion.
 */
export const limits = { psi: 0.2, ratio: 1.05, chance: 0.01, ageSeconds: 7_200 } as const

const leastOrigins = 10
const calendar = /^(Mon|Tue|Wed|Thu|Fri|Sat|hour \d+|weekend hour \d+|sine of hour|cosine of hour)$/

/**
 * Compares the newest days of a market with what a member was trained on.
 *
 * @param args.runs - hours by symbol, of the member's interval; four weeks more than `days`.
 * @param args.now - unix seconds.
 * @returns null when no symbol has history enough for one row.
 */
export function of(args: {
  readonly served: Served
  readonly runs: readonly Hourly.Hourly[]
  readonly days: number
  readonly now: number
}): Report | null {
  const { served, runs, days, now } = args
  const { member } = served
  const kind = Member.kindOf(member)
  const last = runs.reduce((most, { firstHour, length }) => Math.max(most, firstHour + length - 1), 0)
  const frame = Frame.of({ runs, kind, from: last - days * 24 + 1, to: Number.POSITIVE_INFINITY })
  if (frame.rows.length === 0) return null
  const known = Frame.observed(frame, Number.POSITIVE_INFINITY).filter((row) => Frame.isDue(kind, row))
  const signals = member.names
    .flatMap((name, k) => {
      const reference = member.references[k]
      if (reference === undefined || calendar.test(name)) return []
      return [
        {
          name,
          psi: Drift.psi(
            reference,
            frame.rows.map(({ values }) => values[k] ?? Number.NaN),
          ),
        },
      ]
    })
    .sort((a, b) => b.psi - a.psi)
  const origins = new Set(known.map(({ hour }) => hour)).size
  const judged = origins < leastOrigins ? null : judge(served, known)
  const ageSeconds = Math.max(0, now - last * 3_600)
  return {
    horizonSeconds: member.horizonSeconds,
    days,
    origins,
    ageSeconds,
    ratio: judged?.ratio ?? null,
    hits: judged?.hits ?? null,
    losses: judged?.losses ?? [],
    signals,
    alerts: [
      ...signals.filter(({ psi }) => psi > limits.psi).map(({ name, psi }) => `${name}: PSI ${psi.toFixed(2)}`),
      ...(judged !== null && judged.ratio > limits.ratio ? [`QLIKE ${judged.ratio.toFixed(3)} of the moving average's`] : []),
      ...(judged !== null && judged.hits.asMany < limits.chance
        ? [`${judged.hits.breaches} of ${judged.hits.sample} paths beyond the 99 % quantile`]
        : []),
      ...(ageSeconds > limits.ageSeconds ? [`no bars for ${Math.floor(ageSeconds / 3_600)} h`] : []),
    ],
  }
}

function judge(served: Served, known: readonly Frame.Observed[]): { ratio: number; hits: Drift.Hits; losses: readonly number[] } {
  const variances = Outlook.variances(served, known)
  const realised = known.map(({ outcome }) => outcome.variance)
  const series = (forecast: ArrayLike<number>): readonly number[] =>
    Evaluation.across({ values: Evaluation.qlikes({ realised, forecast }), at: known.map(({ hour }) => hour) }).means
  // A refused network leaves the regression to be watched.
  const source = served.network === null ? 'glm' : 'champion'
  const losses = series(variances[source])
  const [ratio = Number.NaN] = Drift.ratio({ losses, rival: series(variances.ewma), window: losses.length })
  const factor = served.member.calibration[source].bands.find(({ levelPpm }) => levelPpm === 990_000)?.longPath.quantile ?? Number.NaN
  const breaches = known.map(({ outcome }, i) => {
    const quantile = factor * Conformal.yardstick(variances[source][i] ?? Number.NaN, served.member.exponent)
    // What is no number counts as a breach: a quantile that is not there held nothing.
    return !(outcome.longPath <= quantile)
  })
  return { ratio, hits: Drift.hits({ breaches, levelPpm: 990_000, window: breaches.length }), losses }
}
