import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type * as Account from './Account.ts'
import * as Line from './Line.ts'
import type { Profile } from './Profile.ts'
import * as Valuation from './Valuation.ts'
import type * as Weight from './Weight.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const flat = (rate: bigint): Weight.Weight => ({ kind: 'flat', rate })
const both = (weight: Weight.Weight): Account.Terms => ({ initial: weight, maintenance: weight })
/** Rates in percent. */
const profile: Profile = {
  name: 'test',
  rateUnit: 100n,
  rounded: 'line',
  debts: 'requirement',
  gains: { initial: 'all', maintenance: 'all', most: 100n },
  rounding: {
    asset: 'down',
    debt: 'up',
    notional: 'up',
    profit: 'down',
    assetWeight: 'down',
    rate: 'up',
    requirement: 'up',
  },
}
const under = (purpose: Line.Purpose, changes: Partial<Profile> = {}): Line.Under => ({
  profile: { ...profile, ...changes },
  asOf: 0,
  purpose,
})

const ether: Account.Balance = {
  asset: 'ETH',
  amount: 1n,
  unit: 1n,
  price: Valuation.mark(1_000n),
  owned: { initial: flat(80n), maintenance: flat(90n) },
  owed: { initial: flat(120n), maintenance: flat(110n) },
  total: 0n,
}

