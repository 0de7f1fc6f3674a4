/** Waits that are drawn by lot, so that many processes over the same sources do not ask them in step. */

/** A number from 0 up to, not including, 1. `Math.random` is one; a test gives its own. */
export type Random = () => number

/**
 * A wait before something is tried again: anything below the greatest. Whoever failed together does not come back together.
 *
 * @param args.ms - the greatest. Milliseconds.
 *
 * @example
 * Jitter.full({ ms: 200, random: () => 0.25 })
 * // => 50
 */
export function full(args: full.Args): number {
  return Math.floor(args.ms * args.random())
}

export declare namespace full {
  type Args = { readonly ms: number; readonly random: Random }
}

/**
 * A wait between two rounds of something that goes on: from half to one and a half of the interval, which stays the mean. Rounds of two
 * processes that began together drift apart, and none waits twice its interval.
 *
 * @param args.ms - the interval. Milliseconds.
 *
 * @example
 * Jitter.around({ ms: 1_000, random: () => 0.25 })
 * // => 750
 */
export function around(args: full.Args): number {
  return Math.floor(args.ms * (0.5 + args.random()))
}
