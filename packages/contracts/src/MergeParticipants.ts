import { type Hex, hashTypedData } from 'viem'
import { domain } from './LinkAccount.ts'
import * as Struct from './Struct.ts'

/**
 * That two participants are one. Signed by an account of each side, naming both participants and both accounts, so that nobody's record is
 * joined to a stranger's. `from` ends, `into` has everything of both; the accounts are CAIP-10 ids.
 */
const fields = [
  { name: 'from', type: 'bytes32' },
  { name: 'into', type: 'bytes32' },
  { name: 'fromAccount', type: 'string' },
  { name: 'intoAccount', type: 'string' },
  { name: 'nonce', type: 'bytes32' },
  { name: 'issuedAt', type: 'uint64' },
  { name: 'expiresAt', type: 'uint64' },
] as const

export const types = { MergeParticipants: fields } as const

export type MergeParticipants = Struct.Of<typeof fields>

/** A merge as JSON carries it: bigints as decimal strings. */
export type Message = Struct.MessageOf<typeof fields>

/** What a viem account signs: `account.signTypedData(MergeParticipants.typedData(merge))`. The domain is `LinkAccount`'s. */
export function typedData(merge: MergeParticipants) {
  return { domain, types, primaryType: 'MergeParticipants', message: merge } as const
}

/** The digest that both accounts sign. */
export function digest(merge: MergeParticipants): Hex {
  return hashTypedData(typedData(merge))
}

/**
 * A merge as JSON carries it.
 *
 * @throws {Struct.MalformedError} a field is missing or out of range.
 */
export function toMessage(merge: MergeParticipants): Message {
  return Struct.toMessage('merge', fields, merge)
}

/**
 * The merge that a JSON message carries.
 *
 * @throws {Struct.MalformedError} a field is missing, unknown, of another kind, or out of range.
 */
export function fromMessage(message: unknown): MergeParticipants {
  return Struct.fromMessage('merge', fields, message)
}
