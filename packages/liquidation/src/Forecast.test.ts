import { describe, expect, test } from 'vitest'
import { Calibrator, Figure, Forecast } from './index.ts'
import { hour } from './testing/predictions.ts'

describe('of', () => {
  const good = hour(0.02)
  const market = { variance: 4e-4, loading: 0.8, jumps: Forecast.still }

  test('edge: looked at once, and jumps that are certain', () => {
    const jumps = { probability: 1, sigma: 0 }
    expect(Forecast.of({ ...good, intervalSeconds: 3_600, markets: { ETH: { ...market, loading: -1, jumps } } }).intervalSeconds).toBe(
      3_600,
    )
    expect(Forecast.still).toEqual({ probability: 0, sigma: 0 })
  })

  test('edge: distances of less than a deviation may count for more or less', () => {
    const calibrator = [{ from: 0.25, to: 0.5 }]
    expect(Forecast.of({ ...good, calibrator }).calibrator).toBe(calibrator)
  })

  test('error: every figure out of its range', () => {
    const bad: readonly Partial<Forecast.Forecast>[] = [
      { horizonSeconds: 0 },
      { intervalSeconds: 0 },
      { intervalSeconds: 3_601 },
      { markets: { ETH: { ...market, variance: 0 } } },
      { markets: { ETH: { ...market, loading: 1.01 } } },
      { markets: { ETH: { ...market, loading: -1.01 } } },
      { markets: { ETH: { ...market, jumps: { probability: 1.1, sigma: 0 } } } },
      { markets: { ETH: { ...market, jumps: { probability: 0, sigma: -1 } } } },
      { calibrator: [{ from: 0, to: 1 }] },
      { calibrator: [{ from: 1, to: 0 }] },
      {
        calibrator: [
          { from: 1, to: 1 },
          { from: 2, to: 1 },
        ],
      },
      {
        calibrator: [
          { from: 1, to: 1 },
          { from: 1, to: 2 },
        ],
      },
    ]
    for (const each of bad) expect(() => Forecast.of({ ...good, ...each })).toThrow(Figure.InvalidFigureError)
  })
})

describe('over', () => {
  test('worked example: four hours have four times the variance and the jumps of one, and no jump is more than certain', () => {
    const given = hour(0.02, { probability: 0.3, sigma: 0.05 })
    expect(Forecast.over(given, 7_200).markets['ETH']).toEqual({
      variance: expect.closeTo(8e-4, 15),
      loading: 0.8,
      jumps: { probability: 0.6, sigma: 0.05 },
    })
    expect(Forecast.over(given, 14_400).markets['ETH']?.jumps.probability).toBe(1)
    expect(Forecast.over(given, 7_200)).toMatchObject({ horizonSeconds: 7_200, intervalSeconds: 60, calibrator: Calibrator.none })
  })

  test('error: shorter than the interval', () => {
    expect(() => Forecast.over(hour(0.02), 59)).toThrow(Figure.InvalidFigureError)
  })
})
