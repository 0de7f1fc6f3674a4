import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Book, Columns, Figure, Watch } from './index.ts'
import { crossBook, isolated } from './testing/books.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

/** The slow way: everybody, at every tick. */
function naive(columns: Columns.Columns) {
  const gone = new Set<number>()
  return (ratios: Float64Array): readonly number[] => {
    const found = new Int32Array(columns.count)
    const failed = [...found.subarray(0, Columns.failing(columns, ratios, found))].filter((i) => !gone.has(i))
    for (const i of failed) gone.add(i)
    return failed
  }
}

describe('tick', () => {
  test('worked example: an account is looked at once a price has left its radius, and no more when it has failed', () => {
    const columns = Columns.of(Book.of([isolated('a', 'long', 1_000, 100, 0), isolated('b', 'long', 1_000, 900, 0)]))
    const watch = Watch.of(columns, Float64Array.of(1), { reach: 0.5, budget: 10, slice: 10 })
    expect(Watch.tick(watch, Float64Array.of(0.95))).toEqual([])
    expect(watch.looked.accounts).toBe(0)
    expect(Watch.tick(watch, Float64Array.of(0.89))).toEqual([0])
    expect(Watch.tick(watch, Float64Array.of(0.88))).toEqual([])
    expect(watch.looked).toMatchObject({ ticks: 3, accounts: 1, stalls: 0 })
  })

  test('property: tick by tick exactly whom the naive scan finds, through calm, storms and re-anchoring in any slices', () => {
    const steps = fc.array(fc.array(fc.double({ min: -0.05, max: 0.05, noNaN: true }), { minLength: 3, maxLength: 3 }), { maxLength: 40 })
    const options = fc.record({
      reach: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
      budget: fc.integer({ min: 1, max: 4 }),
      slice: fc.integer({ min: 1, max: 9 }),
    })
    fc.assert(
      fc.property(
        crossBook(fc.constantFrom('long', 'short')),
        steps,
        options,
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (book, steps, options, storm) => {
          const columns = Columns.of(book)
          const ratios = new Float64Array(columns.names.length).fill(1)
          const watch = Watch.of(columns, ratios, options)
          const scan = naive(columns)
          for (const moves of [[0, 0, 0], ...steps]) {
            for (let k = 0; k < ratios.length; k++) ratios[k] = (ratios[k] ?? 1) * Math.exp(storm * (moves[k] ?? 0))
            expect([...Watch.tick(watch, ratios)].sort((a, b) => a - b)).toEqual(scan(ratios))
          }
        },
      ),
      { numRuns },
    )
  })

  test('edge: a jump past the reach looks at everybody at once, and counts that', () => {
    const columns = Columns.of(Book.of([isolated('a', 'long', 1_000, 300, 0)]))
    const watch = Watch.of(columns, Float64Array.of(1), { reach: 0.05, budget: 10, slice: 1 })
    expect(Watch.tick(watch, Float64Array.of(0.6))).toEqual([0])
    expect(watch.looked.stalls).toBe(1)
  })
})

describe('of', () => {
  test('error: options out of range', () => {
    const columns = Columns.of(Book.of([]))
    const good = { reach: 0.1, budget: 1, slice: 1 }
    for (const bad of [{ reach: 0 }, { reach: 1 }, { budget: 0 }, { slice: 0.5 }])
      expect(() => Watch.of(columns, new Float64Array(0), { ...good, ...bad })).toThrow(Figure.InvalidFigureError)
  })
})
