import { Calibrator } from '@plimsoll/liquidation'
import { describe, expect, test } from 'vitest'
import * as Walk from './Walk.ts'

const day = 86_400
const options: Walk.Options = {
  ...{ horizonSeconds: day, intervalSeconds: 1, leverages: [10], maintenancePpm: 5_000, from: 0, refreshDays: 0, groups: 4 },
}
/** Long: ln(0.995/0.9) = 10.03 %; short: ln(1.1/1.005) = 9.03 %. */
const row = (at: number, down: number, up: number): Walk.Row => ({ symbol: 'ETH', origin: at * day, variance: 0.0025, down, up })

describe('of', () => {
  test('worked example: a long and a short of leverage 10, touched and not', () => {
    const found = Walk.of([row(0, 0.1004, 0.09), row(1, 0.1002, 0.0904)], options)
    expect([...found.happened]).toEqual([1, 0, 0, 1])
    expect(found.distances.map(({ side, distance }) => [side, distance])).toEqual([
      ['long', expect.closeTo(Math.log(0.995 / 0.9), 9)],
      ['short', expect.closeTo(Math.log(1.1 / 1.005), 9)],
    ])
    expect(found.probabilities[0]).toBeCloseTo(
      Calibrator.probability(Calibrator.none, Math.log(0.995 / 0.9) / 0.05 + 0.5825971579390106 * Math.sqrt(1 / day)),
      9,
    )
    expect(found.calibrator).toEqual([])
  })

  test('edge: what is before the first judged origin is learnt from and not judged', () => {
    const found = Walk.of([row(0, 1, 0), row(1, 0, 0)], { ...options, from: day })
    expect(found.rows).toHaveLength(1)
    expect(found.probabilities).toHaveLength(2)
  })

  test('edge: nothing is learnt before its horizon is over', () => {
    // Both sides touched on every other day: a distance counts for what that says, once it is known.
    const rows = Array.from({ length: 20 }, (_, at) => row(at, at % 2, at % 2))
    const given = { ...options, refreshDays: 1, groups: 1 }
    const before = Walk.of(rows, { ...given, horizonSeconds: 30 * day })
    expect(before.calibrator).toEqual([])
    expect(before.fits).toBe(20)
    const after = Walk.of(rows, given)
    expect(after.calibrator).toHaveLength(1)
    // Days 0 to 18: 9 of 19.
    expect(Calibrator.probability(after.calibrator, after.calibrator[0]?.from ?? 0)).toBeCloseTo(9 / 19, 9)
    // A later row changes no earlier prediction.
    const cut = Walk.of(rows.slice(0, 10), given)
    expect(after.probabilities.slice(0, 20)).toEqual(cut.probabilities)
  })
})

describe('byDistance', () => {
  test('worked example: each distance by itself', () => {
    const found = Walk.of([row(0, 0.2, 0), row(1, 0.2, 0), row(2, 0, 0.2), row(3, 0, 0)], options)
    expect(Walk.byDistance(found)).toMatchObject([
      { leverage: 10, side: 'long', observed: 0.5, predicted: expect.closeTo(found.probabilities[0] ?? 0, 12) },
      { leverage: 10, side: 'short', observed: 0.25, predicted: expect.closeTo(found.probabilities[1] ?? 0, 12) },
    ])
  })
})
