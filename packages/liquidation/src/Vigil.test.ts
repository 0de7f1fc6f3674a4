import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Book, Calibrator, Columns, Figure, Forecast, Prediction, Vigil } from './index.ts'
import { crowd, normal, uniform } from './testing/crowd.ts'
import { crossed, forecast as forecasts, hour, usd } from './testing/predictions.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

/** Of 64 markets, each with a spread and loading of its own. */
function forecastOf(names: readonly string[], seed: number): Forecast.Forecast {
  const next = uniform(seed)
  const markets = Object.fromEntries(
    names.map((name) => [name, { variance: (0.002 + 0.02 * next()) ** 2, loading: 0.3 + 0.7 * next(), jumps: Forecast.still }]),
  )
  return Forecast.of({ horizonSeconds: 3_600, intervalSeconds: 60, markets, calibrator: Calibrator.none })
}

/** A crowd of whom every other account has one position, 0 to 10 % from its margin. */
function mixed(count: number, seed: number): Columns.Columns {
  const columns = crowd(count, seed)
  const next = uniform(seed + 2)
  for (let i = 0; i < count; i += 2) {
    for (let slot = 1; slot < 4; slot++) columns.weight[slot * count + i] = 0
    const weight = columns.weight[i] ?? 0
    columns.cash[i] = 0.1 * next() * Math.abs(weight) - weight
  }
  return columns
}

/** Columns of accounts in markets A, B and C by hand: weights of each, and what is left above margin at the prices that they were valued at. */
function byHand(accounts: readonly { readonly weights: readonly number[]; readonly left: number }[], slots: 1 | 4 = 4): Columns.Columns {
  const columns = Columns.empty({ names: ['A', 'B', 'C'], accounts: [], count: accounts.length, slots })
  for (const [i, { weights, left }] of accounts.entries()) {
    const lines = [...weights.entries()].filter(([, weight]) => weight !== 0)
    for (const [slot, [k, weight]] of lines.entries()) {
      columns.market[slot * accounts.length + i] = k
      columns.weight[slot * accounts.length + i] = weight
    }
    columns.cash[i] = left - weights.reduce((sum, weight) => sum + weight, 0)
  }
  return columns
}

/** Spreads of 4 %, 1 % and 0.1 % within the hour, looked at once. */
const three = (trigger: number, reach: number): Vigil.Options => ({
  ...{ trigger, reach },
  forecast: Forecast.of({
    ...{ horizonSeconds: 3_600, intervalSeconds: 60, calibrator: Calibrator.none },
    markets: Object.fromEntries(
      (
        [
          ['A', 0.04],
          ['B', 0.01],
          ['C', 0.001],
        ] as const
      ).map(([name, sigma]) => [name, { variance: sigma * sigma, loading: 0.6, jumps: Forecast.still }]),
    ),
  }),
})

