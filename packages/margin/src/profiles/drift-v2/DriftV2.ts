/** Drift v2: money × 1e6, perpetual sizes × 1e9, rates in parts of 1e4, fees in parts of 1e6; assets and requirements down, debts up. */
import * as Fixed from '../../Fixed.ts'
import type * as Profile from '../../Profile.ts'
import type * as Throttle from '../../Throttle.ts'
import type * as Valuation from '../../Valuation.ts'
import type * as Weight from '../../Weight.ts'

/** Source: drift-labs/protocol-v2, programs/drift/src/math/margin.rs, spot_balance.rs and state/user.rs. */
export const profile: Profile.Profile = {
  name: 'drift-v2',
  rateUnit: 10_000n,
  rounded: 'line',
  debts: 'requirement',
  gains: { initial: 'all', maintenance: 'all', most: 100_000_000n },
  rounding: {
    asset: 'down',
    debt: 'up',
    notional: 'down',
    profit: 'zero',
    assetWeight: 'down',
    rate: 'down',
    requirement: 'down',
  },
}

/** Between placing and holding: what a fill must leave. Gains have no bound. */
export const fill: Profile.Profile = { ...profile, gains: { initial: 'all', maintenance: 'all' } }

export const priceUnit = 1_000_000n
export const baseUnit = 1_000_000_000n
export const feeUnit = 1_000_000n

/** Of each open order, whatever its size. In money. */
export const orderCharge = 10_000n

const plain: Valuation.Rule = { sources: ['oracle'], widening: 0n, maxAgeSeconds: null, maxConfidencePpm: null, maxDivergencePpm: null }

/** What an account that does something is valued at: the worse of the oracle and its average over five minutes. Liquidations take the oracle. */
export const strict: Valuation.Rule = { ...plain, sources: ['oracle', 'twap'] }
export const oracle = plain

/** Margins are asked for three purposes: to place, to fill, to hold. */
export type Purpose = 'initial' | 'fill' | 'maintenance'

/** A fill stands half-way. */
function at(purpose: Purpose, initial: Weight.Weight, maintenance: Weight.Weight): Weight.Weight {
  if (purpose === 'fill') return { kind: 'mean', of: [initial, maintenance] }
  return purpose === 'initial' ? initial : maintenance
}

/** A market's two rates, its size factor, and the native units of one whole. */
export type Rates = { readonly initial: bigint; readonly maintenance: bigint; readonly factor: bigint; readonly unit: bigint }

const flat = (rate: bigint): Weight.Weight => ({ kind: 'flat', rate })

/** What an asset counts for. From deposits worth `scaleStart` on, new risk on it counts less; 0 is never. */
export function owned({ initial, maintenance, factor, unit }: Rates, scaleStart: bigint, purpose: Purpose): Weight.Weight {
  const scaled: Weight.Weight = { kind: 'pool', of: flat(initial), start: scaleStart, as: 'shrinks' }
  return { kind: 'discount', of: at(purpose, scaled, flat(maintenance)), factor, scale: unit }
}

/** What a debt counts for, and what a perpetual needs. */
export function owed({ initial, maintenance, factor, unit }: Rates, purpose: Purpose): Weight.Weight {
  return { kind: 'premium', of: at(purpose, flat(initial), flat(maintenance)), factor, scale: unit }
}

/** What a perpetual needs in high leverage mode: lower rates, that fade with size for new risk. A market without them has the ordinary ones. */
export function leveraged(ordinary: Rates, granted: Pick<Rates, 'initial' | 'maintenance'>, purpose: Purpose): Weight.Weight {
  const { factor, unit: scale } = ordinary
  if (granted.initial === 0n || granted.maintenance === 0n) return owed(ordinary, purpose)
  if (purpose === 'maintenance') return owed({ ...ordinary, ...granted }, purpose)
  const of = at(purpose, flat(ordinary.initial), flat(ordinary.maintenance))
  return { kind: 'concession', of, granted: at(purpose, flat(granted.initial), flat(granted.maintenance)), factor, scale }
}

/** What unrealised gains count for. From net gains of the market above `mostNet` on, new risk on them counts less; 0 is never. */
export function gain({ initial, maintenance, factor }: Omit<Rates, 'unit'>, mostNet: bigint, purpose: Purpose): Weight.Weight {
  if (purpose === 'maintenance') return flat(maintenance)
  return { kind: 'discount', of: { kind: 'pool', of: flat(initial), start: mostNet, as: 'shrinks' }, factor, scale: priceUnit }
}

/** A ratio that an account or a position has chosen for itself, of what it is exposed to. 0 is none. */
export function customMargin(margin: Weight.Weight, ratio: bigint): Weight.Weight {
  return { kind: 'max', of: [margin, flat(ratio)] }
}

/** The same ratio on what is owned and owed; under an override it starts from the initial weights, whatever the purpose. */
export function customOwned(initial: Weight.Weight, ratio: bigint): Weight.Weight {
  return { kind: 'min', of: [initial, flat(Fixed.max(0n, profile.rateUnit - ratio))] }
}

export function customOwed(initial: Weight.Weight, ratio: bigint): Weight.Weight {
  return { kind: 'max', of: [initial, flat(profile.rateUnit + ratio)] }
}

/** Liquidations count slots. Source: programs/drift/src/math/liquidation.rs. */
export const feeRamp = { grace: 1_500n, step: 1n }
/** Of what an insurance fee could be at most, in parts of the fee unit. */
export const insuranceKept = 950_000n
/** Weights are carried ten times finer where a debt is transferred. */
export const fine = 10n
export const throttle: Pick<Throttle.Pace, 'unit' | 'least'> = { unit: 10_000n, least: 50_000_000n }
/** A funding index is a thousand times finer than money. */
export const fundingScale = 1_000n
