import { Fixed } from '@plimsoll/margin'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Book, Breach, Closing, Figure, Forecast, Prediction, Relief } from './index.ts'
import { crossed, forecast, hour, isolated, usd } from './testing/predictions.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const goal: Relief.Goal = { probability: 0.01, feePpm: 500 }

const eth: Book.Position = { market: 'ETH', side: 'long', notional: usd(100_000), maintenancePpm: 50_000 }
const one = (side: Book.Side, equity: number, over: Partial<Book.Account> = {}): Book.Account => ({
  ...{ account: 'a', equity: usd(equity), collateral: usd(equity) },
  positions: [{ ...eth, side }],
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

  test('worked example: a short of 100,000 with 40,000 of its coin: x = (60,000·(y − 1) + 5,000·y − 4,500)/((y − 1) + 5 %·y − 0.05 %)', () => {
    const covered = one('short', 6_000, { holdings: [{ market: 'ETH', value: usd(40_000) }] })
    const found = Relief.of(covered, 'ETH', { forecast: hour(0.02), goal })
    if (found.status !== 'reaches') throw new Error(found.status)
    const y = Math.exp(0.02 * Relief.deviations(0.01, hour(0.02)))
    expect(Number(found.size) / 1e18).toBeCloseTo((60_000 * (y - 1) + 5_000 * y - 6_000) / (y - 1 + 0.05 * y - 0.0005), 6)
  })

  test('rounding: up, with a unit of margin more for the fee', () => {
    // So wide an hour that nothing is asked but to be above maintenance: 1,000 units at 5 % on 45, a fee of 0.7 %: (1 + 50 − 45)/4.3 % = 139.5.
    const given = { forecast: hour(0.02), goal: { probability: 0.95, feePpm: 7_000 } }
    const units: Book.Account = { ...one('long', 0), equity: 45n, positions: [{ ...eth, notional: 1_000n }] }
    expect(Relief.of(units, 'ETH', given)).toMatchObject({ status: 'reaches', size: 140n, account: { equity: 44n } })
  })

  test('edge: exactly as improbable as wanted; exactly as much equity as all of it costs, and a unit less', () => {
    const { probability: now } = Prediction.of(one('long', 8_400), hour(0.02)) as Prediction.Exposed
    expect(Relief.of(one('long', 8_400), 'ETH', { forecast: hour(0.02), goal: { ...goal, probability: now } })).toEqual({ status: 'none' })
    const dear = { forecast: hour(0.02), goal: { ...goal, feePpm: 51_000 } }
    expect(Relief.of(one('long', 5_100), 'ETH', dear)).toMatchObject({ status: 'reaches', size: usd(100_000), account: { equity: 0n } })
    const less = { ...one('long', 5_100), equity: usd(5_100) - 1n }
    expect(Relief.of(less, 'ETH', dear)).toEqual({ status: 'worsens' })
    // Breached, and a fee as high as the maintenance that a sale frees.
    const even = { forecast: hour(0.02), goal: { probability: 0.95, feePpm: 50_000 } }
    expect(Relief.of(one('long', 4_900), 'ETH', even)).toEqual({ status: 'worsens' })
  })

  test('edge: what is left of the other market is exactly as improbable as wanted', () => {
    const btc = { ...eth, market: 'BTC', notional: usd(80_000) }
    const account = one('long', 9_000, { positions: [btc, { ...eth, notional: usd(20_000) }] })
    const left = Prediction.of({ ...account, equity: usd(8_990), positions: [btc] }, hour(0.05)) as Prediction.Exposed
    const found = (target: number) => Relief.of(account, 'ETH', { forecast: hour(0.05), goal: { ...goal, probability: target } })
    expect(found(left.probability)).toMatchObject({ status: 'reaches', size: usd(20_000) })
    expect(found(left.probability * (1 - 1e-12))).toMatchObject({ status: 'short', size: usd(20_000) })
  })

  test('rounding: with jumps to the unit where a millionth of the position is less than one', () => {
    const given = { forecast: hour(0.01, { probability: 0.2, sigma: 0.08 }), goal: { ...goal, feePpm: 0 } }
    const units: Book.Account = { ...one('long', 0), equity: 100n, positions: [{ ...eth, notional: 1_000n }] }
    const chances = Array.from({ length: 1_001 }, (_, size) =>
      probability(Prediction.of(Relief.reduced(units, { market: 'ETH', size: BigInt(size), feePpm: 0 }), given.forecast)),
    )
    const least = chances.findIndex((chance) => chance <= 0.01)
    expect(least).toBeGreaterThan(0)
    expect(Relief.of(units, 'ETH', given)).toMatchObject({ status: 'reaches', size: BigInt(least) })
  })

  /** Whether so much less than what was found, and the digits that a float may be off by, is too little. */
  const isLeast = (account: Book.Account, market: string, expectation: Relief.of.Expectation, part: bigint) => {
    const found = Relief.of(account, market, expectation)
    if (found.status !== 'reaches') return true
    const gross = [...account.positions.map(({ notional }) => notional), ...(account.holdings ?? []).map(({ value }) => value)]
    const less = found.size - gross.reduce((sum, each) => sum + each, 0n) / part - 10n ** 12n - 1n
    if (less <= 0n) return true
    const missed = Relief.reduced(account, { market, size: less, feePpm: expectation.goal.feePpm })
    return probability(found.after) <= expectation.goal.probability && probability(Prediction.of(missed, expectation.forecast)) > 0.01
  }
  const calm = (given: Forecast.Forecast): Forecast.Forecast => ({
    ...given,
    markets: Object.fromEntries(Object.entries(given.markets).map(([name, each]) => [name, { ...each, jumps: Forecast.still }])),
  })

  test('property: in one market and in several, without jumps, 10⁻¹¹ of what is open less misses the target', () => {
    fc.assert(
      fc.property(fc.oneof(isolated, crossed), forecast, fc.integer({ min: 0, max: 1_000 }), (account, given, feePpm) => {
        const expectation = { forecast: calm(given), goal: { probability: 0.01, feePpm } }
        for (const { market } of account.positions) expect(isLeast(account, market, expectation, 10n ** 11n)).toBe(true)
      }),
      { numRuns },
    )
  })

  test('property: in one market with jumps a millionth of the position less misses the target', () => {
    fc.assert(
      fc.property(isolated, forecast, (account, given) => {
        expect(isLeast(account, 'ETH', { forecast: given, goal }, 1_000_000n)).toBe(true)
      }),
      { numRuns },
    )
  })

  test('bug: in several markets, exactly at the maintenance margin, up to a millionth of the position too much was closed', () => {
    // 5 % of 30,000 and 6.6667 % of 32,031, to the unit; a float has it 4·10⁻¹² short.
    const account: Book.Account = {
      ...{ account: 'a', equity: usd(1_500) + (usd(32_031) * 66_667n) / 1_000_000n, collateral: 0n },
      positions: [
        { market: 'BTC', side: 'short', notional: usd(30_000), maintenancePpm: 50_000 },
        { market: 'ETH', side: 'long', notional: usd(32_031), maintenancePpm: 66_667 },
      ],
    }
    expect([0n, 1n].map((less) => Prediction.isBreached({ ...account, equity: account.equity - less }))).toEqual([false, true])
    expect(isLeast(account, 'ETH', { forecast: hour(0.02), goal }, 10n ** 11n)).toBe(true)
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

  test('error: no such position, no forecast, no target, a fee that is no whole ppm', () => {
    const expectation = { forecast: hour(0.02), goal }
    const refused = (figure: string) => expect.objectContaining({ name: 'Figure.InvalidFigureError', figure, value: 0 })
    expect(() => Relief.of(one('long', 8_400), 'BTC', expectation)).toThrow(refused('positions in BTC'))
    expect(() => Relief.of(one('long', 8_400), 'ETH', { ...expectation, forecast: { ...hour(0.02), markets: {} } })).toThrow(
      refused('forecasts of ETH'),
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
