/** Prices as this signer trusts them: read by itself, held to their second source, and a jump held back until more than one tick tells of it. */
import type { Deployment } from '@plimsoll/api'
import { CollateralView, Oracle, PriceGuard, Query, type Quorum, Sequencer } from '@plimsoll/chain'

type Hex = `0x${string}`

export type Prices = {
  /** Takes a round of every feed. @returns by `CollateralView.feedKey`, what may be lent on; or why not. @throws {Quorum.QuorumError} */
  readonly look: (asOf: number) => Promise<ReadonlyMap<string, Oracle.Assessment>>
}

/** Nothing is trusted before three clean rounds. @param args.reader - of the chain that the feeds are on. */
export function open({ deployment, reader }: open.Args): Prices {
  const { feeds, markets, assets } = deployment
  const { chainId, heartbeatSeconds, deviationPpm, sequencer } = feeds
  const main = [...new Map([...assets, ...markets].map((it) => [it.feed, it])).values()]
  const read = [...new Set(main.flatMap(({ feed, secondFeed }) => (secondFeed === undefined ? [feed] : [feed, secondFeed])))]
  const policies = new Map(
    main.map(({ feed }) => {
      const sigmaPpm = markets.find((market) => market.feed === feed)?.throughTheCycleSigmaPpm ?? null
      return [feed, PriceGuard.policyOf({ feeds, sigmaPpm })] as const
    }),
  )
  const guards = new Map<Hex, PriceGuard.PriceGuard>()

  async function look(asOf: number): Promise<ReadonlyMap<string, Oracle.Assessment>> {
    const query = Query.all([
      Query.all<readonly Oracle.Assessment[]>(
        read.map((address) => Oracle.query({ asOf, feed: { address, decimals: 8, heartbeatSeconds, deviationPpm } })),
      ),
      Query.all<readonly Sequencer.Status[]>(sequencer === undefined ? [] : [Sequencer.query({ feed: sequencer, asOf })]),
    ])
    const [assessed, [uptime = null]] = (await Query.fetch({ reader, at: 'head', query })).value
    const byFeed = new Map(read.map((address, i) => [address, assessed[i] ?? unread] as const))
    return new Map(
      main.map(({ feed, secondFeed }) => {
        const price = byFeed.get(feed) ?? unread
        const second = secondFeed === undefined ? null : (byFeed.get(secondFeed) ?? unread)
        const policy = policies.get(feed) ?? PriceGuard.policy
        const guard = PriceGuard.next({
          ...{ guard: guards.get(feed) ?? PriceGuard.boot(asOf), asOf, policy },
          round: { price, second, sequencer: uptime },
        })
        guards.set(feed, guard)
        const permission = PriceGuard.permit({ guard, action: 'raise', asOf, policy })
        return [CollateralView.feedKey({ chainId, address: feed }), permission.status === 'ok' ? price : permission] as const
      }),
    )
  }

  return { look }
}

export declare namespace open {
  type Args = { readonly deployment: Deployment.Deployment; readonly reader: Quorum.Reader }
}

const unread: Oracle.Assessment = { status: 'refused', code: 'ORACLE_UNREADABLE', sentence: 'The feed was not read.' }
