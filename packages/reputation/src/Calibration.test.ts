import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Calibration, type Discrimination } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const of = (pd: number, bad: boolean): Discrimination.Forecast => ({ subject: 's', pd, bad })
/** `bad` of `n` at one forecast. */
const group = (pd: number, n: number, bad: number) => Array.from({ length: n }, (_, i) => of(pd, i < bad))

describe('brier', () => {
  test('worked example: (0.2² + 0.5²)/2', () => {
    expect(Calibration.brier([of(0.8, true), of(0.5, false)])).toBeCloseTo(0.145, 12)
    expect(Calibration.brier([])).toBeNull()
  })
})

describe('line', () => {
  test('worked example: what comes true as often as it is said has slope 1 and intercept 0', () => {
    const { slope, intercept } = Calibration.line([...group(0.2, 100, 20), ...group(0.8, 100, 80)]) ?? { slope: 0, intercept: 9 }
    expect(slope).toBeCloseTo(1, 4)
    expect(intercept).toBeCloseTo(0, 4)
  })

  test('worked example: forecasts of 0.1 and 0.9 that come true at 0.25 and 0.75 were twice too sure: ln 3 / ln 9', () => {
    expect(Calibration.line([...group(0.1, 100, 25), ...group(0.9, 100, 75)])?.slope).toBeCloseTo(0.5, 4)
  })

  test('edge: unknown where all or none were bad', () => {
    expect([Calibration.line([]), Calibration.line(group(0.2, 3, 3)), Calibration.line(group(0.2, 3, 0))]).toEqual([null, null, null])
  })
})

describe('bins', () => {
  test('worked example: halves', () => {
    expect(Calibration.bins([...group(0.2, 2, 1), ...group(0.8, 2, 2)], 2)).toEqual([
      { from: 0.2, to: 0.2, n: 2, forecast: 0.2, observed: 0.5 },
      { from: 0.8, to: 0.8, n: 2, forecast: 0.8, observed: 1 },
    ])
  })

  test('property: every forecast in one bin, equal ones together', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0.1, 0.3, 0.5, 0.7, 0.9), { maxLength: 50 }), (pds) => {
        const bins = Calibration.bins(
          pds.map((pd) => of(pd, false)),
          4,
        )
        expect(bins.reduce((sum, { n }) => sum + n, 0)).toBe(pds.length)
        for (const [i, bin] of bins.slice(1).entries()) expect(bin.from).toBeGreaterThan(bins[i]?.to ?? 1)
      }),
      { numRuns },
    )
  })
})

describe('logOdds', () => {
  test('edge: certainty stays finite', () => {
    expect(Calibration.logOdds(0.75)).toBeCloseTo(Math.log(3), 12)
    expect(Calibration.logOdds(1)).toBeCloseTo(Math.log(999_999), 3)
    expect(Calibration.logOdds(0)).toBeCloseTo(-Math.log(999_999), 3)
  })
})
