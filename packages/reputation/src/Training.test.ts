import { describe, expect, test } from 'vitest'
import { Credible, Designs, Loans, Model, Reliquidations, type Sample, Score, Scorecard, TrackRecord, Training } from './index.ts'
import { events } from './testing/events.ts'

const day = 86_400
const loans = Loans.samples(
  Array.from({ length: 400 }, (_, i) => ({
    subject: `w${Math.floor(i / 4)}`,
    closedAt: Math.floor(i / 4) * day + (i % 4) * 5 * day,
    amountUsd: 10,
    bad: Math.floor(i / 4) % 3 === 0,
  })),
)
const liquidations = Reliquidations.samples(
  Array.from({ length: 60 }, (_, i) => [
    { subject: 'often', at: i * 3 * day },
    { subject: `once${i}`, at: i * 3 * day },
  ]).flat(),
  { windowSeconds: 30 * day, stepSeconds: 7 * day },
)
const request: Training.of.Request = {
  loans,
  liquidations,
  asOf: 300 * day,
  before: Model.first,
  version: 'test',
  fastSeconds: 7 * day,
  designs: { loans: Designs.loans.design, liquidations: Designs.reliquidations.design },
}

describe('of', () => {
  const { model, loans: pool } = Training.of(request)

  test('worked example: what it was fitted on, and what it left as it was', () => {
    expect(pool).toEqual({ samples: 400, bad: 136, from: 0, to: 114 * day })
    expect(model.decay.fastSeconds).toBe(7 * day)
    expect(model.grant).toEqual(Model.first.grant)
    expect(model.scorecard.features.find(({ code }) => code === 'UNANSWERED_CALLS')).toEqual(
      Model.first.scorecard.features.find(({ code }) => code === 'UNANSWERED_CALLS'),
    )
  })

  test('worked example: a third of the newcomers go bad, and nobody known begins above them', () => {
    expect(model.scorecard.base).toBeLessThanOrEqual(Score.fromPd(Math.ceil((34.5 / 101) * 1e6)))
    expect(model.scorecard.thin.source).toContain('Beta(0.1708 + bad, 0.3292 + good)')
  })

  test('property: it scores: good raises, bad lowers, points sum to the score, the text is canonical', () => {
    const at = 100 * day
    const scoreOf = (list: readonly TrackRecord.Event[]) => Score.of(TrackRecord.of(list, at, model), model)
    const closes = Array.from({ length: 20 }, (_, i) => events.close(`c${i}`, at - i * day))
    expect(scoreOf(closes).score).toBeGreaterThan(scoreOf([]).score)
    expect(scoreOf([...closes, events.badDebt('b', at)]).score).toBeLessThan(scoreOf(closes).score)
    expect(scoreOf([...closes, events.liquidation('l', at)]).score).toBeLessThan(scoreOf(closes).score)
    expect(scoreOf(closes).lines.reduce((sum, line) => sum + line.points, 0)).toBe(scoreOf(closes).score)
    expect(Model.canonical(model)).toBe(Model.canonical(Training.of(request).model))
  })

  test('edge: what settles at asOf or later is not seen', () => {
    const early = Training.of({ ...request, asOf: 50 * day })
    expect(Training.of({ ...request, asOf: 50 * day, loans: loans.filter(({ settledAt }) => settledAt < 50 * day) })).toEqual(early)
    expect(early.loans.to).toBeLessThan(50 * day)
  })

  test('worked example: where the bins of each fitted feature begin', () => {
    const edgesOf = (code: string) => model.scorecard.features.find((feature) => feature.code === code)?.bins.map(({ fromPpm }) => fromPpm)
    expect(edgesOf('GOOD_CLOSES')).toEqual([0, 500_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000])
    expect(edgesOf('BAD_DEBT')).toEqual([0, 1, 500_000])
    expect(edgesOf('RECENT_LIQUIDATIONS')).toEqual([0, 1, 128, 2_048, 16_384, 65_536, 262_144, 524_288, 1_048_576, 4_194_304])
  })
})

