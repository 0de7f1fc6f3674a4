/** A circuit breaker as a value: a source that hangs costs its timeout once, not on every read. */

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
 * @param args.at - unix milliseconds.
 *
 * @example
 * Breaker.next({ breaker: Breaker.closed, outcome: 'timeout', at: 1_000 })
 * // => { failures: 1, openUntil: 6000 }
 */
export function next(args: { readonly breaker: Breaker; readonly outcome: Outcome; readonly at: number }): Breaker {
  const { breaker, outcome, at } = args
  if (outcome === 'answered') return closed
  // Requests that were under way together fail together, and count once.
  if (isOpen(breaker, at)) return breaker
  const failures = breaker.failures + 1
  const beyond = outcome === 'timeout' ? failures - 1 : failures - FAILURES_TO_OPEN
  if (beyond < 0) return { failures, openUntil: 0 }
  return { failures, openUntil: at + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(beyond, 10)) }
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
