/** What may happen at once to a price and to its volatility, and how an expiry's options are worth then. */
import * as Model from './Model.ts'
import * as Option from './Option.ts'

/** What happens to implied volatilities: one factor for all, or a tilt of the wings by the distance of the strike from the forward. */
export type Volatility = 'up' | 'none' | 'down' | 'linear' | 'absolute'

export type Scenario = {
  /** The price afterwards, as a multiple: 0.85 is −15 %. Options are not moved where volatility tilts. */
  readonly spot: number
  readonly volatility: Volatility
  /** What part of the profit or loss counts: below 1 for tails that are far but unlikely. */
  readonly dampening: number
}

/** How far volatilities rise and fall, the more the nearer the expiry. */
export type Shift = {
  readonly up: number
  readonly down: number
  /** After a rise no volatility is below it. */
  readonly least: number
  /** An expiry nearer than this counts as this far, in seconds. */
  readonly leastSeconds: number
  /** The power of 30 days over time to expiry: up to 30 days, and beyond. */
  readonly nearPower: number
  readonly farPower: number
}

/** `flat + perRootYear · √T`: the most by which a tilt multiplies a volatility up or down. */
export type Wing = { readonly flat: number; readonly perRootYear: number }

export type Tilt = {
  readonly linear: Wing
  readonly absolute: Wing
  /** Where the wings flatten: `max(leastWidth, √T · width · (flat + perRootYear · √T))`, in ln(K/F). */
  readonly leastWidth: number
  readonly width: number
  readonly flat: number
  readonly perRootYear: number
}

/** A factor on the shocked value of an expiry's options: less for what is held, more for what is owed. */
export type Discount = {
  readonly base: number
  /** `rate · multiple + addend` a year. */
  readonly multiple: number
  readonly addend: number
}

/** 30 days, at which a shift is as large as it says. */
const month = 2_592_000

/**
 * What volatilities are multiplied by in a rise and in a fall.
 *
 * Formula: `1 + up·m` and `max(0, 1 − down·m)`, `m = (30 days / max(seconds, leastSeconds))^power`.
 * Source:  docs/method/portfolio-margin.md, eq. (11).
 *
 * @param seconds - to expiry, ≥ 0; at 0 without a least the rise is infinite, and no option has a volatility left to multiply.
 *
 * @example
 * const shift = { up: 0.5, down: 0.25, least: 0, leastSeconds: 0, nearPower: 0.5, farPower: 0.25 }
 * Scenario.shifted(shift, 30 * 86_400 / 4)
 * // => { up: 2, down: 0.5 }
 */
export function shifted(shift: Shift, seconds: number): { readonly up: number; readonly down: number } {
  const power = seconds <= month ? shift.nearPower : shift.farPower
  const reach = (month / Math.max(seconds, shift.leastSeconds)) ** power
  return { up: 1 + shift.up * reach, down: Math.max(0, 1 - shift.down * reach) }
}

/**
 * What a tilt multiplies the volatility of one strike by.
 *
 * Formula: with k = ln(K/F), or |k| for the absolute tilt, c the cap and w the width: `max(0, 1 + min(c, k·c/w))` for k ≥ 0 and
 *          `max(0, 1 + max(−c, k·c/w))` for k < 0.
 * Source:  docs/method/portfolio-margin.md, eq. (12).
 *
 * @param at.years - T ≥ 0.
 * @param at.moneyness - ln(K/F).
 *
 * @example
 * const wing = { flat: 0.25, perRootYear: 0 }
 * const tilt = { linear: wing, absolute: wing, leastWidth: 0.5, width: 0, flat: 0, perRootYear: 0 }
 * Scenario.tilted(tilt, { kind: 'linear', years: 0.25, moneyness: -0.25 })
 * // => 0.875
 */
export function tilted(tilt: Tilt, { kind, years, moneyness }: tilted.At): number {
  const root = Math.sqrt(years)
  const { flat, perRootYear } = tilt[kind]
  const cap = flat + perRootYear * root
  const width = Math.max(tilt.leastWidth, root * tilt.width * (tilt.flat + tilt.perRootYear * root))
  const k = kind === 'absolute' ? Math.abs(moneyness) : moneyness
  const lean = k === 0 || cap === 0 ? 0 : (k * cap) / width
  return Math.max(0, 1 + (k >= 0 ? Math.min(cap, lean) : Math.max(-cap, lean)))
}

export declare namespace tilted {
  type At = { readonly kind: 'linear' | 'absolute'; readonly years: number; readonly moneyness: number }
}

/**
 * The factors on the shocked value of an expiry: on what is held, and on what is owed.
 *
 * Formula: `base·e^(−T·(r·multiple + addend))`; `min(1/D, base·e^(T·(r·multiple + addend)))`, `D = e^(−rT)`.
 * Source:  docs/method/portfolio-margin.md, eq. (13).
 *
 * @param at.years - T ≥ 0.
 * @param at.rate - r ≥ 0, a year.
 *
 * @example
 * const discount = { base: 0.9, multiple: 1, addend: 0 }
 * Scenario.discounted({ held: discount, owed: discount }, { years: 0, rate: 0.1 })
 * // => { held: 0.9, owed: 0.9 }
 */
export function discounted(
  { held, owed }: { readonly held: Discount; readonly owed: Discount },
  { years, rate }: { readonly years: number; readonly rate: number },
): { readonly held: number; readonly owed: number } {
  return {
    held: held.base * Math.exp(-years * (rate * held.multiple + held.addend)),
    owed: Math.min(Math.exp(rate * years), owed.base * Math.exp(years * (rate * owed.multiple + owed.addend))),
  }
}

/**
 * The usual grid: every step of spot with volatility up, unchanged and down, and the outermost step with volatility up alone.
 *
 * @param step - 0.05 is 5 %.
 * @param steps - inner steps on each side; the outermost comes on top of them.
 * @returns highest spot first, dampening 1; `6·steps + 5` scenarios.
 * @throws {Model.InvalidTermsError} the step is no finite number, or the steps no whole number of at least 0.
 *
 * @example
 * Scenario.grid(0.25, 0)
 * // => [
 * //      { spot: 1.25, volatility: 'up', dampening: 1 },
 * //      { spot: 1, volatility: 'up', dampening: 1 },
 * //      { spot: 1, volatility: 'none', dampening: 1 },
 * //      { spot: 1, volatility: 'down', dampening: 1 },
 * //      { spot: 0.75, volatility: 'up', dampening: 1 },
 * //    ]
 */
export function grid(step: number, steps: number): readonly Scenario[] {
  if (!Number.isFinite(step)) throw new Model.InvalidTermsError({ path: 'step', value: step })
  if (!(Number.isSafeInteger(steps) && steps >= 0)) throw new Model.InvalidTermsError({ path: 'steps', value: steps })
  const scenarios: Scenario[] = []
  for (let move = steps + 1; move >= -steps - 1; move--) {
    const kinds = Math.abs(move) > steps ? (['up'] as const) : (['up', 'none', 'down'] as const)
    for (const volatility of kinds) scenarios.push({ spot: 1 + step * move, volatility, dampening: 1 })
  }
  return scenarios
}

export declare namespace grid {
  type ErrorType = Model.InvalidTermsError
}

/** Years of 365 days. */
export function years(seconds: number): number {
  return seconds / Option.yearSeconds
}
