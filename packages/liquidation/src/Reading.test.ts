import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Impact from './Impact.ts'
import * as LiquidationCurve from './LiquidationCurve.ts'
import * as Reading from './Reading.ts'
import * as Reflexivity from './Reflexivity.ts'
import { books } from './testing/fragile.ts'
import { position, reading } from './testing/readings.ts'
import * as Venue from './Venue.ts'

const runs = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

describe('brake', () => {
  test('worked example: three σ of 5 % reach A, which carries the price on to B and to 0.30: n is a half', () => {
    const { reflexivity, status } = Reading.brake(reading())
    expect(status).toBe('ok')
    expect(reflexivity.longPpm).toBe(500_000)
    expect(reflexivity.shortPpm).toBe(0)
  })

  test('edge: calmer through the cycle, nothing is reached, whatever the forecast says', () => {
    const calm = reading({ sigmaPpm: { forecast: 955_249, throughTheCycle: 400_000 } })
    expect(Reading.brake(calm).reflexivity.longPpm).toBe(0)
  })

  test('property: n of the brake is the greatest secant on the curve of the same book and impact', () => {
    fc.assert(
      fc.property(books, (accounts) => {
        const given = reading({ ceiling: 0n }, accounts)
        const shocks = Reflexivity.shocks(given.sigmaPpm.throughTheCycle, given.horizonSeconds)
        const { reflexivity } = Reading.brake(given)
        for (const side of ['long', 'short'] as const) {
          const n = Reflexivity.greatest({ curve: LiquidationCurve.of(given.book, 'ETH', side), impact: Reading.impactOf(given), shocks })
          expect(side === 'long' ? reflexivity.longPpm : reflexivity.shortPpm).toBe(Math.ceil(n * 1_000_000))
        }
      }),
      { numRuns: Math.min(runs, 300) },
    )
  })
})

describe('impactOf', () => {
  test('error: a market without an impact is named', () => {
    expect(() => Reading.impactOf(reading({ market: 'BTC' }))).toThrow(Venue.UnknownMarketError)
    expect(() => Reading.brake(reading({ impacts: {} }))).toThrow(Venue.UnknownMarketError)
  })
})

describe('markets', () => {
  test('edge: plain markets of the same impacts: the stress and the brake are on one curve', () => {
    const given = reading()
    expect(Reading.markets(given)).toEqual({ ETH: Venue.plain(Reading.impactOf(given)) })
    expect(Impact.of(Reading.impactOf(given), 1_000)).toBeCloseTo(0.1, 12)
  })
})

describe('terms', () => {
  test('edge: measured in σ̂ of the forecast, nothing behind losses, a reward that pays none', () => {
    const { sigmaPpm, bonus, reserves, feePpm, convention } = Reading.terms(reading({ sigmaPpm: { forecast: 1, throughTheCycle: 2 } }))
    expect({ sigmaPpm, bonus, reserves, feePpm, convention }).toEqual({
      sigmaPpm: { ETH: 1 },
      bonus: 0.01,
      reserves: { junior: 0n, insurance: 0n, senior: 0n },
      feePpm: 0,
      convention: 'two-sided',
    })
    expect(Reading.terms(reading())).toMatchObject({ width: 0.01, roundCap: 64 })
  })

  test('edge: of a thousand accounts D2 and Lc are searched for, of one more they are not', () => {
    const many = (count: number) =>
      Reading.terms(
        reading(
          {},
          Array.from({ length: count }, (_, i) => position(`a${i}`, 'long', { notional: 1, equity: 1 })),
        ),
      ).searches
    expect([many(1_000), many(1_001)]).toEqual([undefined, 'none'])
  })
})
