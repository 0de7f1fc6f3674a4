/** Test kit: books by hand, and arbitrary ones. */
import * as fc from 'fast-check'
import { Book } from '../index.ts'

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
