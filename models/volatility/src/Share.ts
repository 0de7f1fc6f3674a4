import { Evaluation } from '@plimsoll/volatility'
import type { Recipe } from './Recipe.ts'

/** A forecast of a fit that had not seen its outcome, and what came. */
export type Trial = {
  /** The origin: hours since 1970. */
  readonly hour: number
  /** When the outcome was known. */
  readonly knownAt: number
  /** Log of the outcome over the regression's forecast. */
  readonly gap: number
  /** What the whole network would have added to the log variance. */
  readonly correction: number
}

/**
 * How much of the network's correction counts in a fit: by the days it learnt from, for days move together and rows of one day are one piece of
 * evidence; and nothing, where so much of earlier fits' corrections has not lowered QLIKE over the year before it.
 *
 * Formula: `s = D/(D + D₀)`; 0 unless `Σ_t QLIKE(y, v̂·e^(s·c)) < Σ_t QLIKE(y, v̂)`, each t the mean of a day.
 * Source: docs/method/volatility.md, eq. (23), (24).
 *
 * @param args.trials - any order; only those known by `hour`, of the `windowDays` before it, are read.
 * @param args.hour - when the fit is made: hours since 1970.
 * @param args.days - D: days of its rows.
 * @returns from 0 to below 1; 0 without trials.
 */
export function of(args: of.Arguments): number {
  const { trials, hour, days, recipe } = args
  const known = trials.filter((trial) => trial.knownAt <= hour && trial.hour >= hour - recipe.windowDays * 24)
  if (known.length === 0) return 0
  const share = days / (days + recipe.priorDays)
  const at = known.map((trial) => Math.floor(trial.hour / 24))
  const loss = (part: number): number => {
    const values = known.map(({ gap, correction }) => {
      // One crash must not decide, here as in the fit.
      const left = Math.min(gap, recipe.cap) - part * correction
      return Math.exp(left) - left - 1
    })
    return Evaluation.across({ values, at }).means.reduce((sum, mean) => sum + mean, 0)
  }
  return loss(share) < loss(0) ? share : 0
}

export declare namespace of {
  type Arguments = {
    readonly trials: readonly Trial[]
    readonly hour: number
    readonly days: number
    readonly recipe: Pick<Recipe, 'cap' | 'priorDays' | 'windowDays'>
  }
}
