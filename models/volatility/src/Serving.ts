import { type Bar, Hourly, Quantile, Signals } from '@plimsoll/volatility'
import type * as Artifact from './Artifact.ts'
import * as Forecast from './Forecast.ts'
import { type Source, sources } from './Member.ts'
import * as Outlook from './Outlook.ts'
import type { Suite } from './Suite.ts'

/** What margin takes, and beside it every horizon with its levels. */
export type Served = Omit<Forecast.Forecast, 'source'> & {
  readonly source: Forecast.Forecast['source'] | Source
  /** By rising horizon; empty for a model of one network. */
  readonly outlooks: readonly Outlook.Outlook[]
  /** Whether the asset was in training. One that was not gets the pooled answer, and at each level the factor of the next one. */
  readonly asset: 'known' | 'unknown'
}

export type Outcome =
  | { readonly status: 'forecast'; readonly forecast: Served; readonly fallback: Forecast.Fallback | null }
  | { readonly status: 'unavailable'; readonly error: Forecast.InsufficientHistoryError | Forecast.UnusableError }

/** Bars a suite needs before it says anything: a day. Up to four weeks the lower steps of its ladder answer. */
const leastHours = 24

/** Length of the bars served from. */
const intervalSeconds = 300

/**
 * Forecasts every symbol at the close of its last bar, with whatever kind of model serves.
 *
 * A suite reads hours that end at that close, so nothing of the last minutes is left out. Close-out and liquidation take the 99 % path quantile of the
 * shortest calibrated horizon not below them. Where a lower step of the ladder answers, no figure falls below the last good forecast.
 * Rounding: up.
 *
 * @param args.market - bars by symbol, sound and unbroken, five minutes each.
 * @param args.lastGood - the champion's last forecast by symbol.
 * @throws {Forecast.HorizonError} a horizon is longer than the longest calibrated one.
 */
export function of(args: of.Arguments): Readonly<Record<string, Outcome>> {
  const { model } = args
  if (!('schema' in model)) {
    const outcomes = Object.entries(Forecast.of({ ...args, model, lastGood: args.lastGood as Record<string, Forecast.Forecast> }))
    return Object.fromEntries(
      outcomes.map(([symbol, outcome]) => [
        symbol,
        outcome.status === 'forecast' ? { ...outcome, forecast: { ...outcome.forecast, outlooks: [], asset: 'known' as const } } : outcome,
      ]),
    )
  }
  assertHorizons(model, args)
  const ends = [...new Set(Object.values(args.market).map((bars) => bars.at(-1)?.closeAt ?? 0))]
  const looks = new Map(ends.map((asOf) => [asOf, lookAt(model, args.market, asOf)]))
  return Object.fromEntries(
    Object.entries(args.market).map(([symbol, bars]): [string, Outcome] => {
      const asOf = bars.at(-1)?.closeAt ?? 0
      if (bars.length < (leastHours * 3_600) / intervalSeconds)
        return [
          symbol,
          {
            status: 'unavailable',
            error: new Forecast.InsufficientHistoryError({ symbol, had: bars.length, needed: (leastHours * 3_600) / intervalSeconds }),
          },
        ]
      try {
        const outlooks = looks.get(asOf)?.map((each) => each[symbol]) ?? []
        const asset = isKnown(model, symbol) ? 'known' : 'unknown'
        const sound = outlooks.filter((each) => each !== undefined).map((each) => (asset === 'known' ? each : widened(each)))
        if (sound.length < model.members.length) return [symbol, { status: 'unavailable', error: new Forecast.UnusableError({ symbol }) }]
        return [symbol, answer({ ...args, model, symbol, bars, outlooks: sound, asset })]
      } catch (cause) {
        if (!(cause instanceof Quantile.InvalidLossError)) throw cause
        return [symbol, { status: 'unavailable', error: new Forecast.UnusableError({ symbol, cause }) }]
      }
    }),
  )
}

export declare namespace of {
  type Arguments = {
    readonly model: Pick<Artifact.Artifact, 'modelHash' | 'parameters' | 'network' | 'fault'> | Suite
    readonly market: Readonly<Record<string, readonly Bar.Bar[]>>
    readonly lastGood: Readonly<Record<string, Served | Forecast.Forecast>>
    readonly closeOutSeconds: number
    readonly liquidationSeconds: number
  }
  type ErrorType = Forecast.HorizonError
}

