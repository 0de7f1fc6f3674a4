import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as BankruptcyPrice from './BankruptcyPrice.ts'
import * as Fixed from './Fixed.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

describe('quote', () => {
  test('worked example: a long brings what its equity does not cover, a short costs what it does', () => {
    // Long of 1000, equity 30 in all, half of the maintenance margin is the position's: it may lose 15.
    const account = { equity: 30n, maintenanceMargin: 40n, marginChange: -20n }
    expect(BankruptcyPrice.quote({ ...account, notionalChange: -1_000n })).toBe(985n)
    // A short of 1000 is bought back: it may cost 1015.
    expect(BankruptcyPrice.quote({ ...account, notionalChange: 1_000n })).toBe(-1_015n)
  })

  test('edge: below 0 of equity it brings more than the position is worth', () => {
    expect(BankruptcyPrice.quote({ equity: -30n, maintenanceMargin: 40n, notionalChange: -1_000n, marginChange: -40n })).toBe(1_030n)
  })

  test('rounding: up', () => {
    expect(BankruptcyPrice.quote({ equity: 10n, maintenanceMargin: 3n, notionalChange: -100n, marginChange: -1n })).toBe(97n)
    expect(BankruptcyPrice.quote({ equity: -10n, maintenanceMargin: 3n, notionalChange: -100n, marginChange: -1n })).toBe(104n)
  })

  test('error: no maintenance margin', () => {
    expect(() => BankruptcyPrice.quote({ equity: 1n, maintenanceMargin: 0n, notionalChange: -1n, marginChange: 0n })).toThrow(
      Fixed.DivisionByZeroError,
    )
  })

  const usd = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n })
  const positive = fc.bigInt({ min: 1n, max: 10n ** 24n })

  test('property: closed whole, the account is left with nothing, and piece by piece with less than a unit a piece', () => {
    fc.assert(
      fc.property(usd, fc.array(fc.tuple(usd, positive), { minLength: 1, maxLength: 5 }), (equity, pieces) => {
        const maintenanceMargin = pieces.reduce((sum, [, margin]) => sum + margin, 0n)
        const quotes = pieces.map(([notional, margin]) =>
          BankruptcyPrice.quote({ equity, maintenanceMargin, notionalChange: -notional, marginChange: -margin }),
        )
        // What an account keeps: what it had beside the positions, and what they brought.
        const beside = equity - pieces.reduce((sum, [notional]) => sum + notional, 0n)
        const left = quotes.reduce((sum, quote) => sum + quote, beside)
        expect(left >= 0n && left < BigInt(pieces.length)).toBe(true)
      }),
      { numRuns },
    )
  })

  test('dimension: all money times k is the quote times k, to a unit', () => {
    fc.assert(
      fc.property(
        usd,
        positive,
        usd,
        positive,
        fc.bigInt({ min: 1n, max: 1_000n }),
        (equity, maintenanceMargin, notionalChange, margin, k) => {
          const account = { equity, maintenanceMargin, notionalChange, marginChange: -margin }
          const scaled = {
            equity: equity * k,
            maintenanceMargin: maintenanceMargin * k,
            notionalChange: notionalChange * k,
            marginChange: -margin * k,
          }
          const away = BankruptcyPrice.quote(account) * k - BankruptcyPrice.quote(scaled)
          expect(away >= 0n && away < k).toBe(true)
        },
      ),
      { numRuns },
    )
  })
})
