/** A requirement rate as a function of position size. */
import * as Fixed from './Fixed.ts'
import type { Curve as Data } from './Inputs.ts'

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
  switch (curve.kind) {
    case 'flat':
      return curve.ppm
    case 'tiers':
      return tiered(curve.tiers, notional)
    case 'sqrt': {
      const coefficient = BigInt(curve.coefficientPpm)
      // c·√(N/u) = √(c²·N/u), and ⌈√x⌉ = ⌈√⌈x⌉⌉.
      const root = Fixed.sqrt(Fixed.mulDiv(coefficient * coefficient, notional, curve.unit, 'up'), 'up')
      return root < most ? Math.min(most, curve.ppm + Number(root)) : most
    }
    case 'openInterest': {
      const interest = state.openInterest + notional
      if (interest <= curve.lower) return curve.ppm
      if (interest >= curve.upper) return 1_000_000
      return curve.ppm + Number(Fixed.mulDiv(BigInt(1_000_000 - curve.ppm), interest - curve.lower, curve.upper - curve.lower, 'up'))
    }
  }
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
  if (curve.kind === 'tiers') return Fixed.mulDiv(weigh(curve.tiers, notional), 1n, Fixed.ppm, 'up')
  return Fixed.ofPpm(notional, ppm(curve, notional, state), 'up')
}

function tiered(tiers: readonly Tier[], notional: bigint): number {
  const first = tiers[0]
  if (first === undefined) return most
  if (first.upTo === null || notional <= first.upTo) return first.ppm
  return Number(Fixed.mulDiv(weigh(tiers, notional), 1n, notional, 'up'))
}

/** `Σ r_i · (part of N in tier i)`, in ppm of USD. */
function weigh(tiers: readonly Tier[], notional: bigint): bigint {
  let weighted = 0n
  let from = 0n
  for (const { upTo, ppm } of tiers) {
    const to = upTo === null || upTo > notional ? notional : upTo
    weighted += (to - from) * BigInt(ppm)
    from = to
    if (from === notional) break
  }
  return weighted
}

type Tier = { readonly upTo: bigint | null; readonly ppm: number }