describe('ofBalance', () => {
  const of = (balance: Partial<Account.Balance>, purpose: Line.Purpose = 'initial') =>
    Line.ofBalance({ ...ether, ...balance }, under(purpose))

  test('worked example: bids that borrow money', () => {
    // 2 ETH for 1,600, and 1,000 owed.
    const line = of({ orders: { bids: 1n, asks: 0n } })
    expect(line).toEqual({ equity: 1_600n, margin: 1_000n, profit: 0n, liabilities: [0n, 1_000n] })
    expect(of({ orders: { bids: 1n, asks: 0n } }, 'maintenance').equity).toBe(1_800n)
  })

  test('worked example: asks that borrow the asset', () => {
    // −1 ETH needs 1,200, and 2,000 come in: 800, and with the bid 600.
    expect(of({ orders: { bids: 0n, asks: 2n } })).toEqual({ equity: 2_000n, margin: 1_200n, profit: 0n, liabilities: [1_000n, 0n] })
    expect(of({ orders: { bids: 1n, asks: 2n } })).toEqual(of({ orders: { bids: 1n, asks: 0n } }))
  })

  test('edge: the worse side is that of the purpose', () => {
    // Bids lose 10 · 20 % and 10 · 5 %, asks 9 · 20 % and 9 · 10 %.
    const both = { amount: 0n, owned: { initial: flat(80n), maintenance: flat(95n) }, orders: { bids: 10n, asks: 9n } }
    expect(of(both).liabilities).toEqual([0n, 10_000n])
    expect(of(both, 'maintenance').liabilities).toEqual([9_000n, 0n])
  })

  test('edge: a tie goes to the asks', () => {
    const line = of({ amount: 0n, orders: { bids: 3n, asks: 3n } })
    expect(line.liabilities).toEqual([3_000n, 0n])
  })

  test('edge: orders are exchanged at the high price', () => {
    const price = { low: 900n, high: 1_000n }
    // Worth 900; the bid adds 1,000 for 1,000.
    expect(of({ price, orders: { bids: 1n, asks: 0n } }).equity).toBe(1_520n)
    // 900 − 2,000 = −1,100 owed, which weighs 1,320.
    expect(of({ price, orders: { bids: 0n, asks: 2n } })).toMatchObject({ equity: 2_000n, margin: 1_320n })
    expect(of({ price, amount: -1n })).toMatchObject({ equity: 0n, margin: 1_200n })
  })

  test('edge: a charge is in the requirement, and a fill that comes to nothing leaves it', () => {
    expect(of({ orders: { bids: 0n, asks: 1n }, charge: 7n })).toEqual({ equity: 800n, margin: 7n, profit: 0n, liabilities: [0n, 0n] })
  })

  test('edge: an override weighs the fill that the weights have chosen', () => {
    const override = { owned: both(flat(10n)), owed: both(flat(300n)) }
    // The asks would be the worse under the override; the bids were under the weights.
    const line = of({ orders: { bids: 1n, asks: 2n }, override })
    expect(line).toMatchObject({ equity: 200n, margin: 1_000n })
    expect(of({ amount: -1n, override })).toMatchObject({ equity: 0n, margin: 3_000n })
  })

  test('edge: a debt lowers the equity where the profile says so', () => {
    const line = Line.ofBalance({ ...ether, orders: { bids: 1n, asks: 0n } }, under('initial', { debts: 'collateral' }))
    expect(line).toMatchObject({ equity: 600n, margin: 0n, liabilities: [0n, 1_000n] })
  })

  test('edge: curves look at what has been filled, and at what is owed of the asset', () => {
    const pool: Weight.Weight = { kind: 'pool', of: flat(100n), start: 100n, as: 'grows' }
    const owed = { ...ether, amount: -1n, owed: both(pool), total: 100n }
    expect(Line.ofBalance({ ...owed, totalOwed: 150n }, under('initial')).margin).toBe(1_500n)
    expect(Line.ofBalance(owed, under('initial')).margin).toBe(1_000n)
    const skew: Weight.Weight = { kind: 'skew', minimum: 100n, coefficient: 1n, scale: 1n }
    expect(of({ amount: -1n, owed: both(skew), orders: { bids: 0n, asks: 4n } }).margin).toBe(5_250n) // 5 at 105 %
  })

  test('edge: one unit is owned, or owed, already', () => {
    const price = { low: 2n, high: 3n }
    const [owned, owed] = [both(flat(100n)), both(flat(200n))]
    expect(of({ price, owned, owed })).toMatchObject({ equity: 2n, margin: 0n })
    expect(of({ price, owned, owed, amount: -1n })).toMatchObject({ equity: 0n, margin: 6n })
    const cent = { owned, owed, price: Valuation.mark(1n) }
    expect(of(cent)).toMatchObject({ equity: 1n, margin: 0n })
    expect(of({ ...cent, amount: -1n })).toMatchObject({ equity: 0n, margin: 2n })
    expect(of({ ...cent, orders: { bids: 0n, asks: 2n } })).toMatchObject({ equity: 2n, margin: 2n })
    expect(of({ ...cent, amount: 0n, orders: { bids: 1n, asks: 0n }, owned: both(flat(50n)) })).toMatchObject({ equity: 0n, margin: 1n })
    const interest: Weight.Weight = { kind: 'openInterest', rate: 10n, lower: 2n, upper: 3n }
    expect(of({ ...cent, amount: 2n, owned: both(interest), owed: both(interest) }).equity).toBe(0n)
    expect(of({ ...cent, amount: -2n, owned: both(interest), owed: both(interest) }).margin).toBe(1n)
  })

  test('edge: of nothing the owed weight is asked, and not the owned one', () => {
    const none = both({ kind: 'max', of: [] })
    expect(of({ amount: 0n, owned: none, charge: 1n })).toMatchObject({ equity: 0n, margin: 1n })
  })

  test('rounding: values by side, a weighted debt as what it is part of', () => {
    const tenth = { ...ether, unit: 10n, price: Valuation.mark(17n) }
    // 1.7 is owned as 1 and owed as 2; 2 · 1.2 = 2.4.
    expect(Line.ofBalance({ ...tenth, amount: 1n, charge: 0n }, under('initial'))).toMatchObject({ equity: 0n })
    expect(Line.ofBalance({ ...tenth, amount: -1n }, under('initial'))).toMatchObject({ margin: 3n, liabilities: [2n, 0n] })
    const floored = { ...profile.rounding, debt: 'down' } as const
    const one = { ...tenth, amount: 1n, owned: both(flat(100n)), charge: 0n }
    expect(Line.ofBalance(one, under('initial', { rounding: floored })).equity).toBe(1n)
    const down = { ...profile.rounding, requirement: 'down' } as const
    expect(Line.ofBalance({ ...tenth, amount: -1n }, under('initial', { rounding: down })).margin).toBe(2n)
    expect(Line.ofBalance({ ...tenth, amount: -1n }, under('initial', { rounding: down, debts: 'collateral' })).equity).toBe(-3n)
  })

  test('property: orders never make a balance count for more', () => {
    const size = fc.bigInt({ min: 0n, max: 50n })
    fc.assert(
      fc.property(fc.bigInt({ min: -50n, max: 50n }), size, size, fc.bigInt({ min: 0n, max: 99n }), (amount, bids, asks, spread) => {
        const price = { low: 1_000n - spread, high: 1_000n }
        const net = (line: Line.Line) => line.equity - line.margin
        const none = of({ amount, price, orders: { bids: 0n, asks: 0n } })
        expect(net(of({ amount, price, orders: { bids, asks } })) <= net(none)).toBe(true)
      }),
      { numRuns },
    )
  })
})

const perpetual: Account.Position = {
  market: 'ETH-PERP',
  size: 3n,
  unit: 1n,
  price: Valuation.mark(1_000n),
  cost: 3_000n,
  quote: 0n,
  margin: { initial: flat(10n), maintenance: flat(5n) },
  openInterest: 0n,
  charge: 0n,
}

