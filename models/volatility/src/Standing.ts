import { Conformal, Features } from '@plimsoll/volatility'
import { BaseError } from './BaseError.ts'
import * as Forecast from './Forecast.ts'
import * as Frame from './Frame.ts'
import * as Member from './Member.ts'
import * as Outlook from './Outlook.ts'
import type { Panel } from './Panel.ts'
import type { Model } from './Registry.ts'
import type { Suite } from './Suite.ts'
import type * as Walk from './Walk.ts'

const levelPpm = 990_000

/**
 * Forecasts of a registered model as it stands, never fitted again: what a challenger is held against.
 *
 * Origins that its training reaches into are left out, so nothing looks ahead. A model of one network has no quantile of the end; the path's
 * stands in, which is never the smaller one.
 *
 * @param args.from - first origin. Unix seconds; likewise `to`, exclusive.
 * @returns one forecast for each symbol and origin, as `champion`.
 * @throws {UnsuitableError} the model does not read these bars, or has not this horizon.
 */
export function of(args: of.Arguments): Walk.Walk['forecasts'] {
  const { model } = args
  return 'schema' in model ? ofSuite(model, args) : ofNetwork(model, args)
}

export declare namespace of {
  type Arguments = {
    readonly model: Model
    readonly panel: Panel
    readonly horizonHours: number
    readonly from: number
    readonly to: number
  }
  type ErrorType = UnsuitableError
}

function ofSuite(suite: Suite, { panel, horizonHours, from, to }: of.Arguments): Walk.Walk['forecasts'] {
  const horizonSeconds = horizonHours * 3_600
  const served = suite.members.find(({ member }) => member.horizonSeconds === horizonSeconds)
  if (served === undefined || served.member.intervalSeconds !== panel.intervalSeconds)
    throw new UnsuitableError({ version: suite.version, horizonHours, intervalSeconds: panel.intervalSeconds })
  const trained =
    (suite.card.members.find((each) => each.horizonSeconds === horizonSeconds)?.to ?? Number.POSITIVE_INFINITY) + horizonSeconds
  const kind = Member.kindOf(served.member)
  const first = Math.ceil(Math.max(from, trained) / 3_600)
  const rows = Frame.of({ runs: panel.runs, kind, from: first, to: Math.ceil(to / 3_600) }).rows.filter((row) => Frame.isDue(kind, row))
  const { champion } = Outlook.variances(served, rows)
  const band = served.member.calibration.champion.bands.find((each) => each.levelPpm === levelPpm)
  return rows.map((row, i) => {
    const variance = champion[i] ?? Number.NaN
    const quantile = (side: Member.Side): number =>
      (band?.[side].quantile ?? Number.NaN) * Conformal.yardstick(variance, served.member.exponent)
    return {
      symbol: row.symbol,
      origin: row.hour * 3_600,
      horizonSeconds,
      model: 'champion',
      variance,
      q99LongPath: quantile('longPath'),
      q99ShortPath: quantile('shortPath'),
      q99LongEnd: quantile('longEnd'),
      q99ShortEnd: quantile('shortEnd'),
    }
  })
}

function ofNetwork(model: Exclude<Model, Suite>, { panel, horizonHours, from, to }: of.Arguments): Walk.Walk['forecasts'] {
  const horizonSeconds = horizonHours * 3_600
  const k = (Features.horizonsSeconds as readonly number[]).indexOf(horizonSeconds)
  const calibration = model.parameters.calibration.find((each) => each.horizonSeconds === horizonSeconds)
  const { network, parameters, version } = model
  if (network === null || calibration === undefined || k < 0 || panel.intervalSeconds !== Features.schema.intervalSeconds)
    throw new UnsuitableError({ version, horizonHours, intervalSeconds: panel.intervalSeconds })
  const prepared = panel.runs.flatMap((run, i) => {
    const bars = panel.bars[i] ?? []
    return bars.length < 2 ? [] : [Features.prepare({ symbol: run.symbol, bars })]
  })
  const first = Math.ceil(from / horizonSeconds) * horizonSeconds
  const origins = Array.from({ length: Math.max(0, Math.ceil((to - first) / horizonSeconds)) }, (_, i) => first + i * horizonSeconds)
  return origins.flatMap((origin) => {
    const rows = Features.rows(prepared, origin)
    const bases = rows.map(({ values }) => Forecast.baseline(parameters, values))
    const variances = Forecast.corrected(
      parameters,
      network,
      rows.map(({ values }) => values),
      bases,
    )
    return rows.map(({ symbol }, i) => {
      const variance = variances[i]?.[k] ?? Number.NaN
      const [long, short] = [calibration.champion.long, calibration.champion.short].map((factor) => factor * Math.sqrt(variance)) as [
        number,
        number,
      ]
      return {
        symbol,
        origin,
        horizonSeconds,
        model: 'champion' as const,
        variance,
        q99LongPath: long,
        q99ShortPath: short,
        q99LongEnd: long,
        q99ShortEnd: short,
      }
    })
  })
}

/** Thrown when a model cannot forecast from these bars. */
export class UnsuitableError extends BaseError {
  override readonly name = 'Standing.UnsuitableError'
  constructor(args: { readonly version: string; readonly horizonHours: number; readonly intervalSeconds: number }) {
    super({
      code: 'STANDING_UNSUITABLE',
      message: `Version ${args.version} does not forecast ${args.horizonHours} h from bars of ${args.intervalSeconds} s.`,
      hint: 'Give bars of the length it was trained on, and a horizon it has: see `plimsoll model card`.',
    })
  }
}
