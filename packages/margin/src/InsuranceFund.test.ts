import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Fixed from './Fixed.ts'
import * as InsuranceFund from './InsuranceFund.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)

describe('change', () => {
  test('worked example: at most the fee, at most what is left, and the loss in full', () => {
    expect(InsuranceFund.change({ filled: 1_000n, bankruptcy: 900n, maxFeePpm: 50_000 })).toBe(50n)
    expect(InsuranceFund.change({ filled: 1_000n, bankruptcy: 960n, maxFeePpm: 50_000 })).toBe(40n)
    expect(InsuranceFund.change({ filled: 1_000n, bankruptcy: 1_030n, maxFeePpm: 50_000 })).toBe(-30n)
  })

  test('worked example: a short bought back', () => {
    expect(InsuranceFund.change({ filled: -900n, bankruptcy: -1_000n, maxFeePpm: 50_000 })).toBe(45n)
    expect(InsuranceFund.change({ filled: -1_030n, bankruptcy: -1_000n, maxFeePpm: 50_000 })).toBe(-30n)
  })

  test('rounding: the fee down', () => {
    expect(InsuranceFund.change({ filled: 199n, bankruptcy: 0n, maxFeePpm: 10_000 })).toBe(1n)
  })

  test('edge: nothing at the bankruptcy price', () => {
    expect(InsuranceFund.change({ filled: 5n, bankruptcy: 5n, maxFeePpm: 1_000_000 })).toBe(0n)
  })

  test('error: a rate that is no integer', () => {
    expect(() => InsuranceFund.change({ filled: 2n, bankruptcy: 1n, maxFeePpm: 0.5 })).toThrow(Fixed.NotAnIntegerError)
  })

  test('property: what the account keeps is never below 0 at its bankruptcy price', () => {
    const usd = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n })
    fc.assert(
      fc.property(usd, usd, fc.nat(1_000_000), (filled, bankruptcy, maxFeePpm) => {
        const change = InsuranceFund.change({ filled, bankruptcy, maxFeePpm })
        expect(filled - change >= bankruptcy).toBe(true)
        if (filled < bankruptcy) expect(filled - change).toBe(bankruptcy)
      }),
      { numRuns },
    )
  })
})
