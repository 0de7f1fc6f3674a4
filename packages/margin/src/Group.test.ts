import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type * as Account from './Account.ts'
import * as Group from './Group.ts'
import { profile as aave } from './profiles/aave-v3/AaveV3.ts'
import { profile as plimsoll } from './profiles/plimsoll/Plimsoll.ts'
import * as Books from './testing/books.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const terms = (rate: bigint): Account.Terms => ({ initial: { kind: 'flat', rate }, maintenance: { kind: 'flat', rate } })
const at = (price: bigint) => ({ low: price, high: price })
const balance = (asset: string, amount: bigint, rate = 800_000n): Account.Balance => ({
  ...{ asset, amount, unit: 1n, price: at(100n), owned: terms(rate), owed: terms(1_000_000n), total: 0n },
})
const position = (market: string, size: bigint, price = 100n): Account.Position => ({
  ...{ market, size, unit: 1n, price: at(price), cost: 0n, quote: 0n, margin: terms(100_000n), openInterest: 0n, charge: 0n },
})
const account = (balances: Account.Balance[], positions: Account.Position[] = []): Account.Account => ({
  balances,
  positions,
  fees: 0n,
  asOf: 0,
})

describe('replace', () => {
  const category = { id: 'ether', owned: [{ asset: 'ETH', terms: terms(950_000n) }], debts: ['stETH', 'ETH'] }
  const held = account([balance('ETH', 5n), balance('USD', 5n), balance('stETH', -1n)])

  test('worked example: weights of what is in it, and only those', () => {
    const found = Group.replace(held, [{ ...category, id: 'other', owned: [] }, category], 'ether')
    expect(found.balances.map(({ owned }) => owned)).toEqual([terms(950_000n), terms(800_000n), terms(800_000n)])
    expect(found.balances.map(({ owed }) => owed)).toEqual(held.balances.map(({ owed }) => owed))
  })

  test('edge: another choice, none, or a debt outside of it leaves everything', () => {
    expect(Group.replace(held, [category], null)).toBe(held)
    expect(Group.replace(held, [category], 'dollar')).toBe(held)
    const outside = account([balance('ETH', 5n), balance('stETH', -1n), balance('USD', -1n)])
    expect(Group.replace(outside, [category], 'ether')).toBe(outside)
    const flat = account([balance('ETH', 5n), balance('USD', 0n)])
    expect(Group.replace(flat, [category], 'ether').balances[0]?.owned).toEqual(terms(950_000n))
  })
})

describe('check', () => {
  const fence = { assets: ['SHIB'], markets: ['PEPE'] }

  test('worked example: what is isolated stands alone', () => {
    expect(Group.check(account([balance('SHIB', 5n), balance('USD', -5n)], [position('PEPE', -1n)]), fence)).toEqual({ status: 'ok' })
    expect(Group.check(account([balance('ETH', 5n), balance('USD', 5n)], [position('A', 1n), position('B', 1n)]), fence).status).toBe('ok')
    expect(Group.check(account([balance('SHIB', 5n), balance('ETH', 1n)]), fence)).toEqual({
      status: 'refused',
      code: 'ISOLATED_ASSET',
      names: ['SHIB', 'ETH'],
      message: 'SHIB, ETH may not stand together: one of them is isolated.',
    })
    expect(Group.check(account([], [position('ETH', 1n), position('PEPE', -1n)]), fence)).toMatchObject({ code: 'ISOLATED_MARKET' })
  })

  test('edge: what is not held does not mix, nor does the same name twice', () => {
    expect(Group.check(account([balance('SHIB', 5n), balance('ETH', 0n)], [position('PEPE', 1n), position('ETH', 0n)]), fence).status).toBe(
      'ok',
    )
    expect(Group.check(account([balance('SHIB', -5n), balance('ETH', 1n), balance('USD', 1n)]), fence).status).toBe('ok')
    expect(Group.check(account([], [position('PEPE', 1n), position('PEPE', 2n)]), fence).status).toBe('ok')
  })
})

