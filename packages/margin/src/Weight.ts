/** Weight curves: a share of a value, as data. What a size, the market or the time makes of it is in the curve. */
import { BaseError } from './BaseError.ts'
import * as Fixed from './Fixed.ts'

/** Rates are integers of the profile's unit: 1e6 for ppm, 1e4, 1e18. */
export type Weight =
  | { readonly kind: 'flat'; readonly rate: bigint }
  /** Marginal tiers of notional: the average over the tiers that N passes through. The last `upTo` is null. */
  | { readonly kind: 'tiers'; readonly tiers: readonly Tier[] }
  /** `rate + coefficient · (N / scale)^(over/under)`: 1/2 is the square root, 4/5 a power that some books use. */
  | {
      readonly kind: 'power'
      readonly rate: bigint
      readonly coefficient: bigint
      readonly scale: bigint
      readonly over: bigint
      readonly under: bigint
    }
  /** `rate` up to `lower`, then linear to 1 at `upper`, in open interest + N; an upper bound of 0 is none. */
  | { readonly kind: 'openInterest'; readonly rate: bigint; readonly lower: bigint; readonly upper: bigint }
  /** `minimum + |size| / scale · coefficient`: a depth the size is measured against, in the units of the size. */
  | { readonly kind: 'skew'; readonly minimum: bigint; readonly coefficient: bigint; readonly scale: bigint }
  /** `max(of, of − ⌊of/5⌋ + factor·√size)`: what a large debt or position needs more. A factor of 0 asks nothing. */
  | { readonly kind: 'premium'; readonly of: Weight; readonly factor: bigint; readonly scale: bigint }
  /** `min(of, 1.1 / (1 + factor·√size))`: what a large balance counts less. A factor of 0 takes nothing. */
  | { readonly kind: 'discount'; readonly of: Weight; readonly factor: bigint; readonly scale: bigint }
  /** A lower rate granted to small sizes, that fades as the premium of the ordinary rate `of` comes to bind. */
  | { readonly kind: 'concession'; readonly of: Weight; readonly granted: Weight; readonly factor: bigint; readonly scale: bigint }
  /** `of · start / total` once the pool holds `start` (`shrinks`), or its inverse (`grows`). */
  | { readonly kind: 'pool'; readonly of: Weight; readonly start: bigint; readonly as: 'shrinks' | 'grows' }
  /** Linear in time from one rate to another: how a parameter tightens on a published schedule. */
  | { readonly kind: 'ramp'; readonly from: bigint; readonly to: bigint; readonly startAt: number; readonly endAt: number }
  /** A share of what another weight requires, rounded after each: maintenance as a fraction of the initial requirement. */
  | { readonly kind: 'share'; readonly of: Weight; readonly rate: bigint }
  /** Another weight's rate times a factor: maintenance as a fraction of the initial rate. */
  | { readonly kind: 'scaled'; readonly of: Weight; readonly rate: bigint }
  | { readonly kind: 'clamp'; readonly of: Weight; readonly lower: bigint; readonly upper: bigint }
  /** `1 − of`. */
  | { readonly kind: 'complement'; readonly of: Weight }
  | { readonly kind: 'max'; readonly of: readonly Weight[] }
  | { readonly kind: 'min'; readonly of: readonly Weight[] }
  | { readonly kind: 'mean'; readonly of: readonly Weight[] }

export type Tier = { readonly upTo: bigint | null; readonly rate: bigint }

/** What a curve may look at. */
export type State = {
  /** N ≥ 0. */
  readonly notional: bigint
  /** |size|, native units. */
  readonly size: bigint
  /** Of the position's side or market, without N. */
  readonly openInterest: bigint
  /** What the pool holds of the asset, in the value's units. */
  readonly total: bigint
  /** Unix seconds. */
  readonly asOf: number
}

/** What rates are counted in, and how a curve rounds. */
export type Basis = { readonly unit: bigint; readonly rounding: Fixed.Rounding }

/**
 * The rate of a curve.
 *
 * Formula:
 *   flat          `r`
 *   tiers         `Σ r_i · (part of N in tier i) / N`
 *   power         `r + c · (N / scale)^(over/under)`
 *   openInterest  `r` to `lower`, then linear to 1 at `upper`, in `openInterest + N`
 *   skew          `minimum + |size| / scale · c`
 *   premium       `max(r, r − ⌊r/5⌋ + √size · factor)`, r of the weight inside
 *   discount      `min(r, 1.1 / (1 + √size · factor))`
 *   concession    `g + max(1, r − g) · (1 − (r − p) / ⌊r/5⌋)` with p = r − ⌊r/5⌋ + √size · factor, while p < r; g at p = r, p above
 *   pool          `r · start / total` or `r · total / start`, once `total ≥ start`
 *   ramp          `from + (to − from) · (asOf − startAt) / (endAt − startAt)`
 *   share, scaled `r_of · share`;  clamp, complement, max, min, mean: of the rates inside
 * Source:  docs/method/linear-margin.md, eq. (2) to (11).
 * Rounding: the basis', after each division; roots as integers, to the side of the basis ('zero' and 'nearest' cut).
 *
 * @param state.notional - N ≥ 0. The rate at 0 is that of the smallest position.
 * @returns integer of the basis' unit.
 *
 * @example
 * const state = { notional: 200n, size: 2n, openInterest: 0n, total: 0n, asOf: 0 }
 * const tiers = [{ upTo: 100n, rate: 50_000n }, { upTo: null, rate: 100_000n }]
 * Weight.rate({ kind: 'tiers', tiers }, state, { unit: 1_000_000n, rounding: 'up' })
 * // => 75000n
 */
