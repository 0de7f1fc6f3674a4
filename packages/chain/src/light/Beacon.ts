/** What a beacon node answers a light client, read strictly, and the roots of it. Nothing in it is believed here. */
import { hexToBytes } from 'viem'
import { bytes, type Hex, hash } from '../Hex.ts'
import { RequestError } from '../JsonRpc.ts'
import * as Ssz from './Ssz.ts'

/** A block of the beacon chain. */
export type Block = {
  readonly slot: number
  readonly proposer: bigint
  readonly parentRoot: Hex
  readonly stateRoot: Hex
  readonly bodyRoot: Hex
}

/** The block of the execution chain that a beacon block carries, as Deneb has it and Electra left it. */
export type Execution = {
  readonly number: bigint
  readonly hash: Hex
  readonly parentHash: Hex
  readonly stateRoot: Hex
  /** Unix seconds. */
  readonly timestamp: number
  /** Of all its fields. */
  readonly root: Ssz.Chunk
}

/** A block with the execution block in it, and the branch from its body to that. */
export type Carrier = { readonly block: Block; readonly execution: Execution; readonly branch: readonly Ssz.Chunk[] }

/** Keys as they are written, in the order in which bits stand for them. */
export type Committee = { readonly keys: readonly Hex[]; readonly aggregate: Hex }

export type Bootstrap = { readonly header: Carrier; readonly committee: Committee; readonly branch: readonly Ssz.Chunk[] }

/** A block that a committee signed, and the block that is final by its state. */
export type Update = {
  readonly attested: Block
  readonly finalized: Carrier
  readonly finality: readonly Ssz.Chunk[]
  /** Who signed: one for each key. */
  readonly bits: readonly boolean[]
  readonly signature: Hex
  readonly signatureSlot: number
  /** The next period's, where the answer brings it. */
  readonly next: { readonly committee: Committee; readonly branch: readonly Ssz.Chunk[] } | null
}

/** @throws {JsonRpc.RequestError} {Hex.MalformedHexError} it is no bootstrap, or has another number of keys than `size`. */
export function parseBootstrap(value: unknown, size: number): Bootstrap {
  const data = part(value, 'data')
  return {
    header: carrier(part(data, 'header')),
    committee: committee(part(data, 'current_sync_committee'), size),
    branch: branch(part(data, 'current_sync_committee_branch')),
  }
}

/** An update with or without the next committee. @throws as `parseBootstrap`. */
export function parseUpdate(value: unknown, size: number): Update {
  const data = part(value, 'data')
  const aggregate = part(data, 'sync_aggregate')
  const next = (data as Record<string, unknown>)['next_sync_committee']
  return {
    attested: block(part(part(data, 'attested_header'), 'beacon')),
    finalized: carrier(part(data, 'finalized_header')),
    finality: branch(part(data, 'finality_branch')),
    bits: bits(part(aggregate, 'sync_committee_bits'), size),
    signature: bytes(part(aggregate, 'sync_committee_signature'), 'signature', 96),
    signatureSlot: slot(part(data, 'signature_slot'), 'signature slot'),
    next:
      next === undefined || next === null
        ? null
        : { committee: committee(next, size), branch: branch(part(data, 'next_sync_committee_branch')) },
  }
}

/** Of a beacon block's header: what a checkpoint names, and what is signed. */
export function rootOf(it: Block): Ssz.Chunk {
  return Ssz.root([
    Ssz.uint(BigInt(it.slot)),
    Ssz.uint(it.proposer),
    ...[it.parentRoot, it.stateRoot, it.bodyRoot].map((root) => hexToBytes(root)),
  ])
}

export function committeeRoot({ keys, aggregate }: Committee): Ssz.Chunk {
  return Ssz.root([Ssz.root(keys.map(Ssz.vector)), Ssz.vector(aggregate)])
}

