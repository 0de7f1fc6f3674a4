import * as Calibration from './Calibration.ts'
import * as Discrimination from './Discrimination.ts'
import * as Logit from './Logit.ts'
import type { Sample } from './Sample.ts'
import * as Scorecard from './Scorecard.ts'
import * as Stability from './Stability.ts'

/** How a scorecard would have done: every forecast made with what had settled before, and nothing later. */
export type Backtest = {
  readonly forecasts: readonly Forecast[]
  readonly stability: readonly Population[]
  /** The card in force at the end. */
  readonly card: Scorecard.Scorecard
}

export type Forecast = {
  readonly subject: string
  readonly at: number
  readonly newcomer: boolean
  readonly score: number
  /** Of the score alone. */
  readonly rawPd: number
  /** After calibration on outcomes that had settled. */
  readonly pd: number
  readonly bad: boolean
}

/** One part of the time, against what the first card was fitted on. */
export type Population = { readonly from: number; readonly to: number; readonly n: number } & Stability.Stability

/** What a set of forecasts came to. Unknown is null. */
export type Measures = {
  readonly n: number
  readonly badRate: number | null
  readonly auc: number | null
  readonly ks: number | null
  readonly brier: number | null
  /** Of the scores, before calibration. */
  readonly rawBrier: number | null
  /** Of the bad rate of these very samples, told beforehand. */
  readonly constantBrier: number | null
  readonly calibration: { readonly intercept: number; readonly slope: number; readonly bins: readonly Calibration.Bin[] } | null
}

/**
 * Walks forward over the samples from `plan.from`, block by block.
 *
 * At the start of each block the card is fitted anew, or the first one stays (`refit: 'never'`); the PD of known subjects is
 * calibrated, where the plan says so, on every earlier outcome, `logit PD = a + c·logit PD_raw`, c ≥ 0 and pulled to 1. Both see only what had
 * settled before the block began.
 * Source: docs/method/reputation.md, eq. (9) to (16).
 *
 * @param samples - in any order.
 */
export function walk(samples: readonly Sample[], plan: walk.Plan): Backtest {
  const { from, blockSeconds, design } = plan
  const sorted = [...samples].sort((a, b) => a.at - b.at)
  const blocks = [
    ...Map.groupBy(
      sorted.filter((sample) => sample.at >= from),
      (sample) => Math.floor(sample.at / blockSeconds),
    ),
  ]
  const start = (block: number) => Math.max(from, block * blockSeconds)
  const first = Scorecard.fit(sorted, from, design)
  let card = first
  let outcomes = outcomesOf(sorted, card, plan)
  const made: Forecast[] = []
  for (const [block, part] of blocks) {
    const now = start(block)
    if (plan.refit === 'each block') {
      card = Scorecard.fit(sorted, now, design)
      outcomes = outcomesOf(sorted, card, plan)
    }
    const line = calibrate(outcomes, now, plan)
    for (const sample of part) {
      const { score, pdPpm } = Scorecard.score(card, sample)
      const rawPd = pdPpm / 1_000_000
      const pd = sample.newcomer ? rawPd : Logit.probability(line.intercept + line.slope * Calibration.logOdds(rawPd))
      made.push({
        subject: sample.subject,
        at: sample.at,
        newcomer: sample.newcomer,
        score,
        rawPd,
        pd,
        bad: sample.bad,
      })
    }
  }
  return {
    forecasts: made,
    stability: stability(sorted, first, plan),
    card,
  }
}

export declare namespace walk {
  type Plan = {
    readonly design: Scorecard.fit.Design
    readonly from: number
    readonly blockSeconds: number
    readonly refit: 'each block' | 'never'
    /** Null where the card is fitted anew anyway. */
    readonly calibration: { readonly halfLifeSeconds: number; readonly ridge: number } | null
    /** Stability is judged on parts of at least so many samples. */
    readonly partSize: number
  }
}

