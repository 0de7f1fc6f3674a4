/**
 * The inputs document: everything a limit depends on, and nothing else.
 *
 * Money is USD × 1e18, rates are integer ppm, times are unix seconds, token amounts are native units.
 * Every float has become an integer, rounded against the user, before it enters here.
 */
import * as Consistency from './Consistency.ts'
import * as Parse from './Parse.ts'

/** 32 bytes, lower-case hex with 0x. */
export type Hex = `0x${string}`

export type Inputs = {
  /** 1 is from before venues' claims were read: it replays as it was, and nothing new is signed on it. */
  readonly version: 1 | 2
  /** When the inputs were gathered. Unix seconds, the issuer's clock. */
  readonly asOf: number
  readonly subject: Subject
  /** Notional asked for in `limits.issue`; null asks for the largest. USD. */
  readonly request: { readonly notional: bigint | null }
  readonly view: View
  /** From version 2 on: what a settlement could still take of each lot for the subject's venue. A lot that is not listed: nothing. */
  readonly claims?: readonly Claim[]
  readonly market: Market
  readonly forecast: Forecast
  /** The quantiles last applied to this market; null before the first. */
  readonly damper: Damper | null
  readonly grant: Grant
  readonly brake: Brake
  readonly ledger: Ledger
  /** The greatest `maxNotional` the venue's book accepts now (its growth bucket); 0 where the venue winds the market down. USD. */
  readonly growth: { readonly ceiling: bigint }
  readonly params: Params
}

export type Subject = {
  readonly participantId: Hex
  /** Lower-case address of the account the certificate names. */
  readonly account: Hex
  readonly venue: { readonly chainId: number; readonly address: Hex }
  readonly market: Hex
}

export type Side = 'long' | 'short'

export type Custody = 'LOCKED' | 'LIENED' | 'OBSERVED'

/** One piece of collateral. */
export type Lot = {
  readonly lotId: Hex
  readonly chainId: number
  readonly holder: Hex
  readonly asset: string
  readonly token: Hex
  /** The vault that holds it, or `wallet`. */
  readonly venue: string
  readonly custody: Custody
  /** Native units: the least of what is final, safe and latest. */
  readonly amount: bigint
  /** Native units: releases and settlements signed but not final, and withdrawal requests seen at any tag. */
  readonly pendingOut: bigint
  readonly decimals: number
  readonly block: { readonly number: bigint; readonly hash: Hex; readonly timestamp: number }
  /** USD per whole token × 1e18. */
  readonly price: { readonly value: bigint; readonly confidence: bigint; readonly publishedAt: number }
  /** `assetPpm` is the greater of the static haircut and the asset's own loss quantile. */
  readonly haircuts: { readonly assetPpm: number; readonly bridgePpm: number; readonly venuePpm: number; readonly agePpm: number }
}

export type View = {
  readonly lots: readonly Lot[]
  /** Chains that could not be read, or where something is in doubt. Of that no lot counts: a partial view may lower a limit, never raise it. */
  readonly missing: readonly Missing[]
}

/** With a holder it is his lots there that are left out, since signers do not count them. */
export type Missing = { readonly chainId: number; readonly code: string; readonly holder?: Hex }

/** What the holder of a lot lets the venue claim of it, and a settlement has not used. Native units. */
export type Claim = { readonly lotId: Hex; readonly amount: bigint }

/** A requirement rate as a function of position notional N; every variant is non-decreasing in N. */
export type Curve =
  | { readonly kind: 'flat'; readonly ppm: number }
  /** Marginal tiers: the rate at N is the average over the tiers N passes through. The last `upTo` is null. */
  | { readonly kind: 'tiers'; readonly tiers: readonly { readonly upTo: bigint | null; readonly ppm: number }[] }
  /** `ppm + coefficientPpm · √(N / unit)`. */
  | { readonly kind: 'sqrt'; readonly ppm: number; readonly coefficientPpm: number; readonly unit: bigint }
  /** `ppm` up to `lower` open interest, then linear to 100 % at `upper`; open interest counts N itself. */
  | { readonly kind: 'openInterest'; readonly ppm: number; readonly lower: bigint; readonly upper: bigint }

