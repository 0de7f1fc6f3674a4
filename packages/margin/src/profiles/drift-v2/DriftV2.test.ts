import { describe, expect, test } from 'vitest'
import * as Account from '../../Account.ts'
import * as InsuranceFee from '../../InsuranceFee.ts'
import * as LiquidationFee from '../../LiquidationFee.ts'
import * as SocialisedLoss from '../../SocialisedLoss.ts'
import * as Throttle from '../../Throttle.ts'
import * as Valuation from '../../Valuation.ts'
import * as Weight from '../../Weight.ts'
import * as DriftV2 from './DriftV2.ts'

const { profile } = DriftV2
const basis: Weight.Basis = { unit: profile.rateUnit, rounding: profile.rounding.rate }
const at = (weight: Weight.Weight, size: bigint, total = 0n) =>
  Weight.rate(weight, { notional: size, size, openInterest: 0n, total, asOf: 0 }, basis)
const whole = 1_000_000n
const rates = { initial: 8_000n, maintenance: 9_001n, factor: 0n, unit: whole }
const both = (weight: Weight.Weight): Account.Terms => ({ initial: weight, maintenance: weight })
const flat = (rate: bigint): Weight.Weight => ({ kind: 'flat', rate })

describe('owned', () => {
  test('worked example: by purpose', () => {
    expect(at(DriftV2.owned(rates, 0n, 'initial'), whole)).toBe(8_000n)
    expect(at(DriftV2.owned(rates, 0n, 'fill'), whole)).toBe(8_500n)
    expect(at(DriftV2.owned(rates, 0n, 'maintenance'), whole)).toBe(9_001n)
  })

  test('worked example: large deposits count less towards new risk, and half of that towards a fill', () => {
    expect(at(DriftV2.owned(rates, 100n, 'initial'), whole, 99n)).toBe(8_000n)
    expect(at(DriftV2.owned(rates, 100n, 'initial'), whole, 400n)).toBe(2_000n)
    expect(at(DriftV2.owned(rates, 100n, 'fill'), whole, 400n)).toBe(5_500n)
    expect(at(DriftV2.owned(rates, 100n, 'maintenance'), whole, 400n)).toBe(9_001n)
  })

  test('worked example: a large balance counts less', () => {
    // √10,000 = 100 wholes at 0.01: 1.1 / 2.
    const large = { ...rates, factor: 10_000n }
    expect(at(DriftV2.owned(large, 0n, 'initial'), 10_000n * whole)).toBe(5_500n)
    expect(at(DriftV2.owned(large, 0n, 'maintenance'), 10_000n * whole)).toBe(5_500n)
    expect(at(DriftV2.owned(large, 0n, 'initial'), whole)).toBe(8_000n)
  })
})

describe('owed', () => {
  test('worked example: what a large debt needs more', () => {
    const debt = { initial: 12_000n, maintenance: 11_000n, factor: 10_000n, unit: whole }
    expect(at(DriftV2.owed(debt, 'initial'), whole)).toBe(12_000n)
    expect(at(DriftV2.owed(debt, 'initial'), 10_000n * whole)).toBe(19_600n) // 9,600 and 1 of 10,000
    expect(at(DriftV2.owed(debt, 'fill'), whole)).toBe(11_500n)
    expect(at(DriftV2.owed(debt, 'maintenance'), 10_000n * whole)).toBe(18_800n)
  })
})

describe('leveraged', () => {
  const ordinary = { initial: 1_000n, maintenance: 500n, factor: 1_000n, unit: DriftV2.baseUnit }
  const granted = { initial: 200n, maintenance: 100n }

  test('worked example: the concession fades with size, and never for what is held', () => {
    const initial = DriftV2.leveraged(ordinary, granted, 'initial')
    expect(at(initial, 0n)).toBe(200n)
    // √100 wholes · 0.001 are 100 of the 200 that the premium begins below: half of 800 more.
    expect(at(initial, 100n * DriftV2.baseUnit)).toBe(600n)
    expect(at(initial, 900n * DriftV2.baseUnit)).toBe(1_100n)
    expect(at(DriftV2.leveraged(ordinary, granted, 'maintenance'), 100n * DriftV2.baseUnit)).toBe(180n)
    expect(at(DriftV2.leveraged({ ...ordinary, factor: 0n }, granted, 'fill'), 1n)).toBe(150n)
  })

  test('edge: a market without the mode has its ordinary rates', () => {
    for (const none of [
      { initial: 0n, maintenance: 100n },
      { initial: 200n, maintenance: 0n },
    ])
      expect(DriftV2.leveraged(ordinary, none, 'initial')).toEqual(DriftV2.owed(ordinary, 'initial'))
  })
})

