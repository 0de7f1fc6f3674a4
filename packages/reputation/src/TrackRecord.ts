import { BaseError } from './BaseError.ts'
import * as Canonical from './Canonical.ts'
import * as Decay from './Decay.ts'
import type { Model } from './Model.ts'

/** One thing that happened to an account, read from chain. `id` is chain, transaction and log index: the same event has the same id. */
export type Event = {
  readonly id: string
  /** CAIP-10 id. */
  readonly account: string
  /** Block time. Unix seconds. */
  readonly at: number
} & (
  | { readonly kind: 'liquidation' | 'badDebt' | 'marginCall' | 'selfRescue'; readonly amountUsd: bigint }
  /** A position closed by its owner. `amountUsd` is its notional. */
  | { readonly kind: 'close'; readonly amountUsd: bigint; readonly heldSeconds: number }
  /** `recoverableUsd`: rebates, referrals and maker income that come with it. */
  | { readonly kind: 'fee'; readonly amountUsd: bigint; readonly recoverableUsd: bigint }
  /**
   * A sample of exposure: *net* USD at risk (own offsetting and common-funded flow taken out) held for `heldSeconds` up to `at`,
   * in a position that has by then lived through `adverseDays` days of at least 1 σ̂ against it with losses settled.
   */
  | { readonly kind: 'exposure'; readonly amountUsd: bigint; readonly heldSeconds: number; readonly adverseDays: number }
)

export type Kind = Event['kind']

/** Decayed counts: each event weighs 2^(−age / half-life). ppm of one fresh event. */
export type Channels = { readonly fastPpm: number; readonly slowPpm: number }

/** What a participant's events come to at one instant. */
export type TrackRecord = {
  readonly asOf: number
  /** Events that count, each once. */
  readonly events: number
  readonly liquidation: Channels
  readonly badDebt: Channels & { readonly longPpm: number }
  /** Days with a good close: at least the least notional, held for the least time; ten on one day are one. */
  readonly close: Channels
  readonly marginCall: Channels
  readonly selfRescue: Channels
  /** Unrecoverable fees paid, decayed on the slow channel. USD. */
  readonly fees: bigint
  /** Time-weighted exposure of the last window that survived an adverse day. USD. */
  readonly proven: bigint
  /** What may carry a discount on the record's evidence alone. USD. */
  readonly provenCap: bigint
}

/** Kinds that stay with a participant whoever leaves it. */
export const negativeKinds: readonly Kind[] = ['liquidation', 'badDebt', 'marginCall']

/**
 * The record of a set of events at `asOf`; later events are not seen.
 *
 * Formula: counts `Σ 2^(−age/H)`, H = 21 d fast, 180 d slow, 730 d for bad debt with a floor.
 * `proven = Σ USD·seconds / window` over samples in the last window after the last bad debt, at least one adverse day old.
 * `provenCap(t) = min(3·proven(t), 3·provenCap(t − window) + seed·fees(t))`.
 * Rounding: bad events up, good ones down; the sum of weights is exact, so the order of events does not matter.
 *
 * @throws {InvalidEventError} an amount is negative, a time is not whole seconds, or more is recovered than was paid.
 * @throws {ConflictingEventError} two different events carry one id.
 */
export function of(events: readonly Event[], asOf: number, model: Model): TrackRecord {
  if (!Number.isSafeInteger(asOf) || asOf < 0) throw new InvalidEventError({ eventId: 'asOf', reason: `asOf is ${asOf}` })
  const all = unique(events)
  const seen = all.filter((event) => event.at <= asOf)
  const { fastSeconds, slowSeconds, badDebtSeconds, badDebtFloorPpm } = model.decay

  const channels = (times: readonly number[], rounding: Decay.Rounding): Channels => ({
    fastPpm: times.reduce((sum, at) => sum + Decay.weightPpm(asOf - at, fastSeconds, rounding), 0),
    slowPpm: times.reduce((sum, at) => sum + Decay.weightPpm(asOf - at, slowSeconds, rounding), 0),
  })
  const timesOf = (kind: Kind): readonly number[] => seen.filter((event) => event.kind === kind).map((event) => event.at)
  const badDebts = timesOf('badDebt')

  return {
    asOf,
    events: seen.length,
    liquidation: channels(timesOf('liquidation'), 'up'),
    badDebt: {
      ...channels(badDebts, 'up'),
      longPpm: badDebts.reduce((sum, at) => sum + Math.max(badDebtFloorPpm, Decay.weightPpm(asOf - at, badDebtSeconds, 'up')), 0),
    },
    close: channels(goodDays(seen, model), 'down'),
    marginCall: channels(timesOf('marginCall'), 'up'),
    selfRescue: channels(timesOf('selfRescue'), 'down'),
    fees: feesAt(seen, asOf, model),
    proven: provenAt(seen, asOf, model),
    provenCap: capAt(seen, asOf, model),
  }
}

