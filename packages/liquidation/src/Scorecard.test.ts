import { describe, expect, test } from 'vitest'
import { type Replay, Scorecard } from './index.ts'

const given: Replay.Case = {
  book: { side: Int8Array.of(1, 1), notional: Float64Array.of(50, 50), equity: Float64Array.of(10, 20), maintenance: new Float64Array(2) },
  mandates: Uint8Array.of(1, 1),
  path: { stepSeconds: 30, start: 1, log: Float64Array.of(9, 0, -0.25, 0, 0) },
  sigma: new Float64Array(3),
  market: { permanent: 0, temporary: 0, halfLifeSeconds: 1, rounds: 1, fee: 0, mandateFee: 0, insurance: 0 },
  policy: {
    close: { kind: 'full' },
    preemption: null,
    backstop: {
      capital: 100,
      junior: 0.5,
      leverage: 1,
      share: 1,
      appetite: { confidence: 0, aversion: 0, fee: 0 },
      unwindSeconds: 1,
      release: { seconds: 0, quiet: 0, near: 1, slice: 1 },
    },
  },
}
const outcome: Replay.Outcome = {
  price: Float64Array.of(0, -0.5, -0.25, 0),
  divergence: Float64Array.of(0, -0.25, -0.125, 0),
  forced: Float64Array.of(4, 8, 0),
  preemptive: Float64Array.of(0, 2, 2),
  slipped: 3,
  worth: 12,
  absorbed: 4,
  badDebt: 1.5,
  deleveraged: 2.5,
  hits: Uint16Array.of(0, 1),
  reduced: Float64Array.of(2, 2),
  cost: Float64Array.of(0.5, 0.75),
  equity: Float64Array.of(10, 12),
  parties: {
    accounts: { cash: 0, units: 0 },
    makers: { cash: 0, units: 0 },
    backstop: { cash: -4, units: 8 },
    reserves: { fees: 9, junior: 40, insurance: 9, senior: 50 },
    unpaid: 0,
    index: 0.5,
  },
}

describe('of', () => {
  test('worked example: every figure of three steps', () => {
    const card = Scorecard.of({ given, outcome, baseline: Uint16Array.of(0, 0) })
    expect(card).toEqual({
      ...{ forced: 12, preemptive: 4, slippage: 0.25, badDebt: 1.5, peak: 12, peakAll: 14 },
      extra: Math.exp(-0.25) - Math.exp(-0.5),
      // The second account was closed by force all the same.
      ...{ falsePositives: 1, falseCost: 0.5, deleveraged: 2.5, gini: 0.5, absorption: 0.25, heal: 60 },
      // −4 + 8·½ + 40 + 50 − 100 on 100.
      backstop: -0.1,
    })
  })
  test('worked example: inventory is worth what it brings once its own sale has moved the price for good', () => {
    const steep = { ...given, market: { ...given.market, permanent: 0.125 } }
    // 8 units from ½ down to ½·e⁻¹: 4·(1 − e⁻¹), and −4 + 40 + 50 − 100 beside it.
    expect(Scorecard.of({ given: steep, outcome, baseline: Uint16Array.of(0, 0) }).backstop).toBeCloseTo(
      (4 * (1 - Math.exp(-1)) - 14) / 100,
      12,
    )
  })
  test('edge: whom the baseline closed was not reduced in vain; no backstop earns nothing; no flow has no slippage', () => {
    expect(Scorecard.of({ given, outcome, baseline: Uint16Array.of(1, 0) })).toMatchObject({ falsePositives: 0, falseCost: 0 })
    const alone = { ...given, policy: { ...given.policy, backstop: null } }
    const idle = {
      ...outcome,
      forced: new Float64Array(3),
      preemptive: new Float64Array(3),
      worth: 0,
      slipped: 0,
      divergence: new Float64Array(4),
    }
    expect(Scorecard.of({ given: alone, outcome: idle, baseline: Uint16Array.of(1, 0) })).toMatchObject({
      ...{ backstop: 0, slippage: 0, absorption: 0, heal: 0, peak: 0 },
    })
  })
})

describe('drawdown', () => {
  test('worked example: from the peak before, not from the start', () => {
    expect(Scorecard.drawdown([0, Math.log(2), 0])).toBe(0.5)
    expect(Scorecard.drawdown([0, 1, 2])).toBe(0)
  })
})

describe('gini', () => {
  test('worked example: one bears all, all bear the same, nobody bears anything', () => {
    expect(Scorecard.gini([0, 0, 0, 8])).toBe(0.75)
    expect(Scorecard.gini([3, 3, 3])).toBe(0)
    expect(Scorecard.gini([0, 0])).toBe(0)
  })
  test('dimension: losses times k leave it as it is, in any order', () => {
    expect(Scorecard.gini([24, 8, 0])).toBe(Scorecard.gini([0, 1, 3]))
  })
})
