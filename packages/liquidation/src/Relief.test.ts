import { Fixed } from '@plimsoll/margin'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Book, Breach, Closing, Figure, Forecast, Prediction, Relief } from './index.ts'
import { crossed, forecast, hour, isolated, usd } from './testing/predictions.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const goal: Relief.Goal = { probability: 0.01, feePpm: 500 }

const one = (side: Book.Side, equity: number, over: Partial<Book.Account> = {}): Book.Account => ({
  ...{ account: 'a', equity: usd(equity), collateral: usd(equity) },
  positions: [{ market: 'ETH', side, notional: usd(100_000), maintenancePpm: 50_000 }],
  ...over,
})

const probability = (found: Prediction.Prediction) => (found.status === 'unknown' ? Number.NaN : found.probability)

describe('of', () => {
  test('worked example: a long of 100,000 on 8,400: mr* = 9.640 %, x = (9.640 % − 8.4 %)/(9.640 % − 0.05 %)', () => {
    const given = hour(0.02)
    const found = Relief.of(one('long', 8_400), 'ETH', { forecast: given, goal })
    if (found.status !== 'reaches') throw new Error(found.status)
    // z* = 2.57583 − 0.07521 = 2.50062, d* = 5.00124 %.
    const target = Relief.ratio('long', 0.05, Relief.deviations(0.01, given) * 0.02)
    expect(target).toBeCloseTo(0.0963428, 6)
    const closing = Closing.of({ equity: 8_400, notional: 100_000, target, cost: 0.0005 })
    expect(Number(found.size) / 1e18).toBeCloseTo(closing.closed, 6)
    expect(found.after).toMatchObject({ probability: expect.closeTo(0.01, 9) })
    expect(found.account.equity).toBe(usd(8_400) - Fixed.ofPpm(found.size, 500, 'up'))
  })

  test('worked example: twice the spread, and more has to be closed', () => {
    const size = (sigma: number) => {
      const found = Relief.of(one('short', 10_000), 'ETH', { forecast: hour(sigma), goal })
      return found.status === 'reaches' ? Number(found.size) / 1e18 : Number.NaN
    }
    // Short: mr* = 1.05·e^(d*) − 1.
    const target = 1.05 * Math.exp(2 * 0.02 * Relief.deviations(0.01, hour(0.04))) - 1
    expect(size(0.04)).toBeCloseTo((target * 100_000 - 10_000) / (target - 0.0005), 5)
    expect(size(0.04)).toBeGreaterThan(size(0.02))
  })

  test('edge: as improbable already', () => {
    expect(Relief.of(one('long', 20_000), 'ETH', { forecast: hour(0.02), goal })).toEqual({ status: 'none' })
  })

  test('edge: a fee that costs more margin than a sale frees, and a hedge', () => {
    const given = { forecast: hour(0.02), goal: { ...goal, feePpm: 100_000 } }
    expect(Relief.of(one('long', 5_100), 'ETH', given).status).toBe('worsens')
    const hedge = one('short', 4_000, {
      positions: [
        { market: 'BTC', side: 'long', notional: usd(100_000), maintenancePpm: 1_000 },
        { market: 'ETH', side: 'short', notional: usd(90_000), maintenancePpm: 1_000 },
      ],
    })
    expect(Relief.of(hedge, 'ETH', { forecast: hour(0.02), goal }).status).toBe('worsens')
    expect(Relief.of(hedge, 'BTC', { forecast: hour(0.02), goal }).status).toBe('reaches')
  })

  test('edge: all of one position is not enough', () => {
    const account = one('long', 9_000, {
      positions: [
        { market: 'BTC', side: 'long', notional: usd(80_000), maintenancePpm: 50_000 },
        { market: 'ETH', side: 'long', notional: usd(20_000), maintenancePpm: 50_000 },
      ],
    })
    const found = Relief.of(account, 'ETH', { forecast: hour(0.05), goal })
    expect(found).toMatchObject({ status: 'short', size: usd(20_000), account: { positions: [{ market: 'BTC' }] } })
  })

  test('edge: jumps, which have no closed form, are reached too', () => {
    const found = Relief.of(one('long', 10_000), 'ETH', { forecast: hour(0.01, { probability: 0.2, sigma: 0.08 }), goal })
    expect(found).toMatchObject({ status: 'reaches', after: { probability: expect.closeTo(0.01, 4) } })
    expect(found.status === 'reaches' && probability(found.after)).toBeLessThanOrEqual(0.01)
  })

  test('property: isolated without jumps: the target is reached, and a few units less would miss it', () => {
    fc.assert(
      fc.property(isolated, forecast, fc.integer({ min: 0, max: 1_000 }), (account, given, feePpm) => {
        const markets = Object.fromEntries(Object.entries(given.markets).map(([name, each]) => [name, { ...each, jumps: Forecast.still }]))
        const expectation = { forecast: { ...given, markets }, goal: { probability: 0.01, feePpm } }
        const found = Relief.of(account, 'ETH', expectation)
        if (found.status !== 'reaches') return
        expect(probability(found.after)).toBeLessThanOrEqual(0.01)
        const [position] = account.positions
        const less = found.size - (position?.notional ?? 0n) / 10n ** 9n - 1n
        if (less <= 0n) return
        const missed = Relief.reduced(account, { market: 'ETH', size: less, feePpm })
        expect(probability(Prediction.of(missed, expectation.forecast))).toBeGreaterThan(0.01 - 1e-7)
      }),
      { numRuns },
    )
  })

  test('property: any account: reached within the position or short of it, never flipped, never below 0', () => {
    fc.assert(
      fc.property(crossed, forecast, (account, given) => {
        for (const { market, notional, side } of account.positions) {
          const found = Relief.of(account, market, { forecast: given, goal })
          if (found.status === 'none' || found.status === 'worsens') continue
          expect(found.size).toBeGreaterThan(0n)
          expect(found.size).toBeLessThanOrEqual(notional)
          const left = found.account.positions.find((each) => each.market === market)
          expect(left === undefined || (left.side === side && left.notional === notional - found.size)).toBe(true)
          if (found.status === 'reaches') expect(probability(found.after)).toBeLessThanOrEqual(0.01)
          else expect(probability(found.after)).toBeLessThan(probability(Prediction.of(account, given)))
        }
      }),
      { numRuns },
    )
  })

  test('property: the smaller root: several markets without jumps, and 1 % less misses the target', () => {
    fc.assert(
      fc.property(crossed, forecast, (account, given) => {
        const markets = Object.fromEntries(Object.entries(given.markets).map(([name, each]) => [name, { ...each, jumps: Forecast.still }]))
        const [position] = account.positions
        if (position === undefined) return
        const expectation = { forecast: { ...given, markets }, goal }
        const found = Relief.of(account, position.market, expectation)
        if (found.status !== 'reaches' || found.size < 10n ** 15n) return
        const missed = Relief.reduced(account, { market: position.market, size: (found.size * 99n) / 100n, feePpm: goal.feePpm })
        expect(probability(Prediction.of(missed, expectation.forecast))).toBeGreaterThan(0.01 - 1e-6)
      }),
      { numRuns },
    )
  })

  test('error: no such position, no forecast, no target, a fee that is no whole ppm', () => {
    const expectation = { forecast: hour(0.02), goal }
    expect(() => Relief.of(one('long', 8_400), 'BTC', expectation)).toThrow(Figure.InvalidFigureError)
    expect(() => Relief.of(one('long', 8_400), 'ETH', { ...expectation, forecast: { ...hour(0.02), markets: {} } })).toThrow(
      Figure.InvalidFigureError,
    )
    expect(() => Relief.of(one('long', 8_400), 'ETH', { ...expectation, goal: { ...goal, probability: 0 } })).toThrow(
      Figure.InvalidFigureError,
    )
    expect(() => Relief.of(one('long', 8_400), 'ETH', { ...expectation, goal: { ...goal, feePpm: 0.5 } })).toThrow(
      Figure.InvalidFigureError,
    )
  })
})

