/** What became of signed orders: at the vault that pays them, and at the venue whose loss they cover. */
import { collateralVaultAbi, perpVenueAbi } from '@plimsoll/contracts'
import { decodeEventLog, getAbiItem, toEventSelector } from 'viem'
import * as Contract from './Contract.ts'
import { type Hex, address as parseAddress } from './Hex.ts'
import type { Log } from './Log.ts'
import * as LogRange from './LogRange.ts'
import * as Query from './Query.ts'
import type { At, Pinned, Reader } from './Quorum.ts'

/** What the vault says of a settlement: never seen, waiting, paid, or given up for good. */
export type Fate = 'unknown' | 'queued' | 'paid' | 'vetoed' | 'lapsed'

/** By the contract's own numbers. */
const fates: readonly Fate[] = ['unknown', 'queued', 'paid', 'vetoed', 'lapsed']

export type Claim = {
  readonly settlementId: Hex
  readonly fate: Fate
  /** From when on it may be paid, and from when on no longer. Unix seconds of the vault's chain; 0 while unknown. */
  readonly readyAt: number
  readonly lapsesAt: number
}

export type Orders = {
  readonly pinned: Pinned
  /** The signers' epoch: an order of another one is worth nothing. */
  readonly epoch: number
  readonly paused: boolean
  /** In the order asked for. */
  readonly settlements: readonly Claim[]
  readonly releases: readonly { readonly releaseId: Hex; readonly used: boolean }[]
}

/**
 * What a vault knows of some orders, in one `eth_call` per source.
 *
 * @param args.at - `final` for what the ledger may act on, `head` for what could be posted next.
 * @throws {Quorum.QuorumError} {Contract.UnreadableError}
 */
export async function fetch(args: fetch.Args): Promise<Orders> {
  const { reader, vault, at } = args
  const { chainId } = reader.config
  const call = { abi: collateralVaultAbi, target: vault }
  const query = Query.all([
    Query.all<readonly Query.Outcome<Raw>[]>(args.settlements.map((id) => Query.call({ ...call, functionName: 'claimOf', args: [id] }))),
    Query.all<readonly Query.Outcome<boolean>[]>(args.releases.map((id) => Query.call({ ...call, functionName: 'released', args: [id] }))),
    Query.call({ ...call, functionName: 'epoch', args: [] }),
    Query.call({ ...call, functionName: 'paused', args: [] }),
  ])
  const { pinned, value } = await Query.fetch({ reader, at, query })
  const [claims, used, epoch, paused] = value
  const read = { abi: collateralVaultAbi, chainId, address: vault }
  return {
    pinned,
    epoch: Contract.answer(epoch, { ...read, functionName: 'epoch' }),
    paused: Contract.answer(paused, { ...read, functionName: 'paused' }),
    settlements: args.settlements.map((settlementId, index) => {
      const claim = Contract.answer(claims[index] ?? silent, { ...read, functionName: 'claimOf' })
      const fate = fates[claim.status]
      if (fate === undefined)
        throw new Contract.UnreadableError({ ...read, functionName: 'claimOf', reason: `it says status ${claim.status}` })
      return { settlementId, fate, readyAt: Number(claim.readyAt), lapsesAt: Number(claim.lapsesAt) }
    }),
    releases: args.releases.map((releaseId, index) => ({
      releaseId,
      used: Contract.answer(used[index] ?? silent, { ...read, functionName: 'released' }),
    })),
  }
}

type Raw = {
  readonly status: number
  readonly account: Hex
  readonly epoch: number
  readonly token: Hex
  readonly readyAt: bigint
  readonly escrow: Hex
  readonly lapsesAt: bigint
  readonly venueId: Hex
  readonly amount: bigint
}
const silent = { status: 'malformed' } as const

export declare namespace fetch {
  type Args = {
    readonly reader: Reader
    readonly vault: Hex
    readonly settlements: readonly Hex[]
    readonly releases: readonly Hex[]
    readonly at: At
  }
}

/** A loss that somebody covered: by whose order, or by whatever else the payer named. */
export type Cover = {
  readonly account: Hex
  readonly source: Hex
  /** USD: how much less is owed for it. */
  readonly amount: bigint
  readonly blockNumber: bigint
}

export type Covers = { readonly covers: readonly Cover[] /** Where to go on. */; readonly next: bigint; readonly complete: boolean }

/** First topics: of a covered loss, and of what follows it in its transaction, which says how much less is owed. */
const topicOf = (name: 'LossCovered' | 'LossSettled'): Hex =>
  toEventSelector(getAbiItem({ abi: perpVenueAbi, name }) as Parameters<typeof toEventSelector>[0])
const [covered, settled] = [topicOf('LossCovered'), topicOf('LossSettled')]

/**
 * Losses covered at a venue from a block on, up to the newest final one: lists that k sources give alike.
 *
 * @param args.from - `next` of the last call, or the block the venue was deployed in.
 * @throws {Quorum.ValueDisagreeError} no k equal lists, or an empty one against one that is not.
 * @throws {Quorum.QuorumError}
 */
export async function fetchCovers(args: fetchCovers.Args): Promise<Covers> {
  const { reader, from } = args
  const address = parseAddress(args.venue, 'venue')
  const { logs, next, complete } = await LogRange.fetch({ reader, from, address, topics: [covered, settled] })
  return { covers: coversOf(logs, { chainId: reader.config.chainId, address }), next, complete }
}

export declare namespace fetchCovers {
  type Args = { readonly reader: Reader; readonly venue: Hex; readonly from: bigint }
}

/** Every covered loss with what it settled. */
function coversOf(logs: readonly Log[], at: { readonly chainId: number; readonly address: Hex }): readonly Cover[] {
  return logs.flatMap((log, index) => {
    if (log.topics[0] !== covered) return []
    const next = logs[index + 1]
    const isItsOwn = next?.topics[0] === settled && next.transactionHash === log.transactionHash && next.topics[1] === log.topics[1]
    if (!isItsOwn) throw new Contract.UnreadableError({ ...at, functionName: 'coverLoss', reason: 'it does not say how much less is owed' })
    const { account, source } = decodeEventLog({ abi: perpVenueAbi, eventName: 'LossCovered', ...wordsOf(log) }).args
    const { amount } = decodeEventLog({ abi: perpVenueAbi, eventName: 'LossSettled', ...wordsOf(next) }).args
    return [{ account: parseAddress(account, 'account'), source, amount, blockNumber: log.blockNumber }]
  })
}

function wordsOf({ topics: [signature, ...indexed], data }: Log): { readonly data: Hex; readonly topics: [] | [Hex, ...Hex[]] } {
  return { data, topics: signature ? [signature, ...indexed] : [] }
}
