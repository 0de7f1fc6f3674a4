/** A contract's event as a node reports it. */

import type { Hex } from './Hex.ts'
import { address, bytes, hash, integer, quantity } from './Hex.ts'
import { RequestError } from './JsonRpc.ts'

export type Log = {
  readonly address: Hex
  readonly topics: readonly Hex[]
  readonly data: Hex
  readonly blockNumber: bigint
  readonly blockHash: Hex
  readonly transactionHash: Hex
  readonly logIndex: number
}

/**
 * The logs of one `eth_getLogs` answer, in chain order.
 *
 * @throws {JsonRpc.RequestError} RPC_MALFORMED: no array, a log marked as removed, or one twice.
 * @throws {Hex.MalformedHexError}
 */
export function parseAll(value: unknown): readonly Log[] {
  if (!Array.isArray(value)) throw new RequestError({ code: 'RPC_MALFORMED', detail: 'not a list of logs' })
  const logs = value.map(parse).sort(order)
  if (new Set(logs.map(key)).size !== logs.length) throw new RequestError({ code: 'RPC_MALFORMED', detail: 'one log twice' })
  return logs
}

function parse(value: unknown): Log {
  if (typeof value !== 'object' || value === null) throw new RequestError({ code: 'RPC_MALFORMED', detail: 'not a log' })
  const log = value as Record<string, unknown>
  if (log['removed'] === true) throw new RequestError({ code: 'RPC_MALFORMED', detail: 'a removed log' })
  const topics = log['topics']
  if (!Array.isArray(topics) || topics.length > 4) throw new RequestError({ code: 'RPC_MALFORMED', detail: 'a log without topics' })
  return {
    address: address(log['address'], 'log address'),
    topics: topics.map((topic) => hash(topic, 'log topic')),
    data: bytes(log['data'], 'log data'),
    blockNumber: quantity(log['blockNumber'], 'log block number'),
    blockHash: hash(log['blockHash'], 'log block hash'),
    transactionHash: hash(log['transactionHash'], 'log transaction hash'),
    logIndex: integer(log['logIndex'], 'log index'),
  }
}

/** Block, then index. */
export function order(a: Log, b: Log): number {
  if (a.blockNumber !== b.blockNumber) return a.blockNumber < b.blockNumber ? -1 : 1
  return a.logIndex - b.logIndex
}

/** Everything that two sources must agree on to mean the same event. */
export function key(log: Log): string {
  return [log.blockNumber, log.blockHash, log.logIndex, log.transactionHash, log.address, log.topics.join(','), log.data].join(':')
}

/**
 * Every log that any source reports, once, in chain order.
 *
 * @param answers - one list a source.
 */
export function union(answers: readonly (readonly Log[])[]): readonly Log[] {
  return [...new Map(answers.flat().map((log) => [key(log), log])).values()].sort(order)
}