/** The fields in the order in which they are hashed. A later fork that adds one is another shape. */
const fields: readonly (readonly [name: string, of: (value: unknown, name: string) => Ssz.Chunk])[] = [
  ['parent_hash', fixed(32)],
  ['fee_recipient', fixed(20)],
  ['state_root', fixed(32)],
  ['receipts_root', fixed(32)],
  ['logs_bloom', fixed(256)],
  ['prev_randao', fixed(32)],
  ['block_number', number],
  ['gas_limit', number],
  ['gas_used', number],
  ['timestamp', number],
  ['extra_data', short],
  ['base_fee_per_gas', (value, name) => Ssz.uint(decimal(value, { name, bits: 256n }))],
  ['block_hash', fixed(32)],
  ['transactions_root', fixed(32)],
  ['withdrawals_root', fixed(32)],
  ['blob_gas_used', number],
  ['excess_blob_gas', number],
]

function execution(value: unknown): Execution {
  return {
    root: Ssz.root(fields.map(([name, of]) => of(part(value, name), name))),
    number: decimal(part(value, 'block_number'), { name: 'block_number', bits: 64n }),
    hash: hash(part(value, 'block_hash'), 'block_hash'),
    parentHash: hash(part(value, 'parent_hash'), 'parent_hash'),
    stateRoot: hash(part(value, 'state_root'), 'state_root'),
    timestamp: slot(part(value, 'timestamp'), 'timestamp'),
  }
}

function carrier(value: unknown): Carrier {
  return {
    block: block(part(value, 'beacon')),
    execution: execution(part(value, 'execution')),
    branch: branch(part(value, 'execution_branch')),
  }
}

function block(value: unknown): Block {
  return {
    slot: slot(part(value, 'slot'), 'slot'),
    proposer: decimal(part(value, 'proposer_index'), { name: 'proposer_index', bits: 64n }),
    parentRoot: hash(part(value, 'parent_root'), 'parent_root'),
    stateRoot: hash(part(value, 'state_root'), 'state_root'),
    bodyRoot: hash(part(value, 'body_root'), 'body_root'),
  }
}

function committee(value: unknown, size: number): Committee {
  const keys = part(value, 'pubkeys')
  if (!Array.isArray(keys) || keys.length !== size) throw malformed(`a committee that is not of ${size} keys`)
  return { keys: keys.map((key) => bytes(key, 'key', 48)), aggregate: bytes(part(value, 'aggregate_pubkey'), 'aggregate key', 48) }
}

/** Longer than any branch is. */
const DEEPEST = 64

function branch(value: unknown): readonly Ssz.Chunk[] {
  if (!Array.isArray(value) || value.length > DEEPEST) throw malformed('a branch that is none')
  return value.map((node) => hexToBytes(hash(node, 'branch')))
}

function bits(value: unknown, size: number): readonly boolean[] {
  const given = hexToBytes(bytes(value, 'bits', size / 8))
  return Array.from({ length: size }, (_, i) => (((given[i >> 3] ?? 0) >> (i & 7)) & 1) === 1)
}

function fixed(length: number): (value: unknown, name: string) => Ssz.Chunk {
  return (value, name) => Ssz.vector(bytes(value, name, length))
}

function number(value: unknown, name: string): Ssz.Chunk {
  return Ssz.uint(decimal(value, { name, bits: 64n }))
}

function short(value: unknown, name: string): Ssz.Chunk {
  const given = bytes(value, name)
  if (given.length > 66) throw malformed(`${name} of more than 32 bytes`)
  return Ssz.list(given)
}

function decimal(value: unknown, { name, bits }: { readonly name: string; readonly bits: bigint }): bigint {
  if (typeof value !== 'string' || !/^(0|[1-9][0-9]{0,77})$/.test(value)) throw malformed(`${name} that is no integer in decimals`)
  const read = BigInt(value)
  if (read >> bits !== 0n) throw malformed(`${name} of more than ${bits} bits`)
  return read
}

function slot(value: unknown, name: string): number {
  const read = decimal(value, { name, bits: 64n })
  if (read > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed(`${name} beyond 2^53`)
  return Number(read)
}

function part(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(`something without ${name}`)
  const found = (value as Record<string, unknown>)[name]
  if (found === undefined || found === null) throw malformed(`something without ${name}`)
  return found
}

function malformed(detail: string): RequestError {
  return new RequestError({ code: 'RPC_MALFORMED', detail: `it sent ${detail}` })
}
