/** What is expected of a feed's volatility from what it has shown so far. */
import { Ewma, RealisedVariance } from '@plimsoll/volatility'

export type Sigma = {
  /** A return of the feed's log price over one step, and when. Unix seconds. */
  readonly see: (step: number, asOf: number) => void
  /** σ̂, annualised, and of when. */
  readonly ppm: () => number
  readonly asOf: () => number
}

/** Of a minute, as in `plimsoll replay`. */
const decay = 0.94
const yearSeconds = 365 * 86_400
/** Nothing calmer is believed: 2 % a year. */
const least = RealisedVariance.ofVolatility({ volatility: 0.02, horizonSeconds: 1 })

/**
 * An exponentially weighted variance, as `ewma` of docs/method/replay.md, by the step instead of the minute.
 *
 * Rounding: up, so that a tie never reads as calmer than it is.
 *
 * @param args.history - log prices known before, oldest first, a step apart.
 */
export function of(args: of.Args): Sigma {
  const { stepSeconds, history } = args
  const lambda = decay ** (stepSeconds / 60)
  const returns = history.slice(1).map((value, t) => value - (history[t] ?? value))
  let variance = Ewma.of({ returns, lambda, initial: (returns[0] ?? 0) ** 2 })
  let asOf = args.asOf
  return {
    see: (step, at) => {
      variance = Ewma.of({ returns: [step], lambda, initial: variance })
      asOf = at
    },
    ppm: () => Math.ceil(Math.sqrt(Math.max(least, variance / stepSeconds) * yearSeconds) * 1e6),
    asOf: () => asOf,
  }
}

export declare namespace of {
  type Args = { readonly stepSeconds: number; readonly history: readonly number[]; readonly asOf: number }
}
