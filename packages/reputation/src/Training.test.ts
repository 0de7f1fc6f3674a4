import { describe, expect, test } from 'vitest'
import { Designs, Loans, Model, Reliquidations, Score, TrackRecord, Training } from './index.ts'
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
})
