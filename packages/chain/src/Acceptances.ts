/** Certificates that a limit book took: what they bound, and whose. */
import { limitBookAbi } from '@plimsoll/contracts'
import { decodeEventLog, getAbiItem, toEventSelector } from 'viem'
import { type Hex, address as parseAddress } from './Hex.ts'
import type { Log } from './Log.ts'
import * as LogRange from './LogRange.ts'
import type { Reader } from './Quorum.ts'

export type Acceptance = {
  readonly account: Hex
  readonly venue: Hex
  readonly participantId: Hex
  /** Of the inputs document that the certificate binds. */
  readonly inputsHash: Hex
}

export type Acceptances = {
  /** In chain order. */
  readonly accepted: readonly Acceptance[]
  /** Where to go on. */
  readonly next: bigint
  readonly complete: boolean
}

const topic = toEventSelector(getAbiItem({ abi: limitBookAbi, name: 'LimitAccepted' }))

/**
 * What a book took from a block on, up to the newest final one: lists that k sources give alike.
 *
 * @param args.from - `next` of the last call, or a block before the book's first certificate.
 * @throws {Quorum.ValueDisagreeError} no k equal lists, or an empty one against one that is not.
 * @throws {Quorum.QuorumError}
 */
export async function fetch(args: fetch.Args): Promise<Acceptances> {
  const { reader, limitBook, from } = args
  const { logs, next, complete } = await LogRange.fetch({ reader, from, address: parseAddress(limitBook, 'limit book'), topics: [topic] })
  return { accepted: logs.map(acceptanceOf), next, complete }
}

export declare namespace fetch {
  type Args = { readonly reader: Reader; readonly limitBook: Hex; readonly from: bigint }
}

function acceptanceOf({ topics: [signature, ...indexed], data }: Log): Acceptance {
  const topics: [] | [Hex, ...Hex[]] = signature ? [signature, ...indexed] : []
  const { limit } = decodeEventLog({ abi: limitBookAbi, eventName: 'LimitAccepted', data, topics }).args
  const { participantId, inputsHash } = limit
  return { account: parseAddress(limit.account, 'account'), venue: parseAddress(limit.venue, 'venue'), participantId, inputsHash }
}
