import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Decay, Model, Score, TrackRecord } from './index.ts'
import { events, recordEvents } from './testing/events.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const day = 86_400
const asOf = 400 * day
const recordOf = (list: readonly TrackRecord.Event[], at = asOf) => TrackRecord.of(list, at, Model.first)
const scoreOf = (list: readonly TrackRecord.Event[], at = asOf) => Score.of(recordOf(list, at), Model.first)
const closes = (n: number, from = 0) => Array.from({ length: n }, (_, i) => events.close(`c${from + i}`, asOf - (from + i) * day))
const exact = (pd: number) => 600 + (40 / Math.LN2) * (Math.log((1 - pd) / pd) - Math.log(20))

/** The model with bins of one feature that begin here, ten points apart. */
const withBins = (code: Model.Code, from: readonly number[]): Model.Model => ({
  ...Model.first,
  scorecard: {
    ...Model.first.scorecard,
    features: Model.first.scorecard.features.map((feature) =>
      feature.code === code
        ? {
            ...feature,
            bins: from.map((fromPpm, i) => ({ fromPpm, points: feature.direction === 'good' ? 10 * i : 0 - 10 * i, badRatePpm: null })),
          }
        : feature,
    ),
  },
})

/** A thin file that holds nobody back. */
const unbinding: Model.Thin = { ...Model.first.scorecard.thin, goodPpm: [0], badPpm: [Number.MAX_SAFE_INTEGER], scores: [[800]] }

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

  test('worked example: a call answered is none', () => {
    const pointsOf = (calls: number, rescues: number) =>
      scoreOf([
        ...Array.from({ length: calls }, (_, i) => events.marginCall(`m${i}`, asOf)),
        ...Array.from({ length: rescues }, (_, i) => events.selfRescue(`r${i}`, asOf)),
      ]).lines.find((line) => line.code === 'UNANSWERED_CALLS')?.points
    expect([pointsOf(0, 3), pointsOf(1, 0), pointsOf(2, 0), pointsOf(3, 2), pointsOf(2, 2)]).toEqual([0, -15, -30, -15, 0])
    const strict = withBins('UNANSWERED_CALLS', [0, 1])
    expect([[], [events.selfRescue('r', asOf)]].map((list) => Score.of(recordOf(list), strict).lines.at(5)?.points)).toEqual([0, 0])
  })

  test('edge: a bin begins at its edge', () => {
    const at = (slowPpm: number) =>
      Score.of({ ...recordOf(closes(1)), close: { fastPpm: 0, slowPpm } }, Model.first).lines.find((line) => line.code === 'GOOD_CLOSES')
        ?.points
    expect([499_999, 500_000, 1_499_999, 1_500_000, 3_999_999, 4_000_000].map(at)).toEqual([0, 98, 98, 178, 178, 215])
  })

  test('edge: bad history between two steps takes the worse, and beyond the last nothing is earned', () => {
    const best = (row: number) => Model.first.scorecard.thin.scores[row]?.at(12) ?? Number.NaN
    const generous = {
      ...Model.first,
      scorecard: {
        ...Model.first.scorecard,
        features: Model.first.scorecard.features.map((feature) => ({
          ...feature,
          bins: feature.bins.map((bin) => ({ ...bin, points: bin.points > 0 ? 999 : 0 })),
        })),
      },
    }
    const boundAt = (slowPpm: number) =>
      Score.of({ ...recordOf(closes(40)), liquidation: { fastPpm: 0, slowPpm }, close: { fastPpm: 0, slowPpm: 24_000_000 } }, generous)
        .score
    expect([0, 1, 100_000, 100_001, 4_000_000, 4_000_001].map(boundAt)).toEqual([best(0), best(1), best(1), best(2), best(6), 394])
    // Bad debt is bad history as well.
    const owing = { ...recordOf([]), liquidation: { fastPpm: 0, slowPpm: 60_000 }, badDebt: { ...recordOf([]).badDebt, longPpm: 60_000 } }
    expect(Score.of({ ...owing, close: { fastPpm: 0, slowPpm: 24_000_000 } }, generous).score).toBe(best(2))
  })

  test('edge: a PD ends where the scale of scores does, −400 and 1,200', () => {
    const { base, features, thin } = Model.first.scorecard
    const flat = features.map((feature) => ({ ...feature, bins: feature.bins.slice(0, 1) }))
    const from = (start: number) =>
      Score.of(recordOf([]), {
        ...Model.first,
        scorecard: { base: start, features: flat, thin: { ...thin, scores: [[start]], goodPpm: [0], badPpm: [0] } },
      })
    expect(from(base)).toMatchObject({ score: 394, pdPpm: Score.pdPpm(394) })
    expect(from(-399)).toMatchObject({ score: 300, pdPpm: Score.pdPpm(-399) })
    expect(from(-5_000)).toMatchObject({ score: 300, pdPpm: Score.pdPpm(-400) })
    expect(from(1_199)).toMatchObject({ score: 850, pdPpm: Score.pdPpm(1_199) })
    expect(from(5_000)).toMatchObject({ score: 850, pdPpm: Score.pdPpm(1_200) })
    expect([Score.least, Score.greatest]).toEqual([300, 850])
  })

  test('edge: who has one event is no newcomer, whatever it was', () => {
    expect(scoreOf([events.marginCall('m', asOf)]).newcomer).toBe(false)
    expect(scoreOf([events.marginCall('m', asOf)]).version).toBe('scorecard-1')
  })

  test('edge: two bins may give the same points', () => {
    const features = Model.first.scorecard.features.map((feature) => ({
      ...feature,
      bins: feature.bins.map((bin) => ({ ...bin, points: 0 })),
    }))
    const level = { ...Model.first, scorecard: { ...Model.first.scorecard, features } }
    expect(Score.of(recordOf([]), level).score).toBe(394)
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
    for (const bins of [[at(0, 0), at(1, 9), at(2, 8)], [at(0, 0), at(0, 1)], [at(1, 0)], [at(0, 1), at(1, 9)]])
      expect(() => Score.of(recordOf([]), withBins(bins))).toThrow(Score.UnorderedBinsError)
    const bad = (bins: Model.Feature['bins']): Model.Model => ({
      ...Model.first,
      scorecard: {
        ...Model.first.scorecard,
        features: Model.first.scorecard.features.map((feature) => (feature.direction === 'bad' ? { ...feature, bins } : feature)),
      },
    })
    expect(() => Score.of(recordOf([]), bad([at(0, 0), at(1, 1)]))).toThrow(
      expect.objectContaining({ code: 'UNORDERED_BINS', feature: 'BAD_DEBT' }),
    )
    expect(Score.of(recordOf([]), bad([at(0, 0), at(1, 0), at(2, -1)])).score).toBe(394)
  })
})

