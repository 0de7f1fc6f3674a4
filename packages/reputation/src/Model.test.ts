import { describe, expect, test } from 'vitest'
import { Model } from './index.ts'

const factor = 40 / Math.LN2
const logit = (ppm: number) => Math.log((1e6 - ppm) / ppm)
const score = (p: number) => 600 + factor * (Math.log((1 - p) / p) - Math.log(20))

/** ln Γ by Lanczos, for the oracle below. */
function lnGamma(x: number): number {
  const c = [76.18009172947146, -86.50532032941678, 24.01409824083091, -1.231739572450155, 0.001208650973866179, -5.395239384953e-6]
  let y = x
  let sum = 1.000000000190015
  for (const k of c) sum += k / ++y
  return Math.log((2.506628274631 * sum) / x) + (x + 0.5) * Math.log(x + 5.5) - (x + 5.5)
}

/** Lentz's continued fraction of the regularised incomplete beta function. */
function beta(x: number, a: number, b: number): number {
  if (x > (a + 1) / (a + b + 2)) return 1 - beta(1 - x, b, a)
  let c = 1
  let d = 1 / (1 - ((a + b) * x) / (a + 1))
  let h = d
  for (let m = 1; m < 1_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / (1 + even * d)
    c = 1 + even / c
    h *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / (1 + odd * d)
    c = 1 + odd / c
    h *= d * c
    if (Math.abs(d * c - 1) < 1e-15) break
  }
  return (Math.exp(lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * Math.log(x) + b * Math.log(1 - x)) * h) / a
}

function quantile(p: number, a: number, b: number): number {
  let low = 0
  let high = 1
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (beta(middle, a, b) < p) low = middle
    else high = middle
  }
  return high
}

describe('first', () => {
  test('worked example: every bin that states a rate has that rate’s points, rounded down', () => {
    expect(Model.first.scorecard.base).toBe(Math.floor(score(0.637)))
    // good closes and bad debt stand against whole scores, so that their sum with the base is the rate's own score
    const whole = (ppm: number) => Math.floor(score(ppm / 1e6))
    for (const feature of Model.first.scorecard.features) {
      const reference = feature.bins[0]?.badRatePpm
      for (const bin of feature.bins) {
        if (bin.badRatePpm === null || reference === null || reference === undefined) continue
        const byScore = whole(bin.badRatePpm) - whole(reference)
        const byLogit = Math.floor(factor * (logit(bin.badRatePpm) - logit(reference)))
        expect(bin.points).toBe(feature.code === 'RECENT_LIQUIDATIONS' ? byLogit : byScore)
      }
    }
  })

  test('vector: the thin file is the 80 % quantile of the beta distribution, rounded down', () => {
    const { goodPpm, badPpm, scores } = Model.first.scorecard.thin
    for (const [row, bad] of badPpm.entries())
      for (const [column, good] of goodPpm.entries())
        expect(scores[row]?.[column], `${bad} bad, ${good} good`).toBe(
          Math.floor(score(quantile(0.8, 0.3185 + bad / 1e6, 0.1815 + good / 1e6))),
        )
  })

  test('property: the thin file rises with good and falls with bad', () => {
    const { scores } = Model.first.scorecard.thin
    for (const [r, row] of scores.entries())
      for (const [c, value] of row.entries()) {
        if (c > 0) expect(value).toBeGreaterThan(row[c - 1] ?? 0)
        if (r > 0) expect(value).toBeLessThan(scores[r - 1]?.[c] ?? 0)
      }
  })
})

describe('canonical', () => {
  test('worked example: one text, whatever order the keys were written in', () => {
    const turned = Object.fromEntries(Object.entries(Model.first).reverse()) as Model.Model
    expect(Model.canonical(turned)).toBe(Model.canonical(Model.first))
    expect(JSON.parse(Model.canonical(Model.first)).record.closeUsd).toBe('100000000000000000000')
  })

  test('edge: any change changes it', () => {
    expect(Model.canonical({ ...Model.first, version: 'x' })).not.toBe(Model.canonical(Model.first))
  })

  test('error: a float has no canonical text', () => {
    const broken = { ...Model.first, grant: { ...Model.first.grant, ppmPerPoint: 0.5 } }
    expect(() => Model.canonical(broken)).toThrow(expect.objectContaining({ code: 'UNSAFE_NUMBER' }))
  })
})
