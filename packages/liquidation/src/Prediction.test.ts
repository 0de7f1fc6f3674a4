import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Book, Breach, Calibrator, Forecast, Paths, Prediction, Radius } from './index.ts'
import { uniform } from './testing/crowd.ts'
import { crossed, forecast, hour, isolated, names, usd } from './testing/predictions.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

const one = (side: Book.Side, equity: number, over: Partial<Book.Account> = {}): Book.Account => ({
  ...{ account: 'a', equity: usd(equity), collateral: usd(equity) },
  positions: [{ market: 'ETH', side, notional: usd(100), maintenancePpm: 50_000 }],
  ...over,
})

const probability = (found: Prediction.Prediction) => (found.status === 'unknown' ? Number.NaN : found.probability)

describe('of', () => {
  test('worked example: a long of 100 on 10: P_liq = 90/95, d = ln(95/90) = 5.407 %', () => {
    const found = Prediction.of(one('long', 10), hour(0.02))
    expect(found).toMatchObject({ status: 'exposed', method: 'isolated', sigma: 0.02 })
    if (found.status !== 'exposed') throw new Error(found.status)
    expect(found.distance).toBeCloseTo(Math.log(95 / 90), 12)
    // z = 2.7034 + 0.5826/√60 = 2.7786, 2Φ(−z) = 0.546 %.
    expect(found.probability).toBeCloseTo(0.00546, 5)
    expect(found.probability).toBeCloseTo(Breach.monitored({ distance: found.distance, sigma: 0.02, horizon: 1, drift: 0 }, 1 / 60), 14)
    // Bachelier: a buffer of 10 at a spread of 2 is 5 deviations.
    expect(found.shortfall).toBeCloseTo(Breach.gap({ buffer: 10, sigma: 2 }).rate, 14)
  })

  test('worked example: a short of 100 on 10: P_liq = 110/105', () => {
    expect(Prediction.of(one('short', 10), hour(0.02))).toMatchObject({ distance: expect.closeTo(Math.log(110 / 105), 12) })
  })

  test('worked example: jumps: a probability of 10 % of one that is beyond the distance half as often as not', () => {
    const calm = Prediction.of(one('long', 10), hour(0.02))
    const jumpy = Prediction.of(one('long', 10), hour(0.02, { probability: 0.1, sigma: 0.05407 }))
    // 1 − (1 − P)(1 − 0.1·Φ(−1)).
    expect(probability(jumpy)).toBeCloseTo(1 - (1 - probability(calm)) * (1 - 0.1 * 0.15865), 5)
    if (jumpy.status === 'unknown' || calm.status === 'unknown') throw new Error('unknown')
    const jumped = Breach.gap({ buffer: 10, sigma: Math.hypot(2, 5.407) }).rate
    expect(jumpy.shortfall).toBeCloseTo(0.9 * calm.shortfall + 0.1 * jumped, 12)
  })

  test('worked example: two markets that move apart: 3-4-5', () => {
    const account: Book.Account = {
      ...{ account: 'a', equity: usd(30), collateral: usd(30) },
      positions: [
        { market: 'BTC', side: 'long', notional: usd(300), maintenancePpm: 0 },
        { market: 'ETH', side: 'short', notional: usd(400), maintenancePpm: 0 },
      ],
    }
    const given = Forecast.of({
      ...{ horizonSeconds: 3_600, intervalSeconds: 3_600, calibrator: Calibrator.none },
      markets: {
        BTC: { variance: 4e-4, loading: 0, jumps: Forecast.still },
        ETH: { variance: 4e-4, loading: 0, jumps: Forecast.still },
      },
    })
    // Spread 2 % of √(300² + 400²) = 10 USD: H = 30 is three of them.
    const found = Prediction.of(account, given)
    expect(found).toMatchObject({ method: 'first-order', distance: expect.closeTo(30 / 700, 12), sigma: expect.closeTo(10 / 700, 12) })
    expect(probability(found)).toBeCloseTo(Calibrator.probability(Calibrator.none, 3 + Breach.monitoring), 12)
    // Hedged by one factor: the spread is 2 % of the difference.
    const hedged = {
      ...given,
      markets: Object.fromEntries(['BTC', 'ETH'].map((name) => [name, { variance: 4e-4, loading: 1, jumps: Forecast.still }])),
    }
    expect(Prediction.of(account, hedged)).toMatchObject({ sigma: expect.closeTo(2 / 700, 12) })
  })

  test('worked example: jumps of two markets, each against what it has to lose: 30 of 300 and of 400', () => {
    const account: Book.Account = {
      ...{ account: 'a', equity: usd(30), collateral: usd(30) },
      positions: [
        { market: 'BTC', side: 'long', notional: usd(300), maintenancePpm: 0 },
        { market: 'ETH', side: 'short', notional: usd(400), maintenancePpm: 0 },
      ],
    }
    const given = (btc: Forecast.Jumps, eth: Forecast.Jumps) => ({
      ...hour(0.02),
      markets: { BTC: { variance: 4e-4, loading: 0, jumps: btc }, ETH: { variance: 4e-4, loading: 0, jumps: eth } },
    })
    const calm = probability(Prediction.of(account, given(Forecast.still, Forecast.still)))
    const jumpy = Prediction.of(account, given({ probability: 0.1, sigma: 0.1 }, { probability: 0.2, sigma: 0.075 }))
    // Each as far as one of its spreads: Φ(−1) = 15.8655 %.
    expect(probability(jumpy)).toBeCloseTo(1 - (1 - calm) * (1 - 0.0158655) * (1 - 0.031731), 6)
  })

  test('edge: a position of a USD, and a jump that is certain', () => {
    const least: Book.Account = {
      ...one('long', 0.01),
      positions: [{ market: 'ETH', side: 'long', notional: usd(1), maintenancePpm: 0 }],
    }
    expect(Prediction.of(least, hour(0.02))).toMatchObject({
      distance: expect.closeTo(-Math.log(0.99), 12),
      shortfall: expect.closeTo(Breach.gap({ buffer: 0.01, sigma: 0.02 }).rate, 14),
    })
    const certain = Prediction.of(one('long', 10), hour(0.02, { probability: 1, sigma: 0.05 }))
    expect(certain).toMatchObject({ shortfall: expect.closeTo(Breach.gap({ buffer: 10, sigma: Math.hypot(2, 5) }).rate, 14) })
  })

  test('edge: below its maintenance margin by one unit, exactly at it, and above', () => {
    const at = (units: bigint) => Prediction.of({ ...one('long', 5), equity: usd(5) + units }, hour(0.02))
    expect(at(-1n)).toMatchObject({ status: 'breached', probability: 1 })
    expect(at(0n)).toMatchObject({ status: 'exposed', distance: 0, probability: expect.closeTo(0.94, 2) })
    expect(probability(at(10n ** 15n))).toBeLessThan(probability(at(0n)))
  })

  test('edge: nothing to breach', () => {
    const safe = { status: 'safe', probability: 0, shortfall: 0 }
    expect(Prediction.of(one('long', 10, { positions: [] }), hour(0.02))).toEqual(safe)
    expect(Prediction.of(one('long', -4, { positions: [] }), hour(0.02))).toEqual({ ...safe, shortfall: 4 })
    // A long fully paid for, and a short of what is held.
    expect(Prediction.of(one('long', 100), hour(0.02))).toEqual(safe)
    expect(Prediction.of(one('short', 100, { holdings: [{ market: 'ETH', value: usd(105) }] }), hour(0.02))).toEqual(safe)
    // As much of each as it needs: no move of either takes anything.
    const shorts = names.slice(0, 2).map((name) => ({ ...{ market: name, side: 'short' as const }, notional: usd(100), maintenancePpm: 0 }))
    const even = one('short', 300, { positions: shorts, holdings: shorts.map(({ market }) => ({ market, value: usd(100) })) })
    expect(Prediction.of(even, hour(0.02))).toEqual(safe)
  })

  test('edge: what is held offsets all that moves, or all that a move breaches', () => {
    const even = one('short', 10, { holdings: [{ market: 'ETH', value: usd(100) }] })
    expect(Prediction.of(even, hour(0.02))).toMatchObject({
      status: 'exposed',
      shortfall: 0,
      distance: expect.closeTo(Math.LN2, 12),
    })
    expect(Prediction.of({ ...even, equity: usd(-4) }, hour(0.02))).toEqual({ status: 'breached', probability: 1, shortfall: 4 })
    // Weight 0 in ETH, at its margin: BTC alone decides.
    const still = one('short', 6, {
      positions: [
        { market: 'BTC', side: 'long', notional: usd(100), maintenancePpm: 10_000 },
        { market: 'ETH', side: 'short', notional: usd(100), maintenancePpm: 50_000 },
      ],
      holdings: [{ market: 'ETH', value: usd(105) }],
    })
    expect(Prediction.of(still, hour(0.02, { probability: 0.1, sigma: 0.1 }))).toMatchObject({
      distance: 0,
      probability: expect.closeTo(1 - (1 - 0.93999) * 0.95, 3),
    })
  })

  test('edge: without a forecast nothing is said, but a breach is seen', () => {
    const without = { ...hour(0.02), markets: {} }
    expect(Prediction.of(one('long', 10), without)).toEqual({ status: 'unknown', markets: ['ETH'] })
    expect(Prediction.of(one('long', 10, { holdings: [{ market: 'toString', value: 1n }] }), hour(0.02))).toEqual({
      status: 'unknown',
      markets: ['toString'],
    })
    expect(Prediction.of(one('long', 4), without)).toEqual({ status: 'breached', probability: 1, shortfall: 0 })
    expect(Prediction.of(one('long', -4), without)).toEqual({ status: 'breached', probability: 1, shortfall: 4 })
  })

  test('property: a probability that grows with σ and jumps, and falls with equity', () => {
    fc.assert(
      fc.property(crossed, forecast, fc.double({ min: 1, max: 4, noNaN: true }), (account, given, factor) => {
        const p = probability(Prediction.of(account, given))
        expect(p).toBeGreaterThanOrEqual(0)
        expect(p).toBeLessThanOrEqual(1)
        const wilder = {
          ...given,
          markets: Object.fromEntries(
            Object.entries(given.markets).map(([name, { variance, loading, jumps }]) => [
              name,
              { variance: variance * factor * factor, loading, jumps: { probability: jumps.probability, sigma: jumps.sigma * factor } },
            ]),
          ),
        }
        expect(probability(Prediction.of(account, wilder))).toBeGreaterThanOrEqual(p - 1e-12)
        const richer = { ...account, equity: account.equity + account.equity / 3n }
        expect(probability(Prediction.of(richer, given))).toBeLessThanOrEqual(p + 1e-12)
      }),
      { numRuns },
    )
  })

  test('property: grows with leverage: all positions and needs twice as large on the same equity', () => {
    fc.assert(
      fc.property(isolated, forecast, (account, given) => {
        const doubled = { ...account, positions: account.positions.map((each) => ({ ...each, notional: 2n * each.notional })) }
        expect(probability(Prediction.of(doubled, given))).toBeGreaterThanOrEqual(probability(Prediction.of(account, given)) - 1e-12)
      }),
      { numRuns },
    )
  })

  test('dimension: all money a thousandfold, the probability stays and the shortfall is a thousandfold', () => {
    fc.assert(
      fc.property(crossed, forecast, (account, given) => {
        const large = {
          ...account,
          equity: 1_000n * account.equity,
          positions: account.positions.map((each) => ({ ...each, notional: 1_000n * each.notional })),
          ...(account.holdings ? { holdings: account.holdings.map((each) => ({ ...each, value: 1_000n * each.value })) } : {}),
        }
        const [a, b] = [Prediction.of(account, given), Prediction.of(large, given)]
        if (a.status === 'unknown' || b.status === 'unknown') throw new Error('unknown')
        expect(b.probability).toBeCloseTo(a.probability, 9)
        expect(b.shortfall / 1_000).toBeCloseTo(a.shortfall, 6)
      }),
      { numRuns },
    )
  })

  test('property: the order of positions says nothing', () => {
    fc.assert(
      fc.property(crossed, forecast, (account, given) => {
        expect(Prediction.of({ ...account, positions: account.positions.toReversed() }, given)).toEqual(Prediction.of(account, given))
      }),
      { numRuns },
    )
  })

  test('vector: paths simulated exactly agree where moves are small', () => {
    const next = uniform(11)
    const gauss = () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next())
    const account: Book.Account = {
      ...{ account: 'a', equity: usd(24), collateral: usd(24) },
      positions: [
        { market: 'BTC', side: 'long', notional: usd(300), maintenancePpm: 20_000 },
        { market: 'ETH', side: 'short', notional: usd(200), maintenancePpm: 30_000 },
      ],
    }
    const given = { ...hour(0.03), intervalSeconds: 36 }
    const [paths, steps] = [20_000, 100]
    const draws: Paths.Draws = {
      ...{ paths, steps },
      normals: Float64Array.from({ length: paths * steps * 3 }, gauss),
      uniforms: Float64Array.from({ length: paths * 2 }, next),
      jumps: Float64Array.from({ length: paths * 2 }, gauss),
    }
    const simulated = Paths.simulate(account, given, draws)
    const p = probability(Prediction.of(account, given))
    expect(p).toBeGreaterThan(0.05)
    expect(Math.abs(simulated.probability - p)).toBeLessThan(4 * simulated.standardError + 0.004)
    // Without the interval's correction it would not.
    const always = probability(Prediction.of(account, { ...given, intervalSeconds: 1e-6 }))
    expect(Math.abs(simulated.probability - always)).toBeGreaterThan(4 * simulated.standardError)
  })
})

