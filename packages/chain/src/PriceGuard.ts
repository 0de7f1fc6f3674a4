/** One price from round to round: what was accepted, what is held back, whether its circuit is closed, and what it may be used for. */
import { type Doubt, Valuation } from '@plimsoll/margin'
import * as Circuit from './Circuit.ts'
import * as Oracle from './Oracle.ts'
import type * as Sequencer from './Sequencer.ts'

export type PriceGuard = {
  readonly circuit: Circuit.Circuit<Oracle.Code>
  /** The price last accepted, and ticks held back since; null before the first. */
  readonly watch: Oracle.Watch | null
  /** The last round's prices; null while they are refused or held back. */
  readonly quote: Valuation.Quote | null
  /** Why the last round was not clean; null if it was. */
  readonly refusal: { readonly code: Oracle.Code; readonly sentence: string } | null
  /** The last price that could be lent on, or a higher one that any source told of since: what an outage's bound grows from. Null before the first. */
  readonly claimed: Doubt.Claimed | null
}

export type Policy = {
  /** Greatest move between two ticks, of the lower one: beyond it a tick is held back. ppm. */
  readonly jumpPpm: number
  /** How far two sources may differ, of the lower one. ppm. */
  readonly bandPpm: number
  /** Greatest confidence of a price, of the price. ppm. */
  readonly maxConfidencePpm: number
  /** `Circuit.policy` unless given. */
  readonly circuit?: Circuit.Policy
}

export const policy: Policy = { jumpPpm: 4_000_000, bandPpm: 10_000, maxConfidencePpm: 10_000 }

/**
 * What a deployment asks of its prices; what it does not say is as in `policy`.
 *
 * Formula: a tick may move by the least of `jumpPpm` and ⌈`jumpSigmas · σ · √(heartbeat / year)`⌉.
 *
 * @param args.sigmaPpm - a year's standard deviation through the cycle, ppm; null where the price is of no market.
 *
 * @example
 * const feeds = { heartbeatSeconds: 3_600, jumpSigmas: 10, bandPpm: 20_000 }
 * PriceGuard.policyOf({ feeds, sigmaPpm: 650_000 })
 * // => { jumpPpm: 69449, bandPpm: 20000, maxConfidencePpm: 10000 }
 */
export function policyOf({ feeds, sigmaPpm }: policyOf.Args): Policy {
  const { jumpPpm = policy.jumpPpm, bandPpm = policy.bandPpm, jumpSigmas, heartbeatSeconds } = feeds
  const bySigma =
    jumpSigmas === undefined || sigmaPpm === null
      ? Number.POSITIVE_INFINITY
      : Math.ceil(jumpSigmas * sigmaPpm * Math.sqrt(heartbeatSeconds / yearSeconds))
  return { ...policy, jumpPpm: Math.min(jumpPpm, bySigma), bandPpm }
}

export declare namespace policyOf {
  type Args = {
    readonly feeds: {
      readonly heartbeatSeconds: number
      readonly jumpPpm?: number | undefined
      readonly jumpSigmas?: number | undefined
      readonly bandPpm?: number | undefined
    }
    readonly sigmaPpm: number | null
  }
}

const yearSeconds = 365 * 86_400

/** What one round read. */
export type Round = {
  readonly price: Oracle.Assessment
  /** Another source of the same price; null if none is configured. */
  readonly second: Oracle.Assessment | null
  /** Of the feed's chain; null where there is none. */
  readonly sequencer: Sequencer.Status | null
}

/** Before the first round: frozen. A restart remembers no price. */
export function boot(asOf: number): PriceGuard {
  const refusal = { code: 'STARTING', sentence: 'No price was read yet.' } as const
  return { circuit: Circuit.boot(asOf), watch: null, quote: null, refusal, claimed: null }
}

/**
 * What is kept of a guard, so that a process that dies and comes back at once goes on where it was: its circuit, what it accepted or held
 * back, and what bounds a price that is out. A price to act on is never kept: it is read again.
 *
 * @returns JSON; money as decimal strings.
 */
