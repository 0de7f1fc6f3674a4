import { BaseError } from './BaseError.ts'
import * as Decay from './Decay.ts'
import type { Code, Feature, Model } from './Model.ts'
import type { TrackRecord } from './TrackRecord.ts'

/** What a record says, in points that add up. */
export type Score = {
  readonly version: string
  /** 300 to 850. 600 is odds of 20 to 1; 40 points double them. */
  readonly score: number
  /** Probability that the next 30 days go bad, rounded up. */
  readonly pdPpm: number
  /** Nothing is known: base terms. */
  readonly newcomer: boolean
  /** Base, features, thin file, scale: their sum is the score exactly. */
  readonly lines: readonly Line[]
}

export type Line = { readonly code: 'BASE' | Code | 'THIN_FILE' | 'SCALE'; readonly points: number }

/** One thing that would raise the score by `gain` points on its own. */
export type Raise =
  | {
      readonly code: Code
      readonly gain: number
      readonly how: 'more'
      readonly fromPpm: number
      readonly toPpm: number
      /** So many fresh ones reach it, one a day while the rest fades. */
      readonly count: number
    }
  /** By doing nothing wrong for so long. */
  | { readonly code: Code; readonly gain: number; readonly how: 'wait'; readonly afterSeconds: number }

export const least = 300
export const greatest = 850

const lowestRaw = -400
const highestRaw = 1_200

/**
 * The score of a record.
 *
 * Formula: `logit PD = β0 + Σ βj·WOE_j(x_j)` in points, `score = clamp(600 + 40/ln 2 · (ln((1 − PD)/PD) − ln 20), 300, 850)`;
 * every bin's points are that scale's, rounded down in the model document. A thin file is held at the upper 80 % credible bound
 * of its own counts, never below the newcomer pool. Monotone in every feature by the sign of its bins.
 * Source: docs/method/reputation.md; rates in `Model.first`.
 *
 * @throws {UnorderedBinsError} a feature's bins are not ascending, give points for nothing or break its sign.
 */
export function of(record: TrackRecord, model: Model): Score {
  for (const feature of model.scorecard.features) ordered(feature)
  return assemble(featuresOf(record), record.events === 0, model)
}

/**
 * What would raise it: the next bin of each good feature, the time until each bad one fades into a better bin.
 *
 * Each is taken alone, the rest standing still; those that gain nothing alone are left out.
 */
export function raises(record: TrackRecord, model: Model): readonly Raise[] {
  const now = featuresOf(record)
  const { score } = of(record, model)
  const found: Raise[] = []
  for (const feature of model.scorecard.features) {
    const x = now[feature.code]
    if (feature.direction === 'good') {
      const next = steps(feature, model).find((ppm) => ppm > x && gainOf({ ...now, [feature.code]: ppm }) > 0)
      const count = next === undefined ? null : countTo(x, next, halfLifeOf(feature.code, model))
      if (next !== undefined && count !== null)
        found.push({ code: feature.code, gain: gainOf({ ...now, [feature.code]: next }), how: 'more', fromPpm: x, toPpm: next, count })
      continue
    }
    const bin = feature.bins.findLast((candidate) => candidate.fromPpm <= x)
    // rounded up, it never fades to nothing
    if (!bin || bin.fromPpm <= 1) continue
    const to = bin.fromPpm - 1
    const gain = gainOf({ ...now, [feature.code]: to })
    const afterSeconds = fade(x, to, halfLifeOf(feature.code, model))
    const floored = feature.code === 'BAD_DEBT' && to < model.decay.badDebtFloorPpm
    if (gain > 0 && !floored) found.push({ code: feature.code, gain, how: 'wait', afterSeconds })
  }
  return found.sort((a, b) => b.gain - a.gain)

  function gainOf(features: Features): number {
    return assemble(features, false, model).score - score
  }
}

/**
 * PD of a score, in ppm.
 *
 * Formula: `PD = 1 / (1 + 20·2^((score − 600)/40))`. Rounding: up.
 *
 * @example
 * Score.pdPpm(600)
 * // => 47620
 */
export function pdPpm(score: number): number {
  const isGood = score >= 600
  const u = Decay.power(Math.abs(score - 600), 40, isGood ? 'up' : 'down')
  const numerator = isGood ? u : Decay.one
  const denominator = isGood ? u + 20n * Decay.one : Decay.one + 20n * u
  return Number((numerator * 1_000_000n + denominator - 1n) / denominator)
}

/**
 * The score of a PD: the greatest whole score that is not better than it, before clamping.
 *
 * Rounding: down.
 *
 * @example
 * Score.fromPd(637000)
 * // => 394
 */
export function fromPd(ppm: number): number {
  let low = lowestRaw
  let high = highestRaw
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (pdPpm(middle) >= ppm) low = middle
    else high = middle - 1
  }
  return low
}

/** What moved a score between two dates. */
export type Change = {
  readonly from: number
  readonly to: number
  /** Greatest first; they sum to `to − from` exactly. What did not move is left out. */
  readonly lines: readonly { readonly code: Line['code']; readonly from: number; readonly to: number; readonly points: number }[]
}

