import { BaseError } from './BaseError.ts'
import * as Bins from './Bins.ts'
import * as Credible from './Credible.ts'
import * as Logit from './Logit.ts'
import type { Sample } from './Sample.ts'
import * as Score from './Score.ts'

/** A fitted scorecard: whole points, and what a thin file is held at. */
export type Scorecard = {
  /** The score of somebody of whom nothing is known. */
  readonly newcomer: number
  /** Where a history begins, before its features. */
  readonly base: number
  readonly features: readonly Feature[]
  /** The newcomers' pool as outcomes seen before a file's own; null where thin files are not held. */
  readonly thin: (Thin & { readonly prior: { readonly bad: number; readonly good: number } }) | null
}

/** Thin files are held at the upper credible bound of their own counts; which counts, and at what level. */
export type Thin = { readonly good: string; readonly bad: string; readonly level: number }

export type Feature = {
  readonly code: string
  readonly direction: Bins.Direction
  /** Ascending, the first from 0; points only rise for `good`, only fall for `bad`. */
  readonly bins: readonly { readonly from: number; readonly points: number; readonly good: number; readonly bad: number }[]
}

/** What is asked, which way more of it points, and whether counts speak for themselves before anything is fitted. */
export type Input = {
  readonly code: string
  readonly direction: Bins.Direction
  /** A count of outcomes speaks for itself (`Bins.conjugate`); null where bins are cut from the samples (`Bins.fit`). */
  readonly counts: {
    /** Ascending, ppm of one outcome, the first 0. */
    readonly edges: readonly number[]
    /** Outcomes of this kind taken to have been seen before; null takes them from the newcomers' pool. */
    readonly held: number | null
    /** What the fit pulls its weight towards: 1 takes the count at its word, 0 lets the outcomes say. */
    readonly prior: number
  } | null
}

export type Points = {
  readonly score: number
  readonly pdPpm: number
  /** They sum to the score exactly. */
  readonly lines: readonly { readonly code: string; readonly points: number }[]
}

const pointsPerNat = 40 / Math.LN2

/**
 * A scorecard fitted on what had settled by `asOf`; later outcomes are not seen.
 *
 * Formula: bins by weight of evidence (eq. 9), a sign-constrained logit on them (eq. 10), points `−⌈40/ln 2 · βⱼ·WOEⱼ⌉`.
 * Newcomers have no features and are their own pool: its rate, `(bad + ½)/(n + 1)`, is their score. Older outcomes fade with
 * `halfLifeSeconds`. Where there is next to nothing to fit on, everybody is in one bin.
 * Source: docs/method/reputation.md, eq. (4), (9) and (10). Rounding: points down.
 */
export function fit(samples: readonly Sample[], asOf: number, design: fit.Design): Scorecard {
  const { inputs, logit } = design
  const seen = samples.filter((sample) => sample.settledAt < asOf)
  const faded = (list: readonly Sample[], halfLife: number) =>
    list.map((sample) => ({ sample, weight: 2 ** (-(asOf - sample.settledAt) / halfLife) }))
  const strangers = seen.filter((sample) => sample.newcomer)
  const newcomer = scoreOf(rate(faded(strangers, design.newcomerHalfLifeSeconds)))
  const known = faded(
    seen.filter((sample) => !sample.newcomer),
    design.halfLifeSeconds,
  )
  const pool = { rate: rate(faded(strangers, design.halfLifeSeconds)), strength: design.poolStrength }
  const binned = inputs.map(({ code, direction, counts }) => ({
    code,
    direction,
    bins: counts
      ? Bins.conjugate(counts.edges, direction, counts.held ?? pool.strength * (direction === 'good' ? 1 - pool.rate : pool.rate))
      : Bins.fit(
          known.map(({ sample, weight }) => ({ x: featureOf(sample, code), bad: sample.bad, weight })),
          { ...design.bins, direction },
        ),
  }))
  // Rows that fall into the same bins are one row with more weight: the fit takes no longer for many samples.
  const rows = new Map<string, { readonly row: readonly number[]; readonly bad: boolean; weight: number }>()
  for (const { sample, weight } of known) {
    const row = binned.map(({ code, bins }) => Bins.at(bins, featureOf(sample, code)).woe)
    const key = `${sample.bad}|${row.join('|')}`
    const same = rows.get(key)
    if (same) same.weight += weight
    else rows.set(key, { row, bad: sample.bad, weight })
  }
  const center = Math.log(pool.rate / (1 - pool.rate))
  const list = [...rows.values()].filter(({ weight }) => weight > 0)
  const prior = inputs.map(({ counts }) => counts?.prior ?? 0)
  const fitted =
    list.length === 0
      ? { intercept: center, coefficients: prior }
      : Logit.fit(
          { rows: list.map(({ row }) => row), bad: list.map(({ bad }) => bad), weights: list.map(({ weight }) => weight) },
          { ridge: logit.ridge, prior },
        )
  return {
    newcomer,
    base: scoreOf(Logit.probability(fitted.intercept)),
    features: binned.map(({ code, direction, bins }, j) => ({
      code,
      direction,
      bins: bins.map(({ from, woe, good, bad }) => ({
        from,
        points: Math.floor(-pointsPerNat * (fitted.coefficients[j] ?? 0) * woe),
        good: Math.round(good),
        bad: Math.round(bad),
      })),
    })),
    thin:
      design.thin === null ? null : { ...design.thin, prior: { bad: pool.strength * pool.rate, good: pool.strength * (1 - pool.rate) } },
  }
}

