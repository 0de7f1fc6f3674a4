import { Group } from '@semaphore-protocol/group'
import { Identity } from '@semaphore-protocol/identity'
import { groth16 } from 'snarkjs'
import { encodeAbiParameters, keccak256 } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Groth16 from './Groth16.ts'
import * as Semaphore from './Semaphore.ts'
import { keys } from './SemaphoreKeys.ts'
import * as Artifacts from './testing/SemaphoreArtifacts.ts'

const [scope, message] = [41n, (1n << 255n) + 5n]
const people = ['ann', 'ben', 'cleo'].map((name) => new Identity(name))
const group = new Group(people.map(({ commitment }) => commitment))

/** A proof made by the published circuit and its proving key, written as Semaphore's own package does. */
async function prove(args: {
  readonly who: Identity
  readonly scope: bigint
  readonly message: bigint
  readonly depth: number
}): Promise<Semaphore.Proof> {
  const { who, depth } = args
  const { index, siblings, root } = group.generateMerkleProof(group.indexOf(who.commitment))
  const inField = (value: bigint) => BigInt(keccak256(encodeAbiParameters([{ type: 'uint256' }], [value]))) >> 8n
  const { wasm, zkey } = Artifacts.circuit(depth)
  const { proof, publicSignals } = await groth16.fullProve(
    {
      secret: who.secretScalar,
      merkleProofLength: siblings.length,
      merkleProofIndex: index,
      merkleProofSiblings: Array.from({ length: depth }, (_, i) => siblings[i] ?? 0n),
      scope: inField(args.scope),
      message: inField(args.message),
    },
    wasm,
    zkey,
  )
  const [[bx0, bx1], [by0, by1]] = proof.pi_b as unknown as [[string, string], [string, string]]
  return {
    merkleTreeDepth: depth,
    merkleTreeRoot: root.toString(),
    nullifier: publicSignals[1] ?? '',
    message: args.message.toString(),
    scope: args.scope.toString(),
    points: [proof.pi_a[0] ?? '', proof.pi_a[1] ?? '', bx1, bx0, by1, by0, proof.pi_c[0] ?? '', proof.pi_c[1] ?? ''],
  }
}

let proof: Semaphore.Proof
const roots = [7n, group.root].map((root) => ({ root, until: null }))
const demand: Semaphore.Demand = { roots, scope, message, now: 1_000 }
const [ann, ben] = people as [Identity, Identity]

beforeAll(async () => {
  proof = await prove({ who: ann, scope, message, depth: 2 })
})
afterAll(async () => {
  // The prover keeps its workers otherwise.
  await (globalThis as { curve_bn128?: { terminate(): Promise<void> } }).curve_bn128?.terminate()
})

describe('verify', () => {
  test('worked example: a proof made from the published circuit is accepted, and gives one number a person and scope', async () => {
    const one = Semaphore.verify(proof, demand)
    expect(one).toEqual({ status: 'accepted', nullifier: BigInt(proof.nullifier) })
    const again = Semaphore.verify(await prove({ who: ann, scope, message: 9n, depth: 2 }), { ...demand, message: 9n })
    expect(again).toEqual(one)
    const other = Semaphore.verify(await prove({ who: ben, scope, message, depth: 2 }), demand)
    const elsewhere = Semaphore.verify(await prove({ who: ann, scope: 42n, message, depth: 2 }), { ...demand, scope: 42n })
    expect(other.status).toBe('accepted')
    expect(elsewhere.status).toBe('accepted')
    expect(other).not.toEqual(one)
    expect(elsewhere).not.toEqual(one)
  })

  test('edge: a deeper circuit has a key of its own', async () => {
    const deep = await prove({ who: ann, scope, message, depth: 20 })
    expect(Semaphore.verify(deep, demand)).toMatchObject({ status: 'accepted', nullifier: BigInt(proof.nullifier) })
    expect(Semaphore.verify({ ...deep, merkleTreeDepth: 19 }, demand)).toEqual({ status: 'refused', code: 'INVALID_PROOF' })
  })

  test.each<[string, string, (it: Semaphore.Proof) => Partial<Semaphore.Proof>]>([
    ['UNKNOWN_GROUP', 'another root', () => ({ merkleTreeRoot: '8' })],
    ['INVALID_PROOF', 'another trusted root', () => ({ merkleTreeRoot: '7' })],
    ['WRONG_SCOPE', 'another scope', () => ({ scope: '42' })],
    ['WRONG_MESSAGE', 'another participant', () => ({ message: '1' })],
    ['INVALID_PROOF', 'another nullifier', ({ nullifier }) => ({ nullifier: `${BigInt(nullifier) + 1n}` })],
    ['INVALID_PROOF', 'the same nullifier, one order higher', ({ nullifier }) => ({ nullifier: `${BigInt(nullifier) + Groth16.order}` })],
    ['INVALID_PROOF', 'a point moved', ({ points }) => ({ points: points.map((it, i) => (i === 0 ? `${BigInt(it) + 1n}` : it)) })],
    ['INVALID_PROOF', 'points turned round', ({ points }) => ({ points: [...points].reverse() })],
    ['INVALID_PROOF', 'no points at all', () => ({ points: Array.from({ length: 8 }, () => '0') })],
    ['MALFORMED', 'seven points', ({ points }) => ({ points: points.slice(1) })],
    ['MALFORMED', 'nine points', ({ points }) => ({ points: [...points, '1'] })],
    ['MALFORMED', 'a depth there is no circuit for', () => ({ merkleTreeDepth: 33 })],
    ['MALFORMED', 'no depth', () => ({ merkleTreeDepth: 0 })],
    ['MALFORMED', 'a number written otherwise', ({ nullifier }) => ({ nullifier: `0${nullifier}` })],
    ['MALFORMED', 'a number above 256 bits', () => ({ scope: `${1n << 256n}` })],
    ['MALFORMED', 'no number', () => ({ message: '0x1' })],
  ])('edge: %s, %s', (code, _, change) => {
    expect(Semaphore.verify({ ...proof, ...change(proof) }, demand)).toEqual({ status: 'refused', code })
  })

  test('edge: a proof for one demand is none for another', () => {
    expect(Semaphore.verify(proof, { ...demand, message: 6n })).toEqual({ status: 'refused', code: 'WRONG_MESSAGE' })
    expect(Semaphore.verify(proof, { ...demand, roots: [] })).toEqual({ status: 'refused', code: 'UNKNOWN_GROUP' })
  })

  test('bug: who had been removed from a group renewed for as long as its old root was listed', () => {
    const ends = (...until: readonly (number | null)[]) =>
      Semaphore.verify(proof, { ...demand, roots: until.map((end) => ({ root: group.root, until: end })) })
    expect([ends(1_001).status, ends(null).status]).toEqual(['accepted', 'accepted'])
    expect(ends(1_000)).toEqual({ status: 'refused', code: 'ROOT_EXPIRED' })
    // Listed twice, it lasts as long as the longer of the two.
    expect([ends(999, 1_001).status, ends(999, null).status, ends(999, 1_000).status]).toEqual(['accepted', 'accepted', 'refused'])
  })

  test('vector: the keys are the published ones (node packages/chain/scripts/semaphore-keys.ts)', () => {
    expect(keys).toBe(Artifacts.read())
  })
})
