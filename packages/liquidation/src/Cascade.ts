import * as Impact from './Impact.ts'
import * as LiquidationCurve from './LiquidationCurve.ts'

/** Where a shock ends once everything it forces has been sold into the market. */
export type Cascade = {
  /** x*, the whole adverse log move. */
  readonly x: number
  /** Q(x*). USD. */
  readonly forced: number
  /** Iterations after the shock that moved the price. */
  readonly rounds: number
  /** False where the round cap stopped it: x is then a lower bound. */
  readonly settled: boolean
  /** x after the shock, and after each round. */
  readonly path: readonly number[]
}

/**
 * The least fixed point of `x = s + I(Q(x))`, by monotone iteration from the shock.
 *
 * Several fixed points may exist, and the price stops at the first: iterating a non-decreasing map upwards from s cannot pass
 * one (Tarski). Bisection would find another.
 *
 * @param problem.forced - Q, non-decreasing. USD by adverse log move.
 * @param problem.impact - I, non-decreasing. Log move by USD.
 * @param problem.roundCap - for a continuous Q, which settles only in the limit: stopped at steps below 10^-12.
 */
export function leastFixedPoint(problem: leastFixedPoint.Problem): Cascade {
  const { shock, forced, impact, roundCap } = problem
  const path = [shock]
  let x = shock
  for (let round = 0; round < roundCap; round++) {
    const next = shock + impact(forced(x))
    if (next - x <= LiquidationCurve.tolerance) return { x, forced: forced(x), rounds: round, settled: true, path }
    x = next
    path.push(x)
  }
  return { x, forced: forced(x), rounds: roundCap, settled: false, path }
}

export declare namespace leastFixedPoint {
  type Problem = {
    readonly shock: number
    readonly forced: (x: number) => number
    readonly impact: (flow: number) => number
    readonly roundCap: number
  }
}

/**
 * A cascade on a book's curve. A step function settles exactly, in at most one round an entry and one more.
 *
 * Order does not matter here: positions of one side are closed whole and push the price one way. Fees and partial closes,
 * for which it would, are not part of this.
 */
export function run(scenario: run.Scenario): Cascade {
  const { curve, impact, shock } = scenario
  Impact.assert(impact)
  return leastFixedPoint({
    shock,
    forced: (x) => LiquidationCurve.forced(curve, x),
    impact: (flow) => Impact.of(impact, flow),
    roundCap: curve.thresholds.length + 1,
  })
}

export declare namespace run {
  type Scenario = { readonly curve: LiquidationCurve.LiquidationCurve; readonly impact: Impact.Impact; readonly shock: number }
}

/** Every fixed point, ascending: the first is where the cascade ends, the others are where a slightly worse one would. */
export function fixedPoints(scenario: run.Scenario): readonly number[] {
  const { curve, impact, shock } = scenario
  const found: number[] = []
  for (let count = LiquidationCurve.countOf(curve, shock); count <= curve.thresholds.length; count++) {
    const x = shock + Impact.of(impact, count === 0 ? 0 : (curve.notional[count - 1] ?? 0))
    if (LiquidationCurve.countOf(curve, x) === count) found.push(x)
  }
  return found
}

/**
 * x* alone, with one more wall of `extra` USD at `extraAt`: what the brake asks thousands of times.
 *
 * The same fixed point as `run` on the curve with that wall in it, walked without a search or an allocation; `extra` 0 is no wall.
 * Stops early once x passes `until`, and returns what it had reached.
 */
export function reach(scenario: run.Scenario, extra: number, extraAt: number, until: number): number {
  const { curve, impact, shock } = scenario
  const { thresholds, notional } = curve
  const end = thresholds.length
  let count = LiquidationCurve.countOf(curve, shock)
  let standing = extra > 0
  let x = shock
  for (;;) {
    const flow = (count === 0 ? 0 : (notional[count - 1] ?? 0)) + (standing ? 0 : extra)
    x = Math.max(x, shock + Impact.of(impact, flow))
    if (x > until) return x
    const before = count
    const bar = x + LiquidationCurve.tolerance
    while (count < end && (thresholds[count] ?? 0) <= bar) count++
    const fell = standing && extraAt <= bar
    if (fell) standing = false
    if (count === before && !fell) return x
  }
}
