import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Figure from './Figure.ts'
import * as LiquidationCurve from './LiquidationCurve.ts'
import * as LiquidationMap from './LiquidationMap.ts'
import { books } from './testing/fragile.ts'
import { position, reading } from './testing/readings.ts'

const runs = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const one = 10n ** 18n

describe('of', () => {
  test('worked example: A at 0.1054 and B at 0.2231 down, C at 0.1823 up, σ̂ 5 %', () => {
    const { down, up, sigmaPpm, widthPpm } = LiquidationMap.of(reading(), 0.01)
    expect(sigmaPpm).toBe(50_001)
    expect(widthPpm).toBe(10_000)
    expect(down.clusters).toMatchObject([
      { fromPpm: 100_000, toPpm: 110_000, accounts: 1, forced: 1_000n * one, cumulative: 1_000n * one },
      { fromPpm: 220_000, toPpm: 230_000, accounts: 1, forced: 500n * one, cumulative: 1_500n * one },
    ])
    expect(down.clusters[0]?.fromSigmasPpm).toBe(1_999_999)
    expect(up.clusters).toMatchObject([{ fromPpm: 180_000, forced: 1_500n * one }])
    expect(down.standing).toEqual({ accounts: 0, notional: 0n })
    expect(down.concentrationPpm).toBe(555_556)
    expect(up.concentrationPpm).toBe(1_000_000)
  })

  test('edge: nothing fails: no clusters, what stands is named, no concentration', () => {
    const safe = reading()
    const whole = { ...safe, book: { accounts: safe.book.accounts.map((account) => ({ ...account, equity: 2_000n * one })) } }
    const { down } = LiquidationMap.of(whole, 0.01)
    expect(down).toEqual({ direction: 'down', clusters: [], standing: { accounts: 2, notional: 1_500n * one }, concentrationPpm: null })
  })

  test('rounding: cents of what is forced and of what stands, up', () => {
    const [failing, safe] = [position('A', 'long', { notional: 100, equity: 12 }), position('B', 'long', { notional: 100, equity: 200 })]
    const odd = (account: typeof failing) => ({
      ...account,
      positions: account.positions.map((held) => ({ ...held, notional: held.notional + one / 1_000n })),
    })
    const { down } = LiquidationMap.of(reading({}, [odd(failing), odd(safe)]), 0.01)
    expect(down.clusters[0]).toMatchObject({ forced: 100n * one + one / 100n, cumulative: 100n * one + one / 100n })
    expect(down.standing).toEqual({ accounts: 1, notional: 100n * one + (2n * one) / 1_000n })
  })

  test('property: both maps add up to the curve that the brake is made of', () => {
    fc.assert(
      fc.property(books, (accounts) => {
        const given = reading({}, accounts)
        const map = LiquidationMap.of(given, 0.01)
        for (const [side, losing] of [
          [map.down, 'long'],
          [map.up, 'short'],
        ] as const) {
          const curve = LiquidationCurve.of(given.book, 'ETH', losing)
          for (const { toPpm, cumulative } of side.clusters) {
            const until = toPpm / 1e6 - 2e-11
            expect(Number(cumulative) / 1e18).toBeCloseTo(LiquidationCurve.forced(curve, until), 1)
          }
        }
      }),
      { numRuns: Math.min(runs, 300) },
    )
  })

  test('error: a width that is none', () => {
    expect(() => LiquidationMap.of(reading(), 0)).toThrow(Figure.InvalidFigureError)
  })
})
