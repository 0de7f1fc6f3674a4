/** Linear accounts for property tests: long and short, owned and owed, every curve, mark and index apart. */
import fc from 'fast-check'
import type * as Account from '../Account.ts'
import type * as Valuation from '../Valuation.ts'
import type * as Weight from '../Weight.ts'

const one = 10n ** 18n
const million = 1_000_000n

const rate = (min: number, max: number) => fc.integer({ min, max }).map(BigInt)
const money = (max: bigint) =>
  fc.oneof(
    fc.bigInt({ min: 0n, max: max * one }),
    fc.bigInt({ min: 0n, max: max }).map((whole) => whole * one),
  )
/** Tokens in parts of their unit, from dust to a lot. */
const amount = (unit: bigint) =>
  fc.oneof(
    fc.bigInt({ min: 1n, max: 1_000n * unit }),
    fc.bigInt({ min: 1n, max: 50n }).map((whole) => whole * unit),
  )

export const flat: fc.Arbitrary<Weight.Weight> = rate(1, 400_000).map((value) => ({ kind: 'flat', rate: value }))

/** Rising or not. */
export const tiers: fc.Arbitrary<Weight.Weight> = fc
  .tuple(
    fc.uniqueArray(fc.bigInt({ min: 1n, max: 500_000n }), { maxLength: 3 }),
    fc.array(rate(1, 400_000), { minLength: 4, maxLength: 4 }),
  )
  .map(([bounds, rates]) => ({
    kind: 'tiers',
    tiers: [...bounds.sort((a, b) => (a < b ? -1 : 1)).map((bound) => bound * one), null].map((upTo, i) => ({
      upTo,
      rate: rates[i] ?? 1n,
    })),
  }))

/** What is a line between its breakpoints. */
export const linear: fc.Arbitrary<Weight.Weight> = fc.oneof(
  flat,
  tiers,
  fc
    .record({ minimum: rate(1, 100_000), coefficient: rate(0, 100_000), scale: amount(one) })
    .map((it) => ({ kind: 'skew' as const, ...it, scale: it.scale + 10n * one })),
  fc.record({ of: flat, factor: rate(0, 1_000) }).map((it) => ({ kind: 'premium' as const, ...it, scale: one })),
)

/** What bends between them. */
export const curved: fc.Arbitrary<Weight.Weight> = fc.oneof(
  fc
    .record({ rate: rate(1, 100_000), coefficient: rate(0, 100_000), scale: fc.bigInt({ min: 1_000n, max: million }) })
    .chain((it) => fc.constantFrom([1n, 2n] as const, [4n, 5n] as const).map(([over, under]) => ({ ...it, over, under })))
    .map((it) => ({ kind: 'power' as const, ...it, scale: it.scale * one })),
  fc
    .record({ rate: rate(1, 300_000), lower: money(500_000n), width: money(500_000n) })
    .map((it) => ({ kind: 'openInterest' as const, rate: it.rate, lower: it.lower, upper: it.lower + it.width + 1n })),
  fc
    .record({ of: flat, start: money(100_000n), as: fc.constantFrom('shrinks' as const, 'grows' as const) })
    .map((it) => ({ kind: 'pool' as const, ...it })),
)

/** The same for initial and maintenance, initial the double. */
const terms = (weight: fc.Arbitrary<Weight.Weight>): fc.Arbitrary<Account.Terms> =>
  weight.map((maintenance) => ({ maintenance, initial: { kind: 'max', of: [maintenance, double(maintenance)] } }))
const double = (of: Weight.Weight): Weight.Weight => ({ kind: 'share', of, rate: 2n * million })
/** Assets count for less towards initial margin, debts for more. */
const owned = rate(300_000, 1_000_000).map(
  (value): Account.Terms => ({ initial: { kind: 'flat', rate: (value * 9n) / 10n }, maintenance: { kind: 'flat', rate: value } }),
)
const owed = rate(1_000_000, 1_500_000).map(
  (value): Account.Terms => ({ initial: { kind: 'flat', rate: (value * 11n) / 10n }, maintenance: { kind: 'flat', rate: value } }),
)

const price = (spread: bigint): fc.Arbitrary<Valuation.Value> =>
  fc
    .tuple(fc.oneof(money(5_000n), fc.bigInt({ min: 0n, max: 10n ** 9n })), fc.bigInt({ min: 0n, max: spread }))
    .map(([low, ppm]) => ({ low: low + 1n, high: low + 1n + ((low + 1n) * ppm) / million }))

const unit = fc.constantFrom(one, 10n ** 8n, million)

/** `spread` is that of the high price over the low one, in ppm. */
export type Options = { readonly weight: fc.Arbitrary<Weight.Weight>; readonly spread: bigint }

export function account({ weight, spread }: Options): fc.Arbitrary<Account.Account> {
  const position = unit.chain((of) =>
    fc
      .record({
        market: fc.constantFrom('ETH', 'BTC', 'SOL'),
        size: amount(of),
        isLong: fc.boolean(),
        entry: rate(500_000, 1_500_000),
        price: price(spread),
        quote: fc.bigInt({ min: -1_000n * one, max: 1_000n * one }),
        margin: terms(weight),
        openInterest: money(500_000n),
        charge: fc.oneof(fc.constant(0n), money(10n)),
      })
      .map(({ isLong, entry, size, ...rest }): Account.Position => {
        const signed = isLong ? size : -size
        return { ...rest, size: signed, unit: of, cost: (signed * rest.price.high * entry) / million }
      }),
  )
  const balance = unit.chain((of) =>
    fc
      .record({
        asset: fc.constantFrom('USD', 'ETH', 'BTC'),
        amount: amount(of),
        isOwned: fc.boolean(),
        price: price(spread),
        owned,
        owed,
        total: money(1_000_000n),
      })
      .map(({ isOwned, amount: size, ...rest }): Account.Balance => ({ ...rest, unit: of, amount: isOwned ? size : -size })),
  )
  return fc
    .record({
      // Of what is exposed and owed: from too little to more than can be lost.
      cash: fc.oneof(rate(0, 600_000), rate(0, 3_000_000)),
      balances: fc.array(balance, { maxLength: 2 }),
      positions: fc.array(position, { minLength: 1, maxLength: 4 }),
      fees: fc.oneof(fc.constant(0n), money(10n)),
    })
    .map(({ cash, balances, positions, fees }) => {
      const exposed = positions.reduce((sum, it) => sum + (size(it.size) * it.price.high) / it.unit, 0n)
      const due = balances.reduce((sum, it) => (it.amount < 0n ? sum + (-it.amount * it.price.high) / it.unit : sum), 0n)
      return { balances: [coin(((exposed + due) * cash) / million), ...balances], positions, fees, asOf: 0 }
    })
}

const size = (signed: bigint) => (signed < 0n ? -signed : signed)

function coin(value: bigint): Account.Balance {
  const whole = { kind: 'flat' as const, rate: million }
  const full = { initial: whole, maintenance: whole }
  return { asset: 'CASH', amount: value, unit: one, price: { low: one, high: one }, owned: full, owed: full, total: 0n }
}

/** One price a name, as where a market is one. */
export function aligned(it: Account.Account): Account.Account {
  const prices = new Map<string, Valuation.Value>()
  const of = (name: string, own: Valuation.Value) => {
    const known = prices.get(name)
    if (known === undefined) prices.set(name, own)
    return known ?? own
  }
  return {
    ...it,
    balances: it.balances.map((balance) => ({ ...balance, price: of(balance.asset, balance.price) })),
    positions: it.positions.map((position) => ({ ...position, price: of(position.market, position.price) })),
  }
}
