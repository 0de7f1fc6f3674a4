import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Loan from './Loan.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const loan = (of: Partial<Loan.Loan>): Loan.Loan => ({ value: 101n, debt: 40n, threshold: 500n, unit: 1_000n, ...of })

describe('capacity', () => {
  test('rounding: the caller says', () => expect([Loan.capacity(loan({}), 'down'), Loan.capacity(loan({}), 'up')]).toEqual([50n, 51n]))
})

describe('borrowable', () => {
  test('worked example: what is left, and nothing beyond the threshold', () => {
    expect([40n, 50n, 51n].map((debt) => Loan.borrowable(loan({ debt }), 'down'))).toEqual([10n, 0n, 0n])
  })
})

describe('health', () => {
  test('worked example: the capacity rounded first, or not', () => {
    const of = (capacity: 'down' | 'exact', rounding: 'down' | 'up' | 'nearest') =>
      Loan.health(loan({}), { one: 1_000n, capacity, rounding })
    expect(of('down', 'down')).toBe(1_250n)
    expect(of('exact', 'down')).toBe(1_262n) // 50.5 / 40 = 1.2625
    expect(of('exact', 'nearest')).toBe(1_263n)
    expect(Loan.health(loan({ debt: 3n }), { one: 10n, capacity: 'down', rounding: 'up' })).toBe(167n)
  })

  test('edge: without debt there is none', () => {
    expect(Loan.health(loan({ debt: 0n }), { one: 1n, capacity: 'exact', rounding: 'down' })).toBeNull()
  })
})

describe('loanToValue', () => {
  test('worked example: up or down, 0 without debt, none where nothing carries it', () => {
    expect(Loan.loanToValue(loan({ value: 3n, debt: 1n }), 'up')).toBe(334n)
    expect(Loan.loanToValue(loan({ value: 3n, debt: 1n }), 'down')).toBe(333n)
    expect(Loan.loanToValue(loan({ value: 0n, debt: 0n }), 'up')).toBe(0n)
    expect(Loan.loanToValue(loan({ value: 0n }), 'up')).toBeNull()
  })
})

describe('liquidationPrice', () => {
  test('worked example: rounded towards danger', () => {
    expect(Loan.liquidationPrice(loan({}), { amount: 100n, priceUnit: 10n })).toBe(8n)
    expect(Loan.liquidationPrice(loan({ debt: 41n }), { amount: 100n, priceUnit: 10n })).toBe(9n)
    expect(Loan.liquidationPrice(loan({}), { amount: 101n, priceUnit: 10n })).toBe(8n)
  })

  test('edge: without power no price carries the debt', () => {
    expect(Loan.liquidationPrice(loan({}), { amount: 1n, priceUnit: 10n })).toBeNull()
  })

  test('property: at the price the debt is within the threshold', () => {
    const amount = fc.bigInt({ min: 1n, max: 10n ** 24n })
    fc.assert(
      fc.property(amount, amount, fc.bigInt({ min: 1n, max: 1_000n }), (collateral, debt, threshold) => {
        const priceUnit = 10n ** 36n
        const price = Loan.liquidationPrice(loan({ debt, threshold }), { amount: collateral, priceUnit })
        if (price === null) return
        expect(collateral * price * threshold).toBeGreaterThanOrEqual(debt * priceUnit * 1_000n)
      }),
      { numRuns },
    )
  })
})

describe('withdrawable', () => {
  const of = { amount: 100n, priceUnit: 10n, price: 10n }
  test('worked example: what the debt does not need', () => {
    expect(Loan.withdrawable(loan({}), of)).toBe(20n)
    expect(Loan.withdrawable(loan({ debt: 51n }), of)).toBe(0n)
  })
  test('rounding: what is needed up, twice', () => {
    expect(Loan.withdrawable(loan({ debt: 10n }), { ...of, price: 30n })).toBe(92n) // 3.33 is 4, of which 8 at 50 %
    expect(Loan.withdrawable(loan({ debt: 1n, threshold: 300n }), of)).toBe(96n) // 1 is 3.33 is 4
  })
  test('edge: nothing leaves at a price or a threshold of 0, everything without a debt', () => {
    expect(Loan.withdrawable(loan({}), { ...of, price: 0n })).toBe(0n)
    expect(Loan.withdrawable(loan({ threshold: 0n }), of)).toBe(0n)
    expect(Loan.withdrawable(loan({ debt: 0n, threshold: 0n }), of)).toBe(100n)
  })
})

describe('average', () => {
  const parts = [
    { value: 3n, weight: 800n },
    { value: 1n, weight: 501n },
  ]
  test('worked example', () => expect([Loan.average(parts, 'down'), Loan.average(parts, 'up')]).toEqual([725n, 726n]))
  test('rounding: an average that comes out even is not moved', () => {
    const even = [
      { value: 3n, weight: 800n },
      { value: 1n, weight: 500n },
    ]
    expect([Loan.average(even, 'down'), Loan.average(even, 'up')]).toEqual([725n, 725n])
  })
  test('edge: nothing weighs nothing', () => expect(Loan.average([], 'down')).toBe(0n))
})