export type Market = {
  readonly symbol: string
  readonly price: { readonly index: bigint; readonly mark: bigint; readonly publishedAt: number }
  /** Initial margin of the static schedule. */
  readonly initial: Curve
  /** Maintenance margin of the static schedule. */
  readonly maintenance: Curve
  /** What closing out costs beyond the quantile. */
  readonly liquidity: Curve
  readonly liquidationCostPpm: number
  /** Open interest per side, without this key's own position. USD. */
  readonly openInterest: { readonly long: bigint; readonly short: bigint }
  /** Live certificates' headroom reserved in this market per side, without this key's own. USD. */
  readonly headroom: { readonly long: bigint; readonly short: bigint }
  /** Greatest open interest plus headroom a side may carry; greatest notional one participant may. USD. */
  readonly caps: { readonly side: bigint; readonly participant: bigint }
  /** Loss of the joint scenario beyond haircut and base, charged once, per side. */
  readonly wrongWay: { readonly longPpm: number; readonly shortPpm: number }
}

/** A loss quantile per side as a simple return, rounded up: long 1 − e^(−q), short e^q − 1. */
export type Quantile = { readonly longPpm: number; readonly shortPpm: number }

export type Forecast = {
  readonly source: string
  readonly modelHash: Hex
  readonly asOf: number
  /** Annualised volatility, rounded up. */
  readonly sigmaPpm: number
  /** 99 % worst-path loss over the close-out horizon τ. */
  readonly closeOut: Quantile
  /** 99 % worst-path loss over τ_liq = detection + finality + grace + execution. */
  readonly liquidation: Quantile
  /** The same over τ_liq, through the cycle. */
  readonly throughTheCycle: Quantile
}

export type Damper = {
  readonly at: number
  readonly closeOut: Quantile
  readonly liquidation: Quantile
  readonly throughTheCycle: Quantile
}

export type Grant = {
  readonly tier: 0 | 1 | 2 | 3
  readonly score: number
  readonly pdPpm: number
  readonly imDiscountPpm: number
  /** The part of the notional above this pays base terms. USD. */
  readonly provenCap: bigint
  /** The greatest notional of this tier. USD. */
  readonly tierCap: bigint
  readonly reasons: readonly { readonly code: string; readonly points: number }[]
  readonly modelHash: Hex
  readonly asOf: number
  readonly validUntil: number
}

/** Beyond the last step no raise of that side is allowed. */
export type Step = { readonly upToNotional: bigint; readonly ppm: number }

export type Brake = {
  readonly status: 'ok' | 'unavailable'
  readonly bookHash: Hex
  /** Secant reflexivity n now, before any raise. */
  readonly reflexivity: { readonly longPpm: number; readonly shortPpm: number }
  /** At most 16 steps a side, non-decreasing, each valued at its upper end. */
  readonly long: readonly Step[]
  readonly short: readonly Step[]
}

export type Ledger = {
  readonly version: bigint
  /** Encumbrance of the participant's other keys. USD. */
  readonly otherEncumbrance: bigint
  /** The greatest credit of this key's certificates that are not provably dead. USD. */
  readonly certificateCredit: bigint
  /** The open position of this account in this market at this venue. USD. */
  readonly position: { readonly side: 'long' | 'short' | 'flat'; readonly notional: bigint }
  /** At this venue, all markets: collateral there, unrealised loss at the worse of mark and index, fees owed. USD. */
  readonly venueCollateral: bigint
  readonly unrealisedLoss: bigint
  readonly fees: bigint
  /** Σ imPpm·N of the account's other markets at this venue, with certificates' headroom. USD. */
  readonly otherRequirement: bigint
}

export type Params = {
  /** IM is at least (1 + β)·MM. */
  readonly betaPpm: number
  readonly brakeMaxPpm: number
  /** Least initial margin. */
  readonly floorPpm: number
  /** Greatest initial margin of a long; shorts have none. */
  readonly longCapPpm: number
  readonly quantileFallPpmPerDay: number
  readonly throughTheCycleMovePpmPerDay: number
  /** Discount by tier is bounded again here, so that a faulty grant cannot pass. */
  readonly tierDiscountPpm: readonly [number, number, number, number]
  /** Concentration: marginal weight of an asset's credit by USD step, non-increasing; the last `upTo` is null. */
  readonly concentration: readonly { readonly upTo: bigint | null; readonly weightPpm: number }[]
  readonly maxViewAgeSeconds: number
  readonly maxPriceAgeSeconds: number
  readonly maxForecastAgeSeconds: number
  readonly ttlSeconds: number
  readonly closeOutSeconds: number
  readonly liquidationSeconds: number
}