/** What the forecasts came to: order by score, level by calibrated PD. */
export function measure(forecasts: readonly Forecast[]): Measures {
  const ranked = forecasts.map(({ subject, score, bad }) => ({ subject, pd: -score, bad }))
  const n = forecasts.length
  const badRate = n === 0 ? null : forecasts.filter(({ bad }) => bad).length / n
  const line = Calibration.line(forecasts)
  return {
    n,
    badRate,
    auc: Discrimination.auc(ranked),
    ks: Discrimination.ks(ranked),
    brier: Calibration.brier(forecasts),
    rawBrier: Calibration.brier(forecasts.map((forecast) => ({ ...forecast, pd: forecast.rawPd }))),
    constantBrier: badRate === null ? null : badRate * (1 - badRate),
    calibration: line === null ? null : { ...line, bins: Calibration.bins(forecasts, 10) },
  }
}

type Outcome = { readonly score: number; readonly logOdds: number; readonly bad: boolean; readonly settledAt: number }

/** What a card says of everybody known, once for all blocks that it serves. Unused where nothing is calibrated. */
function outcomesOf(sorted: readonly Sample[], card: Scorecard.Scorecard, { calibration }: walk.Plan): readonly Outcome[] {
  if (calibration === null) return []
  return sorted.flatMap((sample) => {
    if (sample.newcomer) return []
    const { score, pdPpm } = Scorecard.score(card, sample)
    return [{ score, logOdds: Calibration.logOdds(pdPpm / 1_000_000), bad: sample.bad, settledAt: sample.settledAt }]
  })
}

/** The line from raw log-odds to those that came true, over everything that had settled by then. */
function calibrate(outcomes: readonly Outcome[], now: number, { calibration }: walk.Plan) {
  const rows = new Map<number, { readonly row: readonly number[]; readonly bad: boolean; weight: number }>()
  if (calibration === null) return { intercept: 0, slope: 1 }
  for (const { score, logOdds, bad, settledAt } of outcomes) {
    if (settledAt >= now) continue
    const key = 2 * score + (bad ? 1 : 0)
    const weight = 2 ** (-(now - settledAt) / calibration.halfLifeSeconds)
    const same = rows.get(key)
    if (same) same.weight += weight
    else rows.set(key, { row: [logOdds], bad, weight })
  }
  const list = [...rows.values()]
  if (list.length === 0) return { intercept: 0, slope: 1 }
  const fitted = Logit.fit(
    { rows: list.map(({ row }) => row), bad: list.map(({ bad }) => bad), weights: list.map(({ weight }) => weight) },
    { ridge: calibration.ridge, prior: [1] },
  )
  return { intercept: fitted.intercept, slope: fitted.coefficients[0] ?? 1 }
}

/** Scores of those who came, by the first card, against those it was fitted on: deciles of the latter. */
function stability(sorted: readonly Sample[], first: Scorecard.Scorecard, plan: walk.Plan): readonly Population[] {
  const scoreOf = (sample: Sample) => Scorecard.score(first, sample).score
  const before = sorted
    .filter((sample) => sample.settledAt < plan.from)
    .map(scoreOf)
    .sort((a, b) => a - b)
  const edges = [...new Set(Array.from({ length: 10 }, (_, i) => before[Math.floor((i * before.length) / 10)] ?? 0))]
  const after = sorted.filter((sample) => sample.at >= plan.from)
  const parts: Population[] = []
  const size = Math.max(1, Math.floor(after.length / plan.partSize))
  for (let k = 0; k < size && before.length > 0 && after.length > 0; k++) {
    const part = after.slice(Math.floor((k * after.length) / size), Math.floor(((k + 1) * after.length) / size))
    const found = Stability.of(Stability.counts(before, edges), Stability.counts(part.map(scoreOf), edges))
    parts.push({ from: part[0]?.at ?? plan.from, to: part.at(-1)?.at ?? plan.from, n: part.length, ...found })
  }
  return parts
}
