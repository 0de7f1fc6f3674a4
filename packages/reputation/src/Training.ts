import * as Credible from './Credible.ts'
import type { Feature, Model, Thin } from './Model.ts'
import type { Sample } from './Sample.ts'
import * as Score from './Score.ts'
import * as Scorecard from './Scorecard.ts'

/** A model document fitted on tables, the rest of it taken from the one before. */
export type Trained = {
  readonly model: Model
  readonly loans: Pool
  readonly liquidations: Pool
}

/** What it was fitted on. */
export type Pool = { readonly samples: number; readonly bad: number; readonly from: number; readonly to: number }

/** Where the model's own bins begin, so that a document stays short enough to be read. A bad count of none at all has a bin to itself. ppm. */
const closeEdges = [0, 500_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000]
const debtEdges = [0, 1, 500_000]
const recentEdges = [0, 1, 128, 2_048, 16_384, 65_536, 262_144, 524_288, 1_048_576, 4_194_304]

/**
 * The model whose bins of closes, bad debt and recent liquidations are fitted on everything that had settled by `asOf`.
 *
 * The newcomers' pool gives the base and the thin file's prior, at the strength of half an outcome. A bin takes the worst points of the
 * fitted bins it covers. A history never begins above the newcomers' base. What no table says (margin calls, the slow memory, how
 * bad debt fades, the bounds of a grant) stays as it was, with its source.
 * Source: docs/method/reputation.md, eq. (9) to (11) and (19). Rounding: points down, PD up.
 *
 * @param request.loans - samples of `Loans.samples`.
 * @param request.liquidations - samples of `Reliquidations.samples`.
 * @param request.fastSeconds - the half-life those recent liquidations were decayed with; it becomes the model's fast channel.
 */
export function of(request: of.Request): Trained {
  const { loans, liquidations, asOf, before, version } = request
  const lasting = { ...request.designs.loans, halfLifeSeconds: Number.MAX_SAFE_INTEGER, newcomerHalfLifeSeconds: Number.MAX_SAFE_INTEGER }
  const byLoans = Scorecard.fit(loans, asOf, lasting)
  const byLiquidations = Scorecard.fit(liquidations, asOf, request.designs.liquidations)
  const seen = loans.filter((sample) => sample.newcomer && sample.settledAt < asOf)
  const rate = (seen.filter((sample) => sample.bad).length + 0.5) / (seen.length + 1)
  const fitted: Readonly<Record<string, Feature['bins']>> = {
    GOOD_CLOSES: coarse(byLoans, 'GOOD_CLOSES', closeEdges),
    BAD_DEBT: coarse(byLoans, 'BAD_DEBT', debtEdges),
    RECENT_LIQUIDATIONS: coarse(byLiquidations, 'RECENT_LIQUIDATIONS', recentEdges),
  }
  return {
    model: {
      ...before,
      version,
      decay: { ...before.decay, fastSeconds: request.fastSeconds },
      scorecard: {
        base: Math.min(byLoans.newcomer, byLoans.base),
        features: before.scorecard.features.map((feature) => {
          const bins = fitted[feature.code]
          return bins ? { ...feature, bins, source: `fitted on outcomes settled before ${asOf}` } : feature
        }),
        thin: thin(before.scorecard.thin, rate, request.designs.loans.poolStrength),
      },
    },
    loans: poolOf(loans, asOf),
    liquidations: poolOf(liquidations, asOf),
  }
}

export declare namespace of {
  type Request = {
    readonly loans: readonly Sample[]
    readonly liquidations: readonly Sample[]
    readonly asOf: number
    readonly before: Model
    readonly version: string
    readonly fastSeconds: number
    readonly designs: { readonly loans: Scorecard.fit.Design; readonly liquidations: Scorecard.fit.Design }
  }
}

function coarse(card: Scorecard.Scorecard, code: string, edges: readonly number[]): Feature['bins'] {
  const feature = card.features.find((each) => each.code === code)
  return edges.map((fromPpm, i) => {
    const next = edges[i + 1] ?? Number.POSITIVE_INFINITY
    const covered = (feature?.bins ?? []).filter(
      (bin, at, all) => bin.from < next && (all[at + 1]?.from ?? Number.POSITIVE_INFINITY) > fromPpm,
    )
    const points = covered.length === 0 ? 0 : Math.min(...covered.map((bin) => bin.points))
    return { fromPpm, points: fromPpm === 0 ? Math.min(0, points) : points, badRatePpm: null }
  })
}

function thin(before: Thin, rate: number, strength: number): Thin {
  const [a, b] = [strength * rate, strength * (1 - rate)]
  const parts = [a, b].map((n) => n.toFixed(4))
  return {
    ...before,
    source: `Beta(${parts[0]} + bad, ${parts[1]} + good): the fitted newcomer pool with the strength of ${strength} outcomes; 80 % quantile`,
    scores: before.badPpm.map((bad) =>
      before.goodPpm.map((good) => {
        const bound = Credible.upper({ a: a + bad / 1_000_000, b: b + good / 1_000_000 }, 0.8)
        return Score.fromPd(Math.min(999_000, Math.ceil(bound * 1_000_000)))
      }),
    ),
  }
}

function poolOf(samples: readonly Sample[], asOf: number): Pool {
  const seen = samples.filter((sample) => sample.settledAt < asOf)
  return {
    samples: seen.length,
    bad: seen.filter((sample) => sample.bad).length,
    from: seen.reduce((least, sample) => Math.min(least, sample.at), asOf),
    to: seen.reduce((most, sample) => Math.max(most, sample.settledAt), 0),
  }
}
