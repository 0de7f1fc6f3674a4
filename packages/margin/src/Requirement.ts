/** Initial and maintenance margin of one position, as rates of its notional. */
import * as Curve from './Curve.ts'
import * as Fixed from './Fixed.ts'
import type { Damper, Inputs, Params, Side, Step } from './Inputs.ts'

/** Which factors are switched on: reasons switch them on one after another. */
export type Stage = (typeof stages)[number]
export const stages = ['schedule', 'volatility', 'brake', 'reputation', 'wrongWay', 'bounds'] as const

/** Everything one side's margin depends on, ready to be asked at many notionals. */
export type Terms = {
  readonly side: Side
  readonly initial: Curve.Curve
  readonly maintenance: Curve.Curve
  readonly liquidity: Curve.Curve
  /** Open interest of this side without the position. USD. */
  readonly state: Curve.ppm.State
  /** q̂(τ), q̂(τ_liq), and q̂_ttc(τ_liq) + liquidation cost, as applied. */
  readonly closeOutPpm: number
  readonly liquidationPpm: number
  readonly maintenanceQuantilePpm: number
  /** Non-decreasing in `upToNotional` and `ppm`. */
  readonly brake: readonly Step[]
  /** b as it applies, and the notional it reaches to. */
  readonly discountPpm: number
  readonly provenCap: bigint
  readonly wrongWayPpm: number
  readonly betaPpm: number
  readonly floorPpm: number
  /** Greatest initial margin, and the maintenance margin that leaves (1 + β) below it; Infinity for shorts. */
  readonly capPpm: number
  readonly maintenanceCapPpm: number
}

/** The terms of both sides. */
export type Requirement = { readonly long: Terms; readonly short: Terms }

/**
 * The terms of a participant on a market.
 *
 * @param damper - the quantiles as applied, from `Damper.apply`.
 */
export function of(inputs: Inputs, damper: Damper): Requirement {
  const { market, params, grant, brake } = inputs
  const discountPpm = discount(inputs)
  const terms = (side: Side): Terms => ({
    ...shared(inputs, side),
    liquidity: market.liquidity,
    closeOutPpm: quantile(damper.closeOut, side),
    liquidationPpm: quantile(damper.liquidation, side),
    maintenanceQuantilePpm: quantile(damper.throughTheCycle, side) + market.liquidationCostPpm,
    brake: brake.status === 'ok' ? brake[side] : [],
    discountPpm,
    provenCap: grant.provenCap,
    wrongWayPpm: quantile(market.wrongWay, side),
    betaPpm: params.betaPpm,
  })
  return { long: terms('long'), short: terms('short') }
}

/** The terms of the static schedule alone, the same for everybody: no forecast, no grant, no brake. */
export function byDefault(inputs: Inputs): Requirement {
  const terms = (side: Side): Terms => ({
    ...shared(inputs, side),
    liquidity: { kind: 'flat', ppm: 0 },
    closeOutPpm: 0,
    liquidationPpm: 0,
    maintenanceQuantilePpm: 0,
    brake: [],
    discountPpm: 0,
    provenCap: 0n,
    wrongWayPpm: 0,
    betaPpm: inputs.params.betaPpm,
  })
  return { long: terms('long'), short: terms('short') }
}

function shared({ market, params }: Inputs, side: Side) {
  return {
    side,
    initial: market.initial,
    maintenance: market.maintenance,
    state: { openInterest: market.openInterest[side] },
    floorPpm: params.floorPpm,
    ...caps(params, side),
  }
}

/** A long can lose its notional and no more: full collateral is the cap. A short can lose any multiple. */
function caps({ longCapPpm, betaPpm }: Params, side: Side): Pick<Terms, 'capPpm' | 'maintenanceCapPpm'> {
  if (side === 'short') return { capPpm: Number.POSITIVE_INFINITY, maintenanceCapPpm: Number.POSITIVE_INFINITY }
  return { capPpm: longCapPpm, maintenanceCapPpm: Math.floor((longCapPpm * 1_000_000) / (1_000_000 + betaPpm)) }
}

/**
 * Maintenance margin at notional N on one side. Market-wide, never personal.
 *
 * Formula: `MM(N) = max(mmSchedule(N), q̂_ttc(τ_liq) + liquidationCost)`, for a long at most `cap / (1 + β)`.
 * Source:  docs/method/limit.md, eq. (6).
 * Rounding: up. Non-decreasing in N, because the schedule is.
 *
 * @returns integer ppm.
 */
export function maintenance(terms: Terms, notional: bigint): number {
  const schedule = Curve.ppm(terms.maintenance, notional, terms.state)
  return Math.min(terms.maintenanceCapPpm, Math.max(schedule, terms.maintenanceQuantilePpm))
}

/**
 * Initial margin at notional N on one side, with the factors up to `stage` switched on.
 *
 * Formula:
 *   `base = max(schedule(N), q̂(τ) + liquidity(N))`
 *   `IM = min(cap, max(base·(1 + brake(N))·(1 − b·min(N, provenCap)/N) + wrongWay, (1 + β)·MM(N), q̂(τ_liq), floor))`
 * Source:  docs/method/limit.md, eq. (4) and (5).
 * Rounding: up after each product.
 *
 * Non-decreasing in N at every stage, without a running maximum: the curves and the brake table are; `1 − b·min(N, provenCap)/N` is
 * 1 − b up to `provenCap` and rises towards 1 beyond it; products, sums, maxima and minima of non-negative non-decreasing functions
 * are non-decreasing, and rounding up keeps the order. The concentration of a position is in its schedule, that of collateral in its
 * credit, so that the brake alone stands where the general formula has the greater of the two.
 *
 * @returns integer ppm, above 0.
 */
