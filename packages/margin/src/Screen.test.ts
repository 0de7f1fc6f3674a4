import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Account from './Account.ts'
import * as Fixed from './Fixed.ts'
import * as Health from './Health.ts'
import { profile as dydx } from './profiles/dydx-v4/DydxV4.ts'
import { profile as plimsoll } from './profiles/plimsoll/Plimsoll.ts'
import * as Screen from './Screen.ts'
import * as Arbitrary from './testing/accounts.ts'
import * as Valuation from './Valuation.ts'
import type * as Weight from './Weight.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const usd = (whole: number) => Fixed.parse(String(whole))
const flat = (rate: bigint): Weight.Weight => ({ kind: 'flat', rate })
const margin = { initial: flat(100_000n), maintenance: flat(50_000n) }

const position = (size: bigint, entry: bigint, of: Partial<Account.Position> = {}): Account.Position => ({
  market: 'ETH',
  size,
  unit: Fixed.one,
  price: Valuation.mark(usd(100)),
  cost: size * entry,
  quote: 0n,
  margin,
  openInterest: 0n,
  charge: 0n,
  ...of,
})
const account = (...positions: Account.Position[]): Account.Account => ({ balances: [], positions, fees: 0n, asOf: 0 })
const at = (of: Record<string, bigint>): Screen.Prices => new Map(Object.entries(of).map(([name, price]) => [name, Valuation.mark(price)]))

/** What the engine says of each account at these prices. */
function naive(accounts: readonly Account.Account[], prices: Screen.Prices, profile = plimsoll): readonly number[] {
  return accounts.flatMap((each, a) => (Health.breached(Account.assess(Screen.repriced(each, prices), profile)) ? [a] : []))
}

describe('breached', () => {
  test('worked example: a long stands at E = MM and not one unit below', () => {
    // 95 + (P − 95) stands against 5 % of P as long as P ≥ 0 for an entry of 0; an entry e stands while P − e ≥ 0.05 P.
    const accounts = [
      position(usd(1), usd(95)),
      position(usd(1), usd(95) + 1n),
      position(usd(1), usd(95) - 1n),
      position(usd(-1), usd(105)),
    ]
    const book = accounts.map((each) => account(each))
    expect(Screen.breached(book, Screen.of(book, plimsoll), at({ ETH: usd(100) }))).toEqual([1])
    expect(naive(book, at({ ETH: usd(100) }))).toEqual([1])
  })

  test('edge: within the bound of the floats only the engine tells', () => {
    const book = [position(usd(1), usd(95)), position(usd(1), usd(95) + 1n), position(usd(1), usd(50)), position(usd(1), usd(99))].map(
      (each) => account(each),
    )
    const found = Screen.scan(Screen.of(book, plimsoll), { prices: at({ ETH: usd(100) }) })
    expect(found).toEqual({ breached: [3], unsure: [0, 1] })
  })

  test('edge: what holds nothing is never breached, however little it owns', () => {
    const owing = { ...account(), fees: usd(5) }
    const flatOut = account(position(0n, 0n))
    const free = account(position(usd(1), usd(500), { margin: { initial: flat(0n), maintenance: flat(0n) } }))
    const book = [owing, flatOut, free, account(position(0n, 0n, { charge: 1n }))]
    expect(Screen.breached(book, Screen.of(book, plimsoll), at({ ETH: usd(100) }))).toEqual([3])
    expect(naive(book, at({ ETH: usd(100) }))).toEqual([3])
  })

  test('edge: a price far from the anchor widens the bound; one that was 0 leaves it to the engine', () => {
    const book = [account(position(usd(1), usd(95), { price: Valuation.mark(0n) }))]
    const screen = Screen.of(book, plimsoll)
    expect(Screen.scan(screen, { prices: at({ ETH: usd(100) }) })).toEqual({ breached: [], unsure: [0] })
    expect(Screen.breached(book, screen, at({ ETH: usd(99) }))).toEqual([0].filter(() => naive(book, at({ ETH: usd(99) })).length > 0))
  })

  test('edge: curves and orders are asked exactly', () => {
    const tiers: Weight.Weight = {
      kind: 'tiers',
      tiers: [
        { upTo: usd(50), rate: 50_000n },
        { upTo: null, rate: 200_000n },
      ],
    }
    const curved = account(position(usd(1), usd(90), { margin: { initial: tiers, maintenance: tiers } }))
    const ordered = account(position(usd(1), usd(90), { orders: { bids: usd(5), asks: 0n } }))
    const book = [curved, ordered, account(position(usd(1), usd(90)))]
    const screen = Screen.of(book, plimsoll)
    expect(screen.exact).toEqual([0, 1])
    expect(Screen.breached(book, screen, at({ ETH: usd(100) }))).toEqual(naive(book, at({ ETH: usd(100) })))
    expect(naive(book, at({ ETH: usd(100) }))).toEqual([0, 1])
  })

  test('edge: a profile whose gains do not count is asked exactly, one that rounds down is never told by floats', () => {
    const book = [account(position(usd(1), usd(99)))]
    const strict = { ...plimsoll, gains: { initial: 'none' as const, maintenance: 'none' as const } }
    expect(Screen.of(book, strict).exact).toEqual([0])
    const generous = { ...plimsoll, rounding: { ...plimsoll.rounding, requirement: 'down' as const } }
    const line = { ...plimsoll, rounded: 'line' as const }
    const cut = { ...line, rounding: { ...plimsoll.rounding, notional: 'zero' as const } }
    for (const profile of [generous, cut])
      expect(Screen.scan(Screen.of(book, profile), { prices: at({ ETH: usd(100) }) })).toEqual({ breached: [], unsure: [0] })
    expect(Screen.scan(Screen.of(book, line), { prices: at({ ETH: usd(100) }) })).toEqual({ breached: [0], unsure: [] })
  })

  test('error: what is held and has no price', () => {
    const book = [account(position(usd(1), usd(95)))]
    expect(() => Screen.breached(book, Screen.of(book, plimsoll), at({ BTC: usd(1) }))).toThrow(Screen.MissingPriceError)
    expect(() => Screen.repriced(book[0] as Account.Account, new Map())).toThrow(Screen.MissingPriceError)
  })

  const moved = fc.integer({ min: 500_000, max: 1_500_000 })
  const book = fc.array(Arbitrary.account, { minLength: 1, maxLength: 12 })
  test('property: screen and confirm is the exact engine, at any prices, flat or not', () => {
    fc.assert(
      fc.property(
        book,
        fc.constantFrom(plimsoll, dydx, { ...plimsoll, rounded: 'line' as const }),
        fc.array(moved, { minLength: 7, maxLength: 7 }),
        (accounts, profile, moves) => {
          const screen = Screen.of(accounts, profile)
          const names = ['A', 'B', 'C', 'D', 'USDC', 'WETH', 'WBTC']
          const prices = new Map(
            names.map((name, i) => {
              const all = accounts.flatMap((each) => [
                ...each.positions.filter(({ market }) => market === name),
                ...each.balances.filter(({ asset }) => asset === name),
              ])
              const price = Fixed.ofPpm(all[0]?.price.high ?? usd(1), moves[i] ?? 1, 'up')
              return [name, { low: price - price / 1_000n, high: price }] as const
            }),
          )
          expect(Screen.breached(accounts, screen, prices)).toEqual(naive(accounts, prices, profile))
        },
      ),
      { numRuns },
    )
  })

  test('property: at the very edge, where equity is the margin give or take a unit', () => {
    const size = fc.oneof(fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.bigInt({ min: 1n, max: 10n ** 27n }))
    fc.assert(
      fc.property(
        fc.array(fc.tuple(size, fc.boolean(), fc.bigInt({ min: -2n, max: 2n })), { minLength: 1, maxLength: 8 }),
        fc.bigInt({ min: 1n, max: 10n ** 24n }),
        (lines, price) => {
          const accounts = lines.map(([size, isLong, off]) => {
            const alone = account(position(isLong ? size : -size, 0n, { price: Valuation.mark(price) }))
            const { equity, maintenanceMargin } = Account.assess(alone, plimsoll)
            return { ...alone, fees: equity - maintenanceMargin + off }
          })
          const prices = at({ ETH: price })
          expect(Screen.breached(accounts, Screen.of(accounts, plimsoll), prices)).toEqual(
            lines.flatMap(([, , off], a) => (off > 0n ? [a] : [])),
          )
        },
      ),
      { numRuns },
    )
  })
})

