import * as Grant from './Grant.ts'
import type { Model } from './Model.ts'
import * as Pair from './Pair.ts'
import * as Score from './Score.ts'
import * as Tier from './Tier.ts'
import * as TrackRecord from './TrackRecord.ts'

/** Somebody who means to walk away with more than it cost to be trusted, as a history that can be run. */
export type Attack = {
  readonly name: string
  /** What is done, in a sentence. */
  readonly how: string
  /** What each identity shows at the end; whatever else the attacker did stays out of sight. */
  readonly identities: readonly (readonly TrackRecord.Event[])[]
  /** What was spent on records that are not shown. USD. */
  readonly sunk: bigint
}

export type Outcome = {
  readonly name: string
  readonly sigmaPpm: number
  /** The notional that carries a discount, all identities together. USD. */
  readonly reach: bigint
  /** Abandoned losses and the carry of freed margin. USD. */
  readonly gain: bigint
  /** Unrecoverable fees paid. USD. */
  readonly cost: bigint
  /** Gain by cost. Null where there was neither. ppm, rounded up. */
  readonly returnPpm: number | null
}

const day = 86_400
const usd = 10n ** 18n
const unlimited = 10n ** 12n * usd

/** Daily σ̂ regimes, annualised: from a calm stablecoin-like market to the worst of a crash. ppm. */
export const regimes: readonly number[] = [300_000, 600_000, 900_000, 1_200_000, 2_000_000, 3_000_000]

/**
 * What an attack brings at one σ̂.
 *
 * Formula: `gain = Σ (V + b·IM·carry) · N` over the identities, N what carries a discount (eq. 8), V the worth of a pair (both legs) that is
 * held to the end and abandoned; `cost = Σ unrecoverable fees`; `return = gain / cost`. Losses on the way and the capital tied up
 * are not counted, in the attacker's favour. Every identity is given the tier of a unique human, also where it has no right to it.
 * Source: docs/method/reputation.md, eq. (18). Rounding: gain and return up.
 *
 * @param terms.asOf - when the grant is asked for and the attack carried out.
 */
export function run(attack: Attack, terms: run.Terms): Outcome {
  const { model, asOf, sigmaPpm } = terms
  const pair = { ...terms.market, sigmaPpm, quantilePpm: 0 }
  let reach = 0n
  let gain = 0n
  for (const events of attack.identities) {
    const record = TrackRecord.of(events, asOf, model)
    const tier = Tier.of({ provenAccounts: 1, events: record.events, uniqueHuman: true, legalRecourse: false })
    const grant = Grant.of({
      tier,
      record,
      score: Score.of(record, model),
      bond: 0n,
      pair,
      elsewhere: [],
      tierCaps: [unlimited, unlimited, unlimited, unlimited],
      model,
      modelHash: '0x',
    })
    reach += grant.provenCap
    const carry = BigInt(grant.imDiscountPpm) * BigInt(pair.initialPpm) * BigInt(model.grant.carryPpm)
    gain += up(BigInt(Pair.valuePpm(pair)) * grant.provenCap, 1_000_000n) + up(carry * grant.provenCap, 10n ** 18n)
  }
  const cost = attack.identities
    .flat()
    .reduce((sum, event) => sum + (event.kind === 'fee' ? event.amountUsd - event.recoverableUsd : 0n), attack.sunk)
  const returnPpm = cost === 0n ? (gain === 0n ? null : Number.POSITIVE_INFINITY) : Number(up(gain * 1_000_000n, cost))
  return { name: attack.name, sigmaPpm, reach, gain, cost, returnPpm }
}

export declare namespace run {
  type Terms = {
    readonly model: Model
    readonly asOf: number
    readonly sigmaPpm: number
    readonly market: Pick<Pair.Pair, 'initialPpm' | 'maintenancePpm' | 'windowSeconds'>
  }
}

/**
 * The suite, played out by `asOf`: each as bold as the record allows.
 *
 * @example
 * Attack.suite(86400 * 400).map((attack) => attack.name)
 * // => ['whitewash', 'split', 'wash trading', 'build-up and default', 'cherry-picked bundle', 'fees bought late', 'opposite pair', 'vouching ring', 'flash history']
 */
