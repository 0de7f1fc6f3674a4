import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Account from './Account.ts'
import * as Fixed from './Fixed.ts'
import * as Overlay from './Overlay.ts'
import { profile as dydx } from './profiles/dydx-v4/DydxV4.ts'
import { profile as plimsoll } from './profiles/plimsoll/Plimsoll.ts'
import * as Books from './testing/books.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const base = { market: null, setBy: 'risk', why: 'a test', setAt: 0, until: null, revokedAt: null }
const overlay = (id: string, kind: Overlay.Effect['kind'], ppm: number, more: Partial<Overlay.Overlay> = {}): Overlay.Overlay => ({
  ...{ ...base, id, reason: 'reputation', effect: { kind, ppm } },
  ...more,
})
const terms = { betaPpm: 250_000, floorPpm: 10_000, phase: 'open' as const }
const margin = { market: 'ETH', notional: 10_000n, initial: 1_000n, maintenance: 400n }
const of = (...overlays: Overlay.Overlay[]) => Overlay.apply(margin, { ...terms, overlays }, 100)

describe('apply', () => {
  test('worked example: the greater, more of the notional, a share; one after another', () => {
    const found = of(overlay('leverage', 'max', 120_000), overlay('depeg', 'add', 5_000), overlay('score', 'multiply', 800_000))
    // 1000 → 12 % · 10,000 = 1200 → 1250 → 1000
    expect(found).toEqual({
      base: 1_000n,
      initial: 1_000n,
      audit: [
        { id: 'leverage', reason: 'reputation', market: 'ETH', change: 200n, status: 'applied' },
        { id: 'depeg', reason: 'reputation', market: 'ETH', change: 50n, status: 'applied' },
        { id: 'score', reason: 'reputation', market: 'ETH', change: -250n, status: 'applied' },
      ],
    })
    // Their order matters, and is theirs.
    expect(of(overlay('score', 'multiply', 800_000), overlay('leverage', 'max', 120_000)).initial).toBe(1_200n)
  })

  test('edge: a concession stops at (1 + β)·MM, at the floor, and never lowers what is below them', () => {
    expect(of(overlay('a', 'multiply', 100_000))).toMatchObject({ initial: 500n, audit: [{ change: -500n, status: 'bounded' }] })
    expect(of(overlay('a', 'add', -90_000)).initial).toBe(500n)
    const floored = { ...terms, floorPpm: 70_000, overlays: [overlay('a', 'multiply', 100_000)] }
    expect(Overlay.apply(margin, floored, 0).initial).toBe(700n)
    expect(Overlay.apply({ ...margin, initial: 450n }, { ...terms, overlays: [overlay('a', 'multiply', 100_000)] }, 0)).toMatchObject({
      initial: 450n,
      audit: [{ change: 0n, status: 'bounded' }],
    })
    expect(of(overlay('a', 'multiply', 500_000))).toMatchObject({ initial: 500n, audit: [{ status: 'applied' }] })
  })

  test('edge: once a liquidation starts concessions vanish and what was added stays', () => {
    const overlays = [overlay('more', 'add', 5_000), overlay('less', 'multiply', 800_000), overlay('minus', 'add', -1_000)]
    expect(Overlay.apply(margin, { ...terms, overlays, phase: 'liquidation' }, 0)).toMatchObject({
      initial: 1_050n,
      audit: [{ change: 50n }, { change: 0n, status: 'suspended' }, { change: 0n, status: 'suspended' }],
    })
    // What changes nothing is no concession.
    const level = [overlay('same', 'max', 100_000)]
    expect(Overlay.apply(margin, { ...terms, overlays: level, phase: 'liquidation' }, 0).audit).toMatchObject([{ status: 'applied' }])
  })

  test('edge: not before it is set, to the last second, and not once revoked', () => {
    const status = (more: Partial<Overlay.Overlay>, asOf: number) =>
      Overlay.apply(margin, { ...terms, overlays: [overlay('a', 'add', 1_000, more)] }, asOf).audit[0]
    expect(status({ setAt: 100 }, 99)).toMatchObject({ change: 0n, status: 'pending' })
    expect(status({ setAt: 100 }, 100)).toMatchObject({ change: 10n, status: 'applied' })
    expect(status({ until: 100 }, 100)).toMatchObject({ change: 10n, status: 'applied' })
    expect(status({ until: 100 }, 101)).toMatchObject({ change: 0n, status: 'expired' })
    expect(status({ revokedAt: 100 }, 99)).toMatchObject({ change: 10n, status: 'applied' })
    expect(status({ revokedAt: 100 }, 100)).toMatchObject({ change: 0n, status: 'revoked' })
  })

  test('edge: those of other markets are not in the audit', () => {
    expect(of(overlay('a', 'add', 1_000, { market: 'BTC' }), overlay('b', 'add', 1_000, { market: 'ETH' }))).toMatchObject({
      initial: 1_010n,
      audit: [{ id: 'b' }],
    })
  })

  test('rounding: up at each step', () => {
    const odd = { market: 'ETH', notional: 101n, initial: 11n, maintenance: 1n }
    const at = (kind: Overlay.Effect['kind'], ppm: number) =>
      Overlay.apply(odd, { ...terms, overlays: [overlay('a', kind, ppm)] }, 0).initial
    expect(at('max', 110_000)).toBe(12n)
    expect(at('add', 1_000)).toBe(12n)
    expect(at('add', -10_000)).toBe(10n)
    expect(at('multiply', 900_000)).toBe(10n)
    // ⌈1.25 · 1⌉ = 2, ⌈1 % of 101⌉ = 2
    expect(at('multiply', 0)).toBe(2n)
    const mine = { ...terms, floorPpm: 0, overlays: [overlay('a', 'multiply', 0)] }
    expect(Overlay.apply(odd, mine, 0).initial).toBe(2n)
    expect(Overlay.apply(odd, { ...mine, betaPpm: 0, floorPpm: 10_000 }, 0).initial).toBe(2n)
  })

  test('error: a rate that is no integer, a factor below 0, an effect that there is not', () => {
    const refused = (path: string, value: unknown) => expect.objectContaining({ name: 'Overlay.InvalidOverlayError', path, value })
    for (const ppm of [0.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => of(overlay('a', 'add', ppm))).toThrow(refused('a.effect.ppm', ppm))
    expect(() => of(overlay('a', 'multiply', -1))).toThrow(refused('a.effect.ppm', -1))
    expect(of(overlay('a', 'multiply', 0), overlay('b', 'add', -1), overlay('c', 'max', -1)).audit).toHaveLength(3)
    expect(() => of(overlay('a', 'min' as 'max', 1))).toThrow(refused('a.effect.kind', 'min'))
    expect(() => Overlay.apply(margin, { ...terms, betaPpm: 0.5, overlays: [] }, 0)).toThrow(Fixed.NotAnIntegerError)
  })

  test('error: a time that is no whole number, of whatever market, even once it is revoked', () => {
    for (const value of [Number.NaN, 0.5]) {
      const refused = (path: string) => expect.objectContaining({ name: 'Overlay.InvalidOverlayError', path, value })
      for (const field of ['setAt', 'until', 'revokedAt'])
        expect(() => of(overlay('a', 'add', 1, { market: 'BTC', [field]: value }))).toThrow(refused(`a.${field}`))
      expect(() => of(overlay('a', 'add', 1, { revokedAt: 1, until: value }))).toThrow(refused('a.until'))
      expect(() => Overlay.apply(margin, { ...terms, overlays: [] }, value)).toThrow(refused('asOf'))
      const flat = { balances: [], positions: [], fees: 0n, asOf: 0 }
      expect(() => Overlay.assess(flat, plimsoll, { ...terms, overlays: [overlay('a', 'add', 1, { setAt: value })] })).toThrow(
        refused('a.setAt'),
      )
    }
  })

  const effect = fc.record({
    kind: fc.constantFrom('max' as const, 'add' as const, 'multiply' as const),
    ppm: fc.integer({ min: 0, max: 3_000_000 }),
    sign: fc.constantFrom(1, 1, -1),
  })
  const overlays = fc.array(
    effect.chain(({ kind, ppm, sign }) =>
      fc
        .record({
          until: fc.constantFrom(null, 50),
          revokedAt: fc.constantFrom(null, null, 10),
          market: fc.constantFrom(null, 'ETH', 'BTC'),
        })
        .map((more) => overlay('x', kind, kind === 'add' ? ((sign * ppm) / 10) >> 0 : ppm, more)),
    ),
    { maxLength: 6 },
  )
  const phase = fc.constantFrom('open' as const, 'liquidation' as const)

  test('property: the audit sums to the result, never below the least unless the base was, never a concession in a liquidation', () => {
    const money = fc.bigInt({ min: 0n, max: 10n ** 24n })
    fc.assert(
      fc.property(money, money, money, overlays, phase, fc.nat(1_000_000), (notional, maintenance, above, stack, when, betaPpm) => {
        const initial = maintenance + above
        const found = Overlay.apply(
          { market: 'ETH', notional, initial, maintenance },
          { betaPpm, floorPpm: 10_000, phase: when, overlays: stack },
          60,
        )
        expect(found.audit.reduce((sum, { change }) => sum + change, found.base)).toBe(found.initial)
        const least = Fixed.max(Fixed.ofPpm(maintenance, 1_000_000 + betaPpm, 'up'), Fixed.ofPpm(notional, 10_000, 'up'))
        expect(found.initial >= Fixed.min(initial, least)).toBe(true)
        expect(found.initial >= maintenance).toBe(true)
        if (when === 'liquidation') for (const { change } of found.audit) expect(change >= 0n).toBe(true)
        for (const { change, status } of found.audit) if (!['applied', 'bounded'].includes(status)) expect(change).toBe(0n)
      }),
      { numRuns },
    )
  })

  test('property: on an account maintenance margin and equity stay, under any profile', () => {
    const profiles = fc.constantFrom(plimsoll, dydx)
    fc.assert(
      fc.property(Books.account({ weight: Books.linear, spread: 10_000n }), overlays, phase, profiles, (account, stack, when, profile) => {
        const plain = Account.assess(account, profile)
        const found = Overlay.assess(account, profile, { ...terms, overlays: stack, phase: when })
        expect(found.maintenanceMargin).toBe(plain.maintenanceMargin)
        expect(found.equity).toBe(plain.equity)
        expect(found.initialEquity).toBe(plain.initialEquity)
        expect(found.audit.reduce((sum, { change }) => sum + change, found.base)).toBe(found.initialMargin)
        expect(found.initialMargin >= found.maintenanceMargin).toBe(true)
        if (when === 'liquidation') expect(found.initialMargin >= plain.initialMargin).toBe(true)
        // Permuting positions changes nothing.
        const turned = Overlay.assess({ ...account, positions: [...account.positions].reverse() }, profile, {
          ...terms,
          overlays: stack,
          phase: when,
        })
        expect(turned.initialMargin).toBe(found.initialMargin)
      }),
      { numRuns },
    )
  })

  test('dimension: money times k is initial margin times k', () => {
    const k = 1_000_000n
    const scaled = { market: 'ETH', notional: margin.notional * k, initial: margin.initial * k, maintenance: margin.maintenance * k }
    const stack = { ...terms, overlays: [overlay('a', 'max', 123_000), overlay('b', 'multiply', 700_000)] }
    expect(Overlay.apply(scaled, stack, 0).initial).toBe(Overlay.apply(margin, stack, 0).initial * k)
  })
})

describe('assess', () => {
  const flat = (rate: bigint) => ({ kind: 'flat' as const, rate })
  const position: Account.Position = {
    ...{ market: 'ETH', size: 1_000n, unit: 1n, price: { low: 1n, high: 1n }, cost: 1_000n, quote: 120n, openInterest: 0n, charge: 3n },
    margin: { initial: flat(100_000n), maintenance: flat(50_000n) },
  }
  const it: Account.Account = {
    balances: [],
    positions: [position, { ...position, market: 'BTC', size: -1_000n, cost: -1_000n }],
    fees: 0n,
    asOf: 0,
  }

  test('worked example: each position by itself, and the health that follows', () => {
    const brake = overlay('brake', 'multiply', 1_500_000, { market: 'ETH', reason: 'systemicBrake' })
    // 103 · 1.5 = 155 up, and 103: against 240 of gains that do not count towards initial margin.
    const found = Overlay.assess(it, plimsoll, { ...terms, overlays: [brake] })
    expect(found).toMatchObject({ base: 206n, initialMargin: 258n, maintenanceMargin: 106n, equity: 240n })
    expect(found.audit).toEqual([{ id: 'brake', reason: 'systemicBrake', market: 'ETH', change: 52n, status: 'applied' }])
    // 240 count under this profile: 206 is met, and 258 is not.
    expect(Account.assess(it, dydx).health.status).toBe('healthy')
    expect(Overlay.assess(it, dydx, { ...terms, overlays: [brake] }).health.status).toBe('restricted')
  })

  test('edge: notional is of the size alone, and a size of 0 has no margin of its own', () => {
    const half = overlay('floor', 'max', 500_000)
    expect(Overlay.assess(it, plimsoll, { ...terms, overlays: [half] }).initialMargin).toBe(1_000n)
    const none = { ...it, positions: [{ ...position, size: 0n, cost: 0n }] }
    expect(Overlay.assess(none, plimsoll, { ...terms, overlays: [half] })).toMatchObject({ initialMargin: 3n, audit: [] })
  })

  test('edge: a short with margins of its own, and profit that settles into a balance', () => {
    const short = { initial: flat(200_000n), maintenance: flat(50_000n) }
    const own = { ...it, positions: [{ ...position, size: -1_000n, cost: -1_000n, short, charge: 0n }] }
    const more = overlay('add', 'add', 10_000)
    expect(Overlay.assess(own, plimsoll, { ...terms, overlays: [more] })).toMatchObject({ base: 200n, initialMargin: 210n })
    const whole = { initial: flat(1_000_000n), maintenance: flat(1_000_000n) }
    const cash: Account.Balance = {
      asset: 'USD',
      amount: 500n,
      unit: 1n,
      price: { low: 1n, high: 1n },
      owned: whole,
      owed: whole,
      total: 0n,
    }
    const currency = { asset: 'USD', price: { low: 1n, high: 1n }, unit: 1n }
    const settling = { ...dydx, settle: 'balance' as const }
    const settled = { ...it, balances: [cash], positions: [{ ...position, currency }] }
    expect(Overlay.assess(settled, settling, { ...terms, overlays: [more] }).initialMargin).toBe(10n)
  })
})
