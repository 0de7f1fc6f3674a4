/** The market of docs/method/leverage-ratio-impact.md, worked out there by hand: A and B long, C short, 10⁻⁴ a USD. */
import * as Book from '../Book.ts'
import type * as Reading from '../Reading.ts'

const usd = (dollars: number) => BigInt(dollars) * 10n ** 18n

export function position(account: string, side: Book.Side, figures: { readonly notional: number; readonly equity: number }): Book.Account {
  return {
    account,
    equity: usd(figures.equity),
    collateral: usd(figures.equity),
    positions: [{ market: 'ETH', side, notional: usd(figures.notional), maintenancePpm: 50_000 }],
  }
}

export const byHand: readonly Book.Account[] = [
  position('A', 'long', { notional: 1_000, equity: 145 }),
  position('B', 'long', { notional: 500, equity: 120 }),
  position('C', 'short', { notional: 1_500, equity: 390 }),
]

/** σ̂ of a day is 5 %: 0.05·√365 a year. */
export function reading(change: Partial<Reading.Reading> = {}, accounts: readonly Book.Account[] = byHand): Reading.Reading {
  return {
    book: Book.of(accounts),
    market: 'ETH',
    bookHash: '0x01',
    headroom: { long: 0n, short: 0n },
    initialPpm: 62_500,
    maintenancePpm: 50_000,
    impacts: { ETH: { kind: 'linear', slope: 1e-4 } },
    sigmaPpm: { forecast: 955_249, throughTheCycle: 955_249 },
    horizonSeconds: 86_400,
    ceiling: usd(10_000),
    brakeMaxPpm: 500_000,
    bonusPpm: 10_000,
    ...change,
  }
}
