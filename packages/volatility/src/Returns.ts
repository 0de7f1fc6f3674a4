import type { Bar } from './Bar.ts'
import { BaseError } from './BaseError.ts'

/**
 * Log returns from close to close.
 *
 * Formula: `r[t] = ln(close[t+1] / close[t])`.
 *
 * @param bars - length T ≥ 2, oldest first, sound (`Bar.assertSeries`).
 * @returns r, length T − 1, oldest first.
 * @throws {TooFewBarsError}
 *
 * @example
 * Returns.log([100, 110, 110].map((close, i) => ({ closeAt: i * 300, open: close, high: close, low: close, close })))[1]
 * // => 0
 */
export function log(bars: readonly Bar[]): Float64Array {
  if (bars.length < 2) throw new TooFewBarsError({ needed: 2, had: bars.length })
  const returns = new Float64Array(bars.length - 1)
  let before = 0
  bars.forEach((bar, t) => {
    if (t > 0) returns[t - 1] = Math.log(bar.close / before)
    before = bar.close
  })
  return returns
}

/** Thrown when a series is shorter than a function can use. */
export class TooFewBarsError extends BaseError {
  override readonly name = 'Returns.TooFewBarsError'
  readonly needed: number
  readonly had: number
  constructor(args: { readonly needed: number; readonly had: number }) {
    super({
      code: 'BARS_TOO_FEW',
      message: `${args.had} bars were given; ${args.needed} are needed.`,
      hint: 'Give a longer unbroken series.',
    })
    this.needed = args.needed
    this.had = args.had
  }
}
