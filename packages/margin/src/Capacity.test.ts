import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Account from './Account.ts'
import * as Capacity from './Capacity.ts'
import * as Delta from './Delta.ts'
import * as Fixed from './Fixed.ts'
import { profile as plimsoll } from './profiles/plimsoll/Plimsoll.ts'
import * as Books from './testing/books.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const one = Fixed.one
const flat = (rate: bigint) => ({ kind: 'flat' as const, rate })
const both = (rate: bigint) => ({ initial: flat(rate), maintenance: flat(rate) })
const at = (price: bigint) => ({ low: price, high: price })
const cash = (amount: bigint): Account.Balance => ({
  ...{ asset: 'USD', amount, unit: one, price: at(one), owned: both(1_000_000n), owed: both(1_000_000n), total: 0n },
})
const eth: Account.Position = {
  ...{
    market: 'ETH',
    size: 0n,
    unit: one,
    price: at(100n * one),
    cost: 0n,
    quote: 0n,
    margin: both(100_000n),
    openInterest: 0n,
    charge: 0n,
  },
}
const account = (amount: bigint, position: Account.Position, fees = 0n): Account.Account => ({
  ...{ balances: [cash(amount * one)], positions: [position], fees, asOf: 0 },
})
const order = { market: 'ETH', side: 'long' as const, price: 100n * one, feePpm: 0, upTo: 10n ** 30n }
const holding = (size: bigint) => ({ ...eth, size: size * one, cost: size * one * 100n * one })

function excess(it: Account.Account): bigint {
  const { initialEquity, initialMargin } = Account.assess(it, plimsoll)
  return initialEquity - initialMargin
}

const traded = (it: Account.Account, { side, ...trade }: Capacity.Order, size: bigint) =>
  Delta.apply({ account: it, stack: Delta.bare }, [{ ...trade, kind: 'trade', size: side === 'long' ? size : -size }]).account

