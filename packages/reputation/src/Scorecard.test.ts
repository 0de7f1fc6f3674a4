import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Designs, Loans, type Sample, Score, Scorecard } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const day = 86_400
const sample = (at: number, bad: boolean, features: Sample['features'] | null): Sample => ({
  subject: `s${at}`,
  at,
  settledAt: at,
  bad,
  newcomer: features === null,
  features: features ?? { GOOD_CLOSES: 0, BAD_DEBT: 0, SIZE_TO_PROVEN: Loans.unproven },
})
const features = fc.record({
  GOOD_CLOSES: fc.nat(30_000_000),
  BAD_DEBT: fc.oneof(fc.constant(0), fc.nat(5_000_000)),
  SIZE_TO_PROVEN: fc.integer({ min: 10_000, max: 100_000_000 }),
})
const someSamples = fc
  .array(fc.tuple(fc.nat(90 * day), fc.boolean(), fc.option(features)), { maxLength: 40 })
  .map((list) => list.map(([at, bad, of]) => sample(at, bad, of)))
const { design } = Designs.loans

describe('fit', () => {
  test('worked example: of nobody known, the newcomers’ rate with a half added: 7½ of 10 is odds of 1 to 3', () => {
    const pool = Array.from({ length: 9 }, (_, i) => sample(0, i < 7, null))
    const card = Scorecard.fit(pool, 1, { ...design, newcomerHalfLifeSeconds: 1e15, halfLifeSeconds: 1e15 })
    expect(card.newcomer).toBe(Score.fromPd(750_000))
    expect(card.base).toBe(card.newcomer)
  })

  test('worked example: of nobody at all, even odds', () => {
    expect(Scorecard.fit([], 0, design)).toMatchObject({ newcomer: Score.fromPd(500_000), base: Score.fromPd(500_000) })
  })

  test('worked example: two counts speak before anything is fitted: one good outcome after a pool of one half, strength ½, has odds of ¼ : 1¼', () => {
    const card = Scorecard.fit([], 0, { ...design, thin: null })
    const points = Scorecard.score(card, sample(0, false, { GOOD_CLOSES: 900_000, BAD_DEBT: 0, SIZE_TO_PROVEN: 1_000_000 }))
    // 0.9 of a good outcome: the bin's lower edge; odds (¼ + 0.9)/¼ = 4.6 times better, 40 points an octave
    expect(points.score - card.base).toBe(Math.floor(40 * Math.log2(1.15 / 0.25)))
  })

  test('worked example: older outcomes fade: a bad past and a good present', () => {
    const pool = [
      ...Array.from({ length: 50 }, () => sample(0, true, null)),
      ...Array.from({ length: 50 }, () => sample(70 * day, false, null)),
    ]
    expect(Scorecard.score(Scorecard.fit(pool, 70 * day + 1, design), sample(0, false, null)).pdPpm).toBeLessThan(30_000)
  })

  test('property: outcomes that settle later change nothing; the order of samples does not matter', () => {
    fc.assert(
      fc.property(someSamples, fc.nat(90 * day), (samples, asOf) => {
        const card = Scorecard.fit(samples, asOf, design)
        expect(
          Scorecard.fit(
            samples.map((each) => (each.settledAt >= asOf ? { ...each, bad: !each.bad } : each)),
            asOf,
            design,
          ),
        ).toEqual(card)
      }),
      { numRuns: Math.ceil(numRuns / 10) },
    )
  })

  test('property: monotone in every feature, on random pairs, whatever it was fitted on', () => {
    fc.assert(
      fc.property(someSamples, fc.array(fc.tuple(features, features), { minLength: 20, maxLength: 20 }), (samples, pairs) => {
        const card = Scorecard.fit(samples, 91 * day, design)
        for (const [one, other] of pairs) {
          const better = {
            GOOD_CLOSES: Math.max(one.GOOD_CLOSES, other.GOOD_CLOSES),
            BAD_DEBT: Math.min(one.BAD_DEBT, other.BAD_DEBT),
            SIZE_TO_PROVEN: Math.min(one.SIZE_TO_PROVEN, other.SIZE_TO_PROVEN),
          }
          const scoreOf = (of: typeof one) => Scorecard.score(card, { newcomer: false, features: of })
          for (const code of ['GOOD_CLOSES', 'BAD_DEBT', 'SIZE_TO_PROVEN'] as const)
            expect(scoreOf({ ...one, [code]: better[code] }).score).toBeGreaterThanOrEqual(scoreOf(one).score)
          expect(scoreOf(better).pdPpm).toBeLessThanOrEqual(Math.min(scoreOf(one).pdPpm, scoreOf(other).pdPpm))
        }
      }),
      { numRuns: Math.ceil(numRuns / 2) },
    )
  })
})

