import { BaseError } from './BaseError.ts'
import * as Canonical from './Canonical.ts'

/** Everything a score and a grant depend on beside the record: one document, whose hash a certificate binds. */
export type Model = {
  readonly version: string
  /** Half-lives in seconds. Bad debt fades slowly and never below its floor. */
  readonly decay: {
    readonly fastSeconds: number
    readonly slowSeconds: number
    readonly badDebtSeconds: number
    readonly badDebtFloorPpm: number
  }
  /** What makes a close a good one, and what makes exposure proven. */
  readonly record: {
    readonly closeUsd: bigint
    readonly closeHeldSeconds: number
    readonly adverseDays: number
    readonly exposureWindowSeconds: number
    /** The cap is this multiple of proven exposure, and at most this multiple of the cap one window ago… */
    readonly capMultiple: number
    /** …plus this much for each dollar of unrecoverable fees, or nobody could begin. */
    readonly seedPerFee: number
  }
  readonly scorecard: {
    /** The score of an empty record: the newcomer pool. */
    readonly base: number
    readonly features: readonly Feature[]
    readonly thin: Thin
  }
  readonly grant: {
    readonly tierDiscountPpm: readonly [number, number, number, number]
    /** Discount by score: nothing up to `zeroAt`, then this much a point. */
    readonly zeroAt: number
    readonly ppmPerPoint: number
    /** κ: how much of an unspent bond counts. */
    readonly bondWeightPpm: number
    /** What freed margin is worth over the life of a grant's record: carry of capital, ppm of the margin freed. */
    readonly carryPpm: number
    readonly validSeconds: number
  }
}

export type Code = 'GOOD_CLOSES' | 'BAD_DEBT' | 'RECENT_LIQUIDATIONS' | 'REPEATED_LIQUIDATIONS' | 'UNANSWERED_CALLS'

/** A weight-of-evidence step function of one feature; `points = ⌊40/ln 2 · (logit of the bin − logit of the reference)⌋`. */
export type Feature = {
  readonly code: Code
  /** The sign constraint: more of it never lowers (`good`) or never raises (`bad`) the score. */
  readonly direction: 'good' | 'bad'
  readonly source: string
  /** Ascending, the first from 0. `badRatePpm` is the evidence; null where the points are a judgement. */
  readonly bins: readonly { readonly fromPpm: number; readonly points: number; readonly badRatePpm: number | null }[]
}

/** Upper 80 % credible bound of Beta(a + bad, b + good), as a score rounded down; prior strength ½ at the newcomer rate. */
export type Thin = {
  readonly source: string
  /** Weight of good closes, ascending; a weight between takes the entry below. */
  readonly goodPpm: readonly number[]
  /** Weight of bad events, ascending; a weight between takes the entry above, beyond the last nothing is earned. */
  readonly badPpm: readonly number[]
  readonly scores: readonly (readonly number[])[]
}

/**
 * The first scorecard. Its rates are published aggregates, not a fit of our own: what the numbers cannot say is marked as judgement.
 *
 * Source: docs/method/reputation.md. 4,051 RociFi loans: 63.7 % of first loans went bad, 24.3 % after one good, 7.5 % after 2–4, 4.1 % after 5+,
 * 82 % after any bad. Aave v2: a liquidation within 30 days for 59 % of those last liquidated within a week, 27 % within a month,
 * 10 % within a quarter, 3 % later; on the fast channel these ages are weights of 0.79, 0.37 and 0.05.
 * PD is the probability that the next loan, or the next 30 days, end in a liquidation or bad debt.
 */
