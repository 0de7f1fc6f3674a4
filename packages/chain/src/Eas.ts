/** Attestations as they stand: stored in a registry, or signed and shown by their holder. Read by quorum; whether they count is for reputation. */
import { StandardMerkleTree } from '@openzeppelin/merkle-tree'
import { Attestation as Digest, easAbi } from '@plimsoll/contracts'
import type { Attestation } from '@plimsoll/reputation'
import * as Contract from './Contract.ts'
import { signerOf } from './Ecdsa.ts'
import type { Hex } from './Hex.ts'
import * as Query from './Query.ts'
import type { At, Reader } from './Quorum.ts'
import type { Request, Signer } from './Signer.ts'

/** An attestation, and the bytes that its schema explains. */
export type Found = { readonly attestation: Attestation.Attestation; readonly data: Hex }

/** One that its holder shows. `batch`: the proof that its id stands under a root which a chain has seen. */
export type Shown = {
  readonly attestation: Digest.Attestation
  readonly signature: string
  readonly batch: { readonly root: Hex; readonly proof: readonly Hex[] } | null
}

const zeroHash: Hex = `0x${'00'.repeat(32)}`

/**
 * An attestation that the registry stores; null where it does not, or not finally.
 *
 * What is said counts when it is final; that it was taken back counts at once.
 *
 * @throws {Quorum.QuorumError} {Contract.UnreadableError} there is no registry.
 */
export async function fetchStored(args: { readonly reader: Reader; readonly registry: Hex; readonly uid: Hex }): Promise<Found | null> {
  const { reader, registry, uid } = args
  const read = async (at: At) => {
    const query = Query.call({ abi: easAbi, target: registry, functionName: 'getAttestation', args: [uid] })
    const { value } = await Query.fetch({ reader, at, query })
    return Contract.answer(value, whereOf(reader, registry, 'getAttestation'))
  }
  const said = await read('final')
  if (said.uid === zeroHash) return null
  const now = await read('head')
  const revokedAt = said.revocationTime > 0n ? said.revocationTime : now.revocationTime
  return {
    data: said.data,
    attestation: {
      ...{ origin: 'stored', chainId: reader.config.chainId, registry, uid, schema: said.schema, anchoredAt: null },
      ...{ attester: said.attester.toLowerCase(), recipient: said.recipient.toLowerCase() },
      ...{ issuedAt: Number(said.time), expiresAt: timeOf(said.expirationTime), revokedAt: timeOf(revokedAt) },
    },
  }
}

/**
 * An attestation that its holder shows: who signed it, whether it was taken back, and when a chain saw its batch.
 *
 * The signature is checked offline, over our own digest; the registry says its version, which the digest is over, and holds revocations and
 * roots. Attesters with a contract account are not asked.
 *
 * @throws {Quorum.QuorumError} {Contract.UnreadableError} there is no registry.
 */
export async function fetchShown(args: { readonly reader: Reader; readonly registry: Hex; readonly shown: Shown }): Promise<Found> {
  const { reader, registry, shown } = args
  const { attestation, signature, batch } = shown
  const { chainId } = reader.config
  const uid = Digest.uid(attestation)
  const domain = await fetchRegistry({ reader, registry })
  const attester = await signerOf({ digest: Digest.digest(attestation, domain), signature })
  const revokedAt = attester === null ? 0n : await revocation({ reader, registry, uid, attester })
  return {
    data: attestation.data,
    attestation: {
      ...{ origin: batch === null ? 'signed' : 'batched', chainId, registry, uid, schema: attestation.schema, attester },
      ...{ recipient: attestation.recipient.toLowerCase(), issuedAt: Number(attestation.time) },
      ...{ expiresAt: timeOf(attestation.expirationTime), revokedAt: timeOf(revokedAt) },
      anchoredAt: batch === null || !isIn(uid, batch) ? null : await anchoredAt({ reader, registry, root: batch.root }),
    },
  }
}

/**
 * What the digests of a registry are over: the version is its own word.
 *
 * @throws {Quorum.QuorumError} {Contract.UnreadableError} there is no registry.
 */
