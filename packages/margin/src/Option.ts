/** A European option on a forward: its price by Black-76, and what it pays at a settlement price. */
import { BaseError } from './BaseError.ts'
import * as Normal from './Normal.ts'

export type Kind = 'call' | 'put'

/** What an option is, and what its market says of it. */
export type Option = {
  readonly kind: Kind
  /** K ≥ 0. USD per unit. */
  readonly strike: number
  /** F ≥ 0, the forward to the option's expiry. USD per unit. */
  readonly forward: number
  /** Until expiry, ≥ 0. */
  readonly seconds: number
  /** σ ≥ 0, annualised: 0.8 is 80 %. */
  readonly volatility: number
  /** What one USD at expiry is worth now; 1 where nothing is discounted. */
  readonly discount: number
}

/** Seconds of a year of 365 days, by which volatilities and rates are annualised. */
export const yearSeconds = 31_536_000

/**
 * The price of one option.
 *
 * Formula: `C = D·(F·Φ(d₁) − K·Φ(d₂))`, `P = D·(K·Φ(−d₂) − F·Φ(−d₁))`, `d₁ = ln(F/K)/(σ√T) + σ√T/2`, `d₂ = d₁ − σ√T`;
 *          what it pays where σ√T, K or F is 0.
 * Source:  Black, The pricing of commodity contracts (1976); docs/method/portfolio-margin.md, eq. (1) and (2).
 * Rounding: nearest, float64. Error at most 1e-14·(F + K)·D.
 *
 * @returns USD per unit, at least 0.
 * @throws {InvalidOptionError} a figure is negative, infinite or no number.
 *
 * @example
 * Option.price({ kind: 'put', strike: 120, forward: 100, seconds: 0, volatility: 0.8, discount: 1 })
 * // => 20
 * Option.price({ kind: 'call', strike: 100, forward: 100, seconds: Option.yearSeconds, volatility: 0.2, discount: 1 }).toFixed(6)
 * // => '7.965567'
 */
export function price(option: Option): number {
  assertValid(option)
  const { kind, strike, forward, seconds, volatility, discount } = option
  const deviation = volatility * Math.sqrt(seconds / yearSeconds)
  if (deviation === 0 || strike === 0 || forward === 0) return discount * payoff(option, forward)

  const d1 = Math.log(forward / strike) / deviation + deviation / 2
  const d2 = d1 - deviation
  const worth = kind === 'call' ? forward * Normal.cdf(d1) - strike * Normal.cdf(d2) : strike * Normal.cdf(-d2) - forward * Normal.cdf(-d1)
  return discount * Math.max(0, worth)
}

export declare namespace price {
  type ErrorType = InvalidOptionError
}

/**
 * What one option pays when the underlying settles at a price.
 *
 * Formula: `max(0, p − K)` for a call, `max(0, K − p)` for a put.
 * Source:  docs/method/portfolio-margin.md, eq. (5).
 *
 * @param settlement - p ≥ 0. USD per unit.
 * @returns USD per unit, at least 0.
 *
 * @example
 * Option.payoff({ kind: 'call', strike: 100 }, 130)
 * // => 30
 */
export function payoff({ kind, strike }: Pick<Option, 'kind' | 'strike'>, settlement: number): number {
  return Math.max(0, kind === 'call' ? settlement - strike : strike - settlement)
}

function assertValid(option: Option): void {
  if (option.kind !== 'call' && option.kind !== 'put') throw new InvalidOptionError({ field: 'kind', value: option.kind })
  for (const field of ['strike', 'forward', 'seconds', 'volatility', 'discount'] as const) {
    const value = option[field]
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) throw new InvalidOptionError({ field, value })
  }
}

/** Thrown when an option has a figure that no option has. */
export class InvalidOptionError extends BaseError {
  override readonly name = 'Option.InvalidOptionError'
  readonly field: keyof Option
  readonly value: unknown
  constructor(args: { readonly field: keyof Option; readonly value: unknown }) {
    super({
      code: 'INVALID_OPTION',
      message: `An option cannot have the ${args.field} ${String(args.value)}.`,
      hint: "The kind is 'call' or 'put'; strike, forward, seconds, volatility and discount are finite and at least 0.",
    })
    this.field = args.field
    this.value = args.value
  }
}
