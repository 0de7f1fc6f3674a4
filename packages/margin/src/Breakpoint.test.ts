import { describe, expect, test } from 'vitest'
import type * as Account from './Account.ts'
import * as Breakpoint from './Breakpoint.ts'
import * as Fixed from './Fixed.ts'
import { profile as plimsoll } from './profiles/plimsoll/Plimsoll.ts'
import type * as Weight from './Weight.ts'

const flat: Weight.Weight = { kind: 'flat', rate: 1n }
const tiers: Weight.Weight = {
  kind: 'tiers',
  tiers: [
    { upTo: 300n, rate: 1n },
    { upTo: 1_000n, rate: 2n },
    { upTo: null, rate: 3n },
  ],
}
const crowd: Weight.Weight = { kind: 'openInterest', rate: 1n, lower: 600n, upper: 1_200n }
const both = (maintenance: Weight.Weight): Account.Terms => ({ initial: flat, maintenance })
const price = { low: 40n, high: 50n }
const position = (maintenance: Weight.Weight, more: Partial<Account.Position> = {}): Account.Position => ({
  ...{ market: 'A', size: -10n, unit: 1n, price, cost: 0n, quote: 0n, margin: both(maintenance), openInterest: 0n, charge: 0n },
  ...more,
})
const balance = (weight: Weight.Weight, more: Partial<Account.Balance> = {}): Account.Balance => ({
  ...{ asset: 'A', amount: 10n, unit: 1n, price, owned: both(weight), owed: both(flat), total: 2_000n },
  ...more,
})
const of = (positions: Account.Position[], balances: Account.Balance[] = []): Account.Account => ({
  balances,
  positions,
  fees: 0n,
  asOf: 0,
})
const path = { kind: 'price' as const, names: ['A'] }
const at = (it: Account.Account) => Breakpoint.of(it, plimsoll, path)

