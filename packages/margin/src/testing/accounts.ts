/** Linear accounts for property tests: margins in order, curves of every kind near. */
import fc from 'fast-check'
import type * as Account from '../Account.ts'
import * as Fixed from '../Fixed.ts'
import type * as Profile from '../Profile.ts'
import { profile as dydx } from '../profiles/dydx-v4/DydxV4.ts'
import { profile as plimsoll } from '../profiles/plimsoll/Plimsoll.ts'
import type * as Weight from '../Weight.ts'

const one = Fixed.one
const big = (min: bigint, max: bigint) => fc.bigInt({ min, max })
const usd = fc.oneof({ weight: 1, arbitrary: big(0n, 10n) }, { weight: 4, arbitrary: big(0n, 10n ** 7n * one) })

/** Of a whole unit: low, and high a little above or the same. */
export const price = fc
  .record({ low: fc.oneof(big(1n, 100n), big(one / 1000n, 100_000n * one)), spread: fc.oneof(fc.constant(0n), big(0n, 20_000n)) })
  .map(({ low, spread }) => ({ low, high: low + Fixed.ofPpm(low, Number(spread), 'up') }))

const flat = (rate: bigint): Weight.Weight => ({ kind: 'flat', rate })

/** Initial and maintenance rates in ppm of one shape, the maintenance below the initial. */
const flatTerms: fc.Arbitrary<Account.Terms> = fc
  .record({ maintenance: big(1n, 300_000n), above: big(0n, 300_000n) })
  .map(({ maintenance, above }) => ({ initial: flat(maintenance + above), maintenance: flat(maintenance) }))

const curvedTerms: fc.Arbitrary<Account.Terms> = fc.oneof(
  flatTerms,
  fc
    .record({ rate: big(10_000n, 100_000n), next: big(0n, 200_000n), upTo: big(1n, 10n ** 6n).map((whole) => whole * one) })
    .map(({ rate, next, upTo }) => {
      const tiers = (times: bigint) => [
        { upTo, rate: rate * times },
        { upTo: null, rate: (rate + next) * times },
      ]
      return { initial: { kind: 'tiers' as const, tiers: tiers(2n) }, maintenance: { kind: 'tiers' as const, tiers: tiers(1n) } }
    }),
  fc.record({ rate: big(10_000n, 100_000n), coefficient: big(0n, 50_000n) }).map(({ rate, coefficient }) => {
    const curve = (times: bigint): Weight.Weight => ({
      kind: 'power',
      rate: rate * times,
      coefficient: coefficient * times,
      scale: 10n ** 24n,
      over: 1n,
      under: 2n,
    })
    return { initial: curve(2n), maintenance: curve(1n) }
  }),
  fc.record({ rate: big(10_000n, 100_000n), upper: big(2n, 10n ** 8n) }).map(({ rate, upper }) => ({
    initial: { kind: 'openInterest' as const, rate, lower: one, upper: upper * one },
    maintenance: flat(rate / 2n),
  })),
)

const position = (margin: fc.Arbitrary<Account.Terms>): fc.Arbitrary<Account.Position> =>
  fc
    .record({
      market: fc.constantFrom('A', 'B', 'C', 'D'),
      size: fc.oneof(big(-10n, 10n), big(-1_000n * one, 1_000n * one)),
      price,
      moved: fc.integer({ min: 700_000, max: 1_300_000 }),
      quote: fc.oneof(fc.constant(0n), big(-100n * one, 100n * one)),
      margin,
      openInterest: usd,
      charge: fc.oneof({ weight: 4, arbitrary: fc.constant(0n) }, { weight: 1, arbitrary: big(0n, 10n * one) }),
    })
    .map(({ moved, ...rest }) => ({ ...rest, unit: one, cost: rest.size * Fixed.ofPpm(rest.price.high, moved, 'down') }))

const balance: fc.Arbitrary<Account.Balance> = fc
  .record({
    asset: fc.constantFrom('USDC', 'WETH', 'WBTC'),
    decimals: fc.constantFrom(6n, 8n, 18n),
    whole: big(-1_000n, 100_000n),
    dust: big(0n, 999_999n),
    price,
    initial: big(500_000n, 1_000_000n),
    above: big(0n, 100_000n),
  })
  .map(({ asset, decimals, whole, dust, price, initial, above }) => {
    const unit = 10n ** decimals
    const maintenance = Fixed.min(Fixed.ppm, initial + above)
    return {
      asset,
      amount: whole * unit + dust,
      unit,
      price,
      owned: { initial: flat(initial), maintenance: flat(maintenance) },
      owed: { initial: flat(2n * Fixed.ppm - initial), maintenance: flat(2n * Fixed.ppm - maintenance) },
      total: 0n,
    }
  })

const of = (margin: fc.Arbitrary<Account.Terms>): fc.Arbitrary<Account.Account> =>
  fc.record({
    balances: fc.array(balance, { maxLength: 3 }),
    positions: fc.array(position(margin), { maxLength: 5 }),
    fees: fc.oneof(fc.constant(0n), usd),
    asOf: fc.constant(0),
  })

/** Every curve near. */
export const account = of(curvedTerms)

/** Flat rates only: health is linear in prices. */
export const flatAccount = of(flatTerms)

export const profile: fc.Arbitrary<Profile.Profile> = fc.constantFrom(plimsoll, { ...plimsoll, rounded: 'line' as const }, dydx)

/** Those that round against the account whatever its sign. */
export const linearProfile: fc.Arbitrary<Profile.Profile> = fc.constantFrom(plimsoll, { ...plimsoll, rounded: 'line' as const })