export function keep({ circuit, watch, claimed }: PriceGuard): string {
  const held = watch?.held ? { ...watch.held, price: `${watch.held.price}` } : null
  return JSON.stringify({
    circuit,
    watch: watch && { accepted: `${watch.accepted}`, held },
    claimed: claimed && { ...claimed, price: `${claimed.price}` },
  })
}

/**
 * The guard that was kept. What nobody watched for longer than `mostSeconds` is not known: then it starts as on the first day, but for what
 * bounds a price that is out, which grows with its age.
 *
 * @param args.kept - what `keep` gave, and when; null if nothing was.
 * @throws {SyntaxError} {TypeError} what is kept is nothing that `keep` gives.
 */
export function resume(args: resume.Args): PriceGuard {
  const { kept, asOf, mostSeconds } = args
  if (kept === null) return boot(asOf)
  const { circuit, watch, claimed: told = null } = JSON.parse(kept.state) as Kept
  const claimed = told && { ...told, price: BigInt(told.price) }
  if (!(asOf - kept.at <= mostSeconds)) return { ...boot(asOf), claimed }
  const held = watch?.held ? { ...watch.held, price: BigInt(watch.held.price) } : null
  return { ...boot(asOf), circuit, watch: watch && { accepted: BigInt(watch.accepted), held }, claimed }
}

export declare namespace resume {
  type Args = {
    readonly kept: { readonly state: string; readonly at: number } | null
    readonly asOf: number
    readonly mostSeconds: number
  }
}

type Kept = {
  readonly circuit: PriceGuard['circuit']
  readonly watch: {
    readonly accepted: string
    readonly held: { readonly price: string; readonly count: number; readonly publishedAt: number } | null
  } | null
  /** Not there in what an earlier version kept. */
  readonly claimed?: { readonly price: string; readonly at: number } | null
}

/**
 * The guard after one more round.
 *
 * Frozen: the sequencer is down or just back, the price is refused, or a configured second source is. Degraded: the tick is held back, the two
 * sources lie too far apart, or the price is too uncertain. Whatever it was ends with three clean rounds in a row.
 *
 * @param args.asOf - unix seconds.
 */
export function next(args: next.Args): PriceGuard {
  const { guard, round, asOf, policy: rules = policy } = args
  const { price, second, sequencer } = round
  const claimed = claimedOf(guard.claimed, [price, second])
  const step = (finding: Circuit.Finding<Oracle.Code>) =>
    Circuit.next<Oracle.Code>({ circuit: guard.circuit, finding, asOf, ...(rules.circuit ? { policy: rules.circuit } : {}) })
  const freeze = (refusal: { readonly code: Oracle.Code; readonly sentence: string }): PriceGuard => ({
    circuit: step({ status: 'frozen', code: refusal.code }),
    watch: guard.watch,
    quote: null,
    refusal: { code: refusal.code, sentence: refusal.sentence },
    claimed,
  })
  if (sequencer?.status === 'refused') return freeze(sequencer)
  if (price.status === 'refused') return freeze(price)
  if (second?.status === 'refused') return freeze({ code: second.code, sentence: `The second source: ${second.sentence}` })

  const tick = guard.watch
    ? Oracle.quarantine({
        ...{ watch: guard.watch, price: price.price, publishedAt: price.publishedAt, jumpPpm: rules.jumpPpm },
        ...(second ? { second: second.price } : {}),
      })
    : { status: 'accepted' as const, watch: { accepted: price.price, held: null } }
  const degrade = (code: Oracle.Code, sentence: string, quote: Valuation.Quote | null): PriceGuard => ({
    circuit: step({ status: 'degraded', code }),
    watch: tick.watch,
    quote,
    refusal: { code, sentence },
    claimed,
  })
  if (tick.status === 'quarantined')
    return degrade(
      'ORACLE_QUARANTINED',
      `The price jumped from ${guard.watch?.accepted} to ${price.price}; it is held back until it is confirmed.`,
      null,
    )

  const quote: Valuation.Quote = {
    sources: second ? { first: price.price, second: second.price } : { first: price.price },
    confidence: second && second.confidence > price.confidence ? second.confidence : price.confidence,
    publishedAt: second ? Math.min(second.publishedAt, price.publishedAt) : price.publishedAt,
  }
  const outcome = Valuation.of(quote, ruleOf(quote, 'raise', rules), asOf)
  if (outcome.status === 'refused') return degrade(codes[outcome.code], outcome.message, quote)
  const circuit = step({ status: 'clean' })
  const highest = Valuation.of(quote, ruleOf(quote, 'view', rules), asOf)
  const isLentOn = circuit.state === 'OK' && highest.status === 'ok'
  return {
    ...{ circuit, watch: tick.watch, quote, refusal: null },
    claimed: isLentOn ? { price: highest.value.high, at: quote.publishedAt } : claimed,
  }
}

