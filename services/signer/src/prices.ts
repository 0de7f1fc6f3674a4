/** Prices as this signer trusts them: read by itself, held to their second source, and a jump held back until more than one tick tells of it. */
import type { Deployment } from '@plimsoll/api'
import { type Oracle, PriceGuards, Query, type Quorum } from '@plimsoll/chain'

export type Prices = {
  /** Takes a round of every feed. @returns by `CollateralView.feedKey`, what may be lent on; or why not. @throws {Quorum.QuorumError} */
  readonly look: (asOf: number) => Promise<ReadonlyMap<string, Oracle.Assessment>>
  /** As the last look found them: nobody is asked. Empty before the first. */
  readonly latest: () => ReadonlyMap<string, Oracle.Assessment>
  /** By `CollateralView.feedKey`, the most that a price which is out may be, as far as this signer knew one. */
  readonly most: PriceGuards.PriceGuards['most']
}

/** Nothing is trusted before three clean rounds. @param args.reader - of the chain that the feeds are on. */
export function open({ deployment, reader }: open.Args): Prices {
  const guards = PriceGuards.open(deployment)
  let latest: ReadonlyMap<string, Oracle.Assessment> = new Map()
  return {
    look: async (asOf) => {
      const query = PriceGuards.query({ feeds: deployment.feeds, addresses: guards.feeds, asOf })
      const { value } = await Query.fetch({ reader, at: 'head', query })
      latest = guards.next({ ...value, asOf })
      return latest
    },
    latest: () => latest,
    most: guards.most,
  }
}

export declare namespace open {
  type Args = { readonly deployment: Deployment.Deployment; readonly reader: Quorum.Reader }
}
