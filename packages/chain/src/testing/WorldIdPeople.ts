/**
 * Test kit: people of a group who prove it in World ID's form. The circuit is Semaphore v4's of depth 30, from what @zk-kit publishes: of the same
 * family and with the same public inputs in the same order as World ID's own (Semaphore v3, depth 30), whose proving key is not here.
 */
import { readFileSync } from 'node:fs'
import { Group } from '@semaphore-protocol/group'
import { Identity } from '@semaphore-protocol/identity'
import { groth16 } from 'snarkjs'
import type * as Groth16 from '../Groth16.ts'
import * as WorldId from '../WorldId.ts'
import * as Artifacts from './SemaphoreArtifacts.ts'

const depth = 30
type Asked = Pick<WorldId.Demand, 'appId' | 'action' | 'participantId'>

export type People = {
  readonly root: bigint
  /** What somebody of the group hands over who was asked so. */
  readonly prove: (name: string, asked: Asked, level?: string) => Promise<WorldId.Response>
}

/** Groups of other names have other roots; a person is the same in each. */
export function of(names: readonly string[]): People {
  const people = new Map(names.map((name) => [name, new Identity(name)]))
  const group = new Group([...people.values()].map(({ commitment }) => commitment))
  const prove: People['prove'] = async (name, asked, level = 'orb') => {
    const who = people.get(name)
    if (!who) throw new Error(`${name} is not of the group`)
    const { index, siblings } = group.generateMerkleProof(group.indexOf(who.commitment))
    const { wasm, zkey } = Artifacts.circuit(depth)
    const { proof, publicSignals } = await groth16.fullProve(
      {
        ...{ secret: who.secretScalar, merkleProofLength: siblings.length, merkleProofIndex: index },
        merkleProofSiblings: Array.from({ length: depth }, (_, i) => siblings[i] ?? 0n),
        ...{ scope: WorldId.externalNullifier(asked), message: WorldId.signalHash(asked.participantId) },
      },
      wasm,
      zkey,
    )
    const [[bx0, bx1], [by0, by1]] = proof.pi_b as unknown as [[string, string], [string, string]]
    const points = [proof.pi_a[0] ?? '', proof.pi_a[1] ?? '', bx1, bx0, by1, by0, proof.pi_c[0] ?? '', proof.pi_c[1] ?? '']
    return {
      merkle_root: word(group.root),
      nullifier_hash: word(BigInt(publicSignals[1] ?? '')),
      proof: `0x${points.map((it) => word(BigInt(it)).slice(2)).join('')}`,
      verification_level: level,
    }
  }
  return { root: group.root, prove }
}

/** The circuit's verifying key. */
export function key(): Groth16.Key {
  const json = JSON.parse(readFileSync(Artifacts.circuit(depth).zkey.replace(/zkey$/, 'json'), 'utf8')) as {
    readonly [name in 'vk_beta_2' | 'vk_gamma_2' | 'vk_delta_2']: readonly [[string, string], [string, string]]
  } & { readonly vk_alpha_1: readonly [string, string]; readonly IC: readonly [string, string][] }
  const point = ([x, y]: readonly [string, string]) => [BigInt(x), BigInt(y)] as const
  const twist = ([[x0, x1], [y0, y1]]: readonly [[string, string], [string, string]]) =>
    [BigInt(x0), BigInt(x1), BigInt(y0), BigInt(y1)] as const
  return {
    ...{ alpha: point(json.vk_alpha_1), beta: twist(json.vk_beta_2), gamma: twist(json.vk_gamma_2), delta: twist(json.vk_delta_2) },
    inputs: json.IC.map(point),
  }
}

/** The prover keeps its workers otherwise. */
export async function stop(): Promise<void> {
  await (globalThis as { curve_bn128?: { terminate(): Promise<void> } | null }).curve_bn128?.terminate()
}

function word(value: bigint): string {
  return `0x${value.toString(16).padStart(64, '0')}`
}
