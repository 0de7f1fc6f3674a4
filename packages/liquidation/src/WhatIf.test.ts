import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { books } from './testing/fragile.ts'
import { byHand, position, reading } from './testing/readings.ts'
import * as Venue from './Venue.ts'
import * as WhatIf from './WhatIf.ts'

const runs = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const one = 10n ** 18n
/** A fall by a tenth. */
const tenth = -Math.log(0.9)
const asked: WhatIf.Scenario = { shockPpm: -100_000, depthPpm: 1_000_000, others: 'still' }

describe('simulate', () => {
  test('worked example: −10 % reaches A, whose 1,000 carry it to e^(−0.2054), as on the method page', () => {
    const result = WhatIf.simulate(reading(), asked)
    expect(result.endsPpm).toBe(Math.floor(Math.expm1(-tenth - 0.1) * 1e6))
    expect(result.extraPpm).toBe(result.endsPpm + 100_000)
    expect(result).toMatchObject({
      liquidated: 1,
      insolvent: 0,
      forced: 1_000n * one,
      badDebt: 0n,
      unpaid: 0n,
      rounds: 1,
      settled: true,
      monotone: true,
    })
    expect(result.openInterest).toBe(1_500n * one)
    expect(result.forcedPpm).toBe(666_667)
    expect(result.path[0]).toEqual({ movePpm: result.endsPpm, liquidated: 1 })
  })

  test('worked example: −20 % closes both longs; winners pay what they could not', () => {
    const { forced, badDebt, deleveraged, unpaid } = WhatIf.simulate(reading(), { ...asked, shockPpm: -200_000 })
    expect(forced).toBe(1_500n * one)
    expect(Number(badDebt) / 1e18).toBeCloseTo(120.66, 2)
    expect(deleveraged + unpaid).toBe(badDebt)
  })

  test('edge: half the depth moves twice as far; ten times hardly; up is the shorts’', () => {
    const thin = WhatIf.simulate(reading(), { ...asked, depthPpm: 500_000 })
    // 0.1054 + 0.2 is past B: 1,500 at 2·10⁻⁴.
    expect(thin.endsPpm).toBe(Math.floor(Math.expm1(-tenth - 0.3) * 1e6))
    expect(WhatIf.simulate(reading(), { ...asked, depthPpm: 10_000_000 }).endsPpm).toBe(Math.floor(Math.expm1(-tenth - 0.01) * 1e6))
    const up = WhatIf.simulate(reading(), { ...asked, shockPpm: 200_000 })
    expect(up.forced).toBe(1_500n * one)
    expect(up.endsPpm).toBe(Math.ceil((1.2 * Math.exp(0.15) - 1) * 1e6))
  })

  test('edge: a rise is measured by the shorts that are open, and where there are none nothing is a share of them', () => {
    const given = reading({}, [...byHand.slice(0, 2), position('C', 'short', { notional: 750, equity: 195 })])
    expect(WhatIf.simulate(given, { ...asked, shockPpm: 200_000 })).toMatchObject({ openInterest: 750n * one, forcedPpm: 1_000_000 })
    expect(WhatIf.simulate(given, asked).openInterest).toBe(1_500n * one)
    expect(WhatIf.simulate(reading({}, byHand.slice(0, 2)), { ...asked, shockPpm: 200_000 })).toMatchObject({
      openInterest: 0n,
      forcedPpm: 0,
    })
  })

  test('edge: other markets stand still or move alike', () => {
    const [account] = [position('D', 'long', { notional: 100, equity: 20 })]
    const other = { ...account, positions: account.positions.map((held) => ({ ...held, market: 'BTC' })) }
    const given = reading({ impacts: { ETH: { kind: 'linear', slope: 1e-4 }, BTC: { kind: 'linear', slope: 1e-4 } } }, [
      ...reading().book.accounts,
      other,
    ])
    expect(WhatIf.simulate(given, { ...asked, shockPpm: -200_000 }).liquidated).toBe(2)
    expect(WhatIf.simulate(given, { ...asked, shockPpm: -200_000, others: 'alike' }).liquidated).toBe(3)
  })

  test('property: a deeper fall never ends higher, nor forces less', () => {
    fc.assert(
      fc.property(books, fc.integer({ min: -900_000, max: -1_000 }), fc.integer({ min: 1, max: 40_000 }), (accounts, shockPpm, more) => {
        const safe = accounts.filter(({ equity, positions }) =>
          positions.every(({ notional, side }) => side === 'long' || equity > notional),
        )
        const shallow = WhatIf.simulate(reading({}, safe), { ...asked, shockPpm })
        const deep = WhatIf.simulate(reading({}, safe), { ...asked, shockPpm: shockPpm - more })
        expect(deep.endsPpm).toBeLessThanOrEqual(shallow.endsPpm)
        expect(deep.forced).toBeGreaterThanOrEqual(shallow.forced)
        expect(shallow.deleveraged + shallow.unpaid).toBe(shallow.badDebt)
      }),
      { numRuns: Math.min(runs, 200) },
    )
  })

  test.each([0, -950_001, 3_000_001, 0.5, Number.NaN])('error: a shock of %d ppm is refused by name', (shockPpm) => {
    expect(() => WhatIf.simulate(reading(), { ...asked, shockPpm })).toThrow(WhatIf.InvalidScenarioError)
  })

  test.each([9_999, 10_000_001, 20_000.5])('error: a depth of %d ppm is refused by name', (depthPpm) => {
    expect(() => WhatIf.simulate(reading(), { ...asked, depthPpm })).toThrow(WhatIf.InvalidScenarioError)
  })

  test('rounding: where nobody is closed it ends where it was asked for, to a millionth', () => {
    for (const shockPpm of [-950_000, -1, 1, 3_000_000])
      expect(WhatIf.simulate(reading({}, []), { ...asked, shockPpm })).toMatchObject({ endsPpm: shockPpm, extraPpm: 0 })
  })

  test('edge: the bounds themselves may be asked', () => {
    const most = Array.from({ length: 5_000 }, (_, i) => position(`a${i}`, 'long', { notional: 1, equity: 1 }))
    expect(WhatIf.simulate(reading({}, most), asked).liquidated).toBe(0)
    for (const shockPpm of [-950_000, 3_000_000]) expect(WhatIf.simulate(reading(), { ...asked, shockPpm }).shockPpm).toBe(shockPpm)
    for (const depthPpm of [10_000, 10_000_000]) expect(WhatIf.simulate(reading(), { ...asked, depthPpm }).depthPpm).toBe(depthPpm)
  })

  test('error: a book too large, a market that is not there', () => {
    const many = Array.from({ length: 5_001 }, (_, i) => position(`a${i}`, 'long', { notional: 1, equity: 1 }))
    expect(() => WhatIf.simulate(reading({}, many), asked)).toThrow(WhatIf.BookTooLargeError)
    for (const others of ['still', 'alike'] as const)
      expect(() => WhatIf.simulate(reading({ market: 'BTC' }, []), { ...asked, others })).toThrow(Venue.UnknownMarketError)
  })
})
