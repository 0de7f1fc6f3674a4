import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Fixed from './Fixed.ts'
import * as Orders from './Orders.ts'
import * as Valuation from './Valuation.ts'
import type * as Weight from './Weight.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const flat = (rate: bigint): Weight.Weight => ({ kind: 'flat', rate })

describe('worse', () => {
  const worse = (size: bigint, bids: bigint, asks: bigint) => Orders.worse(size, { bids, asks }, Fixed.abs)

  test('worked example', () => {
    expect(worse(3n, 2n, 10n)).toBe(-7n)
    expect(worse(3n, 2n, 7n)).toBe(5n)
    expect(worse(-3n, 9n, 2n)).toBe(6n)
    expect(worse(0n, 4n, 3n)).toBe(4n)
    expect(worse(5n, 0n, 0n)).toBe(5n)
  })

  test('edge: a tie goes to the asks', () => {
    expect(worse(3n, 2n, 8n)).toBe(-5n)
    expect(worse(0n, 4n, 4n)).toBe(-4n)
  })

  test('edge: what exposes more is the caller’s to say', () => {
    // A short of a unit that pays at most 10 at a price of 8 can lose 2, a long 8.
    expect(Orders.worse(0n, { bids: 1n, asks: 3n }, (size) => (size < 0n ? -size * 2n : size * 8n))).toBe(1n)
  })

  test('property: resting orders never expose less than holding', () => {
    const size = fc.bigInt({ min: -1_000n, max: 1_000n })
    const rest = fc.bigInt({ min: 0n, max: 1_000n })
    fc.assert(
      fc.property(size, rest, rest, (held, bids, asks) => {
        expect(Fixed.abs(worse(held, bids, asks)) >= Fixed.abs(held)).toBe(true)
      }),
      { numRuns },
    )
  })
})

