import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Book, Figure, LiquidationCurve, Threshold } from './index.ts'
import { crossBook, isolated, market, usd } from './testing/books.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const beta = fc.double({ min: -2, max: 2, noNaN: true })

/** Health at a move, from the definition. */
function health(account: Book.Account, direction: Threshold.Direction, x: number): number {
  const y = (name: string) => Math.exp(-(direction[name] ?? 0) * x)
  const gains = account.positions.reduce(
    (sum, { market, side, notional }) => sum + (side === 'long' ? 1 : -1) * Book.usd(notional) * (y(market) - 1),
    0,
  )
  const held = (account.holdings ?? []).reduce((sum, { market, value }) => sum + Book.usd(value) * (y(market) - 1), 0)
  const needed = account.positions.reduce(
    (sum, { market, notional, maintenancePpm }) => sum + (maintenancePpm / 1e6) * Book.usd(notional) * y(market),
    0,
  )
  return Book.usd(account.equity) + gains + held - needed
}

describe('along', () => {
  test('worked example: long 100 of one and short 100 of another fails where they part by what is left', () => {
    const account = {
      ...isolated('a', 'long', 100, 20, 0),
      positions: [
        { market: 'A', side: 'long' as const, notional: usd(100), maintenancePpm: 0 },
        { market: 'B', side: 'short' as const, notional: usd(100), maintenancePpm: 0 },
      ],
    }
    expect(Threshold.along(account, { A: 1, B: 1 })).toBeNull()
    expect(Threshold.along(account, { A: 1 })).toBeCloseTo(-Math.log(0.8), 9)
    expect(Threshold.along(account, { B: -1 })).toBeCloseTo(Math.log(1.2), 9)
    // e^(−x) − e^(x) = −0.2
    expect(Threshold.along(account, { A: 1, B: -1 })).toBeCloseTo(Math.asinh(0.1), 9)
  })

  test('worked example: a short that rises twice as far, beside a dust that falls: no step passes where it fails', () => {
    const account = {
      ...isolated('a', 'short', 100, 20, 0),
      positions: [
        { market: 'A', side: 'short' as const, notional: usd(100), maintenancePpm: 0 },
        { market: 'B', side: 'long' as const, notional: 1n, maintenancePpm: 0 },
      ],
    }
    expect(Threshold.along(account, { A: -2, B: 1 })).toBeCloseTo(Math.log(1.2) / 2, 11)
  })

  test('edge: on a million a ten-millionth of a USD above is there already', () => {
    const at = (above: bigint, direction: Threshold.Direction) => {
      const positions = (['A', 'B'] as const).map((name) => ({
        ...{ market: name, side: 'long' as const, notional: usd(500_000), maintenancePpm: 50_000 },
      }))
      return Threshold.along({ ...isolated('a', 'long', 1, 0), equity: usd(50_000) + above, positions }, direction)
    }
    for (const direction of [{ A: 1 }, { A: 1, B: 1 }]) {
      expect(at(10n ** 11n, direction)).toBe(0)
      expect(at(10n ** 14n, direction)).toBeGreaterThan(0)
    }
    // Nothing of it moves.
    expect(at(usd(1), {})).toBeNull()
  })

  test('edge: along one market it is the distance of the curve; standing still nobody fails', () => {
    for (const side of ['long', 'short'] as const) {
      const account = isolated('a', side, 100, 20)
      const curve = LiquidationCurve.of(Book.of([account]), market, side)
      expect(Threshold.along(account, { [market]: side === 'long' ? 1 : -1 })).toBeCloseTo(curve.thresholds[0] ?? Number.NaN, 12)
      expect(Threshold.along(account, { [market]: side === 'long' ? -1 : 1 })).toBeNull()
      expect(Threshold.along(account, {})).toBeNull()
      expect(Threshold.along(isolated('a', side, 100, 4), {})).toBe(0)
    }
  })

  test('edge: a trillionth of what moves is nothing, and a hundredth more of it is something', () => {
    const account = (above: bigint) => ({
      ...{ account: 'a', equity: usd(50_000) + above, collateral: 0n },
      positions: [{ market: 'A', side: 'long' as const, notional: usd(1_000_000), maintenancePpm: 50_000 }],
    })
    // 950,000 USD move.
    expect(Threshold.along(account(945_000_000_000n), { A: 1 })).toBe(0)
    expect(Threshold.along(account(955_000_000_000n), { A: 1 })).toBeGreaterThan(0)
  })

  test('edge: who has nothing that moves fails when nothing is left, and at no move', () => {
    const account = (equity: bigint) => ({ account: 'a', equity, collateral: 0n, positions: [] })
    expect(Threshold.along(account(0n), {})).toBe(0)
    expect(Threshold.along(account(1n), {})).toBeNull()
  })

  test('dimension: a millionth of all money fails at the same move', () => {
    const positions = (['A', 'B'] as const).map((name, k) => ({
      ...{ market: name, side: k === 0 ? ('long' as const) : ('short' as const), notional: 10n ** 14n, maintenancePpm: 0 },
    }))
    const account = { account: 'a', equity: 2n * 10n ** 13n, collateral: 0n, positions }
    expect(Threshold.along(account, { A: 1, B: -1 })).toBeCloseTo(Math.asinh(0.1), 9)
  })

  test('edge: whom a millionth of a USD keeps standing is told where it nearly falls, in doubt', () => {
    // 100·(e^(−x) − ½)², and what is above: touched at ln 2, or nearly.
    const at = (above: bigint) =>
      Threshold.along(
        {
          ...{ account: 'a', equity: usd(25) + above, collateral: 0n },
          positions: [
            { market: 'A', side: 'long', notional: usd(100), maintenancePpm: 0 },
            { market: 'B', side: 'short', notional: usd(100), maintenancePpm: 0 },
          ],
        },
        { A: 2, B: 1 },
      )
    expect(at(-(10n ** 16n))).toBeCloseTo(-Math.log(0.51), 9)
    expect(at(10n ** 12n)).toBeLessThan(Math.LN2)
    expect(at(10n ** 12n)).toBeCloseTo(Math.LN2, 2)
    expect(at(10n ** 14n)).toBeNull()
  })

  test('edge: nobody is looked for beyond e⁻³', () => {
    const at = (left: number) => Threshold.along({ ...isolated('a', 'long', 100, 100 - left, 0) }, { [market]: 1 })
    expect(at(100 * Math.exp(-2.99))).toBeCloseTo(2.99, 6)
    expect(at(100 * Math.exp(-3.01))).toBeNull()
    expect(Threshold.along({ ...isolated('a', 'long', 100, 0) }, { [market]: 1 })).toBe(0)
  })

  test('property: healthy at every move before it, and no longer just behind it', () => {
    fc.assert(
      fc.property(crossBook(fc.constantFrom('long', 'short')), beta, beta, beta, (book, a, b, c) => {
        const direction = { 'BTC-PERP': a, 'ETH-PERP': b, 'SOL-PERP': c }
        for (const account of book.accounts) {
          const at = Threshold.along(account, direction)
          const scale = account.positions.reduce((sum, { notional }) => sum + Book.usd(notional), 0)
          const until = at ?? Threshold.furthest
          for (let k = 0; k < 40; k++)
            expect(health(account, direction, (until * k) / 40)).toBeGreaterThan(at === 0 ? -Infinity : -1e-6 * scale)
          if (at !== null && at > 0) expect(Math.abs(health(account, direction, at))).toBeLessThan(1e-6 * scale)
        }
      }),
      { numRuns: Math.ceil(numRuns / 5) },
    )
  })

  test('error: a sensitivity that is no number', () => {
    expect(() => Threshold.along(isolated('a', 'long', 100, 20), { [market]: Number.NaN })).toThrow(Figure.InvalidFigureError)
  })
})