export function suite(asOf: number): readonly Attack[] {
  const honest = months({ asOf, count: 12, usdAtRisk: 100_000, feeUsd: 4 })
  const fees = (events: readonly TrackRecord.Event[]) =>
    events.reduce((sum, event) => sum + (event.kind === 'fee' ? event.amountUsd - event.recoverableUsd : 0n), 0n)
  return [
    {
      name: 'whitewash',
      how: 'Twelve good months, a default that is kept for another name, and a fresh account.',
      identities: [[]],
      sunk: fees(honest),
    },
    {
      name: 'split',
      how: 'The same twelve months dealt out to four wallets.',
      identities: [0, 1, 2, 3].map((k) => honest.filter((_, i) => i % 4 === k)),
      sunk: 0n,
    },
    {
      name: 'wash trading',
      how: 'A hundred closes a day against oneself for a month, nine tenths of the fees back as rebates; net exposure is none.',
      identities: [wash(asOf)],
      sunk: 0n,
    },
    {
      name: 'build-up and default',
      how: 'Twelve good months, then the greatest pair the record carries, abandoned.',
      identities: [honest],
      sunk: 0n,
    },
    {
      name: 'cherry-picked bundle',
      how: 'Two wallets, one with a default; only the good one is shown.',
      identities: [honest],
      sunk: fees(months({ asOf, count: 3, usdAtRisk: 20_000, feeUsd: 4 })),
    },
    {
      name: 'fees bought late',
      how: 'Twelve months of exposure without fees, all of them paid on the last day, when they have not faded.',
      identities: [late(honest, asOf)],
      sunk: 0n,
    },
    {
      name: 'opposite pair',
      how: 'Two identities, twelve good months each, opposite positions at the greatest reach, the loser abandoned.',
      identities: [honest, months({ asOf, count: 12, usdAtRisk: 100_000, feeUsd: 4 })],
      sunk: 0n,
    },
    {
      name: 'vouching ring',
      how: 'Ten fresh identities that vouch for each other: a record has no place for vouching.',
      identities: Array.from({ length: 10 }, () => []),
      sunk: 0n,
    },
    {
      name: 'flash history',
      how: 'A thousand closes and a huge exposure within one hour of the request, fees paid in full.',
      identities: [flash(asOf)],
      sunk: 0n,
    },
  ]
}

const account = 'eip155:0:0x0000000000000000000000000000000000000001'

/** Days of exposure that lived through adverse ones, a close and a fee each. */
function months(plan: {
  readonly asOf: number
  readonly count: number
  readonly usdAtRisk: number
  readonly feeUsd: number
}): readonly TrackRecord.Event[] {
  return Array.from({ length: plan.count * 30 }, (_, i) => {
    const at = plan.asOf - i * day
    const amountUsd = BigInt(plan.usdAtRisk) * usd
    return [
      { id: `x${i}`, account, at, kind: 'exposure' as const, amountUsd, heldSeconds: day, adverseDays: 1 },
      { id: `c${i}`, account, at, kind: 'close' as const, amountUsd, heldSeconds: 7_200 },
      { id: `f${i}`, account, at, kind: 'fee' as const, amountUsd: BigInt(plan.feeUsd) * usd, recoverableUsd: 0n },
    ]
  }).flat()
}

function late(events: readonly TrackRecord.Event[], asOf: number): readonly TrackRecord.Event[] {
  const rest = events.filter((event) => event.kind !== 'fee')
  return [...rest, { id: 'f', account, at: asOf, kind: 'fee', amountUsd: 150n * usd, recoverableUsd: 0n }]
}

function wash(asOf: number): readonly TrackRecord.Event[] {
  return Array.from({ length: 3_000 }, (_, i) => {
    const at = asOf - Math.floor(i * (day / 100))
    return [
      { id: `c${i}`, account, at, kind: 'close' as const, amountUsd: 10_000n * usd, heldSeconds: 3_600 },
      { id: `f${i}`, account, at, kind: 'fee' as const, amountUsd: 10n * usd, recoverableUsd: 9n * usd },
    ]
  }).flat()
}

function flash(asOf: number): readonly TrackRecord.Event[] {
  const closes = Array.from({ length: 1_000 }, (_, i) => ({
    id: `c${i}`,
    account,
    at: asOf - i,
    kind: 'close' as const,
    amountUsd: 10_000n * usd,
    heldSeconds: 3_600,
  }))
  return [
    ...closes,
    { id: 'x', account, at: asOf, kind: 'exposure', amountUsd: 100_000_000n * usd, heldSeconds: 3_600, adverseDays: 1 },
    { id: 'f', account, at: asOf, kind: 'fee', amountUsd: 1_000n * usd, recoverableUsd: 0n },
  ]
}

function up(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b
}