describe('value', () => {
  const of = (amount: bigint, price: Valuation.Value, unit = 1n): Orders.Reached => ({
    amount,
    unit,
    price,
    owned: flat(80n),
    owed: flat(120n),
    total: 0n,
    totalOwed: 0n,
  })
  const under: Orders.Under = { unit: 100n, rounding: { owned: 'down', owed: 'up' }, requirement: 'down', asOf: 0 }
  const market = (base: bigint, quote: bigint, placed: Partial<Orders.Reserved> = {}): Orders.Reserved => ({
    base: { asset: 'SOL', amount: base },
    quote: { asset: 'USDC', amount: quote },
    bought: null,
    sold: null,
    ...placed,
  })
  const sol = (amount: bigint) => of(amount, Valuation.mark(10n))
  const usdc = (amount: bigint) => of(amount, Valuation.mark(1n))
  const value = (reserved: readonly Orders.Reserved[], held: readonly [string, Orders.Reached][]) =>
    Orders.value(reserved, new Map(held), under)
  const counts = (reserved: Orders.Reserved, soles: bigint, dollars: bigint) =>
    value(
      [reserved],
      [
        ['SOL', sol(soles)],
        ['USDC', usdc(dollars)],
      ],
    )

  test('worked example: the asset where it counts for less', () => {
    // As SOL 10 · 0.8 = 8; as USDC a debt of 5 repaid at 1.2 and 5 owned at 0.8: 10.
    expect(counts(market(1n, 0n), 0n, -5n)).toBe(8n)
    // As SOL a debt of one repaid: 12; as USDC 10 · 0.8.
    expect(counts(market(1n, 0n), -5n, 0n)).toBe(8n)
    // Debts in both: repaid in either, at 1.2.
    expect(counts(market(1n, 0n), -5n, -50n)).toBe(12n)
    // 25 USDC are 2.5 SOL, cut to 2, with one of base 3: 30 · 0.8.
    expect(counts(market(1n, 25n), 0n, -1_000n)).toBe(24n)
  })

  test('edge: up to what flips a balance it repays, beyond it is owned', () => {
    expect(counts(market(0n, 10n), -9n, -10n)).toBe(12n)
    expect(counts(market(0n, 10n), -9n, -9n)).toBe(10n) // 9 · 1.2, cut, and 1 · 0.8, cut
    expect(counts(market(0n, 10n), -9n, -5n)).toBe(10n)
    expect(counts(market(0n, 10n), -9n, 0n)).toBe(8n)
  })

  test('edge: funds of several markets reach one balance, and the last of them counts the least', () => {
    const eth: [string, Orders.Reached] = ['ETH', of(-9n, Valuation.mark(100n))]
    const two = [market(0n, 10n), { ...market(0n, 0n), base: { asset: 'ETH', amount: 1n } }]
    // −20 USDC; 10 of one market and 100 of the other may come: each for itself counts as if the other's were there.
    const both = value(two, [['SOL', sol(-9n)], ['USDC', usdc(-20n)], eth])
    // SOL: 1 repaid 12, USDC: 10 owned 8 → 8. ETH: 1 repaid 120; USDC: 90 owned, 10 repaid: 72 + 12 → 84.
    expect(both).toBe(92n)
  })

  test('edge: a price that was placed counts where it is worse', () => {
    const rich: readonly [string, Orders.Reached][] = [
      ['SOL', sol(-100n)],
      ['USDC', usdc(1_000n)],
    ]
    // One SOL asked at 7 brings 7 · 0.8; at 12 it would bring the market's 10.
    expect(value([market(1n, 0n, { sold: 7n })], rich)).toBe(5n)
    expect(value([market(1n, 0n, { sold: 12n })], rich)).toBe(8n)
    const poor: readonly [string, Orders.Reached][] = [
      ['SOL', sol(0n)],
      ['USDC', usdc(-1_000n)],
    ]
    expect(value([market(0n, 30n, { bought: 2n })], poor)).toBe(16n)
    expect(value([market(0n, 30n, { bought: 4n })], poor)).toBe(24n)
  })

  test('edge: what leaves counts at the low price, what arrives at the high one', () => {
    const spread = { low: 8n, high: 10n }
    const held: readonly [string, Orders.Reached][] = [
      ['SOL', of(0n, spread)],
      ['USDC', usdc(0n)],
    ]
    expect(value([market(1n, 0n)], held)).toBe(6n) // 8 · 0.8 either way
    expect(value([market(0n, 100n)], held)).toBe(64n) // 10 SOL of 8
    // A debt that is repaid counts at the high price.
    expect(
      value(
        [market(1n, 0n)],
        [
          ['SOL', of(-1n, spread)],
          ['USDC', usdc(-9n)],
        ],
      ),
    ).toBe(9n) // 8 · 1.2 cut, against 12
  })

  test('edge: reserved funds are no open interest', () => {
    const interest: Weight.Weight = { kind: 'openInterest', rate: 50n, lower: 10n, upper: 11n }
    const held: readonly [string, Orders.Reached][] = [
      ['SOL', { ...sol(0n), owned: interest }],
      ['USDC', usdc(-1_000n)],
    ]
    expect(value([market(1n, 0n)], held)).toBe(5n)
  })

  test('rounding: conversions down, across units', () => {
    const fine: readonly [string, Orders.Reached][] = [
      ['SOL', of(0n, Valuation.mark(3n), 10n)],
      ['USDC', of(-1_000n, Valuation.mark(1n), 1n)],
    ]
    // 10 USDC are 33.3 tenths of a SOL, 33 of them 9.9 USDC, 9, of which 7.2.
    expect(value([market(0n, 10n)], fine)).toBe(7n)
  })

  test('error: an asset that no balance states', () => {
    expect(() => value([market(1n, 0n)], [['USDC', usdc(0n)]])).toThrow(Orders.UnknownAssetError)
    expect(() => value([market(0n, 1n)], [['SOL', sol(0n)]])).toThrow(/No balance states how USDC counts/)
  })

  test('property: funds count for at least nothing, and for no more than either asset', () => {
    const amount = fc.bigInt({ min: 0n, max: 10_000n })
    const held = fc.bigInt({ min: -10_000n, max: 10_000n })
    fc.assert(
      fc.property(amount, amount, held, held, (base, quote, soles, dollars) => {
        const got = counts(market(base, quote), soles, dollars)
        expect(got >= 0n).toBe(true)
        expect(got <= ((base * 10n + quote) * 120n) / 100n).toBe(true)
        expect(counts(market(base + 1n, quote), soles, dollars) >= got).toBe(true)
      }),
      { numRuns },
    )
  })
})
