/** What happened to participants, from contract events that can no longer be undone. */
import * as Agreement from './Agreement.ts'
import { BaseError } from './BaseError.ts'
import type { Dissent } from './Dissent.ts'
import * as Event from './Event.ts'
import type { Header } from './Header.ts'
import { type Hex, address as parseAddress } from './Hex.ts'
import { key, type Log, order } from './Log.ts'
import { FinalityViolatedError, type LogRead, type Pinned, type Reader, ValueDisagreeError } from './Quorum.ts'

/** The block up to which history is known. Kept by the caller, between calls and across restarts. */
export type Cursor = { readonly number: bigint; readonly hash: Hex }

/** Where history begins: the block that the first of the contracts was deployed in. */
export type Start = { readonly number: bigint }

export type History = {
  /** In chain order. */
  readonly events: readonly Event.Event[]
  /** Where to go on; what was given, while there is nothing new. */
  readonly cursor: Cursor | Start
  /** Whether the newest final block is reached; else call again. */
  readonly complete: boolean
  readonly dissent: readonly Dissent[]
}

/** A range that nearly every node answers. */
const BLOCKS_PER_REQUEST = 2_000
const MAX_REQUESTS = 10

/**
 * The events of some contracts since a cursor, up to the newest final block.
 *
 * Incremental: each call returns what is new and a new cursor. Reorg-safe: the cursor's block is read again by quorum first, and every
 * event's block hash is one that k sources have at that height. A list of logs counts when k sources give the same one; an empty one does
 * not count against a source that has logs.
 *
 * @param args.from - the cursor of the last call, or where history begins.
 * @param args.blocksPerRequest - how wide a range to ask for at once; 2,000 unless given.
 * @param args.maxRequests - how many ranges to read in this call; 10 unless given.
 * @throws {Quorum.FinalityViolatedError} the cursor's block was replaced: what was read after it must be read again.
 * @throws {Quorum.ValueDisagreeError} no k equal lists, or an empty one against one that is not.
 * @throws {Quorum.QuorumError}
 * @throws {MalformedEventError} a contract logs something else under a known name.
 */
export async function fetch(args: fetch.Args): Promise<History> {
  const { reader, from, contracts } = args
  const pinned = await reader.pin({ at: 'final' })
  await confirm({ reader, pinned, from })
  const width = BigInt(args.blocksPerRequest ?? BLOCKS_PER_REQUEST)
  const start = 'hash' in from ? from.number + 1n : from.number
  const last = least(pinned.block.number, start + BigInt(args.maxRequests ?? MAX_REQUESTS) * width - 1n)
  // Sources behind the cursor have nothing new; going back would give the same events twice.
  if (start > last) return { events: [], cursor: from, complete: true, dissent: pinned.dissent }

  const logs: Log[] = []
  const dissent: Dissent[] = [...pinned.dissent]
  for (let fromBlock = start; fromBlock <= last; fromBlock += width) {
    const toBlock = least(last, fromBlock + width - 1n)
    const filter = { fromBlock, toBlock, addresses: contracts.map((contract) => contract.address), topics: [Event.topics] }
    const agreed = agreedLogs({ reader, pinned, read: await reader.logs({ pinned, filter }) })
    logs.push(...agreed.logs)
    dissent.push(...agreed.dissent)
  }
  const headers = await headersOf({ reader, pinned, numbers: [last, ...logs.map((log) => log.blockNumber)] })
  const events = logs.sort(order).flatMap((log) => eventsOf({ log, headers, contracts, chainId: reader.config.chainId, pinned }))
  return { events, cursor: cursorOf(headerOf(headers, last)), complete: last === pinned.block.number, dissent }
}

export declare namespace fetch {
  type Contract =
    | { readonly kind: 'vault'; readonly address: Hex }
    /** `token` is what the venue takes as collateral. */
    | { readonly kind: 'venue'; readonly address: Hex; readonly token: Hex }
  type Args = {
    readonly reader: Reader
    readonly from: Cursor | Start
    readonly contracts: readonly Contract[]
    readonly blocksPerRequest?: number
    readonly maxRequests?: number
  }
  type ErrorType = MalformedEventError
}

