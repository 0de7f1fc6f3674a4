/** A requirement rate as a function of position size. */
import * as Fixed from './Fixed.ts'
import type { Curve } from './Inputs.ts'

/**
 * The rate at notional N.
 *
 * Formula:
 *   flat          `r`
 *   tiers         `⌈Σ_tiers r_i · (part of N in tier i) / N⌉`
 *   sqrt          `r + ⌈c · √(N / unit)⌉`
 *   openInterest  `r` to `lower`, then linear to 100 % at `upper`, in `openInterest + N`
 * Source:  docs/method/limit.md, eq. (2).
 * Rounding: up. Non-decreasing in N.
 *
 * @param notional - N ≥ 0. USD.
 * @param openInterest - of the side the position is on, without it. USD.
 * @returns ppm.
 *
 * @example
 * Curve.ppm({ kind: 'tiers', tiers: [{ upTo: 100n, ppm: 50_000 }, { upTo: null, ppm: 100_000 }] }, 200n, 0n)
 * // => 75000n
 */
export function ppm(curve: Curve, notional: bigint, openInterest: bigint): bigint {
  switch (curve.kind) {
    case 'flat':
      return BigInt(curve.ppm)
    case 'tiers': {
      let weighted = 0n
      let from = 0n
      for (const tier of curve.tiers) {
        const to = tier.upTo === null || tier.upTo > notional ? notional : tier.upTo
        if (to > from) weighted += (to - from) * BigInt(tier.ppm)
        from = tier.upTo ?? notional
        if (from >= notional) break
      }
      return notional === 0n ? BigInt(curve.tiers[0]?.ppm ?? 0) : Fixed.mulDiv(weighted, 1n, notional, 'up')
    }
    case 'sqrt': {
      const coefficient = BigInt(curve.coefficientPpm)
      // c·√(N/u) = √(c²·N/u); the root of the rounded-up quotient is rounded up.
      return BigInt(curve.ppm) + Fixed.sqrt(Fixed.mulDiv(coefficient * coefficient, notional, curve.unit, 'up'), 'up')
    }
    case 'openInterest': {
      const base = BigInt(curve.ppm)
      const interest = openInterest + notional
      if (interest <= curve.lower) return base
      if (interest >= curve.upper) return base > Fixed.ppm ? base : Fixed.ppm
      return base + (base < Fixed.ppm ? Fixed.mulDiv(Fixed.ppm - base, interest - curve.lower, curve.upper - curve.lower, 'up') : 0n)
    }
  }
}
