import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Book, Cascade, Impact, LiquidationCurve } from './index.ts'
import { market, someBook, someImpact } from './testing/books.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const shockOf = fc.double({ min: 1e-4, max: 0.4, noNaN: true })
const sideOf = fc.constantFrom('long' as const, 'short' as const)
const curveOf = (book: Book.Book, side: Book.Side) => LiquidationCurve.of(book, market, side)

/** The same cascade the slow way: round by round over every account, no sorting, no running sums. */
function naive(book: Book.Book, side: Book.Side, impact: Impact.Impact, shock: number): number {
  const walls = Book.positions(book, market)
    .filter(({ position }) => position.side === side)
    .map(({ account, position, elsewhere }) => ({
      notional: Book.usd(position.notional),
      at: LiquidationCurve.distance({
        side,
        notional: Book.usd(position.notional),
        equity: Book.usd(account.equity - elsewhere),
        maintenance: position.maintenancePpm / 1e6,
      }),
    }))
  let x = shock
  for (let round = 0; round <= walls.length; round++) {
    const flow = walls.reduce((sum, { at, notional }) => {
      if (at === null || at > x + 1e-12) return sum
      return sum + notional
    }, 0)
    x = Math.max(x, shock + Impact.of(impact, flow))
  }
  return x
}

describe('run', () => {
  const curve = LiquidationCurve.fromWalls('long', [
    { at: 0.05, notional: 1e6 },
    { at: 0.06, notional: 1e6 },
    { at: 0.5, notional: 1e9 },
  ])
  const impact = { kind: 'linear', slope: 2e-8 } as const

  test('worked example: the first wall carries the price to the second, and no further', () => {
    const result = Cascade.run({ curve, impact, shock: 0.05 })
    expect(result).toMatchObject({ rounds: 2, settled: true })
    expect(result.x).toBeCloseTo(0.09, 12)
    expect(result.path).toHaveLength(3)
  })

  test('edge: short of the first wall nothing happens', () => {
    expect(Cascade.run({ curve, impact, shock: 0.0499 })).toEqual({ x: 0.0499, forced: 0, rounds: 0, settled: true, path: [0.0499] })
  })

  test('property: equal to the naive scan, and to the walk of the brake', () => {
    fc.assert(
      fc.property(someBook, someImpact, shockOf, sideOf, (book, impact, shock, side) => {
        const curve = curveOf(book, side)
        const { x, settled } = Cascade.run({ curve, impact, shock })
        expect(settled).toBe(true)
        expect(Math.abs(x - naive(book, side, impact, shock))).toBeLessThan(1e-9)
        expect(Math.abs(x - Cascade.reach({ curve, impact, shock }, 0, 0, Number.POSITIVE_INFINITY))).toBeLessThan(1e-9)
      }),
      { numRuns },
    )
  })

  test('property: the walk with an extra wall is the walk on the book with that wall in it', () => {
    fc.assert(
      fc.property(
        someBook,
        someImpact,
        shockOf,
        sideOf,
        fc.integer({ min: 1, max: 1e7 }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        (book, impact, shock, side, extra, at) => {
          const entries = Book.positions(book, market).filter(({ position }) => position.side === side)
          const walls = entries.flatMap(({ account, position, elsewhere }) => {
            const notional = Book.usd(position.notional)
            const own = LiquidationCurve.distance({
              side,
              notional,
              equity: Book.usd(account.equity - elsewhere),
              maintenance: position.maintenancePpm / 1e6,
            })
            return own === null ? [] : [{ at: own, notional }]
          })
          const whole = LiquidationCurve.fromWalls(side, [...walls, { at, notional: extra }])
          const with_ = Cascade.reach({ curve: curveOf(book, side), impact, shock }, extra, at, Number.POSITIVE_INFINITY)
          expect(Math.abs(with_ - Cascade.run({ curve: whole, impact, shock }).x)).toBeLessThan(1e-9)
        },
      ),
      { numRuns },
    )
  })

  test('property: a worse shock, impact or book never ends higher', () => {
    fc.assert(
      fc.property(someBook, someImpact, shockOf, sideOf, fc.double({ min: 1, max: 3, noNaN: true }), (book, impact, shock, side, k) => {
        const curve = curveOf(book, side)
        const { x, forced } = Cascade.run({ curve, impact, shock })
        const worse = impact.kind === 'linear' ? { ...impact, slope: impact.slope * k } : { ...impact, coefficient: impact.coefficient * k }
        expect(Cascade.run({ curve, impact, shock: shock * k }).x).toBeGreaterThanOrEqual(x - 1e-9)
        expect(Cascade.run({ curve, impact: worse, shock }).x).toBeGreaterThanOrEqual(x - 1e-9)
        const poorer = Book.of(
          book.accounts.map((account, i) =>
            i % 2 ? account : { ...account, equity: account.equity - BigInt(Math.round(k * 1e6)) * 10n ** 15n },
          ),
        )
        expect(Cascade.run({ curve: curveOf(poorer, side), impact, shock }).x).toBeGreaterThanOrEqual(x - 1e-9)
        expect(x).toBeGreaterThanOrEqual(shock)
        expect(forced).toBeGreaterThanOrEqual(0)
      }),
      { numRuns },
    )
  })

  test('property: at most one round an entry, whatever the order of the accounts', () => {
    fc.assert(
      fc.property(someBook, someImpact, shockOf, sideOf, (book, impact, shock, side) => {
        const curve = curveOf(book, side)
        const result = Cascade.run({ curve, impact, shock })
        expect(result.rounds).toBeLessThanOrEqual(curve.thresholds.length)
        const turned = { accounts: [...book.accounts].reverse() }
        expect(Cascade.run({ curve: curveOf(turned, side), impact, shock }).x).toBeCloseTo(result.x, 10)
      }),
      { numRuns },
    )
  })

  test('error: an impact that is none', () => {
    expect(() => Cascade.run({ curve, impact: { kind: 'linear', slope: -1 }, shock: 0.1 })).toThrow(Impact.InvalidImpactError)
  })
})

describe('reach', () => {
  const impact = { kind: 'linear', slope: 0.25 } as const
  const walls = (...ats: readonly number[]) =>
    LiquidationCurve.fromWalls(
      'long',
      ats.map((at) => ({ at, notional: 1 })),
    )
  const until = Number.POSITIVE_INFINITY

  test('edge: a wall within the last digit of where the price stands is hit, at the shock and after it', () => {
    const bar = 0.5 + LiquidationCurve.tolerance
    expect(Cascade.reach({ curve: walls(0.25, bar), impact, shock: 0.25 }, 0, 0, until)).toBe(0.75)
    expect(Cascade.reach({ curve: walls(0.25, bar + 1e-13), impact, shock: 0.25 }, 0, 0, until)).toBe(0.5)
    expect(Cascade.reach({ curve: walls(0.25), impact, shock: 0.25 }, 1, bar, until)).toBe(0.75)
    expect(Cascade.reach({ curve: walls(0.25), impact, shock: 0.25 }, 1, bar + 1e-13, until)).toBe(0.5)
  })

  test('edge: less than a dollar more is a wall too', () => {
    expect(Cascade.reach({ curve: walls(), impact, shock: 0.25 }, 0.5, 0.1, until)).toBe(0.375)
  })

  test('worked example: it stops once it has passed the bound, not when it stands on it', () => {
    const scenario = { curve: walls(0.25, 0.5, 0.75), impact, shock: 0.25 }
    expect(Cascade.reach(scenario, 0, 0, 0.4)).toBe(0.5)
    expect(Cascade.reach(scenario, 0, 0, 0.5)).toBe(0.75)
    expect(Cascade.reach(scenario, 0, 0, until)).toBe(1)
  })
})

describe('fixedPoints', () => {
  test('property: the first is where the cascade ends, and each reproduces itself', () => {
    fc.assert(
      fc.property(someBook, someImpact, shockOf, sideOf, (book, impact, shock, side) => {
        const curve = curveOf(book, side)
        const points = Cascade.fixedPoints({ curve, impact, shock })
        expect(points[0]).toBeCloseTo(Cascade.run({ curve, impact, shock }).x, 9)
        for (const x of points) expect(shock + Impact.of(impact, LiquidationCurve.forced(curve, x))).toBeCloseTo(x, 9)
      }),
      { numRuns },
    )
  })
})

describe('leastFixedPoint', () => {
  test('edge: a step of exactly the tolerance is none', () => {
    const settles = { shock: 0, forced: () => 1, impact: () => LiquidationCurve.tolerance, roundCap: 5 }
    expect(Cascade.leastFixedPoint(settles)).toEqual({ x: 0, forced: 1, rounds: 0, settled: true, path: [0] })
    expect(Cascade.leastFixedPoint({ ...settles, impact: () => 2 * LiquidationCurve.tolerance }).rounds).toBe(1)
  })

  test('edge: a continuous cascade that runs away is stopped, and says so', () => {
    const result = Cascade.leastFixedPoint({ shock: 0.01, forced: (x) => x, impact: (flow) => 2 * flow, roundCap: 10 })
    expect(result).toMatchObject({ rounds: 10, settled: false })
    expect(result.path).toHaveLength(11)
  })
})
