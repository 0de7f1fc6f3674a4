import { BaseError } from './BaseError.ts'
import * as Quantile from './Quantile.ts'
import type { Random } from './Random.ts'

/**
 * Where the blocks of one resample begin: circular blocks of equal length, drawn with replacement, so that what depends on its
 * neighbours keeps them.
 *
 * Source: docs/method/evaluation.md, eq. (10). Politis and Romano, A circular block-resampling procedure, 1992.
 *
 * @param args.length - T, steps in the series.
 * @param args.block - steps in a block, 1 … T.
 * @returns ⌈T / block⌉ starts in 0 … T − 1; the last block is cut so that a resample has T steps.
 * @throws {InvalidBlockError}
 *
 * @example
 * Bootstrap.starts({ random: Random.of(7), length: 10, block: 4 }).length
 * // => 3
 */
export function starts(args: starts.Arguments): Uint32Array {
  const { random, length, block } = args
  if (!Number.isSafeInteger(block) || block < 1 || block > length) throw new InvalidBlockError({ block, length })
  return Uint32Array.from({ length: Math.ceil(length / block) }, () => Math.floor(random.uniform() * length))
}

export declare namespace starts {
  type Arguments = { readonly random: Random; readonly length: number; readonly block: number }
  type ErrorType = InvalidBlockError
}

/**
 * A confidence interval for the mean of a panel, resampled by whole days: assets that fall together stay together, and so do the days of
 * one storm. For a rate, values are 0 and 1.
 *
 * Formula: percentiles of `Σ over drawn days of sums / Σ of counts`. Source: docs/method/evaluation.md, eq. (11).
 * Rounding: outward, to the next draw, so that the interval is never too narrow.
 *
 * @param args.values - value[i], any order.
 * @param args.at - when each belongs to, unix seconds; a day is 00:00 to 24:00 UTC. Days without values do not exist.
 * @param args.block - days in a block.
 * @param args.draws - resamples, ≥ 100.
 * @param args.levelPpm - of the interval, two-sided: 950 000 leaves 2.5 % on either side.
 * @throws {InvalidBlockError} values and times are not one to one, there are none, or the block or the draws do not fit.
 * @throws {Quantile.TooFewScoresError} too few draws for the level.
 *
 * @example
 * Bootstrap.interval({ random: Random.of(7), values: [2, 2], at: [0, 86_400], block: 1, draws: 100, levelPpm: 900_000 })
 * // => { mean: 2, low: 2, high: 2 }
 */
export function interval(args: interval.Arguments): { readonly mean: number; readonly low: number; readonly high: number } {
  const { random, values, at, block, draws, levelPpm } = args
  if (values.length !== at.length || values.length === 0 || !Number.isSafeInteger(draws) || draws < 100)
    throw new InvalidBlockError({ block, length: Math.min(values.length, at.length) })
  const days = new Map<number, { sum: number; count: number }>()
  for (let i = 0; i < at.length; i++) {
    const day = Math.floor((at[i] ?? Number.NaN) / 86_400)
    const held = days.get(day) ?? { sum: 0, count: 0 }
    days.set(day, { sum: held.sum + (values[i] ?? Number.NaN), count: held.count + 1 })
  }
  const panel = [...days].sort(([a], [b]) => a - b).map(([, day]) => day)
  const length = panel.length
  const mean = (drawn: Iterable<number>): number => {
    let [sum, count] = [0, 0]
    for (const t of drawn) {
      sum += panel[t]?.sum ?? Number.NaN
      count += panel[t]?.count ?? Number.NaN
    }
    return sum / count
  }
  const means = Array.from({ length: draws }, () => mean(expand(starts({ random, length, block }), length, block)))
  const upperPpm = Math.ceil((1_000_000 + levelPpm) / 2)
  return {
    mean: mean(panel.keys()),
    low: -Quantile.upper({ values: means.map((value) => -value), levelPpm: upperPpm }),
    high: Quantile.upper({ values: means, levelPpm: upperPpm }),
  }
}

export declare namespace interval {
  type Arguments = {
    readonly random: Random
    readonly values: ArrayLike<number>
    readonly at: ArrayLike<number>
    readonly block: number
    readonly draws: number
    readonly levelPpm: number
  }
  type ErrorType = InvalidBlockError | Quantile.TooFewScoresError | Quantile.InvalidLevelError
}

/** The steps of a resample, in order. */
function expand(blocks: Uint32Array, length: number, block: number): Uint32Array {
  return Uint32Array.from({ length }, (_, t) => ((blocks[Math.floor(t / block)] ?? 0) + (t % block)) % length)
}

/** Thrown when a series cannot be resampled in blocks as asked. */
export class InvalidBlockError extends BaseError {
  override readonly name = 'Bootstrap.InvalidBlockError'
  readonly block: number
  readonly length: number
  constructor(args: { readonly block: number; readonly length: number }) {
    super({
      code: 'BOOTSTRAP_BLOCK_INVALID',
      message: `${args.length} steps cannot be resampled in blocks of ${args.block}.`,
      hint: 'Give a time for every value, a whole block of at least 1 and at most their number, and at least 100 draws.',
    })
    this.block = args.block
    this.length = args.length
  }
}
