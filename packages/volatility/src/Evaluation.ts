import { BaseError } from './BaseError.ts'

/**
 * Mean QLIKE of variance forecasts: 0 when every forecast is right, and its ranking survives a noisy but unbiased proxy.
 *
 * Formula: `mean( y/f − ln(y/f) − 1 )`. Source: Patton, Journal of Econometrics 160 (2011).
 *
 * @param args.realised - y[t] > 0.
 * @param args.forecast - f[t] > 0, same length.
 * @throws {UnequalError}
 *
 * @example
 * Evaluation.qlike({ realised: [4, 2], forecast: [4, 2] })
 * // => 0
 */
export function qlike(args: qlike.Arguments): number {
  const { realised, forecast } = args
  if (realised.length !== forecast.length || realised.length === 0)
    throw new UnequalError({ realised: realised.length, forecast: forecast.length })
  let sum = 0
  for (let t = 0; t < realised.length; t++) {
    const ratio = (realised[t] ?? Number.NaN) / (forecast[t] ?? Number.NaN)
    sum += ratio - Math.log(ratio) - 1
  }
  return sum / realised.length
}

export declare namespace qlike {
  type Arguments = { readonly realised: ArrayLike<number>; readonly forecast: ArrayLike<number> }
  type ErrorType = UnequalError
}

/**
 * How often the loss was greater than the quantile that was to hold it. A loss equal to its quantile is held.
 *
 * @param args.losses - loss[t] ≥ 0.
 * @param args.quantiles - quantile[t], same length.
 * @returns count, sample size, and their ratio in ppm rounded up.
 * @throws {UnequalError}
 *
 * @example
 * Evaluation.exceedance({ losses: [1, 2, 3], quantiles: [2, 2, 2] })
 * // => { count: 1, sample: 3, ppm: 333334 }
 */
export function exceedance(args: exceedance.Arguments): { readonly count: number; readonly sample: number; readonly ppm: number } {
  const { losses, quantiles } = args
  if (losses.length !== quantiles.length || losses.length === 0)
    throw new UnequalError({ realised: losses.length, forecast: quantiles.length })
  let count = 0
  for (let t = 0; t < losses.length; t++) if ((losses[t] ?? 0) > (quantiles[t] ?? 0)) count += 1
  return { count, sample: losses.length, ppm: Math.ceil((count * 1_000_000) / losses.length) }
}

export declare namespace exceedance {
  type Arguments = { readonly losses: ArrayLike<number>; readonly quantiles: ArrayLike<number> }
  type ErrorType = UnequalError
}

/** Thrown when outcomes and forecasts are not one to one, or there are none. */
export class UnequalError extends BaseError {
  override readonly name = 'Evaluation.UnequalError'
  readonly realised: number
  readonly forecast: number
  constructor(args: { readonly realised: number; readonly forecast: number }) {
    super({
      code: 'EVALUATION_UNEQUAL',
      message: `${args.realised} outcomes stand against ${args.forecast} forecasts.`,
      hint: 'Give at least one outcome, and one forecast for each.',
    })
    this.realised = args.realised
    this.forecast = args.forecast
  }
}
