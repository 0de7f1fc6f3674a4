import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Book, LiquidationCurve } from './index.ts'
import { isolated, market, someBook, usd } from './testing/books.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const move = fc.double({ min: 0, max: 1, noNaN: true })

/** Health at an adverse move, from the definition: positive while the account stands. */
function health({ account, position, elsewhere }: Book.Entry, x: number): number {
  const notional = Book.usd(position.notional)
  const y = Math.exp(position.side === 'long' ? -x : x)
  const loss = position.side === 'long' ? notional * (1 - y) : notional * (y - 1)
  return Book.usd(account.equity) - loss - (position.maintenancePpm / 1e6) * notional * y - Book.usd(elsewhere)
}

describe('distance', () => {
  test('worked example: 10× long at m = 5 % fails 5.26 % below, 5× short at 14.29 % above', () => {
    expect(LiquidationCurve.distance({ side: 'long', notional: 500, equity: 50, maintenance: 0.05 })).toBeCloseTo(
      Math.log(100 / 94.73684210526316),
      12,
    )
    expect(LiquidationCurve.distance({ side: 'short', notional: 1_200, equity: 240, maintenance: 0.05 })).toBeCloseTo(
      Math.log(1.1428571428571428),
      12,
    )
  })

  test('edge: a fully funded long never fails, an account below maintenance has failed', () => {
    expect(LiquidationCurve.distance({ side: 'long', notional: 100, equity: 100, maintenance: 0.05 })).toBeNull()
    expect(LiquidationCurve.distance({ side: 'long', notional: 100, equity: 5, maintenance: 0.05 })).toBe(0)
    expect(LiquidationCurve.distance({ side: 'short', notional: 100, equity: 4, maintenance: 0.05 })).toBe(0)
    expect(LiquidationCurve.distance({ side: 'short', notional: 100, equity: -200, maintenance: 0.05 })).toBe(0)
  })
})

describe('distance, with coins under the position', () => {
  test('worked example: 100 coins under 500 long at m = 5 %: fails where 600·(1 − y) is 100 less maintenance', () => {
    const x = LiquidationCurve.distance({ side: 'long', notional: 500, equity: 100, maintenance: 0.05, held: 100 })
    // 100 + 600(y − 1) = 25y, so y = 500/575.
    expect(x).toBeCloseTo(Math.log(575 / 500), 12)
  })

  test('edge: a short whose coins gain more than it loses never fails; below maintenance already it has', () => {
    expect(LiquidationCurve.distance({ side: 'short', notional: 100, equity: 120, maintenance: 0.05, held: 105 })).toBeNull()
    expect(LiquidationCurve.distance({ side: 'short', notional: 100, equity: 120, maintenance: 0.05, held: 104 })).toBeCloseTo(
      Math.log(116),
      9,
    )
    expect(LiquidationCurve.distance({ side: 'short', notional: 100, equity: 5, maintenance: 0.05, held: 200 })).toBe(0)
    // It is a fall that would fail it, to (200 − 100 − 20)/(200 − 105).
    const long = { side: 'short', notional: 100, equity: 20, maintenance: 0.05, held: 200 } as const
    expect(LiquidationCurve.distance(long)).toBeNull()
    expect(LiquidationCurve.ratio(long)).toBeCloseTo(80 / 95, 12)
    // Nothing is held where nothing is said.
    for (const side of ['long', 'short'] as const)
      expect(LiquidationCurve.distance({ side, notional: 1, equity: 0.5, maintenance: 0 })).toBeCloseTo(
        side === 'long' ? Math.LN2 : Math.log(1.5),
        12,
      )
    expect(LiquidationCurve.distance({ side: 'long', notional: 100, equity: 105, maintenance: 0.05, held: 5 })).toBeNull()
  })
})

describe('of', () => {
  test('worked example: what is held of the market itself brings the wall nearer', () => {
    const account = { ...isolated('a', 'long', 500, 100), holdings: [{ market, value: usd(100) }] }
    expect(LiquidationCurve.of(Book.of([account]), market, 'long').thresholds[0]).toBeCloseTo(Math.log(575 / 500), 12)
  })

  test('worked example: several positions stand on one equity', () => {
    const account = isolated('a', 'long', 100, 30)
    const both = {
      ...account,
      positions: [...account.positions, { market: 'BTC-PERP', side: 'short' as const, notional: usd(200), maintenancePpm: 50_000 }],
    }
    const alone = LiquidationCurve.of(Book.of([isolated('a', 'long', 100, 20)]), market, 'long')
    expect(LiquidationCurve.of(Book.of([both]), market, 'long').thresholds).toEqual(alone.thresholds)
  })

  test('property: an entry is in Q(x) exactly when its account has failed at x', () => {
    fc.assert(
      fc.property(someBook, move, fc.constantFrom('long' as const, 'short' as const), (book, x, side) => {
        const curve = LiquidationCurve.of(book, market, side)
        const entries = Book.positions(book, market).filter(({ position }) => position.side === side)
        fc.pre(entries.every((entry) => Math.abs(health(entry, x)) > 1e-6))
        const failed = entries.filter((entry) => health(entry, x) < 0 || health(entry, 0) <= 0)
        expect(LiquidationCurve.countOf(curve, x)).toBe(failed.length)
        const atMark = failed.reduce((sum, { position }) => sum + Book.usd(position.notional), 0) * Math.exp(side === 'long' ? -x : x)
        expect(Math.abs(LiquidationCurve.forcedAtMark(curve, x) - atMark)).toBeLessThan(1e-6)
      }),
      { numRuns },
    )
  })
})

describe('forced', () => {
  const curve = LiquidationCurve.fromWalls('short', [
    { at: 0.2, notional: 100 },
    { at: 0.1, notional: 50 },
  ])

  test('worked example: in units at P0, or at the moved mark', () => {
    expect([0.05, 0.15, 0.3].map((x) => LiquidationCurve.forced(curve, x))).toEqual([0, 50, 150])
    expect(LiquidationCurve.forcedAtMark(curve, 0.15)).toBeCloseTo(50 * Math.exp(0.15), 12)
    expect(LiquidationCurve.forcedAtMark({ ...curve, side: 'long' }, 0.15)).toBeCloseTo(50 * Math.exp(-0.15), 12)
  })

  test('edge: a wall exactly at x is hit, also through the last digit of a float', () => {
    expect(LiquidationCurve.countOf(curve, 0.1)).toBe(1)
    expect(LiquidationCurve.countOf(curve, 0.2)).toBe(2)
    expect(LiquidationCurve.countOf(curve, 0.2 - 1e-13)).toBe(2)
    expect(LiquidationCurve.countOf(curve, 0.1 - 1e-9)).toBe(0)
  })

  test('property: never falls with x, nor where anybody is poorer', () => {
    fc.assert(
      fc.property(someBook, move, move, fc.nat(1_000_000), fc.constantFrom('long' as const, 'short' as const), (book, a, b, less, side) => {
        const curve = LiquidationCurve.of(book, market, side)
        const poorer = Book.of(book.accounts.map((account, i) => (i % 2 ? account : { ...account, equity: account.equity - usd(less) })))
        expect(LiquidationCurve.forced(curve, Math.max(a, b))).toBeGreaterThanOrEqual(LiquidationCurve.forced(curve, Math.min(a, b)))
        expect(LiquidationCurve.forced(LiquidationCurve.of(poorer, market, side), a)).toBeGreaterThanOrEqual(
          LiquidationCurve.forced(curve, a) * (1 - 1e-12),
        )
      }),
      { numRuns },
    )
  })
})
