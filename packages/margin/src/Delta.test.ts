import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Account from './Account.ts'
import * as Delta from './Delta.ts'
import * as Fixed from './Fixed.ts'
import type * as Overlay from './Overlay.ts'
import { profile as plimsoll } from './profiles/plimsoll/Plimsoll.ts'
import * as Books from './testing/books.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const flat = (rate: bigint) => ({ kind: 'flat' as const, rate })
const margin = (rate: bigint) => ({ initial: flat(2n * rate), maintenance: flat(rate) })
const whole = { initial: flat(1_000_000n), maintenance: flat(1_000_000n) }
const at = (price: bigint) => ({ low: price, high: price })
const cash: Account.Balance = { asset: 'USD', amount: 50n, unit: 1n, price: at(1n), owned: whole, owed: whole, total: 0n }
const eth: Account.Position = {
  ...{ market: 'ETH', size: 4n, unit: 1n, price: at(100n), cost: 400n, quote: 0n, margin: margin(50_000n), openInterest: 0n, charge: 0n },
}
const account: Account.Account = { balances: [cash], positions: [eth, { ...eth, market: 'BTC', size: 0n, cost: 0n }], fees: 1n, asOf: 10 }
const subject = { account, stack: Delta.bare }
const apply = (...deltas: Delta.Delta[]) => Delta.apply(subject, deltas)

