import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Discrimination } from './index.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const forecasts = fc.array(
  fc.record({ subject: fc.constantFrom('a', 'b', 'c', 'd'), pd: fc.constantFrom(0.1, 0.2, 0.3, 0.4), bad: fc.boolean() }),
  { maxLength: 40 },
)
const of = (pd: number, bad: boolean, subject = 's'): Discrimination.Forecast => ({ subject, pd, bad })

/** By every pair, the definition itself. */
function pairs(list: readonly Discrimination.Forecast[]): number | null {
  let sum = 0
  let all = 0
  for (const x of list)
    for (const y of list)
      if (x.bad && !y.bad) {
        all++
        sum += x.pd > y.pd ? 1 : x.pd === y.pd ? 0.5 : 0
      }
  return all === 0 ? null : sum / all
}

describe('auc', () => {
  test('worked example: three of four pairs in order', () => {
    expect(Discrimination.auc([of(0.9, true), of(0.4, true), of(0.5, false), of(0.1, false)])).toBe(0.75)
  })

  test('edge: unknown where one kind is missing', () => {
    expect([Discrimination.auc([]), Discrimination.auc([of(1, true)]), Discrimination.auc([of(1, false)])]).toEqual([null, null, null])
  })

  test('property: the share of ordered pairs, ties half; turned round it is the rest', () => {
    fc.assert(
      fc.property(forecasts, (list) => {
        const found = Discrimination.auc(list)
        const wanted = pairs(list)
        if (wanted === null) expect(found).toBeNull()
        else {
          expect(found).toBeCloseTo(wanted, 12)
          expect(Discrimination.auc(list.map((each) => ({ ...each, pd: -each.pd })))).toBeCloseTo(1 - wanted, 12)
        }
      }),
      { numRuns },
    )
  })
})

describe('ks', () => {
  test('worked example: after the best cut all goods but one of two bads are left behind', () => {
    expect(Discrimination.ks([of(0.9, true), of(0.4, true), of(0.5, false), of(0.1, false)])).toBe(0.5)
    expect(Discrimination.ks([of(0.9, true), of(0.1, false)])).toBe(1)
  })

  test('edge: one forecast for all tells nothing; unknown where one kind is missing', () => {
    expect(Discrimination.ks([of(0.5, true), of(0.5, false)])).toBe(0)
    expect(Discrimination.ks([of(0.5, true)])).toBeNull()
    expect(Discrimination.ks([of(0.5, false)])).toBeNull()
  })
})

describe('interval', () => {
  const list = Array.from({ length: 60 }, (_, i) => of((i * 7) % 13, i % 3 === 0, `s${i % 20}`))

  test('worked example: the same seed, the same interval, about the value itself', () => {
    const options = { draws: 100, seed: 3 }
    const found = Discrimination.interval(list, Discrimination.auc, options)
    expect(found).toEqual(Discrimination.interval(list, Discrimination.auc, options))
    const [low, high] = found ?? [Number.NaN, Number.NaN]
    const auc = Discrimination.auc(list) ?? Number.NaN
    expect(low).toBeLessThan(auc)
    expect(high).toBeGreaterThan(auc)
  })

  test('vector: what a seed draws, so that an interval can be printed again', () => {
    const sums = (seed: number) => Discrimination.interval(list, (rows) => rows.reduce((sum, { pd }) => sum + pd, 0), { draws: 60, seed })
    expect([sums(3), sums(20_240_613), sums(-7)]).toMatchInlineSnapshot(`
      [
        [
          314,
          399,
        ],
        [
          318,
          407,
        ],
        [
          320,
          388,
        ],
      ]
    `)
    // The ends of the middle 95 % of 40 draws are the second and the second to last: 0 and 39 would be all of them.
    const order = [...Array(40).keys()]
    let next = 0
    expect(Discrimination.interval(list, () => order[next++] ?? null, { draws: 40, seed: 1 })).toEqual([1, 38])
  })

  test('edge: one subject cannot vary; a statistic that is never known has no interval', () => {
    const alone = list.map((each) => ({ ...each, subject: 'only' }))
    const auc = Discrimination.auc(list)
    expect(Discrimination.interval(alone, Discrimination.auc, { draws: 10, seed: 1 })).toEqual([auc, auc])
    expect(Discrimination.interval([of(1, true)], Discrimination.auc, { draws: 10, seed: 1 })).toBeNull()
  })
})
