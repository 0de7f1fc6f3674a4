/**
 * That somebody is one person, once for an action, as World ID's legacy proofs say it (protocol 3, what IDKit hands over for `orb` and `device`):
 * a Semaphore proof of another circuit, whose key and roots an operator brings.
 */
import { concat, encodePacked, hexToBytes, keccak256, stringToBytes } from 'viem'
import * as Groth16 from './Groth16.ts'
import type { Hex } from './Hex.ts'

/** What IDKit hands over. `proof`: 8 words, ABI-encoded. It names neither app, action nor signal: those are asked for. */
export type Response = {
  readonly merkle_root: string
  readonly nullifier_hash: string
  readonly proof: string
  readonly verification_level: string
}

/** How somebody was told from others. `device`: one phone, which is not one person. */
export type Level = 'orb' | 'device'

/** What a proof must say to count. */
export type Demand = {
  readonly appId: string
  readonly action: string
  /** Whom it is for: its signal. A proof made for one participant is of no use to another. */
  readonly participantId: Hex
  readonly levels: readonly Level[]
}

/** A root of the tree of one level, and when it ends. Unix seconds. */
export type Root = { readonly root: bigint; readonly level: Level; readonly until: number }

export type Code = 'MALFORMED' | 'WRONG_LEVEL' | 'UNKNOWN_GROUP' | 'ROOT_EXPIRED' | 'INVALID_PROOF' | 'SPENT'
export type Verdict = { readonly status: 'accepted'; readonly nullifier: bigint } | { readonly status: 'refused'; readonly code: Code }

/** A response as numbers: each input below the group's order, or it would be another number for the same proof. */
export type Claim = {
  readonly root: bigint
  readonly nullifier: bigint
  readonly level: Level
  readonly points: Groth16.Proof
}

/**
 * Whether a response counts, by a key and roots that are given: nothing is asked of anybody.
 *
 * Source: docs/method/evidence.md, eq. (8) and (9). Cheap checks first: the pairings are asked last.
 *
 * The level is that of the root's tree. What the holder says of it is only compared: no proof covers it.
 *
 * @param args.now - unix seconds.
 */
export function verify(response: Response, demand: Demand, args: verify.Args): Verdict {
  const refused = (code: Code): Verdict => ({ status: 'refused', code })
  const claim = parse(response)
  if (claim === null) return refused('MALFORMED')
  if (!demand.levels.includes(claim.level)) return refused('WRONG_LEVEL')
  const known = args.roots.filter(({ root }) => root === claim.root)
  if (known.length === 0) return refused('UNKNOWN_GROUP')
  const own = known.filter(({ level }) => level === claim.level)
  if (own.length === 0) return refused('WRONG_LEVEL')
  if (own.every(({ until }) => until <= args.now)) return refused('ROOT_EXPIRED')
  const inputs = [claim.root, claim.nullifier, signalHash(demand.participantId), externalNullifier(demand)]
  return Groth16.holds({ key: args.key, inputs, proof: claim.points })
    ? { status: 'accepted', nullifier: claim.nullifier }
    : refused('INVALID_PROOF')
}

export declare namespace verify {
  type Args = { readonly key: Groth16.Key; readonly roots: readonly Root[]; readonly now: number }
}

/** A response read strictly; null where it is not written as one. */
export function parse(response: Response): Claim | null {
  const { merkle_root, nullifier_hash, proof, verification_level: level } = response
  const [root, nullifier] = [wordOf(merkle_root), wordOf(nullifier_hash)]
  if (root === null || nullifier === null || root >= Groth16.order || nullifier >= Groth16.order) return null
  if (!/^0x[0-9a-f]{512}$/i.test(proof) || (level !== 'orb' && level !== 'device')) return null
  const at = (index: number) => BigInt(`0x${proof.slice(2 + 64 * index, 66 + 64 * index)}`)
  // The second group's numbers stand as c1, c0: as the pairing contract takes them.
  const points: Groth16.Proof = { a: [at(0), at(1)], b: [at(3), at(2), at(5), at(4)], c: [at(6), at(7)] }
  return { root, nullifier, level, points }
}

/**
 * What a person is unique in: the action of an app.
 *
 * Source: docs/method/evidence.md, eq. (8).
 *
 * @example
 * WorldId.externalNullifier({ appId: 'app_example', action: 'margin' }) < Groth16.order
 * // => true
 */
export function externalNullifier({ appId, action }: Pick<Demand, 'appId' | 'action'>): bigint {
  const app = encodePacked(['uint256'], [toField(stringToBytes(appId))])
  return toField(concat([hexToBytes(app), stringToBytes(action)]))
}

/**
 * What binds a proof to a participant: the 32 bytes of its id, as IDKit takes the signal `0x…`.
 *
 * Source: docs/method/evidence.md, eq. (8).
 */
export function signalHash(participantId: Hex): bigint {
  return toField(hexToBytes(participantId))
}

/** keccak-256 without its last byte: below the group's order, whatever it is of. */
function toField(bytes: Uint8Array): bigint {
  return BigInt(keccak256(bytes)) >> 8n
}

/** A number in hex with or without leading zeros, as both are sent; null for anything else. */
function wordOf(text: string): bigint | null {
  return /^0x[0-9a-f]{1,64}$/i.test(text) ? BigInt(text) : null
}
