import { Damper, Fixed, type Inputs, Limit } from '@plimsoll/margin'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Admission from './Admission.ts'
import type * as Book from './Book.ts'
import * as Figure from './Figure.ts'
import * as Ablations from './testing/ablations.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const { usd, terms, trader, day, order, world } = Ablations
const notionals = (books: ReturnType<typeof Admission.of>) =>
  books.map(({ accounts }) => accounts.map(({ positions }) => positions[0]?.notional))

describe('of', () => {
  test('worked example: static margin of 10 % lets 1,000 USD carry 10,000, and nobody more than they ask for', () => {
    const traders = [trader('a', 1_000), trader('b', 1_000)]
    const [book] = Admission.of(
      world({ traders, days: [day({ orders: [order(0, 'long', 50_000), order(1, 'short', 2_500)] })] }),
      [],
      1_000_000,
    )
    expect(book?.accounts).toEqual([
      {
        account: 'a',
        equity: usd(1_000),
        collateral: usd(1_000),
        positions: [{ market: 'M', side: 'long', notional: usd(10_000), maintenancePpm: 40_000 }],
      },
      {
        account: 'b',
        equity: usd(1_000),
        collateral: usd(1_000),
        positions: [{ market: 'M', side: 'short', notional: usd(2_500), maintenancePpm: 40_000 }],
      },
    ])
  })

  test('worked example: a quantile of 20 % halves what 10 % let open, and only where volatility is on', () => {
    const one = world({ traders: [trader('a', 1_000)], days: [day({ quantilePpm: 200_000, orders: [order(0, 'long', 50_000)] })] })
    expect(notionals(Admission.of(one, ['volatility'], 1_000_000))).toEqual([[usd(5_000)]])
    expect(notionals(Admission.of(one, ['reputation', 'brake'], 1_000_000))).toEqual([[usd(10_000)]])
    // The longer side of the two decides, as it does for a certificate.
    const short = {
      ...one,
      days: one.days.map((it) => ({ ...it, forecast: { ...it.forecast, closeOut: { longPpm: 0, shortPpm: 200_000 } } })),
    }
    expect(notionals(Admission.of(short, ['volatility'], 1_000_000))).toEqual([[usd(5_000)]])
  })

  test('worked example: a quantile falls by a tenth a day at most, from the day before', () => {
    const orders = [order(0, 'long', 50_000)]
    const days = [day({ quantilePpm: 200_000, orders }), day({ at: 86_400, quantilePpm: 0, orders })]
    expect(notionals(Admission.of(world({ traders: [trader('a', 900)], days }), ['volatility'], 1_000_000))).toEqual([
      [usd(4_500)],
      [usd(5_000)],
    ])
  })

  test('worked example: a discount of a fifth lets 1,000 USD carry 12,500, and only where reputation is on', () => {
    const traders = [trader('a', 1_000, 200_000)]
    const one = world({ traders, days: [day({ orders: [order(0, 'long', 50_000)] })] })
    expect(notionals(Admission.of(one, ['reputation'], 1_000_000))).toEqual([[usd(12_500)]])
    expect(notionals(Admission.of(one, ['volatility', 'brake'], 1_000_000))).toEqual([[usd(10_000)]])
  })

  test('worked example: the level scales schedule and quantile, never the maintenance bound', () => {
    const one = world({ traders: [trader('a', 1_000)], days: [day({ quantilePpm: 200_000, orders: [order(0, 'long', 1_000_000)] })] })
    expect(notionals(Admission.of(one, [], 2_000_000))).toEqual([[usd(5_000)]])
    expect(notionals(Admission.of(one, ['volatility'], 500_000))).toEqual([[usd(10_000)]])
    // (1 + 25 %) · 4 % = 5 %.
    expect(notionals(Admission.of(one, [], 10_000))).toEqual([[usd(20_000)]])
    // A long can lose its whole notional and no more; a short can, here 20 % · 10.
    const long = {
      ...one,
      days: one.days.map((it) => ({ ...it, forecast: { ...it.forecast, closeOut: { longPpm: 200_000, shortPpm: 0 } } })),
    }
    expect(notionals(Admission.of(long, ['volatility'], 10_000_000))).toEqual([[usd(1_000)]])
    expect(notionals(Admission.of(one, ['volatility'], 10_000_000))).toEqual([[usd(500)]])
  })

  test('worked example: the brake shuts once the book is fragile, and reads it only every so many orders', () => {
    const traders = Array.from({ length: 6 }, (_, i) => trader(`t${i}`, 1_000))
    const orders = traders.map((_, i) => order(i, 'long', 10_000))
    const thin = { ...terms, impact: { kind: 'linear', slope: 1e-5 } as const }
    const opened = (refresh: number, on: readonly Admission.Layer[]) =>
      notionals(Admission.of({ terms: { ...thin, refresh }, traders, days: [day({ orders })] }, on, 1_000_000))[0] ?? []
    expect(opened(1, [])).toHaveLength(6)
    expect(opened(1, ['volatility', 'reputation'])).toHaveLength(6)
    const [often, seldom] = [opened(1, ['brake']), opened(3, ['brake'])]
    const sum = (amounts: readonly (bigint | undefined)[]) => amounts.reduce<bigint>((sum, amount) => sum + (amount ?? 0n), 0n)
    expect(sum(often)).toBeLessThan(sum(opened(1, [])))
    expect(sum(seldom)).toBeGreaterThan(sum(often))
    // The first three of a reading see the same table.
    expect(seldom.slice(0, 3)).toEqual([seldom[0], seldom[0], seldom[0]])
  })

  test('worked example: a crowded side holds the other one too, for a limit is for both', () => {
    const traders = [...Array.from({ length: 5 }, (_, i) => trader(`t${i}`, 1_000)), trader('rich', 1_000_000)]
    const thin = { ...terms, impact: { kind: 'linear', slope: 1e-5 } as const, refresh: 5 }
    const last = (crowd: Book.Side, side: Book.Side) => {
      const orders = [...traders.slice(1).map((_, i) => order(i, crowd, 10_000)), order(5, side, 1_000_000)]
      const [book] = Admission.of({ terms: thin, traders, days: [day({ orders })] }, ['brake'], 1_000_000)
      return book?.accounts.find(({ account }) => account === 'rich')?.positions[0]?.notional ?? 0n
    }
    const [longs, shorts] = [last('long', 'long'), last('short', 'short')]
    expect([last('long', 'short'), last('short', 'long')]).toEqual([longs, shorts])
    for (const held of [longs, shorts]) expect(held).toBeLessThan(usd(100_000))
  })

  test('edge: one unit is a position', () => {
    const one = world({ traders: [trader('a', 1)], days: [day({ orders: [{ trader: 0, side: 'long', notional: 1n }] })] })
    expect(notionals(Admission.of(one, [], 1))).toEqual([[1n]])
  })

  test('edge: whoever may open nothing is not in the book', () => {
    const one = world({ traders: [trader('a', 0), trader('b', 1)], days: [day({ orders: [order(0, 'long', 5), order(1, 'long', 0)] })] })
    expect(Admission.of(one, [], 1_000_000)).toEqual([{ accounts: [] }])
    expect(Admission.of(world({ traders: [], days: [] }), [], 1_000_000)).toEqual([])
  })

  test('property: what opens is the smaller of what was asked for and what `Limit.of` finds in the same document', () => {
    const on = fc.subarray<Admission.Layer>([...Admission.layers])
    const figures = fc.record({
      collateral: fc.integer({ min: 1, max: 1_000_000 }),
      asked: fc.integer({ min: 1, max: 50_000_000 }),
      quantilePpm: fc.integer({ min: 0, max: 999_999 }),
      discountPpm: fc.integer({ min: 0, max: 400_000 }),
      proven: fc.integer({ min: 0, max: 3_000_000 }),
      tierCap: fc.integer({ min: 0, max: 30_000_000 }),
      levelPpm: fc.integer({ min: 1, max: 4_000_000 }),
      longs: fc.integer({ min: 0, max: 1_000_000_000 }),
      shorts: fc.integer({ min: 0, max: 1_000_000_000 }),
      side: fc.constantFrom('long' as const, 'short' as const),
    })
    fc.assert(
      fc.property(on, figures, (on, it) => {
        const { grant, ...rest } = trader('a', it.collateral, it.discountPpm)
        const who = { ...rest, grant: { ...grant, provenCap: usd(it.proven), tierCap: usd(it.tierCap) } }
        const only = day({ quantilePpm: it.quantilePpm, orders: [order(0, it.side, it.asked)] })
        const openInterest = { long: usd(it.longs), short: usd(it.shorts) }
        const full = { ...terms, inputs: { ...terms.inputs, market: { ...terms.inputs.market, openInterest } } }
        const [book] = Admission.of({ terms: full, traders: [who], days: [only] }, on, it.levelPpm)
        const damper = Damper.apply(null, only.forecast, only.at, terms.inputs.params)
        const brake = Ablations.brake(full)
        const document: Inputs.Inputs = Admission.document(full, on, { trader: who, day: only, levelPpm: it.levelPpm, damper, brake })
        const limit = Limit.of(document).notional
        const opened = book?.accounts[0]?.positions[0]?.notional ?? 0n
        expect(opened).toBe(Fixed.min(limit, usd(it.asked)))
      }),
      { numRuns: Math.ceil(numRuns / 4) },
    )
  })

  test('error: an order of nobody, and a brake that never reads', () => {
    expect(() => Admission.of(world({ traders: [], days: [day({ orders: [order(0, 'long', 1)] })] }), [], 1_000_000)).toThrow(
      Figure.InvalidFigureError,
    )
    const never = { terms: { ...terms, refresh: 0 }, traders: [], days: [] }
    expect(() => Admission.of(never, [], 1_000_000)).toThrow(Figure.InvalidFigureError)
    expect(() => Admission.of(world({ traders: [], days: [] }), [], 0)).toThrow(Figure.InvalidFigureError)
  })
})

