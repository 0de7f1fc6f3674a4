/** Test kit: books by hand, and arbitrary ones. */
import * as fc from 'fast-check'
import { Book, type Impact, Venue } from '../index.ts'

export const usd = (amount: number): bigint => BigInt(Math.round(amount * 1e6)) * 10n ** 12n

export const market = 'ETH-PERP'

/** An isolated account: notional and equity at P0 in dollars. */
export function isolated(account: string, side: Book.Side, notional: number, equity: number, maintenancePpm = 50_000): Book.Account {
  return {
    account,
    equity: usd(equity),
    collateral: usd(Math.max(0, equity)),
    positions: [{ market, side, notional: usd(notional), maintenancePpm }],
  }
}

/** Up to thirty accounts, some of them with a second market, some under water. */
export const someBook = fc
  .array(
    fc.record({
      side: fc.constantFrom('long' as const, 'short' as const),
      notional: fc.integer({ min: 1, max: 1_000_000 }),
      equityPpm: fc.integer({ min: -20_000, max: 700_000 }),
      maintenancePpm: fc.integer({ min: 5_000, max: 100_000 }),
      other: fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: null }),
    }),
    { maxLength: 30 },
  )
  .map((raw) =>
    raw.map(({ side, notional, equityPpm, maintenancePpm, other }, i): Book.Account => {
      const account = isolated(`a${String(i).padStart(2, '0')}`, side, notional, (notional * equityPpm) / 1e6, maintenancePpm)
      const second = { market: 'BTC-PERP', side: 'long' as const, notional: usd(other ?? 1), maintenancePpm: 30_000 }
      return other === null ? account : { ...account, positions: [...account.positions, second] }
    }),
  )
  .map((accounts) => Book.of(accounts))

export const someImpact = fc.oneof(
  fc.record({ kind: fc.constant('linear' as const), slope: fc.double({ min: 0, max: 1e-6, noNaN: true }) }),
  fc.record({
    kind: fc.constant('squareRoot' as const),
    coefficient: fc.double({ min: 0, max: 0.2, noNaN: true }),
    volume: fc.double({ min: 1e5, max: 1e9, noNaN: true }),
  }),
)

const names = ['BTC-PERP', 'ETH-PERP', 'SOL-PERP'] as const

/** Cross-margin accounts in up to three markets, some with coins under them, most of them near their maintenance margin. */
export function crossBook(sides: fc.Arbitrary<Book.Side>): fc.Arbitrary<Book.Book> {
  const position = fc.record({ market: fc.constantFrom(...names), side: sides, notional: fc.integer({ min: 1, max: 100_000 }) })
  const account = fc.record({
    positions: fc.uniqueArray(position, { minLength: 1, maxLength: 3, selector: ({ market }) => market }),
    equityPpm: fc.integer({ min: -10_000, max: 400_000 }),
    maintenancePpm: fc.integer({ min: 5_000, max: 100_000 }),
    coins: fc.option(fc.constantFrom(...names), { nil: null, freq: 3 }),
  })
  return fc.array(account, { maxLength: 14 }).map((raw) =>
    Book.of(
      raw.map(({ positions, equityPpm, maintenancePpm, coins }, i): Book.Account => {
        const gross = positions.reduce((sum, { notional }) => sum + notional, 0)
        const equity = usd((gross * equityPpm) / 1e6)
        return {
          account: `a${String(i).padStart(2, '0')}`,
          equity,
          collateral: equity > 0n ? equity : 0n,
          positions: positions.map(({ market, side, notional }) => ({ market, side, notional: usd(notional), maintenancePpm })),
          ...(coins === null || equity < 2n ? {} : { holdings: [{ market: coins, value: equity / 2n }] }),
        }
      }),
    ),
  )
}

/** All four curves, of about the same strength. */
export const someCurve: fc.Arbitrary<Impact.Impact> = fc.oneof(
  fc.record({ kind: fc.constant('linear' as const), slope: fc.double({ min: 0, max: 2e-6, noNaN: true }) }),
  fc.record({
    kind: fc.constant('squareRoot' as const),
    coefficient: fc.double({ min: 0, max: 0.2, noNaN: true }),
    volume: fc.double({ min: 1e5, max: 1e9, noNaN: true }),
  }),
  fc.record({ kind: fc.constant('constantProduct' as const), reserve: fc.double({ min: 3e5, max: 1e8, noNaN: true }) }),
  fc
    .array(fc.record({ flow: fc.integer({ min: 1, max: 200_000 }), move: fc.double({ min: 0, max: 0.1, noNaN: true }) }), {
      minLength: 1,
      maxLength: 4,
    })
    .map((steps) => {
      let [flow, move] = [0, 0]
      return {
        kind: 'isotonic' as const,
        knots: steps.map((step) => {
          flow += step.flow
          move += step.move
          return { flow, move }
        }),
      }
    }),
)

/** The three markets of `crossBook`, with whatever a venue may be. */
export const someMarkets: fc.Arbitrary<Venue.Markets> = fc
  .tuple(
    ...names.map(() =>
      fc.record({
        impact: someCurve,
        refill: fc.constantFrom(0, 0, 0.3, 1),
        index: fc.record({ weight: fc.constantFrom(0, 0.4, 1), rounds: fc.constantFrom(1, 1, 3) }),
        spill: fc.double({ min: 0, max: 0.5, noNaN: true }),
        backstop: fc.record({
          sharePpm: fc.constantFrom(0, 0, 300_000, 1_000_000),
          capacity: fc.integer({ min: 0, max: 50_000 }).map(usd),
        }),
      }),
    ),
  )
  .map((raw) =>
    Object.fromEntries(
      names.map((name, k) => {
        const { spill, ...market } = raw[k] ?? { ...Venue.plain({ kind: 'linear', slope: 0 }), spill: 0 }
        return [name, { ...market, spill: Object.fromEntries(names.filter((other) => other !== name).map((other) => [other, spill])) }]
      }),
    ),
  )

/** The same markets, stripped to what keeps a cascade monotone. */
export function plainly(markets: Venue.Markets): Venue.Markets {
  return Object.fromEntries(Object.entries(markets).map(([name, market]) => [name, { ...Venue.plain(market.impact), spill: market.spill }]))
}

/** One shock for each market, each so far down. */
export function down(by: number): Readonly<Record<string, number>> {
  return Object.fromEntries(names.map((name, k) => [name, -by * (1 + k / 4)]))
}
