import { describe, expect, test } from 'vitest'
import * as Account from '../../Account.ts'
import * as Fixed from '../../Fixed.ts'
import { account, both, flat, half, of } from '../../testing/lines.ts'
import * as Valuation from '../../Valuation.ts'
import * as Plimsoll from './Plimsoll.ts'

const { profile, valuation } = Plimsoll
const { one } = Fixed
const { balance, position } = of(profile)
const assess = (balances: readonly Account.Balance[], positions: readonly Account.Position[] = []) =>
  Account.assess(account(balances, positions), profile)

describe('profile', () => {
  const ether = position({
    size: one,
    unit: one,
    price: Valuation.mark(1_000n * one),
    cost: 900n * one * one,
    margin: { initial: flat(100_000n), maintenance: flat(50_000n) },
  })
  const usd = (amount: bigint) => balance({ amount: amount * one, unit: one, price: Valuation.mark(one) })

  test('worked example: a gain holds a position, and opens none', () => {
    // 10 % and 5 % of 1,000; 60 are there, and 100 gained.
    expect(assess([usd(60n)], [ether])).toMatchObject({
      initialEquity: 60n * one,
      equity: 160n * one,
      initialMargin: 100n * one,
      maintenanceMargin: 50n * one,
      health: { status: 'restricted', ratio: (32n * one) / 10n },
    })
    // A loss counts for both.
    expect(assess([usd(60n)], [{ ...ether, cost: 1_010n * one * one }])).toMatchObject({ initialEquity: 50n * one, equity: 50n * one })
  })

  test('worked example: what is owed raises both requirements', () => {
    expect(assess([usd(60n), usd(-20n)], [ether])).toMatchObject({
      initialEquity: 60n * one,
      initialMargin: 120n * one,
      maintenanceMargin: 70n * one,
    })
  })

  test('rounding: what is owned goes down, what is owed up', () => {
    const tenths = { unit: 10n, price: Valuation.mark(15n) }
    expect(assess([balance({ ...tenths, amount: 1n })]).equity).toBe(1n) // 1.5
    expect(Account.value(balance({ ...tenths, amount: -1n }), profile)).toBe(2n)
    expect(assess([balance({ amount: 15n, owned: both(flat(100_000n)) })]).equity).toBe(1n) // 15 · 10 %
    expect(assess([balance({ amount: -15n, owed: both(flat(100_000n)) })]).maintenanceMargin).toBe(2n)
  })

  test('rounding: weights of what is owned go down, those of what is owed up', () => {
    expect(assess([balance({ amount: 1_000_000n, owned: both(half(500_000n)) })]).equity).toBe(500_000n)
    expect(assess([balance({ amount: -1_000_000n, owed: both(half(500_000n)) })]).maintenanceMargin).toBe(500_001n)
    expect(assess([], [position({ size: 1_000_000n, margin: both(half(500_000n)) })]).initialMargin).toBe(500_001n)
  })

  test('rounding: requirements go up once, and profit down once', () => {
    const halves = { unit: 2n, price: Valuation.mark(1n) }
    // Twice a half: 1 needed and 1 lost; rounded each they would be 2.
    const short = position({ ...halves, size: -1n })
    expect(assess([], [short, short])).toMatchObject({ equity: -1n, initialMargin: 1n, maintenanceMargin: 1n })
    expect(assess([], [short])).toMatchObject({ equity: -1n, initialMargin: 1n })
    expect(assess([], [position({ ...halves, size: 3n })])).toMatchObject({ equity: 1n, initialMargin: 2n })
  })

  test('rounding: by the line, where a line is more than a size and a price', () => {
    // A short of 15 tenths that can lose 3 at the most, 1.5 each: the notional goes up to 2, the profit down to −2, and 0.5 ppm of it up.
    const bounded = position({ unit: 10n, size: -1n, price: Valuation.mark(15n), payout: 30n })
    expect(assess([], [bounded])).toMatchObject({ equity: -2n, initialMargin: 2n })
    const small = { ...bounded, unit: 1n, payout: 16n, margin: both(flat(1n)) }
    expect(assess([], [small, small]).initialMargin).toBe(2n)
  })
})

describe('valuation', () => {
  const quote = { sources: { mark: 1_000_000n, index: 1_000_000n, last: 1n }, confidence: 0n, publishedAt: 0 }
  const read = (action: Valuation.Action, changes: Partial<Valuation.Quote>, asOf = 0) => {
    const outcome = Valuation.of({ ...quote, ...changes }, valuation[action], asOf)
    return outcome.status === 'ok' ? outcome.value : outcome.code
  }

  test('worked example: the lower of mark and index less two confidences, and the higher with them', () => {
    const changes = { sources: { mark: 1_000_000n, index: 1_010_000n, last: 1n }, confidence: 100n }
    for (const action of Valuation.actions) expect(read(action, changes)).toEqual({ low: 999_800n, high: 1_010_200n })
  })

  test('edge: a minute old is fresh, and a second more is not, but for a view', () => {
    for (const action of ['raise', 'withdraw', 'liquidate'] as const) {
      expect(read(action, {}, 60)).toEqual({ low: 1_000_000n, high: 1_000_000n })
      expect(read(action, {}, 61)).toBe('STALE')
    }
    expect(read('view', {}, 10 ** 9)).toEqual({ low: 1_000_000n, high: 1_000_000n })
  })

  test('edge: an interval of 2 % raises risk, and more does not, but liquidates', () => {
    for (const action of ['raise', 'withdraw'] as const) {
      expect(read(action, { confidence: 20_000n })).toEqual({ low: 960_000n, high: 1_040_000n })
      expect(read(action, { confidence: 20_001n })).toBe('TOO_UNCERTAIN')
    }
    for (const action of ['liquidate', 'view'] as const)
      expect(read(action, { confidence: 20_001n })).toEqual({ low: 959_998n, high: 1_040_002n })
  })

  test('edge: mark and index 5 % apart agree, and further apart they do not, but for a view', () => {
    const apart = (index: bigint) => ({ sources: { mark: 1_000_000n, index, last: 1n } })
    for (const action of ['raise', 'withdraw', 'liquidate'] as const) {
      expect(read(action, apart(1_050_000n))).toEqual({ low: 1_000_000n, high: 1_050_000n })
      expect(read(action, apart(1_050_001n))).toBe('TOO_VOLATILE')
    }
    expect(read('view', apart(2_000_000n))).toEqual({ low: 1_000_000n, high: 2_000_000n })
  })
})
