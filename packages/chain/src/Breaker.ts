/** A circuit breaker as a value: a source that hangs costs its timeout once, not on every read. */
import * as Jitter from './Jitter.ts'

export type Breaker = {
  /** Failures in a row. */
  readonly failures: number
  /** Until when the source is left alone. Unix milliseconds; 0 = closed. */
  readonly openUntil: number
}

export type Outcome = 'answered' | 'failed' | 'timeout'

/** Closed: the source is asked. */
export const closed: Breaker = { failures: 0, openUntil: 0 }

/** A quick failure costs nothing, so it takes some of them; a timeout costs its whole wait, so it takes one. */
const FAILURES_TO_OPEN = 3
const FIRST_PAUSE_MS = 5_000
const LONGEST_PAUSE_MS = 300_000

/**
 * The breaker after one more outcome. Each further failure doubles the pause, up to five minutes.
 *
 * Half of the pause is certain, for without one each read would cost a timeout; the other half is drawn, so that everybody who lost a
 * source together does not come back to it together.
 *
 * @param args.at - unix milliseconds.
 * @param args.random - draws the second half of the pause.
 *
 * @example
 * Breaker.next({ breaker: Breaker.closed, outcome: 'timeout', at: 1_000, random: () => 0.5 })
 * // => { failures: 1, openUntil: 4750 }
 */
export function next(args: next.Args): Breaker {
  const { breaker, outcome, at, random } = args
  if (outcome === 'answered') return closed
  // Requests that were under way together fail together, and count once.
  if (isOpen(breaker, at)) return breaker
  const failures = breaker.failures + 1
  const beyond = outcome === 'timeout' ? failures - 1 : failures - FAILURES_TO_OPEN
  if (beyond < 0) return { failures, openUntil: 0 }
  const half = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(beyond, 10)) / 2
  return { failures, openUntil: at + half + Jitter.full({ ms: half, random }) }
}

export declare namespace next {
  type Args = { readonly breaker: Breaker; readonly outcome: Outcome; readonly at: number; readonly random: Jitter.Random }
}

/**
 * Whether the source is left alone now.
 *
 * @example
 * Breaker.isOpen({ failures: 1, openUntil: 6_000 }, 5_999)
 * // => true
 */
export function isOpen(breaker: Breaker, at: number): boolean {
  return at < breaker.openUntil
}