describe('score', () => {
  test('property: points sum to the score exactly, and the PD is the score’s', () => {
    fc.assert(
      fc.property(someSamples, fc.option(features), (samples, of) => {
        const found = Scorecard.score(Scorecard.fit(samples, 91 * day, design), sample(0, false, of))
        expect(found.lines.reduce((sum, line) => sum + line.points, 0)).toBe(found.score)
        expect(found.pdPpm).toBe(Score.pdPpm(Math.min(1_200, Math.max(-400, found.score))))
      }),
      { numRuns: Math.ceil(numRuns / 4) },
    )
  })

  test('error: a sample without what the card asks', () => {
    expect(() => Scorecard.score(Scorecard.fit([], 0, design), { newcomer: false, features: {} })).toThrow(Scorecard.MissingFeatureError)
  })
})

describe('score, of a thin file', () => {
  const even = { ...design, poolStrength: 2 }
  const file = (good: number, bad: number) =>
    sample(0, false, { GOOD_CLOSES: good * 1_000_000, BAD_DEBT: bad * 1_000_000, SIZE_TO_PROVEN: 1_000_000 })

  test('worked example: of an even pool worth two outcomes, one good one is held at 1 − √0.2 = 55.28 %, and no worse than a newcomer', () => {
    const card = Scorecard.fit([], 0, even)
    expect(card.thin).toEqual({ good: 'GOOD_CLOSES', bad: 'BAD_DEBT', level: 0.8, prior: { bad: 1, good: 1 } })
    const better = { ...card, newcomer: Score.fromPd(900_000) }
    const { score, pdPpm, lines } = Scorecard.score(better, file(1, 0))
    expect(score).toBe(Score.fromPd(552_787))
    expect(pdPpm).toBe(Score.pdPpm(score))
    expect(lines.at(-1)?.code).toBe('THIN_FILE')
    expect(lines.reduce((sum, line) => sum + line.points, 0)).toBe(score)
    // Held at the newcomers' half: nobody with a good outcome is worse than somebody without any.
    expect(Scorecard.score(card, file(1, 0)).score).toBe(card.newcomer)
  })

  test('worked example: three good ones are held at 1 − 0.2^¼ = 33.13 %', () => {
    const card = { ...Scorecard.fit([], 0, even), newcomer: 300 }
    expect(Scorecard.score(card, file(3, 0)).score).toBe(Score.fromPd(331_260))
  })

  test('edge: a file that is worse by its points alone keeps them, and a newcomer has no file', () => {
    const card = Scorecard.fit([], 0, even)
    const plain = { ...card, thin: null }
    expect(Scorecard.score(card, file(0, 3))).toEqual(Scorecard.score(plain, file(0, 3)))
    expect(Scorecard.score(card, sample(0, false, null))).toEqual(Scorecard.score(plain, sample(0, false, null)))
  })

  test('property: with it no score is better, more of a good feature never lowers it, more of a bad one never raises it', () => {
    const counts = fc.record({ good: fc.nat(20), bad: fc.nat(4), more: fc.nat(9) })
    fc.assert(
      fc.property(someSamples, counts, (samples, { good, bad, more }) => {
        const card = Scorecard.fit(samples, 100 * day, design)
        const scoreOf = (g: number, b: number, of = card) => Scorecard.score(of, file(g, b)).score
        expect(scoreOf(good, bad)).toBeLessThanOrEqual(scoreOf(good, bad, { ...card, thin: null }))
        expect(scoreOf(good + more, bad)).toBeGreaterThanOrEqual(scoreOf(good, bad))
        expect(scoreOf(good, bad + more)).toBeLessThanOrEqual(scoreOf(good, bad))
      }),
      { numRuns },
    )
  })
})
