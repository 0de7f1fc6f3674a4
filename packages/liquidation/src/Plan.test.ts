import { Fixed } from '@plimsoll/margin'
import { describe, expect, test } from 'vitest'
import { Calibrator, Crowd, Figure, Forecast, LiquidationCurve, Plan, Prediction } from './index.ts'

const usd = (amount: number) => BigInt(Math.round(amount * 1e6)) * 10n ** 12n

/** An hour in which ETH has a spread of 2 %, looked at every minute. */
const forecast = Forecast.of({
  horizonSeconds: 3_600,
  intervalSeconds: 60,
  markets: { ETH: { variance: 4e-4, loading: 0.8, jumps: Forecast.still } },
  calibrator: Calibrator.none,
})

const terms: Plan.Terms = {
  ...{ trigger: 0.05, release: 0.01, feePpm: 500, cooldownSeconds: 600, window: { seconds: 86_400, mostPpm: 800_000 } },
  schedule: { slices: 5, seconds: 300, aversion: 0, participationPpm: 100_000 },
  ...{ impactBudget: 0.01, policy: { kind: 'full' } },
}

/** A long of 100,000 USD with 5 % maintenance. */
const long = (equity: number) => ({
  ...{ account: 'a', equity: usd(equity), collateral: usd(equity) },
  positions: [{ market: 'ETH', side: 'long' as const, notional: usd(100_000), maintenancePpm: 50_000 }],
})

const empty = Crowd.of(LiquidationCurve.fromWalls('long', []), { forecast, market: 'ETH', shift: 0.01 })
const market: Plan.Market = {
  ...{ impact: { kind: 'linear', slope: 1e-9 }, depth: usd(1e6), slippage: 0.001, volume: usd(1e7) },
  ...{ planned: { long: 0n, short: 0n }, crowd: { long: empty, short: empty } },
}

const situation = (equity: number, over: Partial<Plan.Situation> = {}): Plan.Situation => ({
  ...{ account: long(equity), forecast, markets: { ETH: market }, mandate: { kind: 'granted', mostPpm: 1_000_000 } },
  ...{ history: [], phase: 'armed', now: 1_000_000 },
  ...over,
})

const plan = (given: Plan.Situation, rules = terms) => Plan.of(given, Prediction.of(given.account, given.forecast), rules)

describe('of', () => {
  test('worked example: a long 3.6 % above its liquidation price is reduced until a breach has 1 %', () => {
    const given = situation(8_400)
    const found = plan(given)
    expect(found).toMatchObject({ action: 'reduce', reason: 'probable', market: 'ETH', side: 'long', bound: 'none' })
    if (found.action !== 'reduce') throw new Error(found.action)
    expect(found.after.probability).toBeLessThanOrEqual(0.01)
    expect(found.after.probability).toBeGreaterThan(0.00999)
    expect(found.slices.reduce((sum, each) => sum + each, 0n)).toBe(found.size)
    expect(found.slices).toHaveLength(5)
  })

  test('edge: without a mandate nothing is done before the breach, and all at it', () => {
    expect(plan(situation(8_400, { mandate: { kind: 'none' } }))).toMatchObject({ action: 'wait', reason: 'no-mandate' })
    expect(plan(situation(5_000, { mandate: { kind: 'none' } }))).toMatchObject({ action: 'wait' })
    expect(plan(situation(4_999, { mandate: { kind: 'none' } }))).toEqual({
      action: 'liquidate',
      reason: 'breached',
      phase: 'armed',
      share: Fixed.one,
    })
  })

  test('error: a trigger that is not above the release', () => {
    expect(() => plan(situation(8_400), { ...terms, trigger: 0.01 })).toThrow(Figure.InvalidFigureError)
  })
})
