import { describe, expect, test } from 'vitest'
import * as Account from '../../Account.ts'
import * as Fixed from '../../Fixed.ts'
import * as Valuation from '../../Valuation.ts'
import * as Weight from '../../Weight.ts'
import * as MangoV4 from './MangoV4.ts'

const one = Fixed.one
const usd = (text: string) => Fixed.parse(text)
const both = (weight: Weight.Weight): Account.Terms => ({ initial: weight, maintenance: weight })
const flat = (text: string): Weight.Weight => ({ kind: 'flat', rate: usd(text) })
const token = (asset: string, amount: string, price: string): Account.Balance => ({
  asset,
  amount: usd(amount),
  unit: one,
  price: Valuation.mark(usd(price)),
  owned: both(flat('0.75')),
  owed: both(flat('1.25')),
  total: 0n,
})
const perpetual = (quote: string): Account.Position => ({
  market: 'SOL-PERP',
  size: 2n * one,
  unit: one,
  price: Valuation.mark(40n * one),
  cost: 0n,
  quote: usd(quote),
  margin: both(flat('0.25')),
  openInterest: 0n,
  charge: 0n,
  gains: { ...both(flat('0.5')), total: 0n },
  currency: { asset: 'USDC', price: Valuation.mark(one), unit: one },
})
const health = (account: Partial<Account.Account>) => {
  const { initialEquity, initialMargin } = Account.assess({ balances: [], positions: [], fees: 0n, asOf: 0, ...account }, MangoV4.profile)
  return Fixed.format(initialEquity - initialMargin, { decimals: 4 })
}

describe('profile', () => {
  test('worked example: tokens', () => {
    expect(health({ balances: [token('USDC', '100', '1'), token('SOL', '-1', '40')] })).toBe('25.0000') // 75 − 50
  })

  test('worked example: what is owed raises the requirement', () => {
    const balances = [token('USDC', '100', '1'), token('SOL', '-1', '40')]
    const { initialEquity, initialMargin } = Account.assess({ balances, positions: [], fees: 0n, asOf: 0 }, MangoV4.profile)
    expect([initialEquity, initialMargin]).toEqual([75n * one, 50n * one])
  })

  test('worked example: half of a gain joins the token it settles into', () => {
    // 2 · 40 · 0.75 + 40 = 100, half of it; 50 repay half of the debt.
    expect(health({ balances: [token('USDC', '-100', '1')], positions: [perpetual('40')] })).toBe('-62.5000')
    expect(health({ balances: [token('USDC', '-20', '1')], positions: [perpetual('40')] })).toBe('22.5000') // 30 · 0.75
    expect(health({ balances: [token('USDC', '0', '1')], positions: [perpetual('-100')] })).toBe('-50.0000') // −40 · 1.25
  })

  test('worked example: funds of an order count where they count for less', () => {
    const reserved = [{ base: { asset: 'SOL', amount: one }, quote: { asset: 'USDC', amount: 10n * one }, bought: null, sold: null }]
    // 50 USDC, of which 20 repay: 25 + 22.5; 1.25 SOL: 37.5.
    expect(health({ balances: [token('USDC', '-20', '1'), token('SOL', '0', '40')], reserved })).toBe('12.5000')
  })
})

describe('rounding', () => {
  const odd = (text: string) => both({ kind: 'mean', of: [flat(text), { kind: 'flat', rate: usd(text) + 1n }] })
  const tiny = (amount: bigint, price: bigint): Account.Balance => ({
    ...token('USDC', '0', '1'),
    ...{ amount, unit: 10n, price: Valuation.mark(price), owned: odd('0.75'), owed: odd('1.25') },
  })
  const assess = (balances: Account.Balance[], positions: Account.Position[] = []) => {
    const { initialEquity, initialMargin } = Account.assess({ balances, positions, fees: 0n, asOf: 0 }, MangoV4.profile)
    return initialEquity - initialMargin
  }

  test('rounding: everything down', () => {
    expect(assess([tiny(39n, 2n)])).toBe(5n) // 7.8 is 7, 5.25 is 5
    expect(assess([tiny(-39n, 2n)])).toBe(-8n) // 7, 8.75
    expect(assess([tiny(4n * one, 10n)])).toBe(3n * one) // 0.75, and not half of one more
    expect(assess([tiny(-4n * one, 10n)])).toBe(-5n * one)
    const whole = { ...tiny(0n, 10n), unit: 1n, price: Valuation.mark(1n), owned: both(flat('1')), owed: both(flat('1')) }
    const position = { ...perpetual('0'), size: 39n, unit: 10n, price: Valuation.mark(2n), margin: both(flat('0.5')) }
    expect(assess([whole], [{ ...position, quote: 100n, gains: { ...both(flat('1')), total: 0n } }])).toBe(104n) // 7 − 3
    expect(assess([whole], [{ ...position, size: -39n }])).toBe(-11n) // −8 − 3
    expect(assess([whole], [{ ...position, quote: 1n }])).toBe(2n) // half of 5
    const half = { ...position, size: 10n, unit: 1n, price: Valuation.mark(one), gains: { ...both(flat('1')), total: 0n } }
    expect(assess([whole], [{ ...half, margin: odd('0.5') }])).toBe(5n * one)
  })
})

describe('owned, owed', () => {
  const at = (weight: Weight.Weight, total: bigint) =>
    Weight.rate(weight, { notional: 0n, size: 0n, openInterest: 0n, total, asOf: 0 }, { unit: one, rounding: 'zero' })

  test('worked example: a scale begins, or does not', () => {
    expect(at(MangoV4.owned(usd('0.8'), usd('100')), usd('100'))).toBe(usd('0.8'))
    expect(at(MangoV4.owned(usd('0.8'), usd('100')), usd('400'))).toBe(usd('0.2'))
    expect(at(MangoV4.owned(usd('0.8'), null), usd('400'))).toBe(usd('0.8'))
    expect(at(MangoV4.owed(usd('1.25'), usd('100')), usd('100'))).toBe(usd('1.25'))
    expect(at(MangoV4.owed(usd('1.25'), usd('100')), usd('400'))).toBe(usd('5'))
    expect(at(MangoV4.owed(usd('1.25'), null), usd('400'))).toBe(usd('1.25'))
  })
})
