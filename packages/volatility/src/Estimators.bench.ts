/**
 * What a refit costs: the pooled Gamma regression beside least squares on the same rows, GARCH and GJR beside one pass of EWMA over the same
 * returns, a confidence set beside the test of one pair. Fixed sizes, seed 42. Compare the minima; a real refit also builds its features.
 */
import { expect, test } from 'vitest'
import { ConfidenceSet, Conformal, DieboldMariano, Ewma, Garch, Glm, Random, Regression } from './index.ts'

const random = Random.of(42)
const truth = { intercept: -7, weights: Array.from({ length: 40 }, (_, k) => Math.sin(k) / 5) }
const rows = Array.from({ length: 5_000 }, () => truth.weights.map(random.normal))
const targets = Glm.simulate({ random, rows, model: truth, returns: 3 })
const withOnes = rows.map((row) => [1, ...row])
const logs = targets.map(Math.log)
const returns = Garch.simulate({ random, length: 5_000, model: { omega: 2e-6, alpha: 0.08, gamma: 0, beta: 0.9 } })
const losses = Object.fromEntries(
  Array.from({ length: 15 }, (_, i) => [`m${i}`, Array.from({ length: 400 }, () => 1 + i / 50 + random.normal() / 3)]),
)
const scores = Array.from({ length: 15 * 730 }, (_, i) => ({ knownAt: Math.floor(i / 15) * 86_400, value: Math.abs(random.normal()) }))
const origins = Array.from({ length: 365 }, (_, day) => (day + 365) * 86_400)

let sink = 0

test('pooled regression, 5,000 rows of 40', async ({ bench }) => {
  await bench.compare(
    bench('baseline: least squares of the log', () => {
      sink += Regression.ols({ rows: withOnes, targets: logs })[0] ?? 0
    }),
    bench('Glm.fit', () => {
      sink += Glm.fit({ rows, targets, ridge: 1e-4 }).intercept
    }),
  )
  expect(sink).not.toBe(0)
})

test('5,000 returns', async ({ bench }) => {
  await bench.compare(
    bench('baseline: Ewma.of', () => {
      sink += Ewma.of({ returns, lambda: 0.94, initial: 1e-4 })
    }),
    bench('Garch.fit, symmetric', () => {
      sink += Garch.fit({ returns, form: 'symmetric' }).variance
    }),
    bench('Garch.fit, asymmetric', () => {
      sink += Garch.fit({ returns, form: 'asymmetric' }).variance
    }),
  )
  expect(sink).not.toBe(0)
})

test('15 models on 400 days', async ({ bench }) => {
  await bench.compare(
    bench('baseline: DieboldMariano.of, one pair', () => {
      sink += DieboldMariano.of({ challenger: losses['m0'] ?? [], rival: losses['m1'] ?? [], lag: 7 }).statistic
    }),
    bench('ConfidenceSet.of, max, 1,000 draws', () => {
      sink += ConfidenceSet.of({ random: Random.of(42), losses, statistic: 'max', block: 7, draws: 1_000 }).length
    }),
    bench('ConfidenceSet.of, range, 1,000 draws', () => {
      sink += ConfidenceSet.of({ random: Random.of(42), losses, statistic: 'range', block: 7, draws: 1_000 }).length
    }),
  )
  expect(sink).not.toBe(0)
})

test('calibration over a year, 15 assets', async ({ bench }) => {
  await bench.compare(
    bench('baseline: one sort of the scores', () => {
      sink += scores.map(({ value }) => value).sort((a, b) => a - b)[0] ?? 0
    }),
    bench('Conformal.roll, refreshed weekly', () => {
      const rolled = Conformal.roll({ scores, origins, levelPpm: 990_000, windowSeconds: 365 * 86_400, everySeconds: 7 * 86_400 })
      sink += rolled.at(-1)?.quantile ?? 0
    }),
  )
  expect(sink).not.toBe(0)
})
