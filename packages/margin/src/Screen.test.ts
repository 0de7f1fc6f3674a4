import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Account from './Account.ts'
import * as Fixed from './Fixed.ts'
import * as Health from './Health.ts'
import { profile as dydx } from './profiles/dydx-v4/DydxV4.ts'
import { profile as plimsoll } from './profiles/plimsoll/Plimsoll.ts'
import * as Screen from './Screen.ts'
import * as Sizes from './Sizes.ts'
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
const at = (of: Record<string, bigint>): Screen.At => new Map(Object.entries(of).map(([name, price]) => [name, Valuation.mark(price)]))

/** What the engine says of each account at these prices. */
function naive(accounts: readonly Account.Account[], prices: Screen.At, profile = plimsoll): readonly number[] {
  return accounts.flatMap((each, a) => (Health.breached(Account.assess(Screen.repriced(each, prices), profile)) ? [a] : []))
}

/** A line of plain numbers: half of its price is required, and its effective price is the other half. */
const half = { initial: flat(500_000n), maintenance: flat(500_000n) }
const plain = (of: Partial<Account.Position>) => position(1n, 0n, { unit: 1n, margin: half, ...of })
const balance = (of: Partial<Account.Balance>): Account.Balance => ({
  asset: 'USDC',
  amount: 1n,
  unit: 1n,
  price: Valuation.mark(2n),
  owned: half,
  owed: half,
  total: 0n,
  ...of,
})
const price = Valuation.mark

