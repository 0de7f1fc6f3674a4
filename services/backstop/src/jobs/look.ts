/** What a desk sees: offers, its own account, prices, how fragile the market is said to be, and what was forced lately. At one block. */
import { Contract, type Hex, Log, Query, type Quorum, Venue } from '@plimsoll/chain'
import { backstopAbi, mandatesAbi, perpVenueAbi } from '@plimsoll/contracts'
import { decodeEventLog, toEventSelector } from 'viem'

export type Offer = {
  readonly market: Hex.Hex
  /** With its sign. Base units × 1e18; 0 if nothing is on offer. */
  readonly inventory: bigint
  readonly size: bigint
  readonly mark: bigint
  readonly discountPpm: number
}

export type Look = {
  readonly block: bigint
  readonly hash: Hex.Hex
  readonly timestamp: number
  readonly markets: readonly Venue.Market[]
  readonly account: Venue.Account
  readonly offers: readonly Offer[]
  /** n as it was reported. ppm. */
  readonly reflexivityPpm: number
  /** Forced in the last blocks, or sold ahead so that it need not be, by market. USD × 1e18. */
  readonly flow: ReadonlyMap<Hex.Hex, bigint>
}

const one = 10n ** 18n
const forced = [
  ...perpVenueAbi.filter((item) => item.type === 'event' && item.name === 'Liquidated'),
  ...backstopAbi.filter((item) => item.type === 'event' && (item.name === 'Inherited' || item.name === 'Sold')),
  ...mandatesAbi.filter((item) => item.type === 'event' && item.name === 'Reduced'),
]

/**
 * Looks at a venue and its backstop.
 *
 * @throws {Quorum.QuorumError} {Contract.UnreadableError} {UnsureError} k sources do not agree on what was forced.
 */
export async function look(args: look.Args): Promise<Look> {
  const { reader, venue, backstop, mandates, own, flowBlocks } = args
  const seen = await Venue.fetch({ reader, venue, accounts: [own], at: 'head' })
  const { pinned, markets, accounts } = seen
  Venue.assertPriced(accounts, { chainId: reader.config.chainId, venue })
  const read = { abi: backstopAbi, chainId: reader.config.chainId, address: backstop }
  const query = Query.all([
    Query.call({ abi: backstopAbi, target: backstop, functionName: 'reflexivityPpm', args: [] }),
    Query.all(markets.map(({ market }) => Query.call({ abi: backstopAbi, target: backstop, functionName: 'offerOf', args: [market] }))),
  ])
  const { results } = await reader.read({ pinned, calls: query.calls })
  const [reflexivity, offered] = query.parse(results)
  const offers = offered.map((outcome, i): Offer => {
    const { inventory, size, mark, discountPpm } = Contract.answer(outcome, { ...read, functionName: 'offerOf' })
    return { market: markets[i]?.market ?? '0x', inventory, size, mark, discountPpm }
  })
  const [account] = accounts
  if (!account) throw new Contract.UnreadableError({ ...read, functionName: 'accountsOf', reason: 'it left the account out' })
  const from = pinned.block.number - BigInt(flowBlocks)
  const logs = await agreed({
    reader,
    pinned,
    filter: {
      ...{ fromBlock: from < 0n ? 0n : from, toBlock: pinned.block.number },
      addresses: [venue, backstop, ...(mandates === undefined ? [] : [mandates])],
      topics: [forced.map((event) => toEventSelector(event))],
    },
  })
  return {
    ...{
      block: pinned.block.number,
      hash: pinned.block.hash,
      timestamp: pinned.block.timestamp,
      markets,
      account,
      offers,
      flow: flowOf(logs),
    },
    reflexivityPpm: Number(Contract.answer(reflexivity, { ...read, functionName: 'reflexivityPpm' })),
  }
}

export declare namespace look {
  type Args = {
    readonly reader: Quorum.Reader
    readonly venue: Hex.Hex
    readonly backstop: Hex.Hex
    /** Where reductions are made; without it nobody is reduced. */
    readonly mandates: Hex.Hex | undefined
    readonly own: Hex.Hex
    readonly flowBlocks: number
  }
}

/** Logs of which k sources have the same list. */
export async function agreed(args: Parameters<Quorum.Reader['logs']>[0] & { readonly reader: Quorum.Reader }): Promise<readonly Log.Log[]> {
  const { reader, ...rest } = args
  const { answers } = await reader.logs(rest)
  const lists = answers.map(({ logs }) => ({ logs, key: logs.map(Log.key).join('|') }))
  const found = lists.find(({ key }) => lists.filter((other) => other.key === key).length >= reader.config.k)
  if (!found) throw new UnsureError(reader.config.chainId)
  return found.logs
}

function flowOf(logs: readonly Log.Log[]): ReadonlyMap<Hex.Hex, bigint> {
  const flow = new Map<Hex.Hex, bigint>()
  for (const log of logs) {
    const [signature, ...topics] = log.topics
    if (!signature) continue
    const { eventName, args } = decodeEventLog({ abi: forced, data: log.data, topics: [signature, ...topics] })
    const price = eventName === 'Sold' ? args.mark : args.price
    const notional = ((args.size < 0n ? -args.size : args.size) * price) / one
    flow.set(args.market, (flow.get(args.market) ?? 0n) + notional)
  }
  return flow
}

/** Thrown when sources tell different histories, as while a block travels. */
export class UnsureError extends Error {
  override readonly name = 'Look.UnsureError'
  readonly code = 'LOGS_DISAGREE'
  constructor(chainId: number) {
    super(`No k sources of chain ${chainId} have the same logs.`)
  }
}