describe('document', () => {
  const who = trader('a', 7, 200_000)
  const only = day({ at: 3_600, quantilePpm: 10_001, orders: [] })
  const damper = {
    at: 0,
    closeOut: { longPpm: 10_001, shortPpm: 900_000 },
    liquidation: { longPpm: 3, shortPpm: 5 },
    throughTheCycle: { longPpm: 7, shortPpm: 9 },
  }
  const brake = { ...Ablations.brake(terms), long: [{ upToNotional: 5n, ppm: 1 }] }
  const asked = (on: readonly Admission.Layer[], levelPpm: number, initial?: Inputs.Curve) =>
    Admission.document({ ...terms, inputs: { ...terms.inputs, market: { ...terms.inputs.market, ...(initial ? { initial } : {}) } } }, on, {
      ...{ trader: who, day: only, damper, brake, levelPpm },
    })

  test('worked example: what is off is as if it were not there', () => {
    const { forecast, grant, brake: open, ledger, asOf, market } = asked([], 1_500_000)
    expect(forecast).toEqual({
      ...only.forecast,
      closeOut: { longPpm: 0, shortPpm: 0 },
      liquidation: { longPpm: 0, shortPpm: 0 },
      throughTheCycle: damper.throughTheCycle,
    })
    expect(grant).toEqual({ ...who.grant, imDiscountPpm: 0 })
    expect([open.status, open.reflexivity, open.long, open.short]).toEqual([
      'ok',
      { longPpm: 0, shortPpm: 0 },
      [{ upToNotional: (1n << 128n) - 1n, ppm: 0 }],
      open.long,
    ])
    expect([ledger.venueCollateral, asOf, market.price.publishedAt, market.initial]).toEqual([
      usd(7),
      3_600,
      3_600,
      { kind: 'flat', ppm: 150_000 },
    ])
  })

  test('rounding: what is on is scaled up, a long to no more than its notional', () => {
    const { forecast, grant, brake: table } = asked(['volatility', 'reputation', 'brake'], 1_500_000)
    expect(forecast.closeOut).toEqual({ longPpm: 15_002, shortPpm: 1_350_000 })
    expect(forecast.liquidation).toEqual({ longPpm: 5, shortPpm: 8 })
    expect(asked(['volatility'], 150_000_000).forecast.closeOut.longPpm).toBe(1_000_000)
    expect([grant, table]).toEqual([who.grant, brake])
  })

  test('worked example: every kind of schedule is scaled', () => {
    const tiers = (ppm: number) => ({
      kind: 'tiers' as const,
      tiers: [
        { upTo: 5n, ppm },
        { upTo: null, ppm: 2 * ppm },
      ],
    })
    expect(asked([], 1_500_000, tiers(10)).market.initial).toEqual(tiers(15))
    const root = { kind: 'sqrt', ppm: 3, coefficientPpm: 10, unit: 1n } as const
    expect(asked([], 1_500_000, root).market.initial).toEqual({ ...root, ppm: 5, coefficientPpm: 15 })
    const rising = { kind: 'openInterest', ppm: 10, lower: 1n, upper: 2n } as const
    expect(asked([], 1_500_000, rising).market.initial).toEqual({ ...rising, ppm: 15 })
  })
})

