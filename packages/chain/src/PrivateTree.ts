/** Evidence that stays with its owner: a tree of salted values, of which only the root travels, and later what the owner chooses to show. */
import { StandardMerkleTree } from '@openzeppelin/merkle-tree'
import { bytesToHex, encodeAbiParameters } from 'viem'
import { BaseError } from './BaseError.ts'
import type { Hex } from './Hex.ts'

/** One value and its salt: 32 random bytes, or whoever guesses the value could check the guess against a proof. */
export type Leaf = {
  readonly type: 'address' | 'bool' | 'bytes32' | 'string' | 'uint256'
  readonly name: string
  readonly value: string | boolean | bigint
  readonly salt: Hex
}

/** Some leaves, and what takes them to a root. It says nothing of the others but how far away they are. */
export type Disclosure = { readonly leaves: readonly Leaf[]; readonly proof: readonly Hex[]; readonly flags: readonly boolean[] }

const encoding = ['string', 'string', 'bytes', 'bytes32']

/** A fresh salt. */
export function salt(): Hex {
  return bytesToHex(crypto.getRandomValues(new Uint8Array(32)))
}

/**
 * The root over some leaves, in whatever order they are given: the private data tree of EAS.
 *
 * @throws {InvalidLeavesError} there are none, two carry one name, or a value is not of its type.
 */
export function root(leaves: readonly Leaf[]): Hex {
  return treeOf(leaves).root as Hex
}

/**
 * What shows the leaves of these names and no other.
 *
 * @throws {InvalidLeavesError} as `root`, or there is no leaf of a name.
 */
export function disclose(leaves: readonly Leaf[], names: readonly string[]): Disclosure {
  const tree = treeOf(leaves)
  const missing = names.filter((name) => !leaves.some((leaf) => leaf.name === name))
  if (missing.length > 0 || names.length === 0) throw new InvalidLeavesError(`there is no value named ${missing.join(', ') || 'nothing'}`)
  const shown = tree.getMultiProof(leaves.flatMap(({ name }, index) => (names.includes(name) ? [index] : [])))
  return {
    leaves: shown.leaves.map(([, name]) => leaves.find((leaf) => leaf.name === name)).filter((leaf) => leaf !== undefined),
    proof: shown.proof as Hex[],
    flags: shown.proofFlags,
  }
}

/** Whether what is disclosed stands under a root. Several leaves or one: a single proof is a multiproof of one leaf. */
export function holds(root: Hex, disclosure: Disclosure): boolean {
  const { leaves, proof, flags } = disclosure
  if (leaves.length === 0 || new Set(leaves.map(({ name }) => name)).size !== leaves.length) return false
  try {
    const multiProof = { leaves: leaves.map(encoded), proof: [...proof], proofFlags: [...flags] }
    return StandardMerkleTree.verifyMultiProof(root, encoding, multiProof)
  } catch {
    // A value not of its type, or a proof of another shape.
    return false
  }
}

function treeOf(leaves: readonly Leaf[]) {
  if (leaves.length === 0) throw new InvalidLeavesError('there are none')
  if (new Set(leaves.map(({ name }) => name)).size !== leaves.length) throw new InvalidLeavesError('two carry one name')
  const weak = leaves.find((leaf) => !/^0x[0-9a-f]{64}$/.test(leaf.salt))
  if (weak) throw new InvalidLeavesError(`${weak.name} has no salt of 32 bytes`)
  try {
    return StandardMerkleTree.of(leaves.map(encoded), encoding)
  } catch (cause) {
    throw new InvalidLeavesError('a value is not of its type', cause)
  }
}

function encoded({ type, name, value, salt }: Leaf): [string, string, Hex, Hex] {
  return [type, name, encodeAbiParameters([{ type }], [value as never]), salt]
}

/** Thrown when no tree can be made of some values. */
export class InvalidLeavesError extends BaseError {
  override readonly name = 'PrivateTree.InvalidLeavesError'

  constructor(reason: string, cause?: unknown) {
    super({
      code: 'PRIVATE_LEAVES_INVALID',
      message: `These values make no tree: ${reason}.`,
      hint: 'Give each value a name of its own, a type it is of, and a salt from `PrivateTree.salt()`.',
      cause,
    })
  }
}