export const first: Model = {
  version: 'scorecard-1',
  decay: { fastSeconds: 21 * 86_400, slowSeconds: 180 * 86_400, badDebtSeconds: 730 * 86_400, badDebtFloorPpm: 100_000 },
  record: {
    closeUsd: 100n * 10n ** 18n,
    closeHeldSeconds: 3_600,
    adverseDays: 1,
    exposureWindowSeconds: 30 * 86_400,
    capMultiple: 3,
    seedPerFee: 1_000,
  },
  scorecard: {
    base: 394,
    features: [
      {
        code: 'GOOD_CLOSES',
        direction: 'good',
        source: 'RociFi loans by number of good ones before; edges half-way, so that one close counts for 180 days',
        bins: [
          { fromPpm: 0, points: 0, badRatePpm: 637_000 },
          { fromPpm: 500_000, points: 98, badRatePpm: 243_000 },
          { fromPpm: 1_500_000, points: 178, badRatePpm: 75_000 },
          { fromPpm: 4_000_000, points: 215, badRatePpm: 41_000 },
        ],
      },
      {
        code: 'BAD_DEBT',
        direction: 'bad',
        source: 'RociFi loans after any bad one, against 5+ good: no number of good closes outweighs it; later steps are judgement',
        bins: [
          { fromPpm: 0, points: 0, badRatePpm: 41_000 },
          { fromPpm: 1, points: -178, badRatePpm: null },
          { fromPpm: 500_000, points: -270, badRatePpm: 820_000 },
        ],
      },
      {
        code: 'RECENT_LIQUIDATIONS',
        direction: 'bad',
        source: 'Aave v2, share liquidated again within 30 days by age of the last liquidation',
        bins: [
          { fromPpm: 0, points: 0, badRatePpm: 30_000 },
          { fromPpm: 51_000, points: -74, badRatePpm: 100_000 },
          { fromPpm: 371_000, points: -144, badRatePpm: 270_000 },
          { fromPpm: 794_000, points: -222, badRatePpm: 590_000 },
        ],
      },
      {
        code: 'REPEATED_LIQUIDATIONS',
        direction: 'bad',
        source: 'judgement: a slow memory, kept small because half-lives of 14–30 days rank best',
        bins: [
          { fromPpm: 0, points: 0, badRatePpm: null },
          { fromPpm: 250_000, points: -20, badRatePpm: null },
          { fromPpm: 1_500_000, points: -40, badRatePpm: null },
          { fromPpm: 3_000_000, points: -80, badRatePpm: null },
        ],
      },
      {
        code: 'UNANSWERED_CALLS',
        direction: 'bad',
        source: 'judgement: margin calls beyond self-rescues; rescues ranked at AUC 0.60 on Maker',
        bins: [
          { fromPpm: 0, points: 0, badRatePpm: null },
          { fromPpm: 500_000, points: -15, badRatePpm: null },
          { fromPpm: 2_000_000, points: -30, badRatePpm: null },
        ],
      },
    ],
    thin: {
      source: 'Beta(0.3185 + bad, 0.1815 + good): the newcomer pool (63.7 %) with the strength of half an observation; 80 % quantile',
      goodPpm: [
        0, 500_000, 750_000, 950_000, 1_500_000, 2_000_000, 3_000_000, 4_000_000, 6_000_000, 8_000_000, 12_000_000, 16_000_000, 24_000_000,
        32_000_000,
      ],
      badPpm: [0, 100_000, 250_000, 500_000, 1_000_000, 2_000_000, 4_000_000],
      scores: [
        [36, 383, 420, 440, 475, 495, 523, 541, 567, 584, 609, 626, 650, 666],
        [2, 360, 399, 419, 455, 476, 504, 522, 548, 566, 590, 607, 631, 648],
        [-32, 336, 376, 397, 435, 456, 484, 503, 529, 547, 571, 589, 613, 629],
        [-68, 310, 351, 373, 412, 433, 462, 482, 508, 526, 551, 568, 592, 609],
        [-107, 277, 320, 343, 383, 405, 435, 455, 482, 500, 525, 542, 566, 583],
        [-148, 241, 285, 309, 350, 373, 404, 424, 451, 470, 495, 513, 537, 554],
        [-189, 203, 248, 272, 314, 338, 369, 390, 418, 437, 462, 480, 505, 522],
      ],
    },
  },
  grant: {
    tierDiscountPpm: [0, 100_000, 200_000, 300_000],
    zeroAt: 540,
    ppmPerPoint: 4_000,
    bondWeightPpm: 500_000,
    carryPpm: 8_220,
    validSeconds: 86_400,
  },
}

/**
 * The text whose hash is the `modelHash` of a grant (RFC 8785; bigint as decimal string).
 *
 * @example
 * Model.canonical(Model.first).startsWith('{"decay":{"badDebtFloorPpm":100000')
 * // => true
 */
export function canonical(model: Model): string {
  return Canonical.text(model)
}

/**
 * The model of a document as `canonical` and `plimsoll reputation fit` write it: amounts are decimal strings there.
 *
 * Its parts are looked at, not every number: the hash of its canonical text says that it is what was written, and is the caller's to compare.
 *
 * @throws {InvalidModelError} a part is missing, or the amount is no decimal string.
 *
 * @example
 * Model.parse(JSON.parse(Model.canonical(Model.first))).version
 * // => 'scorecard-1'
 */
export function parse(document: unknown): Model {
  const whole = partOf(document, 'it is no object')
  const record = partOf(whole['record'], 'it has no record')
  for (const part of ['decay', 'scorecard', 'grant'] as const) partOf(whole[part], `it has no ${part}`)
  const closeUsd = record['closeUsd']
  if (typeof closeUsd !== 'string' || !/^\d+$/.test(closeUsd)) throw new InvalidModelError('record.closeUsd is not a decimal string')
  return { ...whole, record: { ...record, closeUsd: BigInt(closeUsd) } } as unknown as Model
}

function partOf(value: unknown, reason: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new InvalidModelError(reason)
  return value as Readonly<Record<string, unknown>>
}

/** Thrown when a document is not a model. */
export class InvalidModelError extends BaseError {
  override readonly name = 'Model.InvalidModelError'
  constructor(reason: string) {
    super({
      code: 'INVALID_MODEL',
      message: `The document is no model: ${reason}.`,
      hint: 'Give the model of a file that `plimsoll reputation fit --out` wrote.',
    })
  }
}
