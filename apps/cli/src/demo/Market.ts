/** The market a demo replays: a month of five-minute bars up to now, that its seed determines. */
import type { House } from '@plimsoll/localnet'
import { SyntheticMarket } from '@plimsoll/volatility'

export const intervalSeconds = 300
const bars = 30 * 288

/** Bars by symbol, oldest first; the last closes at or before `now`. */
export function generate(args: { readonly seed: number; readonly now: number }): Readonly<Record<string, readonly House.Bar[]>> {
  return SyntheticMarket.generate({
    seed: args.seed,
    startAt: (Math.floor(args.now / intervalSeconds) - bars) * intervalSeconds,
    intervalSeconds,
    bars,
    assets: [
      { symbol: 'ETH-PERP', price: 3_000, volatility: 0.9 },
      { symbol: 'BTC-PERP', price: 60_000, volatility: 0.65 },
    ],
  })
}
