import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Backtest, Designs, Loans, Reliquidations, type Sample, Score } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const day = 86_400

/** Loans of fixed habits: every fourth borrower defaults, on and on; a borrower a day, each borrows five times. */
const loans: readonly Loans.Loan[] = Array.from({ length: 200 }, (_, i) => ({
  subject: `w${Math.floor(i / 5)}`,
  closedAt: Math.floor(i / 5) * day + (i % 5) * 15 * day,
  amountUsd: 10,
  bad: Math.floor(i / 5) % 4 === 0,
}))
const samples = Loans.samples(loans)
const from = 30 * day
const walk = (list: readonly Sample[], plan: Partial<Backtest.walk.Plan> = {}) =>
  Backtest.walk(list, { ...Designs.loans, from, partSize: 20, ...plan })

describe('walk', () => {
  test('worked example: habits are told apart, the PD follows, and everybody from `from` on is forecast once', () => {
    const { forecasts } = walk(samples)
    expect(forecasts).toHaveLength(samples.filter(({ at }) => at >= from).length)
    const repeat = Backtest.measure(forecasts.filter(({ newcomer }) => !newcomer))
    expect(repeat.auc).toBe(1)
    expect(repeat.brier).toBeLessThan(0.05)
    expect(repeat.constantBrier).toBeGreaterThan(0.15)
  })

  test('property: a forecast depends on nothing that settles at or after its block: later outcomes turned round change none', () => {
    const plans: readonly Partial<Backtest.walk.Plan>[] = [
      {},
      { refit: 'never', calibration: { halfLifeSeconds: 90 * day, ridge: 20 } },
      { calibration: { halfLifeSeconds: 9 * day, ridge: 1 } },
    ]
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 100 }), fc.constantFrom(...plans), (until, plan) => {
        const turned = samples.map((sample) => (sample.settledAt >= until * day ? { ...sample, bad: !sample.bad } : sample))
        const before = (list: readonly Sample[]) =>
          walk(list, plan)
            .forecasts.filter(({ at }) => at < (until + 1) * day)
            .map(({ score, pd, rawPd }) => ({ score, pd, rawPd }))
        expect(before(turned)).toEqual(before(samples))
      }),
      { numRuns: Math.min(12, numRuns) },
    )
  })

  test('worked example: the population is stable where nothing changes, and in alarm when all borrowers are new', () => {
    const steady = Array.from(
      { length: 400 },
      (_, i): Sample => ({
        subject: `s${i}`,
        at: i * day,
        settledAt: i * day,
        bad: i % 7 === 0,
        newcomer: i % 2 === 0,
        features: { GOOD_CLOSES: (i % 5) * 1_000_000, BAD_DEBT: 0, SIZE_TO_PROVEN: 1_000_000 },
      }),
    )
    const plan = { from: 200 * day, partSize: 100 }
    expect(walk(steady, plan).stability.map(({ n, status }) => [n, status])).toEqual([
      [100, 'stable'],
      [100, 'stable'],
    ])
    const wave = steady.map((sample, i) => (i >= 300 ? { ...sample, newcomer: true } : sample))
    expect(walk(wave, plan).stability.map(({ status }) => status)).toEqual(['stable', 'alarm'])
  })

  test('vector: populations to the last digit: parts of equal size, against deciles of the first card’s own scores', () => {
    const drifting = Array.from(
      { length: 250 },
      (_, i): Sample => ({
        subject: `s${i}`,
        at: i * day,
        settledAt: i * day,
        bad: i % 3 === 0,
        newcomer: i % 5 === 0,
        features: {
          GOOD_CLOSES: ((i * i) % 11) * (i < 150 ? 500_000 : 900_000),
          BAD_DEBT: i % 4 === 0 ? 1_000_000 : 0,
          SIZE_TO_PROVEN: 1_000_000,
        },
      }),
    )
    const { stability } = walk(drifting, { from: 100 * day, partSize: 70 })
    expect(stability.map(({ from: start, to, n, psi }) => [start / day, to / day, n, psi.toFixed(6)])).toMatchInlineSnapshot(`
      [
        [
          100,
          174,
          75,
          "0.074660",
        ],
        [
          175,
          249,
          75,
          "0.442495",
        ],
      ]
    `)
    // One whose outcome settles in the very second in which the walk begins is none of those it is compared with.
    const late = drifting.map((sample, i) => (i === 99 ? { ...sample, settledAt: 100 * day } : sample))
    const early = drifting.filter((_, i) => i !== 99)
    expect(walk(late, { from: 100 * day, partSize: 70 }).stability).toEqual(walk(early, { from: 100 * day, partSize: 70 }).stability)
  })

  test('edge: uncalibrated, or with nothing settled to calibrate on, the PD is the score’s own', () => {
    const known = samples.map((sample) => ({ ...sample, newcomer: false }))
    for (const calibration of [null, { halfLifeSeconds: day, ridge: 1 }]) {
      const { forecasts } = Backtest.walk(known, { ...Designs.loans, from: 0, blockSeconds: 1_000 * day, calibration })
      expect(forecasts).toHaveLength(known.length)
      for (const { pd, rawPd, score } of forecasts) {
        expect(rawPd).toBe(Score.pdPpm(score) / 1_000_000)
        expect(pd).toBeCloseTo(rawPd, 12)
      }
    }
  })

  test('edge: a population needs somebody before and somebody after', () => {
    expect(walk([]).stability).toEqual([])
    expect(walk(samples.filter(({ at }) => at >= from)).stability).toEqual([])
    expect(walk(samples.filter(({ at }) => at < from)).stability).toEqual([])
  })

  test('worked example: calibration learns what a card left alone does not: that everything became twice as bad', () => {
    const shifted = Array.from(
      { length: 2_000 },
      (_, i): Sample => ({
        subject: `s${i}`,
        at: i * 3_600,
        settledAt: i * 3_600,
        bad: i < 500 ? i % 10 === 0 : i % 2 === 0,
        newcomer: false,
        features: { RECENT_LIQUIDATIONS: (i % 3) * 1_000_000, LIQUIDATION_DAYS: 0 },
      }),
    )
    const plan = { ...Designs.reliquidations, from: 500 * 3_600, blockSeconds: day, calibration: { halfLifeSeconds: 5 * day, ridge: 20 } }
    const measures = Backtest.measure(Backtest.walk(shifted, plan).forecasts)
    expect(measures.brier).toBeLessThan((measures.rawBrier ?? 0) - 0.05)
    expect([measures.brier, measures.rawBrier, measures.calibration?.slope].map((it) => it?.toFixed(6))).toMatchInlineSnapshot(`
      [
        "0.266413",
        "0.410043",
        "0.000780",
      ]
    `)
  })

  test('edge: with no outcome before it the walk begins at even odds', () => {
    const first = walk(samples.filter(({ at }) => at >= from)).forecasts.find(({ newcomer }) => newcomer)
    expect(first?.rawPd).toBeGreaterThan(0.5)
    expect(first?.rawPd).toBeLessThan(0.51)
  })

  test('worked example: re-liquidations of fixed habits', () => {
    const list = Array.from({ length: 60 }, (_, i) => [
      { subject: 'often', at: i * 3 * day },
      { subject: `once${i}`, at: i * 3 * day },
    ]).flat()
    const walked = Backtest.walk(Reliquidations.samples(list, { windowSeconds: 7 * day, stepSeconds: 7 * day }), {
      ...Designs.reliquidations,
      from: 90 * day,
    })
    const measures = Backtest.measure(walked.forecasts)
    expect(measures.auc).toBeGreaterThan(0.95)
  })
})

describe('measure', () => {
  const forecast = (pd: number, bad: boolean): Backtest.Forecast => ({
    subject: 's',
    at: 0,
    newcomer: false,
    score: 1_000 - pd * 1_000,
    rawPd: pd / 2,
    pd,
    bad,
  })

  test('worked example: order by score, level by the calibrated PD', () => {
    const measures = Backtest.measure([forecast(0.8, true), forecast(0.4, false), forecast(0.6, false), forecast(0.2, true)])
    expect(measures).toMatchObject({ n: 4, badRate: 0.5, auc: 0.5, constantBrier: 0.25 })
    expect(measures.brier).toBeCloseTo((0.04 + 0.16 + 0.36 + 0.64) / 4, 12)
    expect(measures.rawBrier).toBeCloseTo((0.36 + 0.04 + 0.09 + 0.81) / 4, 12)
  })

  test('edge: of nothing everything is unknown', () => {
    expect(Backtest.measure([])).toEqual({
      n: 0,
      badRate: null,
      auc: null,
      ks: null,
      brier: null,
      rawBrier: null,
      constantBrier: null,
      calibration: null,
    })
  })
})
