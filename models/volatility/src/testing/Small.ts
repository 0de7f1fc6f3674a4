import { SyntheticMarket } from '@plimsoll/volatility'
import * as Panel from '../Panel.ts'
import { type Recipe, recipe } from '../Recipe.ts'

/** A fit that takes a second. */
export const small: Recipe = {
  ...recipe,
  members: 2,
  units: 8,
  batch: 64,
  steps: 40,
  leastDays: 30,
  refitDays: 20,
  windowDays: 40,
}

/** Monday 2024-01-01, 00:00 UTC. */
export const startAt = 1_704_067_200

/** Bars as `Panel.of` takes them: `closeAt` is still the open. */
export function raw(args: {
  readonly seed: number
  readonly days: number
  readonly intervalSeconds: number
  readonly symbols: readonly string[]
}): Panel.Raw {
  const { seed, days, intervalSeconds, symbols } = args
  const market = SyntheticMarket.generate({
    seed,
    startAt,
    intervalSeconds,
    bars: (days * 86_400) / intervalSeconds,
    assets: symbols.map((symbol, i) => ({ symbol, price: 100 * (i + 1), volatility: 0.5 + i / 10 })),
  })
  return Object.fromEntries(
    Object.entries(market).map(([symbol, bars]) => [
      symbol,
      bars.map((bar, i) => ({ ...bar, closeAt: bar.closeAt - intervalSeconds, volume: 100 + (i % 13) })),
    ]),
  )
}

export const asOf = 4_000_000_000

/** An hourly panel of a synthetic market. */
export function panel(days: number, symbols: readonly string[] = ['BTC', 'ETH', 'SOL']): Panel.Panel {
  return Panel.of({ raw: raw({ seed: 11, days, intervalSeconds: 3_600, symbols }), files: [], asOf })
}

/** Bars as a file of the shared format. */
export function csv(bars: Panel.Raw): string {
  const lines = Object.entries(bars).flatMap(([symbol, series]) =>
    series.map(
      ({ closeAt, open, high, low, close, volume }) =>
        `${symbol},${new Date(closeAt * 1_000).toISOString()},${open},${high},${low},${close},${volume}`,
    ),
  )
  return `symbol,timestamp,open,high,low,close,volume\n${lines.join('\n')}\n`
}
