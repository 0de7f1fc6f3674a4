import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type * as Account from './Account.ts'
import * as Exit from './Exit.ts'
import type { Profile } from './Profile.ts'
import * as Valuation from './Valuation.ts'
import type * as Weight from './Weight.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const flat = (rate: bigint): Weight.Weight => ({ kind: 'flat', rate })
const profile: Profile = {
  name: 'test',
  rateUnit: 100n,
  rounded: 'line',
  debts: 'requirement',
  gains: { initial: 'all', maintenance: 'all' },
  rounding: { asset: 'down', debt: 'up', notional: 'up', profit: 'down', assetWeight: 'down', rate: 'up', requirement: 'up' },
}
const balance = (amount: bigint, orders?: Account.Balance['orders']): Account.Balance => ({
  asset: 'ETH',
  amount,
  unit: 1n,
  price: Valuation.mark(100n),
  owned: { initial: flat(80n), maintenance: flat(90n) },
  owed: { initial: flat(120n), maintenance: flat(110n) },
  total: 0n,
  ...(orders ? { orders } : {}),
})
const position = (size: bigint, quote: bigint): Account.Position => ({
  market: 'ETH-PERP',
  size,
  unit: 1n,
  price: Valuation.mark(100n),
  cost: size * 100n,
  quote,
  margin: { initial: flat(10n), maintenance: flat(5n) },
  openInterest: 0n,
  charge: 0n,
})
const account = (balances: Account.Balance[], positions: Account.Position[]): Account.Account => ({
  balances,
  positions,
  fees: 0n,
  asOf: 0,
})
const assess = (of: Account.Account, buffer: bigint, purpose: 'initial' | 'maintenance' = 'maintenance') =>
  Exit.assess(of, profile, { buffer, purpose })

describe('assess', () => {
  test('worked example: of what is owed, of what is exposed, of what is lost', () => {
    // 10 ETH owned count 900; 2 owed need 220 and 4 more; a perpetual of 500 needs 25 and 10 more, and has lost 50, of which 1.
    const of = account([balance(10n), balance(-2n)], [position(5n, -50n)])
    expect(assess(of, 2n)).toEqual({ equity: 849n, margin: 259n, shortage: 0n })
    expect(assess(of, 2n, 'initial')).toEqual({ equity: 749n, margin: 304n, shortage: 0n })
    expect(assess(of, 0n)).toEqual({ equity: 850n, margin: 245n, shortage: 0n })
  })

  test('worked example: what is missing', () => {
    expect(assess(account([balance(1n)], [position(20n, 0n)]), 2n)).toEqual({ equity: 90n, margin: 140n, shortage: 50n })
    expect(assess(account([balance(1n)], [position(20n, 0n)]), 0n).shortage).toBe(10n)
  })

  test('edge: money owed for orders is buffered by itself, gains and what is owned are not', () => {
    // Bids of 5: 6 ETH count 540, 500 are owed and need 10 more.
    expect(assess(account([balance(1n, { bids: 5n, asks: 0n })], []), 2n)).toEqual({ equity: 540n, margin: 510n, shortage: 0n })
    expect(assess(account([balance(1n)], [position(0n, 1n)]), 100n).equity).toBe(91n)
    expect(assess(account([balance(1n)], [position(0n, 70n)]), 50n)).toEqual({ equity: 160n, margin: 0n, shortage: 0n })
  })

  test('rounding: each liability and each loss by itself, against the account', () => {
    const of = account([balance(1n)], [position(0n, -1n), position(0n, -1n)])
    expect(assess(of, 2n)).toMatchObject({ equity: 90n - 2n - 2n })
    const small = { ...position(1n, 0n), price: Valuation.mark(3n), cost: 3n }
    expect(assess(account([], [small, small]), 2n).margin).toBe(4n) // each ⌈0.15⌉ and ⌈0.06⌉
  })

  test('property: a larger buffer never asks for less', () => {
    const side = fc.bigInt({ min: -20n, max: 20n })
    fc.assert(
      fc.property(side, side, fc.bigInt({ min: -500n, max: 500n }), fc.bigInt({ min: 0n, max: 99n }), (amount, size, quote, buffer) => {
        const of = account([balance(amount)], [position(size, quote)])
        expect(assess(of, buffer + 1n).shortage >= assess(of, buffer).shortage).toBe(true)
      }),
      { numRuns },
    )
  })
})
