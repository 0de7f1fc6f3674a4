import { Fixed } from '@plimsoll/margin'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Figure, Schedule, Slices } from './index.ts'
import { hour, usd } from './testing/predictions.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const terms: Slices.Terms = { slices: 4, seconds: 240, aversion: 0, participationPpm: 100_000 }
const market: Slices.Market = { impact: { kind: 'linear', slope: 1e-9 }, depth: usd(1_000), slippage: 0.001, volume: usd(20_000) }
const sale = (over: Partial<Slices.of.Sale> = {}): Slices.of.Sale => ({
  market,
  planned: 0n,
  forecast: hour(0.02),
  name: 'ETH',
  terms,
  ...over,
})

describe('cap', () => {
  test('worked example: the depth, or the part of the volume, less what is planned', () => {
    expect(Slices.cap(market, 0n, terms)).toBe(usd(1_000))
    expect(Slices.cap({ ...market, volume: usd(5_000) }, 0n, terms)).toBe(usd(500))
    expect(Slices.cap(market, usd(1_000), terms)).toBe(usd(750))
    expect(Slices.cap(market, usd(5_000), terms)).toBe(0n)
  })

  test('rounding: down', () => {
    expect(Slices.cap({ ...market, volume: 19n }, 0n, terms)).toBe(1n)
    expect(Slices.cap({ ...market, depth: 10n }, 1n, terms)).toBe(9n)
  })
})

describe('most', () => {
  test('worked example', () => {
    expect(Slices.most(market, 0n, terms)).toBe(usd(4_000))
  })
})

describe('of', () => {
  test('worked example: without aversion equal slices', () => {
    expect(Slices.of(usd(2_000), sale())).toEqual([500, 500, 500, 500].map(usd))
  })

  test('worked example: aversion sells sooner, as far as the cap lets it', () => {
    const hasty = Slices.of(usd(1_200), sale({ terms: { ...terms, aversion: 1e-2 } }))
    const first = Number(hasty[0]) / 1e18
    expect(first).toBeGreaterThan(300)
    const capped = Slices.of(usd(1_200), sale({ terms: { ...terms, aversion: 1e6 } }))
    expect(capped).toEqual([1_000, 200, 0, 0].map(usd))
  })

  test('worked example: in hours of 2 % and quarters of a depth of 1,000 at 0.1 %, as Almgren and Chriss have them', () => {
    const rules = { ...terms, aversion: 1e-2 }
    // A slice takes a minute: 10⁻⁶ a USD for a thousand, more than the 10⁻⁹ a USD that stay.
    const { trades } = Schedule.plan({
      ...{ amount: 1_200, horizon: 240, slices: 4, sigma: Math.sqrt(4e-4 / 3_600), permanent: 1e-9, spread: 0, aversion: 1e-2 },
      temporary: (0.001 * 60) / 1_000,
    })
    expect(Slices.of(usd(1_200), sale({ terms: rules })).map((each) => Number(each) / 1e18)).toEqual(
      trades.map((trade) => expect.closeTo(trade, 5)),
    )
    // Where that is less, what stays of a slice is what it is filled at.
    const stuck = { ...market, impact: { kind: 'linear', slope: 2e-6 } as const }
    const heavy = Schedule.plan({
      ...{ amount: 1_200, horizon: 240, slices: 4, sigma: Math.sqrt(4e-4 / 3_600), permanent: 2e-6, spread: 0, aversion: 1e-2 },
      temporary: 2e-6 * 60,
    })
    expect(Slices.of(usd(1_200), sale({ terms: rules, market: stuck })).map((each) => Number(each) / 1e18)).toEqual(
      heavy.trades.map((trade) => expect.closeTo(trade, 5)),
    )
  })

  test('edge: as much as they can take, and nothing', () => {
    expect(Slices.of(usd(4_000), sale({ terms: { ...terms, aversion: 1 } }))).toEqual([1_000, 1_000, 1_000, 1_000].map(usd))
    expect(Slices.of(0n, sale())).toEqual([0n, 0n, 0n, 0n])
  })

  test('edge: a market that nothing moves', () => {
    const free = { ...market, impact: { kind: 'linear', slope: 0 } as const, slippage: 0 }
    expect(Slices.of(usd(2_000), sale({ market: free }))).toEqual([500, 500, 500, 500].map(usd))
    expect(Slices.of(0n, sale({ market: { ...free, depth: 0n } }))).toEqual([0n, 0n, 0n, 0n])
  })

  test('property: they sum to the size, and none is above the cap or below 0', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.bigInt({ min: 0n, max: 10n ** 22n }),
        fc.double({ min: 0, max: 10, noNaN: true }),
        (slices, share, planned, aversion) => {
          const rules = { ...terms, slices, aversion }
          const size = (Slices.most(market, planned, rules) * BigInt(Math.floor(share * 1e6))) / 1_000_000n
          const found = Slices.of(size, sale({ planned, terms: rules }))
          expect(found).toHaveLength(slices)
          expect(found.reduce((sum, each) => sum + each, 0n)).toBe(size)
          for (const each of found) {
            expect(each).toBeGreaterThanOrEqual(0n)
            expect(each).toBeLessThanOrEqual(Slices.cap(market, planned, rules))
          }
        },
      ),
      { numRuns },
    )
  })

  test('error: more than they can take, no slice', () => {
    expect(() => Slices.of(usd(4_000) + Fixed.one, sale())).toThrow(Figure.InvalidFigureError)
    expect(() => Slices.of(0n, sale({ terms: { ...terms, slices: 0 } }))).toThrow()
  })
})
