import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Model, Score, TrackRecord } from './index.ts'
import { events, recordEvents } from './testing/events.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const day = 86_400
const asOf = 400 * day
const recordOf = (list: readonly TrackRecord.Event[], at = asOf) => TrackRecord.of(list, at, Model.first)
const scoreOf = (list: readonly TrackRecord.Event[], at = asOf) => Score.of(recordOf(list, at), Model.first)
const closes = (n: number, from = 0) => Array.from({ length: n }, (_, i) => events.close(`c${from + i}`, asOf - (from + i) * day))
const exact = (pd: number) => 600 + (40 / Math.LN2) * (Math.log((1 - pd) / pd) - Math.log(20))

describe('of', () => {
  test('worked example: nobody knows this one: the newcomer pool, 63.7 %', () => {
    const score = scoreOf([])
    expect(score).toMatchObject({ score: 394, newcomer: true })
    expect(score.pdPpm).toBeGreaterThanOrEqual(637_000)
    expect(score.pdPpm).toBeLessThan(642_000)
  })

  test('worked example: twelve good days, held back by the thin file until then', () => {
    expect([1, 2, 3, 5, 13].map((n) => scoreOf(closes(n)).score)).toEqual([440, 475, 495, 541, 609])
    expect(scoreOf(closes(5)).lines).toEqual([
      { code: 'BASE', points: 394 },
      { code: 'GOOD_CLOSES', points: 215 },
      { code: 'BAD_DEBT', points: 0 },
      { code: 'RECENT_LIQUIDATIONS', points: 0 },
      { code: 'REPEATED_LIQUIDATIONS', points: 0 },
      { code: 'UNANSWERED_CALLS', points: 0 },
      { code: 'THIN_FILE', points: -68 },
      { code: 'SCALE', points: 0 },
    ])
  })

  test('worked example: a liquidation hurts most at first, bad debt outweighs any number of closes', () => {
    const liquidated = (age: number) => scoreOf([...closes(30), events.liquidation('l', asOf - age * day)]).score
    expect(liquidated(0)).toBeLessThan(liquidated(20))
    expect(liquidated(20)).toBeLessThan(liquidated(60))
    expect(scoreOf([...closes(30), events.badDebt('b', asOf - 10 * day)]).score).toBeLessThan(scoreOf([]).score)
  })

  test('edge: clamped to 300, and the scale line says by how much', () => {
    const score = scoreOf([events.badDebt('b', asOf), events.liquidation('l', asOf)])
    expect(score.score).toBe(300)
    expect(score.lines.at(-1)).toEqual({ code: 'SCALE', points: 300 - (394 - 270 - 222 - 20) })
    expect(score.pdPpm).toBeGreaterThan(900_000)
  })

  test('property: points sum to the score exactly, always within the scale', () => {
    fc.assert(
      fc.property(recordEvents(asOf), (list) => {
        const score = scoreOf(list)
        expect(score.lines.reduce((sum, line) => sum + line.points, 0)).toBe(score.score)
        expect(score.score).toBeGreaterThanOrEqual(Score.least)
        expect(score.score).toBeLessThanOrEqual(Score.greatest)
      }),
      { numRuns },
    )
  })

  test('property: more good never lowers, more bad never raises, in score and PD', () => {
    fc.assert(
      fc.property(
        recordEvents(asOf),
        fc.constantFrom('close' as const, 'selfRescue' as const, 'liquidation' as const, 'badDebt' as const, 'marginCall' as const),
        fc.nat(300 * day),
        (list, kind, age) => {
          const before = scoreOf(list)
          const after = scoreOf([...list, events[kind]('extra', asOf - age)])
          const good = kind === 'close' || kind === 'selfRescue'
          const [worse, better] = good ? [before, after] : [after, before]
          // the first event of all ends the newcomer's state, not the newcomer's score
          expect(better.score).toBeGreaterThanOrEqual(worse.score)
          expect(better.pdPpm).toBeLessThanOrEqual(worse.pdPpm)
        },
      ),
      { numRuns },
    )
  })

  test('error: bins against their sign or out of order are refused', () => {
    const [first, ...others] = Model.first.scorecard.features
    const withBins = (bins: Model.Feature['bins']): Model.Model => ({
      ...Model.first,
      scorecard: { ...Model.first.scorecard, features: first ? [{ ...first, bins }, ...others] : [] },
    })
    const at = (fromPpm: number, points: number) => ({ fromPpm, points, badRatePpm: null })
    for (const bins of [[at(0, 10), at(1, 9)], [at(0, 0), at(0, 1)], [at(1, 0)]])
      expect(() => Score.of(recordOf([]), withBins(bins))).toThrow(Score.UnorderedBinsError)
  })
})

describe('raises', () => {
  test('worked example: one more good close, or thirteen days of peace', () => {
    const record = recordOf([...closes(5), events.liquidation('l', asOf - 10 * day)])
    const raises = Score.raises(record, Model.first)
    const wait = raises.find((raise) => raise.code === 'RECENT_LIQUIDATIONS')
    expect(wait).toMatchObject({ how: 'wait', afterSeconds: 21 * day })
    expect(Score.raises(recordOf(closes(1)), Model.first)).toEqual([
      { code: 'GOOD_CLOSES', gain: 35, how: 'more', fromPpm: 1_000_000, toPpm: 1_500_000 },
    ])
  })

  test('property: what is said to raise it does, by as much', () => {
    fc.assert(
      fc.property(recordEvents(asOf), (list) => {
        const record = recordOf(list)
        const { score } = Score.of(record, Model.first)
        for (const raise of Score.raises(record, Model.first)) {
          expect(raise.gain).toBeGreaterThan(0)
          if (raise.how === 'more')
            expect(Score.of({ ...record, events: 1, close: { ...record.close, slowPpm: raise.toPpm } }, Model.first).score - score).toBe(
              raise.gain,
            )
          else expect(raise.afterSeconds % day).toBe(0)
        }
      }),
      { numRuns },
    )
  })

  test('edge: nothing to raise at the best bin', () => {
    expect(Score.raises(recordOf(closes(40)), Model.first)).toEqual([])
  })
})

describe('pdPpm, fromPd', () => {
  test('worked example: 600 is odds of 20 to 1, 640 of 40 to 1', () => {
    expect(Score.pdPpm(600)).toBe(Math.ceil(1e6 / 21))
    expect(Score.pdPpm(640)).toBe(Math.ceil(1e6 / 41))
    expect(Score.pdPpm(560)).toBe(Math.ceil(1e6 / 11))
  })

  test('property: the scale of the formula, rounded against the user, one the inverse of the other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 990_000 }), (ppm) => {
        const score = Score.fromPd(ppm)
        expect(Math.abs(score - Math.floor(exact(ppm / 1e6)))).toBeLessThanOrEqual(1)
        expect(Score.pdPpm(score)).toBeGreaterThanOrEqual(ppm)
        expect(Score.pdPpm(score + 1)).toBeLessThan(ppm)
      }),
      { numRuns },
    )
  })
})
