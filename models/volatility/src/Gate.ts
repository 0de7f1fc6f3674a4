import { Bootstrap, ConfidenceSet, DieboldMariano, Evaluation, Random } from '@plimsoll/volatility'
import { BaseError } from './BaseError.ts'

/** One origin with what came of it and what both models had said. */
export type Case = {
  readonly symbol: string
  /** Unix seconds. */
  readonly origin: number
  readonly variance: number
  readonly longPath: number
  readonly shortPath: number
  readonly challenger: Said
  readonly champion: Said
}

export type Said = { readonly variance: number; readonly q99LongPath: number; readonly q99ShortPath: number }

/** One condition: what was asked, what was found. */
export type Check = {
  readonly name: string
  readonly period: Period
  readonly holds: boolean
  readonly found: string
  readonly wanted: string
}

/** `validation` is everything given; `recent` its last 180 days. */
export type Period = 'validation' | 'recent'

export type Verdict = { readonly status: 'passed' | 'refused'; readonly cases: number; readonly checks: readonly Check[] }

/** Days on which models of risk were tried: what a new one must not make worse. UTC. */
const stress = ['2020-03-12', '2021-05-19', '2022-11-09', '2024-08-05', '2025-10-10'] as const

const recentDays = 180

/**
 * Whether a challenger may take the champion's place: every condition, on everything given and on its last 180 days.
 *
 * 1. QLIKE at most 0.99 of the champion's with a one-sided Diebold–Mariano p below 0.10; or equal QLIKE and a lower pinball loss of the path quantile.
 * 2. QLIKE at most 1.00 of the champion's without the worst 0.25 % of days.
 * 3. In the 90 % confidence set of the two.
 * 4. On no asset worse than 1.10.
 * 5. Per side, the 99 % path quantile exceeded in 0.7 to 1.3 %, the 95 % interval by days covering 1 %.
 * 6. In no stress window (two days either side) a shortfall beyond the quantile more than 5 % above the champion's.
 *
 * @param args.cases - origins that both forecast and whose horizon is over; any order.
 * @param args.horizonSeconds - for the lag of the tests.
 * @throws {TooFewCasesError} fewer than thirty origins: nothing can be told.
 */
export function assess(args: { readonly cases: readonly Case[]; readonly horizonSeconds: number; readonly seed: number }): Verdict {
  const { horizonSeconds, seed } = args
  const cases = [...args.cases].sort((a, b) => a.origin - b.origin || (a.symbol < b.symbol ? -1 : 1))
  const origins = new Set(cases.map(({ origin }) => origin)).size
  if (origins < 30) throw new TooFewCasesError({ origins })
  const end = cases.at(-1)?.origin ?? 0
  const recent = cases.filter(({ origin }) => origin > end - recentDays * 86_400)
  const checks = [...checksOf('validation', cases, horizonSeconds, seed), ...checksOf('recent', recent, horizonSeconds, seed)]
  return { status: checks.every(({ holds }) => holds) ? 'passed' : 'refused', cases: cases.length, checks }
}

function checksOf(period: Period, cases: readonly Case[], horizonSeconds: number, seed: number): readonly Check[] {
  const at = cases.map(({ origin }) => origin)
  const realised = cases.map(({ variance }) => variance)
  const [mine, theirs] = (['challenger', 'champion'] as const).map((who) =>
    Evaluation.qlikes({ realised, forecast: cases.map((each) => each[who].variance) }),
  ) as [Float64Array, Float64Array]
  const perDay = 86_400 / horizonSeconds
  const series = (values: ArrayLike<number>): readonly number[] => Evaluation.across({ values, at }).means
  const lag = Math.min(perDay === 1 ? 7 : 2 * perDay, series(mine).length - 1)
  const check = (name: string, holds: boolean, found: string, wanted: string): Check => ({ name, period, holds, found, wanted })

  const ratio = mean(mine) / mean(theirs)
  const { better } = DieboldMariano.of({ challenger: series(mine), rival: series(theirs), lag })
  const [pinball, rivalPinball] = [pinballOf(cases, 'challenger'), pinballOf(cases, 'champion')]
  const improves = (ratio <= 0.99 && better < 0.1) || (Math.abs(ratio - 1) <= 1e-9 && pinball < rivalPinball)
  const calm = Evaluation.withoutWorst({ losses: theirs, at, sharePpm: 2_500 })
  const calmRatio = mean(calm.map((i) => mine[i] ?? Number.NaN)) / mean(calm.map((i) => theirs[i] ?? Number.NaN))
  const verdicts = ConfidenceSet.of({
    random: Random.of(seed, 'gate'),
    losses: { challenger: series(mine), champion: series(theirs) },
    statistic: 'max',
    block: Math.max(1, lag),
    draws: 2_000,
  })
  const setP = verdicts.find(({ model }) => model === 'challenger')?.pValue ?? 0
  const symbols = [...new Set(cases.map(({ symbol }) => symbol))].sort()
  const bySymbol = symbols.map((symbol) => {
    const rows = cases.flatMap((each, i) => (each.symbol === symbol ? [i] : []))
    return { symbol, ratio: mean(rows.map((i) => mine[i] ?? Number.NaN)) / mean(rows.map((i) => theirs[i] ?? Number.NaN)) }
  })
  const worst = bySymbol.reduce((a, b) => (b.ratio > a.ratio ? b : a), { symbol: '', ratio: 0 })
  return [
    check(
      'QLIKE',
      improves,
      `${ratio.toFixed(4)} of the champion's, p ${better.toFixed(4)}; pinball ${(pinball / rivalPinball).toFixed(4)}`,
      '≤ 0.99 with p < 0.10, or equal with a lower pinball',
    ),
    check('QLIKE without the worst days', calmRatio <= 1, calmRatio.toFixed(4), '≤ 1.00'),
    check('90 % confidence set', setP >= 0.1, `p ${setP.toFixed(3)}`, '≥ 0.10'),
    check('every asset', worst.ratio <= 1.1, `${worst.symbol} ${worst.ratio.toFixed(4)}`, '≤ 1.10'),
    ...(['long', 'short'] as const).map((side) => coverage(check, cases, side, seed)),
    ...stress.flatMap((day) => shortfall(check, cases, day)),
  ]
}