export async function fetchRegistry(args: { readonly reader: Reader; readonly registry: Hex }): Promise<Digest.Registry> {
  const { reader, registry } = args
  const query = Query.call({ abi: easAbi, target: registry, functionName: 'version', args: [] })
  const { value } = await Query.fetch({ reader, at: 'final', query })
  return { chainId: reader.config.chainId, address: registry, version: Contract.answer(value, whereOf(reader, registry, 'version')) }
}

/** Our own word on a participant, signed by each of our signers: nothing is stored, and whoever holds it can show it. */
export async function issue(args: issue.Args): Promise<issue.Issued> {
  const { registry, schema, recipient, claim, expiresAt, salt, signer } = args
  const attestation: Digest.Attestation = {
    ...{ schema, recipient, time: claim.asOf, expirationTime: BigInt(expiresAt), revocable: true, refUID: zeroHash },
    ...{ data: Digest.encodeTier(claim), salt },
  }
  return { attestation, uid: Digest.uid(attestation), signatures: await signer.sign({ digest: Digest.digest(attestation, registry) }) }
}

export declare namespace issue {
  type Args = {
    readonly registry: Digest.Registry
    readonly schema: Hex
    readonly recipient: Hex
    readonly claim: Digest.TierClaim
    readonly expiresAt: number
    /** 32 random bytes: two attestations that say the same have two ids. */
    readonly salt: Hex
    readonly signer: Pick<Signer<Pick<Request, 'digest'>>, 'sign'>
  }
  type Issued = { readonly attestation: Digest.Attestation; readonly uid: Hex; readonly signatures: readonly Hex[] }
}

/**
 * Whether an attester took back what it had signed, as of the newest block.
 *
 * @throws {Quorum.QuorumError} {Contract.UnreadableError} there is no registry.
 */
export async function fetchRevoked(args: Revocable): Promise<boolean> {
  return (await revocation(args)) > 0n
}

type Revocable = { readonly reader: Reader; readonly registry: Hex; readonly uid: Hex; readonly attester: Hex }

/** When, final or not; 0 if never. */
async function revocation({ reader, registry, uid, attester }: Revocable): Promise<bigint> {
  const read = async (at: At) => {
    const query = Query.call({ abi: easAbi, target: registry, functionName: 'getRevokeOffchain', args: [attester, uid] })
    const { value } = await Query.fetch({ reader, at, query })
    return Contract.answer(value, whereOf(reader, registry, 'getRevokeOffchain'))
  }
  const final = await read('final')
  return final > 0n ? final : read('head')
}

/** The root over some ids, and each one's proof: one transaction, `timestamp(root)`, dates them all. */
export function batch(uids: readonly Hex[]): { readonly root: Hex; readonly proofs: ReadonlyMap<Hex, readonly Hex[]> } {
  const tree = StandardMerkleTree.of(
    uids.map((uid) => [uid]),
    ['bytes32'],
  )
  return { root: tree.root as Hex, proofs: new Map(uids.map((uid, i) => [uid, tree.getProof(i) as Hex[]])) }
}

function isIn(uid: Hex, { root, proof }: NonNullable<Shown['batch']>): boolean {
  try {
    return StandardMerkleTree.verify(root, ['bytes32'], [uid], [...proof])
  } catch {
    return false
  }
}

async function anchoredAt(args: { readonly reader: Reader; readonly registry: Hex; readonly root: Hex }): Promise<number | null> {
  const { reader, registry, root } = args
  const query = Query.call({ abi: easAbi, target: registry, functionName: 'getTimestamp', args: [root] })
  const { value } = await Query.fetch({ reader, at: 'final', query })
  return timeOf(Contract.answer(value, whereOf(reader, registry, 'getTimestamp')))
}

function whereOf(reader: Reader, address: Hex, functionName: string): Contract.answer.Read {
  return { abi: easAbi, chainId: reader.config.chainId, address, functionName }
}

/** The registry writes "never" as 0. */
function timeOf(seconds: bigint): number | null {
  return seconds === 0n ? null : Number(seconds)
}