/** Outlooks of every member at one time, each by symbol. */
function lookAt(suite: Suite, market: of.Arguments['market'], asOf: number): readonly Readonly<Record<string, Outlook.Outlook>>[] {
  const offset = asOf % 3_600
  const newest = (Signals.hoursNeeded + 1) * (3_600 / intervalSeconds)
  const series = Object.entries(market).flatMap(([symbol, bars]) => {
    const first = bars[0]
    const index = first === undefined ? -1 : (asOf - first.closeAt) / intervalSeconds
    if (bars[index] === undefined) return []
    const part = bars.slice(Math.max(0, index + 1 - newest), index + 1)
    return [{ symbol, intervalSeconds, bars: Hourly.traded(part).map((bar) => ({ ...bar, closeAt: bar.closeAt - offset })) }]
  })
  return suite.members.map((served) => {
    const { intervalSeconds: interval } = served.member
    const hours = series.map((each) => Hourly.of({ symbol: each.symbol, bars: Hourly.coarser(each, interval), intervalSeconds: interval }))
    return Outlook.of({ served, market: hours.filter(({ length }) => length > 0), hour: (asOf - offset) / 3_600 })
  })
}

function answer(
  args: of.Arguments & {
    readonly model: Suite
    readonly symbol: string
    readonly bars: readonly Bar.Bar[]
    readonly outlooks: readonly Outlook.Outlook[]
    readonly asset: Served['asset']
  },
): Outcome {
  const { model, symbol, bars, outlooks } = args
  const longest = outlooks.at(-1)
  if (longest === undefined) return { status: 'unavailable', error: new Forecast.UnusableError({ symbol }) }
  const worst = Math.max(...outlooks.map(({ source }) => sources.indexOf(source)))
  const fallback = outlooks.find((each) => each.fallback !== null)?.fallback ?? null
  const levelPpm = 990_000
  const rate = (seconds: number): Forecast.Rate => {
    const soon = outlooks[0]?.soon.find((each) => each.seconds >= seconds)
    if (soon !== undefined) return Quantile.simple({ long: soon.longPath, short: soon.shortPath })
    const band = outlooks.find((each) => each.horizonSeconds >= seconds)?.bands.find((each) => each.levelPpm === levelPpm)
    return Quantile.simple({ long: band?.longPath.quantile ?? Number.NaN, short: band?.shortPath.quantile ?? Number.NaN })
  }
  const steps = Math.ceil(args.liquidationSeconds / intervalSeconds)
  const forecast: Served = {
    source: sources[worst] ?? 'static',
    modelHash: model.modelHash,
    asOf: bars.at(-1)?.closeAt ?? 0,
    sigmaPpm: Quantile.ppmUp(longest.sigma),
    closeOut: rate(args.closeOutSeconds),
    liquidation: rate(args.liquidationSeconds),
    throughTheCycle: Quantile.simple(Quantile.throughTheCycle({ bars, steps, levelPpm })),
    outlooks,
    asset: args.asset,
  }
  const last = args.lastGood[symbol]
  return { status: 'forecast', forecast: fallback === null || last === undefined ? forecast : Forecast.greater(forecast, last), fallback }
}

/** Whether every member's training had the asset: `BTC-PERP` is BTC. */
function isKnown({ card }: Suite, symbol: string): boolean {
  const asset = symbol.split(/[-/_]/)[0] ?? symbol
  return card.members.every(({ data }) => data.symbols.some((each) => each.symbol.split(/[-/_]/)[0] === asset))
}

/** Each level with the figures of the next; the last one grows as much as it is above the one before. */
function widened(outlook: Outlook.Outlook): Outlook.Outlook {
  const { bands } = outlook
  const last = bands.at(-1)
  const before = bands.at(-2)
  if (last === undefined || before === undefined) return outlook
  const sides = ['longPath', 'shortPath', 'longEnd', 'shortEnd'] as const
  const beyond = Object.fromEntries(
    sides.map((side) => {
      const growth = last[side].quantile / before[side].quantile
      return [side, { quantile: last[side].quantile * growth, shortfall: last[side].shortfall * growth }]
    }),
  ) as Pick<typeof last, (typeof sides)[number]>
  const growth = Math.max(last.longPath.quantile / before.longPath.quantile, last.shortPath.quantile / before.shortPath.quantile)
  return {
    ...outlook,
    bands: bands.map((band, i) => ({ ...(bands[i + 1] ?? beyond), levelPpm: band.levelPpm })),
    soon: outlook.soon.map((each) => ({ ...each, longPath: each.longPath * growth, shortPath: each.shortPath * growth })),
  }
}

function assertHorizons({ members }: Suite, args: of.Arguments): void {
  const longest = members.at(-1)?.member.horizonSeconds ?? 0
  for (const seconds of [args.closeOutSeconds, args.liquidationSeconds])
    if (!(seconds > 0 && seconds <= longest)) throw new Forecast.HorizonError({ seconds, longest })
}