describe('raises', () => {
  test('worked example: one more good close, or thirteen days of peace', () => {
    const record = recordOf([...closes(5), events.liquidation('l', asOf - 10 * day)])
    const raises = Score.raises(record, Model.first)
    const wait = raises.find((raise) => raise.code === 'RECENT_LIQUIDATIONS')
    expect(wait).toMatchObject({ how: 'wait', afterSeconds: 21 * day })
    const fresh = Score.raises(recordOf([...closes(3), events.liquidation('l', asOf)]), Model.first)
    expect(fresh.map(({ code, gain }) => [code, gain])).toEqual([
      ['RECENT_LIQUIDATIONS', 75],
      ['GOOD_CLOSES', 37],
      ['REPEATED_LIQUIDATIONS', 20],
    ])
    expect(Score.raises(recordOf(closes(1)), Model.first)).toEqual([
      { code: 'GOOD_CLOSES', gain: 35, how: 'more', fromPpm: 1_000_000, toPpm: 1_500_000, count: 1 },
    ])
  })

  test('worked example: a thin file is raised by its own steps, bad debt fades only to its floor', () => {
    expect(Score.raises(recordOf(closes(5)), Model.first)).toContainEqual(
      expect.objectContaining({ code: 'GOOD_CLOSES', toPpm: 6_000_000 }),
    )
    const after = (age: number) => Score.raises(recordOf([...closes(30), events.badDebt('b', asOf - age * day)]), Model.first)
    expect(after(0)).toContainEqual({ code: 'BAD_DEBT', gain: expect.any(Number), how: 'wait', afterSeconds: 731 * day })
    expect(
      Score.raises(TrackRecord.of([events.badDebt('b', 0)], 1_000 * day, Model.first), Model.first).map((raise) => raise.code),
    ).not.toContain('BAD_DEBT')
  })

  test('worked example: how many more, one a day: what was there and what came first have faded by then', () => {
    const record = recordOf(closes(6))
    const six = { ...record, close: { ...record.close, slowPpm: 6_000_000 } }
    // 7, then 7.97, then 8.94
    expect(Score.raises(six, Model.first)).toContainEqual(expect.objectContaining({ fromPpm: 6_000_000, toPpm: 8_000_000, count: 3 }))
    // as much as is missing is enough, and a millionth less is not
    const [enough, less] = [7_000_000, 6_999_999].map((slowPpm) => ({ ...record, close: { ...record.close, slowPpm } }))
    for (const [of, count] of [
      [enough, 1],
      [less, 2],
    ] as const)
      expect(of && Score.raises(of, Model.first)).toContainEqual(expect.objectContaining({ toPpm: 8_000_000, count }))
    // of weights that halve each day, one a day brings no more than 2: 7, 4.5, 3.25 …
    const short = { ...Model.first, decay: { ...Model.first.decay, slowSeconds: day } }
    expect(Score.raises(six, short).map(({ code }) => code)).not.toContain('GOOD_CLOSES')
  })

  test('edge: what is rounded up never fades to nothing: no wait is named for the last point', () => {
    const codes = (from: readonly number[], age: number) => {
      const model = withBins('RECENT_LIQUIDATIONS', from)
      const list = [...closes(40), events.liquidation('l', asOf - age * day)]
      return Score.raises(TrackRecord.of(list, asOf, model), model).map(({ code }) => code)
    }
    expect(codes([0, 1, 500_000], 0)).toContain('RECENT_LIQUIDATIONS')
    expect(codes([0, 1, 500_000], 100)).not.toContain('RECENT_LIQUIDATIONS')
    expect(codes([0, 2, 500_000], 100)).toContain('RECENT_LIQUIDATIONS')
  })

  test('rounding: against the user: a weight that counts is rounded down each day, one that fades up', () => {
    const unbound = (model: Model.Model): Model.Model => ({
      ...model,
      decay: { ...model.decay, slowSeconds: day },
      scorecard: { ...model.scorecard, thin: unbinding },
    })
    const more = (slowPpm: number, toPpm: number, slowSeconds = day) => {
      const model = unbound(withBins('GOOD_CLOSES', [0, toPpm]))
      const record = { ...recordOf(closes(1)), close: { fastPpm: 0, slowPpm } }
      const [raise] = Score.raises(record, { ...model, decay: { ...model.decay, slowSeconds } })
      return raise?.how === 'more' ? raise.count : null
    }
    // Halved each day: 1.8, then 0.9 and 1, then 0.95 and 1.
    expect([more(800_000, 1_800_000), more(800_000, 1_900_000), more(800_000, 1_900_001)]).toEqual([1, 2, 3])
    // 1,999,999, then 999,999 and a million: 2 million are never reached.
    expect([more(999_999, 1_999_999), more(999_999, 2_000_000)]).toEqual([1, null])
    // 2^(−1/180) is 0.9961565…: of 7 million 6,973,092 are left, and a million.
    expect([more(6_000_000, 7_973_092, 180 * day), more(6_000_000, 7_973_093, 180 * day)]).toEqual([2, 3])
    // 2^(−6/21) of a million is 820,335.36: a day more.
    const fading = { ...recordOf(closes(40)), liquidation: { fastPpm: 1_000_000, slowPpm: 0 } }
    const wait = (to: number) => Score.raises(fading, withBins('RECENT_LIQUIDATIONS', [0, to + 1]))
    expect([820_335, 820_336].map((to) => wait(to)[0])).toMatchObject([7, 6].map((days) => ({ how: 'wait', afterSeconds: days * day })))
  })

  test('edge: ten years of closing daily are named, a day more is not', () => {
    const slowSeconds = 20_000 * day
    const kept = BigInt(Decay.weightPpm(day, slowSeconds, 'down'))
    const weights = [0n]
    for (let n = 1; n <= 3_651; n++) weights.push(((weights[n - 1] ?? 0n) * kept) / 1_000_000n + 1_000_000n)
    const count = (n: number) => {
      const model = withBins('GOOD_CLOSES', [0, Number(weights[n])])
      const raises = Score.raises(recordOf([events.selfRescue('r', asOf)]), {
        ...{ ...model, decay: { ...model.decay, slowSeconds } },
        scorecard: { ...model.scorecard, thin: unbinding },
      })
      return raises.map((raise) => (raise.how === 'more' ? raise.count : null))
    }
    expect([count(3_650), count(3_651)]).toEqual([[3_650], []])
  })

  test('edge: the nearest step, whether it is the thin file’s or the feature’s own', () => {
    const at = (slowPpm: number) => Score.raises({ ...recordOf(closes(2)), close: { fastPpm: 0, slowPpm } }, Model.first)
    expect([2_000_000, 3_000_000].map((slowPpm) => at(slowPpm)[0])).toMatchObject([{ toPpm: 3_000_000 }, { toPpm: 4_000_000 }])
  })

  test('property: waiting so long, and not a day less, reaches the better bin', () => {
    const points = (at: number, age: number) =>
      Score.of(TrackRecord.of([events.liquidation('l', asOf - age * day)], at, Model.first), Model.first).lines.find(
        (line) => line.code === 'RECENT_LIQUIDATIONS',
      )?.points ?? 0
    // three times as good a file, so that the one feature alone moves the score
    for (const age of [0, 5, 10, 40, 60]) {
      const wait = Score.raises(recordOf([...closes(40), events.liquidation('l', asOf - age * day)]), Model.first).find(
        (raise) => raise.code === 'RECENT_LIQUIDATIONS',
      )
      const seconds = wait?.how === 'wait' ? wait.afterSeconds : Number.NaN
      expect(points(asOf + seconds, age)).toBeGreaterThan(points(asOf, age))
      expect(points(asOf + seconds - day, age)).toBe(points(asOf, age))
    }
  })

  test('property: what is said to raise it does, by as much', () => {
    fc.assert(
      fc.property(recordEvents(asOf), (list) => {
        const record = recordOf(list)
        const { score } = Score.of(record, Model.first)
        const raises = Score.raises(record, Model.first)
        expect(raises.map(({ gain }) => gain)).toEqual(raises.map(({ gain }) => gain).toSorted((a, b) => b - a))
        for (const raise of raises) {
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

  test('edge: a bad feature exactly at a bin’s edge is in that bin', () => {
    const record = recordOf([...closes(40), events.liquidation('l', asOf - 10 * day)])
    const at = { ...record, liquidation: { ...record.liquidation, fastPpm: 794_000 } }
    expect(Score.raises(at, Model.first)).toContainEqual({ code: 'RECENT_LIQUIDATIONS', gain: 78, how: 'wait', afterSeconds: day })
  })

  test('edge: a weight that halves to the last of a better bin is there on that day', () => {
    const fresh = recordOf([...closes(40), events.liquidation('l', asOf - 10 * day)])
    const waits = (fastPpm: number) =>
      Score.raises({ ...fresh, liquidation: { ...fresh.liquidation, fastPpm } }, Model.first).find(
        ({ code }) => code === 'RECENT_LIQUIDATIONS',
      )
    // half of 741,998 is 370,999: below the bin that begins at 371,000
    expect(waits(741_998)).toMatchObject({ how: 'wait', afterSeconds: 21 * day })
    expect(waits(742_000)).toMatchObject({ how: 'wait', afterSeconds: 22 * day })
  })

  test('worked example: an unanswered call and a second liquidation fade with 180 days', () => {
    const called = Score.raises(recordOf([...closes(40), events.marginCall('m', asOf)]), Model.first)
    // on day 180 it still weighs a half, where the bin begins
    expect(called).toEqual([{ code: 'UNANSWERED_CALLS', gain: 15, how: 'wait', afterSeconds: 181 * day }])
    const record = recordOf(closes(40))
    const twice = { ...record, liquidation: { fastPpm: 0, slowPpm: 500_000 } }
    const bound = Score.raises(twice, Model.first)
    expect(bound.find(({ code }) => code === 'REPEATED_LIQUIDATIONS')).toMatchObject({ how: 'wait', afterSeconds: 181 * day })
  })

  test('edge: bad debt that fades to its floor and no further has reached that bin', () => {
    const list = [...closes(30), events.badDebt('b', asOf)]
    const codes = (badDebtFloorPpm: number) => {
      const model = { ...Model.first, decay: { ...Model.first.decay, badDebtFloorPpm } }
      return Score.raises(TrackRecord.of(list, asOf, model), model).map(({ code }) => code)
    }
    expect(codes(499_999)).toContain('BAD_DEBT')
    expect(codes(500_000)).not.toContain('BAD_DEBT')
  })

  test('edge: a single point is a gain', () => {
    const features = Model.first.scorecard.features.map((feature) => ({
      ...feature,
      bins: feature.bins.map((bin, i) => ({ ...bin, points: feature.direction === 'good' ? i : -i })),
    }))
    const thin = { ...Model.first.scorecard.thin, scores: Model.first.scorecard.thin.scores.map((row) => row.map(() => 800)) }
    const model = { ...Model.first, scorecard: { ...Model.first.scorecard, features, thin } }
    const raises = Score.raises(recordOf([...closes(1), events.marginCall('m', asOf)]), model)
    expect(raises).toEqual([
      { code: 'GOOD_CLOSES', gain: 1, how: 'more', fromPpm: 1_000_000, toPpm: 1_500_000, count: 1 },
      { code: 'UNANSWERED_CALLS', gain: 1, how: 'wait', afterSeconds: 181 * day },
    ])
  })

  test('edge: nothing to raise at the best bin', () => {
    expect(Score.raises(recordOf(closes(40)), Model.first)).toEqual([])
  })
})

describe('compare', () => {
  test('worked example: a bad debt between two dates, and what it did', () => {
    const list = [...closes(30), events.badDebt('b', asOf - day)]
    const change = Score.compare(scoreOf(list, asOf - 2 * day), scoreOf(list))
    expect(change.lines[0]).toEqual({ code: 'BAD_DEBT', from: 0, to: -270, points: -270 })
  })

  test('property: its lines sum to the difference, greatest first, none of them 0', () => {
    fc.assert(
      fc.property(recordEvents(asOf), fc.nat(200 * day), (list, age) => {
        const { from, to, lines } = Score.compare(scoreOf(list, asOf - age), scoreOf(list))
        expect(lines.reduce((sum, { points }) => sum + points, 0)).toBe(to - from)
        for (const [i, line] of lines.entries()) {
          expect(line.points).toBe(line.to - line.from)
          expect(line.points).not.toBe(0)
          expect(Math.abs(line.points)).toBeLessThanOrEqual(Math.abs(lines[i - 1]?.points ?? 9_999))
        }
      }),
      { numRuns: Math.ceil(numRuns / 2) },
    )
  })
})

describe('pdPpm, fromPd', () => {
  test('worked example: 600 is odds of 20 to 1, 640 of 40 to 1', () => {
    expect(Score.pdPpm(600)).toBe(Math.ceil(1e6 / 21))
    expect(Score.pdPpm(640)).toBe(Math.ceil(1e6 / 41))
    expect(Score.pdPpm(560)).toBe(Math.ceil(1e6 / 11))
  })

  test('edge: the ends of the scale', () => {
    expect([Score.fromPd(0), Score.fromPd(1), Score.fromPd(1_000_001)]).toEqual([1_200, 1_200, -400])
    expect([Score.pdPpm(1_200), Score.pdPpm(-400)]).toEqual([2, 1_000_000])
    // 601: 2^(1/40) is 1.017479…, so 1/(1 + 20·1.017479) = 46,838.4… ppm
    expect(Score.pdPpm(601)).toBe(Math.ceil(1e6 / (1 + 20 * 2 ** (1 / 40))))
    expect(Score.pdPpm(599)).toBe(Math.ceil(1e6 / (1 + 20 * 2 ** (-1 / 40))))
  })

  test('property: at every score never less than the formula, and by the digits that decay keeps hardly more than a ppm above it', () => {
    const over = Array.from({ length: 1_601 }, (_, i) => Score.pdPpm(i - 400) - 1e6 / (1 + 20 * 2 ** ((i - 1_000) / 40)))
    expect(Math.min(...over)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...over)).toBeLessThan(1.25)
  })

  test('property: the scale of the formula, rounded against the user, one the inverse of the other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 990_000 }), (ppm) => {
        const score = Score.fromPd(ppm)
        expect(Score.fromPd(Score.pdPpm(score))).toBe(score)
        expect(Math.abs(score - Math.floor(exact(ppm / 1e6)))).toBeLessThanOrEqual(1)
        expect(Score.pdPpm(score)).toBeGreaterThanOrEqual(ppm)
        expect(Score.pdPpm(score + 1)).toBeLessThan(ppm)
      }),
      { numRuns },
    )
  })
})
