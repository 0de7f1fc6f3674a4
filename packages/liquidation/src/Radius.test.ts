import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Book, Columns, Radius } from './index.ts'
import { isolated } from './testing/books.ts'
import { someColumns, somePrice, somePrices } from './testing/naive.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

/** Prices at these parts of the way from an anchor to a displacement, each price its own way; as far as `below` it goes at most. */
function moved({ anchor, falling, rising }: Radius.Around, ways: readonly number[], below: number): Float64Array {
  return anchor.map((y, k) => {
    const way = ways[k] ?? 0
    return y * (1 + way * below * ((way < 0 ? falling[k] : rising[k]) ?? 1))
  })
}

const someAround = fc.oneof(
  somePrices.map(Radius.around),
  fc.tuple(somePrices, somePrices).map(([before, anchor]) => Radius.along(before, anchor)),
)
const someWays = fc.array(fc.constantFrom(-1, 1, 0, -0.5, 0.9999), { minLength: 3, maxLength: 3 })

describe('of', () => {
  test('worked example: 100 left on a weight of 1,000 is a radius of a tenth; nothing to lose is +∞, nothing left 0', () => {
    const columns = Columns.of(
      Book.of([
        isolated('a', 'long', 1_000, 100, 0),
        isolated('b', 'short', 1_000, 100, 0),
        { account: 'c', equity: 1n, collateral: 1n, positions: [] },
        isolated('d', 'long', 10, -1, 0),
      ]),
    )
    const here = Radius.around(Float64Array.of(1))
    expect(Radius.of(columns, 0, here)).toBeCloseTo(0.1, 9)
    expect(Radius.of(columns, 1, here)).toBeCloseTo(0.1, 9)
    expect(Radius.of(columns, 2, here)).toBe(Number.POSITIVE_INFINITY)
    expect(Radius.of(columns, 3, here)).toBe(0)
    // At 1.05 on the way up, shorts lose what is expected and longs a sixteenth of it: 150 left on 1,050 / 16, and 50 on 1,050.
    const up = Radius.along(Float64Array.of(1), Float64Array.of(1.05))
    expect(Radius.of(columns, 0, up)).toBeCloseTo((150 / 1_050) * 16, 6)
    expect(Radius.of(columns, 1, up)).toBeCloseTo(50 / 1_050, 9)
  })

  test('property: no account fails below its radius, not even by a float', () => {
    fc.assert(
      fc.property(someColumns(), someAround, someWays, fc.constantFrom(1, 1 - 2 ** -50, 0.999), (columns, around, ways, part) => {
        for (let i = 0; i < columns.count; i++) {
          const radius = Radius.of(columns, i, around)
          if (radius === 0 || radius > 1e6) continue
          const prices = moved(around, ways, radius * part)
          if (!prices.every((y) => y > 0) || Radius.displacement(around, prices) >= radius) continue
          expect(Columns.health(columns, i, prices)).toBeGreaterThan(0)
        }
      }),
      { numRuns },
    )
  })

  test('property: a little beyond it, the worst way, an account does fail', () => {
    fc.assert(
      fc.property(someColumns(fc.integer({ min: 1, max: 40 })), somePrices, (columns, anchor) => {
        const around = Radius.around(anchor)
        for (let i = 0; i < columns.count; i++) {
          const radius = Radius.of(columns, i, around)
          if (radius < 1e-6 || radius > 0.9) continue
          expect(Columns.health(columns, i, moved(around, [-1, -1, -1], radius * 1.001))).toBeLessThan(0)
        }
      }),
      { numRuns },
    )
  })
})

describe('slack', () => {
  test('worked example: 16 roundings of 2⁻⁵³ for four slots, and 16 times that where a pace is a sixteenth', () => {
    expect(Radius.slack(4, Radius.around(Float64Array.of(1)))).toBe(16 * 2 ** -53)
    expect(Radius.slack(4, Radius.along(Float64Array.of(2), Float64Array.of(1)))).toBe(256 * 2 ** -53)
  })
})

