/** How much of an account may be liquidated by now: a whole shortage at once moves the market that liquidates it. */
import * as Fixed from './Fixed.ts'

/** Times in whatever the pace counts: seconds, slots, blocks. */
export type Pace = {
  /** Allowed at once, in parts of `unit`. */
  readonly initial: bigint
  readonly unit: bigint
  /** After this much time everything may be liquidated; 0 is at once. */
  readonly duration: bigint
  /** A shortage below this is closed at once. In money. */
  readonly least: bigint
}

/** In money, both ≥ 0. */
export type Progress = { readonly shortage: bigint; readonly freed: bigint; readonly elapsed: bigint }

/**
 * The share of the shortage that may be closed now.
 *
 * Formula: `max(0, ⌊(shortage + freed) · min(1, initial + elapsed/duration)⌋ − freed) / shortage`, and 1 below `least`.
 * Source:  docs/method/reductions.md, eq. (7).
 * Rounding: down.
 *
 * @param progress.freed - margin that has been freed since the liquidation began.
 * @returns in parts of `pace.unit`.
 *
 * @example
 * const pace = { initial: 20n, unit: 100n, duration: 10n, least: 50n }
 * // 70 % of 1,000 may be freed, 400 have been; 300 of the 600 that are missing.
 * Throttle.of({ shortage: 600n, freed: 400n, elapsed: 5n }, pace)
 * // => 50n
 */
export function of({ shortage, freed, elapsed }: Progress, { initial, unit, duration, least }: Pace): bigint {
  if (shortage < least || shortage === 0n) return unit
  const passed = duration === 0n ? unit : Fixed.mulDiv(elapsed, unit, duration, 'down')
  const allowed = Fixed.mulDiv(shortage + freed, Fixed.min(unit, initial + passed), unit, 'down')
  return Fixed.mulDiv(Fixed.max(0n, allowed - freed), unit, shortage, 'down')
}
