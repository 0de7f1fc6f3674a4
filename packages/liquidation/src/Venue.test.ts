import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Figure, Impact, Venue } from './index.ts'
import { someMarkets } from './testing/books.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const half: Venue.Market = { ...Venue.plain({ kind: 'linear', slope: 0.1 }), index: { weight: 0.5, rounds: 1 }, spill: { B: 0.25 } }
const markets = { B: Venue.plain({ kind: 'linear', slope: 0.2 }), A: half }
const prices = Venue.of(markets, { A: -0.3 })

describe('plain', () => {
  test('edge: nothing refills, nobody else counts, nothing is reached and nobody stands behind it', () => {
    const impact = { kind: 'linear', slope: 0.1 } as const
    expect(Venue.plain(impact)).toEqual({
      ...{ impact, refill: 0, index: { weight: 1, rounds: 1 }, spill: {}, backstop: { sharePpm: 0, capacity: 0n } },
    })
    expect(Venue.furthest).toBe(20)
  })
})

describe('of', () => {
  test('worked example: one order, no shock where none is given', () => {
    expect(prices.names).toEqual(['A', 'B'])
    expect(prices.shocks).toEqual([-0.3, 0])
    expect(prices.reach).toEqual([
      [1, 0],
      [0.25, 1],
    ])
  })

  test('error: unknown names, figures that are no shares', () => {
    expect(() => Venue.of(markets, { C: 0 })).toThrow(Venue.UnknownMarketError)
    expect(() => Venue.of({ A: half }, {})).toThrow(Venue.UnknownMarketError)
    expect(() => Venue.of({ B: Venue.plain({ kind: 'linear', slope: -1 }) }, {})).toThrow(Impact.InvalidImpactError)
    const bad: readonly Partial<Venue.Market>[] = [
      { refill: 1.1 },
      { index: { weight: -0.1, rounds: 1 } },
      { index: { weight: 1, rounds: 0 } },
      { spill: { B: 2 } },
      { backstop: { sharePpm: 1_000_001, capacity: 0n } },
      { backstop: { sharePpm: 0.5, capacity: 0n } },
    ]
    for (const each of bad) expect(() => Venue.of({ ...markets, A: { ...half, ...each } }, {})).toThrow(Figure.InvalidFigureError)
    expect(() => Venue.of(markets, { A: Number.POSITIVE_INFINITY })).toThrow(Figure.InvalidFigureError)
  })
})

describe('moves, indexed', () => {
  test('worked example: the own impact whole, a quarter of it next door, half of it in the index', () => {
    const moves = Venue.moves(prices, [-1, 0.5])
    expect(moves[0]).toBeCloseTo(-0.4, 12)
    expect(moves[1]).toBeCloseTo(0.1 - 0.025, 12)
    expect(Venue.indexed(prices, moves)[0]).toBeCloseTo(-0.35, 12)
    expect(Venue.indexed(prices, moves)[1]).toBeCloseTo(0.075, 12)
  })

  test('edge: no price moves further than the furthest', () => {
    expect(Venue.moves(prices, [-1e9, 1e9])).toEqual([-Venue.furthest, Venue.furthest])
    expect(Venue.fill(prices, [0, 0], 1, 1e9)).toBe(Math.exp(Venue.furthest))
    expect(Venue.fill(prices, [0, 0], 1, -1e9)).toBeGreaterThanOrEqual(0)
  })
})

describe('fill', () => {
  test('worked example: at what others have done to the price, on average on the way', () => {
    // A sale of 1 in A takes 0.025 off B; B's own, from −0.5 to −1.5, goes from 0.1 to 0.3 below.
    const fill = (Math.exp(-0.1) - Math.exp(-0.3)) / 0.2
    expect(Venue.fill(prices, [-1, -0.5], 1, -1.5)).toBeCloseTo(Math.exp(-0.025) * fill, 12)
    const whole = Venue.of({ B: markets.B, A: { ...half, spill: { B: 1 } } }, {})
    expect(Venue.fill(whole, [-1, -0.5], 1, -1.5)).toBeCloseTo(Math.exp(-0.1) * fill, 12)
    // Nothing of B reaches A, which has had its shock.
    expect(Venue.fill(prices, [-1, -5], 0, -3)).toBeCloseTo((Math.exp(-0.3) * (Math.exp(-0.1) - Math.exp(-0.3))) / 0.2, 12)
  })

  test('property: between the prices before and after', () => {
    const flow = fc.double({ min: -1e5, max: 1e5, noNaN: true })
    fc.assert(
      fc.property(someMarkets, flow, flow, flow, fc.nat(2), (markets, a, b, to, k) => {
        const prices = Venue.of(markets, { 'BTC-PERP': -0.1 })
        const before = [a, b, a - b]
        const after = before.map((flow, j) => (j === k ? to : flow))
        const [from, until] = [Venue.moves(prices, before)[k] ?? 0, Venue.moves(prices, after)[k] ?? 0]
        fc.pre(Math.abs(from) < 15 && Math.abs(until) < 15)
        const filled = Math.log(Venue.fill(prices, before, k, to))
        expect(filled).toBeGreaterThanOrEqual(Math.min(from, until) - 1e-7)
        expect(filled).toBeLessThanOrEqual(Math.max(from, until) + 1e-7)
      }),
      { numRuns },
    )
  })

  test('error: a market that is not there', () => {
    expect(() => Venue.fill(prices, [0, 0], 2, 1)).toThrow(Venue.UnknownMarketError)
  })
})
