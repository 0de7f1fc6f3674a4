/** What whoever liquidates is paid: more, the longer nobody does. */
import * as Fixed from './Fixed.ts'

/** In parts of one unit, whatever it is. Times in whatever the ramp counts: seconds, slots, blocks. */
export type Ramp = {
  readonly base: bigint
  readonly most: bigint
  /** Nothing is added before this much time has passed; what has passed by then counts afterwards. */
  readonly grace: bigint
  /** Added per unit of time since the start. */
  readonly step: bigint
}

/**
 * The fee after some time.
 *
 * Formula: `base` while `elapsed < grace`, then `min(most, base + step · elapsed)`.
 * Source:  docs/method/reductions.md, eq. (6).
 * Rounding: none.
 *
 * @param elapsed - since the account could be liquidated, ≥ 0.
 *
 * @example
 * LiquidationFee.of({ base: 100n, most: 250n, grace: 10n, step: 2n }, 20n)
 * // => 140n
 */
export function of({ base, most, grace, step }: Ramp, elapsed: bigint): bigint {
  if (elapsed < grace) return base
  return Fixed.min(most, base + step * elapsed)
}
