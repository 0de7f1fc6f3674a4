import { describe, expect, test } from 'vitest'
import * as Account from './Account.ts'
import type * as Line from './Line.ts'
import * as Lines from './Lines.ts'
import * as Orders from './Orders.ts'
import type { Profile } from './Profile.ts'
import { profile as plimsoll } from './profiles/plimsoll/Plimsoll.ts'
import * as Valuation from './Valuation.ts'
import type * as Weight from './Weight.ts'

const flat = (rate: bigint): Weight.Weight => ({ kind: 'flat', rate })
const percent: Profile = {
  name: 'test',
  rateUnit: 100n,
  rounded: 'line',
  debts: 'requirement',
  gains: { initial: 'all', maintenance: 'all' },
  rounding: { asset: 'down', debt: 'up', notional: 'up', profit: 'down', assetWeight: 'down', rate: 'up', requirement: 'up' },
}
const settling: Profile = { ...percent, settle: 'balance' }

const dollars: Account.Balance = {
  asset: 'USDC',
  amount: 100n,
  unit: 1n,
  price: Valuation.mark(1n),
  owned: { initial: flat(80n), maintenance: flat(90n) },
  owed: { initial: flat(120n), maintenance: flat(110n) },
  total: 0n,
}
const perpetual: Account.Position = {
  market: 'ETH-PERP',
  size: 1n,
  unit: 1n,
  price: Valuation.mark(100n),
  cost: 100n,
  quote: 0n,
  margin: { initial: flat(10n), maintenance: flat(5n) },
  openInterest: 0n,
  charge: 0n,
  currency: { asset: 'USDC', price: Valuation.mark(1n), unit: 1n },
}
const account = (changes: Partial<Account.Account>): Account.Account => ({
  balances: [dollars],
  positions: [],
  fees: 0n,
  asOf: 0,
  ...changes,
})
const under: Line.Under = { profile: percent, asOf: 0, purpose: 'initial' }

describe('isBare', () => {
  const { currency, ...bare } = perpetual

  test('edge: one field more, or a profile that settles or bounds gains, and an account is not bare', () => {
    expect(currency).toBeDefined()
    const of = (balance: Account.Balance, position: Account.Position, profile = percent) =>
      Lines.isBare(account({ balances: [dollars, balance], positions: [bare, position] }), profile)
    expect(of(dollars, bare)).toBe(true)
    expect(of(dollars, bare, settling)).toBe(false)
    expect(of(dollars, bare, { ...percent, gains: { ...percent.gains, most: 0n } })).toBe(false)
    expect(Lines.isBare(account({ reserved: [] }), percent)).toBe(false)
    const terms = { owned: dollars.owned, owed: dollars.owed }
    for (const more of [{ orders: { bids: 0n, asks: 0n } }, { charge: 0n }, { override: terms }])
      expect(of({ ...dollars, ...more }, bare)).toBe(false)
    const gains = { ...perpetual.margin, total: 0n }
    for (const more of [
      { orders: { bids: 0n, asks: 0n } },
      { short: bare.margin },
      { payout: 0n },
      { gains },
      { currency: perpetual.currency },
    ])
      expect(of(dollars, { ...bare, ...more } as Account.Position)).toBe(false)
  })
})