export declare namespace fit {
  type Design = {
    readonly inputs: readonly Input[]
    readonly bins: Omit<Bins.fit.Options, 'direction'>
    readonly logit: Pick<Logit.fit.Options, 'ridge'>
    /** How fast outcomes fade from a fit. */
    readonly halfLifeSeconds: number
    /** How fast the rate of newcomers follows the newcomers. */
    readonly newcomerHalfLifeSeconds: number
    /** Outcomes that the pool's rate is worth. */
    readonly poolStrength: number
    /** How thin files are held; null where no feature counts good outcomes. */
    readonly thin: Thin | null
  }
}

/**
 * The points of one sample.
 *
 * A thin file scores no better than the upper credible bound of its own counts, with the newcomers' pool as prior, and is never held
 * below a newcomer: what production serves.
 * Source: docs/method/reputation.md, eq. (4), (6) and (19). Rounding: PD up.
 */
export function score(card: Scorecard, sample: Pick<Sample, 'newcomer' | 'features'>): Points {
  const lines = sample.newcomer
    ? [{ code: 'NEWCOMER', points: card.newcomer }]
    : [
        { code: 'BASE', points: card.base },
        ...card.features.map(({ code, bins }) => ({
          code,
          points: bins.findLast((bin) => bin.from <= featureOf(sample, code))?.points ?? 0,
        })),
      ]
  const total = lines.reduce((sum, line) => sum + line.points, 0)
  const held = heldAt(card, sample, total)
  return {
    score: held,
    pdPpm: pdPpm(held),
    lines: held === total ? lines : [...lines, { code: 'THIN_FILE', points: held - total }],
  }
}

/** The greatest score from the newcomers' to its own total whose PD is not below the bound; its own where that is less. */
function heldAt({ thin, newcomer }: Scorecard, sample: Pick<Sample, 'newcomer' | 'features'>, total: number): number {
  if (thin === null || sample.newcomer) return total
  const counted = (code: string) => featureOf(sample, code) / 1_000_000
  const beta = { a: thin.prior.bad + counted(thin.bad), b: thin.prior.good + counted(thin.good) }
  const isTooGood = (score: number) => Credible.cumulative(beta, pdPpm(score) / 1_000_000) < thin.level
  let high = total
  let low = isTooGood(total) ? Math.min(total, newcomer) : total
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (isTooGood(middle)) high = middle - 1
    else low = middle
  }
  return low
}

function pdPpm(score: number): number {
  return Score.pdPpm(Math.min(1_200, Math.max(-400, score)))
}

function featureOf(sample: Pick<Sample, 'features'>, code: string): number {
  const value = sample.features[code]
  if (value === undefined) throw new MissingFeatureError(code)
  return value
}

function rate(list: readonly { readonly sample: Sample; readonly weight: number }[]): number {
  let bad = 0.5
  let all = 1
  for (const { sample, weight } of list) {
    all += weight
    if (sample.bad) bad += weight
  }
  return bad / all
}

function scoreOf(pd: number): number {
  return Score.fromPd(Math.min(999_000, Math.max(1, Math.ceil(pd * 1_000_000))))
}

/** Thrown when a sample does not have what its scorecard asks. */
export class MissingFeatureError extends BaseError {
  override readonly name = 'Scorecard.MissingFeatureError'
  readonly feature: string
  constructor(feature: string) {
    super({ code: 'MISSING_FEATURE', message: `A sample has no ${feature}.`, hint: 'Make samples and scorecard from the same inputs.' })
    this.feature = feature
  }
}
