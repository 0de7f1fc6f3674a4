import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Book, Columns, Radius, Rings, Stress, Sweep, Venue } from './index.ts'
import { crossBook, down, isolated, market, plainly, someMarkets } from './testing/books.ts'
import { crowd } from './testing/crowd.ts'
import { names, rounds, someColumns, somePrices, somePush, venue } from './testing/naive.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

/** Rings around prices that have nothing to do with the cascade, or have. */
function standing(columns: Columns.Columns, anchor: Float64Array, reach: number): Rings.Rings {
  return Rings.of(columns, Radius.around(anchor), { reach })
}

const flat = (columns: Columns.Columns) => standing(columns, new Float64Array(columns.names.length).fill(1), 0.5)
const someShocks = fc.array(fc.constantFrom(0, -0.0625, -0.25, -0.5, 0.125, 0.3), { minLength: 3, maxLength: 3 })
const shocksOf = (values: readonly number[]) => Object.fromEntries(names.map((name, k) => [name, values[k] ?? 0]))

describe('run', () => {
  const markets = { [market]: Venue.plain({ kind: 'linear', slope: 1e-4 }) }
  const rings = flat(
    Columns.of(Book.of([isolated('a', 'long', 1_000, 100, 0), isolated('b', 'long', 500, 160, 0), isolated('c', 'long', 500, 400, 0)])),
  )

  test('worked example: −0.11 takes a, whose 0.1 does not reach b; −0.29 takes both', () => {
    expect(Sweep.run(rings, { markets, shocks: { [market]: -0.11 }, roundCap: 10 })).toMatchObject({
      settled: true,
      rounds: 1,
      liquidated: 1,
    })
    const { moves, flows, closed, looked } = Sweep.run(rings, { markets, shocks: { [market]: -0.29 }, roundCap: 10 })
    expect(moves[0]).toBeCloseTo(-0.44, 12)
    expect(flows).toEqual([-1_500])
    expect([...closed]).toEqual([1, 1, 0])
    // a once; b at the shock and when the price had left its radius; c is far.
    expect(looked).toBe(2)
  })

  test('edge: a cap that stops it, a book without accounts', () => {
    expect(Sweep.run(rings, { markets, shocks: { [market]: -0.29 }, roundCap: 1 })).toMatchObject({ settled: false, rounds: 1 })
    expect(Sweep.run(flat(Columns.of(Book.of([]))), { markets, shocks: {}, roundCap: 9 })).toMatchObject({ settled: true, liquidated: 0 })
  })

  test('edge: columns in no order of their markets', () => {
    const turned = Columns.empty({ names: ['Z', 'A'], accounts: ['a'], count: 1, slots: 1 })
    turned.cash[0] = -90
    turned.market[0] = 1
    turned.weight[0] = 100
    turned.exposure[0] = 100
    const both = {
      A: { ...Venue.plain({ kind: 'linear', slope: 2 ** -10 }), spill: { Z: 0.5 } },
      Z: Venue.plain({ kind: 'linear', slope: 0 }),
    }
    const { moves, flows } = Sweep.run(flat(turned), { markets: both, shocks: { A: -0.5 }, roundCap: 9 })
    expect(moves).toEqual([-50 / 1_024, -0.5 - 100 / 1_024])
    expect(flows).toEqual([0, -100])
  })

  test('property: to the last digit the cascade that asks everybody in every round, ties included', () => {
    fc.assert(
      fc.property(
        ...[someColumns(), fc.array(somePush, { minLength: 3, maxLength: 3 }), fc.constantFrom(0, 0.25), someShocks],
        ...[somePrices, fc.constantFrom(1e-6, 0.05, 0.5, 0.9), fc.boolean()],
        (columns, impacts, spill, shocks, anchor, reach, packed) => {
          const rings = standing(columns, anchor, reach)
          const scenario = { markets: venue(impacts, spill), shocks: shocksOf(shocks), roundCap: 1_000 }
          const { looked, settled, ...swept } = Sweep.run(packed ? Rings.pack(rings) : rings, scenario)
          expect(swept).toEqual(rounds(columns, scenario.markets, scenario.shocks))
          expect(settled).toBe(true)
          expect(looked).toBeGreaterThanOrEqual(swept.liquidated)
        },
      ),
      { numRuns },
    )
  })

  test.each([0.08, 0.15])('property: the same over twenty thousand accounts that fall by %d, through rings of its own', (shock) => {
    const columns = crowd(20_000, 7)
    const markets = Object.fromEntries(columns.names.map((name) => [name, Venue.plain({ kind: 'linear', slope: 2e-8 })]))
    const shocks = Object.fromEntries(columns.names.map((name) => [name, -shock]))
    const { looked, settled, ...swept } = Sweep.run(Rings.pack(flat(columns)), { markets, shocks, roundCap: 1_000 })
    expect(swept).toEqual(rounds(columns, markets, shocks))
    expect(settled).toBe(true)
    expect(looked).toBeLessThan(columns.count * swept.rounds)
  })

  test('property: longs alone fall further by a larger shock and by a larger impact', () => {
    const factor = fc.constantFrom(1, 1.5, 4)
    fc.assert(
      fc.property(someColumns(fc.integer({ min: 1, max: 40 })), somePush, factor, factor, (columns, push, shocked, pushed) => {
        const stronger =
          push.kind === 'linear'
            ? { ...push, slope: push.slope * pushed }
            : push.kind === 'squareRoot'
              ? { ...push, coefficient: push.coefficient * pushed }
              : push.kind === 'constantProduct'
                ? { ...push, reserve: push.reserve / pushed }
                : push
        const fall = (impact: typeof push, by: number) =>
          Sweep.run(flat(columns), { markets: venue([impact, impact, impact], 0), shocks: shocksOf([-by, -by, -by]), roundCap: 1_000 })
        const [less, more] = [fall(push, 0.125), fall(stronger, 0.125 * shocked)]
        for (const [i, gone] of less.closed.entries()) expect(more.closed[i]).toBeGreaterThanOrEqual(gone)
        for (const [k, move] of less.moves.entries()) expect(more.moves[k]).toBeLessThanOrEqual(move)
      }),
      { numRuns },
    )
  })

  test('property: the prices and the accounts of the stress, longs and shorts, with what spills over', () => {
    fc.assert(
      fc.property(
        crossBook(fc.constantFrom('long', 'short')),
        someMarkets,
        fc.double({ min: -0.4, max: 0.5, noNaN: true }),
        (book, markets, shock) => {
          const plain = plainly(markets)
          const stress = Stress.run({
            book,
            markets: plain,
            shocks: down(shock),
            policy: { kind: 'full' },
            feePpm: 0,
            reserves: { junior: 0n, insurance: 0n, senior: 0n },
            deleveraging: 'queue',
            roundCap: 1_000,
          })
          const columns = Columns.of(book)
          const sweep = Sweep.run(flat(columns), { markets: plain, shocks: down(shock), roundCap: 1_000 })
          expect(sweep.settled).toBe(true)
          for (const [k, name] of columns.names.entries()) expect(sweep.moves[k]).toBeCloseTo(stress.markets[name]?.move ?? Number.NaN, 8)
          expect([...sweep.closed]).toEqual(stress.outcomes.map(({ status }) => (status === 'closed' ? 1 : 0)))
          expect(sweep.rounds).toBe(stress.rounds)
        },
      ),
      { numRuns },
    )
  })

  test('error: a market nobody described', () => {
    expect(() => Sweep.run(rings, { markets: {}, shocks: {}, roundCap: 1 })).toThrow(Venue.UnknownMarketError)
  })
})

describe('trace', () => {
  test('worked example: one account a round, then what the run says', () => {
    const columns = Columns.of(Book.of([isolated('a', 'long', 1_000, 100, 0), isolated('b', 'long', 500, 160, 0)]))
    const scenario = { markets: { [market]: Venue.plain({ kind: 'linear', slope: 1e-4 }) }, shocks: { [market]: -0.29 }, roundCap: 9 }
    const rounds = Sweep.trace(flat(columns), scenario)
    expect(rounds.next()).toEqual({ done: false, value: 1 })
    expect(rounds.next()).toEqual({ done: false, value: 1 })
    expect(rounds.next()).toEqual({ done: true, value: Sweep.run(flat(columns), scenario) })
  })
})