describe('first', () => {
  const tiers = [['BTC', 'ETH'], ['SOL', 'USD'], ['PEPE']]

  test('worked example: the safest tier that is due', () => {
    const it = account([balance('USD', -1n), balance('ETH', 3n)], [position('PEPE', 1n), position('SOL', -1n)])
    expect(Group.first(it, tiers)).toEqual(['USD', 'SOL'])
    expect(Group.first(account([], [position('PEPE', 1n), position('ETH', 0n)]), tiers)).toEqual(['PEPE'])
  })

  test('edge: the first tier comes before one that is unknown, and a debt of one unit is due', () => {
    expect(Group.first(account([], [position('NEW', 1n), position('ETH', 1n)]), tiers)).toEqual(['ETH'])
    expect(Group.first(account([balance('USD', -1n), balance('ETH', 0n)], []), tiers)).toEqual(['USD'])
    expect(Group.first(account([balance('ETH', 0n)], [position('PEPE', 1n)]), tiers)).toEqual(['PEPE'])
    expect(Group.first(account([balance('ETH', 1n), balance('SOL', -1n)], []), tiers)).toEqual(['SOL'])
  })

  test('edge: what is in no tier comes last; nothing due is nothing first', () => {
    expect(Group.first(account([], [position('NEW', 1n), position('PEPE', 1n)]), tiers)).toEqual(['PEPE'])
    expect(Group.first(account([], [position('NEW', 1n)]), tiers)).toEqual(['NEW'])
    expect(Group.first(account([balance('ETH', 1n)]), tiers)).toEqual([])
  })
})

