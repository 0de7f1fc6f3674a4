import { type Address, decodeAbiParameters, encodeAbiParameters, encodePacked, type Hex, hashTypedData, keccak256, stringToHex } from 'viem'
import { BaseError } from './BaseError.ts'

/** An attestation that no chain stores: its attester signs it, and whoever holds it can show it. EAS, version 2 of the off-chain form. */
export type Attestation = {
  readonly schema: Hex
  readonly recipient: Address
  readonly time: bigint
  /** 0 for one that does not expire. */
  readonly expirationTime: bigint
  readonly revocable: boolean
  readonly refUID: Hex
  readonly data: Hex
  readonly salt: Hex
}

/** The registry that an attestation speaks to. `version` is what its `version()` says. */
export type Registry = { readonly chainId: number; readonly address: Address; readonly version: string }

const offchainVersion = 2

const attestFields = [
  { name: 'version', type: 'uint16' },
  { name: 'schema', type: 'bytes32' },
  { name: 'recipient', type: 'address' },
  { name: 'time', type: 'uint64' },
  { name: 'expirationTime', type: 'uint64' },
  { name: 'revocable', type: 'bool' },
  { name: 'refUID', type: 'bytes32' },
  { name: 'data', type: 'bytes' },
  { name: 'salt', type: 'bytes32' },
] as const

const delegatedFields = [
  { name: 'attester', type: 'address' },
  { name: 'schema', type: 'bytes32' },
  { name: 'recipient', type: 'address' },
  { name: 'expirationTime', type: 'uint64' },
  { name: 'revocable', type: 'bool' },
  { name: 'refUID', type: 'bytes32' },
  { name: 'data', type: 'bytes' },
  { name: 'value', type: 'uint256' },
  { name: 'nonce', type: 'uint256' },
  { name: 'deadline', type: 'uint64' },
] as const

const zeroAddress: Address = `0x${'00'.repeat(20)}`

/** What an attester signs: `account.signTypedData(Attestation.typedData(attestation, registry))`. */
export function typedData(attestation: Attestation, registry: Registry) {
  const { chainId, address, version } = registry
  return {
    domain: { name: 'EAS Attestation', version, chainId, verifyingContract: address },
    types: { Attest: attestFields },
    primaryType: 'Attest',
    message: { version: offchainVersion, ...attestation },
  } as const
}

/** The digest under an attestation that no chain stores. */
export function digest(attestation: Attestation, registry: Registry): Hex {
  return hashTypedData(typedData(attestation, registry))
}

/** The id of an attestation that no chain stores: what is revoked, and what a batch is made of. */
export function uid(attestation: Attestation): Hex {
  const { schema, recipient, time, expirationTime, revocable, refUID, data, salt } = attestation
  return keccak256(
    encodePacked(
      ['uint16', 'bytes', 'address', 'address', 'uint64', 'uint64', 'bool', 'bytes32', 'bytes', 'bytes32', 'uint32'],
      [offchainVersion, stringToHex(schema), recipient, zeroAddress, time, expirationTime, revocable, refUID, data, salt, 0],
    ),
  )
}

/** What the registry's contract stores under, for the `bump`th attestation that would be the same. */
export function storedUid(attestation: Omit<Attestation, 'salt'> & { readonly attester: Address; readonly bump: number }): Hex {
  const { schema, recipient, attester, time, expirationTime, revocable, refUID, data, bump } = attestation
  return keccak256(
    encodePacked(
      ['bytes32', 'address', 'address', 'uint64', 'uint64', 'bool', 'bytes32', 'bytes', 'uint32'],
      [schema, recipient, attester, time, expirationTime, revocable, refUID, data, bump],
    ),
  )
}

/** What an attester signs so that somebody else pays for storing it: checked by the registry's contract. */
export function delegation(request: Delegation, registry: Registry) {
  const { chainId, address, version } = registry
  return {
    domain: { name: 'EAS', version, chainId, verifyingContract: address },
    types: { Attest: delegatedFields },
    primaryType: 'Attest',
    message: request,
  } as const
}

