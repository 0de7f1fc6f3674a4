import { BaseError } from './BaseError.ts'
import type { Model } from './Model.ts'
import * as Pair from './Pair.ts'
import * as Score from './Score.ts'
import type { Tier } from './Tier.ts'
import * as TrackRecord from './TrackRecord.ts'

/** What reputation gives to margin: a bounded discount on initial margin, and how far it reaches. Never on maintenance margin. */
export type Grant = {
  readonly tier: Tier
  readonly score: number
  readonly pdPpm: number
  readonly imDiscountPpm: number
  /** The part of the notional above this pays base terms. USD. */
  readonly provenCap: bigint
  /** The greatest notional of this tier. USD. */
  readonly tierCap: bigint
  /** The score's lines, then what bound discount and cap, with 0 points: the points still sum to the score. */
  readonly reasons: readonly { readonly code: string; readonly points: number }[]
  readonly modelHash: `0x${string}`
  readonly asOf: number
  readonly validUntil: number
}

/**
 * The grant of one participant in one market.
 *
 * Formula: `b = min(tier, score)`, on a notional of at most
 * `provenCap = min(record's cap − Σ N, (99 % · (fees + κ·bond) − Σ (V + c)·N) / (V + c), (fees − Σ c·N) / c)`, c = b·IM·carry, sums
 * over elsewhere: the option bound keeps the pair attack and the carry of the freed margin *together* below what was paid, or fees
 * bought on the last day would be spent twice; the fee bound keeps the carry below what was paid for good, whatever the bond.
 * Both bind through the notional, which is the same as a smaller b on a larger one, because V hardly depends on b (`Pair.valuePpm`
 * takes the worst b) and IM charges `b · min(N, provenCap)`.
 * Rounding: cap and discount down.
 * Every bound is additive or superadditive in a participant's good history, so splitting into k wallets never yields more.
 * `tierCap` is passed on and bounds the notional elsewhere; as a constant for each identity it must not bound the discount's reach.
 *
 * @param request.bond - unspent, and not counted as credit anywhere. USD.
 * @param request.elsewhere - what already carries a discount in the participant's other markets, positions and live certificates, with
 *   those markets' terms: one record pays for all of them together.
 * @param request.tierCaps - greatest notional by tier, non-decreasing. USD.
 * @throws {InvalidCapsError} a bond or a notional is negative, or a higher tier has a lower cap.
 */
export function of(request: of.Request): Grant {
  const { tier, score, record, bond, elsewhere, tierCaps, model, modelHash } = request
  checked(request)
  const { grant } = model
  const tierCap = tierCaps[tier]
  const codes: string[] = []

  const byTier = grant.tierDiscountPpm[tier]
  const byScore = Math.max(0, (score.score - grant.zeroAt) * grant.ppmPerPoint)
  const discount = score.newcomer ? 0 : Math.min(byTier, byScore)
  codes.push(score.newcomer ? 'NEWCOMER' : byTier < byScore ? 'TIER_BOUND' : 'SCORE_BOUND')

  const carryOf = ({ initialPpm }: Pair.Pair): bigint => BigInt(discount) * BigInt(initialPpm) * BigInt(grant.carryPpm)
  const takenOf = (pair: Pair.Pair): bigint => BigInt(Pair.valuePpm(pair)) * million ** 2n + carryOf(pair)
  const taken = takenOf(request.pair)
  const committed = elsewhere.reduce((sum, leg) => sum + ceilDiv(takenOf(leg.pair) * leg.notional, million ** 3n), 0n)
  const spendable = ((record.fees + (bond * BigInt(grant.bondWeightPpm)) / million) * spendablePpm) / million
  const budget = atLeastZero(spendable - committed)
  const reach = atLeastZero(record.provenCap - elsewhere.reduce((sum, leg) => sum + leg.notional, 0n))
  const carried = elsewhere.reduce((sum, leg) => sum + ceilDiv(carryOf(leg.pair) * leg.notional, million ** 3n), 0n)
  const carry = carryOf(request.pair)

  const bounds: readonly (readonly [string, bigint])[] = [
    ['PROVEN_BOUND', reach],
    ['OPTION_BOUND', taken === 0n ? reach : (budget * million ** 3n) / taken],
    ['FEE_BOUND', carry === 0n ? reach : (atLeastZero(record.fees - carried) * million ** 3n) / carry],
  ]
  const cap = bounds.map(([, bound]) => bound).reduce(min)
  const binding = bounds.find(([, bound]) => bound === cap)
  if (discount > 0 && binding) codes.push(binding[0])

  const lines = score.lines.filter((line) => line.code === 'BASE' || line.points !== 0)
  return {
    tier,
    score: score.score,
    pdPpm: score.pdPpm,
    imDiscountPpm: cap === 0n ? 0 : discount,
    provenCap: discount === 0 ? 0n : cap,
    tierCap,
    reasons: [...lines, ...codes.map((code) => ({ code, points: 0 }))],
    modelHash,
    asOf: record.asOf,
    validUntil: record.asOf + grant.validSeconds,
  }
}

export declare namespace of {
  type Request = {
    readonly tier: Tier
    readonly score: Score.Score
    readonly record: TrackRecord.TrackRecord
    readonly bond: bigint
    readonly pair: Pair.Pair
    readonly elsewhere: readonly { readonly notional: bigint; readonly pair: Pair.Pair }[]
    readonly tierCaps: readonly [bigint, bigint, bigint, bigint]
    readonly model: Model
    readonly modelHash: `0x${string}`
  }
}

/** The grant of somebody unknown: base terms, tier 0. Nobody gets worse. */
export function base(request: base.Request): Grant {
  const record = TrackRecord.of([], request.asOf, request.model)
  return of({ ...request, tier: 0, record, score: Score.of(record, request.model), bond: 0n, elsewhere: [] })
}

export declare namespace base {
  type Request = Pick<of.Request, 'pair' | 'tierCaps' | 'model' | 'modelHash'> & { readonly asOf: number }
}

const million = 1_000_000n

/** What a record's spending may be worth to somebody who abandons it: a hundredth short of it. ppm. */
const spendablePpm = 990_000n

function checked(request: of.Request): void {
  const { bond, elsewhere, tierCaps } = request
  if (bond < 0n || elsewhere.some((leg) => leg.notional < 0n)) throw new InvalidCapsError('a bond or a notional is negative')
  if (tierCaps[0] < 0n || tierCaps.some((cap, tier) => cap < (tierCaps[tier - 1] ?? 0n)))
    throw new InvalidCapsError('a higher tier has a lower cap')
}

function min(a: bigint, b: bigint): bigint {
  if (b < a) return b
  return a
}

function atLeastZero(a: bigint): bigint {
  return a > 0n ? a : 0n
}

function ceilDiv(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b
}

/** Thrown when the caps of a grant contradict each other. */
export class InvalidCapsError extends BaseError {
  override readonly name = 'Grant.InvalidCapsError'
  constructor(reason: string) {
    super({
      code: 'INVALID_CAPS',
      message: `No grant can be given: ${reason}.`,
      hint: 'Give tier caps in USD that do not fall with the tier, and amounts of at least 0.',
    })
  }
}
