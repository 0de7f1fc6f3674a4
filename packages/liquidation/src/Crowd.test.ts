import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Calibrator, Crowd, Figure, LiquidationCurve } from './index.ts'
import { hour } from './testing/predictions.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const forecast = { ...hour(0.02), intervalSeconds: 36e-6 }
const expectation = { forecast, market: 'ETH', shift: 0.01 }
const p = (z: number) => Calibrator.probability(Calibrator.none, z + 0.5825971579390106e-4)
const nobody = { notional: 0, distance: 1 }

const walls = fc.array(
  fc.record({ at: fc.double({ min: 0, max: 0.2, noNaN: true }), notional: fc.double({ min: 1, max: 1e6, noNaN: true }) }),
  { maxLength: 20 },
)

describe('of', () => {
  test('worked example: walls one and two deviations away, and half a deviation nearer', () => {
    const crowd = Crowd.of(
      LiquidationCurve.fromWalls('long', [
        { at: 0.02, notional: 100 },
        { at: 0.04, notional: 1_000 },
      ]),
      expectation,
    )
    expect(crowd.expected).toBeCloseTo(100 * p(1) + 1_000 * p(2), 9)
    expect(crowd.pushed).toBeCloseTo(100 * p(0.5) + 1_000 * p(1.5), 9)
  })

  test('edge: a wall within the push is certain', () => {
    expect(Crowd.of(LiquidationCurve.fromWalls('long', [{ at: 0.01, notional: 7 }]), expectation).pushed).toBe(7)
    expect(Crowd.of(LiquidationCurve.fromWalls('long', []), expectation)).toMatchObject({ expected: 0, pushed: 0 })
  })

  test('error: no forecast of the market, no push', () => {
    const curve = LiquidationCurve.fromWalls('long', [])
    expect(() => Crowd.of(curve, { ...expectation, market: 'XRP' })).toThrow(Figure.InvalidFigureError)
    expect(() => Crowd.of(curve, { ...expectation, shift: 0 })).toThrow(Figure.InvalidFigureError)
  })
})

describe('added', () => {
  test('worked example: half of the push adds half of what it adds, less its own wall', () => {
    const crowd = Crowd.of(
      LiquidationCurve.fromWalls('long', [
        { at: 0.02, notional: 100 },
        { at: 0.04, notional: 1_000 },
      ]),
      expectation,
    )
    expect(Crowd.added(crowd, 0.005, nobody)).toBeCloseTo((crowd.pushed - crowd.expected) / 2, 9)
    expect(Crowd.added(crowd, 0.01, { notional: 1_000, distance: 0.04 })).toBeCloseTo(100 * (p(0.5) - p(1)), 9)
    expect(Crowd.added(crowd, 0.01, { notional: 1_000, distance: Number.POSITIVE_INFINITY })).toBeCloseTo(crowd.pushed - crowd.expected, 9)
  })

  test('property: never less than the exact sum over everybody else', () => {
    fc.assert(
      fc.property(walls, fc.double({ min: 0, max: 1, noNaN: true }), (others, share) => {
        const own = { at: 0.05, notional: 5_000 }
        const crowd = Crowd.of(LiquidationCurve.fromWalls('long', [...others, own]), expectation)
        const move = share * 0.01
        const exact = others
          // Where the push makes it certain, P is no longer convex, and the chord is one of the whole way.
          .filter(({ at }) => at > 0.01)
          .reduce((sum, { at, notional }) => sum + notional * (Crowd.probability(crowd, at - move) - Crowd.probability(crowd, at)), 0)
        expect(Crowd.added(crowd, move, { notional: own.notional, distance: own.at })).toBeGreaterThanOrEqual(exact - 1e-6)
      }),
      { numRuns },
    )
  })
})
