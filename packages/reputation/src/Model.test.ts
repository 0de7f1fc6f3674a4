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
  test('vector: the text whose hash certificates have bound: to change a number is to name another model', () => {
    expect(Model.canonical(Model.first)).toBe(
      '{"decay":{"badDebtFloorPpm":100000,"badDebtSeconds":63072000,"fastSeconds":1814400,"slowSeconds":15552000},"grant":{"bondWeightPpm":500000,"carryPpm":8220,"ppmPerPoint":4000,"tierDiscountPpm":[0,100000,200000,300000],"validSeconds":86400,"zeroAt":540},"record":{"adverseDays":1,"capMultiple":3,"closeHeldSeconds":3600,"closeUsd":"100000000000000000000","exposureWindowSeconds":2592000,"seedPerFee":1000},"scorecard":{"base":394,"features":[{"bins":[{"badRatePpm":637000,"fromPpm":0,"points":0},{"badRatePpm":243000,"fromPpm":500000,"points":98},{"badRatePpm":75000,"fromPpm":1500000,"points":178},{"badRatePpm":41000,"fromPpm":4000000,"points":215}],"code":"GOOD_CLOSES","direction":"good","source":"RociFi loans by number of good ones before; edges half-way, so that one close counts for 180 days"},{"bins":[{"badRatePpm":41000,"fromPpm":0,"points":0},{"badRatePpm":null,"fromPpm":1,"points":-178},{"badRatePpm":820000,"fromPpm":500000,"points":-270}],"code":"BAD_DEBT","direction":"bad","source":"RociFi loans after any bad one, against 5+ good: no number of good closes outweighs it; later steps are judgement"},{"bins":[{"badRatePpm":30000,"fromPpm":0,"points":0},{"badRatePpm":100000,"fromPpm":51000,"points":-74},{"badRatePpm":270000,"fromPpm":371000,"points":-144},{"badRatePpm":590000,"fromPpm":794000,"points":-222}],"code":"RECENT_LIQUIDATIONS","direction":"bad","source":"Aave v2, share liquidated again within 30 days by age of the last liquidation"},{"bins":[{"badRatePpm":null,"fromPpm":0,"points":0},{"badRatePpm":null,"fromPpm":250000,"points":-20},{"badRatePpm":null,"fromPpm":1500000,"points":-40},{"badRatePpm":null,"fromPpm":3000000,"points":-80}],"code":"REPEATED_LIQUIDATIONS","direction":"bad","source":"judgement: a slow memory, kept small because half-lives of 14–30 days rank best"},{"bins":[{"badRatePpm":null,"fromPpm":0,"points":0},{"badRatePpm":null,"fromPpm":500000,"points":-15},{"badRatePpm":null,"fromPpm":2000000,"points":-30}],"code":"UNANSWERED_CALLS","direction":"bad","source":"judgement: margin calls beyond self-rescues; rescues ranked at AUC 0.60 on Maker"}],"thin":{"badPpm":[0,100000,250000,500000,1000000,2000000,4000000],"goodPpm":[0,500000,750000,950000,1500000,2000000,3000000,4000000,6000000,8000000,12000000,16000000,24000000,32000000],"scores":[[36,383,420,440,475,495,523,541,567,584,609,626,650,666],[2,360,399,419,455,476,504,522,548,566,590,607,631,648],[-32,336,376,397,435,456,484,503,529,547,571,589,613,629],[-68,310,351,373,412,433,462,482,508,526,551,568,592,609],[-107,277,320,343,383,405,435,455,482,500,525,542,566,583],[-148,241,285,309,350,373,404,424,451,470,495,513,537,554],[-189,203,248,272,314,338,369,390,418,437,462,480,505,522]],"source":"Beta(0.3185 + bad, 0.1815 + good): the newcomer pool (63.7 %) with the strength of half an observation; 80 % quantile"}},"version":"scorecard-1"}',
    )
  })

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

describe('parse', () => {
  const written = (): Record<string, unknown> => JSON.parse(Model.canonical(Model.first))

  test('worked example: what was written comes back', () => {
    expect(Model.parse(written())).toEqual(Model.first)
  })

  test('error: each part that is missing is named, and the amount is a whole decimal string', () => {
    for (const part of ['decay', 'record', 'scorecard', 'grant'])
      for (const value of [undefined, null, 5, []]) expect(() => Model.parse({ ...written(), [part]: value })).toThrow(`it has no ${part}`)
    for (const document of [null, 'x', []]) expect(() => Model.parse(document)).toThrow('it is no object')
    for (const closeUsd of [100, '1.5', '-1', 'x1', '1x', ''])
      expect(() => Model.parse({ ...written(), record: { ...Model.first.record, closeUsd } })).toThrow(Model.InvalidModelError)
  })
})
