import { describe, expect, test } from 'vitest'
import { Book, Contagion, Figure, Venue } from './index.ts'
import { isolated, market, usd } from './testing/books.ts'

const linear = (slope: number) => Venue.plain({ kind: 'linear', slope })

describe('radius', () => {
  // Each fails when its own market falls by 1 %, and sells 100 of the other market too.
  const account = (name: string, own: string, other: string): Book.Account => ({
    account: name,
    equity: usd(0.9),
    collateral: usd(0.9),
    positions: [
      { market: own, side: 'long', notional: usd(100), maintenancePpm: 0 },
      { market: other, side: 'long', notional: usd(50), maintenancePpm: 0 },
    ],
  })
  const book = Book.of([account('a', 'A', 'B')])
  const state = { markets: { A: linear(1e-4), B: linear(1e-4) }, direction: { A: 1, B: 1 }, shock: 0, width: 0.01 }

  test('worked example: a fall of A alone sells 100 of A and 50 of B; a fall of B alone does not reach', () => {
    // N = [[1e-4·100/0.01, 0], [.., 0]]
    expect(Contagion.radius(book, state)).toBeCloseTo(1, 12)
    // Over 2 % both reach: columns of (0.5, 0.25) each: radius 0.75.
    expect(Contagion.radius(book, { ...state, width: 0.02 })).toBeCloseTo(0.75, 12)
  })

  test('worked example: what spills over goes round as well', () => {
    const spilling = { A: { ...linear(1e-4), spill: { B: 0.5 } }, B: linear(1e-4) }
    // Over 2 %: own (0.5, 0.25) each; B gets 0.25 of A's besides: (0.5, 0.5) twice: radius 1.
    expect(Contagion.radius(book, { ...state, markets: spilling, width: 0.02 })).toBeCloseTo(1, 12)
  })

  test('worked example: maintenance and coins bring an account nearer, as they do anywhere', () => {
    // 100 long at 5 % and 50 coins under it: 10 + 150·(y − 1) = 5·y at y = 140/145.
    const account = { ...isolated('a', 'long', 100, 10), holdings: [{ market, value: usd(50) }] }
    const reach = -Math.log(140 / 145)
    const at = (width: number) =>
      Contagion.radius(Book.of([account]), { markets: { [market]: linear(1e-4) }, direction: { [market]: 1 }, shock: 0, width })
    expect(at(reach - 1e-9)).toBe(0)
    expect(at(reach + 1e-9)).toBeCloseTo(0.01 / reach, 4)
    const short = { ...isolated('s', 'short', 100, 10), holdings: [{ market, value: usd(20) }] }
    // 10 − 80·(y − 1) = 5·y at y = 90/85.
    const rise = Math.log(90 / 85)
    const up = (width: number) =>
      Contagion.radius(Book.of([short]), { markets: { [market]: linear(1e-4) }, direction: { [market]: -1 }, shock: 0, width })
    expect(up(rise - 1e-9)).toBe(0)
    expect(up(rise + 1e-9)).toBeGreaterThan(0)
  })

  test('worked example: what has failed already has used up depth: 50 before, 100 more in a pool of 100', () => {
    const pool = { A: Venue.plain({ kind: 'constantProduct', reserve: 100 } as const) }
    const alone = (name: string, notional: number, equity: number): Book.Account => ({
      ...{ account: name, equity: usd(equity), collateral: usd(equity) },
      positions: [{ market: 'A', side: 'long', notional: usd(notional), maintenancePpm: 0 }],
    })
    const two = Book.of([alone('a', 50, 0), alone('b', 100, 0.9), alone('c', 1_000, 900)])
    const at = (direction: Readonly<Record<string, number>>) => Contagion.radius(two, { markets: pool, direction, shock: 0, width: 0.01 })
    expect(at({ A: 1 })).toBeCloseTo((2 * Math.log(2.5) - 2 * Math.log(1.5)) / 0.01, 9)
    // However little of the direction is its, and if none is, a fall is what is asked about.
    for (const direction of [{ A: 0.5 }, { A: 0 }, {}]) expect(at(direction)).toBe(at({ A: 1 }))
  })

  test('edge: on a million a ten-millionth of a USD above is at the wall', () => {
    const account = isolated('a', 'long', 1_000_000, 0, 0)
    const at = (above: bigint) => {
      const book = Book.of([{ ...account, equity: usd(100_000) + above }])
      const markets = { [market]: linear(1e-7) }
      return Contagion.radius(book, { markets, direction: { [market]: 1 }, shock: 0, width: -Math.log(0.9) })
    }
    expect(at(10n ** 11n)).toBeCloseTo(0.1 / -Math.log(0.9), 9)
    expect(at(10n ** 13n)).toBe(0)
  })

  test('edge: who has failed at the shock itself adds nothing; shorts fear a rise', () => {
    expect(Contagion.radius(book, { ...state, shock: 0.02 })).toBe(0)
    const short = Book.of([isolated('s', 'short', 100, 0.9, 0)])
    const only = { ...state, markets: { [market]: linear(1e-4) } }
    expect(Contagion.radius(short, { ...only, direction: { [market]: -1 } })).toBeCloseTo(1, 12)
    expect(Contagion.radius(short, { ...only, direction: { [market]: 1 } })).toBe(0)
  })

  test('error: no window, a market nobody knows', () => {
    expect(() => Contagion.radius(book, { ...state, width: 0 })).toThrow(Figure.InvalidFigureError)
    expect(() => Contagion.radius(book, { ...state, markets: { A: linear(1) } })).toThrow(Venue.UnknownMarketError)
  })
})
