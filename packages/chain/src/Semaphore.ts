/** That somebody is one of a group, once in a scope, without saying who: a Semaphore v4 proof, verified here and on no chain. */
import { encodeAbiParameters, keccak256 } from 'viem'
import * as Groth16 from './Groth16.ts'
import { keys } from './SemaphoreKeys.ts'

/** A proof as `@semaphore-protocol/proof` writes it: integers as decimal strings. */
export type Proof = {
  readonly merkleTreeDepth: number
  readonly merkleTreeRoot: string
  readonly nullifier: string
  readonly message: string
  readonly scope: string
  readonly points: readonly string[]
}

/** What a proof must say to count. */
export type Demand = {
  /** Roots of the groups that are trusted to hold each person once, with their ends, unix seconds; null for none. */
  readonly roots: readonly { readonly root: bigint; readonly until: number | null }[]
  readonly scope: bigint
  /** Whom it is for: a proof made for one participant is of no use to another. */
  readonly message: bigint
  /** Unix seconds. */
  readonly now: number
}

export type Verdict = { readonly status: 'accepted'; readonly nullifier: bigint } | { readonly status: 'refused'; readonly code: Code }

export type Code = 'MALFORMED' | 'UNKNOWN_GROUP' | 'ROOT_EXPIRED' | 'WRONG_SCOPE' | 'WRONG_MESSAGE' | 'INVALID_PROOF'

const maxDepth = 32

/**
 * Whether a proof counts, and the person's number in the scope.
 *
 * Cheap checks first: the pairings are asked last. Nothing is downloaded, and no chain is read.
 */
export function verify(proof: Proof, demand: Demand): Verdict {
  const refused = (code: Code): Verdict => ({ status: 'refused', code })
  const { merkleTreeDepth: depth } = proof
  const [root, nullifier, message, scope, ...points] = [
    ...[proof.merkleTreeRoot, proof.nullifier, proof.message, proof.scope],
    ...proof.points,
  ].map(integer)
  const [ax, ay, bx1, bx0, by1, by0, cx, cy] = points
  if (
    !(Number.isInteger(depth) && depth >= 1 && depth <= maxDepth && points.length === 8) ||
    !(isGiven(root) && isGiven(nullifier) && isGiven(message) && isGiven(scope)) ||
    !(isGiven(ax) && isGiven(ay) && isGiven(bx0) && isGiven(bx1) && isGiven(by0) && isGiven(by1) && isGiven(cx) && isGiven(cy))
  )
    return refused('MALFORMED')
  const own = demand.roots.filter((it) => it.root === root)
  if (own.length === 0) return refused('UNKNOWN_GROUP')
  if (own.every(({ until }) => until !== null && until <= demand.now)) return refused('ROOT_EXPIRED')
  if (scope !== demand.scope) return refused('WRONG_SCOPE')
  if (message !== demand.message) return refused('WRONG_MESSAGE')
  const inputs = [root, nullifier, inField(message), inField(scope)]
  const holds = Groth16.holds({ key: keyOf(depth), inputs, proof: { a: [ax, ay], b: [bx0, bx1, by0, by1], c: [cx, cy] } })
  return holds ? { status: 'accepted', nullifier } : refused('INVALID_PROOF')
}

/** A message or scope as the circuit takes it. */
function inField(value: bigint): bigint {
  return BigInt(keccak256(encodeAbiParameters([{ type: 'uint256' }], [value]))) >> 8n
}

/** One spelling a number, and none above 256 bits; null for anything else. */
function integer(text: string): bigint | null {
  if (!/^(0|[1-9]\d{0,77})$/.test(text)) return null
  const value = BigInt(text)
  return value < 1n << 256n ? value : null
}

function isGiven(value: bigint | null | undefined): value is bigint {
  return value !== null && value !== undefined
}

/** Words before the depths' own, and of each depth. */
const sharedWords = 10
const depthWords = 14

function keyOf(depth: number): Groth16.Key {
  const from = sharedWords + (depth - 1) * depthWords
  return {
    alpha: [word(0), word(1)],
    beta: [word(2), word(3), word(4), word(5)],
    gamma: [word(6), word(7), word(8), word(9)],
    delta: [word(from), word(from + 1), word(from + 2), word(from + 3)],
    inputs: [4, 6, 8, 10, 12].map((at) => [word(from + at), word(from + at + 1)] as const),
  }
}

function word(index: number): bigint {
  return BigInt(`0x${keys.slice(index * 64, index * 64 + 64)}`)
}