/** The last good close of each day (UTC): trading ten times a day does not make ten days. */
function goodDays(events: readonly Event[], model: Model): readonly number[] {
  const days = new Map<number, number>()
  for (const event of events) {
    if (event.kind !== 'close' || event.amountUsd < model.record.closeUsd || event.heldSeconds < model.record.closeHeldSeconds) continue
    const day = Math.floor(event.at / 86_400)
    days.set(day, Math.max(days.get(day) ?? 0, event.at))
  }
  return [...days.values()]
}

function feesAt(events: readonly Event[], asOf: number, model: Model): bigint {
  let sum = 0n
  for (const event of events)
    if (event.kind === 'fee' && event.at <= asOf)
      sum += ((event.amountUsd - event.recoverableUsd) * Decay.power(asOf - event.at, model.decay.slowSeconds, 'down')) / Decay.one
  return sum
}

function provenAt(events: readonly Event[], asOf: number, model: Model): bigint {
  const window = model.record.exposureWindowSeconds
  let since = asOf - window
  for (const event of events) if (event.kind === 'badDebt' && event.at <= asOf && event.at > since) since = event.at
  let sum = 0n
  for (const event of events) {
    if (event.kind !== 'exposure' || event.at > asOf || event.adverseDays < model.record.adverseDays) continue
    const seconds = event.at - Math.max(since, event.at - event.heldSeconds)
    if (seconds > 0) sum += event.amountUsd * BigInt(seconds)
  }
  return sum / BigInt(window)
}

/** Grows from the oldest window forward, so that today's cap stands on yesterday's. */
function capAt(events: readonly Event[], asOf: number, model: Model): bigint {
  const { exposureWindowSeconds: window, capMultiple, seedPerFee } = model.record
  // Nothing proven lately is no cap, however many windows lie between: a time that somebody asks for may be far away.
  if (provenAt(events, asOf, model) === 0n) return 0n
  const first = events.reduce((least, event) => (event.kind === 'exposure' ? Math.min(least, event.at) : least), asOf + 1)
  const windows = Math.max(0, Math.floor((asOf - first) / window) + 1)
  const multiple = BigInt(capMultiple)
  let cap = 0n
  for (let k = windows - 1; k >= 0; k--) {
    const at = asOf - k * window
    const byExposure = multiple * provenAt(events, at, model)
    const byGrowth = multiple * cap + BigInt(seedPerFee) * feesAt(events, at, model)
    cap = byExposure < byGrowth ? byExposure : byGrowth
  }
  return cap
}

/** Each event once, checked. */
function unique(events: readonly Event[]): readonly Event[] {
  const byId = new Map<string, Event>()
  for (const event of events) {
    const reason = fault(event)
    if (reason) throw new InvalidEventError({ eventId: event.id, reason })
    const known = byId.get(event.id)
    if (known && Canonical.text(known) !== Canonical.text(event)) throw new ConflictingEventError(event.id)
    byId.set(event.id, event)
  }
  return [...byId.values()]
}

function fault(event: Event): string | null {
  if (!Number.isSafeInteger(event.at) || event.at < 0) return `its time is ${event.at}`
  if (event.amountUsd < 0n) return 'its amount is negative'
  if (event.kind === 'fee' && (event.recoverableUsd < 0n || event.recoverableUsd > event.amountUsd))
    return 'more is recovered than was paid'
  if ((event.kind === 'close' || event.kind === 'exposure') && (!Number.isSafeInteger(event.heldSeconds) || event.heldSeconds < 0))
    return `it was held for ${event.heldSeconds} s`
  if (event.kind === 'exposure' && (!Number.isSafeInteger(event.adverseDays) || event.adverseDays < 0))
    return `it lived through ${event.adverseDays} adverse days`
  return null
}

/** Thrown when an event cannot have happened as told. */
export class InvalidEventError extends BaseError {
  override readonly name = 'TrackRecord.InvalidEventError'
  readonly eventId: string
  constructor(args: { readonly eventId: string; readonly reason: string }) {
    super({
      code: 'INVALID_EVENT',
      message: `Event ${args.eventId} cannot be counted: ${args.reason}.`,
      hint: 'Amounts are USD × 1e18 and not negative, times whole seconds, recoverable fees at most the fees paid.',
    })
    this.eventId = args.eventId
  }
}

/** Thrown when two different events claim to be the same one. */
export class ConflictingEventError extends BaseError {
  override readonly name = 'TrackRecord.ConflictingEventError'
  readonly eventId: string
  constructor(eventId: string) {
    super({
      code: 'CONFLICTING_EVENT',
      message: `Two different events carry the id ${eventId}.`,
      hint: 'Read the event again at a final block, and give each its own id.',
    })
    this.eventId = eventId
  }
}