describe('reduced', () => {
  test('rounding: the fee up; all of a position is no position', () => {
    const account = {
      account: 'a',
      equity: 100n,
      collateral: 100n,
      positions: [{ market: 'ETH', side: 'long' as const, notional: 1_001n, maintenancePpm: 0 }],
    }
    expect(Relief.reduced(account, { market: 'ETH', size: 1n, feePpm: 500 })).toMatchObject({
      equity: 99n,
      positions: [{ notional: 1_000n }],
    })
    expect(Relief.reduced(account, { market: 'ETH', size: 1_001n, feePpm: 0 }).positions).toEqual([])
    expect(Relief.reduced(account, { market: 'BTC', size: 5n, feePpm: 0 }).positions).toEqual(account.positions)
  })
})

describe('deviations', () => {
  test('worked example: Breach’s distance, nearer by what the interval hides; never below 0', () => {
    const given = hour(0.02)
    expect(Relief.deviations(0.01, given) * 0.02).toBeCloseTo(
      Breach.distance(0.01, 0.02, 1) - 0.02 * Breach.monitoring * Math.sqrt(1 / 60),
      12,
    )
    expect(Relief.deviations(0.99, { ...given, intervalSeconds: 3_600 })).toBe(0)
  })
})

describe('ratio', () => {
  test('worked example: ten per cent away', () => {
    expect(Relief.ratio('long', 0.05, Math.log(1.25))).toBeCloseTo(1 - 0.95 * 0.8, 12)
    expect(Relief.ratio('short', 0.05, Math.log(1.25))).toBeCloseTo(1.05 * 1.25 - 1, 12)
  })
})