export function initial(terms: Terms, notional: bigint, stage: Stage): number {
  const schedule = Curve.ppm(terms.initial, notional, terms.state)
  if (stage === 'schedule') return schedule

  const base = Math.max(schedule, terms.closeOutPpm + Curve.ppm(terms.liquidity, notional, terms.state))
  if (stage === 'volatility') return base

  const braked = scale(base, 1_000_000 + brakeAt(terms.brake, notional))
  if (stage === 'brake') return braked

  const earned = terms.discountPpm === 0 ? braked : scale(braked, kept(terms, notional))
  if (stage === 'reputation') return earned

  const wrongWay = earned + terms.wrongWayPpm
  if (stage === 'wrongWay') return wrongWay

  const buffered = scale(maintenance(terms, notional), 1_000_000 + terms.betaPpm)
  return Math.min(terms.capPpm, Math.max(wrongWay, buffered, terms.liquidationPpm, terms.floorPpm))
}

/** Initial margin of the worse side. */
export function worst(requirement: Requirement, notional: bigint, stage: Stage): number {
  return Math.max(initial(requirement.long, notional, stage), initial(requirement.short, notional, stage))
}

/** What moved initial margin in the last stage, `null` where nothing did. */
export function bindingBound(terms: Terms, notional: bigint): RateBound | null {
  const before = initial(terms, notional, 'wrongWay')
  const after = initial(terms, notional, 'bounds')
  if (after === before) return null
  if (after === terms.capPpm) return 'IM_CAP'
  if (after === terms.liquidationPpm) return 'IM_LIQUIDATION'
  return after === terms.floorPpm ? 'IM_FLOOR' : 'IM_MAINTENANCE'
}

export type RateBound = 'IM_CAP' | 'IM_FLOOR' | 'IM_LIQUIDATION' | 'IM_MAINTENANCE'

/**
 * The requirement in USD.
 *
 * Formula: `R = ⌈IM · N⌉`.
 * Source:  docs/method/limit.md, eq. (7).
 *
 * @example
 * Requirement.value(50_000, 1_000_001n)
 * // => 50001n
 */
export function value(ppm: number, notional: bigint): bigint {
  return Fixed.mulDiv(notional, BigInt(ppm), Fixed.ppm, 'up')
}

/**
 * The largest N ≤ cap with `⌈rate(N) · N⌉ ≤ equity`.
 *
 * Source: bisection over integers. As the rate never falls, `rate(high)` bounds the answer from below and `rate(low + 1)` from above,
 * so that the bracket shrinks from both ends and a level stretch of the rate ends the search at once.
 *
 * @param rate - integer ppm above 0 for N ≥ 1, non-decreasing.
 * @param equity - USD, may be negative.
 */
export function capacity(rate: (notional: bigint) => number, equity: bigint, cap: bigint): bigint {
  const budget = equity * Fixed.ppm
  // ⌈r·N / 1e6⌉ ≤ E exactly when N ≤ ⌊E·1e6 / r⌋.
  const affordable = (notional: bigint) => budget / BigInt(rate(notional))
  let low = 0n
  let high = Fixed.min(cap, affordable(1n))
  while (low < high) {
    const sure = affordable(high)
    if (sure >= high) return high
    if (sure > low) low = sure
    high = Fixed.min(high - 1n, affordable(low + 1n))
    if (low >= high) break
    const middle = (low + high + 1n) >> 1n
    if (affordable(middle) >= middle) low = middle
    else high = middle - 1n
  }
  return low
}

/**
 * b as it applies: none when the grant has run out or the book is unknown, never above the tier's bound.
 *
 * @returns integer ppm, below 1 000 000.
 */
export function discount({ grant, params, asOf, brake }: Pick<Inputs, 'grant' | 'params' | 'asOf' | 'brake'>): number {
  if (asOf > grant.validUntil || brake.status === 'unavailable') return 0
  return Math.min(grant.imDiscountPpm, params.tierDiscountPpm[grant.tier])
}

/** `⌈1 − b·min(N, provenCap)/N⌉` in ppm: the part of N above `provenCap` pays base terms. */
function kept({ discountPpm, provenCap }: Terms, notional: bigint): number {
  if (provenCap === 0n) return 1_000_000
  if (notional <= provenCap) return 1_000_000 - discountPpm
  return 1_000_000 - Number((BigInt(discountPpm) * provenCap) / notional)
}

/** The brake at N: the value of the step it falls into; beyond the last that of the last, where no raise is allowed anyway. */
function brakeAt(steps: readonly Step[], notional: bigint): number {
  let ppm = 0
  for (const step of steps) {
    ppm = step.ppm
    if (notional <= step.upToNotional) break
  }
  return ppm
}

/** `⌈rate · ppm / 1e6⌉`; exact, because rates are at most a few 1e8 and their products below 2⁵³. */
function scale(rate: number, ppm: number): number {
  const product = rate * ppm
  const rest = product % 1_000_000
  return (product - rest) / 1_000_000 + (rest > 0 ? 1 : 0)
}

function quantile(of: { readonly longPpm: number; readonly shortPpm: number }, side: Side): number {
  return side === 'long' ? of.longPpm : of.shortPpm
}
