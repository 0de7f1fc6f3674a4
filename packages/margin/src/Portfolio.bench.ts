/**
 * Portfolio margin in 31 scenarios, 8 options an account: every account with its own instruments, beside pricing each option in each
 * scenario by `Option.price`; and a book over 2,000 shared instruments, beside the same accounts one by one. Seed 42. Compare the minima;
 * the accounts are in memory already, and one core does all.
 */
import { expect, test } from 'vitest'
import * as Book from './Book.ts'
import * as Matrix from './Matrix.ts'
import * as Model from './Model.ts'
import * as Option from './Option.ts'
import * as Portfolio from './Portfolio.ts'
import * as Scenario from './Scenario.ts'
import { full, still } from './testing/portfolio.ts'

let seed = 42
const random = () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return seed / 2 ** 32
}

const tails = [0.34, 0.67, 1.5, 2, 3, 4].map((spot) => ({ spot, volatility: 'up' as const, dampening: 0.05 }))
const plain = [...Scenario.grid(0.045, 3), ...tails]
const span = full.span ?? still
const neutral = { base: 1, multiple: 0, addend: 0 }
const tilts = (['linear', 'absolute'] as const).map((volatility) => ({ spot: 1, volatility, dampening: 1 }))
/** Everything switched on; and one where no sign matters, so that an account is one sum. */
const everything = Model.of({ ...full, span: { ...span, scenarios: [...plain, ...tilts] } })
const linear = Model.of({
  ...full,
  span: {
    ...span,
    scenarios: [...plain, ...[0.5, 0.6].map((spot) => ({ spot, volatility: 'up' as const, dampening: 0.1 }))],
    held: neutral,
    owed: neutral,
    basis: null,
  },
})

const leg = (amount: number) => ({
  kind: random() < 0.5 ? ('call' as const) : ('put' as const),
  strike: 2_000 * (0.6 + 0.8 * random()),
  volatility: 0.3 + random(),
  amount,
})
const expiry = (options: Portfolio.Expiry['options'], rate = 0.05): Portfolio.Expiry => ({
  seconds: 86_400 * (1 + 200 * random()),
  forward: 2_000 * (1 + 0.05 * random()),
  rate,
  confidence: 1,
  futures: [],
  options,
})
const accountOf = (model: Model.Model, expiries: readonly Portfolio.Expiry[]): Portfolio.Account => ({
  cash: 10_000,
  stablePrice: 1,
  markets: [{ model, spot: 2_000, perps: [], expiries, collaterals: [] }],
})

/** Eight options of each account's own, over so many expiries. */
const own = (expiries: number) =>
  Array.from({ length: 1_000 }, () =>
    accountOf(
      everything,
      Array.from({ length: expiries }, () => expiry(Array.from({ length: 8 / expiries }, () => leg(2 * random() - 1)))),
    ),
  )

/** The worst of the scenarios that only move spot and volatility, each option priced anew: what an engine without columns does. */
function plainly({ markets }: Portfolio.Account): number {
  let worst = 0
  for (const { expiries } of markets)
    for (const { spot, volatility, dampening } of plain) {
      let profit = 0
      for (const { seconds, forward, rate, options } of expiries) {
        const shifted = Scenario.shifted(span.shift, seconds)
        const factors = Scenario.discounted(span, { years: Scenario.years(seconds), rate })
        const discount = Math.exp(-rate * Scenario.years(seconds))
        let [value, shocked] = [0, 0]
        for (const each of options) {
          const moved = volatility === 'up' ? Math.max(span.shift.least, each.volatility * shifted.up) : each.volatility * shifted.down
          const after = volatility === 'none' ? each.volatility : moved
          value += each.amount * Option.price({ ...each, forward, seconds, discount })
          shocked += each.amount * Option.price({ ...each, forward: forward * spot, seconds, discount, volatility: after })
        }
        profit += dampening * (shocked * (shocked >= 0 ? factors.held : factors.owed) - value)
      }
      worst = Math.min(worst, profit)
    }
  return worst
}

let sink = 0