describe('gain', () => {
  const terms = { initial: 9_000n, maintenance: 10_000n, factor: 10_000n }

  test('worked example: a large gain counts less towards new risk', () => {
    expect(at(DriftV2.gain(terms, 0n, 'initial'), whole)).toBe(9_000n)
    expect(at(DriftV2.gain(terms, 0n, 'initial'), 10_000n * whole)).toBe(5_500n)
    expect(at(DriftV2.gain(terms, 0n, 'fill'), 10_000n * whole)).toBe(5_500n)
    expect(at(DriftV2.gain(terms, 0n, 'maintenance'), 10_000n * whole)).toBe(10_000n)
  })

  test('worked example: and less when everybody gains', () => {
    expect(at(DriftV2.gain(terms, 300n, 'initial'), whole, 299n)).toBe(9_000n)
    expect(at(DriftV2.gain(terms, 300n, 'initial'), whole, 900n)).toBe(3_000n)
    expect(at(DriftV2.gain(terms, 300n, 'maintenance'), whole, 900n)).toBe(10_000n)
  })
})

describe('custom', () => {
  test('worked example: a ratio of its own raises what is needed, and never lowers it', () => {
    expect(at(DriftV2.customMargin(flat(1_000n), 2_000n), 1n)).toBe(2_000n)
    expect(at(DriftV2.customMargin(flat(1_000n), 0n), 1n)).toBe(1_000n)
    expect(at(DriftV2.customOwed(flat(12_000n), 3_000n), 1n)).toBe(13_000n)
    expect(at(DriftV2.customOwed(flat(12_000n), 1_000n), 1n)).toBe(12_000n)
    expect(at(DriftV2.customOwned(flat(8_000n), 3_000n), 1n)).toBe(7_000n)
    expect(at(DriftV2.customOwned(flat(8_000n), 1_000n), 1n)).toBe(8_000n)
    expect(at(DriftV2.customOwned(flat(8_000n), 10_000n), 1n)).toBe(0n)
    expect(at(DriftV2.customOwned(flat(8_000n), 10_001n), 1n)).toBe(0n)
  })
})

describe('profile', () => {
  const perpetual = (quote: bigint): Account.Position => ({
    market: 'SOL-PERP',
    size: DriftV2.baseUnit,
    unit: DriftV2.baseUnit,
    price: Valuation.mark(20n * DriftV2.priceUnit),
    cost: 0n,
    quote,
    margin: both(flat(1_000n)),
    openInterest: 0n,
    charge: 2n * DriftV2.orderCharge,
    orders: { bids: 0n, asks: 3n * DriftV2.baseUnit },
    currency: { asset: 'USDC', price: { low: 990_000n, high: 1_010_000n }, unit: DriftV2.priceUnit },
  })
  const account = (quote: bigint): Account.Account => ({ balances: [], positions: [perpetual(quote)], fees: 0n, asOf: 0 })

  test('worked example: a perpetual with orders, in a currency of its own', () => {
    // Two short of 20 at 1.01, a tenth, and two orders. A gain of 30 at 0.99, a loss of 30 at 1.01.
    expect(Account.assess(account(10n * whole), profile)).toMatchObject({ initialEquity: 29_700_000n, initialMargin: 4_060_000n })
    expect(Account.assess(account(-50n * whole), profile)).toMatchObject({ initialEquity: -30_300_000n, equity: -30_300_000n })
  })

  test('edge: a gain has a bound towards placing, and none towards filling or holding', () => {
    const of = account(480n * whole)
    expect(Account.assess(of, profile)).toMatchObject({ initialEquity: 100_000_000n, equity: 495_000_000n })
    expect(Account.assess(of, DriftV2.fill)).toMatchObject({ initialEquity: 495_000_000n, equity: 495_000_000n })
  })

  test('rounding: assets and requirements down, debts up, profit cut', () => {
    const balance = (amount: bigint): Account.Balance => ({
      asset: 'JTO',
      amount,
      unit: 1_000n,
      price: Valuation.mark(3_333n),
      owned: both(flat(9_999n)),
      owed: both(flat(10_001n)),
      total: 0n,
    })
    const assess = (amount: bigint) => Account.assess({ balances: [balance(amount)], positions: [], fees: 0n, asOf: 0 }, profile)
    expect(assess(1_001n).initialEquity).toBe(3_335n) // 3,336.3, then 3,335.7
    expect(assess(-1_001n).initialMargin).toBe(3_337n) // 3,337 · 1.0001 = 3,337.3
    const odd = { ...perpetual(0n), unit: 7n, size: -1n, price: Valuation.mark(10n), charge: 0n, orders: { bids: 0n, asks: 0n } }
    // 1.43 is cut to 1 and · 1.01 to 1; a tenth of it to 0.
    expect(Account.assess({ balances: [], positions: [odd], fees: 0n, asOf: 0 }, profile)).toMatchObject({ equity: -1n, initialMargin: 0n })
    expect(Account.assess({ balances: [], positions: [{ ...odd, size: 1n }], fees: 0n, asOf: 0 }, profile).equity).toBe(0n) // 1 · 0.99
  })

  test('rounding: towards filling each position by itself, too', () => {
    const { orders, currency, ...bare } = perpetual(0n)
    expect([orders, currency]).not.toContain(undefined)
    // 60 % of a unit, twice: nothing, and not the 1 that 1.2 would be.
    const small = { ...bare, size: 1n, unit: 1n, price: Valuation.mark(1n), charge: 0n, margin: both(flat(6_000n)) }
    const found = Account.assess({ balances: [], positions: [small, small], fees: 0n, asOf: 0 }, DriftV2.fill)
    expect(found).toMatchObject({ initialMargin: 0n, maintenanceMargin: 0n, initialEquity: 2n, equity: 2n })
  })

  test('rounding: exposures and rates down', () => {
    const odd = { ...perpetual(0n), unit: 7n, size: 1n, price: Valuation.mark(139n), charge: 0n, orders: { bids: 0n, asks: 0n } }
    const margin = both({ kind: 'mean', of: [flat(1_000n), flat(1_001n)] })
    const currency = { asset: 'USDC', price: Valuation.mark(1_060_000n), unit: DriftV2.priceUnit }
    // 19.86 is 19, 20.14 is 20, and 10 % and not 10.01 % of it 2.
    const assess = (of: Account.Position) => Account.assess({ balances: [], positions: [of], fees: 0n, asOf: 0 }, profile).initialMargin
    expect(assess({ ...odd, margin, currency })).toBe(2n)
    expect(assess({ ...odd, margin: both(flat(5_200n)), currency })).toBe(10n) // 10.4
    expect(assess({ ...odd, margin: both(flat(10_000n)), currency: { ...currency, price: Valuation.mark(1_000_000n) } })).toBe(19n)
    // A gain of 19 at 50 % and not 50.01 %.
    const gains = { ...both({ kind: 'mean', of: [flat(5_000n), flat(5_001n)] }), total: 0n }
    const gained = { ...odd, price: Valuation.mark(140_000n), gains, currency: { ...currency, price: Valuation.mark(1_000_000n) } }
    expect(Account.assess({ balances: [], positions: [gained], fees: 0n, asOf: 0 }, profile).equity).toBe(10_000n)
  })

  test('edge: strict prices are the worse of the oracle and its average', () => {
    const quote = { sources: { oracle: 100n, twap: 90n }, confidence: 5n, publishedAt: 0 }
    expect(Valuation.of(quote, DriftV2.strict, 10 ** 9)).toEqual({ status: 'ok', value: { low: 90n, high: 100n } })
    expect(Valuation.of(quote, DriftV2.oracle, 10 ** 9)).toEqual({ status: 'ok', value: { low: 100n, high: 100n } })
  })
})