const rate = Parse.ppm
const quantile = Parse.object<Quantile>({ longPpm: rate, shortPpm: rate })
const loss = Parse.object<Quantile>({ longPpm: Parse.share, shortPpm: rate })
const curve = Parse.variant<Curve>('kind', {
  flat: { ppm: rate },
  tiers: { tiers: Parse.list(Parse.object({ upTo: Parse.nullable(Parse.amount), ppm: rate }), 1, 64) },
  sqrt: { ppm: rate, coefficientPpm: rate, unit: Parse.positive },
  openInterest: { ppm: rate, lower: Parse.amount, upper: Parse.positive },
})
const sides = Parse.object<{ long: bigint; short: bigint }>({ long: Parse.amount, short: Parse.amount })
const steps = Parse.list(Parse.object<Step>({ upToNotional: Parse.amount, ppm: rate }), 0, 16)
const lot = Parse.object<Lot>({
  lotId: Parse.hash,
  chainId: Parse.whole,
  holder: Parse.address,
  asset: Parse.text,
  token: Parse.address,
  venue: Parse.text,
  custody: Parse.oneOf('LOCKED', 'LIENED', 'OBSERVED'),
  amount: Parse.amount,
  pendingOut: Parse.amount,
  decimals: Parse.upTo(77),
  block: Parse.object<Lot['block']>({ number: Parse.amount, hash: Parse.hash, timestamp: Parse.whole }),
  price: Parse.object<Lot['price']>({ value: Parse.amount, confidence: Parse.amount, publishedAt: Parse.whole }),
  haircuts: Parse.object<Lot['haircuts']>({ assetPpm: Parse.share, bridgePpm: Parse.share, venuePpm: Parse.share, agePpm: Parse.share }),
})
const params = Parse.object<Params>({
  betaPpm: rate,
  brakeMaxPpm: rate,
  floorPpm: rate,
  longCapPpm: rate,
  quantileFallPpmPerDay: Parse.share,
  throughTheCycleMovePpmPerDay: Parse.share,
  tierDiscountPpm: (value, from) => Parse.list(Parse.share, 4, 4)(value, from) as unknown as Params['tierDiscountPpm'],
  concentration: Parse.list(Parse.object({ upTo: Parse.nullable(Parse.amount), weightPpm: Parse.share }), 1, 64),
  maxViewAgeSeconds: Parse.whole,
  maxPriceAgeSeconds: Parse.whole,
  maxForecastAgeSeconds: Parse.whole,
  ttlSeconds: Parse.whole,
  closeOutSeconds: Parse.whole,
  liquidationSeconds: Parse.whole,
})
const market = Parse.object<Market>({
  symbol: Parse.text,
  price: Parse.object<Market['price']>({ index: Parse.positive, mark: Parse.positive, publishedAt: Parse.whole }),
  initial: curve,
  maintenance: curve,
  liquidity: curve,
  liquidationCostPpm: rate,
  openInterest: sides,
  headroom: sides,
  caps: Parse.object<Market['caps']>({ side: Parse.amount, participant: Parse.amount }),
  wrongWay: quantile,
})
const document = Parse.object<Inputs>(
  {
    version: Parse.oneOf(1, 2),
    asOf: Parse.whole,
    subject: Parse.object<Subject>({
      participantId: Parse.hash,
      account: Parse.address,
      venue: Parse.object<Subject['venue']>({ chainId: Parse.whole, address: Parse.address }),
      market: Parse.hash,
    }),
    request: Parse.object<Inputs['request']>({ notional: Parse.nullable(Parse.amount) }),
    view: Parse.object<View>({
      lots: Parse.list(lot, 0, 1000),
      missing: Parse.list(Parse.object<Missing>({ chainId: Parse.whole, code: Parse.text, holder: Parse.address }, ['holder']), 0, 320),
    }),
    claims: Parse.list(Parse.object<Claim>({ lotId: Parse.hash, amount: Parse.amount }), 0, 1000),
    market,
    forecast: Parse.object<Forecast>({
      source: Parse.text,
      modelHash: Parse.hash,
      asOf: Parse.whole,
      sigmaPpm: Parse.whole,
      closeOut: loss,
      liquidation: loss,
      throughTheCycle: loss,
    }),
    damper: Parse.nullable(Parse.object<Damper>({ at: Parse.whole, closeOut: loss, liquidation: loss, throughTheCycle: loss })),
    grant: Parse.object<Grant>({
      tier: Parse.oneOf(0, 1, 2, 3),
      score: Parse.integer,
      pdPpm: Parse.share,
      imDiscountPpm: Parse.share,
      provenCap: Parse.amount,
      tierCap: Parse.amount,
      reasons: Parse.list(Parse.object({ code: Parse.text, points: Parse.integer }), 0, 64),
      modelHash: Parse.hash,
      asOf: Parse.whole,
      validUntil: Parse.whole,
    }),
    brake: Parse.object<Brake>({
      status: Parse.oneOf('ok', 'unavailable'),
      bookHash: Parse.hash,
      reflexivity: quantile,
      long: steps,
      short: steps,
    }),
    ledger: Parse.object<Ledger>({
      version: Parse.amount,
      otherEncumbrance: Parse.amount,
      certificateCredit: Parse.amount,
      position: Parse.object<Ledger['position']>({ side: Parse.oneOf('long', 'short', 'flat'), notional: Parse.amount }),
      venueCollateral: Parse.amount,
      unrealisedLoss: Parse.amount,
      fees: Parse.amount,
      otherRequirement: Parse.amount,
    }),
    growth: Parse.object<Inputs['growth']>({ ceiling: Parse.amount }),
    params,
  },
  ['claims'],
)

