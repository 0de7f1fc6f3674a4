import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Book, Figure, Insurance, type Stress, Venue } from './index.ts'
import { crossBook, isolated, market, plainly, someMarkets } from './testing/books.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const still = { [market]: Venue.plain({ kind: 'linear', slope: 0 }) }
const scenario = (book: Book.Book, markets: Venue.Markets): Stress.Scenario => ({
  book,
  markets,
  shocks: {},
  policy: { kind: 'full' },
  feePpm: 0,
  reserves: { junior: 0n, insurance: 0n, senior: 0n },
  deleveraging: 'queue',
  roundCap: 1_000,
})
const draws: Insurance.Draws = { sigma: { [market]: 0.1 }, common: 1, tails: null, seed: 7 }

describe('shocks', () => {
  test('property: of the σ that is asked for, normal or heavy-tailed, and as correlated as is asked for', () => {
    for (const tails of [null, 5]) {
      const given = { sigma: { A: 0.2, B: 0.1 }, common: 0.36, tails, seed: 3 }
      let [a, b, both] = [0, 0, 0]
      const paths = 40_000
      for (let path = 0; path < paths; path++) {
        const moves = Insurance.shocks(given, path)
        a += (moves['A'] ?? 0) ** 2
        b += (moves['B'] ?? 0) ** 2
        both += (moves['A'] ?? 0) * (moves['B'] ?? 0)
      }
      expect(Math.sqrt(a / paths)).toBeCloseTo(0.2, 2)
      expect(Math.sqrt(b / paths)).toBeCloseTo(0.1, 2)
      expect(both / Math.sqrt(a * b)).toBeCloseTo(0.36, 1)
    }
  })

  test('vector: the paths of a seed do not change', () => {
    const given = { sigma: { A: 1, B: 2 }, common: 0.36, tails: 3 }
    expect(Insurance.shocks({ ...given, seed: 0 }, 0)).toEqual({
      A: expect.closeTo(0.5472799071205801, 12),
      B: expect.closeTo(-1.5961710457424896, 12),
    })
    expect(Insurance.shocks({ ...given, seed: 1 }, 1)).toEqual({
      A: expect.closeTo(2.4527233105439152, 12),
      B: expect.closeTo(1.7425584807469494, 12),
    })
    expect(Insurance.shocks({ ...given, seed: 7 }, 1_000)).toEqual({
      A: expect.closeTo(-0.1486228690604902, 12),
      B: expect.closeTo(-0.3281246989629471, 12),
    })
  })

  test('edge: the same path of the same seed is the same, another is another', () => {
    expect(Insurance.shocks(draws, 5)).toEqual(Insurance.shocks(draws, 5))
    expect(Insurance.shocks(draws, 5)).not.toEqual(Insurance.shocks(draws, 6))
    expect(Insurance.shocks({ ...draws, seed: 8 }, 5)).not.toEqual(Insurance.shocks(draws, 5))
  })
})