export type Delegation = Omit<Attestation, 'salt' | 'time'> & {
  readonly attester: Address
  readonly value: bigint
  readonly nonce: bigint
  readonly deadline: bigint
}

/**
 * The id of a schema, as the registry gives it.
 *
 * @example
 * Attestation.schemaUid({ schema: 'bool like', resolver: '0x0000000000000000000000000000000000000000', revocable: true })
 * // => '0x33e9094830a5cba5554d1954310e4fbed2ef5f859ec1404619adea4207f391fd'
 */
export function schemaUid(args: { readonly schema: string; readonly resolver: Address; readonly revocable: boolean }): Hex {
  return keccak256(encodePacked(['string', 'address', 'bool'], [args.schema, args.resolver, args.revocable]))
}

/** What we say of a participant: its tier on a day, by which model, and the root of the evidence it keeps. No feature of its record. */
export const tierSchema = 'bytes32 participantId,uint8 tier,uint64 asOf,bytes32 modelHash,bytes32 evidenceRoot'

/** What others say of a person: the claim, the scope it is unique in, and a nullifier that is the same person's every time. */
export const claimSchema = 'bytes32 claim,bytes32 scope,bytes32 nullifier'

const tierTypes = [
  { name: 'participantId', type: 'bytes32' },
  { name: 'tier', type: 'uint8' },
  { name: 'asOf', type: 'uint64' },
  { name: 'modelHash', type: 'bytes32' },
  { name: 'evidenceRoot', type: 'bytes32' },
] as const
const claimTypes = [
  { name: 'claim', type: 'bytes32' },
  { name: 'scope', type: 'bytes32' },
  { name: 'nullifier', type: 'bytes32' },
] as const

export type TierClaim = {
  readonly participantId: Hex
  readonly tier: number
  readonly asOf: bigint
  readonly modelHash: Hex
  readonly evidenceRoot: Hex
}

export type PersonClaim = { readonly claim: Hex; readonly scope: Hex; readonly nullifier: Hex }

/** The data of an attestation under `tierSchema`. */
export function encodeTier(claim: TierClaim): Hex {
  return encodeAbiParameters(tierTypes, [claim.participantId, claim.tier, claim.asOf, claim.modelHash, claim.evidenceRoot])
}

/** @throws {MalformedDataError} the bytes are not those of `tierSchema`. */
export function decodeTier(data: Hex): TierClaim {
  const [participantId, tier, asOf, modelHash, evidenceRoot] = decoded(tierTypes, data, encodeAbiParameters)
  return { participantId, tier, asOf, modelHash, evidenceRoot }
}

/** The data of an attestation under `claimSchema`. */
export function encodeClaim(claim: PersonClaim): Hex {
  return encodeAbiParameters(claimTypes, [claim.claim, claim.scope, claim.nullifier])
}

/** @throws {MalformedDataError} the bytes are not those of `claimSchema`. */
export function decodeClaim(data: Hex): PersonClaim {
  const [claim, scope, nullifier] = decoded(claimTypes, data, encodeAbiParameters)
  return { claim, scope, nullifier }
}

/** One reading only: bytes that encode otherwise than they decode are refused, or one claim would have several ids. */
function decoded<const types extends readonly { readonly name: string; readonly type: string }[]>(
  types: types,
  data: Hex,
  encode: (types: types, values: never) => Hex,
) {
  try {
    const values = decodeAbiParameters(types, data)
    if (encode(types, values as never) === data.toLowerCase()) return values
  } catch (cause) {
    throw new MalformedDataError({ data, cause })
  }
  throw new MalformedDataError({ data })
}

/** Thrown when an attestation's data is not what its schema says. */
export class MalformedDataError extends BaseError {
  override readonly name = 'Attestation.MalformedDataError'
  override readonly code = 'ATTESTATION_DATA_MALFORMED'

  constructor(options: { readonly data: Hex; readonly cause?: unknown }) {
    super(`The data ${options.data.slice(0, 18)}… of an attestation does not follow its schema.`, {
      hint: 'Encode exactly the fields of the schema, in their order.',
      cause: options.cause,
    })
  }
}
