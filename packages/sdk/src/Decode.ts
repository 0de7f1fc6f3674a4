/** From the wire to bigint. */
import type { AppRouter } from '@plimsoll/api'
import type { Attestation } from '@plimsoll/contracts'
import type { inferRouterOutputs } from '@trpc/server'
import type { Hex } from 'viem'
import type { Issued, Quote, ShownLimit, SignedLimit } from './MarginClient.ts'

type Outputs = inferRouterOutputs<AppRouter>
type WireLimit = Outputs['limits']['quote']['limit']
type WireSigned = NonNullable<Outputs['limits']['get']['signed']>

export type Lot = {
  readonly lotId: Hex
  readonly chainId: number
  readonly holder: Hex
  readonly asset: string
  readonly custody: 'LOCKED' | 'LIENED' | 'OBSERVED'
  readonly amount: bigint
  readonly pendingOut: bigint
  readonly decimals: number
  readonly price: bigint
  /** At its price, before confidence and haircuts. USD. */
  readonly value: bigint
  readonly credit: bigint
  readonly why: string
  readonly blockTime: number
}

/** What is only observed. It counts for nothing, whatever it is worth. */
export type Place = {
  readonly chainId: number
  readonly holder: Hex
  readonly asset: string
  readonly custody: 'OBSERVED'
  /** Held less owed, receipts resolved; `owed` is what is owed beyond. Native units. */
  readonly amount: bigint
  readonly owed: bigint
  readonly decimals: number
  readonly places: readonly { readonly name: string; readonly amount: bigint; readonly owed: bigint }[]
  /** USD; null where there is no price. */
  readonly value: bigint | null
  readonly why: string
  readonly blockTime: number
}

/** A deposit that counts when its block is final. */
export type Arrival = {
  readonly chainId: number
  readonly holder: Hex
  readonly asset: string
  readonly amount: bigint
  readonly decimals: number
  readonly value: bigint | null
  readonly why: string
}

export type Chain = {
  readonly chainId: number
  readonly name: string
  readonly status: 'ok' | 'missing'
  readonly code: string | null
  readonly blockAgeSeconds: number | null
}

export type Collateral = {
  readonly lots: readonly Lot[]
  readonly places: readonly Place[]
  readonly arriving: readonly Arrival[]
  /** What was looked at elsewhere and could not be counted; `holder` is null where it concerns everybody. */
  readonly unread: readonly {
    readonly chainId: number
    readonly holder: Hex | null
    readonly what: string
    readonly code: string
    readonly sentence: string
  }[]
  readonly chains: readonly Chain[]
  readonly credit: bigint
  readonly encumbered: bigint
  readonly free: bigint
  readonly marginCall: boolean
  readonly asOf: number
  readonly ageSeconds: number
}

export type Explanation = {
  readonly participantId: Hex
  readonly accounts: readonly { readonly account: string; readonly linkedAt: number }[]
  readonly tier: number
  readonly score: number
  readonly pdPpm: number
  readonly points: readonly { readonly code: string; readonly points: number }[]
  readonly raises: readonly { readonly code: string; readonly gain: number; readonly how: string }[]
  readonly grants: readonly {
    readonly symbol: string
    readonly imDiscountPpm: number
    readonly provenCap: bigint
    readonly tierCap: bigint
    readonly asOf: number
    readonly validUntil: number
    readonly reasons: readonly { readonly code: string; readonly points: number }[]
  }[]
}

/** One piece of evidence. `status`: COUNTS, or why it does not. */
export type Piece = {
  readonly scope: string
  readonly nullifier: string
  readonly claim: 'uniqueHuman' | 'legalRecourse'
  readonly kind: string
  readonly source: Readonly<Record<string, string | number | null>>
  readonly verifiedAt: number
  readonly until: number
  readonly status: string
}

/** What was verified of a participant, and what it does: the tier without it, and with it. */
export type Evidence = { readonly without: number; readonly tier: number; readonly pieces: readonly Piece[] }

/** Whose word about a person counts at a gateway, and what for. */
export type EvidencePolicy = {
  readonly scope: string
  /** The scope of proofs and claims. The message of a proof is the participant's id. */
  readonly scopeHash: Hex
  readonly groups: readonly { readonly name: string; readonly root: bigint }[]
  /** What IDKit is asked for, with the participant's id as signal; null where its proofs do not count. */
  readonly worldId: { readonly appId: string; readonly action: string; readonly levels: readonly ('orb' | 'device')[] } | null
  readonly trusts: readonly {
    readonly claim: 'uniqueHuman' | 'legalRecourse'
    readonly chainId: number
    readonly registry: Hex
    readonly schema: Hex
    readonly attesters: readonly Hex[]
  }[]
}

/** A gateway's signed word on a tier: what anybody checks against the registry's domain, one signature a signer. */
export type Attested = {
  readonly chainId: number
  readonly registry: Hex
  readonly uid: Hex
  readonly attestation: Attestation.Attestation
  readonly signatures: readonly Hex[]
}

export function attested({ attested }: Outputs['evidence']['attest']): Attested | null {
  if (attested === null) return null
  const { attestation } = attested
  return {
    ...{
      chainId: attested.chainId,
      registry: attested.registry as Hex,
      uid: attested.uid as Hex,
      signatures: attested.signatures as Hex[],
    },
    attestation: {
      ...{ schema: attestation.schema as Hex, recipient: attestation.recipient as Hex, revocable: attestation.revocable },
      ...{ refUID: attestation.refUID as Hex, data: attestation.data as Hex, salt: attestation.salt as Hex },
      ...{ time: BigInt(attestation.time), expirationTime: BigInt(attestation.expirationTime) },
    },
  }
}

