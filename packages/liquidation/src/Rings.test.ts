import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Book, Columns, Figure, Radius, Rings } from './index.ts'
import { isolated } from './testing/books.ts'
import { failing, someColumns, somePrices } from './testing/naive.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const someReach = fc.constantFrom(1e-9, 0.03, 0.25, 0.9)

describe('of', () => {
  const columns = Columns.of(
    Book.of([
      isolated('a', 'long', 1_000, 200, 0),
      isolated('b', 'long', 1_000, 50, 0),
      isolated('c', 'long', 1_000, 900, 0),
      isolated('d', 'short', 1_000, 100, 0),
    ]),
  )
  const around = Radius.around(Float64Array.of(1))

  test('worked example: innermost first, and who is out of reach not at all', () => {
    const rings = Rings.of(columns, around, { reach: 0.5 })
    expect([...rings.near]).toEqual([1, 3, 0])
    expect(Rings.inside(rings, 0.04)).toBe(0)
    expect(Rings.inside(rings, 0.06)).toBe(1)
    expect(Rings.inside(rings, 0.49)).toBe(3)
    expect([...Rings.of(columns, around, { reach: 0.5, gone: Uint8Array.of(0, 1, 0, 0) }).near]).toEqual([3, 0])
  })

  test('property: whoever fails at a displacement within reach is inside it', () => {
    fc.assert(
      fc.property(someColumns(), somePrices, somePrices, someReach, (columns, anchor, prices, reach) => {
        const rings = Rings.of(columns, Radius.around(anchor), { reach })
        const displaced = Radius.displacement(rings.around, prices)
        if (displaced >= rings.reach) return
        const inside = new Set(rings.near.subarray(0, Rings.inside(rings, displaced)))
        for (const i of failing(columns, prices)) expect(inside).toContain(i)
      }),
      { numRuns },
    )
  })

  test('error: a price that is missing or not positive, a reach that is no share', () => {
    for (const prices of [[], [0], [Number.NaN], [Number.POSITIVE_INFINITY]])
      expect(() => Rings.of(columns, Radius.around(Float64Array.from(prices)), { reach: 0.5 })).toThrow(Figure.InvalidFigureError)
    for (const reach of [0, 1]) expect(() => Rings.of(columns, around, { reach })).toThrow(Figure.InvalidFigureError)
  })
})

describe('ask', () => {
  test('property: −1 for whom the scan finds, and the same path for the others, packed or not', () => {
    fc.assert(
      fc.property(someColumns(), somePrices, somePrices, (columns, anchor, prices) => {
        const rings = Rings.of(columns, Radius.along(prices, anchor), { reach: 0.9 })
        const places = Int32Array.from(rings.near, (_, place) => place)
        const asked = (which: Rings.Rings) => {
          const paths = new Float64Array(places.length)
          Rings.ask(which, Radius.at(which.around, prices), { places, count: places.length, paths })
          return paths
        }
        const paths = asked(rings)
        const failed = new Set(failing(columns, prices))
        for (const [place, i] of rings.near.entries()) expect(paths[place] === -1).toBe(failed.has(i))
        for (const [place, path] of asked(Rings.pack(rings)).entries()) expect(path).toBeCloseTo(paths[place] ?? Number.NaN, 12)
      }),
      { numRuns },
    )
  })
})

describe('sell', () => {
  test('property: what the columns say is sold, packed or not', () => {
    fc.assert(
      fc.property(someColumns(), (columns) => {
        const rings = Rings.of(columns, Radius.around(Float64Array.of(1, 1, 1)), { reach: 0.9 })
        const packed = Rings.pack(rings)
        for (const [place, i] of rings.near.entries()) {
          const flows = [0, 1, 2].map(() => new Float64Array(3)) as [Float64Array, Float64Array, Float64Array]
          Columns.sell(columns, i, flows[0])
          Rings.sell(rings, place, flows[1])
          Rings.sell(packed, place, flows[2])
          expect(flows[1]).toEqual(flows[0])
          expect(flows[2]).toEqual(flows[0])
        }
      }),
      { numRuns: Math.ceil(numRuns / 5) },
    )
  })
})
