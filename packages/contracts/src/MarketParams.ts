import { type Address, type Hex, hashTypedData } from 'viem'
import * as Struct from './Struct.ts'

/** A new maintenance margin, as `PerpVenue` checks it. It ramps from `effectiveAt` on. */
const fields = [
  { name: 'market', type: 'bytes32' },
  { name: 'mmPpm', type: 'uint32' },
  { name: 'effectiveAt', type: 'uint64' },
  { name: 'sequence', type: 'uint64' },
  { name: 'epoch', type: 'uint32' },
] as const

export const types = { MarketParams: fields } as const

export type MarketParams = Struct.Of<typeof fields>

/** A market-parameters order as JSON carries it: bigints as decimal strings. */
export type Message = Struct.MessageOf<typeof fields>

/** Where it counts. */
export type Venue = {
  readonly chainId: number
  /** The `PerpVenue`. */
  readonly verifyingContract: Address
}

/** One venue on one chain: the same signature does not count at another. */
export function domain(venue: Venue) {
  return { name: 'Plimsoll PerpVenue', version: '1', chainId: venue.chainId, verifyingContract: venue.verifyingContract } as const
}

/** What a viem account signs. */
export function typedData(message: MarketParams, venue: Venue) {
  return { domain: domain(venue), types, primaryType: 'MarketParams', message } as const
}

/** What `PerpVenue.digestOf` answers on that chain. */
export function digest(message: MarketParams, venue: Venue): Hex {
  return hashTypedData(typedData(message, venue))
}

/**
 * A market-parameters order as JSON carries it.
 *
 * @throws {Struct.MalformedError} a field is missing or out of range.
 */
export function toMessage(struct: MarketParams): Message {
  return Struct.toMessage('market-parameters order', fields, struct)
}

/**
 * What a JSON message carries.
 *
 * @throws {Struct.MalformedError} a field is missing, unknown, of another kind, or out of range.
 */
export function fromMessage(message: unknown): MarketParams {
  return Struct.fromMessage('market-parameters order', fields, message)
}