describe('raise', () => {
  test('worked example: from nothing, from a position, and after closing', () => {
    // 1000 at 10 % of 100
    expect(Capacity.raise(account(1_000n, eth), plimsoll, order)).toEqual({
      ...{ status: 'ok', size: 100n * one, closes: 0n, opens: 100n * one, bound: 'MARGIN' },
    })
    expect(Capacity.raise(account(1_000n, holding(30n)), plimsoll, order)).toMatchObject({ size: 70n * one })
    const short = { ...order, side: 'short' as const }
    expect(Capacity.raise(account(1_000n, holding(30n)), plimsoll, short)).toEqual({
      ...{ status: 'ok', size: 130n * one, closes: 30n * one, opens: 100n * one, bound: 'MARGIN' },
    })
    expect(Capacity.raise(account(1_000n, holding(-30n)), plimsoll, short)).toMatchObject({ size: 70n * one, closes: 0n })
  })

  test('worked example: fees and a price worse than the one it is valued at', () => {
    // Each costs 10 % of 100, 1 to the spread and 1 % of 101: 1000 / 12.01
    const dear = { ...order, price: 101n * one, feePpm: 10_000 }
    expect(Capacity.raise(account(1_000n, eth), plimsoll, dear)).toMatchObject({ opens: (1_000n * one * 100n) / 1_201n })
  })

  test('worked example: through a tier', () => {
    // 10 % to 5000, 20 % above: 500 + 0.2·(N − 5000) = 1000 at N = 7500
    const tiers = {
      kind: 'tiers' as const,
      tiers: [
        { upTo: 5_000n * one, rate: 100_000n },
        { upTo: null, rate: 200_000n },
      ],
    }
    const it = account(1_000n, { ...eth, margin: { initial: tiers, maintenance: flat(50_000n) } })
    expect(Capacity.raise(it, plimsoll, order)).toMatchObject({ opens: 75n * one })
  })

  test('edge: a cap binds, from the position that is there', () => {
    const capped = { ...order, upTo: 40n * one }
    expect(Capacity.raise(account(1_000n, eth), plimsoll, capped)).toMatchObject({ opens: 40n * one, bound: 'CAP' })
    expect(Capacity.raise(account(1_000n, holding(30n)), plimsoll, capped)).toMatchObject({ opens: 10n * one, bound: 'CAP' })
    expect(Capacity.raise(account(1_000n, holding(50n)), plimsoll, capped)).toMatchObject({ opens: 0n, bound: 'CAP' })
    expect(Capacity.raise(account(1_000n, holding(-50n)), plimsoll, capped)).toMatchObject({ closes: 50n * one, opens: 40n * one })
  })

  test('edge: exactly at initial margin nothing more fits; a unit below it only closing does', () => {
    expect(Capacity.raise(account(1_000n, holding(100n)), plimsoll, order)).toMatchObject({ status: 'ok', size: 0n, bound: 'MARGIN' })
    expect(Capacity.raise(account(1_000n, holding(100n), 1n), plimsoll, order)).toEqual({
      ...{ status: 'restricted', closes: 0n, message: 'Initial margin does not hold: only what reduces risk is possible.' },
    })
    // Two units below its cap neither of them fits.
    expect(Capacity.raise(account(1_000n, holding(100n)), plimsoll, { ...order, upTo: 100n * one + 2n })).toMatchObject({ size: 0n })
    // Closing frees its margin: what could not be raised can be turned.
    const turn = { ...order, side: 'short' as const }
    expect(Capacity.raise(account(1_000n, holding(100n), 1n), plimsoll, turn)).toMatchObject({ status: 'ok', closes: 100n * one })
    expect(Capacity.raise(account(-1n, holding(100n)), plimsoll, turn)).toMatchObject({ status: 'restricted', closes: 100n * one })
  })

  test('edge: closing by one unit, a cap that is exactly what margin allows, a cap on both sides of one', () => {
    const tiny = { ...eth, size: -1n, cost: -100n * one }
    expect(Capacity.raise(account(1_000n, tiny), plimsoll, order)).toMatchObject({ closes: 1n, opens: 100n * one, size: 100n * one + 1n })
    const exact = { ...order, upTo: 100n * one }
    expect(Capacity.raise(account(1_000n, eth), plimsoll, exact)).toMatchObject({ opens: 100n * one, bound: 'CAP' })
    expect(Capacity.raise(account(1_000n, holding(-30n)), plimsoll, exact)).toMatchObject({
      size: 130n * one,
      opens: 100n * one,
      bound: 'CAP',
    })
  })

  test('error: a market without terms', () => {
    expect(() => Capacity.raise(account(1n, eth), plimsoll, { ...order, market: 'BTC' })).toThrow(Delta.UnknownMarketError)
  })

  test('property: the answer passes, and one unit more does not', () => {
    const weight = fc.oneof(Books.linear, Books.curved)
    const price = fc.integer({ min: 0, max: 50_000 })
    const side = fc.constantFrom('long' as const, 'short' as const)
    fc.assert(
      fc.property(
        Books.account({ weight, spread: 10_000n }),
        side,
        price,
        fc.nat(5_000),
        fc.boolean(),
        (it, direction, worse, feePpm, isCapped) => {
          const [first] = it.positions
          if (!first) return
          const [sign, from] = direction === 'long' ? [1n, first.price.high] : [-1n, first.price.low]
          const asked = {
            ...{ market: first.market, side: direction, price: from + (sign * from * BigInt(worse)) / 1_000_000n, feePpm },
            upTo: isCapped ? first.unit * 100n : 10n ** 40n,
          }
          const room = Capacity.raise(it, plimsoll, asked)
          expect(room.closes).toBe(first.size * sign < 0n ? Fixed.abs(first.size) : 0n)
          if (room.status === 'restricted') {
            expect(excess(traded(it, asked, room.closes)) < 0n).toBe(true)
            return
          }
          expect(excess(traded(it, asked, room.size)) >= 0n).toBe(true)
          if (room.bound === 'MARGIN') expect(excess(traded(it, asked, room.size + 1n)) < 0n).toBe(true)
          else expect(room.opens).toBe(Fixed.max(0n, asked.upTo - (room.closes > 0n ? 0n : Fixed.abs(first.size))))
        },
      ),
      { numRuns },
    )
  })

  test('dimension: money and prices times k leave the size', () => {
    const tall = { ...eth, price: at(700n * one) }
    expect(Capacity.raise(account(7_000n, tall), plimsoll, { ...order, price: 700n * one })).toMatchObject({ opens: 100n * one })
  })
})

