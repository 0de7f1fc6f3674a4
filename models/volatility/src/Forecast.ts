import { type Bar, Features, LogHar, Quantile, RealisedVariance } from '@plimsoll/volatility'
import type { Artifact, Hash } from './Artifact.ts'
import { BaseError } from './BaseError.ts'
import * as Network from './Network.ts'
import type { Parameters } from './Parameters.ts'

/** A worst-path loss quantile per side, as a simple return, rounded up. */
export type Rate = { readonly longPpm: number; readonly shortPpm: number }

/** What margin takes into its inputs document, field for field. */
export type Forecast = {
  readonly source: 'champion' | 'baseline'
  readonly modelHash: Hash
  /** Close of the last bar the forecast has seen: market time. Unix seconds. */
  readonly asOf: number
  /** Annualised volatility over the next 24 h, rounded up. */
  readonly sigmaPpm: number
  readonly closeOut: Rate
  readonly liquidation: Rate
  readonly throughTheCycle: Rate
}

/** The figures of a forecast that margin is made of. */
type Figures = Pick<Forecast, 'sigmaPpm' | 'closeOut' | 'liquidation' | 'throughTheCycle'>

/** A forecast, or why there is none. */
export type Outcome =
  | { readonly status: 'forecast'; readonly forecast: Forecast; readonly fallback: Fallback | null }
  | { readonly status: 'unavailable'; readonly error: InsufficientHistoryError | UnusableError }

/** Why the baseline answered. */
export type Fallback = { readonly code: string; readonly message: string }

/** Annualised volatility a network's forecast must lie in to be believed. */
export const believable = { least: 0.05, most: 5 } as const

/**
 * Forecasts every symbol at the close of its last bar.
 *
 * Formula: `ln v̂ = ln v̂_baseline + correction`, `q = k·√v̂` with k calibrated per horizon and side, then as a simple return.
 * A horizon takes the calibration of the shortest calibrated horizon not below it.
 * Where the network is absent, or gives NaN, ∞ or an annualised volatility outside [0.05, 5] at any horizon, the baseline answers, floored at
 * the last good forecast; so no figure falls because a model broke. A volatility below 0.05 is never given.
 * Rounding: up.
 *
 * @param args.market - bars by symbol, sound and unbroken, five minutes each.
 * @param args.lastGood - the champion's last forecast by symbol.
 * @throws {HorizonError} a horizon is longer than the longest calibrated one.
 */
export function of(args: of.Arguments): Record<string, Outcome> {
  const { model, market, lastGood } = args
  const horizons = {
    closeOut: calibrated(model.parameters, args.closeOutSeconds),
    liquidation: calibrated(model.parameters, args.liquidationSeconds),
  }
  const prepared = Object.entries(market).flatMap(([symbol, bars]) => (bars.length < 2 ? [] : [Features.prepare({ symbol, bars })]))
  const rowsAt = new Map<number, readonly Features.Row[]>()
  const outcome = (symbol: string, bars: readonly Bar.Bar[]): Outcome => {
    const asOf = bars.at(-1)?.closeAt
    if (asOf === undefined || bars.length < Features.barsNeeded)
      return { status: 'unavailable', error: new InsufficientHistoryError({ symbol, had: bars.length }) }
    const rows = rowsAt.get(asOf) ?? Features.rows(prepared, asOf)
    rowsAt.set(asOf, rows)
    const row = rows.find((each) => each.symbol === symbol)
    if (row === undefined) return { status: 'unavailable', error: new UnusableError({ symbol }) }
    try {
      return answer({ model, row, asOf, bars, horizons, lastGood: lastGood[symbol] ?? null })
    } catch (cause) {
      if (!(cause instanceof Quantile.InvalidLossError)) throw cause
      return { status: 'unavailable', error: new UnusableError({ symbol, cause }) }
    }
  }
  return Object.fromEntries(Object.entries(market).map(([symbol, bars]) => [symbol, outcome(symbol, bars)]))
}

export declare namespace of {
  type Arguments = {
    readonly model: Pick<Artifact, 'modelHash' | 'parameters' | 'network' | 'fault'>
    readonly market: Readonly<Record<string, readonly Bar.Bar[]>>
    readonly lastGood: Readonly<Record<string, Forecast>>
    readonly closeOutSeconds: number
    readonly liquidationSeconds: number
  }
}

type Calibrated = Parameters['calibration'][number]

function answer(args: {
  readonly model: of.Arguments['model']
  readonly row: Features.Row
  readonly asOf: number
  readonly bars: readonly Bar.Bar[]
  readonly horizons: { readonly closeOut: Calibrated; readonly liquidation: Calibrated }
  readonly lastGood: Forecast | null
}): Outcome {
  const { model, row, asOf, bars, horizons, lastGood } = args
  const { parameters, network, modelHash } = model
  const base = baseline(parameters, row.values)
  const champion = network === null ? null : (corrected(parameters, network, [row.values], [base])[0] ?? null)
  const fallback: Fallback | null =
    champion === null
      ? (model.fault ?? { code: 'NETWORK_ABSENT', message: 'The model has no network.' })
      : isBelievable(champion)
        ? null
        : {
            code: 'NETWORK_UNBELIEVABLE',
            message: `The network's volatility is not finite or not within [${believable.least}, ${believable.most}].`,
          }
  const source = fallback === null ? 'champion' : 'baseline'
  const variances = (fallback === null && champion !== null ? champion : base).map(floored)
  const rate = (horizon: Calibrated): Rate => {
    const deviation = Math.sqrt(varianceOver(variances, horizon.horizonSeconds))
    return Quantile.simple({ long: horizon[source].long * deviation, short: horizon[source].short * deviation })
  }
  const steps = Math.ceil(horizons.liquidation.horizonSeconds / parameters.features.intervalSeconds)
  const sigma = RealisedVariance.annualise({ variance: varianceOver(variances, 86_400), horizonSeconds: 86_400 })
  const forecast: Forecast = {
    source,
    modelHash,
    asOf,
    sigmaPpm: Quantile.ppmUp(sigma),
    closeOut: rate(horizons.closeOut),
    liquidation: rate(horizons.liquidation),
    throughTheCycle: Quantile.simple(Quantile.throughTheCycle({ bars, steps, levelPpm: parameters.levelPpm })),
  }
  return { status: 'forecast', forecast: fallback === null || lastGood === null ? forecast : greater(forecast, lastGood), fallback }
}