describe('within', () => {
  test('property: everybody with a radius below the reach, and nobody missing who is not safe up to it', () => {
    fc.assert(
      fc.property(someColumns(), someAround, fc.constantFrom(1e-9, 0.01, 0.125, 0.5), (columns, around, reach) => {
        const [near, radii] = [new Int32Array(columns.count), new Float64Array(columns.count)]
        const found = Radius.within(columns, around, { from: 0, to: columns.count, reach, near, radii })
        const listed = new Set(near.subarray(0, found))
        for (let i = 0; i < columns.count; i++) {
          const radius = Radius.of(columns, i, around)
          if (!listed.has(i)) expect(radius).toBeGreaterThanOrEqual(Radius.outer(reach))
          else expect(radii[near.indexOf(i)]).toBeCloseTo(radius, 12)
        }
      }),
      { numRuns },
    )
  })
})

describe('displacement', () => {
  const exact = (anchor: number, to: number) => Math.abs(to - anchor) / anchor

  test('worked example: the greatest share, by its pace', () => {
    expect(Radius.displacement(Radius.around(Float64Array.of(2, 4)), Float64Array.of(1, 5))).toBeCloseTo(0.5, 12)
    // The first fell by a half and the second by a quarter: what is expected again is a move of 1 each.
    const around = Radius.along(Float64Array.of(2, 5), Float64Array.of(1, 4))
    expect([...around.falling]).toEqual([1, 0.25])
    expect([...around.rising]).toEqual([1 / 16, 1 / 16])
    expect(Radius.displacement(around, Float64Array.of(1, 3))).toBeCloseTo(1, 12)
    expect(Radius.displacement(around, Float64Array.of(1.125, 4))).toBeCloseTo(2, 12)
  })

  test('edge: prices that did not move expect nothing', () => {
    expect(Radius.along(Float64Array.of(3), Float64Array.of(3))).toEqual(Radius.around(Float64Array.of(3)))
  })

  test('rounding: never below the move, a float off included', () => {
    fc.assert(
      fc.property(somePrice, somePrice, (from, to) => {
        const displaced = Radius.displacement(Radius.around(Float64Array.of(from)), Float64Array.of(to))
        expect(displaced).toBeGreaterThan(exact(from, to))
        expect(displaced).toBeLessThan(exact(from, to) * (1 + 1e-14) + 1e-14)
      }),
      { numRuns },
    )
  })
})

describe('path', () => {
  test('worked example: 100 left on 1,000 may wander by 2·0.1/2.1, which is less than ln 1.1', () => {
    expect(Radius.path(100, 1_000, 0)).toBeCloseTo(0.2 / 2.1, 9)
    expect(Radius.path(100, 1_000, 0)).toBeLessThan(Math.log(1.1))
    expect(Radius.path(1, 0, 0)).toBeCloseTo(2, 9)
    expect(Radius.path(1, 1_000, 1)).toBe(0)
  })

  test('property: nobody fails before the path of the prices is as long as that, back and forth', () => {
    fc.assert(
      fc.property(someColumns(), someAround, fc.array(someWays, { maxLength: 12 }), (columns, around, steps) => {
        for (let i = 0; i < columns.count; i++) {
          const path = Radius.pathOf(columns, i, around)
          let [length, prices] = [0, around.anchor]
          for (const ways of steps) {
            const next = moved({ ...around, anchor: prices }, ways, path / 4)
            if (!next.every((y) => y > 0)) break
            length += Radius.step(around, prices, next)
            prices = next
            if (length >= path) break
            expect(Columns.health(columns, i, prices)).toBeGreaterThan(0)
          }
        }
      }),
      { numRuns },
    )
  })
})

describe('step', () => {
  test('worked example: a half and a double are steps of 1', () => {
    const around = Radius.around(Float64Array.of(4))
    expect(Radius.step(around, Float64Array.of(4), Float64Array.of(2))).toBeCloseTo(1, 12)
    expect(Radius.step(around, Float64Array.of(4), Float64Array.of(8))).toBeCloseTo(1, 12)
  })

  test('rounding: above the log move, also where there is none', () => {
    fc.assert(
      fc.property(somePrice, somePrice, (from, to) => {
        const step = Radius.step(Radius.around(Float64Array.of(from)), Float64Array.of(from), Float64Array.of(to))
        expect(step).toBeGreaterThan(Math.abs(Math.log(to / from)) + 2 ** -50)
      }),
      { numRuns },
    )
  })
})