describe('ofPosition', () => {
  const of = (position: Partial<Account.Position>, purpose: Line.Purpose = 'initial') =>
    Line.ofPosition({ ...perpetual, ...position }, under(purpose))

  test('worked example: the margin of what may fill, the profit of what is held', () => {
    expect(of({ orders: { bids: 2n, asks: 10n }, quote: -40n })).toEqual({ equity: 0n, margin: 700n, profit: -40n, liabilities: [7_000n] })
    expect(of({ orders: { bids: 5n, asks: 10n } }).margin).toBe(800n)
    expect(of({ orders: { bids: 5n, asks: 10n }, charge: 3n }, 'maintenance').margin).toBe(403n)
  })

  test('worked example: a currency of its own', () => {
    const currency = { asset: 'USDC', price: { low: 98n, high: 102n }, unit: 100n }
    const gains = { ...both(flat(90n)), total: 0n }
    // 3,000 · 1.02 at 10 %; 200 · 0.9 · 0.98.
    expect(of({ currency, gains, quote: 200n }, 'maintenance')).toMatchObject({ profit: 176n, liabilities: [3_060n] })
    expect(of({ currency, gains, quote: -200n })).toMatchObject({ profit: -204n, margin: 306n })
    expect(of({ currency, gains, quote: 0n }).profit).toBe(0n)
  })

  test('edge: a gain counts up to a bound towards initial margin only', () => {
    expect(of({ quote: 101n }).profit).toBe(100n)
    expect(of({ quote: 101n }, 'maintenance').profit).toBe(101n)
    expect(of({ quote: 99n }).profit).toBe(99n)
    expect(Line.ofPosition({ ...perpetual, quote: 500n }, under('initial', { gains: { initial: 'all', maintenance: 'all' } })).profit).toBe(
      500n,
    )
  })

  test('edge: gains are weighed by their own size and by all gains of the market, losses are not', () => {
    const shrinks: Weight.Weight = { kind: 'pool', of: flat(80n), start: 100n, as: 'shrinks' }
    const gains = { ...both(shrinks), total: 200n }
    expect(of({ gains, quote: 50n }).profit).toBe(20n)
    expect(of({ gains, quote: -50n }).profit).toBe(-50n)
    const skew: Weight.Weight = { kind: 'complement', of: { kind: 'skew', minimum: 0n, coefficient: 1n, scale: 1n } }
    expect(of({ gains: { ...both(skew), total: 0n }, quote: 20n }).profit).toBe(16n) // 80 % of 20
  })

  test('edge: no gain is not weighed, and no size is no short', () => {
    const none = both({ kind: 'max', of: [] })
    expect(of({ gains: { ...none, total: 0n } }).profit).toBe(0n)
    expect(of({ size: 0n, cost: 0n, short: none }).margin).toBe(0n)
  })

  test('edge: a short of bounded payout can lose what is left to the bound', () => {
    const price = { low: 700n, high: 720n }
    const bounded = { payout: 1_000n, price, cost: 0n }
    expect(of({ ...bounded, size: -2n }).liabilities).toEqual([600n])
    expect(of({ ...bounded, size: 2n }).liabilities).toEqual([1_440n])
    expect(of({ ...bounded, size: -2n, price: Valuation.mark(1_100n) }).liabilities).toEqual([0n])
    // One long is 720, three short are 900.
    expect(of({ ...bounded, size: 0n, orders: { bids: 1n, asks: 3n } }).margin).toBe(90n)
    expect(of({ ...bounded, size: 0n, orders: { bids: 1n, asks: 2n } }).margin).toBe(72n)
  })

  test('edge: a short may have margins of its own, also when it is only what may fill', () => {
    const short = both(flat(20n))
    expect(of({ short }).margin).toBe(300n)
    expect(of({ short, orders: { bids: 0n, asks: 7n } }).margin).toBe(800n)
    expect(of({ short, size: -3n }).margin).toBe(600n)
  })

  test('edge: a long gains at the low price, a short at the high one', () => {
    const price = { low: 990n, high: 1_010n }
    const currency = { asset: 'USD', price: Valuation.mark(1n), unit: 1n }
    expect(of({ price, currency })).toMatchObject({ profit: -30n, margin: 303n })
    expect(of({ price, currency, size: -3n, cost: -3_000n })).toMatchObject({ profit: -30n, margin: 303n })
  })

  test('edge: one unit is long, or short, or a gain already', () => {
    const price = { low: 2n, high: 4n }
    const one = { price, cost: 0n, size: 1n, margin: both(flat(100n)), short: both(flat(200n)), payout: 10n }
    expect(of(one)).toMatchObject({ profit: 2n, margin: 4n })
    expect(of({ ...one, size: -1n })).toMatchObject({ profit: -4n, margin: 16n })
    expect(of({ ...one, size: -1n, payout: 2n }).margin).toBe(0n)
    const currency = { asset: 'USDC', price: { low: 3n, high: 5n }, unit: 1n }
    const flatly = { size: 0n, cost: 0n, currency, gains: { ...both(flat(100n)), total: 0n } }
    expect(of({ ...flatly, quote: 1n }).profit).toBe(3n)
    expect(of({ ...flatly, quote: -1n }).profit).toBe(-5n)
    expect(of({ size: 0n, cost: 0n, quote: 1n, gains: { ...both(flat(0n)), total: 0n } }).profit).toBe(0n)
    const interest: Weight.Weight = { kind: 'openInterest', rate: 10n, lower: 2n, upper: 3n }
    expect(of({ size: 0n, cost: 0n, quote: 2n, gains: { ...both(interest), total: 0n } }).profit).toBe(0n)
    const pool: Weight.Weight = { kind: 'pool', of: flat(10n), start: 1n, as: 'grows' }
    expect(of({ margin: both({ kind: 'max', of: [pool, flat(0n)] }) }).margin).toBe(300n)
  })

  test('rounding: after each product', () => {
    const currency = { asset: 'USDC', price: Valuation.mark(101n), unit: 100n }
    const odd = { size: 1n, unit: 3n, cost: 0n, price: Valuation.mark(100n) }
    // 33.3 up to 34, · 1.01 up to 35, a tenth up to 4; profit 33 · 1.01 down.
    expect(of({ ...odd, currency })).toEqual({ equity: 0n, margin: 4n, profit: 33n, liabilities: [35n] })
    expect(of({ ...odd, currency, size: -1n })).toMatchObject({ margin: 4n, profit: -35n })
  })
})

