/** Whether breaches come as often as they were predicted. */
import * as Figure from './Figure.ts'

/** Forecasts one by one, and whether each came: 1 or 0. Of one length. */
export type Record = { readonly probabilities: ArrayLike<number>; readonly happened: ArrayLike<number> }

export type Bin = {
  readonly from: number
  readonly to: number
  readonly count: number
  /** Means over the bin. */
  readonly predicted: number
  readonly observed: number
}

/**
 * Predicted beside observed, in bins of about equal number; equal forecasts stay together.
 *
 * Source: docs/method/prediction.md, eq. (21).
 *
 * @param above - forecasts at or below it are left out.
 * @returns ascending; none of no forecast.
 * @throws {Figure.InvalidFigureError} lengths differ, a forecast is no probability, no bin.
 *
 * @example
 * Reliability.bins({ probabilities: [0.25, 0.25, 0.001], happened: [1, 0, 0] }, { count: 10, above: 0.01 })
 * // => [{ from: 0.25, to: 0.25, count: 2, predicted: 0.25, observed: 0.5 }]
 */
export function bins(record: Record, options: bins.Options): readonly Bin[] {
  checked(record)
  const { count, above } = options
  Figure.assert('above 0', { bins: count })
  Figure.assert('a whole number of at least 0', { bins: count })
  const { probabilities, happened } = record
  const order: number[] = []
  for (let i = 0; i < probabilities.length; i++) if ((probabilities[i] ?? 0) > above) order.push(i)
  order.sort((a, b) => (probabilities[a] ?? 0) - (probabilities[b] ?? 0))
  const at = (place: number) => probabilities[order[place] ?? -1] ?? Number.NaN
  const found: Bin[] = []
  for (let from = 0; from < order.length; ) {
    let to = Math.max(from + 1, Math.round(((found.length + 1) * order.length) / count))
    while (to < order.length && at(to) === at(to - 1)) to++
    to = Math.min(to, order.length)
    let [predicted, observed] = [0, 0]
    for (let place = from; place < to; place++) {
      predicted += at(place)
      observed += happened[order[place] ?? -1] ?? Number.NaN
    }
    const size = to - from
    found.push({ from: at(from), to: at(to - 1), count: size, predicted: predicted / size, observed: observed / size })
    from = to
  }
  return found
}

export declare namespace bins {
  type Options = { readonly count: number; readonly above: number }
  type ErrorType = Figure.InvalidFigureError
}

/**
 * How far what came is from what was predicted, over bins.
 *
 * Formula: `Σ n_b·|p̄_b − ō_b| / Σ n_b`.
 * Source:  docs/method/prediction.md, eq. (21).
 *
 * @returns a share: 0.02 is two points. Null of no bin.
 *
 * @example
 * Reliability.error([{ from: 0, to: 1, count: 2, predicted: 0.25, observed: 0.5 }])
 * // => 0.25
 */
export function error(diagram: readonly Bin[]): number | null {
  const count = diagram.reduce((sum, bin) => sum + bin.count, 0)
  if (count === 0) return null
  return diagram.reduce((sum, bin) => sum + bin.count * Math.abs(bin.predicted - bin.observed), 0) / count
}

/**
 * Mean squared error of the forecasts; null of none.
 *
 * Formula: `1/n·Σ (p − y)²`.
 * Source:  docs/method/prediction.md, eq. (22).
 *
 * @throws {Figure.InvalidFigureError} lengths differ, or a forecast is no probability.
 *
 * @example
 * Reliability.brier({ probabilities: [0.5, 0.5], happened: [1, 0] })
 * // => 0.25
 */
export function brier(record: Record): number | null {
  checked(record)
  const { probabilities, happened } = record
  let sum = 0
  for (let i = 0; i < probabilities.length; i++) sum += ((probabilities[i] ?? 0) - (happened[i] ?? 0)) ** 2
  return probabilities.length === 0 ? null : sum / probabilities.length
}

export declare namespace brier {
  type ErrorType = Figure.InvalidFigureError
}

function checked({ probabilities, happened }: Record): void {
  if (probabilities.length !== happened.length)
    throw new Figure.InvalidFigureError({ figure: 'outcomes', value: happened.length, range: String(probabilities.length) })
  for (let i = 0; i < probabilities.length; i++) {
    const p = probabilities[i] ?? Number.NaN
    if (!(p >= 0 && p <= 1)) Figure.assert('a share', { [`forecast ${i}`]: p })
    const came = happened[i]
    if (came !== 0 && came !== 1)
      throw new Figure.InvalidFigureError({ figure: `outcome ${i}`, value: came ?? Number.NaN, range: '0 or 1' })
  }
}
