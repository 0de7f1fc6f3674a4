import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Account from './Account.ts'
import * as Fixed from './Fixed.ts'
import { profile as dydx } from './profiles/dydx-v4/DydxV4.ts'
import { profile as plimsoll } from './profiles/plimsoll/Plimsoll.ts'
import * as Arbitrary from './testing/accounts.ts'
import * as Valuation from './Valuation.ts'
import type * as Weight from './Weight.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const usd = (whole: number) => Fixed.parse(String(whole))
const flat = (rate: bigint): Weight.Weight => ({ kind: 'flat', rate })
const whole = { initial: flat(Fixed.ppm), maintenance: flat(Fixed.ppm) }

const cash = (amount: bigint): Account.Balance => ({
  asset: 'USD',
  amount,
  unit: Fixed.one,
  price: Valuation.mark(Fixed.one),
  owned: whole,
  owed: whole,
  total: 0n,
})

/** A position of whole units, entered at a whole price. */
const position = (of: {
  size: number
  entry: number
  low: number
  high: number
  initial: bigint
  maintenance: bigint
}): Account.Position => ({
  market: 'M',
  size: usd(of.size),
  unit: Fixed.one,
  price: { low: usd(of.low), high: usd(of.high) },
  cost: usd(of.size) * usd(of.entry),
  quote: 0n,
  margin: { initial: flat(of.initial), maintenance: flat(of.maintenance) },
  openInterest: 0n,
  charge: 0n,
})
const eth = position({ size: 2, entry: 2_900, low: 3_000, high: 3_010, initial: 100_000n, maintenance: 50_000n })
const btc = position({ size: -0.1, entry: 61_000, low: 60_000, high: 60_200, initial: 80_000n, maintenance: 40_000n })
const account = (of: Partial<Account.Account>): Account.Account => ({
  balances: [cash(usd(1_000))],
  positions: [eth, btc],
  fees: 0n,
  asOf: 0,
  ...of,
})
const assess = (of: Partial<Account.Account>, profile = plimsoll) => Account.assess(account(of), profile)

