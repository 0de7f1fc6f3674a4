import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Branching, Figure, Hawkes } from './index.ts'
import { uniform } from './testing/crowd.ts'

/** Immigrants, and the offspring of each: the process as it is defined. */
function simulated(given: Hawkes.Hawkes, until: number, seed: number): Float64Array {
  const next = uniform(seed)
  const wait = (rate: number) => -Math.log(next()) / rate
  const times: number[] = []
  for (let at = wait(given.base); at < until; at += wait(given.base)) times.push(at)
  for (let i = 0; i < times.length; i++) {
    // A Poisson number of offspring, by counting waits of rate 1 within n.
    for (let spent = wait(1); spent < given.n; spent += wait(1)) {
      const at = (times[i] ?? 0) + wait(given.decay)
      if (at < until) times.push(at)
    }
  }
  return Float64Array.from(times).sort()
}

describe('fit', () => {
  test.each([
    { n: 0.3, base: 0.02, decay: 0.5 },
    { n: 0.76, base: 0.01, decay: 0.0135 },
    { n: 0.9, base: 0.005, decay: 0.1 },
  ])('worked example: recovers n = $n within 5 %', (given) => {
    const until = 6e5
    const times = simulated(given, until, 11)
    const found = Hawkes.fit(times, until)
    expect(found.settled).toBe(true)
    expect(Math.abs(found.n / given.n - 1)).toBeLessThan(0.05)
    expect(Math.abs(found.decay / given.decay - 1)).toBeLessThan(0.15)
    expect(Math.abs(found.base / given.base - 1)).toBeLessThan(0.15)
    expect(times.length / until / Branching.hawkes(given).rate).toBeCloseTo(1, 0)
    expect(found.logLikelihood).toBeGreaterThanOrEqual(Hawkes.logLikelihood(times, until, given))
  })

  test('dimension: in minutes instead of seconds n stays, and rates are sixty times as large', () => {
    const times = simulated({ n: 0.6, base: 0.02, decay: 0.05 }, 1e5, 5)
    const [seconds, minutes] = [
      Hawkes.fit(times, 1e5),
      Hawkes.fit(
        times.map((t) => t / 60),
        1e5 / 60,
      ),
    ]
    expect(minutes.n).toBeCloseTo(seconds.n, 6)
    expect(minutes.decay / seconds.decay).toBeCloseTo(60, 4)
    expect(minutes.base / seconds.base).toBeCloseTo(60, 4)
  })

  test('property: no step beside it is likelier', () => {
    const times = simulated({ n: 0.6, base: 0.02, decay: 0.05 }, 5e4, 9)
    const best = Hawkes.fit(times, 5e4)
    const nudge = fc.double({ min: 0.9, max: 1.1, noNaN: true })
    fc.assert(
      fc.property(nudge, nudge, nudge, (a, b, c) => {
        const other = { base: best.base * a, n: best.n * b, decay: best.decay * c }
        expect(Hawkes.logLikelihood(times, 5e4, other)).toBeLessThanOrEqual(best.logLikelihood + 1)
      }),
      { numRuns: 50 },
    )
  })

  test('error: too few events, times that fall, a watch that ends before the last', () => {
    const times = Float64Array.from({ length: 10 }, (_, i) => i)
    expect(() => Hawkes.fit(times.subarray(1), 20)).toThrow(Figure.InvalidFigureError)
    expect(() => Hawkes.fit(times, 8)).toThrow(Figure.InvalidFigureError)
    expect(() =>
      Hawkes.fit(
        times.map((t) => 9 - t),
        20,
      ),
    ).toThrow(Figure.InvalidFigureError)
    expect(() =>
      Hawkes.fit(
        times.map((t) => t - 1),
        20,
      ),
    ).toThrow(Figure.InvalidFigureError)
  })
})

describe('spread', () => {
  test('property: each within its block, ascending, the same for the same seed', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 50 }), fc.nat(), (raw, seed) => {
        const times = Float64Array.from(raw, (t) => 13 * t)
        const apart = Hawkes.spread(times, 13, seed)
        expect(apart).toEqual(Hawkes.spread(times, 13, seed))
        for (const [i, at] of apart.entries()) {
          expect(at).toBeGreaterThanOrEqual(apart[i - 1] ?? 0)
          expect(Math.floor(at / 13)).toBe([...raw].sort((a, b) => a - b)[i])
        }
      }),
    )
    expect(() => Hawkes.spread(Float64Array.of(1), -1, 1)).toThrow(Figure.InvalidFigureError)
  })
})