describe('scan', () => {
  test('edge: blocks, dense and sparse columns, and parts of a book add up to the whole', () => {
    const count = 2 * Screen.blockSize + 5
    const accounts = Array.from({ length: count }, (_, a) => {
      const entry = usd(90 + (a % 17))
      const rare = a % 1_000 === 7 ? [position(usd(2), usd(40 + (a % 13)), { market: 'DOGE', price: Valuation.mark(usd(50)) })] : []
      return account(position(a % 2 === 0 ? usd(1) : usd(-1), entry), ...rare)
    })
    const screen = Screen.of(accounts, plimsoll)
    expect([screen.blocks.length, screen.dense.length, screen.sparse.columns.length]).toEqual([3, 2, 1])
    for (const prices of [
      at({ ETH: usd(100), DOGE: usd(50) }),
      at({ ETH: usd(93), DOGE: usd(46) }),
      at({ ETH: usd(104), DOGE: usd(20) }),
    ]) {
      const parts = [0, 1, 2].map((block) => Screen.scan(screen, { prices, from: block, to: block + 1 }))
      const found = { breached: parts.flatMap((part) => part.breached), unsure: parts.flatMap((part) => part.unsure) }
      expect(Screen.confirm(accounts, { screen, prices, found })).toEqual(naive(accounts, prices))
      expect(Screen.breached(accounts, screen, prices)).toEqual(naive(accounts, prices))
      expect(naive(accounts, prices).length).toBeGreaterThan(0)
    }
  })
})

describe('share', () => {
  test('edge: the same numbers, in memory that threads share', () => {
    const accounts = Array.from({ length: 40 }, (_, a) =>
      account(position(usd(1), usd(80 + a)), ...(a === 3 ? [position(usd(1), usd(50), { market: 'DOGE' })] : [])),
    )
    const screen = Screen.of(accounts, plimsoll)
    const shared = Screen.share(screen)
    const prices = at({ ETH: usd(100), DOGE: usd(60) })
    expect(Screen.scan(shared, { prices })).toEqual(Screen.scan(screen, { prices }))
    const arrays = [shared.cash, shared.sparse.size, shared.sparse.account, shared.sparse.start, ...shared.dense.map(({ size }) => size)]
    for (const { buffer } of arrays) expect(buffer).toBeInstanceOf(SharedArrayBuffer)
    expect(shared.sparse.columns.length).toBeGreaterThan(0)
  })
})
