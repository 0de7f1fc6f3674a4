import { type Address, type Hex, hashTypedData } from 'viem'
import * as Struct from './Struct.ts'
import * as TypedData from './TypedData.ts'

/**
 * A signed limit, as `LimitBook` checks it. USD × 1e18, rates in ppm, times in unix seconds.
 *
 * The field order is the order in which EIP-712 hashes them.
 */
const fields = [
  { name: 'participantId', type: 'bytes32' },
  { name: 'account', type: 'address' },
  { name: 'venue', type: 'address' },
  { name: 'market', type: 'bytes32' },
  { name: 'maxNotional', type: 'uint128' },
  { name: 'credit', type: 'uint128' },
  { name: 'imPpm', type: 'uint32' },
  { name: 'sequence', type: 'uint64' },
  { name: 'issuedAt', type: 'uint64' },
  { name: 'expiresAt', type: 'uint64' },
  { name: 'epoch', type: 'uint32' },
  { name: 'inputsHash', type: 'bytes32' },
  { name: 'modelHash', type: 'bytes32' },
  { name: 'paramsHash', type: 'bytes32' },
] as const

/** Its name in EIP-712 is `Limit`. */
export const types = { Limit: fields } as const

export type Certificate = Struct.Of<typeof fields>

/** A certificate as JSON carries it: bigints as decimal strings. */
export type Message = Struct.MessageOf<typeof fields>

/** Where a certificate counts. */
export type Book = {
  readonly chainId: number
  /** The `LimitBook`. */
  readonly verifyingContract: Address
}

/** One book on one chain: the same certificate does not count at another. */
export function domain(book: Book) {
  return { name: 'Plimsoll LimitBook', version: '1', chainId: book.chainId, verifyingContract: book.verifyingContract } as const
}

/** What a viem account signs: `account.signTypedData(Certificate.typedData(certificate, book))`. */
export function typedData(certificate: Certificate, book: Book) {
  return { domain: domain(book), types, primaryType: 'Limit', message: certificate } as const
}

/** What `LimitBook.digestOf` answers on that chain. */
export function digest(certificate: Certificate, book: Book): Hex {
  return digestOf(certificate, domain(book)) ?? hashTypedData(typedData(certificate, book))
}

const digestOf = TypedData.digest('Limit', fields)

/** What the contract's ABI takes: the fields of a certificate and no other. */
export function toStruct(certificate: Certificate): Certificate {
  return Object.fromEntries(fields.map(({ name }) => [name, certificate[name]])) as Certificate
}

/**
 * A certificate as JSON carries it.
 *
 * @throws {Struct.MalformedError} a field is missing or out of range.
 */
export function toMessage(certificate: Certificate): Message {
  return Struct.toMessage('certificate', fields, certificate)
}

/**
 * The certificate that a JSON message carries.
 *
 * @throws {Struct.MalformedError} a field is missing, unknown, of another kind, or out of range.
 */
export function fromMessage(message: unknown): Certificate {
  return Struct.fromMessage('certificate', fields, message)
}
