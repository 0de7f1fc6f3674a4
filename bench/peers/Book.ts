/** The accounts that everybody is given: five markets, and in each of them a position, all from one seed. */

/** A market: `price` in cents; rates in ppm; `rootPpm` is what √(size in whole units) adds to the rate, `interest` in USD. */
export type Market = {
  readonly symbol: string
  readonly price: number
  readonly imPpm: number
  readonly mmPpm: number
  readonly rootPpm: number
  readonly longInterest: number
  readonly shortInterest: number
}

/** `size` in 1/10,000 of a unit, negative when short; `entry` in cents. */
export type Position = { readonly market: Market; readonly size: number; readonly entry: number }

/** `cash` in cents. */
export type Account = { readonly cash: number; readonly positions: readonly Position[] }

export const sizeUnit = 10_000
export const accountsPerBook = 256

export const markets: readonly Market[] = [
  { symbol: 'BTC', price: 6_431_250, imPpm: 50_000, mmPpm: 30_000, rootPpm: 4_000, longInterest: 310e6, shortInterest: 295e6 },
  { symbol: 'ETH', price: 318_475, imPpm: 50_000, mmPpm: 30_000, rootPpm: 1_200, longInterest: 180e6, shortInterest: 172e6 },
  { symbol: 'SOL', price: 14_260, imPpm: 100_000, mmPpm: 50_000, rootPpm: 700, longInterest: 90e6, shortInterest: 61e6 },
  { symbol: 'LINK', price: 1_388, imPpm: 100_000, mmPpm: 50_000, rootPpm: 200, longInterest: 22e6, shortInterest: 12e6 },
  { symbol: 'ARB', price: 84, imPpm: 200_000, mmPpm: 100_000, rootPpm: 120, longInterest: 9e6, shortInterest: 7e6 },
]

/**
 * The same accounts for the same seed: notional of 10 k to 500 k USD a position, entered within 5 %, cash
 * of 20 k to 300 k USD. The first is long and the second short, so that nobody is on one side only.
 */
export function accounts(seed: number): readonly Account[] {
  const next = uniform(seed)
  return Array.from({ length: accountsPerBook }, () => ({
    cash: Math.round(2_000_000 + next() * 28_000_000),
    positions: markets.map((market, index) => {
      const notional = 1_000_000 * 50 ** next()
      const side = (next() < 0.5 || index === 1) && index !== 0 ? -1 : 1
      return {
        market,
        size: side * Math.max(1, Math.round((notional / market.price) * sizeUnit)),
        entry: Math.round(market.price * (0.95 + 0.1 * next())),
      }
    }),
  }))
}

/** USD. */
export function notional({ market, size }: Position): number {
  return (Math.abs(size) * market.price) / sizeUnit / 100
}

/** USD: what the position has earned since it was entered. */
export function profit({ market, size, entry }: Position): number {
  return (size * (market.price - entry)) / sizeUnit / 100
}

/** USD. */
export function equity({ cash, positions }: Account): number {
  return cash / 100 + sum(positions, profit)
}

export function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0)
}

/** Numbers in [0, 1) by a 32-bit mixing generator: enough for spreading sizes, and for nothing else. */
function uniform(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  }
}
