import { describe, expect, test } from 'vitest'
import { Figure, Paths } from './index.ts'
import { hour, usd } from './testing/predictions.ts'

const long = {
  ...{ account: 'a', equity: usd(10), collateral: usd(10) },
  positions: [{ market: 'ETH', side: 'long' as const, notional: usd(100), maintenancePpm: 50_000 }],
}
/** No factor, so that a path is its own draws. */
const apart = (sigma: number, jumps = { probability: 0, sigma: 0 }) => ({
  ...hour(sigma),
  markets: { ETH: { variance: sigma * sigma, loading: 0, jumps } },
})

describe('simulate', () => {
  test('worked example: four paths of two steps: one touches and recovers, one ends in debt', () => {
    // A step is 0.1/√2 = 7.07 %; the breach is 5.41 % away.
    const normals = Float64Array.of(0, -1, 0, 1, 0, 1, 0, 1, 0, -0.5, 0, 0.5, 0, -1, 0, -1)
    const found = Paths.simulate(long, apart(0.1), {
      paths: 4,
      steps: 2,
      normals,
      uniforms: Float64Array.of(1, 1, 1, 1),
      jumps: new Float64Array(4),
    })
    expect(found.probability).toBe(0.5)
    expect(found.standardError).toBeCloseTo(0.25, 12)
    // e^(−0.1414) leaves 86.8 of 100: 3.19 more is owed than the 10.
    expect(found.shortfall).toBeCloseTo((100 * (1 - Math.exp(-0.2 / Math.SQRT2)) - 10) / 4, 9)
  })

  test('worked example: the factor moves the market by its loading', () => {
    const given = { ...hour(0.1), markets: { ETH: { variance: 0.01, loading: 1, jumps: { probability: 0, sigma: 0 } } } }
    const draws = { paths: 2, steps: 1, uniforms: Float64Array.of(1, 1), jumps: new Float64Array(2) }
    expect(Paths.simulate(long, given, { ...draws, normals: Float64Array.of(-1, 9, -0.5, -9) }).probability).toBe(0.5)
  })

  test('worked example: a jump comes once, at the step that its number says', () => {
    const draws = { paths: 4, steps: 2, normals: new Float64Array(16), jumps: Float64Array.of(-1, -1, -1, 1) }
    const found = Paths.simulate(long, apart(0.001, { probability: 0.5, sigma: 0.06 }), {
      ...draws,
      uniforms: Float64Array.of(0.1, 0.4, 0.5, 0.1),
    })
    expect(found.probability).toBe(0.5)
  })

  test('error: draws of another shape, no forecast, no path', () => {
    const draws: Paths.Draws = {
      paths: 1,
      steps: 1,
      normals: new Float64Array(2),
      uniforms: new Float64Array(1),
      jumps: new Float64Array(1),
    }
    expect(Paths.simulate(long, apart(0.1), draws).probability).toBe(0)
    for (const bad of [
      { normals: new Float64Array(3) },
      { uniforms: new Float64Array(2) },
      { jumps: new Float64Array(0) },
      { paths: 0 },
      { steps: 1.5 },
    ])
      expect(() => Paths.simulate(long, apart(0.1), { ...draws, ...bad })).toThrow(Figure.InvalidFigureError)
    expect(() => Paths.simulate(long, { ...apart(0.1), markets: {} }, draws)).toThrow(Figure.InvalidFigureError)
  })
})
