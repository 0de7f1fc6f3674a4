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

/**
 * A crowd by hand in markets A and B: one long of A that fails at three quarters and sells what pushes A by `push`, and longs of B that stand at what
 * they are worth, a tenth away. A alone moves; whoever holds B is asked at first, and again when A has moved a tenth more.
 */
function beside({ count, standing: many, push }: { readonly count: number; readonly standing: number; readonly push: number }) {
  const columns = Columns.empty({ names: ['A', 'B'], accounts: [], count, slots: 1 })
  for (let i = 0; i <= many; i++) {
    columns.market[i] = i === 0 ? 0 : 1
    columns.weight[i] = 1
    columns.exposure[i] = 1
    columns.cash[i] = i === 0 ? -0.8 : -0.9
  }
  const markets = { A: Venue.plain({ kind: 'linear', slope: push }), B: Venue.plain({ kind: 'linear', slope: 0 }) }
  return { columns, scenario: { markets, shocks: { A: Math.log(0.75) }, roundCap: 9 } }
}

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

  test('worked example: who was asked is asked again once the path of the prices has used up what was safe', () => {
    // 0.1 left of 1 bears a path of 0.2/2.1 = 0.0952; A falls by e^0.09 and e^0.1, paths of 0.0942 and 0.1052.
    const looked = (push: number) => {
      const { columns, scenario } = beside({ count: 3, standing: 2, push })
      return Sweep.run(flat(columns), scenario)
    }
    expect(looked(0.09)).toMatchObject({ looked: 3, liquidated: 1, rounds: 1 })
    expect(looked(0.1)).toMatchObject({ looked: 5, liquidated: 1, rounds: 1 })
  })

  test.each([
    ['1,024 of 2,000', 2_000, 1_024],
    ['a twentieth of 40,000', 40_000, 2_000],
  ])('edge: %s are asked again here and there; of one more, everybody is read', (_, count, most) => {
    const looked = (standing: number) => {
      const { columns, scenario } = beside({ count, standing, push: 0.1 })
      return Sweep.run(flat(columns), scenario).looked
    }
    expect(looked(most)).toBe(1 + most + most)
    expect(looked(most + 1)).toBe(1 + most + 1 + count)
  })

  test('edge: a path longer than any that waiting is kept for loses nobody', () => {
    // A falls by 2.2 in one round, a path of 8; whoever stands in B is reached when that has taken the second account, which sells B alone.
    const columns = Columns.empty({ names: ['A', 'B'], accounts: [], count: 3, slots: 4 })
    const give = (account: number, cash: number, lines: readonly (readonly [market: number, weight: number])[]) => {
      columns.cash[account] = cash
      for (const [slot, [market, weight]] of lines.entries()) {
        columns.market[slot * 3 + account] = market
        columns.weight[slot * 3 + account] = weight
        columns.exposure[account * 4 + slot] = account === 1 ? market : weight
      }
    }
    give(0, -0.8, [[0, 1]])
    give(1, -1.3, [
      [0, 1],
      [1, 1],
    ])
    give(2, -0.9, [[1, 1]])
    const markets = { A: Venue.plain({ kind: 'linear', slope: 2.2 }), B: Venue.plain({ kind: 'linear', slope: 0.2 }) }
    const shocks = { A: Math.log(0.75) }
    const { looked: _, settled, ...swept } = Sweep.run(standing(columns, Float64Array.of(1, 1), 0.95), { markets, shocks, roundCap: 9 })
    expect(swept).toEqual(rounds(columns, markets, shocks))
    expect([...swept.closed]).toEqual([1, 1, 1])
    expect(settled).toBe(true)
  })

  test('edge: who is a hair away is asked again after a hair', () => {
    // 5·10⁻⁵ in the log of the price reaches what is 2·10⁻⁵ away: both far below the width of a bucket.
    const columns = Columns.of(Book.of([isolated('a', 'long', 1_000, 240, 0), isolated('b', 'long', 1_000, 250.015, 0)]))
    const scenario = {
      markets: { [market]: Venue.plain({ kind: 'linear', slope: 5e-8 }) },
      shocks: { [market]: Math.log(0.75) },
      roundCap: 9,
    }
    expect(Sweep.run(flat(columns), scenario)).toMatchObject({ liquidated: 2, rounds: 2 })
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