describe('spread', () => {
  test('worked example: one factor: 3 and 4 together are 7, apart 5, against each other 1', () => {
    const given = (loading: number) => ({
      ...hour(1),
      markets: Object.fromEntries(names.map((name) => [name, { variance: 1, loading, jumps: Forecast.still }])),
    })
    expect(
      Prediction.spread(
        [
          ['BTC', 3],
          ['ETH', 4],
        ],
        given(1),
      ),
    ).toBeCloseTo(7, 12)
    expect(
      Prediction.spread(
        [
          ['BTC', 3],
          ['ETH', 4],
        ],
        given(0),
      ),
    ).toBeCloseTo(5, 12)
    expect(
      Prediction.spread(
        [
          ['BTC', 3],
          ['ETH', -4],
        ],
        given(1),
      ),
    ).toBeCloseTo(1, 12)
  })
})

describe('linesOf', () => {
  test('worked example: a holding stands with the position of its market, by name', () => {
    const account = one('short', 10, {
      holdings: [
        { market: 'ETH', value: usd(40) },
        { market: 'BTC', value: usd(1) },
      ],
    })
    expect(Prediction.linesOf(account)).toEqual([
      { market: 'BTC', exposure: 1, weight: 1 },
      { market: 'ETH', exposure: -60, weight: -65 },
    ])
  })
})

test('property: the first-order distance is the safe radius of the account', () => {
  // H/Σ|g|: what Radius calls r, but for its roundings.
  const account = one('long', 10, {
    positions: [
      { market: 'BTC', side: 'long', notional: usd(50), maintenancePpm: 50_000 },
      { market: 'ETH', side: 'short', notional: usd(50), maintenancePpm: 50_000 },
    ],
  })
  const found = Prediction.of(account, hour(0.02))
  const lines = Prediction.linesOf(account)
  const gross = lines.reduce((sum, { weight }) => sum + Math.abs(weight), 0)
  expect(found).toMatchObject({ distance: expect.closeTo(Radius.safe(5, gross, 0), 9) })
})
