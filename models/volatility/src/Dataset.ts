import { createHash } from 'node:crypto'
import { type Bar, Features, SyntheticMarket } from '@plimsoll/volatility'

/** Bars by symbol, and where they come from. */
export type Dataset = {
  readonly bars: Readonly<Record<string, readonly Bar.Bar[]>>
  readonly source: string
}

/** What the committed model is trained on: eight assets of a market that does not exist. */
const assets: readonly SyntheticMarket.Asset[] = [
  { symbol: 'BTC-PERP', price: 40_000, volatility: 0.45 },
  { symbol: 'ETH-PERP', price: 2_500, volatility: 0.6 },
  { symbol: 'SOL-PERP', price: 100, volatility: 0.85 },
  { symbol: 'BNB-PERP', price: 300, volatility: 0.5 },
  { symbol: 'XRP-PERP', price: 0.6, volatility: 0.7 },
  { symbol: 'DOGE-PERP', price: 0.08, volatility: 0.95 },
  { symbol: 'LINK-PERP', price: 14, volatility: 0.8 },
  { symbol: 'LTC-PERP', price: 70, volatility: 0.65 },
]

/** Sunday 2023-01-01, 00:00 UTC. */
const startAt = 1_672_531_200

/**
 * The seeded synthetic market.
 *
 * @param args.symbols - how many of the eight assets, from the first.
 */
export function synthetic(args: { readonly seed: number; readonly days: number; readonly symbols: number }): Dataset {
  const { intervalSeconds } = Features.schema
  const bars = SyntheticMarket.generate({
    seed: args.seed,
    startAt,
    intervalSeconds,
    bars: (args.days * 86_400) / intervalSeconds,
    assets: assets.slice(0, args.symbols),
  })
  return { bars, source: `SyntheticMarket.generate, seed ${args.seed}, ${args.days} days` }
}

/** sha256 over every symbol in order and its bars as little-endian doubles: what a card names its data by. */
export function hash(bars: Dataset['bars']): string {
  const sum = createHash('sha256')
  for (const symbol of Object.keys(bars).sort()) {
    const series = bars[symbol] ?? []
    const bytes = Buffer.alloc(series.length * 40)
    series.forEach(({ closeAt, open, high, low, close }, i) => {
      for (const [k, value] of [closeAt, open, high, low, close].entries()) bytes.writeDoubleLE(value, 40 * i + 8 * k)
    })
    sum.update(`${symbol}\0${series.length}\0`).update(bytes)
  }
  return sum.digest('hex')
}