async function confirm(args: { readonly reader: Reader; readonly pinned: Pinned; readonly from: fetch.Args['from'] }): Promise<void> {
  const { reader, pinned, from } = args
  if (!('hash' in from)) return
  const { chainId } = reader.config
  // A cursor ahead of the newest final block was final once, so the sources are behind: nothing new, unless the block is gone.
  const now = await reader.header({ pinned, number: from.number })
  if (now.hash !== from.hash)
    throw new FinalityViolatedError({ chainId, dissent: [], accepted: { ...now, hash: from.hash }, found: now.hash })
}

/** The list that k sources give. */
function agreedLogs(args: { readonly reader: Reader; readonly pinned: Pinned; readonly read: LogRead }): {
  readonly logs: readonly Log[]
  readonly dissent: readonly Dissent[]
} {
  const { reader, pinned, read } = args
  const { chainId, k } = reader.config
  const agreement = Agreement.of({ answers: read.answers.map(({ id, logs }) => ({ id, value: logs, key: logs.map(key).join('|') })), k })
  const differ = agreement.status === 'short' ? [] : agreement.differ
  const dissent = differ.map((id): Dissent => ({ id, why: 'RPC_VALUE_DISAGREE', detail: 'another list of events' }))
  const hidden = agreement.status === 'agreed' && agreement.value.length === 0 && differ.length > 0
  if (agreement.status !== 'agreed' || hidden)
    throw new ValueDisagreeError({ chainId, number: pinned.block.number, dissent: [...read.dissent, ...dissent] })
  return { logs: agreement.value, dissent }
}

async function headersOf(args: {
  readonly reader: Reader
  readonly pinned: Pinned
  readonly numbers: readonly bigint[]
}): Promise<ReadonlyMap<bigint, Header>> {
  const { reader, pinned } = args
  const headers = new Map<bigint, Header>([[pinned.block.number, pinned.block]])
  const wanted = [...new Set(args.numbers)].filter((number) => !headers.has(number))
  // A few at a time: a node that is asked for hundreds at once limits its rate.
  for (let from = 0; from < wanted.length; from += HEADERS_AT_ONCE) {
    const some = wanted.slice(from, from + HEADERS_AT_ONCE)
    for (const header of await Promise.all(some.map((number) => reader.header({ pinned, number })))) headers.set(header.number, header)
  }
  return headers
}

const HEADERS_AT_ONCE = 16

function eventsOf(args: {
  readonly log: Log
  readonly headers: ReadonlyMap<bigint, Header>
  readonly contracts: readonly fetch.Contract[]
  readonly chainId: number
  readonly pinned: Pinned
}): readonly Event.Event[] {
  const { log, headers, contracts, chainId, pinned } = args
  const contract = contracts.find(({ address }) => parseAddress(address, 'contract') === log.address)
  const header = headerOf(headers, log.blockNumber)
  // k sources listed a log in a block that k sources do not have at that height.
  if (header.hash !== log.blockHash || !contract)
    throw new ValueDisagreeError({ chainId, number: log.blockNumber, dissent: pinned.dissent })
  const { blockNumber, blockHash, transactionHash, logIndex } = log
  const where = { chainId, contract: log.address, blockNumber, blockHash, transactionHash, logIndex, at: header.timestamp }
  return factsOf({ log, contract, chainId }).map((fact) => ({ ...fact, ...where }))
}

function factsOf(args: { readonly log: Log; readonly contract: fetch.Contract; readonly chainId: number }): readonly Event.Fact[] {
  const { log, contract, chainId } = args
  try {
    return contract.kind === 'vault' ? Event.ofVault(log) : Event.ofVenue(log, contract.token)
  } catch (cause) {
    throw new MalformedEventError({ chainId, log, cause })
  }
}

function headerOf(headers: ReadonlyMap<bigint, Header>, number: bigint): Header {
  const header = headers.get(number)
  if (!header) throw new RangeError(`Block ${number} was not read.`)
  return header
}

function cursorOf(header: Header): Cursor {
  return { number: header.number, hash: header.hash }
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

/** Thrown when a contract logs something else under a name that is known here. */
export class MalformedEventError extends BaseError {
  override readonly name = 'History.MalformedEventError'
  constructor(args: { readonly chainId: number; readonly log: Log; readonly cause: unknown }) {
    super({
      code: 'EVENT_MALFORMED',
      message: `Log ${args.log.logIndex} of block ${args.log.blockNumber} on chain ${args.chainId} is no event of ${args.log.address}.`,
      hint: 'Check the address in the deployment document: it may be another contract, or another version.',
      cause: args.cause,
    })
  }
}