describe('tick', () => {
  test('property: exactly whom a scan over everybody finds, in the same order, however prices walk', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 30 }),
        fc.double({ min: 1e-4, max: 0.03, noNaN: true }),
        fc.constantFrom(0.005, 0.02, 0.2),
        fc.constantFrom(0.05, 1),
        (seed, step, reach, trigger) => {
          const columns = mixed(300, seed)
          const options = { forecast: forecastOf(columns.names, seed), trigger, reach }
          const ratios = new Float64Array(64).fill(1)
          const vigil = Vigil.of(columns, ratios, options)
          const found = new Int32Array(300)
          const gauss = normal(uniform(seed + 1))
          for (let tick = 0; tick < 30; tick++) {
            const factor = gauss()
            for (let k = 0; k < 64; k++) ratios[k] = (ratios[k] ?? 1) * Math.exp(step * (0.8 * factor + 0.6 * gauss()))
            const ranking = Vigil.tick(vigil, ratios)
            expect(ranking).toEqual(Vigil.scan(columns, ratios, options))
            // Whoever fails is at its front, and nobody else.
            const failing = found.subarray(0, Columns.failing(columns, ratios, found))
            expect(ranking.accounts.filter((_, i) => ranking.deviations[i] === 0)).toEqual(failing.slice())
          }
          expect(vigil.cost.ticks).toBe(30)
        },
      ),
      { numRuns: Math.ceil(numRuns / 20) },
    )
  })

  test('worked example: who is asked at which move, by the pace of its market: 1, ¼ and no less than a sixteenth', () => {
    const columns = byHand([
      { weights: [1, 0, 0], left: 0.1 },
      { weights: [0, 1, 0], left: 0.05 },
      { weights: [0, 0, -1], left: 0.0156 },
      { weights: [1, 0, 0], left: 0.26 },
      { weights: [0, 0, 1], left: 0.0157 },
    ])
    const vigil = Vigil.of(columns, Float64Array.of(1, 1, 1), three(1, 0.25))
    // 0.1, 4 × 0.05 and 16 × 0.0156 are within 0.25; 0.26 and 16 × 0.0157 are not.
    expect([...vigil.numbers]).toEqual([0, 1, 2])
    const moved = (...ratios: readonly number[]) => {
      const before = vigil.cost.asked
      const { accounts } = Vigil.tick(vigil, Float64Array.from(ratios))
      return { asked: vigil.cost.asked - before, failing: [...accounts] }
    }
    expect(moved(0.91, 1, 1)).toEqual({ asked: 0, failing: [] })
    expect(moved(1.11, 1, 1)).toEqual({ asked: 1, failing: [] })
    expect(moved(0.89, 1, 1)).toEqual({ asked: 1, failing: [0] })
    expect(moved(1, 1.049, 1)).toEqual({ asked: 1, failing: [] })
    expect(moved(1, 0.949, 1)).toEqual({ asked: 2, failing: [1] })
    expect(moved(1, 1, 1.0154)).toEqual({ asked: 2, failing: [] })
    // Both in the last of 256 groups: 16 × 0.0156 is 255.6 of 256 parts of 0.25.
    expect(moved(1, 1, 1.01561)).toEqual({ asked: 3, failing: [2] })
    expect(vigil.cost).toMatchObject({ ticks: 7, reads: 0 })
    // Everybody is read, and nobody is near any more: what is left of the first two has grown, and no price has moved since.
    expect(moved(1.3, 1.1, 1)).toEqual({ asked: 0, failing: [] })
    expect(vigil.cost.reads).toBe(1)
  })

  test('worked example: the radius of a trigger: (23) in one market, and in three that move together', () => {
    const trigger = 0.05
    const reach = 0.02
    const limit = 1.959964 - 0.5826 * Math.sqrt(1 / 60)
    const share = Math.expm1(limit * 0.04)
    // 2.5 %, and a little on either side, of weights that fall and rise.
    const radius = (weights: readonly number[], left: number) => {
      const sigmas = [0.04, 0.01, 0.001]
      const paces = [1, 1 / 4, 1 / 16]
      const moved = weights.map((weight, k) => weight * (sigmas[k] ?? 0))
      const common = 0.6 * moved.reduce((sum, each) => sum + each, 0)
      const own = moved.reduce((sum, each) => sum + 0.64 * each * each, 0)
      const most = weights.reduce((sum, weight, k) => sum + Math.abs(weight) * (paces[k] ?? 0), 0)
      return (left - (share / 0.04) * Math.hypot(common, Math.sqrt(own))) / (most * (1 + share))
    }
    for (const weights of [
      [100, 0, 0],
      [0, -100, 0],
      [100, 50, -300],
      [-0.4, 0.2, 0.3],
    ]) {
      // What leaves a radius of exactly the reach.
      const [none, one] = [radius(weights, 0), radius(weights, 1)]
      const left = (reach - none) / (one - none)
      const columns = byHand([
        { weights, left: left * (1 - 1e-5) },
        { weights, left: left * (1 + 1e-5) },
      ])
      expect([...Vigil.of(columns, Float64Array.of(1, 1, 1), three(trigger, reach)).numbers]).toEqual([0])
    }
  })

  test('edge: a reach below the last digit of a float reads everybody each time, and misses nobody', () => {
    const columns = byHand([
      { weights: [1, 0, 0], left: 0.1 },
      { weights: [1, 0, 0], left: 0 },
    ])
    const vigil = Vigil.of(columns, Float64Array.of(1, 1, 1), three(1, 1e-17))
    expect([...Vigil.tick(vigil, Float64Array.of(1, 1, 1)).accounts]).toEqual([1])
    expect([...Vigil.tick(vigil, Float64Array.of(0.9, 1, 1)).accounts]).toEqual([0, 1])
    expect(vigil.cost.reads).toBe(2)
  })

  test('edge: a tick that moves nothing asks only who is near, and a move beyond the reach reads everybody', () => {
    const columns = crowd(2_000, 5)
    const ratios = new Float64Array(64).fill(1)
    const vigil = Vigil.of(columns, ratios, { forecast: forecastOf(columns.names, 5), trigger: 0.05, reach: 0.02 })
    Vigil.tick(vigil, ratios)
    expect(vigil.cost).toMatchObject({ ticks: 1, reads: 0 })
    expect(vigil.cost.asked).toBeLessThan(600)
    Vigil.tick(vigil, ratios.fill(1.05))
    expect(vigil.cost.reads).toBe(1)
  })

  test('error: a price that is none', () => {
    const columns = crowd(1, 5)
    const vigil = Vigil.of(columns, new Float64Array(64).fill(1), { forecast: forecastOf(columns.names, 5), trigger: 0.05, reach: 0.02 })
    expect(() => Vigil.tick(vigil, new Float64Array(64))).toThrow(Figure.InvalidFigureError)
  })
})