export function policy(wire: Outputs['evidence']['policy']): EvidencePolicy {
  return {
    scope: wire.scope,
    scopeHash: wire.scopeHash as Hex,
    groups: wire.groups.map(({ name, root }) => ({ name, root: BigInt(root) })),
    worldId: wire.worldId,
    trusts: wire.trusts as EvidencePolicy['trusts'],
  }
}

export function limit(wire: WireLimit): ShownLimit {
  const { credit, equity, protocolDefault } = wire
  return {
    notional: BigInt(wire.notional),
    side: wire.side,
    imPpm: wire.imPpm,
    mmPpm: wire.mmPpm,
    requirement: BigInt(wire.requirement),
    leveragePpm: wire.leveragePpm,
    credit: {
      total: BigInt(credit.total),
      free: BigInt(credit.free),
      perChain: credit.perChain.map((chain) => ({ ...chain, credit: BigInt(chain.credit) })),
      perLot: credit.perLot.map((lot) => ({ ...lot, lotId: lot.lotId as Hex, credit: BigInt(lot.credit) })),
    },
    equity: { venue: BigInt(equity.venue), total: BigInt(equity.total) },
    protocolDefault: { ...protocolDefault, notional: BigInt(protocolDefault.notional) },
    reasons: wire.reasons.map((reason) => ({ ...reason, notional: BigInt(reason.notional) })) as ShownLimit['reasons'],
    bounds: wire.bounds.map((bound) => ({
      ...bound,
      notional: bound.notional === null ? null : BigInt(bound.notional),
    })) as ShownLimit['bounds'],
  }
}

export function quote(wire: Outputs['limits']['quote']): Quote {
  return { limit: limit(wire.limit), asOf: wire.asOf, ageSeconds: wire.ageSeconds }
}

export function signed(wire: WireSigned): SignedLimit {
  const { certificate } = wire
  return {
    chainId: wire.chainId,
    limitBook: wire.limitBook as Hex,
    certificate: {
      participantId: certificate.participantId as Hex,
      account: certificate.account as Hex,
      venue: certificate.venue as Hex,
      market: certificate.market as Hex,
      maxNotional: BigInt(certificate.maxNotional),
      credit: BigInt(certificate.credit),
      imPpm: certificate.imPpm,
      sequence: BigInt(certificate.sequence),
      issuedAt: BigInt(certificate.issuedAt),
      expiresAt: BigInt(certificate.expiresAt),
      epoch: certificate.epoch,
      inputsHash: certificate.inputsHash as Hex,
      modelHash: certificate.modelHash as Hex,
      paramsHash: certificate.paramsHash as Hex,
    },
    signatures: wire.signatures as Hex[],
  }
}

export function issued(wire: Outputs['limits']['issue']): Issued {
  if (wire.status === 'refused') return { status: 'refused', ...wire.refusal, limit: limit(wire.limit) }
  return { status: 'issued', signed: signed(wire.signed), limit: wire.limit === null ? null : limit(wire.limit) }
}

export function collateral(wire: Outputs['collateral']['view']): Collateral {
  return {
    lots: wire.lots.map((lot) => ({
      lotId: lot.lotId as Hex,
      chainId: lot.chainId,
      holder: lot.holder as Hex,
      asset: lot.asset,
      custody: lot.custody,
      amount: BigInt(lot.amount),
      pendingOut: BigInt(lot.pendingOut),
      decimals: lot.decimals,
      price: BigInt(lot.price.value),
      value: BigInt(lot.value),
      credit: BigInt(lot.credit),
      why: lot.why,
      blockTime: lot.block.timestamp,
    })),
    places: wire.places.map(({ chainId, holder, asset, custody, amount, owed, decimals, places, value, why, block }) => ({
      ...{ chainId, holder: holder as Hex, asset, custody, amount: BigInt(amount), owed: BigInt(owed), decimals, why },
      places: places.map((place) => ({ name: place.name, amount: BigInt(place.amount), owed: BigInt(place.owed) })),
      ...{ value: value === null ? null : BigInt(value), blockTime: block.timestamp },
    })),
    arriving: wire.arriving.map(({ chainId, holder, asset, amount, decimals, value, why }) => ({
      ...{ chainId, holder: holder as Hex, asset, amount: BigInt(amount), decimals, why },
      value: value === null ? null : BigInt(value),
    })),
    unread: wire.unread.map((one) => ({ ...one, holder: one.holder as Hex | null })),
    chains: wire.chains.map(({ chainId, name, status, code, blockAgeSeconds }) => ({ chainId, name, status, code, blockAgeSeconds })),
    credit: BigInt(wire.credit),
    encumbered: BigInt(wire.encumbered),
    free: BigInt(wire.free),
    marginCall: wire.marginCall,
    asOf: wire.asOf,
    ageSeconds: wire.ageSeconds,
  }
}

export function explanation(wire: Outputs['participants']['explain']): Explanation {
  const grants = wire.grants.map((grant) => ({ ...grant, provenCap: BigInt(grant.provenCap), tierCap: BigInt(grant.tierCap) }))
  return { ...wire, participantId: wire.participantId as Hex, grants }
}

export type ScoreDiff = Omit<Outputs['reputation']['diff'], 'modelHash'> & { readonly modelHash: Hex }

export function scoreDiff(wire: Outputs['reputation']['diff']): ScoreDiff {
  return { ...wire, modelHash: wire.modelHash as Hex }
}
