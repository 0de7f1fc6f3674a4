import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Reliquidations } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const day = 86_400
const plan = { windowSeconds: 7 * day, stepSeconds: 7 * day }

describe('samples', () => {
  test('worked example: one half-life later a liquidation weighs a half; within the window again is bad', () => {
    const found = Reliquidations.samples(
      [
        { subject: 'a', at: 7 * day },
        { subject: 'a', at: 15 * day },
        { subject: 'b', at: 28 * day },
      ],
      plan,
    )
    expect(found.map(({ subject, at, bad }) => [subject, at / day, bad])).toEqual([
      ['a', 14, true],
      ['a', 21, false],
    ])
    expect(found[0]?.features['RECENT_LIQUIDATIONS']).toBe(500_000)
    expect(found[0]?.settledAt).toBe(21 * day)
  })

  test('worked example: ten on one day are ten recent ones and one day', () => {
    const ten = Array.from({ length: 10 }, () => ({ subject: 'a', at: 14 * day - 1 }))
    const [sample] = Reliquidations.samples([...ten, { subject: 'z', at: 40 * day }], plan)
    expect(sample?.features['RECENT_LIQUIDATIONS']).toBeGreaterThan(9_999_000)
    expect(sample?.features['LIQUIDATION_DAYS']).toBeLessThanOrEqual(1_000_000)
  })

  test('edge: at the window’s end still counts, a second later not; the landmark itself is past', () => {
    const bads = (at: number) =>
      Reliquidations.samples(
        [
          { subject: 'a', at: 7 * day },
          { subject: 'a', at },
          { subject: 'z', at: 40 * day },
        ],
        plan,
      ).find((sample) => sample.at === 14 * day)?.bad
    expect([bads(14 * day), bads(14 * day + 1), bads(21 * day), bads(21 * day + 1)]).toEqual([false, true, true, false])
  })

  test('property: features depend on nothing later than the sample', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ subject: fc.constantFrom('a', 'b'), at: fc.nat(60 * day) }), { maxLength: 15 }),
        fc.nat(60 * day),
        (list, until) => {
          const end = { subject: 'z', at: 90 * day }
          const start = { subject: 'z', at: 0 }
          const upTo = (events: typeof list) =>
            Reliquidations.samples([start, ...events, end], plan)
              .filter(({ at }) => at <= until)
              .map(({ subject, at, features }) => ({ subject, at, features }))
          const byKey = (a: { at: number; subject: string }, b: { at: number; subject: string }) =>
            a.at - b.at || (a.subject < b.subject ? -1 : 1)
          expect(upTo(list.filter(({ at }) => at <= until)).sort(byKey)).toEqual(upTo(list).sort(byKey))
        },
      ),
      { numRuns: Math.ceil(numRuns / 4) },
    )
  })

  test('error: by class', () => {
    for (const at of [0.5, -1])
      expect(() => Reliquidations.samples([{ subject: 'a', at }], plan)).toThrow(Reliquidations.InvalidLiquidationError)
  })
})
