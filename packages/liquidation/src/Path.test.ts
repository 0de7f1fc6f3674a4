import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Figure, Path } from './index.ts'
import { seeded } from './testing/seeded.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const bar = { open: 4, high: 8, low: 2, close: 4 }
const market = { bars: [bar], start: 0, stepsPerBar: 6, stepSeconds: 10 }

describe('bridge', () => {
  test('worked example: through the low and the high, from the open to the close', () => {
    const drawn = [0.1, 0.2, 0.7]
    const { log } = Path.bridge(market, { uniform: () => drawn.shift() ?? 0.5, normal: () => 0 })
    // Low first; extremes after 2 and 4 of 6 steps, in straight lines of the log.
    expect([...log].map((value) => Math.exp(value)).map((price) => Math.round(1e6 * price) / 1e6)).toEqual(
      [4, Math.sqrt(8), 2, 4, 8, Math.sqrt(32), 4].map((price) => Math.round((1e6 * price) / 4) / 1e6),
    )
  })
  test('edge: prices count from where trading begins, and a gap between bars is a step', () => {
    const flat = (price: number) => ({ open: price, high: price, low: price, close: price })
    const { log, start } = Path.bridge({ ...market, bars: [flat(1), flat(2)], start: 1, stepsPerBar: 3 }, seeded(1))
    expect(start).toBe(3)
    expect([...log].map((value) => Math.exp(value))).toEqual([1, 1, 1, 1, 2, 2, 2])
  })
  test('property: each bar is met in open, extremes and close, whatever is drawn; the same seed is the same path', () => {
    const price = fc.double({ min: 1, max: 2, noNaN: true })
    fc.assert(
      fc.property(fc.tuple(price, price, price, price), fc.integer({ min: 3, max: 40 }), fc.nat(), ([a, b, c, d], stepsPerBar, seed) => {
        const [low = 1, open = 1, close = 1, high = 1] = [a, b, c, d].sort((x, y) => x - y)
        const given = { bars: [{ open, high, low, close }], start: 0, stepsPerBar, stepSeconds: 10 }
        const { log } = Path.bridge(given, seeded(seed))
        const prices = [...log].map((value) => open * Math.exp(value))
        expect(prices.length).toBe(stepsPerBar + 1)
        expect(Math.min(...prices)).toBeCloseTo(low, 9)
        expect(Math.max(...prices)).toBeCloseTo(high, 9)
        expect(prices.at(-1)).toBeCloseTo(close, 9)
        expect(Path.bridge(given, seeded(seed)).log).toEqual(log)
      }),
      { numRuns },
    )
  })
  test('error: an unsound bar, no bar to trade in, too few steps', () => {
    expect(() => Path.bridge({ ...market, bars: [{ ...bar, low: 5 }] }, seeded(1))).toThrow(Figure.InvalidFigureError)
    expect(() => Path.bridge({ ...market, bars: [{ ...bar, high: 3 }] }, seeded(1))).toThrow(Figure.InvalidFigureError)
    expect(() => Path.bridge({ ...market, start: 1 }, seeded(1))).toThrow(Figure.InvalidFigureError)
    expect(() => Path.bridge({ ...market, stepsPerBar: 2 }, seeded(1))).toThrow(Figure.InvalidFigureError)
  })
})
