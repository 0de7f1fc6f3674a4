import { type Address, encodeAbiParameters, type Hex, hashTypedData, keccak256 } from 'viem'
import * as Struct from './Struct.ts'

/** An order to lower an account's credit at a venue, as `LimitBook` checks it. USD × 1e18, times in unix seconds. */
const fields = [
  { name: 'account', type: 'address' },
  { name: 'venue', type: 'address' },
  { name: 'credit', type: 'uint128' },
  { name: 'sequence', type: 'uint64' },
  { name: 'epoch', type: 'uint32' },
  { name: 'inputsHash', type: 'bytes32' },
  { name: 'issuedAt', type: 'uint64' },
] as const

export const types = { MarkDown: fields } as const

export type MarkDown = Struct.Of<typeof fields>

/** A mark-down as JSON carries it: bigints as decimal strings. */
export type Message = Struct.MessageOf<typeof fields>

/**
 * What a mark-down stands on. The signers attest amounts (in the asset's own units), haircuts and the venue's share of what is bound;
 * the book's chain adds its own prices, and refuses a credit below what comes out. Rates in ppm.
 */
export type Evidence = {
  readonly lots: readonly { readonly asset: Hex; readonly amount: bigint; readonly haircutPpm: number }[]
  readonly sharePpm: number
}

/** Where it counts. */
export type Book = {
  readonly chainId: number
  /** The `LimitBook`. */
  readonly verifyingContract: Address
}

/** One book on one chain: the same signature does not count at another. */
export function domain(book: Book) {
  return { name: 'Plimsoll LimitBook', version: '1', chainId: book.chainId, verifyingContract: book.verifyingContract } as const
}

/** What a viem account signs. */
export function typedData(message: MarkDown, book: Book) {
  return { domain: domain(book), types, primaryType: 'MarkDown', message } as const
}

/** What `LimitBook.markDownDigestOf` answers on that chain. */
export function digest(message: MarkDown, book: Book): Hex {
  return hashTypedData(typedData(message, book))
}

/**
 * The `inputsHash` of a mark-down: keccak256 of its evidence as the contract encodes it.
 *
 * @example
 * MarkDown.hashOf({ lots: [], sharePpm: 0 })
 * // => '0x3eb8a6369a0e4504d7ddd99048d1219183224c81f42348576a4573043ee0ecf4'
 */
export function hashOf(evidence: Evidence): Hex {
  return keccak256(encodeAbiParameters(evidenceParameters, [evidence]))
}

const lot = [
  { name: 'asset', type: 'bytes32' },
  { name: 'amount', type: 'uint128' },
  { name: 'haircutPpm', type: 'uint32' },
] as const
const evidenceParameters = [
  {
    type: 'tuple',
    components: [
      { name: 'lots', type: 'tuple[]', components: lot },
      { name: 'sharePpm', type: 'uint32' },
    ],
  },
] as const

/**
 * A mark-down as JSON carries it.
 *
 * @throws {Struct.MalformedError} a field is missing or out of range.
 */
export function toMessage(struct: MarkDown): Message {
  return Struct.toMessage('mark-down', fields, struct)
}

/**
 * What a JSON message carries.
 *
 * @throws {Struct.MalformedError} a field is missing, unknown, of another kind, or out of range.
 */
export function fromMessage(message: unknown): MarkDown {
  return Struct.fromMessage('mark-down', fields, message)
}