describe('volume', () => {
  test('worked example: all notionals of all days', () => {
    const orders = [order(0, 'long', 3), order(1, 'short', 4)]
    const traders = [trader('a', 1_000), trader('b', 1_000)]
    expect(Admission.volume(Admission.of(world({ traders, days: [day({ orders }), day({ at: 86_400, orders })] }), [], 1_000_000))).toBe(
      usd(14),
    )
    expect(Admission.volume([])).toBe(0n)
  })
})

describe('atVolume', () => {
  const traders = [trader('a', 1_000), trader('b', 3_000)]
  const orders = [order(0, 'long', 1_000_000), order(1, 'short', 1_000_000)]
  const calm = world({ traders, days: [day({ quantilePpm: 80_000, orders }), day({ at: 86_400, quantilePpm: 160_000, orders })] })

  test('worked example: margin twice as high needs half the level, and the sums are equal to the last unit', () => {
    const found = Admission.atVolume(calm, ['volatility'], usd(60_000))
    if (found.status !== 'ok') throw new Error(found.status)
    // 4,000/max(10, 8) % + 4,000/16 % = 40,000 + 25,000 at a level of one; 60,000 at 65/60.
    expect(found.levelPpm).toBeGreaterThan(1_082_000)
    expect(found.levelPpm).toBeLessThanOrEqual(1_083_334)
    expect(Admission.volume(found.books)).toBe(usd(60_000))
    const before = Admission.of(calm, ['volatility'], found.levelPpm)
    const whole = Admission.volume(before)
    expect(found.cutPpm).toBe(Math.ceil((1e6 * Number(whole - usd(60_000))) / Number(whole)))
    expect(found.cutPpm).toBeLessThan(1_000)
    const amounts = (books: readonly Book.Book[]) =>
      books.flatMap(({ accounts }) => accounts.map(({ positions }) => positions[0]?.notional ?? 0n))
    const down = amounts(before).map((notional) => (notional * usd(60_000)) / whole)
    expect(amounts(found.books).slice(0, -1)).toEqual(down.slice(0, -1))
    const [first] = found.books
    expect(first?.accounts[1]?.positions[0]?.notional).toBeGreaterThan(3n * (first?.accounts[0]?.positions[0]?.notional ?? 0n) - 3n)
  })

  test('worked example: what is above the level of one is found above it, and what is below it below', () => {
    const above = Admission.atVolume(calm, [], usd(20_000))
    const below = Admission.atVolume(calm, [], usd(100_000))
    if (above.status !== 'ok' || below.status !== 'ok') throw new Error('unreachable')
    // 8,000 of collateral over two days at 10 % · ℓ.
    expect(above.levelPpm / 1e6).toBeCloseTo(4, 2)
    expect(below.levelPpm / 1e6).toBeCloseTo(0.8, 2)
    expect([Admission.volume(above.books), Admission.volume(below.books)]).toEqual([usd(20_000), usd(100_000)])
  })

  test('edge: the level of one where that is the volume, uncut', () => {
    const exact = Admission.atVolume(calm, [], Admission.volume(Admission.of(calm, [], 1_000_000)))
    if (exact.status !== 'ok') throw new Error(exact.status)
    expect(exact.levelPpm).toBe(1_000_000)
    expect(exact.cutPpm).toBe(0)
    expect(exact.books).toEqual(Admission.of(calm, [], 1_000_000))
  })

  test('edge: more than the maintenance bound lets anybody open is unreachable, with what is the most', () => {
    // 8,000 at 5 %.
    expect(Admission.atVolume(calm, [], usd(160_000) + 1n)).toEqual({ status: 'unreachable', volume: usd(160_000) })
    const all = Admission.atVolume(calm, [], usd(160_000))
    if (all.status !== 'ok') throw new Error(all.status)
    // Every level up to a half carries it.
    expect(all.levelPpm / 1e6).toBeCloseTo(0.5, 2)
  })

  test('property: equal volume whatever is asked for and whatever is on', () => {
    const on = fc.subarray<Admission.Layer>([...Admission.layers])
    fc.assert(
      fc.property(on, fc.integer({ min: 30_000, max: 70_000 }), (on, target) => {
        const found = Admission.atVolume(calm, on, usd(target))
        return found.status === 'ok' && Admission.volume(found.books) === usd(target)
      }),
      { numRuns: Math.ceil(numRuns / 50) },
    )
  })
})
