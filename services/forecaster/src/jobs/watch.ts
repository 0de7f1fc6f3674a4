/** Watches whether the market still looks as it did in training, from the bars that are held. */
import { type Bar, Hourly } from '@plimsoll/volatility'
import { Monitor, type Registry } from '@plimsoll/volatility-model'
import { intervalSeconds } from './ingest.ts'

/** The window watched: what ten weeks of bars leave beyond the month that signals need. */
const days = 30

/**
 * A report for each horizon that history suffices for; none for a model of one network.
 *
 * @param args.now - unix seconds.
 */
export function reports(args: {
  readonly model: Registry.Model
  readonly market: Readonly<Record<string, readonly Bar.Bar[]>>
  readonly now: number
}): readonly Monitor.Report[] {
  const { model, market, now } = args
  if (!('schema' in model)) return []
  const series = Object.entries(market).map(([symbol, bars]) => ({
    symbol,
    intervalSeconds,
    bars: Hourly.traded(bars),
  }))
  return model.members.flatMap((served) => {
    const to = served.member.intervalSeconds
    const runs = series
      .map((each) => Hourly.of({ symbol: each.symbol, bars: Hourly.coarser(each, to), intervalSeconds: to }))
      .filter(({ length }) => length > 0)
    const report = Monitor.of({ served, runs, days, now })
    return report === null ? [] : [report]
  })
}