test('1,000 accounts, 8 options of their own, 31 scenarios', async ({ bench }) => {
  const [one, two, eight] = [own(1), own(2), own(8)]
  const all = (accounts: readonly Portfolio.Account[]) => {
    for (const each of accounts) sink += Portfolio.assess(each).initial
  }
  const only = Model.of({ ...full, span: { ...span, scenarios: plain, basis: null } })
  for (const account of two.slice(0, 50)) {
    const [market] = Portfolio.assess({ ...account, markets: account.markets.map((each) => ({ ...each, model: only })) }).markets
    expect(market?.worst).toBeCloseTo(plainly(account), 8)
  }
  await bench.compare(
    bench('baseline: Option.price in each of 29 scenarios, 2 expiries', () => {
      for (const each of two) sink += plainly(each)
    }),
    bench('Portfolio.assess, 8 expiries', () => all(eight)),
    bench('Portfolio.assess, 2 expiries', () => all(two)),
    bench('Portfolio.assess, 1 expiry', () => all(one)),
  )
  expect(sink).not.toBe(0)
})

test('20,000 accounts, 8 of 2,000 shared options, 31 scenarios', async ({ bench }) => {
  const [expiries, each, accounts] = [20, 100, 20_000]
  const listed = Array.from({ length: expiries }, () => expiry(Array.from({ length: each }, () => leg(0))))
  /** Eight options of so many expiries an account. */
  const shared = (model: Model.Model, rate: number, spread: number) => {
    const instrument = new Int32Array(8 * accounts)
    for (let a = 0; a < accounts; a++) {
      const mine = Array.from({ length: spread }, () => Math.floor(random() * expiries))
      for (let i = 0; i < 8; i++) instrument[8 * a + i] = (mine[i % spread] ?? 0) * each + Math.floor(random() * each)
    }
    const positions: Book.Positions = {
      starts: Int32Array.from({ length: accounts + 1 }, (_, a) => 8 * a),
      instrument,
      amount: Float64Array.from(instrument, () => 2 * random() - 1),
      cash: new Float64Array(accounts).fill(10_000),
    }
    const market = { model, spot: 2_000, perps: [], collaterals: [], expiries: listed.map((one) => ({ ...one, rate })) }
    const matrix = Matrix.of(market, 1)
    return { market, matrix, positions, book: Book.of(matrix, positions) }
  }
  const one = shared(linear, 0, 8)
  const same = shared(everything, 0.05, 1)
  const pair = shared(everything, 0.05, 2)
  const apart = shared(everything, 0.05, 8)
  const { starts, instrument, amount } = one.positions
  const singly = Array.from({ length: accounts }, (_, a) => {
    const held = Array.from({ length: 8 }, (_, i) => (starts[a] ?? 0) + i)
    const inside = (at: number) => held.filter((p) => Math.floor((instrument[p] ?? 0) / each) === at)
    return accountOf(
      linear,
      one.market.expiries.flatMap((of, at) => {
        const options = inside(at).flatMap((p) => {
          const option = of.options[(instrument[p] ?? 0) % each]
          return option ? [{ ...option, amount: amount[p] ?? 0 }] : []
        })
        return options.length > 0 ? [{ ...of, options }] : []
      }),
    )
  })
  const sweep = (of: typeof one) => {
    sink += Matrix.assess(of.matrix, of.book).initial[0] ?? 0
  }
  const found = Matrix.assess(one.matrix, one.book).initial
  for (const [a, account] of singly.slice(0, 200).entries()) expect(found[a]).toBeCloseTo(Portfolio.assess(account).initial, 7)
  await bench.compare(
    bench('baseline: Portfolio.assess, the first 1,000 accounts', () => {
      for (const account of singly.slice(0, 1_000)) sink += Portfolio.assess(account).initial
    }),
    bench('Matrix.of', () => {
      sink += Matrix.of(one.market, 1).prices[0] ?? 0
    }),
    bench('Matrix.assess, where no sign matters', () => sweep(one)),
    bench('Matrix.assess, everything on, 1 expiry', () => sweep(same)),
    bench('Matrix.assess, everything on, 2 expiries', () => sweep(pair)),
    bench('Matrix.assess, everything on, 8 expiries', () => sweep(apart)),
  )
  expect(sink).not.toBe(0)
})
