import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Book, Columns, Figure, Watch } from './index.ts'
import { crossBook, isolated } from './testing/books.ts'
import { crowd, normal, uniform } from './testing/crowd.ts'
import { failing, someColumns, somePrices } from './testing/naive.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

/** The slow way: everybody, at every tick. */
function naive(columns: Columns.Columns) {
  const gone = new Set<number>()
  return (ratios: Float64Array): readonly number[] => {
    const failed = failing(columns, ratios).filter((i) => !gone.has(i))
    for (const i of failed) gone.add(i)
    return failed
  }
}

const someOptions = fc.record({
  reach: fc.oneof(fc.double({ min: 0.01, max: 0.5, noNaN: true }), fc.constantFrom(1e-12, 1e-6, 0.99)),
  budget: fc.integer({ min: 1, max: 4 }),
  slice: fc.integer({ min: 1, max: 9 }),
})

describe('tick', () => {
  test('worked example: an account is asked once a price has left its radius, and no more when it has failed', () => {
    const columns = Columns.of(Book.of([isolated('a', 'long', 1_000, 100, 0), isolated('b', 'long', 1_000, 900, 0)]))
    const watch = Watch.of(columns, Float64Array.of(1), { reach: 0.5, budget: 10, slice: 10 })
    expect(Watch.tick(watch, Float64Array.of(0.95))).toEqual([])
    expect(watch.cost.asked).toBe(0)
    expect(Watch.tick(watch, Float64Array.of(0.89))).toEqual([0])
    expect(Watch.tick(watch, Float64Array.of(0.88))).toEqual([])
    expect(watch.cost).toMatchObject({ ticks: 3, asked: 1, reads: 0 })
  })

  test('property: tick by tick exactly whom the naive scan finds, through calm, storms and re-anchoring in any slices', () => {
    const steps = fc.array(fc.array(fc.double({ min: -0.05, max: 0.05, noNaN: true }), { minLength: 3, maxLength: 3 }), { maxLength: 40 })
    fc.assert(
      fc.property(
        crossBook(fc.constantFrom('long', 'short')),
        steps,
        someOptions,
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

  test('property: the same at the very threshold, a float beside it, and on prices that come back to the anchor', () => {
    fc.assert(
      fc.property(someColumns(), somePrices, fc.array(somePrices, { maxLength: 20 }), someOptions, (columns, anchor, walk, options) => {
        const watch = Watch.of(columns, anchor, options)
        const scan = naive(columns)
        for (const prices of walk.flatMap((there) => [there, anchor]))
          expect([...Watch.tick(watch, prices)].sort((a, b) => a - b)).toEqual(scan(prices))
      }),
      { numRuns },
    )
  })

  test('property: no tick does more than its slice and its share, unless a price has outrun the anchor', () => {
    const columns = crowd(100_000, 11)
    const gauss = normal(uniform(12))
    const ratios = new Float64Array(64).fill(1)
    const options = { reach: 0.08, budget: 500, slice: 256 }
    const watch = Watch.of(columns, ratios, options)
    const scan = naive(columns)
    let gone = 0
    for (let tick = 0; tick < 600; tick++) {
      const factor = gauss()
      for (let k = 0; k < 64; k++) ratios[k] = (ratios[k] ?? 1) * Math.exp(0.002 * (0.8 * factor + 0.6 * gauss()))
      const { asked, anchored, rushes, reads } = { ...watch.cost }
      gone += Watch.tick(watch, ratios).length
      expect(watch.cost.asked - asked).toBeLessThanOrEqual(columns.count / 16)
      expect(watch.cost.reads - reads + watch.cost.rushes - rushes).toBeLessThanOrEqual(1)
      const more = watch.cost.reads > reads ? columns.count : watch.cost.rushes > rushes ? columns.count / 8 : 0
      expect(watch.cost.anchored - anchored).toBeLessThanOrEqual(options.slice + more)
      if (tick % 100 === 99) {
        scan(ratios)
        // Whoever fails now has been told by now.
        expect(failing(columns, ratios).every((i) => watch.alive[i] === 0)).toBe(true)
      }
    }
    expect(gone).toBeGreaterThan(0)
    expect(watch.alive.reduce((sum, each) => sum + each, 0)).toBe(columns.count - gone)
    expect(watch.cost.anchored).toBeGreaterThan(columns.count)
    expect(watch.cost.rushes).toBeGreaterThan(0)
  })

  test('edge: a jump past the reach reads everybody at once, and counts that', () => {
    const columns = Columns.of(Book.of([isolated('a', 'long', 1_000, 300, 0)]))
    const watch = Watch.of(columns, Float64Array.of(1), { reach: 0.05, budget: 10, slice: 1 })
    expect(Watch.tick(watch, Float64Array.of(0.6))).toEqual([0])
    expect(watch.cost.reads).toBe(1)
  })

  describe('two anchors', () => {
    // Everybody at 1, and once 1.04 has asked two longs, the near ones there.
    const anchored = (one: Book.Account) => {
      const near = [isolated('y', 'long', 1_000, 30, 0), isolated('z', 'long', 1_000, 35, 0)]
      const columns = Columns.of(Book.of([one, ...near]))
      const watch = Watch.of(columns, Float64Array.of(1), { reach: 0.1, budget: 1, slice: 10 })
      expect(Watch.tick(watch, Float64Array.of(1.04))).toEqual([])
      expect([watch.far.anchor[0], watch.lists.around.anchor[0], watch.cost.reads]).toEqual([1, 1.04, 0])
      return watch
    }

    test('edge: half way to the reach everybody is anchored anew, a slice a tick', () => {
      const { columns } = anchored(isolated('a', 'short', 1_000, 500, 0))
      const slow = Watch.of(columns, Float64Array.of(1), { reach: 0.1, budget: 100, slice: 2 })
      for (const [price, far] of [
        [1.049, 1],
        [1.051, 1],
        [1.06, 1.051],
      ] as const) {
        expect(Watch.tick(slow, Float64Array.of(price))).toEqual([])
        expect(slow.far.anchor[0]).toBe(far)
      }
      expect(slow.cost.reads).toBe(0)
    })

    test('edge: the price outruns the one for everybody: a far short fails at 1.12', () => {
      expect(Watch.tick(anchored(isolated('a', 'short', 1_000, 120, 0)), Float64Array.of(1.13))).toEqual([0])
    })

    test('edge: the price outruns the one for the near: a long fails at 0.9355 that was out of reach of 1.04', () => {
      expect(Watch.tick(anchored(isolated('a', 'long', 1_000, 64.5, 0)), Float64Array.of(0.935))).toContain(0)
    })
  })

  test('edge: more due than a tick may ask here and there: everybody is read, and nobody told twice', () => {
    const columns = Columns.of(
      Book.of(Array.from({ length: 5_000 }, (_, i) => isolated(`a${String(i).padStart(4, '0')}`, 'long', 1_000, 100 + i / 100, 0))),
    )
    const watch = Watch.of(columns, Float64Array.of(1), { reach: 0.5, budget: 10, slice: 10 })
    const failed = Watch.tick(watch, Float64Array.of(0.86))
    expect([...failed].sort((a, b) => a - b)).toEqual(failing(columns, Float64Array.of(0.86)))
    expect(failed.length).toBeGreaterThan(3 * 1_024)
    expect(watch.cost.reads).toBe(1)
  })

  test('error: a price that is missing, 0 or no number is not the last one', () => {
    const watch = Watch.of(Columns.of(Book.of([isolated('a', 'long', 1_000, 300, 0)])), Float64Array.of(1), {
      reach: 0.1,
      budget: 1,
      slice: 1,
    })
    for (const prices of [[], [0], [-1], [Number.NaN], [Number.POSITIVE_INFINITY], [1, 1]])
      expect(() => Watch.tick(watch, Float64Array.from(prices))).toThrow(Figure.InvalidFigureError)
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
