import { Features } from '@plimsoll/volatility'
import { BaseError } from './BaseError.ts'
import type { Config } from './Config.ts'

/** One origin of one symbol: what was known, what came. */
export type Sample = {
  readonly symbol: string
  readonly at: number
  readonly index: number
  readonly values: Float64Array
  readonly targets: readonly number[]
}

const longestSeconds = Math.max(...Features.horizonsSeconds)

/** Every origin at which every symbol has features and every horizon is over, in order of time and symbol. */
export function of(series: readonly Features.Prepared[], choice: Config): Sample[] {
  const first = Math.max(...series.map(({ bars }) => bars[Features.barsNeeded - 1]?.closeAt ?? Number.POSITIVE_INFINITY))
  const last = Math.min(...series.map(({ bars }) => bars.at(-1)?.closeAt ?? 0)) - longestSeconds
  const bySymbol = new Map(series.map((each) => [each.symbol, each]))
  const samples: Sample[] = []
  for (let at = first; at <= last; at += choice.originBars * Features.schema.intervalSeconds) {
    for (const { symbol, values } of Features.rows(series, at)) {
      const each = bySymbol.get(symbol)
      const index = each === undefined ? null : Features.indexOf(each.bars, at)
      if (each === undefined || index === null) continue
      const targets = Features.horizonsSeconds.map((seconds) => Features.target(each, index, seconds))
      if (targets.every((target) => target !== null)) samples.push({ symbol, at, index, values, targets })
    }
  }
  return samples
}

export type Parts = Record<'train' | 'validation' | 'calibration' | 'test', readonly Sample[]>

/**
 * Parts in order of time with a gap of one day between them, so that every target of a part has been observed before the next begins.
 *
 * @throws {TooLittleDataError}
 */
export function split(samples: readonly Sample[], { shares }: Config): Parts {
  const from = samples[0]?.at ?? 0
  const length = (samples.at(-1)?.at ?? 0) - from
  const cuts = [shares.train, shares.train + shares.validation, shares.train + shares.validation + shares.calibration].map(
    (share) => from + share * length,
  )
  const part = (start: number, end: number): Sample[] => samples.filter(({ at }) => at >= start && at + longestSeconds < end)
  const [a = 0, b = 0, c = 0] = cuts
  const parts = { train: part(from, a), validation: part(a, b), calibration: part(b, c), test: part(c, Number.POSITIVE_INFINITY) }
  for (const [name, rows] of Object.entries(parts)) if (rows.length < 100) throw new TooLittleDataError({ part: name, rows: rows.length })
  return parts
}

/** Thrown when a part of the split has fewer than 100 rows. */
export class TooLittleDataError extends BaseError {
  override readonly name = 'Sample.TooLittleDataError'
  readonly part: string
  readonly rows: number
  constructor(args: { readonly part: string; readonly rows: number }) {
    super({
      code: 'TRAINING_TOO_LITTLE_DATA',
      message: `The ${args.part} part has ${args.rows} rows; 100 are the least.`,
      hint: 'Train on a longer period or on more symbols.',
    })
    this.part = args.part
    this.rows = args.rows
  }
}
