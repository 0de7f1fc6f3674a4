import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random, RealisedVariance, Returns, SyntheticMarket } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const returns = fc.array(
  fc.integer({ min: -500_000, max: 500_000 }).map((r) => r / 1_000_000),
  { minLength: 1, maxLength: 50 },
)
/** Constant volatility: the simulator whose one parameter is known. */
const still: SyntheticMarket.Dynamics = {
  ...SyntheticMarket.dynamics,
  slow: { deviation: 0, halfLifeSeconds: 1 },
  fast: { deviation: 0, halfLifeSeconds: 1 },
  own: { deviation: 0, halfLifeSeconds: 1 },
  dayAmplitude: 0,
  weekend: 0,
  jumps: { marketPerDay: 0, ownPerDay: 0, size: 0, aftermath: 0 },
}

describe('of', () => {
  test('worked example', () => {
    expect(RealisedVariance.of([3, -4])).toBe(25)
    expect(RealisedVariance.of([])).toBe(0)
  })
  test('dimension: returns × k give variance × k²', () => {
    fc.assert(
      fc.property(returns, (r) => {
        expect(RealisedVariance.of(r.map((x) => 4 * x))).toBe(16 * RealisedVariance.of(r))
      }),
      { numRuns },
    )
  })
  test('recovers the volatility of a market of constant volatility', () => {
    const market = SyntheticMarket.generate({
      seed: 3,
      startAt: 0,
      intervalSeconds: 300,
      bars: 20_000,
      assets: [{ symbol: 'A', price: 1, volatility: 0.6 }],
      dynamics: still,
    })
    const r = Returns.log(market['A'] ?? [])
    const sigma = RealisedVariance.annualise({ variance: RealisedVariance.of(r), horizonSeconds: 300 * r.length })
    // Standard error σ/√(2n) = 0.003.
    expect(Math.abs(sigma - 0.6)).toBeLessThan(0.009)
  })
})

describe('semivariance', () => {
  test('property: down and up add to the whole, and swap when signs do', () => {
    fc.assert(
      fc.property(returns, (r) => {
        const { down, up } = RealisedVariance.semivariance(r)
        expect(down + up).toBeCloseTo(RealisedVariance.of(r), 10)
        expect(RealisedVariance.semivariance(r.map((x) => -x))).toEqual({ down: up, up: down })
      }),
      { numRuns },
    )
  })
})

describe('bipower', () => {
  test('worked example: neighbours only, and the missing product made up for', () => {
    expect(RealisedVariance.bipower([1, -2, 0, 3, -1, 1])).toBeCloseTo(((Math.PI / 2) * 6 * 6) / 5, 12)
    expect(RealisedVariance.bipower([2, 2])).toBeCloseTo(Math.PI * 4, 12)
  })
  test('edge: without a neighbour there is no product', () => {
    expect(RealisedVariance.bipower([3])).toBe(0)
    expect(RealisedVariance.bipower([])).toBe(0)
  })
  test('recovers the variance of a diffusion that jumps, which the realised variance does not', () => {
    const random = Random.of(13)
    const days = Array.from({ length: 400 }, () => {
      const returns = Array.from({ length: 288 }, () => random.normal() / Math.sqrt(288))
      returns[Math.floor(288 * random.uniform())] = 1.5
      return RealisedVariance.measure(returns)
    })
    const mean = (of: (day: RealisedVariance.Measure) => number): number => days.reduce((sum, day) => sum + of(day), 0) / days.length
    expect(mean(({ variance }) => variance)).toBeGreaterThan(3)
    // A jump still meets its two neighbours: a bias of about π/2·2·1.5·√(2/π)/√288 = 0.22.
    expect(Math.abs(mean(({ bipower }) => bipower) - 1.22)).toBeLessThan(0.03)
  })
  test('dimension: returns × k give k²', () => {
    expect(RealisedVariance.bipower([2, -4, 6])).toBe(4 * RealisedVariance.bipower([1, -2, 3]))
  })
})

