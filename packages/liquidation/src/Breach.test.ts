import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Breach, Figure } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const path = fc.record({
  distance: fc.double({ min: 0, max: 1, noNaN: true }),
  sigma: fc.double({ min: 0.05, max: 2, noNaN: true }),
  horizon: fc.double({ min: 1e-4, max: 1, noNaN: true }),
  drift: fc.double({ min: -2, max: 2, noNaN: true }),
})

/** Small seeded generator of normal steps: Box and Muller over Lehmer. */
function normals(seed: number): () => number {
  let state = seed
  const uniform = () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
}

describe('probability', () => {
  test('worked example: driftless it is twice the tail: one σ away, 2·15.87 %', () => {
    expect(Breach.probability({ distance: 0.1, sigma: 0.1, horizon: 1, drift: 0 })).toBeCloseTo(0.31731050786, 10)
  })

  test('edge: at the barrier it is certain, and a strong drift to safety leaves nothing', () => {
    expect(Breach.probability({ distance: 0, sigma: 1, horizon: 1, drift: 3 })).toBeCloseTo(1, 12)
    expect(Breach.probability({ distance: 0.5, sigma: 0.01, horizon: 1, drift: 2 })).toBe(0)
    expect(Breach.probability({ distance: 5, sigma: 0.01, horizon: 1, drift: -4 })).toBeLessThanOrEqual(1)
  })

  test('property: a probability, that falls with distance and with drift to safety', () => {
    fc.assert(
      fc.property(path, fc.double({ min: 0, max: 1, noNaN: true }), (given, more) => {
        const p = Breach.probability(given)
        expect(p).toBeGreaterThanOrEqual(0)
        expect(p).toBeLessThanOrEqual(1)
        expect(Breach.probability({ ...given, distance: given.distance + more })).toBeLessThanOrEqual(p + 1e-12)
        expect(Breach.probability({ ...given, drift: given.drift + more })).toBeLessThanOrEqual(p + 1e-12)
        expect(Breach.probability({ ...given, horizon: given.horizon + more })).toBeGreaterThanOrEqual(p - 1e-12)
      }),
      { numRuns },
    )
  })

  test('vector: a seeded random walk that is looked at 200 times agrees with the monitored barrier', () => {
    const next = normals(7)
    const given = { distance: 0.08, sigma: 0.1, horizon: 1, drift: -0.02 }
    let hits = 0
    for (let run = 0; run < 20_000; run++) {
      let x = 0
      for (let step = 0; step < 200; step++) {
        x += given.drift / 200 + (given.sigma / Math.sqrt(200)) * next()
        if (x <= -given.distance) {
          hits++
          break
        }
      }
    }
    const p = Breach.monitored(given, 1 / 200)
    expect(Math.abs(hits / 20_000 - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / 20_000))
    expect(Math.abs(hits / 20_000 - Breach.probability(given))).toBeGreaterThan(4 * Math.sqrt((p * (1 - p)) / 20_000))
  })

  test('error: a distance, σ or horizon that is none', () => {
    const good = { distance: 0.1, sigma: 0.1, horizon: 1, drift: 0 }
    for (const bad of [{ distance: -0.1 }, { sigma: 0 }, { horizon: 0 }, { drift: Number.NaN }])
      expect(() => Breach.probability({ ...good, ...bad })).toThrow(Figure.InvalidFigureError)
    expect(() => Breach.monitored(good, 0)).toThrow(Figure.InvalidFigureError)
  })
})

describe('distance', () => {
  test('worked example: the distance that leaves 1 % is 2.576 σ', () => {
    expect(Breach.distance(0.01, 0.1, 1)).toBeCloseTo(0.25758293, 8)
  })

  test('property: undoes the driftless probability', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1, noNaN: true }), path, (target, { sigma, horizon }) => {
        expect(Breach.probability({ distance: Breach.distance(target, sigma, horizon), sigma, horizon, drift: 0 })).toBeCloseTo(target, 9)
      }),
      { numRuns: Math.ceil(numRuns / 10) },
    )
  })

  test('error: a target that is no probability', () => {
    for (const target of [0, 1.1]) expect(() => Breach.distance(target, 0.1, 1)).toThrow(Figure.InvalidFigureError)
  })
})

describe('gap', () => {
  test('worked example: without a buffer it is σ/√(2π), half of the time', () => {
    expect(Breach.gap({ buffer: 0, sigma: 0.01 })).toEqual({ rate: expect.closeTo(0.01 / Math.sqrt(2 * Math.PI), 15), probability: 0.5 })
  })

  test('dimension: buffer and σ doubled, the loss doubles and the probability stays', () => {
    const [once, twice] = [Breach.gap({ buffer: 0.02, sigma: 0.01 }), Breach.gap({ buffer: 0.04, sigma: 0.02 })]
    expect(twice.rate).toBeCloseTo(2 * once.rate, 15)
    expect(twice.probability).toBe(once.probability)
  })

  test('property: what a numerical integral gives', () => {
    fc.assert(
      fc.property(fc.double({ min: -0.1, max: 0.1, noNaN: true }), fc.double({ min: 0.005, max: 0.1, noNaN: true }), (buffer, sigma) => {
        let sum = 0
        const step = sigma / 200
        for (let r = -10 * sigma + step / 2; r < 10 * sigma; r += step)
          sum += (Math.max(0, -r - buffer) * Math.exp((-r * r) / (2 * sigma * sigma)) * step) / (sigma * Math.sqrt(2 * Math.PI))
        expect(Breach.gap({ buffer, sigma }).rate).toBeCloseTo(sum, 6)
      }),
      { numRuns: 50 },
    )
  })

  test('error: no σ', () => {
    expect(() => Breach.gap({ buffer: 0, sigma: 0 })).toThrow(Figure.InvalidFigureError)
  })
})
