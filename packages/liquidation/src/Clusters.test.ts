import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Book, Clusters, Figure } from './index.ts'
import { crossBook, isolated, market } from './testing/books.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

describe('of', () => {
  test('worked example: 10× and 11× lie in one step, 4× in another, paid in full in none', () => {
    const book = Book.of([
      isolated('a', 'long', 1_000, 100, 0),
      isolated('b', 'long', 2_000, 190, 0),
      isolated('c', 'long', 400, 100, 0),
      isolated('d', 'long', 50, 50, 0),
    ])
    // −ln 0.9 = 0.105, −ln 0.905 = 0.0998 and −ln 0.75 = 0.288, in steps of 0.06.
    const { clusters, standing, concentration } = Clusters.of(book, { [market]: 1 }, { width: 0.06, sigma: 0.03 })
    expect(clusters.map(({ from, accounts, notional }) => [Math.round(from * 100), accounts, notional])).toEqual([
      [6, 2, 3_000],
      [24, 1, 400],
    ])
    expect(clusters[0]).toMatchObject({ fromSigma: 2, toSigma: 4, byMarket: { [market]: 3_000 } })
    expect(standing).toEqual({ accounts: 1, notional: 50 })
    expect(concentration).toBeCloseTo((3_000 ** 2 + 400 ** 2) / 3_400 ** 2, 12)
  })

  test('property: everybody is somewhere, once', () => {
    fc.assert(
      fc.property(crossBook(fc.constantFrom('long', 'short')), fc.double({ min: 0.001, max: 0.5, noNaN: true }), (book, width) => {
        const { clusters, standing } = Clusters.of(book, { 'BTC-PERP': 1, 'ETH-PERP': -1 }, { width, sigma: 1 })
        expect(clusters.reduce((sum, { accounts }) => sum + accounts, standing.accounts)).toBe(book.accounts.length)
        const all = book.accounts.flatMap(({ positions }) => positions).reduce((sum, { notional }) => sum + Book.usd(notional), 0)
        expect(clusters.reduce((sum, { notional }) => sum + notional, standing.notional)).toBeCloseTo(all, 6)
        for (const [i, { from }] of clusters.entries()) expect(from).toBeGreaterThan(clusters[i - 1]?.from ?? -1)
      }),
      { numRuns: Math.ceil(numRuns / 5) },
    )
  })

  test('error: a step or σ of 0', () => {
    for (const grid of [
      { width: 0, sigma: 1 },
      { width: 1, sigma: 0 },
    ])
      expect(() => Clusters.of(Book.of([]), {}, grid)).toThrow(Figure.InvalidFigureError)
  })
})

describe('herfindahl', () => {
  test('edge: nothing, and one with all', () => {
    expect(Clusters.herfindahl([])).toBe(0)
    expect(Clusters.herfindahl([0, 3])).toBe(1)
  })
})
