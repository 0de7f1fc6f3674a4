import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Cascade, Columns, Figure, Impact, Isolated, LiquidationCurve } from './index.ts'
import { isolatedRounds, somePush } from './testing/naive.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

type Row = { readonly side: number; readonly notional: number; readonly equity: number; readonly maintenance: number }

function positions(rows: readonly Row[]): Isolated.Positions {
  return {
    side: Int8Array.from(rows, ({ side }) => side),
    notional: Float64Array.from(rows, ({ notional }) => notional),
    equity: Float64Array.from(rows, ({ equity }) => equity),
    maintenance: Float64Array.from(rows, ({ maintenance }) => maintenance),
  }
}

/** Whole and half dollars, many of them alike, so that thresholds tie. */
const someRows = fc.array(
  fc.record({
    side: fc.constantFrom(1, -1, 0),
    notional: fc.integer({ min: 1, max: 40 }).map((half) => half / 2),
    equity: fc.integer({ min: -4, max: 48 }).map((half) => half / 2),
    maintenance: fc.constantFrom(0, 0.05),
  }),
  { maxLength: 200 },
)

const distances = (rows: readonly Row[]): readonly number[] =>
  rows.map(({ side, notional, equity, maintenance }) =>
    side === 0
      ? Number.POSITIVE_INFINITY
      : (LiquidationCurve.distance({ side: side === 1 ? 'long' : 'short', notional, equity, maintenance }) ?? Number.POSITIVE_INFINITY),
  )

describe('of', () => {
  test('worked example: both sides, first to fail first, and who never fails in neither', () => {
    const index = Isolated.of(
      positions([
        { side: 1, notional: 100, equity: 20, maintenance: 0 },
        { side: -1, notional: 100, equity: 25, maintenance: 0 },
        { side: 1, notional: 100, equity: 100, maintenance: 0 },
        { side: 0, notional: 0, equity: 1, maintenance: 0 },
        { side: 1, notional: 50, equity: 5, maintenance: 0 },
      ]),
    )
    expect(index.count).toBe(5)
    expect([...index.long.accounts]).toEqual([4, 0])
    expect([...index.long.forced]).toEqual([50, 150])
    expect(index.long.thresholds[1]).toBeCloseTo(-Math.log(0.8), 12)
    expect([...index.short.accounts]).toEqual([1])
    expect(index.short.thresholds[0]).toBeCloseTo(Math.log(1.25), 12)
  })

  test('edge: a hundred at one price, by number', () => {
    const rows = Array.from({ length: 100 }, () => ({ side: -1, notional: 8, equity: 1, maintenance: 0 }))
    expect([...Isolated.of(positions(rows)).short.accounts]).toEqual(rows.map((_, i) => i))
  })

  test('property: everybody some price can liquidate, by threshold and then by number, however many lie in one place', () => {
    fc.assert(
      fc.property(someRows, (rows) => {
        const at = distances(rows)
        for (const [name, side] of [['long', 1] as const, ['short', -1] as const]) {
          const own = Isolated.of(positions(rows))[name]
          const expected = rows.flatMap((row, i) => (row.side === side && (at[i] ?? 0) < Number.POSITIVE_INFINITY ? [i] : []))
          expect([...own.accounts].sort((a, b) => a - b)).toEqual(expected)
          for (const [j, i] of own.accounts.entries()) {
            expect(own.thresholds[j]).toBeCloseTo(at[i] ?? Number.NaN, 12)
            const [before, here] = [own.thresholds[j - 1] ?? 0, own.thresholds[j] ?? 0]
            expect(before).toBeLessThanOrEqual(here)
            if (j > 0 && before === here) expect(own.accounts[j - 1]).toBeLessThan(i)
            expect(own.forced[j]).toBe((own.forced[j - 1] ?? 0) + (rows[i]?.notional ?? 0))
          }
        }
      }),
      { numRuns: Math.ceil(numRuns / 5) },
    )
  })

  test('error: arrays of different lengths', () => {
    const rows = positions([{ side: 1, notional: 1, equity: 1, maintenance: 0 }])
    for (const name of ['notional', 'equity', 'maintenance'] as const)
      expect(() => Isolated.of({ ...rows, [name]: new Float64Array(2) })).toThrow(Figure.InvalidFigureError)
  })
})

