/** The part of a block's header that a reader pins to. */

import type { Hex } from './Hex.ts'
import { hash, integer, quantity } from './Hex.ts'
import { RequestError } from './JsonRpc.ts'

export type Header = {
  readonly number: bigint
  readonly hash: Hex
  readonly parentHash: Hex
  /** Unix seconds, by the chain's own clock. */
  readonly timestamp: number
}

/**
 * A header out of what `eth_getBlockByNumber` answered.
 *
 * @throws {JsonRpc.RequestError} RPC_BLOCK_UNKNOWN when the source has no such block (null), RPC_MALFORMED when it is not a block.
 * @throws {Hex.MalformedHexError}
 *
 * @example
 * Header.parse({ number: '0x1', hash: `0x${'aa'.repeat(32)}`, parentHash: `0x${'bb'.repeat(32)}`, timestamp: '0x64' }).timestamp
 * // => 100
 */
export function parse(value: unknown): Header {
  if (value === null) throw new RequestError({ code: 'RPC_BLOCK_UNKNOWN', detail: 'the source does not have this block' })
  if (typeof value !== 'object' || Array.isArray(value)) throw new RequestError({ code: 'RPC_MALFORMED', detail: 'not a block' })
  const block = value as Record<string, unknown>
  return {
    number: quantity(block['number'], 'block number'),
    hash: hash(block['hash'], 'block hash'),
    parentHash: hash(block['parentHash'], 'parent hash'),
    timestamp: integer(block['timestamp'], 'block timestamp'),
  }
}

/**
 * Everything two sources must agree on to mean the same block. The hash alone would let a source lie about the time.
 *
 * @example
 * Header.key({ number: 1n, hash: '0xaa', parentHash: '0xbb', timestamp: 100 })
 * // => '1:0xaa:0xbb:100'
 */
export function key(header: Header): string {
  return `${header.number}:${header.hash}:${header.parentHash}:${header.timestamp}`
}