export function rate(weight: Weight, state: State, basis: Basis): bigint {
  const { unit, rounding } = basis
  switch (weight.kind) {
    case 'flat':
      return weight.rate
    case 'tiers':
      return tiered(weight.tiers, state.notional, rounding)
    case 'power':
      return weight.rate + power(weight, state.notional, rounding)
    case 'openInterest': {
      const { rate: base, lower, upper } = weight
      const interest = state.openInterest + state.notional
      if (upper === 0n || interest <= lower) return base
      if (interest >= upper) return unit
      const [part, whole, rest] = [interest - lower, upper - lower, unit - base]
      const told = Fixed.told((Number(rest) * Number(part)) / Number(whole), rounding)
      return base + (told ?? Fixed.mulDiv(rest, part, whole, rounding))
    }
    case 'skew':
      return weight.minimum + Fixed.mulDiv(Fixed.mulDiv(state.size, unit, weight.scale, rounding), weight.coefficient, unit, rounding)
    case 'premium': {
      const of = rate(weight.of, state, basis)
      return Fixed.max(of, grown(weight, of, state, basis))
    }
    case 'discount': {
      const of = rate(weight.of, state, basis)
      if (weight.factor === 0n) return of
      const added = Fixed.ratio(rootOf(state.size, weight.scale) * weight.factor, rootUnit, rounding)
      return Fixed.min(of, Fixed.ratio((11n * factorUnit * unit) / 10n, factorUnit + added, rounding))
    }
    case 'concession':
      return concession(weight, state, basis)
    case 'pool': {
      const of = rate(weight.of, state, basis)
      if (weight.start === 0n || state.total < weight.start) return of
      if (weight.as === 'shrinks') return Fixed.mulDiv(of, weight.start, state.total, rounding)
      return Fixed.mulDiv(of, state.total, weight.start, rounding)
    }
    case 'ramp': {
      const { from, to, startAt, endAt } = weight
      if (state.asOf >= endAt) return to
      if (state.asOf <= startAt) return from
      if (!Number.isSafeInteger(state.asOf)) throw new Fixed.NotAnIntegerError(state.asOf)
      return from + Fixed.mulDiv(to - from, BigInt(state.asOf - startAt), BigInt(endAt - startAt), rounding)
    }
    case 'share':
    case 'scaled':
      return Fixed.mulDiv(rate(weight.of, state, basis), weight.rate, unit, rounding)
    case 'clamp':
      return Fixed.max(weight.lower, Fixed.min(weight.upper, rate(weight.of, state, basis)))
    case 'complement':
      return unit - rate(weight.of, state, basis)
    case 'max':
      return extreme(weight.of, state, basis, 1)
    case 'min':
      return extreme(weight.of, state, basis, -1)
    case 'mean': {
      if (weight.of.length === 0) throw new EmptyCurveError('weights')
      let sum = 0n
      for (const of of weight.of) sum += rate(of, state, basis)
      return Fixed.ratio(sum, BigInt(weight.of.length), rounding)
    }
  }
}

/**
 * A curve's share of N, before it is divided: `unit` times the requirement.
 *
 * Formula: `Σ r_i · (part of N in tier i)` over tiers, with no rate in between, so that it is linear between their bounds; else `rate · N`.
 * Source:  docs/method/linear-margin.md, eq. (12).
 *
 * @example
 * const state = { notional: 200n, size: 2n, openInterest: 0n, total: 0n, asOf: 0 }
 * Weight.product({ kind: 'flat', rate: 50_000n }, state, { unit: 1_000_000n, rounding: 'up' })
 * // => 10000000n
 */
export function product(weight: Weight, state: State, basis: Basis): bigint {
  if (weight.kind === 'flat') return weight.rate * state.notional
  if (weight.kind === 'tiers') return weigh(weight.tiers, state.notional)
  return rate(weight, state, basis) * state.notional
}