describe('liquidations', () => {
  test('worked example: the fee is level for 1,500 slots, and then a millionth a slot', () => {
    const ramp = { ...DriftV2.feeRamp, base: 10_000n, most: 30_000n }
    expect([1_499n, 1_500n, 1_501n, 90_000n].map((slots) => LiquidationFee.of(ramp, slots))).toEqual([10_000n, 11_500n, 11_501n, 30_000n])
  })

  test('worked example: the insurance fund takes 95 % of what is left', () => {
    const position = {
      size: DriftV2.baseUnit,
      price: DriftV2.priceUnit,
      unit: DriftV2.baseUnit,
      rate: DriftV2.feeUnit,
      fee: 0n,
      rateUnit: DriftV2.feeUnit,
    }
    const limits = { most: DriftV2.feeUnit, kept: DriftV2.insuranceKept }
    expect(InsuranceFee.ofPosition(0n, { ...position, currency: { price: 1n, unit: 1n } }, limits)).toBe(950_000n)
  })

  test('worked example: below 50 dollars at once', () => {
    const pace = { ...DriftV2.throttle, initial: 1_000n, duration: 150n }
    const of = (shortage: bigint, elapsed: bigint) => Throttle.of({ shortage, freed: 0n, elapsed }, pace)
    expect(of(49_999_999n, 0n)).toBe(10_000n)
    expect(of(50_000_000n, 0n)).toBe(1_000n)
    expect(of(50_000_000n, 75n)).toBe(6_000n)
  })

  test('worked example: a loss of 3 dollars over two wholes', () => {
    const market = {
      loss: 3n * whole,
      long: DriftV2.baseUnit,
      short: DriftV2.baseUnit,
      unit: DriftV2.baseUnit,
      scale: DriftV2.fundingScale,
    }
    expect(SocialisedLoss.toFunding(market, 'up')).toEqual({ status: 'shared', change: 1_500_000_000n })
    expect(DriftV2.fine).toBe(10n)
  })

  test('edge: units', () => {
    expect([DriftV2.priceUnit, DriftV2.baseUnit, DriftV2.feeUnit]).toEqual([10n ** 6n, 10n ** 9n, 10n ** 6n])
  })
})