export declare namespace next {
  type Args = { readonly guard: PriceGuard; readonly round: Round; readonly asOf: number; readonly policy?: Policy }
}

/** Whatever is told meanwhile only raises it: one that is held back may be the truth. */
function claimedOf(last: Doubt.Claimed | null, told: readonly (Oracle.Assessment | null)[]): Doubt.Claimed | null {
  if (last === null) return null
  const price = told.reduce((most, it) => (it?.status === 'ok' && it.price > most ? it.price : most), last.price)
  return { price, at: last.at }
}

export type Permission =
  | { readonly status: 'ok'; readonly value: Valuation.Value }
  | { readonly status: 'refused'; readonly code: Oracle.Code; readonly sentence: string }

/**
 * The price for one purpose, or why not.
 *
 * Raising and withdrawing need a closed circuit. Liquidating needs the grace to be over besides, and both sources near each other: what is owned
 * counts at the higher end, so that nobody is closed who is healthy at one of them. A view shows what there is.
 */
export function permit(args: permit.Args): Permission {
  const { guard, action, asOf, policy: rules = policy } = args
  const { circuit, quote, refusal } = guard
  if (!quote) return { status: 'refused', code: refusal?.code ?? 'STARTING', sentence: refusal?.sentence ?? 'No price was read yet.' }
  if (action !== 'view' && circuit.state !== 'OK') {
    const left = `${circuit.clean} clean rounds since ${circuit.code}; it takes ${Circuit.policy.cleanRounds}.`
    return { status: 'refused', code: circuit.code ?? 'STARTING', sentence: refusal?.sentence ?? `The price is recovering: ${left}` }
  }
  if (action === 'liquidate' && asOf < circuit.graceUntil)
    return {
      status: 'refused',
      code: 'ORACLE_GRACE',
      sentence: `Nobody is liquidated for another ${circuit.graceUntil - asOf} s after a fault of the price.`,
    }
  const outcome = Valuation.of(quote, ruleOf(quote, action, rules), asOf)
  return outcome.status === 'ok' ? outcome : { status: 'refused', code: codes[outcome.code], sentence: outcome.message }
}

export declare namespace permit {
  type Args = { readonly guard: PriceGuard; readonly action: Valuation.Action; readonly asOf: number; readonly policy?: Policy }
}

const codes = {
  NON_POSITIVE: 'ORACLE_NON_POSITIVE',
  STALE: 'ORACLE_STALE',
  TOO_UNCERTAIN: 'ORACLE_UNCERTAIN',
  TOO_VOLATILE: 'ORACLE_OUT_OF_BAND',
} as const

/** Ages are held to the feed's own heartbeat before a quote is made. */
function ruleOf(quote: Valuation.Quote, action: Valuation.Action, { bandPpm, maxConfidencePpm }: Policy): Valuation.Rule {
  const sources = Object.keys(quote.sources)
  if (action === 'view') return { sources, widening: 0n, maxAgeSeconds: null, maxConfidencePpm: null, maxDivergencePpm: null }
  return { sources, widening: 2n, maxAgeSeconds: null, maxConfidencePpm, maxDivergencePpm: bandPpm }
}