/**
 * Reads a document that came over a wire. Nothing is coerced, nothing is ignored, nothing is filled in.
 *
 * A key that stands twice counts as its last value: hash the text as it came, or `canonical` of what was read, never a third form.
 *
 * @throws {Parse.UnreadableDocumentError} naming the path of the first field that is wrong.
 * @throws {InvalidInputsError} every field is readable, and together they cannot be meant.
 */
export function parse(text: string): Inputs {
  const inputs = document(Parse.json(text), 'wire')
  Consistency.assert(inputs)
  return inputs
}

/**
 * The canonical text (RFC 8785): what `inputsHash` is the hash of. Keys sorted, integers as numbers, bigints as decimal strings.
 *
 * Only a valid document has one, so that what was hashed can always be read back: `parse(canonical(inputs))` is `inputs`.
 *
 * @throws {Parse.UnreadableDocumentError} {InvalidInputsError} as `assertValid`.
 */
export function canonical(inputs: Inputs): string {
  assertValid(inputs)
  return Parse.canonical(inputs)
}

/**
 * The canonical text of the parameters: what `paramsHash` is the hash of.
 *
 * @throws {Parse.UnreadableDocumentError} {InvalidInputsError} as `assertParams`.
 */
export function canonicalParams(value: Params): string {
  assertParams(value)
  return Parse.canonical(value)
}

/**
 * Refuses a document in memory that `parse` would refuse on a wire, so that no limit comes from a malformed one.
 *
 * @throws {Parse.UnreadableDocumentError} naming the path of the first field that is wrong.
 * @throws {InvalidInputsError} curves that fall, weights that rise, a maintenance margin no initial margin could stand above.
 */
export function assertValid(inputs: Inputs): void {
  document(inputs, 'memory')
  Consistency.assert(inputs)
}

export declare namespace assertValid {
  type ErrorType = Parse.UnreadableDocumentError | Consistency.InvalidInputsError
}

/** Refuses parameters that cannot be meant; for whoever loads them. Errors as `assertValid`. */
export function assertParams(value: Params): void {
  params(value, 'memory')
  Consistency.assertParams(value)
}

/** Refuses a market that cannot be meant under these parameters; for whoever loads it. Errors as `assertValid`. */
export function assertMarket(value: Market, under: Params): void {
  market(value, 'memory')
  Consistency.assertMarket(value, under)
}

export { InvalidInputsError } from './Consistency.ts'