/**
 * The difference of two scores, line by line.
 *
 * @example
 * Score.compare(Score.of(TrackRecord.of([], 0, Model.first), Model.first), Score.of(TrackRecord.of([], 9, Model.first), Model.first))
 * // => { from: 394, to: 394, lines: [] }
 */
export function compare(before: Score, after: Score): Change {
  const codes = new Set([...before.lines, ...after.lines].map((line) => line.code))
  const pointsIn = (score: Score, code: Line['code']) =>
    score.lines.reduce((sum, line) => (line.code === code ? sum + line.points : sum), 0)
  const lines = [...codes].map((code) => {
    const from = pointsIn(before, code)
    const to = pointsIn(after, code)
    return { code, from, to, points: to - from }
  })
  return {
    from: before.score,
    to: after.score,
    lines: lines.filter(({ points }) => points !== 0).sort((a, b) => Math.abs(b.points) - Math.abs(a.points)),
  }
}

type Features = Readonly<Record<Code, number>> & { readonly bad: number }

function featuresOf(record: TrackRecord): Features {
  return {
    GOOD_CLOSES: record.close.slowPpm,
    BAD_DEBT: record.badDebt.longPpm,
    RECENT_LIQUIDATIONS: record.liquidation.fastPpm,
    REPEATED_LIQUIDATIONS: record.liquidation.slowPpm,
    UNANSWERED_CALLS: Math.max(0, record.marginCall.slowPpm - record.selfRescue.slowPpm),
    bad: record.liquidation.slowPpm + record.badDebt.longPpm,
  }
}

function assemble(features: Features, newcomer: boolean, model: Model): Score {
  const { base, features: card, thin } = model.scorecard
  const lines: Line[] = [{ code: 'BASE', points: base }]
  for (const feature of card) lines.push({ code: feature.code, points: pointsOf(feature, features[feature.code]) })
  const total = lines.reduce((sum, line) => sum + line.points, 0)

  const column = thin.goodPpm.findLastIndex((ppm) => ppm <= features.GOOD_CLOSES)
  const row = thin.badPpm.findIndex((ppm) => ppm >= features.bad)
  const bound = Math.max(base, thin.scores[row]?.[column] ?? base)
  const raw = Math.min(total, bound)
  lines.push({ code: 'THIN_FILE', points: raw - total })

  const score = Math.min(greatest, Math.max(least, raw))
  lines.push({ code: 'SCALE', points: score - raw })
  return { version: model.version, score, pdPpm: pdPpm(Math.min(highestRaw, Math.max(lowestRaw, raw))), newcomer, lines }
}

function pointsOf(feature: Feature, x: number): number {
  return feature.bins.findLast((bin) => bin.fromPpm <= x)?.points ?? 0
}

/** The weights at which a feature alone may move the score: its own bins, and the thin file's where it is counted there. */
function steps(feature: Feature, model: Model): readonly number[] {
  const own = feature.bins.map((bin) => bin.fromPpm)
  return (feature.code === 'GOOD_CLOSES' ? [...own, ...model.scorecard.thin.goodPpm] : own).sort((a, b) => a - b)
}

function halfLifeOf(code: Code, model: Model): number {
  if (code === 'BAD_DEBT') return model.decay.badDebtSeconds
  return code === 'RECENT_LIQUIDATIONS' ? model.decay.fastSeconds : model.decay.slowSeconds
}

/** How many fresh ones, one a day, bring a weight of `from` to `to`; null where they fade as fast as they come. */
function countTo(from: number, to: number, halfLife: number): number | null {
  let weight = from
  for (let count = 1; count <= 3_650; count++) {
    if (count > 1) weight = Math.floor((weight * Decay.weightPpm(86_400, halfLife, 'down')) / 1_000_000)
    weight += 1_000_000
    if (weight >= to) return count
  }
  return null
}

/** Whole days until a weight of `from` has faded to `to`; every term fades alike. */
function fade(from: number, to: number, halfLife: number): number {
  let low = 0
  let high = 20_000
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (BigInt(from) * Decay.power(middle * 86_400, halfLife, 'up') <= BigInt(to) * Decay.one) high = middle
    else low = middle + 1
  }
  return low * 86_400
}

function ordered(feature: Feature): void {
  for (const [i, bin] of feature.bins.entries()) {
    const before = feature.bins[i - 1]
    const rising = feature.direction === 'good' ? 1 : -1
    // What never happened has no points: nobody known begins below somebody unknown, and no line tells of nothing.
    const broken = before
      ? bin.fromPpm <= before.fromPpm || (bin.points - before.points) * rising < 0
      : bin.fromPpm !== 0 || bin.points !== 0
    if (broken) throw new UnorderedBinsError(feature.code)
  }
}

/** Thrown when a model document would score against the sign of a feature. */
export class UnorderedBinsError extends BaseError {
  override readonly name = 'Score.UnorderedBinsError'
  readonly feature: Code
  constructor(feature: Code) {
    super({
      code: 'UNORDERED_BINS',
      message: `The bins of ${feature} are not ascending from 0, give points for nothing, or break its sign.`,
      hint: 'Sort the bins; the first has 0 points, of a good feature they may only rise, of a bad one only fall.',
    })
    this.feature = feature
  }
}
