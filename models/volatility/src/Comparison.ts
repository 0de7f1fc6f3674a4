import { Bootstrap, ConfidenceSet, Coverage, DieboldMariano, Evaluation, Procyclicality, Quantile, Random } from '@plimsoll/volatility'
import * as Walk from './Walk.ts'

/** How one model did on the origins that all models forecast. Lower is better, but for coverage, where 1 % is right. */
export type Line = {
  readonly model: Walk.Model
  readonly qlike: number
  /** QLIKE over that of log-HAR; over all origins, and without the worst 0.25 % of log-HAR's days. */
  readonly ratio: number
  readonly ratioWithoutWorst: number
  /** One-sided p of Diebold–Mariano that the model is no better than log-HAR. */
  readonly betterP: number
  readonly betterPWithoutWorst: number
  /** p-value of the model confidence set: a member of the 90 % set from 0.1 on. */
  readonly setP: number
  readonly mseLog: number
  readonly bySymbol: Readonly<Record<string, number>>
  readonly coverage: Readonly<Record<Side, Held>>
  /** Mean path margin, both sides, scaled afterwards so that it is exceeded in exactly 1 %: what coverage costs. */
  readonly capital: number
  /** The long path margin as it comes, and damped: it falls by at most 5 % a day and never below half of the static one. */
  readonly cycle: { readonly plain: Cycle; readonly damped: Cycle }
}

/** Means over symbols: peak over trough, greatest rise within five days, margin, share of breaches. */
export type Cycle = { readonly peakToTrough: number; readonly largestCall: number; readonly mean: number; readonly breaches: number }

export type Side = 'longPath' | 'shortPath' | 'longEnd' | 'shortEnd'

/** How a quantile held. */
export type Held = {
  readonly exceedance: number
  /** Interval of 95 % by a bootstrap of days. */
  readonly low: number
  readonly high: number
  readonly pinball: number
  readonly mean: number
  /** Symbols whose breaches Christoffersen's independence test, or the joint one, rejects at 1 %. */
  readonly clustered: readonly string[]
  readonly miscovered: readonly string[]
}

export type Comparison = {
  readonly horizonSeconds: number
  readonly from: number
  readonly to: number
  readonly rows: number
  readonly days: number
  readonly symbols: readonly string[]
  readonly lines: readonly Line[]
}

/** The part of a walk that is scored. */
type Scored = Pick<Walk.Walk, 'kind' | 'forecasts'> & { readonly realised: readonly Omit<Walk.Realised, 'row'>[] }

const sides = ['longPath', 'shortPath', 'longEnd', 'shortEnd'] as const
const shareWorstPpm = 2_500

/**
 * Scores every model of a walk on the origins whose horizon is over, all of which all models forecast.
 *
 * Losses of one origin are averaged over symbols before any test, for symbols move together. Newey–West lag: seven days, or for horizons below a
 * day two days.
 *
 * @param args.seed - of the bootstraps.
 */
export function of(args: { readonly walk: Scored; readonly seed: number }): Comparison {
  const { walk, seed } = args
  const random = Random.of(seed, 'comparison')
  const known = walk.realised.flatMap(({ symbol, origin, outcome }, i) => (outcome === null ? [] : [{ symbol, origin, outcome, i }]))
  const at = known.map(({ origin }) => origin)
  const y = known.map(({ outcome }) => outcome.variance)
  const perDay = 24 / walk.kind.horizonHours
  const lag = perDay === 1 ? 7 : 2 * perDay
  const count = walk.realised.length
  const forecasts = (model: Walk.Model): Walk.Forecast[] => {
    const from = Walk.models.indexOf(model) * count
    return known.map(({ i }) => {
      const found = walk.forecasts[from + i]
      if (found === undefined || found.model !== model) throw new RangeError('forecasts and outcomes do not belong together')
      return found
    })
  }
  const losses = new Map(
    Walk.models.map((model) => [model, Evaluation.qlikes({ realised: y, forecast: forecasts(model).map(({ variance }) => variance) })]),
  )
  const har = losses.get('log-har') ?? new Float64Array(0)
  const calm = Evaluation.withoutWorst({ losses: har, at, sharePpm: shareWorstPpm })
  const only = (values: ArrayLike<number>, rows: readonly number[]): number[] => rows.map((i) => values[i] ?? Number.NaN)
  const series = (values: ArrayLike<number>, times: readonly number[]): readonly number[] => Evaluation.across({ values, at: times }).means
  const verdicts = ConfidenceSet.of({
    random,
    losses: Object.fromEntries([...losses].map(([model, values]) => [model, series(values, at)])),
    statistic: 'max',
    block: lag,
    draws: 2_000,
  })
  const symbols = [...new Set(known.map(({ symbol }) => symbol))].sort()
  return {
    horizonSeconds: walk.kind.horizonHours * 3_600,
    from: at[0] ?? Number.NaN,
    to: at.at(-1) ?? Number.NaN,
    rows: known.length,
    days: new Set(at.map((time) => Math.floor(time / 86_400))).size,
    symbols,
    lines: Walk.models.map((model) => {
      const mine = losses.get(model) ?? new Float64Array(0)
      const made = forecasts(model)
      const better = (rows: readonly number[] | null): number => {
        const times = rows === null ? at : only(at, rows)
        const [challenger, rival] = [mine, har].map((values) => series(rows === null ? values : only(values, rows), times))
        return model === 'log-har' ? 1 : DieboldMariano.of({ challenger: challenger ?? [], rival: rival ?? [], lag }).better
      }
      return {
        model,
        qlike: mean(mine),
        ratio: mean(mine) / mean(har),
        ratioWithoutWorst: mean(only(mine, calm)) / mean(only(har, calm)),
        betterP: better(null),
        betterPWithoutWorst: better(calm),
        setP: verdicts.find((verdict) => verdict.model === model)?.pValue ?? 0,
        mseLog: Evaluation.mseLog({ realised: y, forecast: made.map(({ variance }) => variance) }),
        bySymbol: Object.fromEntries(
          symbols.map((symbol) => [
            symbol,
            mean(
              only(
                mine,
                known.flatMap((row, i) => (row.symbol === symbol ? [i] : [])),
              ),
            ),
          ]),
        ),
        coverage: Object.fromEntries(sides.map((side) => [side, held({ known, made, side, random })])) as Line['coverage'],
        capital: capital(known, made),
        cycle: cycle({ known, made, floors: forecasts('static'), perDay }),
      }
    }),
  }
}