describe('of', () => {
  test('worked example: every line by itself', () => {
    const mixed = account({ balances: [{ ...dollars, charge: 3n }], positions: [perpetual] })
    expect(Lines.of(mixed, under)).toEqual([
      { equity: 80n, margin: 3n, profit: 0n, liabilities: [0n, 0n] },
      { equity: 0n, margin: 10n, profit: 0n, liabilities: [100n] },
    ])
  })

  test('worked example: profit settles into its balance before that is weighed', () => {
    const of = (amount: bigint, quote: bigint) =>
      Lines.sums(account({ balances: [{ ...dollars, amount }], positions: [{ ...perpetual, quote }] }), settling).initial
    // 60 less 10 repay half of what is owed.
    expect(of(-100n, 60n)).toEqual({ equity: 0n, margin: 60n, profit: 0n })
    expect(of(-100n, 210n)).toEqual({ equity: 80n, margin: 0n, profit: 0n })
    expect(of(100n, -190n)).toEqual({ equity: 0n, margin: 120n, profit: 0n })
  })

  test('worked example: several positions settle, and funds that rest meet what they leave', () => {
    const positions = [
      { ...perpetual, quote: 60n },
      { ...perpetual, quote: 30n },
    ]
    const soles = { ...dollars, asset: 'SOL', amount: -4n, price: Valuation.mark(10n) }
    const reserved: Orders.Reserved[] = [
      { base: { asset: 'SOL', amount: 0n }, quote: { asset: 'USDC', amount: 30n }, bought: null, sold: null },
    ]
    const full = account({ balances: [{ ...dollars, amount: -80n }, soles], positions, reserved })
    // −80 + 50 + 20 leaves −10: of 30 more, 10 repay at 1.2 and 20 count 0.8: 28. As 3 SOL they repay 36.
    const [usdc, sol, rest] = Lines.of(full, { ...under, profile: settling })
    expect(usdc).toMatchObject({ margin: 12n })
    expect(sol).toMatchObject({ margin: 48n })
    expect(rest).toEqual({ equity: 28n, margin: 0n, profit: 0n, liabilities: [] })
  })

  test('error: a currency that no balance states', () => {
    const lost = { ...perpetual, currency: { asset: 'EURC', price: Valuation.mark(1n), unit: 1n } }
    expect(() => Lines.of(account({ positions: [lost] }), { ...under, profile: settling })).toThrow(Orders.UnknownAssetError)
    const { currency, ...none } = perpetual
    expect(currency).toBeDefined()
    expect(() => Lines.of(account({ positions: [none] }), { ...under, profile: settling })).toThrow(Orders.UnknownAssetError)
  })
})

describe('in an account', () => {
  test('worked example: lines beside and bare ones come to one sum', () => {
    const { currency, ...bare } = perpetual
    expect(currency).toBeDefined()
    const mixed = account({
      balances: [dollars, { ...dollars, amount: 0n, orders: { bids: 50n, asks: 0n }, charge: 1n }],
      positions: [bare, { ...perpetual, quote: 7n, orders: { bids: 0n, asks: 3n } }],
    })
    // 80 and 40 of assets, 7 gained; 50 owed, 10 and 20 of margins, 1 charged.
    expect(Account.assess(mixed, percent)).toMatchObject({ initialEquity: 127n, initialMargin: 81n, equity: 142n, maintenanceMargin: 66n })
  })

  test('edge: a gain beside a loss nets over the account before it is asked whether gains count', () => {
    const usd = 10n ** 18n
    const of = (quote: bigint, orders?: Orders.Orders): Account.Position => {
      const { currency, ...bare } = perpetual
      expect(currency).toBeDefined()
      return { ...bare, unit: usd, size: 0n, cost: 0n, quote, ...(orders ? { orders } : {}) }
    }
    const rest = { bids: 0n, asks: 0n }
    const assess = (positions: Account.Position[]) => Account.assess(account({ balances: [], positions }), plimsoll)
    expect(assess([of(50n), of(-30n, rest)])).toMatchObject({ initialEquity: 0n, equity: 20n })
    expect(assess([of(-50n), of(30n, rest)])).toMatchObject({ initialEquity: -20n, equity: -20n })
    expect(assess([of(50n, rest), of(-80n, rest)])).toMatchObject({ initialEquity: -30n, equity: -30n })
  })

  test('edge: reserved funds alone make an account more than bare', () => {
    const reserved = [{ base: { asset: 'USDC', amount: 10n }, quote: { asset: 'USDT', amount: 0n }, bought: null, sold: null }]
    const balances = [dollars, { ...dollars, asset: 'USDT' }]
    expect(Account.assess(account({ balances }), percent).initialEquity).toBe(160n)
    expect(Account.assess(account({ balances, reserved }), percent).initialEquity).toBe(168n)
  })

  test('property: fields that change nothing change nothing', () => {
    const none = { orders: { bids: 0n, asks: 0n } }
    const { currency, ...bare } = perpetual
    const plain = account({
      balances: [dollars, { ...dollars, amount: -30n }],
      positions: [
        { ...bare, quote: 9n },
        { ...bare, size: -2n },
      ],
    })
    const same = account({
      balances: plain.balances.map((balance) => ({ ...balance, ...none })),
      positions: plain.positions.map((position) => ({ ...position, ...none, ...(currency ? { currency } : {}) })),
    })
    expect(Account.assess(same, percent)).toEqual(Account.assess(plain, percent))
  })
})