describe('apply', () => {
  test('worked example: a trade changes size and cost, and owes its fee, rounded up', () => {
    const { account: after } = apply({ kind: 'trade', market: 'ETH', size: -6n, price: 110n, feePpm: 1_000 })
    expect(after.positions).toEqual([{ ...eth, size: -2n, cost: 400n - 660n }, account.positions[1]])
    expect(after.fees).toBe(2n)
    const coarse = { ...account, positions: [{ ...eth, unit: 10n }] }
    const trade = { kind: 'trade' as const, market: 'ETH', size: 6n, price: 1_000n, feePpm: 10_000 }
    expect(Delta.apply({ ...subject, account: coarse }, [trade]).account.fees).toBe(7n)
  })

  test('edge: without a stack of its own a concession is held to maintenance margin, and to nothing more', () => {
    const none = { setBy: 'risk', why: 'a test', setAt: 0, until: null, revokedAt: null }
    const free: Overlay.Overlay = { ...none, id: 'free', reason: 'reputation', market: null, effect: { kind: 'multiply', ppm: 0 } }
    const initial = (rate: bigint) => {
      const terms = { initial: flat(600_000n), maintenance: flat(rate) }
      const alone = { ...account, positions: [{ ...eth, size: 1_000_000n, price: at(1n), cost: 1_000_000n, margin: terms }] }
      return Delta.simulate({ ...subject, account: alone }, plimsoll, [{ kind: 'overlays', overlays: [free] }]).after.initialMargin
    }
    expect([initial(300_000n), initial(0n)]).toEqual([300_000n, 0n])
  })

  test('worked example: a transfer, a time, prices, parameters, overlays', () => {
    expect(apply({ kind: 'transfer', asset: 'USD', amount: -60n }).account.balances[0]?.amount).toBe(-10n)
    expect(apply({ kind: 'time', asOf: 99 }).account.asOf).toBe(99)
    const moved = apply({ kind: 'prices', path: { kind: 'price', names: ['ETH'] }, level: 80n }).account.positions
    expect(moved.map(({ price }) => price)).toEqual([at(80n), at(100n)])
    const dearer = apply({ kind: 'margin', market: 'ETH', margin: margin(120_000n) }).account.positions
    expect(dearer.map((position) => position.margin)).toEqual([margin(120_000n), margin(50_000n)])
    const other = { owned: margin(1n), owed: margin(2n) }
    expect(apply({ kind: 'weights', asset: 'USD', ...other }).account.balances).toEqual([{ ...cash, ...other }])
    expect(() => apply({ kind: 'weights', asset: 'DAI', ...other })).toThrow(Delta.UnknownAssetError)
    const overlays: Overlay.Overlay[] = []
    expect(apply({ kind: 'overlays', overlays }).stack.overlays).toBe(overlays)
  })

  test('edge: one after another, and the first of two positions in a market', () => {
    const trade = { kind: 'trade' as const, market: 'ETH', size: 1n, price: 7n, feePpm: 0 }
    expect(apply(trade, { kind: 'transfer', asset: 'USD', amount: 1n }, trade).account.positions[0]).toMatchObject({ size: 6n, cost: 414n })
    const twice = { ...account, positions: [eth, eth] }
    expect(Delta.apply({ ...subject, account: twice }, [trade]).account.positions.map(({ size }) => size)).toEqual([5n, 4n])
    expect(Delta.apply(subject, [])).toBe(subject)
    expect(account.positions[0]).toBe(eth)
  })

  test('error: what has no terms', () => {
    expect(() => apply({ kind: 'trade', market: 'SOL', size: 1n, price: 1n, feePpm: 0 })).toThrow(Delta.UnknownMarketError)
    expect(() => apply({ kind: 'transfer', asset: 'DAI', amount: 1n })).toThrow(Delta.UnknownAssetError)
  })

  test('property: a trade and its opposite at the same price leave the account as it was, but for fees', () => {
    fc.assert(
      fc.property(
        Books.account({ weight: Books.flat, spread: 0n }),
        fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
        fc.nat(10_000),
        (it, size, feePpm) => {
          const [first] = it.positions
          if (!first) return
          const trade = { kind: 'trade' as const, market: first.market, size, price: first.price.high, feePpm }
          const after = Delta.apply({ account: it, stack: Delta.bare }, [trade, { ...trade, size: -size }]).account
          expect({ ...after, fees: it.fees }).toEqual(it)
          expect(after.fees >= it.fees).toBe(true)
        },
      ),
      { numRuns },
    )
  })

  test('edge: a change of margin reaches the terms of a short, and of weights those that replace them', () => {
    const short = { ...eth, size: -4n, short: margin(30_000n) }
    const held = { ...subject, account: { ...account, positions: [short, { ...eth, market: 'BTC', short: margin(1n) }] } }
    const terms = (more: { readonly short?: Account.Terms }) =>
      Delta.apply(held, [{ kind: 'margin', market: 'ETH', margin: margin(120_000n), ...more }]).account.positions.map((it) => [
        it.margin,
        it.short,
      ])
    const other = [eth.margin, margin(1n)]
    expect(terms({})).toEqual([[margin(120_000n), margin(120_000n)], other])
    expect(terms({ short: margin(70_000n) })).toEqual([[margin(120_000n), margin(70_000n)], other])
    const own = { kind: 'margin' as const, market: 'ETH', margin: margin(1n), short: margin(2n) }
    expect(apply(own).account.positions[0]).toEqual({ ...eth, margin: margin(1n), short: margin(2n) })
    const resting = { ...account, balances: [{ ...cash, override: { owned: whole, owed: whole } }] }
    const weights = { owned: margin(1n), owed: margin(2n) }
    expect(Delta.apply({ ...subject, account: resting }, [{ kind: 'weights', asset: 'USD', ...weights }]).account.balances).toEqual([
      { ...cash, ...weights, override: weights },
    ])
  })

  test('error: a fee that is no integer', () => {
    for (const feePpm of [0.5, Number.NaN])
      expect(() => apply({ kind: 'trade', market: 'ETH', size: 1n, price: 1n, feePpm })).toThrow(Fixed.NotAnIntegerError)
  })

  test('error: parameters of what has no terms', () => {
    expect(() => apply({ kind: 'margin', market: 'ETHH', margin: margin(1n) })).toThrow(
      expect.objectContaining({ name: 'Delta.UnknownMarketError', market: 'ETHH' }),
    )
    expect(() => apply({ kind: 'weights', asset: 'DAI', owned: margin(1n), owed: margin(1n) })).toThrow(
      expect.objectContaining({ name: 'Delta.UnknownAssetError', asset: 'DAI' }),
    )
  })
})