type Known = { readonly symbol: string; readonly origin: number; readonly outcome: NonNullable<Walk.Realised['outcome']> }

function quantileOf(forecast: Walk.Forecast, side: Side): number {
  return { longPath: forecast.q99LongPath, shortPath: forecast.q99ShortPath, longEnd: forecast.q99LongEnd, shortEnd: forecast.q99ShortEnd }[
    side
  ]
}

function held(args: {
  readonly known: readonly Known[]
  readonly made: readonly Walk.Forecast[]
  readonly side: Side
  readonly random: Random.Random
}): Held {
  const { known, made, side, random } = args
  const losses = known.map(({ outcome }) => Walk.lossOf(outcome, side))
  const quantiles = made.map((forecast) => quantileOf(forecast, side))
  const breaches = losses.map((loss, i) => loss > (quantiles[i] ?? Number.NaN))
  const tests = [...new Set(known.map(({ symbol }) => symbol))].map((symbol) => ({
    symbol,
    ...Coverage.of({ breaches: breaches.filter((_, i) => known[i]?.symbol === symbol), levelPpm: 990_000 }),
  }))
  const {
    mean: exceedance,
    low,
    high,
  } = Bootstrap.interval({
    random,
    values: breaches.map(Number),
    at: known.map(({ origin }) => origin),
    block: 5,
    draws: 1_000,
    levelPpm: 950_000,
  })
  return {
    exceedance,
    low,
    high,
    pinball: Evaluation.pinball({ losses, quantiles, levelPpm: 990_000 }),
    mean: mean(quantiles),
    clustered: tests.filter(({ independence }) => independence.pValue < 0.01).map(({ symbol }) => symbol),
    miscovered: tests.filter(({ unconditional }) => unconditional.pValue < 0.01).map(({ symbol }) => symbol),
  }
}

/** Mean over both sides of k·√v̂, with k such that exactly 1 % of path losses of the side go beyond it. */
function capital(known: readonly Known[], made: readonly Walk.Forecast[]): number {
  const deviations = made.map(({ variance }) => Math.sqrt(variance))
  const scores = (side: Side): number[] => known.map(({ outcome }, i) => Walk.lossOf(outcome, side) / (deviations[i] ?? Number.NaN))
  const factors = (['longPath', 'shortPath'] as const).map((side) => Quantile.upper({ values: scores(side), levelPpm: 990_000 }))
  return mean(factors) * mean(deviations)
}

const [fallPerDay, floorShare] = [0.05, 0.5]

function cycle(args: {
  readonly known: readonly Known[]
  readonly made: readonly Walk.Forecast[]
  readonly floors: readonly Walk.Forecast[]
  readonly perDay: number
}): Line['cycle'] {
  const { known, made, floors, perDay } = args
  const symbols = [...new Set(known.map(({ symbol }) => symbol))]
  const each = symbols.map((symbol) => {
    const rows = known.flatMap((row, i) => (row.symbol === symbol ? [i] : []))
    const margins = rows.map((i) => made[i]?.q99LongPath ?? Number.NaN)
    const losses = rows.map((i) => known[i]?.outcome.longPath ?? Number.NaN)
    const damped = Procyclicality.damp({
      margins,
      floors: rows.map((i) => floorShare * (floors[i]?.q99LongPath ?? Number.NaN)),
      fallPpm: Math.round(1_000_000 * (1 - (1 - fallPerDay) ** (1 / perDay))),
    })
    const of = (values: ArrayLike<number>): Cycle => Procyclicality.of({ margins: values, losses, days: 5 * perDay })
    return { plain: of(margins), damped: of(damped) }
  })
  const over = (which: 'plain' | 'damped'): Cycle => {
    const of = (key: keyof Cycle): number => mean(each.map((one) => one[which][key]))
    return { peakToTrough: of('peakToTrough'), largestCall: of('largestCall'), mean: of('mean'), breaches: of('breaches') }
  }
  return { plain: over('plain'), damped: over('damped') }
}

function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] ?? Number.NaN
  return sum / values.length
}