describe('trigger', () => {
  test('edge: at 1 only who fails is told, to the last digit of a float, and is asked for no sooner', () => {
    const account = (name: string, equity: number): Book.Account => ({
      ...{ account: name, equity: usd(equity), collateral: usd(equity) },
      positions: [{ market: 'ETH', side: 'long', notional: usd(100), maintenancePpm: 0 }],
    })
    const columns = Columns.of(Book.of([account('a', 20), account('b', 60)]))
    const options = { forecast: hour(0.02), trigger: 1, reach: 0.5 }
    const vigil = Vigil.of(columns, Float64Array.of(1), options)
    expect([...Vigil.tick(vigil, Float64Array.of(0.801)).accounts]).toEqual([])
    expect([...Vigil.tick(vigil, Float64Array.of(0.8)).accounts]).toEqual([0])
    expect([...Vigil.tick(vigil, Float64Array.of(0.9)).accounts]).toEqual([])
    // b, 60 % away, was never asked, and a only at the price that it fails at.
    expect(vigil.cost).toEqual({ ticks: 3, asked: 1, reads: 0 })
  })
})

describe('scan', () => {
  test('property: the probabilities of the predictions, in one market and in several', () => {
    fc.assert(
      fc.property(fc.array(crossed, { maxLength: 6 }), forecasts, (list, given) => {
        const markets = Object.fromEntries(Object.entries(given.markets).map(([name, each]) => [name, { ...each, jumps: Forecast.still }]))
        const forecast = { ...given, markets }
        const accounts = list
          .map((account, i) => ({ ...account, account: String(i) }))
          .filter((each) => Prediction.linesOf(each).length > 1)
        const columns = Columns.of(Book.of(accounts))
        const ranking = Vigil.scan(columns, new Float64Array(columns.names.length).fill(1), { forecast, trigger: 1e-3 })
        const told = new Map([...ranking.accounts].map((number, i) => [columns.accounts[number], ranking.probabilities[i]]))
        for (const account of accounts) {
          const found = Prediction.of(account, forecast)
          // Columns count who is exactly at its margin as below it.
          const isTie = found.status === 'exposed' && found.distance < 1e-9
          const probability = found.status === 'unknown' || isTie ? Number.NaN : found.probability
          if (probability > 1.001e-3) expect(told.get(account.account)).toBeCloseTo(probability, 4)
          if (probability < 0.999e-3) expect(told.has(account.account)).toBe(false)
        }
      }),
      { numRuns: Math.ceil(numRuns / 4) },
    )
  })

  test('worked example: the most probable first, ties by number; who is below its margin is certain', () => {
    const account = (name: string, equity: number): Book.Account => ({
      ...{ account: name, equity: usd(equity), collateral: usd(equity) },
      positions: [{ market: 'ETH', side: 'long', notional: usd(100), maintenancePpm: 50_000 }],
    })
    const columns = Columns.of(Book.of([account('a', 7), account('b', 4), account('c', 7), account('d', 6), account('e', 50)]))
    const found = Vigil.scan(columns, Float64Array.of(1), { forecast: hour(0.02), trigger: 0.05 })
    expect([...found.accounts]).toEqual([1, 3, 0, 2])
    expect(found.probabilities[0]).toBe(1)
    // P_liq = 93/95, at a spread of 2 %.
    expect(found.deviations[2]).toBeCloseTo(Math.log(95 / 93) / 0.02, 9)
  })
})