/**
 * A curve's share of N.
 *
 * Formula: `⌈product / unit⌉`; of a share of another weight, the share of that weight's requirement.
 * Source:  docs/method/linear-margin.md, eq. (12) and (13).
 *
 * @param rounding - of the requirement, after each share. The rates inside are rounded as the basis says.
 *
 * @example
 * const state = { notional: 101n, size: 1n, openInterest: 0n, total: 0n, asOf: 0 }
 * const initial = { kind: 'flat', rate: 200_000n }
 * // ⌈101 · 20 %⌉ = 21, and half of it ⌈10.5⌉.
 * Weight.requirement({ kind: 'share', of: initial, rate: 500_000n }, state, { unit: 1_000_000n, rounding: 'down', requirement: 'up' })
 * // => 11n
 */
export function requirement(weight: Weight, state: State, basis: requirement.Basis): bigint {
  if (weight.kind === 'share') return Fixed.mulDiv(requirement(weight.of, state, basis), weight.rate, basis.unit, basis.requirement)
  return Fixed.ratio(product(weight, state, basis), basis.unit, basis.requirement)
}

export declare namespace requirement {
  type Basis = { readonly unit: bigint; readonly rounding: Fixed.Rounding; readonly requirement: Fixed.Rounding }
}

/**
 * A curve that can be meant, or a sentence why not. For parameters as they are loaded: the engine does not look again.
 *
 * Tiers rise, in bounds and in rates, and the last has none; rates, factors and coefficients are ≥ 0, scales above 0; a ramp ends after it
 * starts; nothing is made of nothing.
 *
 * @throws {InvalidWeightError}
 *
 * @example
 * Weight.check({ kind: 'tiers', tiers: [{ upTo: 100n, rate: 50_000n }, { upTo: null, rate: 100_000n }] })
 * // => undefined
 */
export function check(weight: Weight): void {
  const refuse = (holds: boolean, why: string) => {
    if (holds) throw new InvalidWeightError(weight.kind, why)
  }
  switch (weight.kind) {
    case 'flat':
      refuse(weight.rate < 0n, 'the rate is below 0')
      return
    case 'tiers':
      refuse(weight.tiers.length === 0, 'there is none')
      for (const [i, { upTo, rate }] of weight.tiers.entries()) {
        const before = weight.tiers[i - 1] ?? { upTo: 0n, rate: 0n }
        refuse(rate < before.rate, 'a rate falls')
        refuse((upTo === null) !== (i === weight.tiers.length - 1), 'the last one, and no other, is open')
        refuse(upTo !== null && upTo <= (before.upTo ?? 0n), 'a bound does not rise')
      }
      return
    case 'power':
      refuse(weight.rate < 0n || weight.coefficient < 0n || weight.over < 0n, 'a figure is below 0')
      refuse(weight.scale <= 0n || weight.under <= 0n, 'the scale or the root is not above 0')
      return
    case 'openInterest':
      refuse(weight.rate < 0n || (weight.upper !== 0n && weight.upper <= weight.lower), 'it does not rise from lower to upper')
      return
    case 'skew':
      refuse(weight.minimum < 0n || weight.coefficient < 0n || weight.scale <= 0n, 'a figure is below 0, or the scale is 0')
      return
    case 'premium':
    case 'discount':
    case 'concession':
      refuse(weight.factor < 0n || weight.scale <= 0n, 'the factor is below 0, or the scale not above it')
      if (weight.kind === 'concession') check(weight.granted)
      check(weight.of)
      return
    case 'ramp':
      refuse(!Number.isSafeInteger(weight.startAt) || !Number.isSafeInteger(weight.endAt), 'its times are not whole seconds')
      refuse(weight.from < 0n || weight.to < 0n || weight.endAt < weight.startAt, 'a rate is below 0, or it ends before it starts')
      return
    case 'clamp':
      refuse(weight.lower > weight.upper, 'the lower bound is above the upper one')
      check(weight.of)
      return
    case 'pool':
    case 'share':
    case 'scaled':
      refuse((weight.kind === 'pool' ? weight.start : weight.rate) < 0n, 'a figure is below 0')
      check(weight.of)
      return
    case 'complement':
      check(weight.of)
      return
    case 'max':
    case 'min':
    case 'mean':
      refuse(weight.of.length === 0, 'there is none')
      for (const of of weight.of) check(of)
      return
  }
}

type Grown = { readonly factor: bigint; readonly scale: bigint }

/** Four fifths of a rate and what the size adds: above the rate once the size is large. */
function grown({ factor, scale }: Grown, of: bigint, { size }: State, { unit, rounding }: Basis): bigint {
  if (factor === 0n) return of
  const kept = of - of / 5n
  // Initial and maintenance margin of a position ask for the same root one after the other.
  if (last.size === size && last.scale === scale && last.factor === factor && last.unit === unit && last.rounding === rounding)
    return kept + last.added
  const root = rootOf(size, scale)
  const told = Fixed.told((Number(root) * Number(factor) * Number(unit)) / 1e11, rounding)
  const added = told ?? Fixed.ratio(root * factor * unit, rootUnit * factorUnit, rounding)
  last = { size, scale, factor, unit, rounding, added }
  return kept + added
}

