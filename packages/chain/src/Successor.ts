/** Who is named to take the place of a feed that is dead: what everybody at a venue has to know before it counts. */
import { perpVenueAbi, successionsAbi } from '@plimsoll/contracts'
import * as Contract from './Contract.ts'
import { type Hex, address as parseAddress } from './Hex.ts'
import * as Query from './Query.ts'
import type { Pinned, Reader } from './Quorum.ts'

export type Successor = {
  readonly market: Hex
  /** The feed named. */
  readonly feed: Hex
  readonly heartbeatSeconds: number
  /** From when on anybody may put it in the dead one's place. Unix seconds. */
  readonly dueAt: number
  /** Until when. Then it has to be named again. Unix seconds. */
  readonly lapsesAt: number
}

/**
 * The successors named in these markets of a venue, at a block. A venue that knows of no successors has none.
 *
 * @param args.markets - all of its own, also those whose feed is well: it may have come back, and be out again. Nothing is asked where there are none.
 * @throws {Quorum.QuorumError} {Contract.UnreadableError}
 */
export async function fetch(args: fetch.Args): Promise<readonly Successor[]> {
  const { reader, pinned, venue, markets } = args
  if (markets.length === 0) return []
  const at = async <value>(query: Query.Query<value>) => query.parse((await reader.read({ pinned, calls: query.calls })).results)
  const own = await at(Query.call({ abi: perpVenueAbi, target: venue, functionName: 'successions', args: [] }))
  if (own.status !== 'ok') return []
  const target = parseAddress(own.value, 'successions')
  const read = { abi: successionsAbi, chainId: reader.config.chainId, address: target }
  const [notice, term, named] = await at(
    Query.all([
      Query.call({ abi: successionsAbi, target, functionName: 'NOTICE_SECONDS', args: [] }),
      Query.call({ abi: successionsAbi, target, functionName: 'TERM_SECONDS', args: [] }),
      Query.all(markets.map((market) => Query.call({ abi: successionsAbi, target, functionName: 'successorOf', args: [market] }))),
    ]),
  )
  const noticeSeconds = Number(Contract.answer(notice, { ...read, functionName: 'NOTICE_SECONDS' }))
  const termSeconds = Number(Contract.answer(term, { ...read, functionName: 'TERM_SECONDS' }))
  return named.flatMap((outcome, i) => {
    const { feed, heartbeatSeconds, namedAt } = Contract.answer(outcome, { ...read, functionName: 'successorOf' })
    const market = markets[i]
    if (namedAt === 0n || market === undefined) return []
    const dueAt = Number(namedAt) + noticeSeconds
    return [{ market, feed: parseAddress(feed, 'feed'), heartbeatSeconds, dueAt, lapsesAt: dueAt + termSeconds }]
  })
}

export declare namespace fetch {
  type Args = { readonly reader: Reader; readonly pinned: Pinned; readonly venue: Hex; readonly markets: readonly Hex[] }
  type ErrorType = Contract.UnreadableError
}
