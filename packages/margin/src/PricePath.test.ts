import { describe, expect, test } from 'vitest'
import type * as Account from './Account.ts'
import * as Fixed from './Fixed.ts'
import * as PricePath from './PricePath.ts'

const flat = { kind: 'flat' as const, rate: 1n }
const terms = { initial: flat, maintenance: flat }
const price = { low: 90n, high: 110n }
const balance: Account.Balance = { asset: 'ETH', amount: 1n, unit: 1n, price, owned: terms, owed: terms, total: 900n, totalOwed: 220n }
const position: Account.Position = {
  market: 'ETH-PERP',
  size: -3n,
  unit: 1n,
  price,
  cost: -300n,
  quote: 7n,
  margin: terms,
  openInterest: 1_100n,
  charge: 2n,
}
const account: Account.Account = { balances: [balance, { ...balance, asset: 'USD' }], positions: [position], fees: 5n, asOf: 0 }
const half = -Fixed.one / 2n

describe('move', () => {
  test('worked example: one price for all that is named', () => {
    const moved = PricePath.move(account, { kind: 'price', names: ['ETH', 'ETH-PERP'] }, 220n)
    expect(moved.balances[0]).toEqual({ ...balance, price: { low: 220n, high: 220n }, total: 2_200n, totalOwed: 440n })
    expect(moved.balances[1]).toEqual(account.balances[1])
    expect(moved.positions[0]).toEqual({ ...position, price: { low: 220n, high: 220n }, openInterest: 2_200n })
    expect(moved.fees).toBe(5n)
  })

  test('worked example: a stress moves each by its weight', () => {
    const moved = PricePath.move(account, { kind: 'stress', weightsPpm: { ETH: 1_000_000, 'ETH-PERP': -200_000 } }, half)
    expect(moved.balances[0]).toMatchObject({ price: { low: 45n, high: 55n }, total: 450n, totalOwed: 110n })
    expect(moved.positions[0]).toMatchObject({ price: { low: 99n, high: 121n }, openInterest: 1_210n })
  })

  test('rounding: low down, high, open interest and pools up', () => {
    const third = { kind: 'stress' as const, weightsPpm: { ETH: 1_000_000, 'ETH-PERP': 1_000_000 } }
    const moved = PricePath.move(account, third, -Fixed.one / 7n)
    // 6/7 of 90 = 77.1, of 110 = 94.3, of 900 by 77/90 = 770, of 1100 by 95/110 = 950
    expect(moved.balances[0]).toMatchObject({ price: { low: 77n, high: 95n }, total: 770n, totalOwed: 190n })
    const odd = { ...account, positions: [{ ...position, openInterest: 1_101n }] }
    expect(PricePath.move(odd, third, -Fixed.one / 7n).positions[0]?.openInterest).toBe(951n)
  })

  test('edge: a stress stops at 0, and what is 0 stays with its pool', () => {
    const path = { kind: 'stress' as const, weightsPpm: { ETH: 2_000_000 } }
    expect(PricePath.move(account, path, half).balances[0]).toMatchObject({ price: { low: 0n, high: 0n }, total: 0n })
    expect(PricePath.move(account, path, 2n * half).balances[0]).toMatchObject({ price: { low: 0n, high: 0n } })
    // A part of 1e24 is left.
    const last = PricePath.move(account, { kind: 'stress', weightsPpm: { ETH: 1 } }, 1n - PricePath.whole)
    expect(last.balances[0]).toMatchObject({ price: { low: 0n, high: 1n } })
    const nothing = { ...account, balances: [{ ...balance, price: { low: 0n, high: 0n } }] }
    expect(PricePath.move(nothing, { kind: 'price', names: ['ETH'] }, 5n).balances[0]).toMatchObject({ total: 900n })
  })

  test('edge: the currency of a position moves with its asset', () => {
    const paid = { ...position, currency: { asset: 'ETH', price: { low: 90n, high: 110n }, unit: 1n } }
    const { positions } = PricePath.move({ ...account, positions: [paid] }, { kind: 'price', names: ['ETH'] }, 50n)
    expect(positions[0]).toEqual({ ...paid, currency: { asset: 'ETH', price: { low: 50n, high: 50n }, unit: 1n } })
  })

  test('edge: names of an object are no weights', () => {
    const inherited = { ...account, balances: [{ ...balance, asset: 'constructor' }] }
    expect(PricePath.move(inherited, { kind: 'stress', weightsPpm: {} }, half)).toEqual(inherited)
  })
})

describe('moves', () => {
  test('worked example: what is named, what has a weight', () => {
    expect(PricePath.moves({ kind: 'price', names: ['A'] }, 'A')).toBe(true)
    expect(PricePath.moves({ kind: 'price', names: ['A'] }, 'B')).toBe(false)
    expect(PricePath.moves({ kind: 'stress', weightsPpm: { A: -1, B: 0 } }, 'A')).toBe(true)
    expect(PricePath.moves({ kind: 'stress', weightsPpm: { A: -1, B: 0 } }, 'B')).toBe(false)
  })

  test('error: a weight that is no integer', () => {
    for (const weight of [0.5, Number.NaN])
      expect(() => PricePath.moves({ kind: 'stress', weightsPpm: { ETH: weight } }, 'ETH')).toThrow(Fixed.NotAnIntegerError)
  })
})

describe('level', () => {
  test('worked example: of a price, of a stress that rises and one that falls', () => {
    const seventy = { numerator: 211n, denominator: 3n }
    const line = { name: 'A', from: 100n }
    const at = (rounding: Fixed.Rounding) => ({ price: seventy, rounding })
    expect(PricePath.level({ kind: 'price', names: ['A'] }, line, at('up'))).toBe(71n)
    expect(PricePath.level({ kind: 'price', names: ['A'] }, line, at('down'))).toBe(70n)
    // 70.33 / 100 − 1 = −29.67 %
    const exact = (-89n * Fixed.one) / 300n
    expect(PricePath.level({ kind: 'stress', weightsPpm: { A: 1_000_000 } }, line, at('up'))).toBe(exact)
    expect(PricePath.level({ kind: 'stress', weightsPpm: { A: 1_000_000 } }, line, at('down'))).toBe(exact - 1n)
    expect(PricePath.level({ kind: 'stress', weightsPpm: { A: -1_000_000 } }, line, at('down'))).toBe(-exact)
  })
})