describe('wrongWay', () => {
  const correlation = {
    pairs: [
      { of: ['SOL', 'ETH'] as const, ppm: 800_000 },
      { of: ['ETH', 'VIX'] as const, ppm: -500_000 },
    ],
    falls: { ETH: 500_000 },
  }
  const charged = (...positions: Account.Position[]) =>
    Group.wrongWay(account([balance('ETH', 5n), balance('USD', -9n)], positions), plimsoll, correlation).map(({ market, amount }) => [
      market,
      amount,
    ])

  test('worked example: what falls with the loss, beyond its haircut, as far as it backs the exposure', () => {
    // min(500, 300) · (0.8 · 50 % − 20 %) = 60
    expect(charged(position('SOL', 3n))).toEqual([['SOL', 60n]])
    expect(charged(position('SOL', 30n))).toEqual([['SOL', 100n]])
    // Itself: min(500, 300) · (50 % − 20 %)
    expect(charged(position('ETH', 3n))).toEqual([['ETH', 90n]])
  })

  test('worked example: a short loses when prices rise', () => {
    expect(charged(position('SOL', -3n))).toEqual([])
    // ρ⁺ = 0.5: 300 · (25 % − 20 %) = 15
    expect(charged(position('VIX', -3n))).toEqual([['VIX', 15n]])
    expect(charged(position('VIX', 3n))).toEqual([])
  })

  test('edge: charged once, for the position that needs it most', () => {
    expect(charged(position('SOL', 3n), position('ETH', 3n), position('VIX', -3n))).toEqual([['ETH', 90n]])
  })

  test('edge: what is unknown moves as one and loses all', () => {
    // 300 · (100 % − 20 %)
    expect(Group.wrongWay(account([balance('DOGE', 5n)], [position('PEPE', 3n)]), plimsoll, correlation)).toEqual([
      { asset: 'DOGE', market: 'PEPE', amount: 240n },
    ])
    // For a short too: the worse of the two ways.
    expect(Group.wrongWay(account([balance('DOGE', 5n)], [position('PEPE', -3n)]), plimsoll, correlation)[0]?.amount).toBe(240n)
    expect(Group.wrongWay(account([balance('DOGE', 5n)], [position('DOGE', -3n)]), plimsoll, correlation)).toEqual([])
    expect(Group.wrongWay(account([balance('constructor', 5n)], [position('PEPE', 3n)]), plimsoll, correlation)).toHaveLength(1)
  })

  test('edge: a haircut that covers it leaves nothing to charge, and no exposure neither', () => {
    expect(Group.wrongWay(account([balance('ETH', 5n, 500_000n)], [position('ETH', 3n)]), plimsoll, correlation)).toEqual([])
    expect(charged(position('ETH', 0n))).toEqual([])
  })

  test('edge: one unit of collateral, of exposure, of what is beyond', () => {
    const dust = { ...balance('ETH', 1n), price: at(1n) }
    expect(Group.wrongWay(account([dust], [position('SOL', 1n, 1n)]), plimsoll, correlation)).toEqual([
      { asset: 'ETH', market: 'SOL', amount: 1n },
    ])
    // Exactly at the haircut nothing, a millionth of a millionth beyond it a unit.
    const falls = { ETH: 250_000 }
    expect(Group.wrongWay(account([dust], [position('SOL', 1n, 1n)]), plimsoll, { ...correlation, falls })).toEqual([])
    const more = { pairs: [{ of: ['SOL', 'ETH'] as const, ppm: 800_001 }], falls }
    expect(Group.wrongWay(account([dust], [position('SOL', 1n, 1n)]), plimsoll, more)).toHaveLength(1)
    expect(Group.wrongWay(account([{ ...dust, amount: 0n }], [position('SOL', 1n, 1n)]), plimsoll, more)).toEqual([])
    // A weight above 1 is no haircut below 0; of equal charges the first position is named.
    const lifted = { ...balance('ETH', 5n, 1_200_000n), price: at(1_000_000n) }
    const two = [position('SOL', 5n, 1_000_000n), position('AVAX', 5n, 1_000_000n)]
    const same = { pairs: [{ of: ['ETH', 'AVAX'] as const, ppm: 800_000 }, ...correlation.pairs], falls: { ETH: 500_000 } }
    expect(Group.wrongWay(account([lifted], two), plimsoll, same)).toEqual([{ asset: 'ETH', market: 'SOL', amount: 2_000_000n }])
    // What is not given is all of it, to the last unit.
    const wide = { ...balance('DOGE', 1_000_000n), owned: terms(0n + 1n), price: at(1n) }
    expect(Group.wrongWay(account([wide], [position('PEPE', 1_000_000n, 1n)]), plimsoll, correlation)[0]?.amount).toBe(1n)
    const itself = { pairs: [], falls: { DOGE: 1_000_000 } }
    expect(Group.wrongWay(account([wide], [position('DOGE', 1_000_000n, 1n)]), plimsoll, itself)[0]?.amount).toBe(1n)
  })

  test('edge: an exposure in a currency of its own counts in money', () => {
    const paid = { ...position('SOL', 3n), currency: { asset: 'EUR', price: { low: 10n, high: 12n }, unit: 10n } }
    // min(500, 360) · 20 %
    expect(charged(paid)).toEqual([['SOL', 72n]])
  })

  test('rounding: up; and other units of rates', () => {
    // 1 · (0.8 · 50 % − 20 %) of a value of 7
    const it = account([{ ...balance('ETH', 7n), price: at(1n) }], [position('SOL', 3n)])
    expect(Group.wrongWay(it, plimsoll, correlation)[0]?.amount).toBe(2n)
    const bps = account([{ ...balance('ETH', 5n), owned: terms(8_000n) }], [position('SOL', 3n)])
    expect(Group.wrongWay(bps, aave, correlation)[0]?.amount).toBe(60n)
  })

  const ppm = fc.integer({ min: -1_000_000, max: 1_000_000 })
  const names = ['ETH', 'BTC', 'SOL', 'USD', 'CASH'] as const
  const pairs = fc.array(fc.record({ of: fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)), ppm }), {
    minLength: 4,
    maxLength: 8,
  })
  const total = (addons: readonly Group.Addon[]) => addons.reduce((sum, { amount }) => sum + amount, 0n)

  test('property: more correlation with a long, or a deeper fall, never lowers it; permuting changes nothing; never more than is owned', () => {
    fc.assert(
      fc.property(Books.account({ weight: Books.flat, spread: 0n }), pairs, fc.nat(1_000_000), fc.nat(1_000_000), (it, of, falls, more) => {
        const longs = { ...it, positions: it.positions.map((each) => ({ ...each, size: each.size < 0n ? -each.size : each.size })) }
        const low = Group.wrongWay(longs, plimsoll, { pairs: of, falls: { ETH: falls, BTC: falls, CASH: 0 } })
        const deep = Math.min(1_000_000, falls + more)
        expect(total(Group.wrongWay(longs, plimsoll, { pairs: of, falls: { ETH: deep, BTC: deep, CASH: 0 } })) >= total(low)).toBe(true)
        const closer = of.map((each) => ({ ...each, ppm: Math.min(1_000_000, each.ppm + more) }))
        expect(total(Group.wrongWay(longs, plimsoll, { pairs: closer, falls: { ETH: falls, BTC: falls, CASH: 0 } })) >= total(low)).toBe(
          true,
        )
        const turned = { ...longs, positions: [...longs.positions].reverse(), balances: [...longs.balances].reverse() }
        expect(total(Group.wrongWay(turned, plimsoll, { pairs: of, falls: { ETH: falls, BTC: falls, CASH: 0 } }))).toBe(total(low))
        for (const { asset } of low) expect(longs.balances.some((each) => each.asset === asset && each.amount > 0n)).toBe(true)
      }),
      { numRuns },
    )
  })

  test('error: a fall or a correlation that is no integer', () => {
    const of = (changes: Partial<Group.Correlation>) =>
      Group.wrongWay(account([balance('ETH', 5n)], [position('SOL', 3n)]), plimsoll, { ...correlation, ...changes })
    const refused = expect.objectContaining({ name: 'Fixed.NotAnIntegerError' })
    expect(() => of({ falls: { ETH: Number.NaN } })).toThrow(refused)
    expect(() => of({ pairs: [{ of: ['SOL', 'ETH'], ppm: 0.5 }] })).toThrow(refused)
  })
})
