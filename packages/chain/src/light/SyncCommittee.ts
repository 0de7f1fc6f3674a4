/** The validators who sign each block for a light client, 512 of them for 27 hours on Ethereum: their keys, and whether they signed. */
import { bls12_381 as bls } from '@noble/curves/bls12-381'
import { hexToBytes } from 'viem'
import type { Committee } from './Beacon.ts'

type Point = ReturnType<typeof bls.G1.ProjectivePoint.fromHex>

export type SyncCommittee = {
  /** One for each place; somebody may have several. */
  readonly points: readonly Point[]
  /** All of them together. */
  readonly whole: Point
}

/** How the beacon chain hashes what is signed: signers have proven that they hold their keys. */
const DST = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_'
/** Keys read before others get their turn: a key takes a millisecond. */
const AT_ONCE = 8

/**
 * Reads the keys of a committee, each on its curve and in its group. It takes half a second for 512, in turns with whatever else is to be done.
 *
 * @throws what is no key, from the curve.
 */
export async function from(committee: Committee): Promise<SyncCommittee> {
  const points: Point[] = []
  for (const [i, key] of committee.keys.entries()) {
    if (i % AT_ONCE === AT_ONCE - 1) await new Promise((resolve) => setImmediate(resolve))
    points.push(bls.G1.ProjectivePoint.fromHex(hexToBytes(key)))
  }
  return { points, whole: sum(points) }
}

/** Whether those whose bits are set signed this together. */
export function hasSigned(args: hasSigned.Args): boolean {
  const { committee, bits, signature, message } = args
  const absent = committee.points.filter((_, i) => bits[i] !== true)
  const key = committee.whole.subtract(sum(absent))
  // Keys that cancel out would have signed anything.
  if (key.equals(bls.G1.ProjectivePoint.ZERO)) return false
  try {
    return bls.verify(signature, message, key, { DST })
  } catch {
    // Not on the curve, or not in its group.
    return false
  }
}

export declare namespace hasSigned {
  type Args = {
    readonly committee: SyncCommittee
    readonly bits: readonly boolean[]
    readonly signature: Uint8Array
    readonly message: Uint8Array
  }
}

function sum(points: readonly Point[]): Point {
  return points.reduce((all, point) => all.add(point), bls.G1.ProjectivePoint.ZERO)
}
