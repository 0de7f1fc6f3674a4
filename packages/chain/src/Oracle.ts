/** A price feed's answer, taken only when it is fit to lend on. */
import * as Aggregator from './Aggregator.ts'
import type { Hex } from './Hex.ts'
import * as Query from './Query.ts'

/** A feed of Chainlink's shape, as configured. */
export type Feed = {
  readonly address: Hex
  /** Digits after the point of the answer, pinned here: a feed that changes them is refused. */
  readonly decimals: number
  /** Greatest age of an answer. */
  readonly heartbeatSeconds: number
  /** The feed moves when the price has moved by this much: what the price is uncertain by. ppm. */
  readonly deviationPpm: number
}

/** What `latestRoundData` answers. */
export type Round = {
  readonly roundId: bigint
  readonly answer: bigint
  readonly updatedAt: bigint
  readonly answeredInRound: bigint
}

export type Code =
  | 'ORACLE_UNREADABLE'
  | 'ORACLE_DECIMALS_CHANGED'
  | 'ORACLE_ROUND_INCOMPLETE'
  | 'ORACLE_NON_POSITIVE'
  | 'ORACLE_FUTURE'
  | 'ORACLE_STALE'
  | 'ORACLE_OUT_OF_BAND'
  /** Of a guard, which remembers earlier rounds. */
  | 'ORACLE_QUARANTINED'
  | 'ORACLE_UNCERTAIN'
  | 'ORACLE_GRACE'
  | 'SEQUENCER_DOWN'
  | 'SEQUENCER_GRACE'
  | 'SEQUENCER_UNREADABLE'
  | 'STARTING'

export type Assessment =
  | {
      readonly status: 'ok'
      /** USD per whole token × 1e18. */
      readonly price: bigint
      /** Half-width of what the price may be. USD × 1e18, rounded up. */
      readonly confidence: bigint
      readonly publishedAt: number
    }
  | { readonly status: 'refused'; readonly code: Code; readonly sentence: string }

const ONE = 1_000_000n

/** An answer may lead the reader's clock by this much: two clocks never agree. */
export const futureToleranceSeconds = 15

/**
 * Whether a feed's answer may be used, and the price it gives.
 *
 * Formula: `price = answer · 10^(18 − decimals)`, exactly; `confidence = ⌈price · deviation⌉`.
 * A refusal says nothing of the price: neither zero nor the last one stands in for it.
 *
 * @param args.decimals - what the feed itself says now.
 * @param args.asOf - the reader's clock. Unix seconds.
 * @param args.second - another source's price of the same thing, and how far the two may differ, of the lower one.
 *
 * @example
 * Oracle.assess({
 *   feed: { address: '0x', decimals: 8, heartbeatSeconds: 3600, deviationPpm: 5_000 },
 *   round: { roundId: 2n, answer: 3_000_00000000n, updatedAt: 990n, answeredInRound: 2n },
 *   decimals: 8,
 *   asOf: 1_000,
 * })
 * // => { status: 'ok', price: 3000000000000000000000n, confidence: 15000000000000000000n, publishedAt: 990 }
 */
export function assess(args: assess.Args): Assessment {
  const { feed, round, decimals, asOf, second } = args
  if (decimals !== feed.decimals || decimals > 18)
    return refuse('ORACLE_DECIMALS_CHANGED', `The feed has ${decimals} decimals, and ${feed.decimals} are configured.`)
  if (round.answer <= 0n) return refuse('ORACLE_NON_POSITIVE', `The feed answers ${round.answer}; a price is greater than zero.`)
  if (round.updatedAt === 0n || round.answeredInRound < round.roundId)
    return refuse('ORACLE_ROUND_INCOMPLETE', `Round ${round.roundId} has no answer of its own yet.`)

  const ahead = round.updatedAt - BigInt(asOf)
  if (ahead > BigInt(futureToleranceSeconds)) return refuse('ORACLE_FUTURE', `The answer is dated ${ahead} s ahead of now.`)
  if (-ahead > BigInt(feed.heartbeatSeconds))
    return refuse('ORACLE_STALE', `The answer is ${-ahead} s old; the feed promises one every ${feed.heartbeatSeconds} s.`)

  const price = round.answer * 10n ** BigInt(18 - decimals)
  if (second && isOutOfBand({ price, second: second.price, bandPpm: second.bandPpm }))
    return refuse('ORACLE_OUT_OF_BAND', `The feed and a second source differ by more than ${second.bandPpm} ppm.`)
  return { status: 'ok', price, confidence: divUp(price * BigInt(feed.deviationPpm), ONE), publishedAt: Number(round.updatedAt) }
}

