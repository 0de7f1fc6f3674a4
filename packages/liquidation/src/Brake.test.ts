import type { Inputs } from '@plimsoll/margin'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Book, Brake, Cascade, Impact, LiquidationCurve, Reflexivity } from './index.ts'
import { isolated, market, someBook, someImpact, usd } from './testing/books.ts'

const numRuns = Math.ceil(Number(process.env['PLIMSOLL_RUNS'] ?? 1000) / 4)
const day = 86_400
// one σ a day of 5 %: shocks of 5, 10 and 15 %
const sigmaPpm = Math.round(0.05 * Math.sqrt(365) * 1e6)
const terms = {
  market,
  bookHash: '0x00' as const,
  headroom: { long: 0n, short: 0n },
  initialPpm: { long: 100_000, short: 100_000 },
  maintenancePpm: { long: 50_000, short: 50_000 },
  impact: { kind: 'linear', slope: 1e-8 } as Impact.Impact,
  sigmaPpm,
  horizonSeconds: day,
  ceiling: usd(1e8),
  brakeMaxPpm: 500_000,
}
const empty = Book.of([])
const at = (steps: readonly Inputs.Step[], notional: bigint) =>
  steps.find((step) => notional <= step.upToNotional)?.ppm ?? Number.POSITIVE_INFINITY

/** n from the definition: the book with headroom and N as one account at the least initial margin. */
function reflexivity(book: Book.Book, side: Book.Side, request: typeof terms, notional: bigint): number {
  const wall = request.headroom[side] + notional
  const equity = (wall * BigInt(request.initialPpm[side])) / 1_000_000n
  const raised: Book.Account = {
    account: 'zz',
    equity,
    collateral: equity,
    positions: [{ market, side, notional: wall, maintenancePpm: request.maintenancePpm[side] }],
  }
  const curve = LiquidationCurve.of(wall === 0n ? book : Book.of([...book.accounts, raised]), market, side)
  return Math.max(
    ...Reflexivity.shocks(request.sigmaPpm, request.horizonSeconds).map(
      (shock) => 1 - shock / Cascade.run({ curve, impact: request.impact, shock }).x,
    ),
  )
}

