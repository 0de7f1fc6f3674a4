import { type Address, encodeAbiParameters, type Hex, hashTypedData, keccak256 } from 'viem'
import * as Struct from './Struct.ts'

/**
 * An order to pay a venue's claim from locked collateral, as `CollateralVault` checks it. Amounts in the token's own units.
 *
 * `encumbrance` is what the venue has bound of the account's collateral: the claim stops there.
 */
const fields = [
  { name: 'id', type: 'bytes32' },
  { name: 'account', type: 'address' },
  { name: 'token', type: 'address' },
  { name: 'amount', type: 'uint128' },
  { name: 'venueChainId', type: 'uint64' },
  { name: 'venue', type: 'address' },
  { name: 'escrow', type: 'address' },
  { name: 'encumbrance', type: 'uint128' },
  { name: 'deadline', type: 'uint64' },
  { name: 'epoch', type: 'uint32' },
] as const

export const types = { Settlement: fields } as const

export type Settlement = Struct.Of<typeof fields>

/** A settlement as JSON carries it: bigints as decimal strings. */
export type Message = Struct.MessageOf<typeof fields>

/** Where it counts. */
export type Vault = {
  readonly chainId: number
  /** The `CollateralVault`. */
  readonly verifyingContract: Address
}

/** One vault on one chain: the same signature does not count at another. */
export function domain(vault: Vault) {
  return { name: 'Plimsoll CollateralVault', version: '1', chainId: vault.chainId, verifyingContract: vault.verifyingContract } as const
}

/** What a viem account signs. */
export function typedData(message: Settlement, vault: Vault) {
  return { domain: domain(vault), types, primaryType: 'Settlement', message } as const
}

/** What `CollateralVault.settlementDigestOf` answers on that chain. */
export function digest(message: Settlement, vault: Vault): Hex {
  return hashTypedData(typedData(message, vault))
}

/**
 * What a vault keeps a venue's escrow under: keccak256 of its chain and address, each in 32 bytes.
 *
 * @example
 * Settlement.venueId(1, '0x0000000000000000000000000000000000000001')
 * // => '0xcc69885fda6bcc1a4ace058b4a62bf5e179ea78fd58a1ccd71c22cc9b688792f'
 */
export function venueId(chainId: number, venue: Address): Hex {
  return keccak256(encodeAbiParameters([{ type: 'uint64' }, { type: 'address' }], [BigInt(chainId), venue]))
}

/**
 * A settlement as JSON carries it.
 *
 * @throws {Struct.MalformedError} a field is missing or out of range.
 */
export function toMessage(struct: Settlement): Message {
  return Struct.toMessage('settlement', fields, struct)
}

/**
 * What a JSON message carries.
 *
 * @throws {Struct.MalformedError} a field is missing, unknown, of another kind, or out of range.
 */
export function fromMessage(message: unknown): Settlement {
  return Struct.fromMessage('settlement', fields, message)
}
