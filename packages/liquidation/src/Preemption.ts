/** Selling before the breach: who is reduced in a step of a replay, and by how much. Isolated accounts that gave a mandate; floats, USD. */
import * as Breach from './Breach.ts'
import * as Closing from './Closing.ts'
import * as Figure from './Figure.ts'

export type Terms = {
  readonly horizonSeconds: number
  /** p*: P(breach) at which a reduction begins; p_T < p*: at which it ends. */
  readonly trigger: number
  readonly target: number
  /** The most of an account's first units that is ever reduced. */
  readonly most: number
  /** The most that all reductions of a step are worth. USD. */
  readonly capacity: number
  /** Nothing is sold into a price that stands further from the index than this. Log. */
  readonly divergence: number
}

/** How far away, in log, an account is touched and how far away it is let go. */
export type Distances = { readonly trigger: number; readonly target: number }

/**
 * Both distances at a volatility, for a price that is looked at every so often.
 *
 * Formula: `d = −s√h·Φ⁻¹(p/2) − 0.5826·s·√Δ`, not below 0.
 * Source:  docs/method/replay.md, eq. (15), on docs/method/cascade.md, eq. (25a) and (26).
 *
 * @param market.sigma - s: log by √second.
 */
export function distances(terms: Terms, { sigma, stepSeconds }: { readonly sigma: number; readonly stepSeconds: number }): Distances {
  if (sigma === 0) return { trigger: 0, target: 0 }
  const nearer = Breach.monitoring * sigma * Math.sqrt(stepSeconds)
  const at = (probability: number) => Math.max(0, Breach.distance(probability, sigma, terms.horizonSeconds) - nearer)
  return { trigger: at(terms.trigger), target: at(terms.target) }
}

/** One account at the price that stands. */
export type Account = {
  readonly account: number
  readonly side: 1 | -1
  readonly equity: number
  readonly notional: number
  readonly maintenance: number
  /** What may still be reduced of it. USD. */
  readonly room: number
}

export type Reduction = { readonly account: number; readonly amount: number }

/**
 * What is sold of each account now, worst expected shortfall by USD sold first, until the step's capacity is used.
 *
 * Formula: `f = (t·N − E) / (N·(t − c))`, `t = 1 − (1 − m)·e^(−d_T)` for a long, `(1 + m)·e^(d_T) − 1` for a short;
 *          order by `E[(−r − E/N)⁺] / f`.
 * Source:  docs/method/replay.md, eq. (16) and (17).
 *
 * @param state.cost - c: fee by notional sold.
 * @returns amounts in USD, above 0; an account that is safe enough has none.
 *
 * @example
 * const terms = { horizonSeconds: 1, trigger: 0.5, target: 0.5, most: 1, capacity: 100, divergence: 1 }
 * const account = { account: 7, side: 1, equity: 8, notional: 64, maintenance: 0, room: 64 }
 * Preemption.plan(terms, [account], { target: Math.log(4 / 3), spread: 1, cost: 0 })
 * // => [{ account: 7, amount: 32 }]
 */
export function plan(terms: Terms, accounts: readonly Account[], state: plan.State): readonly Reduction[] {
  const { target, spread, cost } = state
  const wanted = accounts.flatMap(({ account, side, equity, notional, maintenance, room }) => {
    const ratio = side === 1 ? 1 - (1 - maintenance) * Math.exp(-target) : (1 + maintenance) * Math.exp(target) - 1
    const { share, closed } = Closing.of({ equity, notional, target: ratio, cost })
    if (!(share > 0)) return []
    const { rate } = Breach.gap({ buffer: equity / notional, sigma: spread })
    return [{ account, amount: Math.min(closed, room), worth: rate / share }]
  })
  wanted.sort((a, b) => b.worth - a.worth || a.account - b.account)
  let left = terms.capacity
  const planned: Reduction[] = []
  for (const { account, amount } of wanted) {
    if (left <= 0) break
    const part = Math.min(amount, left)
    if (!(part > 0)) continue
    left -= part
    planned.push({ account, amount: part })
  }
  return planned
}

export declare namespace plan {
  type State = {
    /** d_T. */
    readonly target: number
    /** s√h > 0. */
    readonly spread: number
    readonly cost: number
  }
}

/** @throws {Figure.InvalidFigureError} */
export function assert({ horizonSeconds, trigger, target, most, capacity, divergence }: Terms): void {
  Figure.assert('above 0', { horizonSeconds, target, 'trigger less target': trigger - target })
  Figure.assert('a share', { trigger, most })
  Figure.assert('at least 0', { capacity, divergence })
}