describe('cascade', () => {
  // Fail at −ln 0.8 = 0.223 and −ln 0.6 = 0.511.
  const two = Isolated.of(
    positions([
      { side: 1, notional: 100, equity: 20, maintenance: 0 },
      { side: 1, notional: 100, equity: 40, maintenance: 0 },
    ]),
  )
  const impact = { kind: 'linear', slope: 0.003 } as const

  test('worked example: 0.25 takes the first, whose 0.3 takes the second', () => {
    expect(Isolated.cascade(two, { side: 'long', impact, shock: 0.25 })).toEqual({
      ...{ side: 'long', x: 0.25 + 0.6, forced: 200, rounds: 2 },
      liquidated: Int32Array.of(0, 1),
    })
    expect(Isolated.cascade(two, { side: 'long', impact, shock: 0.2 })).toMatchObject({ x: 0.2, forced: 0, rounds: 0 })
    expect(Isolated.cascade(two, { side: 'short', impact, shock: 9 })).toMatchObject({ x: 9, forced: 0, rounds: 0 })
  })

  test('edge: exactly at the threshold counts, beyond the tolerance does not', () => {
    const at = two.long.thresholds[0] ?? 0
    const of = (shock: number) => Isolated.cascade(two, { side: 'long', impact: { kind: 'linear', slope: 0 }, shock }).forced
    expect(of(at)).toBe(100)
    expect(of(at - 0.9e-12)).toBe(100)
    expect(of(at - 1.1e-12)).toBe(0)
  })

  const someShock = fc.oneof(fc.constantFrom(0, 0.25), fc.double({ min: 0, max: 1, noNaN: true }))

  test('property: to the last digit the naive rounds, ties included, at the threshold of anybody and beside it', () => {
    fc.assert(
      fc.property(someRows, somePush, someShock, fc.nat(), fc.constantFrom(null, 0, 1e-12, -1e-12), (rows, push, free, which, beside) => {
        const index = Isolated.of(positions(rows))
        for (const [name, side] of [['long', 1] as const, ['short', -1] as const]) {
          const own = index[name]
          const threshold = own.thresholds[which % Math.max(1, own.thresholds.length)] ?? free
          const shock = beside === null ? free : Math.max(0, threshold - beside)
          const at = rows.map(() => Number.POSITIVE_INFINITY)
          for (const [j, i] of own.accounts.entries()) at[i] = own.thresholds[j] ?? 0
          const naive = isolatedRounds(positions(rows), at, { side, shock, impact: (flow) => Impact.of(push, flow) })
          const { x, forced, rounds, liquidated } = Isolated.cascade(index, { side: name, impact: push, shock })
          expect({ x, forced, rounds, gone: new Set(liquidated) }).toEqual(naive)
          expect(rounds).toBeLessThanOrEqual(new Set(own.thresholds).size)
        }
      }),
      { numRuns },
    )
  })

  test('property: the fixed point of the curve, and nothing but it', () => {
    fc.assert(
      fc.property(someRows, somePush, someShock, (rows, push, shock) => {
        const index = Isolated.of(positions(rows))
        const { x } = Isolated.cascade(index, { side: 'long', impact: push, shock })
        const walls = index.long.accounts.reduce<{ at: number; notional: number }[]>((list, i, j) => {
          list.push({ at: index.long.thresholds[j] ?? 0, notional: rows[i]?.notional ?? 0 })
          return list
        }, [])
        expect(x).toBeCloseTo(Cascade.run({ curve: LiquidationCurve.fromWalls('long', walls), impact: push, shock }).x, 11)
      }),
      { numRuns },
    )
  })

  test('property: further by a larger shock and by a larger impact', () => {
    fc.assert(
      fc.property(someRows, someShock, fc.constantFrom(0, 0.01, 0.3), fc.constantFrom(1, 1.5, 8), (rows, shock, more, factor) => {
        const index = Isolated.of(positions(rows))
        const fall = (slope: number, by: number) => Isolated.cascade(index, { side: 'long', impact: { kind: 'linear', slope }, shock: by })
        const [less, larger] = [fall(2 ** -9, shock), fall(2 ** -9 * factor, shock + more)]
        expect(larger.x).toBeGreaterThanOrEqual(less.x)
        expect(larger.liquidated.length).toBeGreaterThanOrEqual(less.liquidated.length)
      }),
      { numRuns },
    )
  })

  test('dimension: money by 8 at an eighth of the slope: the same accounts, USD × 8', () => {
    fc.assert(
      fc.property(someRows, someShock, (rows, shock) => {
        const large = rows.map((row) => ({ ...row, notional: row.notional * 8, equity: row.equity * 8 }))
        const fall = (of: readonly Row[], slope: number) =>
          Isolated.cascade(Isolated.of(positions(of)), { side: 'short', impact: { kind: 'linear', slope }, shock })
        const [once, eight] = [fall(rows, 2 ** -8), fall(large, 2 ** -11)]
        expect(eight).toEqual({ ...once, forced: once.forced * 8 })
      }),
      { numRuns: Math.ceil(numRuns / 5) },
    )
  })

  test('edge: as many rounds as accounts, each wall reached by the one before', () => {
    const count = 2_000
    const index = {
      ...{ count, short: two.short },
      long: {
        accounts: Int32Array.from({ length: count }, (_, i) => i),
        thresholds: Float64Array.from({ length: count }, (_, i) => i / 1_024),
        forced: Float64Array.from({ length: count }, (_, i) => i + 1),
      },
    }
    const { x, rounds } = Isolated.cascade(index, { side: 'long', impact: { kind: 'linear', slope: 1 / 1_024 }, shock: 0 })
    expect({ x, rounds }).toEqual({ x: count / 1_024, rounds: count })
  })

  test('error: a negative shock, an impact that falls', () => {
    expect(() => Isolated.cascade(two, { side: 'long', impact, shock: -1 })).toThrow(Figure.InvalidFigureError)
    expect(() => Isolated.cascade(two, { side: 'long', impact: { kind: 'linear', slope: -1 }, shock: 0 })).toThrow(
      Impact.InvalidImpactError,
    )
  })

  test('rounding: what is forced, never less than it is', () => {
    const index = Isolated.of(positions([{ side: 1, notional: 0.1, equity: 0, maintenance: 0 }]))
    expect(index.long.forced[0]).toBe(Columns.flow(0.1))
    expect(index.long.forced[0]).toBeGreaterThan(0.1)
  })
})