describe('simulate', () => {
  test('worked example: before and after, and the account as it would be', () => {
    const { before, after, subject: to } = Delta.simulate(subject, plimsoll, [{ kind: 'transfer', asset: 'USD', amount: -30n }])
    expect(before).toMatchObject({ equity: 49n, initialMargin: 40n, health: { status: 'healthy' }, base: 40n, audit: [] })
    expect(after).toMatchObject({ equity: 19n, maintenanceMargin: 20n, health: { status: 'liquidatable' } })
    expect(to.account.balances[0]?.amount).toBe(20n)
  })

  test('worked example: a score that falls takes its concession with it', () => {
    const earned: Overlay.Overlay = {
      ...{ id: 'score', reason: 'reputation', market: null, effect: { kind: 'multiply', ppm: 800_000 }, setBy: 'score' },
      ...{ why: '760', setAt: 0, until: null, revokedAt: null },
    }
    const held = {
      account: { ...account, fees: 15n },
      stack: { betaPpm: 250_000, floorPpm: 0, phase: 'open' as const, overlays: [earned] },
    }
    const { before, after } = Delta.simulate(held, plimsoll, [{ kind: 'overlays', overlays: [] }])
    expect([before.initialMargin, before.health.status]).toEqual([32n, 'healthy'])
    expect([after.initialMargin, after.health.status]).toEqual([40n, 'restricted'])
    expect(after.maintenanceMargin).toBe(before.maintenanceMargin)
  })

  test('property: no delta changes nothing', () => {
    fc.assert(
      fc.property(Books.account({ weight: Books.linear, spread: 10_000n }), (it) => {
        const { before, after } = Delta.simulate({ account: it, stack: Delta.bare }, plimsoll, [])
        expect(after).toEqual(before)
        expect(before).toMatchObject(Account.assess(it, plimsoll))
      }),
      { numRuns },
    )
  })
})

describe('scan', () => {
  test('worked example: who becomes liquidatable if ETH goes to 12 %?', () => {
    // Maintenance of 400 is 20, and would be 48.
    const book = [60n, 49n, 48n, 20n, 19n].map((amount, i) => ({
      ...{ id: `${i}`, stack: Delta.bare, account: { ...account, fees: 0n, balances: [{ ...cash, amount }] } },
    }))
    const idle = { id: 'idle', stack: Delta.bare, account: { ...account, positions: [] } }
    const changes = Delta.scan([idle, ...book], plimsoll, [{ kind: 'margin', market: 'ETH', margin: margin(120_000n) }])
    expect(changes.map(({ id, from, to }) => [id, from, to])).toEqual([
      ['0', 'healthy', 'restricted'],
      ['1', 'healthy', 'restricted'],
      ['2', 'healthy', 'restricted'],
      ['3', 'restricted', 'liquidatable'],
    ])
    expect(changes[3]).toMatchObject({ before: { maintenanceMargin: 20n }, after: { maintenanceMargin: 48n } })
  })

  test('property: the order of the book changes nothing but its own', () => {
    const deltas = [{ kind: 'prices' as const, path: { kind: 'stress' as const, weightsPpm: { ETH: 1_000_000 } }, level: -Fixed.one / 5n }]
    fc.assert(
      fc.property(fc.array(Books.account({ weight: Books.flat, spread: 0n }), { maxLength: 5 }), (accounts) => {
        const book = accounts.map((it, i) => ({ id: `${i}`, account: it, stack: Delta.bare }))
        const changes = Delta.scan(book, plimsoll, deltas)
        expect([...Delta.scan([...book].reverse(), plimsoll, deltas)].reverse()).toEqual(changes)
        for (const { from, to } of changes) expect(from).not.toBe(to)
      }),
      { numRuns: Math.min(numRuns, 1_000) },
    )
  })

  test('error: parameters of what nobody of the book states', () => {
    const book = [
      { id: 'idle', stack: Delta.bare, account: { ...account, positions: [] } },
      { id: 'bare', stack: Delta.bare, account: { ...account, balances: [] } },
    ]
    const none = { initial: flat(0n), maintenance: flat(0n) }
    const weights = { kind: 'weights' as const, owned: none, owed: whole }
    expect(() => Delta.scan(book, plimsoll, [{ kind: 'margin', market: 'ETHH', margin: margin(1n) }])).toThrow(Delta.UnknownMarketError)
    expect(() => Delta.scan(book, plimsoll, [{ ...weights, asset: 'DAI' }])).toThrow(Delta.UnknownAssetError)
    // What one of them states changes for that one.
    expect(Delta.scan(book, plimsoll, [{ ...weights, asset: 'USD' }]).map(({ id, to }) => [id, to])).toEqual([['idle', 'insolvent']])
  })
})
