/** Values of a contract's storage, proven against a state root: nobody can lie about them once the header is known. */
import { MerklePatriciaTrie, updateMPTFromMerkleProof } from '@ethereumjs/mpt'
import { RLP } from '@ethereumjs/rlp'
import { bytesToHex, hexToBytes, keccak256, numberToHex } from 'viem'
import { BaseError } from './BaseError.ts'
import type { Header } from './Header.ts'
import { bytes, type Hex, integer, hash as parseHash, quantity } from './Hex.ts'

/** What an account's storage is, by the state it was proven against. */
export type Storage = {
  /** Root of the account's storage: equal roots mean equal values everywhere in it. */
  readonly storageRoot: Hex
  /** One a slot asked for, in order. 0 where a slot is proven to hold nothing. */
  readonly values: readonly bigint[]
}

/** The fields of a header in the order they are hashed in; the later ones came with later forks, and none is left out between two. */
const FIELDS: readonly (readonly [name: string, kind: 'bytes' | 'quantity', since: 'always' | 'fork'])[] = [
  ['parentHash', 'bytes', 'always'],
  ['sha3Uncles', 'bytes', 'always'],
  ['miner', 'bytes', 'always'],
  ['stateRoot', 'bytes', 'always'],
  ['transactionsRoot', 'bytes', 'always'],
  ['receiptsRoot', 'bytes', 'always'],
  ['logsBloom', 'bytes', 'always'],
  ['difficulty', 'quantity', 'always'],
  ['number', 'quantity', 'always'],
  ['gasLimit', 'quantity', 'always'],
  ['gasUsed', 'quantity', 'always'],
  ['timestamp', 'quantity', 'always'],
  ['extraData', 'bytes', 'always'],
  ['mixHash', 'bytes', 'always'],
  ['nonce', 'bytes', 'always'],
  ['baseFeePerGas', 'quantity', 'fork'],
  ['withdrawalsRoot', 'bytes', 'fork'],
  ['blobGasUsed', 'quantity', 'fork'],
  ['excessBlobGas', 'quantity', 'fork'],
  ['parentBeaconBlockRoot', 'bytes', 'fork'],
  ['requestsHash', 'bytes', 'fork'],
]

/** The root of a trie that holds nothing: keccak of the empty string's RLP. */
const EMPTY_ROOT: Hex = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421'

/**
 * The state root that a block's hash commits to.
 *
 * The header is encoded anew from its fields, and its keccak must be the hash that a quorum agreed on; so must number, parent and time be those
 * agreed on.
 *
 * @param block - what `eth_getBlockByHash` answered. Untrusted.
 * @param header - what a quorum agreed on.
 * @throws {InvalidProofError} the fields are not those that were hashed.
 * @throws {Hex.MalformedHexError}
 */
export function stateRoot(block: unknown, header: Header): Hex {
  if (typeof block !== 'object' || block === null) throw new InvalidProofError({ detail: 'there is no header' })
  const fields = block as Record<string, unknown>
  const present = FIELDS.filter(([name, , since]) => since === 'always' || (fields[name] !== undefined && fields[name] !== null))
  const encoded = RLP.encode(
    present.map(([name, kind]) => (kind === 'bytes' ? hexToBytes(bytes(fields[name], name)) : trimmed(quantity(fields[name], name)))),
  )
  if (keccak256(encoded) !== header.hash) throw new InvalidProofError({ detail: `its header does not hash to ${header.hash}` })
  const same =
    quantity(fields['number'], 'number') === header.number &&
    integer(fields['timestamp'], 'timestamp') === header.timestamp &&
    parseHash(fields['parentHash'], 'parentHash') === header.parentHash
  if (!same) throw new InvalidProofError({ detail: `the header of ${header.hash} has another number, time or parent than was agreed on` })
  return parseHash(fields['stateRoot'], 'stateRoot')
}

/**
 * Checks what `eth_getProof` answered, from the state root through the account down to each slot.
 *
 * Only nodes count; the values that the answer names beside them are not read. A slot that holds nothing is proven to hold nothing.
 *
 * @param args.answer - Untrusted.
 * @param args.slots - 32 bytes each.
 * @throws {InvalidProofError} a node is missing or is not the one its parent names.
 * @throws {Hex.MalformedHexError}
 */
