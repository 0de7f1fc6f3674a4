import { Conformal, Features, Glm, Hourly, Perceptron, RealisedVariance, Signals } from '@plimsoll/volatility'
import type { Row } from './Frame.ts'
import * as Member from './Member.ts'
import * as Network from './Network.ts'
import type { Fault, Served } from './Suite.ts'

/** What one horizon of one symbol looks like, and who says so. */
export type Outlook = {
  readonly horizonSeconds: number
  readonly source: Member.Source
  /** Of the log return over the horizon. */
  readonly variance: number
  /** Annualised. */
  readonly sigma: number
  /** Log losses by level: the quantile, and the mean of what lies beyond it. */
  readonly bands: readonly Member.Band[]
  /** Log losses of the first minutes at 99 %. */
  readonly soon: readonly Member.Soon[]
  /** Why the champion did not answer; null when it did. */
  readonly fallback: Fault | null
}

/** Annualised volatility a forecast must lie in to be believed. */
const believable = { least: 0.05, most: 5 } as const

/** Decay of the third step of the ladder, on variances of one horizon each; and how many of them it needs. */
const lambda = 0.94
const leastSteps = 24

/**
 * Every symbol's outlook over one horizon, from the last hours they have in common.
 *
 * The ladder: the champion (regression and network), where four weeks of hours are there and its volatility is finite and within [0.05, 5]; the
 * regression alone; an exponentially weighted variance, where a day of horizons is there; and the static cap, which 99 % of training outcomes stayed below.
 * Lower steps are calibrated by themselves, so their bands are wider where they know less.
 *
 * @param args.market - hours by symbol, all of the member's interval, ending at `hour`.
 * @param args.hour - hours since 1970.
 */
export function of(args: {
  readonly served: Served
  readonly market: readonly Hourly.Hourly[]
  readonly hour: number
}): Readonly<Record<string, Outlook>> {
  const { served, market, hour } = args
  const { member } = served
  const rows = Signals.rows(market, hour, Member.kindOf(member))
  const said = predict(served, rows)
  const place = new Map(rows.map(({ symbol }, i) => [symbol, i]))
  return Object.fromEntries(
    market.map((hourly) => {
      const i = place.get(hourly.symbol)
      const steps: (readonly [Member.Source, number, Fault | null])[] = []
      if (i === undefined)
        steps.push([
          'champion',
          Number.NaN,
          { code: 'HISTORY_SHORT', message: `Fewer than ${Signals.hoursNeeded} unbroken hours are known of ${hourly.symbol}.` },
        ])
      else {
        const absent = served.network === null ? (served.fault ?? { code: 'NETWORK_ABSENT', message: 'The model has no network.' }) : null
        steps.push(['champion', said.champion[i] ?? Number.NaN, absent])
        steps.push(['glm', said.glm[i] ?? Number.NaN, null])
      }
      steps.push(['ewma', smoothed(hourly, hour, member.horizonSeconds / 3_600), null], ['static', member.cap, null])
      return [hourly.symbol, answer(member, steps)]
    }),
  )
}

/** The first step that can be believed; why the first one was not. */
function answer(member: Member.Member, steps: readonly (readonly [Member.Source, number, Fault | null])[]): Outlook {
  const { horizonSeconds } = member
  const sigmaOf = (variance: number): number => RealisedVariance.annualise({ variance, horizonSeconds })
  const isBelievable = (variance: number): boolean => sigmaOf(variance) >= believable.least && sigmaOf(variance) <= believable.most
  const found = steps.find(([source, variance, fault]) => fault === null && (source === 'static' || isBelievable(variance)))
  const [source, variance] = found ?? (['static', member.cap] as const)
  const first = steps[0]?.[2] ?? {
    code: 'NETWORK_UNBELIEVABLE',
    message: `The network's volatility is not finite or not within [${believable.least}, ${believable.most}].`,
  }
  const yardstick = Conformal.yardstick(variance, member.exponent)
  const { bands, soon } = member.calibration[source]
  const scale = ({ quantile, shortfall }: Member.Factor): Member.Factor => ({
    quantile: quantile * yardstick,
    shortfall: shortfall * yardstick,
  })
  return {
    horizonSeconds,
    source,
    variance,
    sigma: sigmaOf(variance),
    bands: bands.map(({ levelPpm, longPath, shortPath, longEnd, shortEnd }) => ({
      levelPpm,
      longPath: scale(longPath),
      shortPath: scale(shortPath),
      longEnd: scale(longEnd),
      shortEnd: scale(shortEnd),
    })),
    soon: soon.map(({ seconds, longPath, shortPath }) => {
      const share = yardstick * Math.sqrt(seconds / horizonSeconds)
      return { seconds, longPath: longPath * share, shortPath: shortPath * share }
    }),
    fallback: source === 'champion' ? null : first,
  }
}

/** EWMA over steps of one horizon that end at `hour`; NaN with less than a day's worth of them. */
function smoothed({ variance, firstHour, length }: Hourly.Hourly, hour: number, hours: number): number {
  const index = hour - firstHour
  const steps = Math.min(Math.floor((index + 1) / hours), Math.ceil(Signals.hoursNeeded / hours))
  if (index >= length || steps < Math.max(1, Math.floor(leastSteps / hours))) return Number.NaN
  let smooth = Number.NaN
  for (let k = steps - 1; k >= 0; k--) {
    const step = Math.max(Hourly.sum(variance, index - k * hours, hours), hours * Hourly.leastVariance)
    smooth = Number.isNaN(smooth) ? step : lambda * smooth + (1 - lambda) * step
  }
  return smooth
}

/**
 * Variances of the network and of its regression alone, [row]. Unchecked; NaN where there is no network.
 *
 * @param rows - of the member's kind.
 */
export function predict(served: Served, rows: readonly Pick<Row, 'values'>[]): Readonly<Record<'champion' | 'glm', Float64Array>> {
  const { member, network } = served
  const x = rows.map(({ values }) => Features.standardise({ values, ...member.standard }))
  const bases = Float64Array.from(x, (row) => Glm.predictor(member.base, row))
  const inputs = x.map((row) => Float32Array.from(member.inputs, (k) => row[k] ?? Number.NaN))
  const corrections = network === null ? [] : Network.correct(network, inputs)
  return {
    champion: bases.map((base, i) => Math.exp(base + (corrections[i]?.[0] ?? Number.NaN))),
    glm: bases.map((base) => Math.exp(base)),
  }
}

/**
 * What each step of the ladder but the last would have said of rows that are known: for monitors.
 *
 * @param rows - of the member's kind.
 */
export function variances(served: Served, rows: readonly Row[]): Readonly<Record<'champion' | 'glm' | 'ewma', Float64Array>> {
  const { member } = served
  return {
    ...predict(served, rows),
    ewma: Float64Array.from(rows, ({ run, hour }) => smoothed(run, hour, member.horizonSeconds / 3_600)),
  }
}

/**
 * The champion's variance without tfjs: for a browser, or to check what tfjs says. Within 1e-6 of it.
 *
 * @param values - one row of `Signals.rows`.
 * @param layers - `Suite.layers` of the member's network.
 */
export function plain(member: Member.Member, layers: readonly Perceptron.Layer[], values: Float64Array): number {
  const x = Features.standardise({ values, ...member.standard })
  const [correction = Number.NaN] = Perceptron.of(
    layers,
    member.inputs.map((k) => x[k] ?? Number.NaN),
  )
  return Math.exp(Glm.predictor(member.base, x) + correction)
}
