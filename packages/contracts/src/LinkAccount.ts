import { type Hex, hashTypedData } from 'viem'
import * as Struct from './Struct.ts'

/**
 * That two accounts are one participant's. Signed by both, each naming the other, so that nobody can be given a stranger's record or
 * take a stranger's good name. `account` is the new one, `primary` a current one; both are CAIP-10 ids.
 */
const fields = [
  { name: 'participantId', type: 'bytes32' },
  { name: 'account', type: 'string' },
  { name: 'primary', type: 'string' },
  { name: 'nonce', type: 'bytes32' },
  { name: 'issuedAt', type: 'uint64' },
  { name: 'expiresAt', type: 'uint64' },
] as const

export const types = { LinkAccount: fields } as const

/** No chain and no contract: an account is linked on every chain. */
export const domain = { name: 'Plimsoll', version: '1' } as const

export type LinkAccount = Struct.Of<typeof fields>

/** A link as JSON carries it: bigints as decimal strings. */
export type Message = Struct.MessageOf<typeof fields>

/** What a viem account signs: `account.signTypedData(LinkAccount.typedData(link))`. */
export function typedData(link: LinkAccount) {
  return { domain, types, primaryType: 'LinkAccount', message: link } as const
}

/** The digest that both accounts sign. */
export function digest(link: LinkAccount): Hex {
  return hashTypedData(typedData(link))
}

/**
 * A link as JSON carries it.
 *
 * @throws {Struct.MalformedError} a field is missing or out of range.
 */
export function toMessage(link: LinkAccount): Message {
  return Struct.toMessage('link', fields, link)
}

/**
 * The link that a JSON message carries.
 *
 * @throws {Struct.MalformedError} a field is missing, unknown, of another kind, or out of range.
 */
export function fromMessage(message: unknown): LinkAccount {
  return Struct.fromMessage('link', fields, message)
}
