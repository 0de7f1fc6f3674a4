import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Book, Columns, Stress, Sweep, Venue } from './index.ts'
import { crossBook, down, isolated, market, plainly, someMarkets } from './testing/books.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

describe('run', () => {
  const markets = { [market]: Venue.plain({ kind: 'linear', slope: 1e-4 }) }
  const columns = Columns.of(
    Book.of([isolated('a', 'long', 1_000, 100, 0), isolated('b', 'long', 500, 160, 0), isolated('c', 'long', 500, 400, 0)]),
  )

  test('worked example: −0.11 takes a, whose 0.1 does not reach b; −0.29 takes both', () => {
    expect(Sweep.run(columns, { markets, shocks: { [market]: -0.11 }, roundCap: 10 })).toMatchObject({
      settled: true,
      rounds: 1,
      liquidated: 1,
    })
    const { moves, flows, closed, looked } = Sweep.run(columns, { markets, shocks: { [market]: -0.29 }, roundCap: 10 })
    expect(moves[0]).toBeCloseTo(-0.44, 12)
    expect(flows).toEqual([-1_500])
    expect([...closed]).toEqual([1, 1, 0])
    // Everybody; b, when the price had left its radius; everybody again, for a further 0.05 is more than what was kept at hand.
    expect(looked).toBe(7)
  })

  test('edge: a cap that stops it, a book without accounts', () => {
    expect(Sweep.run(columns, { markets, shocks: { [market]: -0.29 }, roundCap: 1 })).toMatchObject({ settled: false, rounds: 1 })
    expect(Sweep.run(Columns.of(Book.of([])), { markets, shocks: {}, roundCap: 9 })).toMatchObject({ settled: true, liquidated: 0 })
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
          const sweep = Sweep.run(columns, { markets: plain, shocks: down(shock), roundCap: 1_000 })
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
    expect(() => Sweep.run(columns, { markets: {}, shocks: {}, roundCap: 1 })).toThrow(Venue.UnknownMarketError)
  })
})
