/** Initial and maintenance margin of one position, as rates of its notional. */
import * as Curve from './Curve.ts'
import * as Fixed from './Fixed.ts'
import type { Damper, Inputs, Side } from './Inputs.ts'

/** Which factors are switched on: reasons switch them on one after another. */
export type Stage = 'schedule' | 'volatility' | 'brake' | 'reputation' | 'wrongWay' | 'bounds'
export const stages: readonly Stage[] = ['schedule', 'volatility', 'brake', 'reputation', 'wrongWay', 'bounds']

/**
 * Maintenance margin at notional N on one side.
 *
 * Formula: `MM(N) = max(mmSchedule(N), q̂_ttc(τ_liq) + liquidationCost)`. Market-wide, never personal.
 * Source:  docs/method/limit.md, eq. (6).
 * Rounding: up.
 */
export function maintenance(inputs: Inputs, damper: Damper, side: Side, notional: bigint): bigint {
  const { market } = inputs
  const schedule = Curve.ppm(market.maintenance, notional, market.openInterest[side])
  const quantile = BigInt(quantileOf(damper.throughTheCycle, side) + market.liquidationCostPpm)
  return schedule > quantile ? schedule : quantile
}

/**
 * Initial margin at notional N on one side, with the factors up to `stage` switched on.
 *
 * Formula:
 *   `base = max(schedule(N), q̂(τ) + liquidity(N))`
 *   `IM = min(cap, max(base·(1 + brake(N))·(1 − b·min(N, provenCap)/N) + wrongWay, (1 + β)·MM(N), q̂(τ_liq), floor))`
 * Source:  docs/method/limit.md, eq. (4) and (5).
 * Rounding: up after each product. Non-decreasing in N, because every factor is.
 *
 * @param discountPpm - b as it applies, after its own bounds.
 * @returns ppm.
 */
export function initial(args: initial.Args): bigint {
  const { inputs, damper, side, notional, stage, discountPpm } = args
  const { market, params, grant, brake } = inputs
  const on = (factor: Stage) => stages.indexOf(stage) >= stages.indexOf(factor)

  let rate = Curve.ppm(market.initial, notional, market.openInterest[side])
  if (on('volatility')) {
    const volatility = BigInt(quantileOf(damper.closeOut, side)) + Curve.ppm(market.liquidity, notional, market.openInterest[side])
    if (volatility > rate) rate = volatility
  }
  if (on('brake') && brake.status === 'ok') rate = Fixed.mulDiv(rate, Fixed.ppm + BigInt(brakeAt(inputs, side, notional)), Fixed.ppm, 'up')
  if (on('reputation') && discountPpm > 0) {
    const proven = notional < grant.provenCap ? notional : grant.provenCap
    const whole = notional === 0n ? 1n : notional
    const part = notional === 0n ? 1n : proven
    rate = Fixed.mulDiv(rate, whole * Fixed.ppm - part * BigInt(discountPpm), whole * Fixed.ppm, 'up')
  }
  if (on('wrongWay')) rate += BigInt(quantileOf(market.wrongWay, side))
  if (on('bounds')) {
    const least = [
      Fixed.mulDiv(maintenance(inputs, damper, side, notional), Fixed.ppm + BigInt(params.betaPpm), Fixed.ppm, 'up'),
      BigInt(quantileOf(damper.liquidation, side)),
      BigInt(params.floorPpm),
    ]
    for (const bound of least) if (bound > rate) rate = bound
    if (side === 'long' && rate > BigInt(params.longCapPpm)) rate = BigInt(params.longCapPpm)
  }
  return rate
}

export declare namespace initial {
  type Args = {
    readonly inputs: Inputs
    readonly damper: Damper
    readonly side: Side
    readonly notional: bigint
    readonly stage: Stage
    readonly discountPpm: number
  }
}

/** The brake at N: the step N falls into; beyond the last, the last (where no raise is allowed anyway). */
export function brakeAt(inputs: Inputs, side: Side, notional: bigint): number {
  const steps = inputs.brake[side]
  for (const step of steps) if (notional <= step.upToNotional) return step.ppm
  return steps.at(-1)?.ppm ?? 0
}

/** b as it applies: none when the grant has run out or the brake is unknown, never above the tier's bound. */
export function discountOf(inputs: Inputs): number {
  const { grant, params, asOf, brake } = inputs
  if (asOf > grant.validUntil || brake.status === 'unavailable') return 0
  return Math.min(grant.imDiscountPpm, params.tierDiscountPpm[grant.tier])
}

function quantileOf(quantile: { readonly longPpm: number; readonly shortPpm: number }, side: Side): number {
  return side === 'long' ? quantile.longPpm : quantile.shortPpm
}
