/** Prices as this signer trusts them: read by itself, held to their second source, and a jump held back until more than one tick tells of it. */
import type { Deployment } from '@plimsoll/api'
import { CollateralView, Oracle, PriceGuards, Query, type Quorum, Sequencer } from '@plimsoll/chain'

export type Prices = {
  /** Takes a round of every feed. @returns by `CollateralView.feedKey`, what may be lent on; or why not. @throws {Quorum.QuorumError} */
  readonly look: (asOf: number) => Promise<ReadonlyMap<string, Oracle.Assessment>>
}

/** Nothing is trusted before three clean rounds. @param args.reader - of the chain that the feeds are on. */
export function open({ deployment, reader }: open.Args): Prices {
  const { chainId, heartbeatSeconds, deviationPpm, sequencer } = deployment.feeds
  const guards = PriceGuards.open(deployment)

  async function look(asOf: number): Promise<ReadonlyMap<string, Oracle.Assessment>> {
    const query = Query.all([
      Query.all<readonly Oracle.Assessment[]>(
        guards.feeds.map((address) => Oracle.query({ asOf, feed: { address, decimals: 8, heartbeatSeconds, deviationPpm } })),
      ),
      Query.all<readonly Sequencer.Status[]>(sequencer === undefined ? [] : [Sequencer.query({ feed: sequencer, asOf })]),
    ])
    const [assessed, [uptime = null]] = (await Query.fetch({ reader, at: 'head', query })).value
    const read = new Map(assessed.map((price, i) => [CollateralView.feedKey({ chainId, address: guards.feeds[i] ?? '0x' }), price]))
    return guards.next({ read, sequencer: uptime, asOf })
  }

  return { look }
}

export declare namespace open {
  type Args = { readonly deployment: Deployment.Deployment; readonly reader: Quorum.Reader }
}