export declare namespace assess {
  type Args = {
    readonly feed: Feed
    readonly round: Round
    readonly decimals: number
    readonly asOf: number
    readonly second?: { readonly price: bigint; readonly bandPpm: number }
  }
}

/**
 * The price last accepted of one feed, and ticks held back since because they jumped.
 */
export type Watch = {
  readonly accepted: bigint
  /** The first tick held back, how many in a row confirm it, and when the last of these was published. Unix seconds. */
  readonly held: { readonly price: bigint; readonly count: number; readonly publishedAt: number } | null
}

export type Tick = { readonly status: 'accepted' | 'quarantined'; readonly watch: Watch }

/** So many ticks in a row near each other confirm a jump. */
const CONFIRMATIONS = 3

/**
 * Holds back a tick that jumps: a decimals slip, a typing error, one poisoned answer.
 *
 * A tick within `jumpPpm` of the accepted price is accepted. One beyond is held until the third tick in a row within `jumpPpm`
 * of the first held one, or until a second source confirms it. A tick is what was published, however often it is read.
 *
 * @param args.publishedAt - of the price. Unix seconds.
 * @param args.jumpPpm - greatest move between two ticks, of the lower one. ppm.
 * @param args.second - another source's price now. USD × 1e18.
 *
 * @example
 * Oracle.quarantine({ watch: { accepted: 100n, held: null }, price: 1_000n, publishedAt: 7, jumpPpm: 4_000_000 })
 * // => { status: 'quarantined', watch: { accepted: 100n, held: { price: 1000n, count: 1, publishedAt: 7 } } }
 */
export function quarantine(args: quarantine.Args): Tick {
  const { watch, price, publishedAt, jumpPpm, second } = args
  const accept: Tick = { status: 'accepted', watch: { accepted: price, held: null } }
  if (!isOutOfBand({ price, second: watch.accepted, bandPpm: jumpPpm })) return accept
  if (second !== undefined && !isOutOfBand({ price, second, bandPpm: jumpPpm })) return accept

  const isNear = watch.held !== null && !isOutOfBand({ price, second: watch.held.price, bandPpm: jumpPpm })
  if (watch.held && isNear && publishedAt <= watch.held.publishedAt) return { status: 'quarantined', watch }
  const held =
    watch.held && isNear ? { price: watch.held.price, count: watch.held.count + 1, publishedAt } : { price, count: 1, publishedAt }
  if (held.count >= CONFIRMATIONS) return accept
  return { status: 'quarantined', watch: { accepted: watch.accepted, held } }
}

export declare namespace quarantine {
  type Args = {
    readonly watch: Watch
    readonly price: bigint
    readonly publishedAt: number
    readonly jumpPpm: number
    readonly second?: bigint
  }
}

/** The reads of one feed, assessed once they are there. */
export function query(args: { readonly feed: Feed; readonly asOf: number }): Query.Query<Assessment> {
  const { feed, asOf } = args
  const reads = Query.all([
    Query.call({ abi: Aggregator.abi, target: feed.address, functionName: 'latestRoundData', args: [] }),
    Query.call({ abi: Aggregator.abi, target: feed.address, functionName: 'decimals', args: [] }),
  ])
  return Query.map(reads, ([data, decimals]) => {
    if (data.status !== 'ok' || decimals.status !== 'ok')
      return refuse('ORACLE_UNREADABLE', `The feed at ${feed.address} did not answer as a price feed.`)
    const [roundId, answer, , updatedAt, answeredInRound] = data.value
    return assess({ feed, asOf, decimals: decimals.value, round: { roundId, answer, updatedAt, answeredInRound } })
  })
}

function refuse(code: Code, sentence: string): Assessment {
  return { status: 'refused', code, sentence }
}

function isOutOfBand(args: { readonly price: bigint; readonly second: bigint; readonly bandPpm: number }): boolean {
  const { price, second, bandPpm } = args
  const [lower, upper] = price < second ? [price, second] : [second, price]
  return (upper - lower) * ONE > lower * BigInt(bandPpm)
}

function divUp(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b
}