describe('of', () => {
  test('worked example: tiers, where N is their bound', () => {
    expect(at(of([position(tiers)]))).toEqual([30n, 100n])
    expect(at(of([position(tiers, { size: 7n })]))).toEqual([42n, 43n, 142n, 143n])
  })

  test('worked example: open interest is a count, so that OI + N is proportional to the price', () => {
    // 500 of open interest at 50 are 10 units: 20 · P = 600 and 1200.
    expect(at(of([position(crowd, { openInterest: 500n })]))).toEqual([30n, 60n])
    expect(at(of([position({ ...crowd, upper: 0n })]))).toEqual([])
    // In units of ten: 50 tens of open interest at 50 are 10 tens of units, and 100 are ten of ours: 20 · P.
    expect(at(of([position(crowd, { size: -100n, unit: 10n, openInterest: 500n })]))).toEqual([30n, 60n])
  })

  test('worked example: a pool, where it holds its start', () => {
    const pool: Weight.Weight = { kind: 'pool', of: flat, start: 500n, as: 'shrinks' }
    // 2000 at 40 are 50 units: 500 at 10.
    expect(at(of([], [balance(pool)]))).toEqual([10n])
    // Owed, at the high price, and of all that is owed: 1000 at 50 are 20 units.
    const owed = balance(flat, { amount: -1n, owed: both(pool), totalOwed: 1_000n })
    expect(at(of([], [owed]))).toEqual([25n])
  })

  test('worked example: inside other curves', () => {
    for (const weight of [
      { kind: 'share', of: tiers, rate: 1n },
      { kind: 'scaled', of: tiers, rate: 1n },
      { kind: 'max', of: [flat, tiers] },
      { kind: 'mean', of: [tiers, flat] },
    ] satisfies Weight.Weight[])
      expect(at(of([position(weight)]))).toEqual([30n, 100n])
  })

  test('edge: a curve whose law cannot be told gets the powers of two around the present price', () => {
    for (const weight of [
      { kind: 'min', of: [flat, tiers] },
      { kind: 'clamp', of: tiers, lower: 1n, upper: 2n },
      { kind: 'complement', of: tiers },
      { kind: 'premium', of: tiers, factor: 1n, scale: 1n },
      { kind: 'power', rate: 1n, coefficient: -1n, scale: 1n, over: 1n, under: 2n },
    ] satisfies Weight.Weight[]) {
      const found = at(of([position(weight)]))
      for (const level of [25n, 50n, 100n, 200n, 50n << 32n]) expect(found).toContain(level)
    }
    expect(at(of([position({ kind: 'min', of: [flat, { kind: 'skew', minimum: 1n, coefficient: 1n, scale: 1n }] })]))).toEqual([])
    // Convex is enough where it is needed, and not where it is owned.
    const power: Weight.Weight = { kind: 'power', rate: 1n, coefficient: 1n, scale: 1n, over: 1n, under: 2n }
    expect(at(of([position(power)]))).toEqual([])
    expect(at(of([], [balance(power)]))).toContain(80n)
  })

  test('edge: which curves are told, and how fine the grid is where they are not', () => {
    const moving: Weight.Weight = { kind: 'power', rate: 1n, coefficient: 0n, scale: 1n, over: 1n, under: 2n }
    const lesser: Weight.Weight = { kind: 'min', of: [flat, moving] }
    const none = [
      moving,
      { kind: 'max', of: [flat, moving] },
      { kind: 'max', of: [flat, flat] },
      { kind: 'mean', of: [moving, flat] },
      { kind: 'pool', of: flat, start: 0n, as: 'grows' },
      { kind: 'share', of: moving, rate: 1n },
      { kind: 'concession', of: flat, granted: flat, factor: 1n, scale: 1n },
      { kind: 'ramp', from: 1n, to: 2n, startAt: 0, endAt: 1 },
    ] satisfies Weight.Weight[]
    for (const weight of none) expect(at(of([position(weight)]))).toEqual([])
    const grid = [
      lesser,
      { kind: 'max', of: [flat, lesser] },
      { kind: 'mean', of: [lesser, flat] },
      { kind: 'pool', of: moving, start: 0n, as: 'shrinks' },
      { kind: 'scaled', of: lesser, rate: 1n },
      { kind: 'concession', of: moving, granted: flat, factor: 1n, scale: 1n },
      { kind: 'concession', of: flat, granted: moving, factor: 1n, scale: 1n },
    ] satisfies Weight.Weight[]
    for (const weight of grid) {
      const found = at(of([position(weight)]))
      expect(Math.max(...found.map(Number))).toBe(50 * 2 ** 32)
      // From 25 on 34 of the 65 are whole levels; the other 31 lie between two.
      expect(found).toHaveLength(34 + 2 * 31)
    }
    // Of what is owned nothing but lines is told, and every weight of a line has to be.
    expect(at(of([], [balance({ kind: 'max', of: [flat, flat] })]))).toEqual([])
    expect(at(of([], [balance({ kind: 'max', of: [flat, moving] })]))).toContain(80n)
    const override = { owned: both(moving), owed: both(flat) }
    expect(at(of([], [balance(flat, { override })]))).toContain(80n)
    expect(at(of([], [balance(flat, { override: { owned: both(flat), owed: both(moving) } })]))).toEqual([])
  })

  test('edge: a short has margins of its own', () => {
    const short = both(tiers)
    expect(at(of([position(flat, { short })]))).toEqual([30n, 100n])
    expect(at(of([position(flat, { short, size: 10n })]))).toEqual([])
    expect(at(of([position(tiers, { short: both(flat), size: 10n })]))).toEqual([30n, 100n])
  })

  test('edge: orders reach other sizes, and bounded payouts and weighted gains get a grid', () => {
    const orders = { bids: 4n, asks: 5n }
    // 10, 15 and 6 units: 300 and 1000 of each.
    const found = at(of([position(tiers, { orders })]))
    expect(found).toEqual(expect.arrayContaining([30n, 100n, 20n, 66n, 67n, 50n, 166n, 167n]))
    const balances = [balance(flat, { orders: { bids: 5n, asks: 30n }, owned: both(flat), owed: both(tiers) })]
    // A balance of 10 may come to −20: it is owed then.
    expect(at(of([], balances))).toEqual(expect.arrayContaining([15n, 50n]))
    expect(at(of([position(flat, { payout: 70n })]))).toContain(70n)
    expect(at(of([position(flat, { gains: { ...both(flat), total: 0n } })]))).toContain(100n)
  })

  test('edge: where profit settles into a balance, a grid', () => {
    const settling = { ...plimsoll, settle: 'balance' as const }
    expect(Breakpoint.of(of([position(flat)]), settling, path)).toEqual(expect.arrayContaining([25n, 50n, 100n]))
  })

  test('edge: a currency scales N, and is on the path itself', () => {
    const paid = { currency: { asset: 'C', price: { low: 1n, high: 2n }, unit: 1n } }
    expect(at(of([position(tiers, paid)]))).toEqual([15n, 50n])
    // Tens of it at 20 are as much.
    expect(at(of([position(tiers, { currency: { asset: 'C', price: { low: 10n, high: 20n }, unit: 10n } })]))).toEqual([15n, 50n])
    expect(Breakpoint.of(of([position(tiers, paid)]), plimsoll, { kind: 'price', names: ['C'] })).toEqual([0n, 1n, 2n])
    expect(Breakpoint.of(of([position(flat, paid)]), plimsoll, { kind: 'price', names: ['A', 'C'] })).toContain(25n)
  })

  test('worked example: a stress, and where it takes a price to 0', () => {
    const stress = { kind: 'stress' as const, weightsPpm: { A: 2_000_000 } }
    // N = 300 at 30: −40 % of 50, so −20 %; 1000 at 100: +50 %; 0 at −50 %.
    expect(Breakpoint.of(of([position(tiers)]), plimsoll, stress)).toEqual([-2n, 5n, -5n].map((tenths) => (tenths * Fixed.one) / 10n))
  })

  test('edge: nothing where nothing is held, where its price is 0, or off the path', () => {
    expect(at(of([position(tiers, { size: 0n })]))).toEqual([])
    expect(at(of([position(tiers, { price: { low: 0n, high: 0n } })]))).toEqual([])
    expect(at(of([position(tiers, { market: 'B' })]))).toEqual([])
    expect(at(of([position(crowd, { size: 0n })]))).toEqual([])
  })
})