describe('of', () => {
  test('worked example: an empty book, 10 % margin against shocks of 5, 10 and 15 %', () => {
    const brake = Brake.of({ ...terms, book: empty })
    expect(brake).toMatchObject({ status: 'ok', bookHash: '0x00', reflexivity: { longPpm: 0, shortPpm: 0 } })
    // a wall 5.4 % away is hit by the 10 % shock, not by 5 %: n = κN / (s + κN) = 0.5 at κN = s, 0.8 at 4·s
    const s = (sigmaPpm / 1e6) * Math.sqrt(1 / 365) * 2
    expect(Number(brake.long[0]?.upToNotional) / 1e18).toBeCloseTo(s * 1e8, -1)
    expect(brake.long[0]?.ppm).toBe(0)
    expect(Number(brake.long.at(-1)?.upToNotional) / 1e18).toBeCloseTo(4 * s * 1e8, -1)
    expect(brake.long.at(-1)?.ppm).toBe(500_000)
    expect(brake.long).toHaveLength(16)
    expect(brake.long.slice(1, 4).map((step) => step.ppm)).toEqual([33_334, 66_667, 100_000])
    expect(brake.short).toHaveLength(16)
  })

  test('rounding: every step to the whole dollar at which n is still within its level, a thousand-millionth to spare', () => {
    const { long } = Brake.of({ ...terms, book: empty })
    const s = 2 * (sigmaPpm / 1e6) * Math.sqrt(1 / 365)
    const step = (level: number) => {
      const n = 0.5 + (0.3 * level) / 15 - 1e-9
      return { upToNotional: BigInt(Math.floor((s * n * 1e8) / (1 - n))) * 10n ** 18n, ppm: Math.ceil((500_000 * level) / 15) }
    }
    expect(long).toEqual(Array.from({ length: 16 }, (_, level) => step(level)))
    // A ceiling between two steps is the end of the last of them, and of the table.
    const ceiling = usd(12_000_000.5)
    expect(Brake.of({ ...terms, book: empty, ceiling }).long).toEqual([
      ...[0, 1, 2].map(step),
      { upToNotional: usd(12_000_000), ppm: 100_000 },
    ])
  })

  test('edge: a wall exactly three σ away is reached, and a ppm of margin further it is not', () => {
    // 1.05·y = 1.1 for a short; σ a day that is a third of that.
    const day3 = Math.log(1.1 / 1.05) / 3
    const over = (sigma: number, long: number) =>
      Brake.of({ ...terms, book: empty, sigmaPpm: sigma, horizonSeconds: 365 * day, initialPpm: { long: 100_000, short: long } }).short
        .length
    const sigma = Math.ceil(day3 * 1e6)
    expect([over(sigma, 100_000), over(sigma - 1, 100_000), over(sigma, 100_003)]).toEqual([16, 1, 1])
  })

  test('worked example: margin that three σ cannot reach is never braked', () => {
    const brake = Brake.of({ ...terms, book: empty, initialPpm: { long: 300_000, short: 300_000 } })
    expect(brake.long).toEqual([{ upToNotional: usd(1e8), ppm: 0 }])
    expect(brake.short).toEqual([{ upToNotional: usd(1e8), ppm: 0 }])
  })

  test('worked example: a side already beyond 0.8 has no step at all; the other is free', () => {
    const book = Book.of([isolated('a', 'long', 5e7, 5e6)])
    const brake = Brake.of({ ...terms, book })
    expect(brake.long).toEqual([])
    expect(brake.reflexivity.longPpm).toBeGreaterThan(800_000)
    expect(brake.short.length).toBe(16)
    expect(brake.reflexivity.shortPpm).toBe(0)
  })

  test('worked example: headroom is already there', () => {
    const without = Brake.of({ ...terms, book: empty })
    const half = (without.long[0]?.upToNotional ?? 0n) / 2n
    const brake = Brake.of({ ...terms, book: empty, headroom: { long: half, short: 0n } })
    expect(Number((without.long.at(-1)?.upToNotional ?? 0n) - (brake.long.at(-1)?.upToNotional ?? 0n) - half) / 1e18).toBeCloseTo(0, -1)
    expect(brake.reflexivity.longPpm).toBeGreaterThan(300_000)
    expect(brake.short).toEqual(without.short)
  })

  test('edge: a full long never fails, so nothing brakes it', () => {
    const brake = Brake.of({ ...terms, book: empty, initialPpm: { long: 1_000_000, short: 1_000_000 } })
    expect(brake.long).toEqual([{ upToNotional: usd(1e8), ppm: 0 }])
  })

  test('rounding: n up to the next ppm', () => {
    const book = Book.of([isolated('a', 'long', 1e6, 1e5)])
    const s = (sigmaPpm / 1e6) * Math.sqrt(1 / 365)
    const n = 1 - (2 * s) / (2 * s + 0.01)
    expect(n * 1e6).not.toBe(Math.ceil(n * 1e6))
    expect(Brake.of({ ...terms, book }).reflexivity.longPpm).toBe(Math.ceil(n * 1e6))
  })

  test('edge: no brake at all, no maintenance, initial equal to maintenance, the greatest ceiling', () => {
    const calm = { ...terms, book: empty, impact: { kind: 'linear', slope: 0 } as const }
    const ceiling = BigInt(Number.MAX_SAFE_INTEGER) * 10n ** 18n
    expect(Brake.of({ ...calm, ceiling }).long).toEqual([{ upToNotional: ceiling, ppm: 0 }])
    expect(Brake.of({ ...terms, book: empty, brakeMaxPpm: 0 }).long.every((step) => step.ppm === 0)).toBe(true)
    const level = { long: 50_000, short: 50_000 }
    // at its own trigger already: the one σ shock is the first to find it there
    expect(Brake.of({ ...terms, book: empty, initialPpm: level }).long[0]?.upToNotional).toBeLessThan(
      Brake.of({ ...terms, book: empty }).long[0]?.upToNotional ?? 0n,
    )
    expect(() => Brake.of({ ...terms, book: empty, maintenancePpm: { long: 0, short: 0 } })).not.toThrow()
  })

  test('edge: a ceiling of nothing allows nothing', () => {
    expect(Brake.of({ ...terms, book: empty, ceiling: 0n }).long).toEqual([])
  })

  test('property: at most 16 steps, rising, whole dollars, the first brake 0 on a calm book, none above brakeMax', () => {
    fc.assert(
      fc.property(someBook, someImpact, fc.nat(1e7), (book, impact, headroom) => {
        const brake = Brake.of({ ...terms, book, impact, headroom: { long: usd(headroom), short: usd(headroom) } })
        for (const side of ['long', 'short'] as const) {
          const steps = brake[side]
          expect(steps.length).toBeLessThanOrEqual(16)
          for (const [i, step] of steps.entries()) {
            expect(step.upToNotional % 10n ** 18n).toBe(0n)
            expect(step.upToNotional).toBeGreaterThan(steps[i - 1]?.upToNotional ?? 0n)
            expect(step.ppm).toBeGreaterThan(steps[i - 1]?.ppm ?? -1)
            expect(step.ppm).toBeLessThanOrEqual(500_000)
          }
          const n = brake.reflexivity[`${side}Ppm`]
          if (n < 499_999 && steps[0]) expect(steps[0].ppm).toBe(0)
          if (n > 800_001) expect(steps).toEqual([])
        }
      }),
      { numRuns },
    )
  })

  test('property: each step is valued at its upper end, from the definition, and the next dollar is beyond it', () => {
    fc.assert(
      fc.property(someBook, someImpact, fc.constantFrom('long' as const, 'short' as const), (book, impact, side) => {
        const request = { ...terms, impact }
        const { [side]: steps } = Brake.of({ ...request, book })
        for (const { upToNotional, ppm } of steps) {
          const n = reflexivity(book, side, request, upToNotional)
          expect(ppm).toBeGreaterThanOrEqual(Math.floor((500_000 * (n - 0.5)) / 0.3))
          expect(n).toBeLessThanOrEqual(0.8)
          if (upToNotional === request.ceiling) continue
          const beyond = reflexivity(book, side, request, upToNotional + 10n ** 18n)
          expect((500_000 * (beyond - 0.5)) / 0.3).toBeGreaterThan(ppm - 1)
        }
      }),
      { numRuns },
    )
  })

  test('property: a worse book, impact, σ, headroom or margin never eases the brake anywhere', () => {
    fc.assert(
      fc.property(
        someBook,
        someImpact,
        fc.integer({ min: 1, max: 3_000 }),
        fc.nat(4),
        fc.constantFrom('long' as const, 'short' as const),
        (book, impact, by, what, side) => {
          const k = 1 + by / 1_000
          const request = { ...terms, impact, book }
          const worse = [
            { ...request, book: Book.of(book.accounts.map((account) => ({ ...account, equity: account.equity - usd(by) }))) },
            {
              ...request,
              impact:
                impact.kind === 'linear' ? { ...impact, slope: impact.slope * k } : { ...impact, coefficient: impact.coefficient * k },
            },
            { ...request, headroom: { long: usd(by), short: usd(by) } },
            { ...request, initialPpm: { long: 100_000 - by * 10, short: 100_000 - by * 10 } },
            { ...request, book: Book.of([...book.accounts, isolated('zz', side, by * 100, by)]) },
          ][what]
          const [was, now] = [Brake.of(request)[side], Brake.of(worse ?? request)[side]]
          for (const { upToNotional } of [...was, ...now])
            for (const notional of [1n, upToNotional, upToNotional + 1n])
              expect(at(now, notional)).toBeGreaterThanOrEqual(at(was, notional))
        },
      ),
      { numRuns },
    )
  })

  test('dimension: all money by k, impact by 1/k: the same table, USD × k', () => {
    const book = Book.of([isolated('a', 'long', 2e6, 2e5), isolated('b', 'short', 1e6, 1.2e5)])
    const tenfold = Book.of([isolated('a', 'long', 2e7, 2e6), isolated('b', 'short', 1e7, 1.2e6)])
    const small = Brake.of({ ...terms, book })
    const large = Brake.of({ ...terms, book: tenfold, impact: { kind: 'linear', slope: 1e-9 }, ceiling: usd(1e9) })
    for (const side of ['long', 'short'] as const) {
      expect(large[side].map((step) => step.ppm)).toEqual(small[side].map((step) => step.ppm))
      for (const [i, step] of large[side].entries())
        expect(Number(step.upToNotional / 10n ** 18n) / 10 - Number((small[side][i]?.upToNotional ?? 0n) / 10n ** 18n)).toBeLessThanOrEqual(
          1,
        )
    }
    expect(large.reflexivity).toEqual(small.reflexivity)
  })

  test('error: each branch, by class', () => {
    const bad = (more: Partial<Brake.of.Request>) =>
      expect(() => Brake.of({ ...terms, book: empty, ...more })).toThrow(Brake.InvalidTermsError)
    bad({ headroom: { long: -1n, short: 0n } })
    bad({ headroom: { long: 0n, short: -1n } })
    bad({ ceiling: -1n })
    bad({ ceiling: 2n ** 54n * 10n ** 18n })
    bad({ brakeMaxPpm: 0.5 })
    bad({ brakeMaxPpm: -1 })
    bad({ initialPpm: { long: 49_999, short: 100_000 } })
    bad({ initialPpm: { long: 0.5, short: 100_000 } })
    bad({ maintenancePpm: { long: 50_000, short: 1_000_000 } })
    bad({ maintenancePpm: { long: -1, short: 50_000 } })
    bad({ maintenancePpm: { long: 50_000.5, short: 50_000 } })
    bad({ initialPpm: { long: 2_000_000, short: 2_000_000 }, maintenancePpm: { long: 1_000_000, short: 50_000 } })
    expect(() => Brake.of({ ...terms, book: empty, sigmaPpm: 0 })).toThrow(Reflexivity.InvalidShockError)
    expect(() => Brake.of({ ...terms, book: empty, impact: { kind: 'linear', slope: Number.NaN } })).toThrow(Impact.InvalidImpactError)
  })
})

test('unavailable: unknown is not calm', () => {
  expect(Brake.unavailable('0x01')).toEqual({
    status: 'unavailable',
    bookHash: '0x01',
    reflexivity: { longPpm: 1_000_000, shortPpm: 1_000_000 },
    long: [],
    short: [],
  })
})