describe('settled', () => {
  const settled = (position: Partial<Account.Position>, purpose: Line.Purpose = 'initial') =>
    Line.settled({ ...perpetual, ...position }, under(purpose))

  test('worked example: profit less requirement', () => {
    expect(settled({ quote: 500n })).toBe(200n) // 500 − 300
    expect(settled({ quote: 500n }, 'maintenance')).toBe(350n)
    expect(settled({ quote: 500n, charge: 20n })).toBe(180n)
    expect(settled({ quote: 100n })).toBe(-200n)
  })

  test('worked example: the worse of its fills', () => {
    expect(settled({ orders: { bids: 2n, asks: 0n } })).toBe(-500n)
    expect(settled({ orders: { bids: 2n, asks: 10n } })).toBe(-700n)
    // A short that needs more is the worse, though it is smaller.
    expect(settled({ orders: { bids: 2n, asks: 6n }, short: both(flat(20n)) })).toBe(-600n)
  })

  test('edge: only a gain is weighed', () => {
    expect(settled({ quote: 300n, gains: { ...both({ kind: 'max', of: [] }), total: 0n } })).toBe(0n)
    const gains = { ...both(flat(50n)), total: 0n }
    expect(settled({ quote: 500n, gains })).toBe(100n)
    expect(settled({ quote: 100n, gains })).toBe(-200n)
  })

  test('edge: bids fill at the high price, asks at the low one, and what stands counts at the worse', () => {
    const price = { low: 900n, high: 1_000n }
    expect(settled({ price, cost: 0n })).toBe(2_430n) // 2,700 less a tenth
    expect(settled({ price, cost: 0n, size: -3n })).toBe(-3_300n)
    expect(settled({ price, cost: 0n, orders: { bids: 1n, asks: 0n } })).toBe(2_240n) // 3,600 − 360 − 1,000
    expect(settled({ price, cost: 0n, orders: { bids: 0n, asks: 1n } })).toBe(2_430n) // holding is the worse: selling leaves 2,520
    expect(settled({ price, cost: 0n, orders: { bids: 0n, asks: 4n } })).toBe(2_430n)
    expect(settled({ price, cost: 0n, orders: { bids: 0n, asks: 9n } })).toBe(1_500n) // −6,000 − 600 + 8,100
  })

  test('edge: one unit is long, or short, or a gain already', () => {
    const price = { low: 2n, high: 4n }
    const one = { price, cost: 0n, size: 1n, margin: both(flat(0n)), short: both(flat(100n)) }
    expect(settled(one)).toBe(2n)
    expect(settled({ ...one, size: -1n })).toBe(-8n)
    expect(settled({ ...one, price: Valuation.mark(1n), gains: { ...both(flat(0n)), total: 0n } })).toBe(0n)
    expect(settled({ ...one, orders: { bids: 0n, asks: 1n } })).toBe(2n)
    expect(settled({ ...one, size: 0n })).toBe(0n)
  })

  test('rounding: the profile’s', () => {
    const odd = { size: 1n, unit: 3n, cost: 0n, price: Valuation.mark(100n) }
    expect(settled(odd)).toBe(29n) // 33 − ⌈34 / 10⌉
    expect(settled({ ...odd, size: -1n })).toBe(-38n)
  })
})