describe('quarticity', () => {
  test('worked example', () => {
    expect(RealisedVariance.quarticity([1, -2, 3])).toBe(98)
    expect(RealisedVariance.quarticity([])).toBe(0)
  })
  test('recovers the variance of the realised variance: 2·RQ/n', () => {
    const random = Random.of(14)
    const days = Array.from({ length: 4_000 }, () => RealisedVariance.measure(Array.from({ length: 50 }, random.normal)))
    const mean = days.reduce((sum, { variance }) => sum + variance, 0) / days.length
    const spread = days.reduce((sum, { variance }) => sum + (variance - mean) ** 2, 0) / days.length
    const said = days.reduce((sum, { quarticity }) => sum + (2 * quarticity) / 50, 0) / days.length
    // Standard error of a variance of 4 000 draws is 2.2 %.
    expect(Math.abs(said / spread - 1)).toBeLessThan(0.08)
  })
  test('dimension: returns × k give k⁴', () => {
    expect(RealisedVariance.quarticity([2, -4])).toBe(16 * RealisedVariance.quarticity([1, -2]))
  })
})

describe('measure', () => {
  test('worked example: each of its parts', () => {
    const returns = [0.5, -0.25, 0]
    expect(RealisedVariance.measure(returns)).toEqual({
      variance: 0.3125,
      down: 0.0625,
      up: 0.25,
      bipower: RealisedVariance.bipower(returns),
      quarticity: 0.06640625,
    })
  })
})

describe('garmanKlass', () => {
  test('worked example', () => {
    expect(RealisedVariance.garmanKlass({ closeAt: 0, open: 1, high: Math.E, low: 1, close: 1 })).toBe(0.5)
    expect(RealisedVariance.garmanKlass({ closeAt: 0, open: 1, high: Math.E, low: 1, close: Math.E })).toBeCloseTo(1.5 - 2 * Math.LN2, 14)
  })
  test('property: never negative on a sound bar', () => {
    const price = fc.double({ min: 0.1, max: 10, noNaN: true })
    fc.assert(
      fc.property(price, price, price, price, (a, b, c, d) => {
        const [low = 0, open = 0, close = 0, high = 0] = [a, b, c, d].sort((x, y) => x - y)
        expect(RealisedVariance.garmanKlass({ closeAt: 0, open, high, low, close })).toBeGreaterThanOrEqual(0)
      }),
      { numRuns },
    )
  })
  test('recovers the variance of Brownian bars', () => {
    const random = Random.of(11)
    let sum = 0
    const bars = 4_000
    for (let i = 0; i < bars; i++) {
      let [x, high, low] = [0, 0, 0]
      for (let k = 0; k < 200; k++) {
        x += 0.01 * random.normal()
        high = Math.max(high, x)
        low = Math.min(low, x)
      }
      sum += RealisedVariance.garmanKlass({ closeAt: 0, open: 1, high: Math.exp(high), low: Math.exp(low), close: Math.exp(x) })
    }
    // True variance 0.02; 200 steps miss a little of the range, so the estimate lies a few percent below.
    expect(sum / bars / 0.02).toBeGreaterThan(0.86)
    expect(sum / bars / 0.02).toBeLessThan(1.02)
  })
})

describe('annualise', () => {
  test('worked example: 1 % in a day is 19.1 % in a year', () => {
    expect(RealisedVariance.annualise({ variance: 0.0001, horizonSeconds: 86_400 })).toBeCloseTo(0.1910497, 7)
  })
  test('property: ofVolatility is the inverse', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 5, noNaN: true }), fc.integer({ min: 300, max: 864_000 }), (volatility, horizonSeconds) => {
        const variance = RealisedVariance.ofVolatility({ volatility, horizonSeconds })
        expect(RealisedVariance.annualise({ variance, horizonSeconds })).toBeCloseTo(volatility, 10)
      }),
      { numRuns },
    )
  })
})
