import { type Address, type Hex, hashTypedData } from 'viem'
import * as Struct from './Struct.ts'

/** An order to pay out locked collateral once, as `CollateralVault` checks it. Amounts in the token's own units. */
const fields = [
  { name: 'id', type: 'bytes32' },
  { name: 'account', type: 'address' },
  { name: 'token', type: 'address' },
  { name: 'amount', type: 'uint128' },
  { name: 'to', type: 'address' },
  { name: 'deadline', type: 'uint64' },
  { name: 'epoch', type: 'uint32' },
] as const

export const types = { Release: fields } as const

export type Release = Struct.Of<typeof fields>

/** A release as JSON carries it: bigints as decimal strings. */
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
export function typedData(message: Release, vault: Vault) {
  return { domain: domain(vault), types, primaryType: 'Release', message } as const
}

/** What `CollateralVault.digestOf` answers on that chain. */
export function digest(message: Release, vault: Vault): Hex {
  return hashTypedData(typedData(message, vault))
}

/**
 * A release as JSON carries it.
 *
 * @throws {Struct.MalformedError} a field is missing or out of range.
 */
export function toMessage(struct: Release): Message {
  return Struct.toMessage('release', fields, struct)
}

/**
 * What a JSON message carries.
 *
 * @throws {Struct.MalformedError} a field is missing, unknown, of another kind, or out of range.
 */
export function fromMessage(message: unknown): Release {
  return Struct.fromMessage('release', fields, message)
}