/**
 * The baseline's variances over `Features.horizonsSeconds`.
 *
 * @param values - one row of `Features.rows`.
 */
export function baseline(parameters: Pick<Parameters, 'baseline'>, values: Float64Array): number[] {
  return parameters.baseline.map((model) => LogHar.forecast(model, values.subarray(0, Features.lagCount)))
}

/**
 * The champion's variances: the baseline's times e^correction. Unchecked: see {@link isBelievable}.
 *
 * @param bases - `baseline` of each row.
 */
export function corrected(
  parameters: Pick<Parameters, 'standard'>,
  network: Network.Network,
  rows: readonly Float64Array[],
  bases: readonly (readonly number[])[],
): number[][] {
  const inputs = rows.map((values) => Features.standardise({ values, ...parameters.standard }))
  const corrections = Network.correct(network, inputs)
  return bases.map((base, i) => base.map((variance, k) => variance * Math.exp(corrections[i]?.[k] ?? Number.NaN)))
}

/** Whether every horizon's variance is finite and within the bounds of {@link believable}. */
export function isBelievable(variances: readonly number[]): boolean {
  return variances.every((variance, k) => {
    const sigma = RealisedVariance.annualise({ variance, horizonSeconds: Features.horizonsSeconds[k] ?? Number.NaN })
    return sigma >= believable.least && sigma <= believable.most
  })
}

/**
 * Variance over any horizon up to a day: that of the shortest forecast horizon not below it, in proportion to time.
 *
 * @param variances - over `Features.horizonsSeconds`.
 */
export function varianceOver(variances: readonly number[], horizonSeconds: number): number {
  const k = Features.horizonsSeconds.findIndex((seconds) => seconds >= horizonSeconds)
  return ((variances[k] ?? Number.NaN) * horizonSeconds) / (Features.horizonsSeconds[k] ?? Number.NaN)
}

function floored(variance: number, k: number): number {
  const least = RealisedVariance.ofVolatility({ volatility: believable.least, horizonSeconds: Features.horizonsSeconds[k] ?? Number.NaN })
  return Math.max(variance, least)
}

/** Figure by figure the greater of two; all else is the first one's. */
export function greater<T extends Figures>(a: T, b: Figures): T {
  const rate = (x: Rate, y: Rate): Rate => ({ longPpm: Math.max(x.longPpm, y.longPpm), shortPpm: Math.max(x.shortPpm, y.shortPpm) })
  return {
    ...a,
    sigmaPpm: Math.max(a.sigmaPpm, b.sigmaPpm),
    closeOut: rate(a.closeOut, b.closeOut),
    liquidation: rate(a.liquidation, b.liquidation),
    throughTheCycle: rate(a.throughTheCycle, b.throughTheCycle),
  }
}

function calibrated({ calibration }: Parameters, seconds: number): Calibrated {
  const found = calibration.find(({ horizonSeconds }) => horizonSeconds >= seconds)
  if (found === undefined || !(seconds > 0)) throw new HorizonError({ seconds, longest: calibration.at(-1)?.horizonSeconds ?? 0 })
  return found
}

/** Says that a symbol has too few bars, and how many it needs. Never answered with a number. */
export class InsufficientHistoryError extends BaseError {
  override readonly name = 'Forecast.InsufficientHistoryError'
  readonly symbol: string
  readonly needed: number
  readonly had: number
  readonly intervalSeconds = Features.schema.intervalSeconds
  constructor(args: { readonly symbol: string; readonly had: number; readonly needed?: number }) {
    const needed = args.needed ?? Features.barsNeeded
    super({
      code: 'FORECAST_INSUFFICIENT_HISTORY',
      message: `${args.symbol} has ${args.had} bars; a forecast needs ${needed} unbroken ones of ${Features.schema.intervalSeconds} s.`,
      hint: 'Push the missing history; until then nothing is known about its volatility.',
    })
    this.symbol = args.symbol
    this.needed = needed
    this.had = args.had
  }
}

/** Says that neither network nor baseline gave a usable number. */
export class UnusableError extends BaseError {
  override readonly name = 'Forecast.UnusableError'
  readonly symbol: string
  constructor(args: { readonly symbol: string; readonly cause?: unknown }) {
    super({
      code: 'FORECAST_UNUSABLE',
      message: `Neither the network nor the baseline gives a finite forecast of ${args.symbol}.`,
      hint: 'Look at its last bars; until they are mended nothing is known about its volatility.',
    })
    this.symbol = args.symbol
    if (args.cause !== undefined) this.cause = args.cause
  }
}

/** Thrown when a horizon is not calibrated. */
export class HorizonError extends BaseError {
  override readonly name = 'Forecast.HorizonError'
  readonly seconds: number
  readonly longest: number
  constructor(args: { readonly seconds: number; readonly longest: number }) {
    super({
      code: 'FORECAST_HORIZON',
      message: `A horizon of ${args.seconds} s is not calibrated; the longest is ${args.longest} s.`,
      hint: 'Ask for a shorter horizon, or calibrate a model for this one.',
    })
    this.seconds = args.seconds
    this.longest = args.longest
  }
}