describe('of, on few outcomes', () => {
  const asOf = 1_000
  const sample = (over: Partial<Sample>): Sample => ({
    subject: 's',
    at: 500,
    settledAt: 600,
    bad: false,
    newcomer: false,
    features: { GOOD_CLOSES: 0, BAD_DEBT: 0 },
    ...over,
  })
  const many = (n: number, over: Partial<Sample>) => Array.from({ length: n }, () => sample(over))
  const recent = (ppm: number, bad: boolean) => ({ bad, features: { RECENT_LIQUIDATIONS: ppm } })
  // 3 of 9 newcomers bad; those with closes mostly good, those with bad debt all bad
  const few: readonly Sample[] = [
    ...many(3, { newcomer: true, bad: true, at: 10, settledAt: 20 }),
    ...many(6, { newcomer: true, settledAt: asOf - 1 }),
    ...many(40, { newcomer: true, bad: true, settledAt: asOf }),
    ...many(20, { features: { GOOD_CLOSES: 1_000_000, BAD_DEBT: 0 } }),
    ...many(9, { features: { GOOD_CLOSES: 5_000_000, BAD_DEBT: 0 } }),
    ...many(8, { bad: true, features: { GOOD_CLOSES: 1_000_000, BAD_DEBT: 1_000_000 } }),
  ]
  const waves: readonly Sample[] = [
    ...many(95, recent(0, false)),
    ...many(5, recent(0, true)),
    ...many(80, recent(40_000, false)),
    ...many(20, recent(40_000, true)),
    ...many(60, recent(60_000, false)),
    ...many(40, recent(60_000, true)),
    ...many(20, recent(600_000, false)),
    ...many(80, recent(600_000, true)),
  ]
  const count = (edges: readonly number[], held: number | null) => ({ edges, held, prior: 1 })
  const design = (inputs: readonly Scorecard.Input[]): Scorecard.fit.Design => ({
    inputs,
    bins: { most: 8, least: 5, shrink: 2 },
    logit: { ridge: 5 },
    halfLifeSeconds: 1e12,
    newcomerHalfLifeSeconds: 1e12,
    poolStrength: 0.5,
    thin: null,
  })
  const closes: Scorecard.Input = {
    code: 'GOOD_CLOSES',
    direction: 'good',
    counts: count([0, 250_000, 900_000, 1_000_000, 3_700_000], null),
  }
  const debt: Scorecard.Input = { code: 'BAD_DEBT', direction: 'bad', counts: count([0, 1, 400_000, 600_000], null) }
  const cut: Scorecard.Input = { code: 'RECENT_LIQUIDATIONS', direction: 'bad', counts: null }
  const before: Model.Model = {
    ...Model.first,
    scorecard: {
      ...Model.first.scorecard,
      thin: { ...Model.first.scorecard.thin, goodPpm: [0, 1_000_000], badPpm: [0, 500_000, 90_000_000] },
    },
  }
  const designs = { loans: design([closes, debt]), liquidations: design([cut]) }
  const asked: Training.of.Request = { ...request, loans: few, liquidations: waves, asOf, before, designs }
  const trained = Training.of(asked)
  const binsOf = (code: string, of = trained) => of.model.scorecard.features.find((feature) => feature.code === code)?.bins ?? []

  /** The worst points that the fitted bins give anywhere from one edge to the next. */
  function worst(card: Scorecard.Scorecard, code: string, from: number, to: number): number {
    const bins = card.features.find((feature) => feature.code === code)?.bins ?? []
    const pointsAt = (x: number) => bins.findLast((bin) => bin.from <= x)?.points ?? Number.NaN
    return Math.min(...[from, ...bins.map((bin) => bin.from).filter((x) => x >= from && x < to)].map(pointsAt))
  }

  test('property: a bin takes the worst points of the fitted bins it covers, its own lower edge and all before the next', () => {
    const byLoans = Scorecard.fit(few, asOf, designs.loans)
    const byLiquidations = Scorecard.fit(waves, asOf, designs.liquidations)
    for (const [card, code] of [
      [byLoans, 'GOOD_CLOSES'],
      [byLoans, 'BAD_DEBT'],
      [byLiquidations, 'RECENT_LIQUIDATIONS'],
    ] as const) {
      const bins = binsOf(code)
      expect(new Set(bins.map(({ points }) => points)).size).toBeGreaterThan(1)
      for (const [i, { fromPpm, points, badRatePpm }] of bins.entries()) {
        const found = worst(card, code, fromPpm, bins[i + 1]?.fromPpm ?? Number.POSITIVE_INFINITY)
        expect(points).toBe(fromPpm === 0 ? Math.min(0, found) : found)
        expect(badRatePpm).toBeNull()
      }
    }
  })

  test('edge: who was never liquidated earns nothing by it, though fewer of them than of all go bad', () => {
    const first = Scorecard.fit(waves, asOf, designs.liquidations).features[0]?.bins[0]
    expect(first?.points).toBeGreaterThan(0)
    const none = Training.of({ ...asked, liquidations: waves.filter(({ features }) => features['RECENT_LIQUIDATIONS'] !== 40_000) })
    expect(binsOf('RECENT_LIQUIDATIONS', none)[0]).toEqual({ fromPpm: 0, points: 0, badRatePpm: null })
    expect(binsOf('RECENT_LIQUIDATIONS', none).at(-1)?.points).toBeLessThan(0)
  })

  test('edge: a feature of which nothing was asked has no points', () => {
    const without = Training.of({ ...asked, designs: { ...designs, loans: design([closes]) } })
    expect(binsOf('BAD_DEBT', without).map(({ points }) => points)).toEqual([0, 0, 0])
  })

  test('edge: a history begins where newcomers do, or below', () => {
    const byLoans = Scorecard.fit(few, asOf, designs.loans)
    expect(trained.model.scorecard.base).toBe(Math.min(byLoans.newcomer, byLoans.base))
    // 3 of 9 newcomers, and of those known each one bad: a history begins below
    const worse = Training.of({ ...asked, loans: [...few.slice(0, 9), ...many(99, { bad: true })] })
    expect(worse.model.scorecard.base).toBeLessThan(Scorecard.fit(few, asOf, designs.loans).newcomer)
    // and where every newcomer goes bad and nobody else, no higher than they
    const better = Training.of({ ...asked, loans: [...many(99, { newcomer: true, bad: true }), ...many(99, {})] })
    expect(better.model.scorecard.base).toBe(Score.fromPd(Math.ceil((99.5 / 100) * 1e6)))
  })

  test('worked example: outcomes of long ago count as much as those of yesterday', () => {
    const old = few.map((each) => ({ ...each, at: each.at - 500, settledAt: each.settledAt - 600 }))
    const faded = { ...designs.loans, halfLifeSeconds: 1, newcomerHalfLifeSeconds: 1 }
    const lasting = Training.of({ ...asked, loans: old, designs: { ...designs, loans: faded } })
    expect(lasting.model.scorecard).toEqual(Training.of({ ...asked, loans: old }).model.scorecard)
  })

  test('worked example: 3.5 in 10 newcomers at half an outcome: Beta(0.175, 0.325), and its bound as a score', () => {
    const { source, scores, goodPpm, badPpm } = trained.model.scorecard.thin
    expect(source).toBe('Beta(0.1750 + bad, 0.3250 + good): the fitted newcomer pool with the strength of 0.5 outcomes; 80 % quantile')
    expect([goodPpm, badPpm]).toEqual([before.scorecard.thin.goodPpm, before.scorecard.thin.badPpm])
    const bound = (bad: number, good: number) => Math.ceil(Credible.upper({ a: 0.175 + bad, b: 0.325 + good }, 0.8) * 1e6)
    expect(scores.slice(0, 2)).toEqual([0, 0.5].map((bad) => [0, 1].map((good) => Score.fromPd(bound(bad, good)))))
    // ninety bad ones: held at 99.9 %
    expect(scores[2]?.[0]).toBe(Score.fromPd(999_000))
    for (const [i, bad] of [0, 0.5].entries())
      for (const [j, good] of [0, 1].entries()) {
        const score = scores[i]?.[j] ?? Number.NaN
        expect(Credible.cumulative({ a: 0.175 + bad, b: 0.325 + good }, Score.pdPpm(score) / 1e6)).toBeGreaterThanOrEqual(0.8 - 1e-6)
        expect(Credible.cumulative({ a: 0.175 + bad, b: 0.325 + good }, Score.pdPpm(score + 1) / 1e6)).toBeLessThan(0.8)
      }
  })

  test('worked example: what was seen, from the first row to the last outcome; of nothing, nothing', () => {
    expect(trained.loans).toEqual({ samples: 46, bad: 11, from: 10, to: asOf - 1 })
    expect(trained.liquidations).toEqual({ samples: 400, bad: 145, from: 500, to: 600 })
    expect(Training.of({ ...asked, liquidations: [] }).liquidations).toEqual({ samples: 0, bad: 0, from: asOf, to: 0 })
  })

  test('worked example: what was fitted says so, the rest keeps its source', () => {
    expect(trained.model.version).toBe('test')
    for (const { code, source } of trained.model.scorecard.features) {
      const kept = before.scorecard.features.find((feature) => feature.code === code)?.source
      expect(source).toBe(['REPEATED_LIQUIDATIONS', 'UNANSWERED_CALLS'].includes(code) ? kept : 'fitted on outcomes settled before 1000')
    }
  })
})