describe('of', () => {
  test('worked example: columns by side, name and rate; what no price moves; what the bound is made of', () => {
    const spread = { low: 100n, high: 110n }
    const book: Account.Account[] = [
      {
        ...account(
          plain({ size: 3n, unit: 2n, price: spread, cost: 5n, quote: 40n, charge: 7n }),
          plain({ size: -2n, price: spread, cost: -7n }),
        ),
        balances: [balance({ amount: 4n, price: spread }), balance({ asset: 'WETH', amount: -6n, unit: 4n, price: spread })],
        fees: 9n,
      },
      account(plain({ price: price(100n) })),
      account(plain({ size: 0n })),
    ]
    const screen = Screen.of(book, plimsoll)
    // 100 − 110 / 2 and 100 / 2, 110 + 110 / 2, 100 / 2, 110 / 2.
    expect(screen.columns).toEqual([
      { name: 'USDC', kind: 'owned', rate: 500_000n, anchor: 50 },
      { name: 'WETH', kind: 'owed', rate: 500_000n, anchor: 55 },
      { name: 'ETH', kind: 'long', rate: 500_000n, anchor: 45 },
      { name: 'ETH', kind: 'short', rate: 500_000n, anchor: 165 },
    ])
    // 40 − 7 − ⌈5 / 2⌉ + 7 − 9; who holds nothing is never below.
    expect(Array.from(screen.cash)).toEqual([28, 0, Number.POSITIVE_INFINITY])
    expect(screen.sizes.dense.map(({ column, size }) => [column, ...size])).toEqual([
      [0, 4, 0, 0],
      [1, -1.5, 0, 0],
      [2, 1.5, 1, 0],
      [3, -2, 0, 0],
    ])
    expect(screen.blocks).toEqual([{ cash: 28, exposure: 4 * 50 + 1.5 * 55 + 1.5 * 45 + 2 * 165, slack: 2 * 2 + 4 * 2 + 4 }])
    expect([screen.lines, screen.exact]).toEqual([4, []])
  })

  test('edge: a rate above 1 is worth a unit more for each whole one that it passes', () => {
    const slack = (rate: bigint) => {
      const margin = { initial: flat(rate), maintenance: flat(rate) }
      return Screen.of([account(plain({ margin }))], plimsoll).blocks[0]?.slack
    }
    expect([1_000_000n, 1_000_001n, 2_000_000n, 2_000_001n].map(slack)).toEqual([8, 9, 9, 10])
  })

  test('edge: nobody who could be breached, and one unit', () => {
    expect(Screen.of([account()], plimsoll)).toMatchObject({ blocks: [{ cash: 0, exposure: 0, slack: 0 }], lines: 0 })
    const kinds = (of: Account.Account) => Screen.of([of], plimsoll).columns.map(({ kind }) => kind)
    expect(kinds(account(plain({ size: 1n })))).toEqual(['long'])
    expect(kinds(account(plain({ size: -1n })))).toEqual(['short'])
    expect(kinds({ ...account(plain({})), balances: [balance({})] })).toEqual(['owned', 'long'])
    expect(kinds({ ...account(), balances: [balance({ amount: -1n })] })).toEqual(['owed'])
    // A millionth is a requirement.
    expect(kinds(account(plain({ margin: { initial: flat(1n), maintenance: flat(1n) } })))).toEqual(['long'])
  })

  test('edge: a weight that bends matters on the side that it is on; orders, funds that rest and profit that settles always', () => {
    const bent: Weight.Weight = { kind: 'max', of: [flat(500_000n)] }
    const curved = { initial: bent, maintenance: bent }
    const exact = (of: Partial<Account.Balance>, changes: Partial<Account.Account> = {}) =>
      Screen.of([{ ...account(plain({})), balances: [balance(of)], ...changes }], plimsoll).exact.length
    expect(exact({})).toBe(0)
    expect(exact({ amount: 1n, owned: curved })).toBe(1)
    expect(exact({ amount: 1n, owed: curved })).toBe(0)
    expect(exact({ amount: -1n, owed: curved })).toBe(1)
    expect(exact({ amount: -1n, owned: curved })).toBe(0)
    expect(exact({ amount: 0n, owned: curved })).toBe(0)
    expect(exact({ charge: 1n })).toBe(1)
    expect(exact({}, { reserved: [] })).toBe(1)
    expect(Screen.of([account(plain({}))], { ...plimsoll, settle: 'balance' }).exact).toEqual([0])
  })

  test('edge: a column that one account in four holds is dense', () => {
    const book = [account(plain({ market: 'A' })), account(plain({})), account(plain({})), account(plain({}))]
    expect(Screen.of(book, plimsoll).sizes.dense.map(({ column }) => column)).toEqual([0, 1])
    const five = [...book, account(plain({}))]
    expect(Screen.of(five, plimsoll)).toMatchObject({ sizes: { dense: [{ column: 1 }], sparse: { columns: [0] } } })
  })

  test('worked example: sparse columns block by block, and in a block column by column', () => {
    const size = Sizes.blockSize
    const book = Array.from({ length: 2 * size + 3 }, () => account(plain({ market: 'ALL' })))
    const hold = (a: number, market: string, held: bigint) => {
      book[a] = account(plain({ market: 'ALL' }), plain({ market, size: held }))
    }
    hold(5, 'X', 2n)
    hold(size - 1, 'X', 3n)
    hold(size, 'Y', 4n)
    hold(size + 7, 'X', 5n)
    hold(2 * size, 'X', 6n)
    hold(2 * size + 2, 'Y', 7n)
    const { sparse } = Screen.of(book, plimsoll).sizes
    expect(sparse.columns).toEqual([1, 2])
    expect(Array.from(sparse.size)).toEqual([2, 3, 5, 4, 6, 7])
    expect(Array.from(sparse.account)).toEqual([5, size - 1, 7, 0, 0, 2])
    expect(Array.from(sparse.start)).toEqual([0, 2, 2, 3, 4, 5, 6])
  })

  test('edge: the sums of a block are 128 KiB, and an account has 16 bits', () => {
    expect(Sizes.blockSize * Float64Array.BYTES_PER_ELEMENT).toBe(128 * 1_024)
    expect(Sizes.blockSize).toBeLessThanOrEqual(2 ** 16)
  })
})

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

  test('edge: a currency moves too, and must have a price', () => {
    const euro = { asset: 'EURX', price: Valuation.mark(usd(1)), unit: Fixed.one }
    const short = position(usd(-1), usd(100), { currency: euro })
    const book = [{ ...account(short), balances: [] as Account.Balance[], fees: -usd(10) }]
    const screen = Screen.of(book, plimsoll)
    expect(Screen.breached(book, screen, at({ ETH: usd(100), EURX: usd(1) }))).toEqual([])
    expect(Screen.breached(book, screen, at({ ETH: usd(100), EURX: usd(3) }))).toEqual([0]) // 10 against 15
    expect(() => Screen.breached(book, screen, at({ ETH: usd(100) }))).toThrow(Screen.MissingPriceError)
  })

  test('edge: open interest is a count, and worth more at a higher price', () => {
    const grows: Weight.Weight = { kind: 'openInterest', rate: 50_000n, lower: usd(1_000), upper: usd(2_000) }
    const book = [
      account(position(usd(1), usd(100), { margin: { initial: grows, maintenance: grows }, openInterest: usd(900), quote: usd(5) })),
    ]
    const moved = Screen.repriced(book[0] as Account.Account, at({ ETH: usd(190) }))
    expect(moved.positions[0]?.openInterest).toBe(usd(1_710))
    expect(Screen.breached(book, Screen.of(book, plimsoll), at({ ETH: usd(190) }))).toEqual([0]) // 95 against 90.5 % of 190
  })

  test('edge: accounts that hold a market at stale prices share one anchor', () => {
    const stale = (to: number) => Valuation.mark(usd(to))
    const hedged = (price: Valuation.Value, quote: bigint) =>
      account(position(usd(1_000_000), usd(100), { price, quote }), position(usd(-1_000_000), usd(100), { price }))
    // At 100 what is left is the quote less 10,000,000 of margin, on 200,000,000 of exposure that a stale price shows as 2,000,000.
    const prices = at({ ETH: usd(100) })
    const quotes = Array.from({ length: 41 }, (_, i) => usd(10_000_000) + BigInt(i - 20) * 200n)
    const book = quotes.map((quote, i) => hedged(stale(i === 0 ? 1 : 100), quote))
    expect(Screen.breached(book, Screen.of(book, plimsoll), prices)).toEqual(naive(book, prices))
    const turned = [...book].reverse()
    expect(Screen.breached(turned, Screen.of(turned, plimsoll), prices)).toEqual(naive(turned, prices))
  })

  test('edge: where the engine requires nothing, floats tell nobody breached', () => {
    const book = [account(position(usd(1), usd(100)))]
    expect(Screen.breached(book, Screen.of(book, plimsoll), at({ ETH: 0n }))).toEqual(naive(book, at({ ETH: 0n })))
    expect(naive(book, at({ ETH: 0n }))).toEqual([])
    // Debts that lower the equity require nothing.
    const whole = { initial: flat(Fixed.ppm), maintenance: flat(Fixed.ppm) }
    const debt = { asset: 'USD', amount: -5n, unit: 1n, price: Valuation.mark(1n), owned: whole, owed: whole, total: 0n }
    const owing = [{ ...account(), balances: [debt] }]
    const lowering = { ...plimsoll, debts: 'collateral' as const }
    expect(Screen.breached(owing, Screen.of(owing, lowering), at({ USD: 1n }))).toEqual([])
    expect(naive(owing, at({ USD: 1n }), lowering)).toEqual([])
  })

  test('edge: a rate above 1 multiplies what a notional is rounded by', () => {
    const line = { ...plimsoll, rounded: 'line' as const }
    const steep = { initial: flat(500n * Fixed.ppm), maintenance: flat(500n * Fixed.ppm) }
    const book = Array.from({ length: 60 }, (_, i) => ({
      ...account(position(3n, 0n, { margin: steep, unit: 2n, price: Valuation.mark(1n) })),
      fees: -BigInt(700 + 10 * i),
    }))
    const prices = at({ ETH: 1n })
    expect(Screen.breached(book, Screen.of(book, line), prices)).toEqual(naive(book, prices, line))
  })

  test('error: a book that does not have the accounts it says, and blocks that are none', () => {
    const one = account(position(usd(1), usd(95)))
    const book = (said: number) => ({ length: said, [Symbol.iterator]: () => [one, one][Symbol.iterator]() })
    for (const said of [1, 3]) expect(() => Screen.of(book(said), plimsoll)).toThrow(Screen.InvalidBookError)
    // The first too many is refused: a book may never end.
    const endless = {
      length: 1,
      *[Symbol.iterator]() {
        for (let a = 0; a < 9; a++) yield one
      },
    }
    expect(() => Screen.of(endless, plimsoll)).toThrow(expect.objectContaining({ said: 1, found: 2 }))
    const screen = Screen.of([one], plimsoll)
    const prices = at({ ETH: usd(100) })
    for (const blocks of [{ from: -1 }, { from: 0.5 }, { to: 2 }, { to: Number.NaN }])
      expect(() => Screen.scan(screen, { prices, ...blocks })).toThrow(Screen.InvalidBlocksError)
    expect(Screen.scan(screen, { prices, from: 1 })).toEqual({ breached: [], unsure: [] })
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
  const found = (book: readonly Account.Account[], at: Screen.At) => Screen.scan(Screen.of(book, plimsoll), { prices: at })
  const cheap: [string, Valuation.Value] = ['TWO', price(2n)]
  /** Holds a unit of an effective price of 1 and is h above its margin. */
  const above = (h: bigint, from = 2n) => account(plain({ market: 'TWO', price: price(from), cost: 1n - h }))

  test('worked example: without large figures the bound is what the engine rounds, two units a balance, four a position, and four', () => {
    const at = new Map([cheap, ['USDC', price(2n)]])
    const told = (of: Account.Account, h: bigint) => {
      // What is there comes to k times 1, and fees leave h of it.
      const lines = BigInt(of.positions.length + of.balances.length)
      const { unsure, breached } = found([{ ...of, fees: lines - h }], at)
      return [unsure.length, breached.length]
    }
    const one = plain({ market: 'TWO', price: price(2n) })
    const debt = { balances: [balance({ amount: -1n }), balance({ amount: 3n })] }
    for (const [of, slack] of [
      [account(one), 8n],
      [account(one, one), 12n],
      [account(one, one, one), 16n],
      [{ ...account(one), balances: [balance({})] }, 10n],
      [{ ...account(), ...debt }, 8n],
    ] as const) {
      expect(told(of, slack)).toEqual([1, 0])
      expect(told(of, slack + 1n)).toEqual([0, 0])
      expect(told(of, -slack)).toEqual([1, 0])
      expect(told(of, -slack - 1n)).toEqual([0, 1])
    }
  })

  test('worked example: with large ones it is seven halves of an ulp of them, and a millionth of that', () => {
    // c = −2^80 and 2^80 · 1: n = 7, so that γ·2^81 = 7·2^28·(1 + 2^-20)·(1 + 7·2^-53) = 1,879,049,984.0000015, and 8 of the engine's.
    const large = account(plain({ price: price(2n ** 81n), cost: 2n ** 80n }))
    const at = new Map([cheap, ['ETH', price(2n ** 81n)]])
    expect(found([large, above(1_879_049_992n)], at)).toEqual({ breached: [], unsure: [0, 1] })
    expect(found([large, above(1_879_049_993n)], at)).toEqual({ breached: [], unsure: [0] })
    expect(found([large, above(-1_879_049_992n)], at)).toEqual({ breached: [], unsure: [0, 1] })
    expect(found([large, above(-1_879_049_993n)], at)).toEqual({ breached: [1], unsure: [0] })
  })

  test('worked example: a price that has risen widens it, one that has fallen does not', () => {
    // Of a price of one 2^81 are held, so that a price of 1 and one of 2^81 are both tried. Doubled, γ·3·2^80 = 2,818,574,976.000002, and 8.
    const held = plain({ size: 2n ** 81n, price: price(1n), cost: 2n ** 80n })
    for (const [large, from] of [
      [account(plain({ price: price(2n ** 81n), cost: 2n ** 80n })), 2n ** 81n],
      [account(held), 1n],
    ] as const) {
      const at = (to: bigint) => new Map([cheap, ['ETH', price(to)]])
      expect(found([large, above(2_818_574_984n)], at(2n * from)).unsure).toContain(1)
      expect(found([large, above(2_818_574_985n)], at(2n * from)).unsure).not.toContain(1)
      expect(found([large, above(1_879_049_992n, 4n)], at(from / 2n)).unsure).toContain(1)
      expect(found([large, above(1_879_049_993n, 4n)], at(from / 2n)).unsure).not.toContain(1)
    }
  })

  test('edge: a price that was 0 and still is says nothing of the others', () => {
    const worthless = account(plain({ price: price(0n), cost: -100n }))
    expect(found([worthless, above(100n)], new Map([cheap, ['ETH', price(0n)]]))).toEqual({ breached: [], unsure: [] })
  })

  test('edge: at the bound an account stands, and is not surely below on the other side', () => {
    // 8 and 4 ulps: γ·8 is 3.5 ulps and a little, so that the bound is 8 and 4 ulps too.
    const unit = 2n ** 49n
    const at = new Map([cheap, ['ETH', price(2n)], ['USDC', price(2n)]])
    expect(found([account(plain({ size: 8n * unit + 4n, unit, price: price(2n) }))], at)).toEqual({ breached: [], unsure: [] })
    expect(found([account(plain({ size: 8n * unit + 3n, unit, price: price(2n) }))], at)).toEqual({ breached: [], unsure: [0] })
    // 6 owed and 5 ulps of it: γ·6 is 5.25 of them.
    const owing = (off: bigint) => ({ ...account(), balances: [balance({ amount: -6n * 2n ** 50n - off, unit: 2n ** 50n })] })
    expect(found([owing(5n)], at)).toEqual({ breached: [], unsure: [0] })
    expect(found([owing(6n)], at)).toEqual({ breached: [0], unsure: [] })
  })

  test('edge: from one dense column to nine, each once', () => {
    for (let count = 1; count <= 9; count++) {
      const markets = Array.from({ length: count }, (_, k) => ({ market: `M${k}`, price: price(2n * 10n ** BigInt(k)) }))
      const at = new Map(markets.map(({ market, price }) => [market, price]))
      // What they come to is 1, 11, 111 …; above it by more than the slack, and below it.
      const sum = BigInt('1'.repeat(count))
      const over = BigInt(4 * count + 5)
      const of = (h: bigint) => ({ ...account(...markets.map(plain)), fees: sum - h })
      expect(found([of(over)], at)).toEqual({ breached: [], unsure: [] })
      expect(found([of(over - 1n)], at)).toEqual({ breached: [], unsure: [0] })
      expect(found([of(-over)], at)).toEqual({ breached: [0], unsure: [] })
    }
  })

  test('edge: several sparse columns in several blocks', () => {
    const size = Sizes.blockSize
    const count = 2 * size + 3
    const book = Array.from({ length: count }, () => above(100n))
    const rare: readonly (readonly [number, string, bigint])[] = [
      [5, 'X', 200n],
      [size - 1, 'Y', 300n],
      [size + 7, 'X', 400n],
      [size + 8, 'Y', 500n],
      [2 * size + 2, 'X', 600n],
    ]
    for (const [a, market, worth] of rare) {
      const more = plain({ market, size: worth, price: price(2n), cost: worth })
      book[a] = { ...above(100n), positions: [...above(100n).positions, more] }
    }
    const screen = Screen.of(book, plimsoll)
    const told = (x: bigint, y: bigint) => Screen.scan(screen, { prices: new Map([cheap, ['X', price(x)], ['Y', price(y)]]) })
    expect(screen.sizes.sparse.columns.length).toBe(2)
    expect(told(2n, 2n)).toEqual({ breached: [], unsure: [] })
    // At 0 all of it is lost, and 100 are there; what is required at a price of 0 is nothing, and only the engine knows if nothing is left.
    expect(told(0n, 2n)).toEqual({ breached: [], unsure: [5, size + 7, 2 * size + 2] })
    expect(told(2n, 0n)).toEqual({ breached: [], unsure: [size - 1, size + 8] })
  })

  test('edge: blocks, dense and sparse columns, and parts of a book add up to the whole', () => {
    const count = 2 * Sizes.blockSize + 5
    const accounts = Array.from({ length: count }, (_, a) => {
      const entry = usd(90 + (a % 17))
      const rare = a % 1_000 === 7 ? [position(usd(2), usd(40 + (a % 13)), { market: 'DOGE', price: Valuation.mark(usd(50)) })] : []
      return account(position(a % 2 === 0 ? usd(1) : usd(-1), entry), ...rare)
    })
    const screen = Screen.of(accounts, plimsoll)
    expect([screen.blocks.length, screen.sizes.dense.length, screen.sizes.sparse.columns.length]).toEqual([3, 2, 1])
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
    const arrays = [
      shared.cash,
      shared.sizes.sparse.size,
      shared.sizes.sparse.account,
      shared.sizes.sparse.start,
      ...shared.sizes.dense.map(({ size }) => size),
    ]
    for (const { buffer } of arrays) expect(buffer).toBeInstanceOf(SharedArrayBuffer)
    expect(shared.sizes.sparse.columns.length).toBeGreaterThan(0)
  })
})
