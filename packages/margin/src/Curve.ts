/** A requirement rate as a function of position size. */
import * as Fixed from './Fixed.ts'
import type { Curve as Data } from './Inputs.ts'
import * as Weight from './Weight.ts'

export type Curve = Data

/** No rate is above 1000 %, whatever the size: beyond it a curve is level. */
export const most = 10_000_000

/**
 * The rate at notional N.
 *
 * Formula:
 *   flat          `r`
 *   tiers         `Σ r_i · (part of N in tier i) / N`
 *   sqrt          `r + c · √(N / unit)`
 *   openInterest  `r` to `lower`, then linear to 100 % at `upper`, in `openInterest + N`
 * Source:  docs/method/limit.md, eq. (2).
 * Rounding: up, to a ppm. Non-decreasing in N: each formula is, and rounding keeps the order.
 *
 * @param notional - N ≥ 0. USD. The rate at 0 is that of the smallest position.
 * @param state.openInterest - of the side the position is on, without it. USD.
 * @returns integer ppm, 0 to 1000 %.
 *
 * @example
 * Curve.ppm({ kind: 'tiers', tiers: [{ upTo: 100n, ppm: 50_000 }, { upTo: null, ppm: 100_000 }] }, 200n, { openInterest: 0n })
 * // => 75000
 */
export function ppm(curve: Curve, notional: bigint, state: ppm.State): number {
  if (curve.kind === 'flat') return curve.ppm
  return Number(Weight.rate(weight(curve), stateOf(notional, state), basis))
}

export declare namespace ppm {
  type State = { readonly openInterest: bigint }
}

/**
 * The requirement at notional N, in USD.
 *
 * Formula: `⌈rate(N) · N⌉`; over tiers with the exact rate, so that it is linear between their bounds.
 * Rounding: up.
 *
 * @example
 * Curve.requirement({ kind: 'tiers', tiers: [{ upTo: 100n, ppm: 50_000 }, { upTo: null, ppm: 100_000 }] }, 200n, { openInterest: 0n })
 * // => 15n
 */
export function requirement(curve: Curve, notional: bigint, state: ppm.State): bigint {
  return Weight.requirement(weight(curve), stateOf(notional, state), basis)
}

/**
 * A document's curve as a weight of the engine, in ppm.
 *
 * @example
 * Curve.weight({ kind: 'flat', ppm: 50_000 })
 * // => { kind: 'flat', rate: 50000n }
 */
export function weight(curve: Curve): Weight.Weight {
  switch (curve.kind) {
    case 'flat':
      return { kind: 'flat', rate: BigInt(curve.ppm) }
    case 'tiers':
      return { kind: 'tiers', tiers: curve.tiers.map(({ upTo, ppm }) => ({ upTo, rate: BigInt(ppm) })) }
    case 'sqrt': {
      const root = { kind: 'power' as const, rate: BigInt(curve.ppm), coefficient: BigInt(curve.coefficientPpm), scale: curve.unit }
      return { kind: 'clamp', of: { ...root, over: 1n, under: 2n }, lower: 0n, upper: BigInt(most) }
    }
    case 'openInterest':
      return { kind: 'openInterest', rate: BigInt(curve.ppm), lower: curve.lower, upper: curve.upper }
  }
}

const basis = { unit: Fixed.ppm, rounding: 'up', requirement: 'up' } as const

function stateOf(notional: bigint, { openInterest }: ppm.State): Weight.State {
  return { notional, size: 0n, openInterest, total: 0n, asOf: 0 }
}