export async function verify(args: verify.Args): Promise<Storage> {
  const { answer, stateRoot, address, slots } = args
  const { accountProof, storageProof } = shapeOf(answer)
  const account = await lookup({ root: stateRoot, nodes: accountProof, keys: [address], what: `account ${address}` })
  const storageRoot = rootOf(account[0] ?? null, address)
  if (storageRoot === EMPTY_ROOT) return { storageRoot, values: slots.map(() => 0n) }
  const found =
    slots.length === 0 ? [] : await lookup({ root: storageRoot, nodes: storageProof, keys: slots, what: `storage of ${address}` })
  return { storageRoot, values: found.map((value) => (value === null ? 0n : wordOf(value))) }
}

export declare namespace verify {
  type Args = { readonly answer: unknown; readonly stateRoot: Hex; readonly address: Hex; readonly slots: readonly Hex[] }
  type ErrorType = InvalidProofError
}

/** What each key leads to from the root, or null where the nodes prove that it leads nowhere. Nodes are found by their own hash. */
async function lookup(args: {
  readonly root: Hex
  readonly nodes: readonly Uint8Array[]
  readonly keys: readonly Hex[]
  readonly what: string
}): Promise<readonly (Uint8Array | null)[]> {
  const { root, nodes, keys, what } = args
  const trie = new MerklePatriciaTrie({ root: hexToBytes(root), useKeyHashing: true })
  try {
    await updateMPTFromMerkleProof(trie, [...nodes])
    const values: (Uint8Array | null)[] = []
    for (const key of keys) values.push(await trie.get(hexToBytes(key), true))
    return values
  } catch (cause) {
    throw new InvalidProofError({ detail: `the proof of the ${what} does not lead from ${root}`, cause })
  }
}

function shapeOf(answer: unknown): { readonly accountProof: readonly Uint8Array[]; readonly storageProof: readonly Uint8Array[] } {
  if (typeof answer !== 'object' || answer === null) throw new InvalidProofError({ detail: 'there is no proof' })
  const { accountProof, storageProof } = answer as { readonly accountProof?: unknown; readonly storageProof?: unknown }
  if (!Array.isArray(storageProof)) throw new InvalidProofError({ detail: 'the proof names no storage' })
  const perSlot = storageProof.flatMap((one: unknown) => nodesOf((one as { readonly proof?: unknown } | null)?.proof))
  const bytesOf = (nodes: readonly Hex[]) => [...new Set(nodes)].map((node) => hexToBytes(node))
  return { accountProof: bytesOf(nodesOf(accountProof)), storageProof: bytesOf(perSlot) }
}

function nodesOf(value: unknown): readonly Hex[] {
  if (!Array.isArray(value)) throw new InvalidProofError({ detail: 'a part of the proof is no list of nodes' })
  return value.map((node: unknown) => bytes(node, 'proof node'))
}

/** An account is `[nonce, balance, storage root, code hash]`; none at all has no storage. */
function rootOf(account: Uint8Array | null, address: Hex): Hex {
  if (account === null) return EMPTY_ROOT
  const fields = decoded(account)
  const root = Array.isArray(fields) && fields.length === 4 ? fields[2] : null
  if (!(root instanceof Uint8Array) || root.length !== 32)
    throw new InvalidProofError({ detail: `what is proven of ${address} is no account` })
  return bytesToHex(root)
}

function wordOf(value: Uint8Array): bigint {
  const word = decoded(value)
  if (!(word instanceof Uint8Array) || word.length > 32) throw new InvalidProofError({ detail: 'what is proven of a slot is no word' })
  return word.length === 0 ? 0n : BigInt(bytesToHex(word))
}

function decoded(value: Uint8Array): unknown {
  try {
    return RLP.decode(value)
  } catch (cause) {
    throw new InvalidProofError({ detail: 'what is proven is not encoded as RLP', cause })
  }
}

/** A number as RLP has it: without leading zeros, zero as nothing. */
function trimmed(value: bigint): Uint8Array {
  return value === 0n ? new Uint8Array() : hexToBytes(numberToHex(value))
}

/** Thrown when a source's proof does not lead from the agreed header to a value. */
export class InvalidProofError extends BaseError {
  override readonly name = 'MerkleProof.InvalidProofError'
  readonly detail: string

  constructor(args: { readonly detail: string; readonly cause?: unknown }) {
    super({
      code: 'PROOF_INVALID',
      message: `The proof is not valid: ${args.detail}.`,
      hint: 'The source forges or does not keep the state of this block. Look at it, or ask another.',
      cause: args.cause,
    })
    this.detail = args.detail
  }
}