describe('sizes', () => {
  const at = (it: Account.Position, profile = plimsoll) => Breakpoint.sizes(it, profile)

  test('worked example: where what is left is the bound of a tier, each rounded both ways, and the whole', () => {
    // 50 a unit: 300 are 6 left of 10, and 1,000 would be 20.
    expect(at(position(tiers))).toEqual([4n, 10n])
    expect(at(position(tiers, { size: 27n }))).toEqual([7n, 21n, 27n])
    expect(at(position(tiers, { size: 7n, price: { low: 90n, high: 90n } }))).toEqual([3n, 4n, 7n])
    expect(at(position(flat, { size: 5n }))).toEqual([5n])
    expect(at(position({ kind: 'share', of: tiers, rate: 1n }))).toEqual([4n, 10n])
    expect(at(position({ kind: 'ramp', from: 1n, to: 2n, startAt: 0, endAt: 9 }))).toEqual([10n])
  })

  test('edge: a short has its own terms, a price of 0 no bound, a flat position nothing to close', () => {
    expect(at(position(flat, { short: both(tiers) }))).toEqual([4n, 10n])
    expect(at(position(tiers, { size: 10n, short: both(flat) }))).toEqual([4n, 10n])
    expect(at(position(tiers, { price: { low: 0n, high: 0n } }))).toEqual([10n])
    expect(at(position(tiers, { size: 0n }))).toEqual([0n])
  })

  test('edge: open interest of the others is not closed, and what bends has a grid besides', () => {
    // 600 − 400 and 1,200 − 400 of 1,600: 4 and 16 of 32 left; halves from either end.
    expect(at(position(crowd, { size: 32n, openInterest: 400n }))).toEqual([1n, 2n, 4n, 8n, 16n, 24n, 28n, 30n, 31n, 32n])
    // 250 are 5 left, and 850 are 17.
    expect(at(position(crowd, { size: 32n, openInterest: 350n }))).toEqual([1n, 2n, 4n, 8n, 15n, 16n, 24n, 27n, 28n, 30n, 31n, 32n])
  })

  test('edge: the grid is thirty-two powers of two deep', () => {
    const whole = 2n ** 34n
    const found = at(position({ kind: 'skew', minimum: 1n, coefficient: 1n, scale: 1n }, { size: whole }))
    expect([found[0], found.at(-2), found.length]).toEqual([4n, whole - 4n, 64])
  })

  test('edge: so has what looks at the size, or at more than a curve', () => {
    const grid = [1n, 2n, 4n, 6n, 7n, 8n]
    const eight = (weight: Weight.Weight, more: Partial<Account.Position> = {}) => at(position(weight, { size: 8n, ...more }))
    expect(eight({ kind: 'skew', minimum: 1n, coefficient: 1n, scale: 1n })).toEqual(grid)
    expect(eight({ kind: 'concession', of: tiers, granted: flat, factor: 1n, scale: 1n })).toEqual([...grid.slice(0, 2), ...grid.slice(2)])
    expect(eight({ kind: 'share', of: { kind: 'max', of: [flat] }, rate: 1n })).toEqual(grid)
    expect(eight(flat, { payout: 60n })).toEqual(grid)
    expect(at(position(flat, { size: 8n }), { ...plimsoll, gains: { ...plimsoll.gains, maintenance: 'none' } })).toEqual(grid)
    expect(at(position(flat, { size: 8n }), { ...plimsoll, settle: { asset: 'USD' } } as unknown as typeof plimsoll)).toEqual(grid)
  })
})
