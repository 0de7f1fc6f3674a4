import { BaseError } from './BaseError.ts'

/** What a margin rate asks of those who pay it: how much on average, how unevenly, and how often it was not enough. */
export type Procyclicality = {
  /** Greatest margin of the period over the least. */
  readonly peakToTrough: number
  /** Greatest rise of the margin within `days`: the largest call, as a share of notional. */
  readonly largestCall: number
  /** When that call was complete; the index of its last margin. */
  readonly calledAt: number
  readonly mean: number
  /** How often the loss was greater than the margin, as a share. */
  readonly breaches: number
}

/**
 * Procyclicality of one asset's margin against the coverage it buys. A margin may be even because it is slow, and then it is either high or
 * not enough; so the figures are told together.
 *
 * Formula: `peakToTrough = max m / min m`, `largestCall = max over s < t ≤ s + days of m[t] − m[s]`.
 * Source: docs/method/evaluation.md, eq. (14), (15). Murphy, Vasios and Vause, Bank of England Financial Stability Paper 29 (2014).
 *
 * @param args.margins - m[t] > 0, one a day, oldest first, a share of notional (or log loss). T ≥ 2.
 * @param args.losses - loss[t] that the margin of the same index was to hold.
 * @param args.days - steps within which a call counts as one, ≥ 1: five days is usual.
 * @throws {InvalidMarginsError}
 *
 * @example
 * Procyclicality.of({ margins: [0.25, 0.5, 0.75, 0.25], losses: [0, 1, 0, 0], days: 2 })
 * // => { peakToTrough: 3, largestCall: 0.5, calledAt: 2, mean: 0.4375, breaches: 0.25 }
 */
export function of(args: of.Arguments): Procyclicality {
  const { margins, losses, days } = args
  const T = margins.length
  if (T < 2 || losses.length !== T || !Number.isSafeInteger(days) || days < 1) throw new InvalidMarginsError({ length: T })
  let [greatest, least, largestCall, calledAt, sum, breaches] = [0, Number.POSITIVE_INFINITY, 0, 0, 0, 0]
  for (let t = 0; t < T; t++) {
    const margin = margins[t] ?? Number.NaN
    const loss = losses[t] ?? Number.NaN
    if (!(margin > 0 && Number.isFinite(margin)) || Number.isNaN(loss)) throw new InvalidMarginsError({ length: T })
    greatest = Math.max(greatest, margin)
    least = Math.min(least, margin)
    sum += margin
    if (loss > margin) breaches += 1
    for (let s = Math.max(0, t - days); s < t; s++) {
      const call = margin - (margins[s] ?? Number.NaN)
      if (call > largestCall) [largestCall, calledAt] = [call, t]
    }
  }
  return { peakToTrough: greatest / least, largestCall, calledAt, mean: sum / T, breaches: breaches / T }
}

export declare namespace of {
  type Arguments = { readonly margins: ArrayLike<number>; readonly losses: ArrayLike<number>; readonly days: number }
  type ErrorType = InvalidMarginsError
}

/**
 * Damping: a margin rises at once, falls slowly, and never below what holds through the cycle.
 *
 * Formula: `m'[t] = max( m[t], floor[t], m'[t−1]·(1 − fall) )`. Source: docs/method/evaluation.md, eq. (16).
 *
 * @param args.margins - m[t], one a step, oldest first.
 * @param args.floors - through-the-cycle floor of each step, same length.
 * @param args.fallPpm - greatest fall in one step, ppm of the last margin; 1 000 000 does not damp.
 * @throws {InvalidMarginsError} a fall outside 0 to 1 000 000 ppm, or floors not one to one.
 *
 * @example
 * Array.from(Procyclicality.damp({ margins: [8, 1, 1], floors: [0, 0, 5], fallPpm: 500_000 }))
 * // => [8, 4, 5]
 */
export function damp(args: damp.Arguments): Float64Array {
  const { margins, floors, fallPpm } = args
  if (floors.length !== margins.length || !(fallPpm >= 0 && fallPpm <= 1_000_000)) throw new InvalidMarginsError({ length: margins.length })
  let last = 0
  return Float64Array.from(margins, (margin, t) => {
    last = Math.max(margin, floors[t] ?? Number.NaN, last * (1 - fallPpm / 1_000_000))
    return last
  })
}

export declare namespace damp {
  type Arguments = { readonly margins: ArrayLike<number>; readonly floors: ArrayLike<number>; readonly fallPpm: number }
  type ErrorType = InvalidMarginsError
}

/** Thrown when margins are not positive, or not one to one with what stands beside them. */
export class InvalidMarginsError extends BaseError {
  override readonly name = 'Procyclicality.InvalidMarginsError'
  readonly length: number
  constructor(args: { readonly length: number }) {
    super({
      code: 'MARGINS_INVALID',
      message: `The ${args.length} margins cannot be judged.`,
      hint: 'Give at least two finite margins above zero, a loss or floor for each, whole days ≥ 1, and a fall between 0 and 1000000 ppm.',
    })
    this.length = args.length
  }
}
