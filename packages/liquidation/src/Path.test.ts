import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Figure, Path } from './index.ts'
import { seeded } from './testing/seeded.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const bar = { open: 4, high: 8, low: 2, close: 4 }
const market = { bars: [bar], start: 0, stepsPerBar: 6, stepSeconds: 10 }

/** A stream that gives these, then a half, and one normal number. */
const scripted = (uniforms: readonly number[], normal = 0): Path.Random => {
  const left = [...uniforms]
  return { uniform: () => left.shift() ?? 0.5, normal: () => normal }
}

describe('bridge', () => {
  test('worked example: through the low and the high, from the open to the close', () => {
    const { log } = Path.bridge(market, scripted([0.1, 0.2, 0.7]))
    // Low first; extremes after 2 and 4 of 6 steps, in straight lines of the log.
    expect([...log].map((value) => Math.exp(value)).map((price) => Math.round(1e6 * price) / 1e6)).toEqual(
      [4, Math.sqrt(8), 2, 4, 8, Math.sqrt(32), 4].map((price) => Math.round((1e6 * price) / 4) / 1e6),
    )
  })
  test('worked example: a bar that rose a third of its range was at its low first two times of three', () => {
    // ln(4/2)/ln(8/1) = ⅓.
    const rose = { open: 2, high: 8, low: 1, close: 4 }
    const isLowFirst = (of: Path.Bar, uniform: number) => {
      const log = [...Path.bridge({ ...market, bars: [of] }, scripted([uniform, 0.2, 0.7])).log]
      return log.indexOf(Math.min(...log)) < log.indexOf(Math.max(...log))
    }
    expect([0, 0.666, 0.667].map((uniform) => isLowFirst(rose, uniform))).toEqual([true, true, false])
    expect([0.333, 0.334].map((uniform) => isLowFirst({ ...rose, open: 4, close: 2 }, uniform))).toEqual([true, false])
    expect([0.499, 0.5].map((uniform) => isLowFirst(bar, uniform))).toEqual([true, false])
  })
  test('worked example: between its ends a bridge strays by the range variance of a step, and by less the fewer are left', () => {
    // Log range 4 in 8 steps; low at 3 and high at 5.
    const wide = { open: 1, high: Math.exp(2), low: Math.exp(-2), close: 1 }
    let drawn = 0
    const normal = () => {
      drawn++
      return 0.5
    }
    const { log } = Path.bridge({ ...market, bars: [wide], stepsPerBar: 8 }, { ...scripted([0, 2 / 7, 4 / 7]), normal })
    // Of eight steps three end where they have to.
    expect(drawn).toBe(5)
    const stray = 0.5 * Math.sqrt(16 / (4 * Math.LN2) / 8)
    const one = -2 / 3 + stray * Math.sqrt(2 / 3)
    expect(log[1]).toBeCloseTo(one, 12)
    expect(log[2]).toBeCloseTo(one + (-2 - one) / 2 + stray * Math.sqrt(1 / 2), 12)
    expect([log[3], log[5], log[8]]).toEqual([-2, 2, 0])
    expect(log[4]).toBeCloseTo(stray * Math.sqrt(1 / 2), 12)
  })
  test('edge: no stray leaves the bar', () => {
    const wild = (normal: number) => [...Path.bridge({ ...market, stepsPerBar: 8 }, scripted([0, 2 / 7, 4 / 7], normal)).log]
    const [low, high] = [Math.log(2 / 4), Math.log(8 / 4)]
    const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 12))
    expect(wild(100)).toEqual(near([0, high, high, low, high, high, high, high, 0]))
    expect(wild(-100)).toEqual(near([0, low, low, low, low, high, low, low, 0]))
  })
  test('edge: extremes that were drawn into one step are met in two', () => {
    const places = (uniform: number) => {
      const { log } = Path.bridge(market, scripted([0, uniform, uniform]))
      return [log.indexOf(Math.min(...log)), log.indexOf(Math.max(...log))]
    }
    expect([0, 0.199, 0.2, 0.5, 0.999].map(places)).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
      [2, 3],
      [4, 5],
    ])
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
    for (const bad of [{ low: 0 }, { open: 1.9 }, { close: 1.9 }, { open: 8.1 }, { close: 8.1 }, { high: Number.NaN }])
      expect(() => Path.bridge({ ...market, bars: [{ ...bar, ...bad }] }, seeded(1))).toThrow(Figure.InvalidFigureError)
    expect(() => Path.bridge({ ...market, start: 1 }, seeded(1))).toThrow(Figure.InvalidFigureError)
    expect(() => Path.bridge({ ...market, stepsPerBar: 2 }, seeded(1))).toThrow(Figure.InvalidFigureError)
  })
})