describe('assess', () => {
  test('worked example: gains count towards maintenance margin only', () => {
    expect(assess({})).toEqual({
      initialEquity: usd(1_000),
      equity: usd(1_280),
      initialMargin: usd(1083.6),
      maintenanceMargin: usd(541.8),
      health: { status: 'restricted', ratio: Fixed.div(usd(1_280), usd(541.8), 'down') },
    })
  })

  test('edge: losses count towards both, fees too, and a charge raises both requirements', () => {
    const losing = { ...eth, cost: usd(2) * usd(3_200) }
    const found = assess({ positions: [losing], fees: usd(7) })
    expect(found.initialEquity).toBe(usd(1_000 - 400 - 7))
    expect(found.equity).toBe(usd(1_000 - 400 - 7))
    const charged = assess({ positions: [{ ...eth, charge: usd(3) }] })
    expect(charged.initialMargin).toBe(usd(602 + 3))
    expect(charged.maintenanceMargin).toBe(usd(301 + 3))
  })

  test('edge: what was settled beside the price counts as profit', () => {
    expect(assess({ positions: [{ ...eth, quote: usd(-5) }] }).equity).toBe(usd(1_000 + 200 - 5))
  })

  test('edge: a gain nets a loss inside the account before it is left out', () => {
    const losing = position({ size: -1, entry: 1_000, low: 1_150, high: 1_150, initial: 100_000n, maintenance: 50_000n })
    expect(assess({ positions: [eth, losing] }).initialEquity).toBe(usd(1_000)) // +200 − 150 is a gain
    expect(assess({ positions: [eth, losing, losing] }).initialEquity).toBe(usd(900)) // +200 − 300 is a loss
  })

  test('edge: nothing held and nothing owned is flat', () => {
    expect(assess({ balances: [], positions: [] }).health).toEqual({ status: 'flat' })
    expect(assess({ balances: [cash(0n)], positions: [] }).equity).toBe(0n)
    // Nor is a curve asked that has no rate.
    const none: Account.Terms = { initial: { kind: 'max', of: [] }, maintenance: { kind: 'max', of: [] } }
    expect(assess({ balances: [{ ...cash(0n), owned: none, owed: none }], positions: [] }).equity).toBe(0n)
  })

  test('edge: a debt raises the requirement under one profile and lowers the equity under the other, at the high price', () => {
    const owed: Account.Balance = { ...cash(usd(-10)), price: { low: usd(1), high: usd(1.5) } }
    expect(assess({ balances: [owed], positions: [] })).toMatchObject({ equity: 0n, maintenanceMargin: usd(15), initialMargin: usd(15) })
    expect(assess({ balances: [owed], positions: [] }, dydx)).toMatchObject({
      equity: usd(-15),
      initialEquity: usd(-15),
      maintenanceMargin: 0n,
    })
  })

  test('edge: collateral counts at its weights, at the low price', () => {
    const owned = { initial: flat(800_000n), maintenance: flat(900_000n) }
    const found = assess({ balances: [{ ...cash(usd(10)), price: { low: usd(2), high: usd(3) }, owned }], positions: [] })
    expect(found).toMatchObject({ initialEquity: usd(16), equity: usd(18) })
  })

  test('rounding: once a requirement, up; profit down; owned down, owed up', () => {
    const dust = { ...eth, size: 1n, cost: 1n, price: Valuation.mark(1n) }
    const found = assess({ balances: [], positions: [dust, dust, dust] })
    expect(found).toMatchObject({ initialMargin: 1n, maintenanceMargin: 1n, equity: 0n })
    const lossy = { ...dust, cost: 2n }
    expect(assess({ balances: [], positions: [lossy] })).toMatchObject({ equity: -1n, initialEquity: -1n })
    const half = { ...cash(1n), price: Valuation.mark(Fixed.one / 2n) }
    expect(assess({ balances: [half], positions: [] }).equity).toBe(0n)
    expect(assess({ balances: [{ ...half, amount: -1n }], positions: [] }).initialMargin).toBe(1n)
    const weighed = { ...cash(3n), owned: { initial: flat(500_000n), maintenance: flat(500_000n) } }
    expect(assess({ balances: [weighed], positions: [] }).equity).toBe(1n)
  })

  test('rounding: each line by itself where the profile says so', () => {
    const dust = { ...eth, size: 1n, cost: 0n, unit: 1n, price: Valuation.mark(1n) }
    expect(assess({ balances: [], positions: [dust, dust, dust] }, dydx)).toMatchObject({ initialMargin: 3n, maintenanceMargin: 3n })
  })

  test('edge: sizes in parts of less than 1e18 sum exactly with the others', () => {
    const coarse = { ...eth, size: 2_000_000n, unit: 1_000_000n, cost: 2_000_000n * usd(2_900) }
    const curved: Weight.Weight = {
      kind: 'tiers',
      tiers: [
        { upTo: usd(3_010), rate: 100_000n },
        { upTo: null, rate: 200_000n },
      ],
    }
    for (const margin of [eth.margin, { initial: curved, maintenance: eth.margin.maintenance }])
      expect(assess({ positions: [{ ...coarse, margin }, btc] })).toEqual(assess({ positions: [{ ...eth, margin }, btc] }))
    expect(assess({ positions: [{ ...eth, margin: { initial: curved, maintenance: flat(50_000n) } }] }).initialMargin).toBe(usd(903))
  })

  test('edge: halves of 1e18, and millionths of a requirement', () => {
    const half = { ...eth, size: Fixed.one, unit: Fixed.one / 2n, cost: Fixed.one * usd(2_900) }
    expect(assess({ positions: [half, btc] })).toEqual(assess({ positions: [eth, btc] }))
    const least = { ...eth, size: 1n, cost: 1n, price: Valuation.mark(1n), margin: { initial: flat(1n), maintenance: flat(1n) } }
    expect(assess({ balances: [], positions: [least] })).toMatchObject({ initialMargin: 1n, maintenanceMargin: 1n })
    expect(assess({ balances: [], positions: [least, least] })).toMatchObject({ initialMargin: 1n, maintenanceMargin: 1n })
  })

  test('edge: other units of rates, other roundings, and a rate below 0, in a sum', () => {
    const ten = { ...eth, margin: { initial: flat(1_000n), maintenance: flat(500n) } }
    const basisPoints = { ...plimsoll, rateUnit: 10_000n }
    expect(assess({ balances: [], positions: [ten] }, basisPoints)).toMatchObject({ initialMargin: usd(602), maintenanceMargin: usd(301) })
    const down = { ...plimsoll, rounding: { ...plimsoll.rounding, requirement: 'down' as const } }
    const dust = { ...eth, size: 1n, cost: 1n, price: Valuation.mark(1n) }
    expect(assess({ balances: [], positions: [dust] }, down)).toMatchObject({ initialMargin: 0n, maintenanceMargin: 0n })
    const rebate = {
      ...dust,
      size: Fixed.one,
      cost: Fixed.one,
      charge: 5n,
      margin: { initial: flat(-Fixed.ppm), maintenance: flat(-Fixed.ppm) },
    }
    expect(assess({ balances: [], positions: [rebate] })).toMatchObject({ initialMargin: 4n, maintenanceMargin: 4n })
  })

  test('edge: curves look at what is exposed, rounded up, and at what is owned or owed, by its size', () => {
    const both = (weight: Weight.Weight) => ({ initial: weight, maintenance: weight })
    // 10 % up to 1 or 2, and all of it one unit later.
    const from = (lower: bigint) => both({ kind: 'openInterest', rate: 100_000n, lower, upper: lower + 1n })
    const exposed = { ...eth, size: 3n, unit: 2n, cost: 3n, price: Valuation.mark(1n), margin: from(1n) }
    expect(assess({ balances: [], positions: [exposed] }).initialMargin).toBe(2n) // all of 1.5
    const coin = { ...cash(2n), unit: 1n, price: Valuation.mark(1n), owned: from(2n), owed: from(2n) }
    expect(assess({ balances: [coin], positions: [] }).equity).toBe(0n) // 0.2
    expect(assess({ balances: [{ ...coin, amount: -2n }], positions: [] }).initialMargin).toBe(1n)
    const skew = both({ kind: 'skew', minimum: Fixed.ppm, coefficient: 100_000n, scale: 2n })
    const owed = { ...coin, amount: -2n, price: Valuation.mark(1_000_000n), owed: skew }
    expect(assess({ balances: [owed], positions: [] }).initialMargin).toBe(2_200_000n)
    // All of a half is a half, and one unit is owned already.
    const scaled = both({ kind: 'scaled', of: flat(500_000n), rate: Fixed.ppm })
    expect(assess({ balances: [{ ...coin, owned: scaled }], positions: [] }).equity).toBe(1n)
    const mean = both({ kind: 'mean', of: [flat(500_000n), flat(500_001n)] })
    const one = { ...coin, amount: 1n, price: Valuation.mark(1_000_000n), owned: mean }
    expect(assess({ balances: [one], positions: [] }).equity).toBe(500_000n)
  })

  test('error: a unit that does not divide 1e18', () => {
    for (const unit of [7n, 0n, -1n]) expect(() => assess({ positions: [{ ...eth, unit }] })).toThrow(Account.UnitError)
  })

  test('property: the order of lines changes nothing', () => {
    fc.assert(
      fc.property(Arbitrary.account, Arbitrary.profile, (of, profile) => {
        const turned = { ...of, balances: [...of.balances].reverse(), positions: [...of.positions].reverse() }
        expect(Account.assess(turned, profile)).toEqual(Account.assess(of, profile))
      }),
      { numRuns },
    )
  })

  test('dimension: prices times k take flat equity and margins times k', () => {
    fc.assert(
      fc.property(Arbitrary.flatAccount, fc.bigInt({ min: 2n, max: 1_000_000n }), (of, k) => {
        const price = ({ low, high }: Valuation.Value) => ({ low: low * k, high: high * k })
        const taller = {
          ...of,
          fees: of.fees * k,
          balances: of.balances.map((each) => ({ ...each, price: price(each.price) })),
          positions: of.positions.map((each) => ({
            ...each,
            price: price(each.price),
            cost: each.cost * k,
            quote: each.quote * k,
            charge: each.charge * k,
          })),
        }
        const [small, tall] = [Account.assess(of, plimsoll), Account.assess(taller, plimsoll)]
        // Each balance rounds twice, each sum once: k units of slack for each.
        const slack = k * BigInt(2 * of.balances.length + 2)
        for (const name of ['initialEquity', 'equity', 'initialMargin', 'maintenanceMargin'] as const)
          expect(Fixed.abs(tall[name] - small[name] * k)).toBeLessThanOrEqual(slack)
      }),
      { numRuns },
    )
  })

  test('property: splitting a position in two never lowers what is required, nor raises what is owned', () => {
    fc.assert(
      fc.property(Arbitrary.account, Arbitrary.linearProfile, fc.bigInt({ min: 1n, max: 9n }), (of, profile, tenths) => {
        const [first, ...rest] = of.positions
        if (!first) return
        const size = (first.size * tenths) / 10n
        if (size === 0n || size === first.size) return
        const cost = (first.cost * tenths) / 10n
        const flatter = { initial: flat(100_000n), maintenance: flat(50_000n) }
        const one = { ...first, margin: flatter, quote: 0n, charge: 0n }
        const parts = [
          { ...one, size, cost },
          { ...one, size: first.size - size, cost: first.cost - cost },
        ]
        const [joined, split] = [
          Account.assess({ ...of, positions: [one, ...rest] }, profile),
          Account.assess({ ...of, positions: [...parts, ...rest] }, profile),
        ]
        expect(split.initialMargin).toBeGreaterThanOrEqual(joined.initialMargin)
        expect(split.maintenanceMargin).toBeGreaterThanOrEqual(joined.maintenanceMargin)
        expect(split.equity).toBeLessThanOrEqual(joined.equity)
      }),
      { numRuns },
    )
  })

  test('property: rounded once it is at most rounded line by line, and by less than a unit a line', () => {
    fc.assert(
      fc.property(Arbitrary.flatAccount, (of) => {
        const [total, line] = [Account.assess(of, plimsoll), Account.assess(of, { ...plimsoll, rounded: 'line' })]
        const lines = BigInt(of.positions.length)
        for (const name of ['initialMargin', 'maintenanceMargin'] as const) {
          expect(total[name]).toBeLessThanOrEqual(line[name])
          expect(line[name] - total[name]).toBeLessThanOrEqual(2n * lines)
        }
        expect(total.equity - line.equity).toBeLessThanOrEqual(lines)
        expect(total.equity).toBeGreaterThanOrEqual(line.equity)
      }),
      { numRuns },
    )
  })
})

describe('value', () => {
  test('worked example: owned at the low price down, owed at the high price up', () => {
    const price = { low: 3n, high: 5n }
    expect(Account.value({ amount: 3n, unit: 2n, price }, plimsoll)).toBe(4n)
    expect(Account.value({ amount: -3n, unit: 2n, price }, plimsoll)).toBe(8n)
    expect(Account.value({ amount: -3n, unit: 2n, price }, dydx)).toBe(7n)
  })
})
