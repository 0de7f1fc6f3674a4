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
  })
})
