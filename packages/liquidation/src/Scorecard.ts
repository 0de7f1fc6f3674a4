/** What a replay is judged by. */
import type * as Replay from './Replay.ts'

export const figures = [
  'forced',
  'preemptive',
  'slippage',
  'badDebt',
  'peak',
  'peakAll',
  'extra',
  'falsePositives',
  'falseCost',
  'deleveraged',
  'gini',
  'absorption',
  'heal',
  'backstop',
] as const

export type Figure = (typeof figures)[number]

/**
 * - `forced`, `preemptive`: closed at and before the threshold. USD.
 * - `slippage`: what forced closes lost to the index, by what they were worth there.
 * - `badDebt`: what closed accounts left owing, before any reserve. USD.
 * - `peak`: the most forced in any minute; `peakAll` with what was sold before the threshold. USD.
 * - `extra`: drawdown from the running peak beyond that of the path without flow. Share.
 * - `falsePositives`, `falseCost`: accounts reduced that the baseline never closed, and what that cost them. USD.
 * - `deleveraged`: positions of winners closed to pay what nobody else did. USD.
 * - `gini`: of losses of equity over all accounts; 0 where nobody lost.
 * - `absorption`: of everything closed, what the backstop took.
 * - `heal`: seconds that the price stood further from the index than half of the furthest.
 * - `backstop`: its gain by capital, paid debts included, and inventory at what it would bring if it were sold slowly; 0 without one.
 */
export type Scorecard = Readonly<Record<Figure, number>>

/**
 * The scorecard of one replay.
 *
 * Source: docs/method/replay.md, eq. (18) to (25).
 *
 * @param baseline - hits of the baseline on the same path and book: who would have been closed anyway.
 */
export function of({ given, outcome, baseline }: of.Replayed): Scorecard {
  const { path } = given
  const minute = Math.max(1, Math.round(60 / path.stepSeconds))
  const forced = sum(outcome.forced)
  const closed = forced + sum(outcome.preemptive)
  const { falsePositives, falseCost } = touched(outcome, baseline)
  return {
    forced,
    preemptive: sum(outcome.preemptive),
    slippage: outcome.worth > 0 ? outcome.slipped / outcome.worth : 0,
    badDebt: outcome.badDebt,
    peak: busiest(outcome.forced, minute),
    peakAll: busiest(
      outcome.forced.map((flow, t) => flow + (outcome.preemptive[t] as number)),
      minute,
    ),
    extra: drawdown(outcome.price) - drawdown(path.log.subarray(path.start)),
    falsePositives,
    falseCost,
    deleveraged: outcome.deleveraged,
    gini: gini(outcome.equity.map((equity, i) => Math.max(0, (given.book.equity[i] as number) - equity))),
    absorption: closed > 0 ? outcome.absorbed / closed : 0,
    heal: healed(outcome.divergence) * path.stepSeconds,
    backstop: earned(given, outcome),
  }
}

export declare namespace of {
  type Replayed = { readonly given: Replay.Case; readonly outcome: Replay.Outcome; readonly baseline: Uint16Array }
}

/**
 * The greatest fall from a running peak, as a share of it.
 *
 * Source: docs/method/replay.md, eq. (19).
 *
 * @param log - log prices, oldest first.
 *
 * @example
 * Scorecard.drawdown([0, Math.log(2), 0])
 * // => 0.5
 */
export function drawdown(log: ArrayLike<number>): number {
  let peak = Number.NEGATIVE_INFINITY
  let fall = 0
  for (let t = 0; t < log.length; t++) {
    const price = log[t] as number
    peak = Math.max(peak, price)
    fall = Math.max(fall, peak - price)
  }
  return -Math.expm1(-fall)
}

/**
 * How unevenly losses are borne: 0 where all bear the same, towards 1 where one bears all.
 *
 * Formula: `G = Σ (2i − n − 1)·L_(i) / (n·Σ L)`, ascending.
 * Source:  docs/method/replay.md, eq. (22).
 *
 * @param losses - each ≥ 0.
 *
 * @example
 * Scorecard.gini([0, 0, 0, 8])
 * // => 0.75
 */
export function gini(losses: ArrayLike<number>): number {
  const sorted = Float64Array.from(losses).sort()
  const n = sorted.length
  let total = 0
  let weighted = 0
  for (let i = 0; i < n; i++) {
    const loss = sorted[i] as number
    total += loss
    weighted += (2 * i + 1 - n) * loss
  }
  return total > 0 ? weighted / (n * total) : 0
}

function sum(values: Float64Array): number {
  let total = 0
  for (let t = 0; t < values.length; t++) total += values[t] as number
  return total
}

/** The greatest sum of so many neighbours. */
function busiest(flow: Float64Array, steps: number): number {
  let most = 0
  for (let t = 0; t < flow.length; t++) {
    let held = 0
    for (let i = Math.max(0, t - steps + 1); i <= t; i++) held += flow[i] as number
    most = Math.max(most, held)
  }
  return most
}

function touched({ reduced, cost, hits }: Replay.Outcome, baseline: Uint16Array) {
  let [falsePositives, falseCost] = [0, 0]
  for (let i = 0; i < reduced.length; i++) {
    if (!((reduced[i] as number) > 0) || (baseline[i] as number) > 0 || (hits[i] as number) > 0) continue
    falsePositives++
    falseCost += cost[i] as number
  }
  return { falsePositives, falseCost }
}

/** Steps from the first to the last beyond half of the furthest; none where it never stood off. */
function healed(divergence: Float64Array): number {
  let most = 0
  for (let t = 0; t < divergence.length; t++) most = Math.max(most, Math.abs(divergence[t] as number))
  if (most === 0) return 0
  let [first, last] = [-1, -1]
  for (let t = 0; t < divergence.length; t++) {
    if (Math.abs(divergence[t] as number) < most / 2) continue
    if (first < 0) first = t
    last = t
  }
  return last - first + 1
}

function earned({ policy, market }: Replay.Case, { parties }: Replay.Outcome): number {
  if (policy.backstop === null || policy.backstop.capital === 0) return 0
  const { backstop, reserves, index } = parties
  const { capital } = policy.backstop
  // Sold so slowly that only the permanent part of its own impact is left.
  const move = -market.permanent * backstop.units
  const price = move === 0 ? index : (index * Math.expm1(move)) / move
  return (backstop.cash + backstop.units * price + reserves.junior + reserves.senior - capital) / capital
}
