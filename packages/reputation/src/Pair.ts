import { BaseError } from './BaseError.ts'
import * as Decay from './Decay.ts'
import type * as PairAttack from './PairAttack.ts'
import { pairTable } from './PairTable.ts'

/**
 * What a market offers to the pair attack: two identities hold opposite positions, keep the winner's profit and walk away from the loser.
 *
 * What it takes from the venue is the loser's shortfall, so the value of having margin `m` instead of being made whole is
 * `V(m) = E[(|y| − m)⁺]`, y the price move at the first check at which a leg is below maintenance. Everything scales with
 * one window's standard deviation s: `V = s · v(u, g)`, u = MM / s the buffer left when the trigger fires, g = (IM − MM) / s
 * the way to the trigger. `v` is tabulated by `PairAttack` and rounded up.
 */
export type Pair = {
  /** Base initial margin, before any discount. ppm of notional. */
  readonly initialPpm: number
  /** Maintenance margin at which a leg is closed. ppm of notional. */
  readonly maintenancePpm: number
  /** Annualised σ̂. ppm. */
  readonly sigmaPpm: number
  /** Calibrated 99 % loss over one window, the worse side. ppm. */
  readonly quantilePpm: number
  /** τ_liq: from one check to the next, closing included. */
  readonly windowSeconds: number
}

const yearSeconds = 31_536_000

/** 99 % quantile of the table's tail (Student t, 4 degrees of freedom, unit variance), rounded down. ppm. */
const tailQuantilePpm = 2_649_491

/** The greatest discount any tier gives: the value is taken at the worst discount up to it, so it does not depend on the one given. */
const greatestDiscountPpm = 300_000

/**
 * V, in ppm of one leg's notional, for any discount up to 30 %.
 *
 * Formula: `s = max(σ̂·√(τ/year), q̂ / t₀.₉₉)`, `V = s · max v(u, g)` over the grid cells that g takes as the discount runs
 * from 0 to 30 %. Maintenance is never discounted, so what a discount moves is only the way to the trigger, and for a heavy
 * tail a *longer* way is worth slightly more: a flat bound is both safe and close.
 * Rounding: up at every step; a buffer between rows takes the row below, a way between columns the worse of both; beyond
 * the last row the last row; beyond the last column in proportion.
 *
 * @throws {InvalidPairError} a figure is not a whole number, a window or a σ̂ is not positive, or MM exceeds IM.
 *
 * @example
 * Pair.valuePpm({ initialPpm: 100000, maintenancePpm: 80000, sigmaPpm: 900000, quantilePpm: 0, windowSeconds: 86400 }) > 2900
 * // => true
 */
export function valuePpm(pair: Pair, table: PairAttack.Table = pairTable): number {
  const { initialPpm, maintenancePpm, sigmaPpm, quantilePpm, windowSeconds } = pair
  if (![initialPpm, maintenancePpm, sigmaPpm, quantilePpm, windowSeconds].every((n) => Number.isSafeInteger(n) && n >= 0))
    throw new InvalidPairError(pair)
  if (sigmaPpm === 0 || windowSeconds === 0 || maintenancePpm > initialPpm) throw new InvalidPairError(pair)

  // s in units of 10^-9, so that short windows keep their digits
  const variance = (BigInt(sigmaPpm) ** 2n * BigInt(windowSeconds) * 1_000_000n) / BigInt(yearSeconds)
  const diffusive = Number(Decay.squareRoot(variance)) + 1
  const calibrated = Math.ceil((quantilePpm * 1_000_000_000) / tailQuantilePpm)
  const s = Math.max(diffusive, calibrated)

  const bufferMilli = Math.floor((maintenancePpm * 1_000_000) / s)
  const furthestMilli = Math.ceil(((initialPpm - maintenancePpm) * 1_000_000) / s)
  const discounted = Math.floor((initialPpm * (1_000_000 - greatestDiscountPpm)) / 1_000_000)
  const nearestMilli = Math.floor((Math.max(0, discounted - maintenancePpm) * 1_000_000) / s)

  const row = table.values[below(table.bufferMilli, bufferMilli)] ?? []
  const from = below(table.wayMilli, nearestMilli)
  const last = table.wayMilli.length - 1
  const to = Math.min(last, below(table.wayMilli, furthestMilli) + 1)
  const worst = Math.max(...row.slice(from, to + 1))
  const beyond = Math.max(1, Math.ceil(furthestMilli / (table.wayMilli[last] ?? 1)))
  return Number((BigInt(worst * beyond) * BigInt(s) + 999_999_999n) / 1_000_000_000n)
}

/** Index of the last entry at or below `value`; 0 where all are above. */
function below(grid: readonly number[], value: number): number {
  let index = 0
  while (index + 1 < grid.length && (grid[index + 1] ?? Infinity) <= value) index++
  return index
}

/** Thrown when the terms of a market cannot be those of a pair. */
export class InvalidPairError extends BaseError {
  override readonly name = 'Pair.InvalidPairError'
  readonly pair: Pair
  constructor(pair: Pair) {
    super({
      code: 'INVALID_PAIR',
      message: `A pair with IM ${pair.initialPpm}, MM ${pair.maintenancePpm}, σ ${pair.sigmaPpm} ppm, checked every ${pair.windowSeconds} s has no value.`,
      hint: 'Give whole ppm with MM at most IM, and a σ and a window above zero.',
    })
    this.pair = pair
  }
}