type Say = (name: string, holds: boolean, found: string, wanted: string) => Check

function coverage(check: Say, cases: readonly Case[], side: 'long' | 'short', seed: number): Check {
  const breaches = cases.map((each) => (lossOf(each, side) > quantileOf(each.challenger, side) ? 1 : 0))
  const {
    mean: rate,
    low,
    high,
  } = Bootstrap.interval({
    random: Random.of(seed, `coverage ${side}`),
    values: breaches,
    at: cases.map(({ origin }) => origin),
    block: 5,
    draws: 1_000,
    levelPpm: 950_000,
  })
  const percent = (share: number): string => `${(share * 100).toFixed(2)} %`
  return check(
    `exceedance, ${side}`,
    rate >= 0.007 && rate <= 0.013 && low <= 0.01 && high >= 0.01,
    `${percent(rate)}, ${percent(low)} to ${percent(high)}`,
    '0.7 to 1.3 %, interval covering 1 %',
  )
}

/** Nothing where the cases do not reach into the window. */
function shortfall(check: Say, cases: readonly Case[], day: string): readonly Check[] {
  const middle = Date.parse(day) / 1_000
  const inside = cases.filter(({ origin }) => origin >= middle - 2 * 86_400 && origin < middle + 3 * 86_400)
  if (inside.length === 0) return []
  const beyond = (who: 'challenger' | 'champion'): number =>
    inside.reduce(
      (sum, each) =>
        sum + (['long', 'short'] as const).reduce((over, side) => over + Math.max(0, lossOf(each, side) - quantileOf(each[who], side)), 0),
      0,
    )
  const [mine, theirs] = [beyond('challenger'), beyond('champion')]
  return [
    check(`shortfall around ${day}`, mine <= 1.05 * theirs, `${mine.toFixed(4)} against ${theirs.toFixed(4)}`, '≤ 1.05 of the champion’s'),
  ]
}

function pinballOf(cases: readonly Case[], who: 'challenger' | 'champion'): number {
  return mean(
    (['long', 'short'] as const).map((side) =>
      Evaluation.pinball({
        losses: cases.map((each) => lossOf(each, side)),
        quantiles: cases.map((each) => quantileOf(each[who], side)),
        levelPpm: 990_000,
      }),
    ),
  )
}

const lossOf = (each: Case, side: 'long' | 'short'): number => (side === 'long' ? each.longPath : each.shortPath)
const quantileOf = (said: Said, side: 'long' | 'short'): number => (side === 'long' ? said.q99LongPath : said.q99ShortPath)

function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] ?? Number.NaN
  return sum / values.length
}

/** Thrown when there are too few origins to judge by. */
export class TooFewCasesError extends BaseError {
  override readonly name = 'Gate.TooFewCasesError'
  readonly origins: number
  constructor(args: { readonly origins: number }) {
    super({
      code: 'GATE_TOO_FEW',
      message: `Both models forecast ${args.origins} origins whose outcome is known; 30 are the least.`,
      hint: 'Give forecasts over a longer common period, and data that reach to its end.',
    })
    this.origins = args.origins
  }
}