describe('withdraw', () => {
  test('worked example: what initial margin does not need', () => {
    expect(Capacity.withdraw(account(1_000n, holding(30n)), plimsoll, 'USD')).toEqual({ status: 'ok', amount: 700n * one, bound: 'MARGIN' })
    expect(Capacity.withdraw(account(1_000n, eth), plimsoll, 'USD')).toEqual({ status: 'ok', amount: 1_000n * one, bound: 'BALANCE' })
  })

  test('worked example: a haircut leaves more to be left', () => {
    // 10 ETH at 100 and 80 %: 800; 300 are needed: 6.25 may go.
    const ether = { ...cash(10n * one), asset: 'ETH', price: at(100n * one), owned: both(800_000n) }
    expect(Capacity.withdraw({ ...account(0n, holding(30n)), balances: [ether] }, plimsoll, 'ETH')).toMatchObject({
      amount: (625n * one) / 100n,
    })
  })

  test('edge: gains cannot be withdrawn against, debts are no balance', () => {
    const gained = { ...holding(30n), cost: 0n }
    expect(Capacity.withdraw(account(300n, gained), plimsoll, 'USD')).toMatchObject({ amount: 0n, bound: 'MARGIN' })
    const owing = { ...account(0n, eth), balances: [{ ...cash(one), asset: 'DAI' }, cash(-one)] }
    expect(Capacity.withdraw(owing, plimsoll, 'USD')).toMatchObject({ amount: 0n, bound: 'BALANCE' })
  })

  test('edge: of two units that are needed none may go', () => {
    const bound = { ...account(0n, eth, 2n), balances: [cash(2n)] }
    expect(Capacity.withdraw(bound, plimsoll, 'USD')).toEqual({ status: 'ok', amount: 0n, bound: 'MARGIN' })
  })

  test('edge: nothing while initial margin does not hold', () => {
    expect(Capacity.withdraw(account(299n, holding(30n)), plimsoll, 'USD').status).toBe('restricted')
  })

  test('error: an asset without weights', () => {
    expect(() => Capacity.withdraw(account(1n, eth), plimsoll, 'DAI')).toThrow(Delta.UnknownAssetError)
  })

  test('property: the answer passes, and one unit more does not', () => {
    fc.assert(
      fc.property(Books.account({ weight: fc.oneof(Books.linear, Books.curved), spread: 10_000n }), fc.nat(2), (it, which) => {
        const held = it.balances[which % it.balances.length]
        if (!held) return
        const found = Capacity.withdraw(it, plimsoll, held.asset)
        const index = it.balances.findIndex(({ asset }) => asset === held.asset)
        const left = (amount: bigint) => ({
          ...it,
          balances: it.balances.map((balance, i) => (i === index ? { ...balance, amount: balance.amount - amount } : balance)),
        })
        if (found.status === 'restricted') {
          expect(excess(it) < 0n).toBe(true)
          return
        }
        expect(excess(left(found.amount)) >= 0n).toBe(true)
        if (found.bound === 'MARGIN') expect(excess(left(found.amount + 1n)) < 0n).toBe(true)
        else expect(found.amount).toBe(Fixed.max(0n, it.balances[index]?.amount ?? 0n))
      }),
      { numRuns },
    )
  })
})
