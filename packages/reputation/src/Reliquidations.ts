import { BaseError } from './BaseError.ts'
import * as Decay from './Decay.ts'
import type { Sample } from './Sample.ts'
import type * as Scorecard from './Scorecard.ts'

/** One liquidation. */
export type Liquidation = { readonly subject: string; readonly at: number }

const day = 86_400
/** Half-life of the fast memory: the shorter of those that rank a second liquidation best. */
export const fastSeconds = 7 * day
const slowSeconds = 60 * day

/** About four edges an octave: ranks by a decayed count survive the bins. ppm. */
const edges: readonly number[] = [0, ...new Set(Array.from({ length: 108 }, (_, i) => Math.ceil(2 ** (i / 4))))]

/** What is asked of a history of liquidations: a fast memory that is taken at its word, and a slow one of days, not of transactions. */
export const inputs: readonly Scorecard.Input[] = [
  { code: 'RECENT_LIQUIDATIONS', direction: 'bad', counts: { edges, held: 0.02, prior: 1 } },
  { code: 'LIQUIDATION_DAYS', direction: 'bad', counts: { edges, held: 0.05, prior: 0 } },
]

/**
 * Everybody who has been liquidated, at regular times: what their record said, and whether they were liquidated within the window.
 *
 * Formula: counts decayed with half-lives of 7 d (each liquidation) and 60 d (each day that had one), at multiples of the step.
 * The last sample is taken a window before the table ends, since later outcomes are unknown.
 * Source: docs/method/reputation.md, eq. (1).
 *
 * @param liquidations - in any order.
 * @throws {InvalidLiquidationError} a time is not whole seconds.
 *
 * @example
 * Reliquidations.samples([{ subject: 'a', at: 0 }, { subject: 'a', at: 12 }, { subject: 'b', at: 30 }], { windowSeconds: 5, stepSeconds: 10 }).map(({ at, bad }) => [at, bad])
 * // => [[10, true], [20, false]]
 */
export function samples(liquidations: readonly Liquidation[], plan: samples.Plan): readonly Sample[] {
  const { windowSeconds, stepSeconds } = plan
  for (const { subject, at } of liquidations) if (!Number.isSafeInteger(at) || at < 0) throw new InvalidLiquidationError({ subject, at })
  const sorted = [...liquidations].sort((a, b) => a.at - b.at)
  const histories = [...Map.groupBy(sorted, (each) => each.subject)].map(([subject, all]) => ({ subject, times: all.map(({ at }) => at) }))
  const first = sorted[0]?.at ?? 0
  const last = sorted.at(-1)?.at ?? 0
  const found: Sample[] = []
  for (let at = (Math.floor(first / stepSeconds) + 1) * stepSeconds; at + windowSeconds <= last; at += stepSeconds)
    for (const { subject, times } of histories) {
      const before = times.filter((time) => time <= at)
      if (before.length === 0) continue
      // the day's last liquidation stands for its day
      const days = new Map(before.map((time) => [Math.floor(time / day), time]))
      found.push({
        subject,
        at,
        settledAt: at + windowSeconds,
        bad: times.some((time) => time > at && time <= at + windowSeconds),
        newcomer: false,
        features: {
          RECENT_LIQUIDATIONS: weight(before, at, fastSeconds),
          LIQUIDATION_DAYS: weight([...days.values()], at, slowSeconds),
        },
      })
    }
  return found
}

export declare namespace samples {
  type Plan = {
    /** How far ahead an outcome counts. */
    readonly windowSeconds: number
    readonly stepSeconds: number
  }
}

function weight(times: readonly number[], at: number, halfLife: number): number {
  return times.reduce((sum, time) => sum + Decay.weightPpm(at - time, halfLife, 'up'), 0)
}

/** Thrown when a liquidation cannot have been. */
export class InvalidLiquidationError extends BaseError {
  override readonly name = 'Reliquidations.InvalidLiquidationError'
  readonly subject: string
  constructor(liquidation: Liquidation) {
    super({
      code: 'INVALID_LIQUIDATION',
      message: `A liquidation of ${liquidation.subject} at ${liquidation.at} cannot have been.`,
      hint: 'Give whole unix seconds.',
    })
    this.subject = liquidation.subject
  }
}
