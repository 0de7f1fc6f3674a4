/** The prices of a deployment, each behind its guard: whoever lends on them takes one round of all, and is told which may be lent on. */
import { Doubt } from '@plimsoll/margin'
import { feedKey } from './collateral/Lot.ts'
import type { Hex } from './Hex.ts'
import * as Oracle from './Oracle.ts'
import * as PriceGuard from './PriceGuard.ts'
import * as Query from './Query.ts'
import * as Sequencer from './Sequencer.ts'

export type PriceGuards = {
  /** Every feed that is held to something or counts: what a round reads. */
  readonly feeds: readonly Hex[]
  /** Takes one round. @returns by `CollateralView.feedKey`, the price that was read; or why it may not be lent on. */
  readonly next: (round: Round) => ReadonlyMap<string, Oracle.Assessment>
  /** By `CollateralView.feedKey`, the most that a price which is out may be: docs/method/limit.md, eq. (17). Not there where none was lent on yet. */
  readonly most: (asOf: number) => ReadonlyMap<string, bigint>
  /** By feed, what such bounds grow from: for whoever keeps it beyond the life of a process. */
  readonly claimed: () => Claimed
  /** Takes what was kept, where nothing is known here. */
  readonly recall: (kept: Claimed) => void
}

export type Claimed = ReadonlyMap<Hex, Doubt.Claimed>

export type Round = {
  /** By `CollateralView.feedKey`. What is not there was not read. */
  readonly read: ReadonlyMap<string, Oracle.Assessment>
  /** Of the feeds' chain; null where there is none. */
  readonly sequencer: Sequencer.Status | null
  /** Unix seconds. */
  readonly asOf: number
}

/**
 * Nothing is lent on before three clean rounds.
 *
 * An asset and a market may have one feed: it is held to the second source that either names, and to the market's volatility.
 */
export function open({ feeds, assets, markets }: open.Args): PriceGuards {
  const guards = new Map<Hex, PriceGuard.PriceGuard>()
  const recalled = new Map<Hex, Doubt.Claimed>()
  const all = [...assets, ...markets]
  const priced = [...new Set(all.map(({ feed }) => feed))].map((feed) => ({
    feed,
    second: all.find((it) => it.feed === feed && it.secondFeed !== undefined)?.secondFeed ?? null,
    policy: PriceGuard.policyOf({ feeds, sigmaPpm: markets.find((market) => market.feed === feed)?.throughTheCycleSigmaPpm ?? null }),
  }))
  const keyOf = (address: Hex) => feedKey({ chainId: feeds.chainId, address })
  const claimed = () => new Map([...guards].flatMap(([feed, guard]) => (guard.claimed === null ? [] : [[feed, guard.claimed] as const])))
  return {
    feeds: [...new Set(priced.flatMap(({ feed, second }) => (second === null ? [feed] : [feed, second])))],
    next: ({ read, sequencer, asOf }) =>
      new Map(
        priced.map(({ feed, second, policy }) => {
          const price = read.get(keyOf(feed)) ?? unread
          const round = { price, second: second === null ? null : (read.get(keyOf(second)) ?? unread), sequencer }
          const last = guards.get(feed) ?? PriceGuard.boot(asOf)
          const claimed = last.claimed ?? recalled.get(feed) ?? null
          const guard = PriceGuard.next({ guard: { ...last, claimed }, round, asOf, policy })
          guards.set(feed, guard)
          const permission = PriceGuard.permit({ guard, action: 'raise', asOf, policy })
          return [keyOf(feed), permission.status === 'ok' ? price : permission] as const
        }),
      ),
    most: (asOf) => new Map([...claimed()].map(([feed, it]) => [keyOf(feed), Doubt.price(it, asOf)])),
    claimed,
    recall: (kept) => {
      for (const [feed, it] of kept) recalled.set(feed, it)
    },
  }
}

export declare namespace open {
  type Args = {
    readonly feeds: PriceGuard.policyOf.Args['feeds'] & { readonly chainId: number }
    readonly assets: readonly Priced[]
    readonly markets: readonly (Priced & { readonly throughTheCycleSigmaPpm: number })[]
  }
  type Priced = { readonly feed: Hex; readonly secondFeed?: Hex | undefined }
}

/** What a round reads, in one call: every feed given, and the sequencer where the deployment names one. */
export function query(args: query.Args): Query.Query<Pick<Round, 'read' | 'sequencer'>> {
  const { feeds, addresses, asOf } = args
  const { chainId, heartbeatSeconds, deviationPpm, sequencer } = feeds
  const both = Query.all([
    Query.all<readonly Oracle.Assessment[]>(
      addresses.map((address) => Oracle.query({ asOf, feed: { address, decimals: 8, heartbeatSeconds, deviationPpm } })),
    ),
    Query.all<readonly Sequencer.Status[]>(sequencer === undefined ? [] : [Sequencer.query({ feed: sequencer, asOf })]),
  ])
  return Query.map(both, ([assessed, [uptime = null]]) => ({
    read: new Map(addresses.flatMap((address, i) => (assessed[i] ? [[feedKey({ chainId, address }), assessed[i]] as const] : []))),
    sequencer: uptime,
  }))
}

export declare namespace query {
  type Args = {
    readonly feeds: {
      readonly chainId: number
      readonly heartbeatSeconds: number
      readonly deviationPpm: number
      readonly sequencer?: Hex | undefined
    }
    readonly addresses: readonly Hex[]
    readonly asOf: number
  }
}

const unread: Oracle.Assessment = { status: 'refused', code: 'ORACLE_UNREADABLE', sentence: 'The feed was not read.' }