describe('simulate, assess', () => {
  test('worked example: one long of 100 with 15 behind it: VaR is 100·(1 − e^(−zσ)) − 15', () => {
    const book = Book.of([isolated('a', 'long', 100, 15, 0)])
    const sample = Insurance.simulate(scenario(book, still), draws, { from: 0, to: 20_000 })
    const { valueAtRisk, liquidationsAtRisk, probability, interval, paths } = Insurance.assess([sample], 0.99)
    const expected = 100 * (1 - Math.exp(-2.3263478740408408 * 0.1)) - 15
    expect(Math.abs(valueAtRisk - expected)).toBeLessThan(0.5)
    expect(liquidationsAtRisk).toBe(100)
    // P(x < ln 0.85) = Φ(−1.625).
    expect(interval[0]).toBeLessThan(0.0521)
    expect(interval[1]).toBeGreaterThan(0.0521)
    expect(probability).toBeCloseTo(0.0521, 2)
    expect(paths).toBe(20_000)
  })

  test('worked example: of 10 losses, VaR at 80 % is the eighth and ES the mean of the two beyond', () => {
    const losses = Float64Array.of(5, 0, 9, 1, 8, 2, 7, 3, 6, 4)
    const risk = Insurance.assess([{ from: 0, forced: losses, losses }], 0.8)
    expect(risk).toMatchObject({
      valueAtRisk: 7,
      expectedShortfall: expect.closeTo(8.5, 12),
      liquidationsAtRisk: 7,
      losing: 9,
      probability: 0.9,
    })
    // At 75 % half of the eighth counts as beyond: (7·0.5 + 8 + 9)/2.5.
    expect(Insurance.assess([{ from: 0, forced: losses, losses }], 0.75).expectedShortfall).toBeCloseTo(20.5 / 2.5, 12)
  })

  test('worked example: one losing path of ten is 1.8 to 40.4 % at 95 %', () => {
    const losses = Float64Array.from({ length: 10 }, (_, i) => (i === 3 ? 5 : 0))
    const { interval, losing } = Insurance.assess([{ from: 0, forced: losses, losses }], 0.5)
    expect(losing).toBe(1)
    expect(interval).toEqual([expect.closeTo(0.01788, 4), expect.closeTo(0.40416, 4)])
    const none = Insurance.assess([{ from: 0, forced: losses, losses: new Float64Array(10) }], 0.5)
    expect(none.interval).toEqual([0, expect.closeTo(0.27753, 4)])
  })

  test('property: slices make up the whole, ES is no less than VaR, both rise with the level', () => {
    const level = fc.double({ min: 0.05, max: 0.95, noNaN: true })
    fc.assert(
      fc.property(
        crossBook(fc.constantFrom('long', 'short')),
        someMarkets,
        fc.nat(1_000),
        fc.integer({ min: 1, max: 19 }),
        level,
        level,
        (book, markets, seed, cut, a, b) => {
          const given = scenario(book, plainly(markets))
          const all = { sigma: { 'BTC-PERP': 0.1, 'ETH-PERP': 0.15 }, common: 0.5, tails: 4, seed }
          const whole = Insurance.simulate(given, all, { from: 0, to: 20 })
          const parts = [Insurance.simulate(given, all, { from: cut, to: 20 }), Insurance.simulate(given, all, { from: 0, to: cut })]
          expect(Insurance.assess(parts, a)).toEqual(Insurance.assess([whole], a))
          const [low, high] = [Insurance.assess(parts, Math.min(a, b)), Insurance.assess(parts, Math.max(a, b))]
          for (const risk of [low, high]) expect(risk.expectedShortfall).toBeGreaterThanOrEqual(risk.valueAtRisk * (1 - 1e-9))
          expect(high.valueAtRisk).toBeGreaterThanOrEqual(low.valueAtRisk)
          expect(high.expectedShortfall).toBeGreaterThanOrEqual(low.expectedShortfall * (1 - 1e-9))
          expect(high.liquidationsAtRisk).toBeGreaterThanOrEqual(low.liquidationsAtRisk)
        },
      ),
      { numRuns: Math.ceil(numRuns / 20) },
    )
  })

  test('edge: a shock of the scenario itself is added to every path', () => {
    const given = scenario(Book.of([isolated('a', 'long', 100, 15, 0)]), still)
    const sure = Insurance.simulate({ ...given, shocks: { [market]: -5 } }, draws, { from: 0, to: 10 })
    expect(Insurance.assess([sure], 0.5).probability).toBe(1)
  })

  test('error: draws, slices and levels that are none', () => {
    const given = scenario(Book.of([]), still)
    const slice = { from: 0, to: 1 }
    for (const bad of [{ common: 1.1 }, { tails: 2 }, { sigma: { [market]: -1 } }, { seed: 0.5 }])
      expect(() => Insurance.simulate(given, { ...draws, ...bad }, slice)).toThrow(Figure.InvalidFigureError)
    expect(() => Insurance.simulate(given, draws, { from: 2, to: 1 })).toThrow(Figure.InvalidFigureError)
    expect(() => Insurance.assess([], 0.5)).toThrow(Figure.InvalidFigureError)
    for (const level of [0, 1])
      expect(() => Insurance.assess([Insurance.simulate(given, draws, slice)], level)).toThrow(Figure.InvalidFigureError)
  })
})

describe('oneFactor', () => {
  test('worked example: 1,000 at σ = 10 % with 5 % behind it at 99 %', () => {
    expect(Insurance.oneFactor({ notional: 1_000, buffer: 0.05, sigma: 0.1 }, 0.99)).toBeCloseTo(182.63, 2)
    expect(() => Insurance.oneFactor({ notional: 1, buffer: 0, sigma: -1 }, 0.5)).toThrow(Figure.InvalidFigureError)
    for (const level of [0, 1])
      expect(() => Insurance.oneFactor({ notional: 1, buffer: 0, sigma: 1 }, level)).toThrow(Figure.InvalidFigureError)
  })
})