describe('deviations', () => {
  const ones = Float64Array.of(1, 1, 1)
  const at = { ratios: ones, sigmas: Float64Array.of(0.04, 0.01, 0.001), loadings: Float64Array.of(0.6, 0.6, 0.6) }
  const of = (weights: readonly number[], left: number) => Vigil.deviations(byHand([{ weights, left }]), 0, at)

  test('worked example: the log move of one price by its spread, of a USD as of a million', () => {
    for (const scale of [1, 1e-3, 1e6]) {
      expect(of([100 * scale, 0, 0], 10 * scale)).toBeCloseTo(-Math.log(0.9) / 0.04, 9)
      expect(of([0, -100 * scale, 0], 10 * scale)).toBeCloseTo(Math.log(1.1) / 0.01, 9)
    }
    expect(of([1, 0, 0], 0.1)).toBeCloseTo(-Math.log(0.9) / 0.04, 9)
  })
  test('worked example: what is left of several by what they move together', () => {
    // 0.6·(4 + 1) and 0.8·√(4² + 1²) of 100 each; opposite ones share 0.6·(4 − 1).
    expect(of([100, 100, 0], 10)).toBeCloseTo(10 / Math.hypot(0.6 * 5, 0.8 * Math.sqrt(17)), 9)
    expect(of([100, -100, 0], 10)).toBeCloseTo(10 / Math.hypot(0.6 * 3, 0.8 * Math.sqrt(17)), 9)
  })
  test('edge: nothing left is none; where no price is low enough, or none matters, there is no distance', () => {
    expect(of([100, 0, 0], 0)).toBe(0)
    expect(of([100, 0, 0], -1)).toBe(0)
    expect(of([100, 0, 0], 100)).toBe(Number.POSITIVE_INFINITY)
    expect(of([100, 0, 0], 150)).toBe(Number.POSITIVE_INFINITY)
    expect(of([0, 0, 0], 1)).toBe(Number.POSITIVE_INFINITY)
    expect(of([0, 0, 0], 0)).toBe(0)
  })
})

describe('of', () => {
  test('error: a reach that is none, a market without a forecast or with jumps, no trigger', () => {
    const columns = crowd(1, 5)
    const ones = new Float64Array(64).fill(1)
    const forecast = forecastOf(columns.names, 5)
    const jumpy = { ...forecast.markets, M00: { variance: 1e-4, loading: 0, jumps: { probability: 0.1, sigma: 0.1 } } }
    const good = { forecast, trigger: 0.05, reach: 0.02 }
    for (const bad of [
      { reach: 0 },
      { reach: 1 },
      { trigger: 0 },
      { forecast: { ...forecast, markets: {} } },
      { forecast: { ...forecast, markets: jumpy } },
    ])
      expect(() => Vigil.of(columns, ones, { ...good, ...bad })).toThrow(Figure.InvalidFigureError)
    expect(() => Vigil.of(columns, new Float64Array(63).fill(1), good)).toThrow(Figure.InvalidFigureError)
    expect(() => Vigil.scan(columns, new Float64Array(63).fill(1), good)).toThrow(Figure.InvalidFigureError)
  })
})
