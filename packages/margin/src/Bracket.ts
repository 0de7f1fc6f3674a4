/** Between a whole number that passes and one that does not: the last that passes. */
import * as Fixed from './Fixed.ts'

/**
 * The last level, from `safe` towards `fallen`, at which the excess is not negative.
 *
 * Source: docs/method/liquidation-price.md, eq. (5): interpolation between the ends, which meets a line's root at once, and a bisection after
 *         each one that did not halve what is between. Exact on integers; the answer is a level that was evaluated, never an estimate.
 *
 * @param excess - exact; passes where it is ≥ 0. Where it crosses 0 more than once one of the crossings is found.
 * @param ends.safe - a level that passes.
 * @param ends.fallen - a level that does not.
 *
 * @example
 * Bracket.narrow((level) => 100n - 3n * level, { safe: 0n, fallen: 1_000n })
 * // => 33n
 */
export function narrow(excess: (level: bigint) => bigint, ends: narrow.Ends): bigint {
  let [safe, fallen] = [ends.safe, ends.fallen]
  let [above, below] = [excess(safe), excess(fallen)]
  let isSlow = false
  for (;;) {
    const width = fallen - safe
    const unit = width > 0n ? 1n : -1n
    if (width === unit) return safe
    const step = isSlow ? width / 2n : (width * above) / (above - below)
    const middle = safe + (step === 0n ? unit : step)
    const value = excess(middle)
    if (value >= 0n) [safe, above] = [middle, value]
    else [fallen, below] = [middle, value]
    isSlow = !isSlow && 2n * Fixed.abs(fallen - safe) > Fixed.abs(width)
  }
}

export declare namespace narrow {
  type Ends = { readonly safe: bigint; readonly fallen: bigint }
}

/**
 * A level at which the excess is greatest, where it rises first and falls then.
 *
 * Source: docs/method/liquidation-price.md, eq. (5): thirds, the worse of which is left out, until three levels remain. The answer is a level
 *         that was evaluated. Where the excess rises more than once one of the tops is found; of equal ones the lowest of the last three.
 *
 * @param ends - from ≤ to, both of them included.
 *
 * @example
 * Bracket.peak((level) => 10n - (level - 7n) * (level - 7n), { from: 0n, to: 1_000n })
 * // => 7n
 */
export function peak(excess: (level: bigint) => bigint, ends: peak.Ends): bigint {
  let { from, to } = ends
  while (to - from > 2n) {
    const third = (to - from) / 3n
    if (excess(from + third) < excess(to - third)) from += third
    else to -= third
  }
  let [top, most] = [from, excess(from)]
  for (let level = from + 1n; level <= to; level++) {
    const value = excess(level)
    if (value > most) [top, most] = [level, value]
  }
  return top
}

export declare namespace peak {
  type Ends = { readonly from: bigint; readonly to: bigint }
}