/** The last answer of `grown`: it depends on what stands beside it and on nothing else. */
let last: Grown & Basis & { readonly size: bigint; readonly added: bigint } = {
  ...{ size: 0n, scale: 0n, factor: 0n, unit: 0n, rounding: 'down', added: 0n },
}

/** What has faded is cut, so that the rest of the concession is never rounded in the account's favour. */
function concession(weight: Weight & { readonly kind: 'concession' }, state: State, basis: Basis): bigint {
  const [of, granted] = [rate(weight.of, state, basis), rate(weight.granted, state, basis)]
  const premium = grown(weight, of, state, basis)
  if (premium > of) return premium
  if (premium === of) return granted
  const left = factorUnit - Fixed.mulDiv(of - premium, factorUnit, of / 5n, 'zero')
  return granted + Fixed.mulDiv(Fixed.max(1n, of - granted), left, factorUnit, basis.rounding)
}

/** `10^5 · √(size/scale)`, cut; sizes are cut to parts of 1e9 first, and the 1 inside is in the source's formula. */
function rootOf(size: bigint, scale: bigint): bigint {
  const parts = Fixed.told((Number(size) * 1e9) / Number(scale), 'down') ?? (size * sizeUnit) / scale
  return Fixed.sqrt(parts * 10n + 1n, 'down')
}
const sizeUnit = 1_000_000_000n
const rootUnit = 100_000n
/** Factors of √size are counted in parts of a million whatever the rates are counted in. */
const factorUnit = 1_000_000n

function tiered(tiers: readonly Tier[], notional: bigint, rounding: Fixed.Rounding): bigint {
  const first = tiers[0]
  if (first === undefined) throw new EmptyCurveError('tiers')
  if (first.upTo === null || notional <= first.upTo) return first.rate
  return Fixed.ratio(weigh(tiers, notional), notional, rounding)
}

/** `Σ r_i · (part of N in tier i)`. */
function weigh(tiers: readonly Tier[], notional: bigint): bigint {
  let weighted = 0n
  let from = 0n
  for (const { upTo, rate } of tiers) {
    const to = upTo === null || upTo > notional ? notional : upTo
    weighted += (to - from) * rate
    from = to
    if (from === notional) return weighted
  }
  // A schedule that ends, or turns back, before N says nothing about the rest.
  throw new InvalidWeightError('tiers', 'they end below the notional that is asked for')
}

/** `c · (N/s)^(a/b) = (c^b · N^a / s^a)^(1/b)`, and a root of a rounded figure rounded the same way is the rounded root. */
function power(weight: Weight & { readonly kind: 'power' }, notional: bigint, rounding: Fixed.Rounding): bigint {
  const { coefficient, scale, over, under } = weight
  const side = rounding === 'up' ? 'up' : 'down'
  // The square root, without powers: most books have no other.
  if (over === 1n && under === 2n) {
    const told = Fixed.told(Number(coefficient) * Math.sqrt(Number(notional) / Number(scale)), side)
    if (told !== null) return told
    return Fixed.sqrt(Fixed.ratio(coefficient * coefficient * notional, scale, side), side)
  }
  return Fixed.root(Fixed.ratio(coefficient ** under * notional ** over, scale ** over, side), under, side)
}

/** The greatest of several rates, or with the sign −1 the least. */
function extreme(weights: readonly Weight[], state: State, basis: Basis, sign: 1 | -1): bigint {
  let found: bigint | null = null
  for (const weight of weights) {
    const of = rate(weight, state, basis)
    if (found === null || (sign === 1 ? of > found : of < found)) found = of
  }
  if (found === null) throw new EmptyCurveError('weights')
  return found
}

/** Thrown when a curve is made of nothing: no rate is not the rate 0. */
export class EmptyCurveError extends BaseError {
  override readonly name = 'Weight.EmptyCurveError'
  constructor(of: string) {
    super({ code: 'EMPTY_CURVE', message: `A weight curve has no ${of}.`, hint: 'Give it at least one; the last tier has no upper bound.' })
  }
}

/** Thrown when a weight curve cannot be meant. */
export class InvalidWeightError extends BaseError {
  override readonly name = 'Weight.InvalidWeightError'
  readonly kind: Weight['kind']
  constructor(kind: Weight['kind'], why: string) {
    super({
      code: 'INVALID_WEIGHT',
      message: `A weight curve of kind ${kind} cannot be meant: ${why}.`,
      hint: 'Check curves with Weight.check where they are loaded.',
    })
    this.kind = kind
  }
}
