import { type Hex, hashTypedData } from 'viem'
import { domain } from './LinkAccount.ts'
import * as Struct from './Struct.ts'

/**
 * That what an account signed to be one participant's with another is over, as far as it was signed by then. Signed by the one alone: it takes
 * two to be one, and one to part. Both are CAIP-10 ids; without another it is over with everybody.
 */
const fields = [
  { name: 'account', type: 'string' },
  { name: 'other', type: 'string' },
  { name: 'issuedAt', type: 'uint64' },
] as const

export const types = { EndConsent: fields } as const

export type EndConsent = Struct.Of<typeof fields>

/** An end as JSON carries it: bigints as decimal strings. */
export type Message = Struct.MessageOf<typeof fields>

/** What a viem account signs: `account.signTypedData(EndConsent.typedData(end))`. The domain is `LinkAccount`'s. */
export function typedData(end: EndConsent) {
  return { domain, types, primaryType: 'EndConsent', message: end } as const
}

/** The digest that the account signs. */
export function digest(end: EndConsent): Hex {
  return hashTypedData(typedData(end))
}

/**
 * An end as JSON carries it.
 *
 * @throws {Struct.MalformedError} a field is missing or out of range.
 */
export function toMessage(end: EndConsent): Message {
  return Struct.toMessage('end', fields, end)
}

/**
 * The end that a JSON message carries.
 *
 * @throws {Struct.MalformedError} a field is missing, unknown, of another kind, or out of range.
 */
export function fromMessage(message: unknown): EndConsent {
  return Struct.fromMessage('end', fields, message)
}
