/** Verifying a Groth16 proof over BN254: one product of pairings, nothing trusted but the key. */
import { bn254 } from '@noble/curves/bn254'

/** A point of the first group: x, y. */
export type Point = readonly [bigint, bigint]
/** A point of the second group: x and y, each as c0 + c1·u. */
export type Twist = readonly [bigint, bigint, bigint, bigint]

export type Key = {
  readonly alpha: Point
  readonly beta: Twist
  readonly gamma: Twist
  readonly delta: Twist
  /** One more than there are public inputs. */
  readonly inputs: readonly Point[]
}

export type Proof = { readonly a: Point; readonly b: Twist; readonly c: Point }

/** What public inputs are counted modulo. */
export const order = bn254.fields.Fr.ORDER

/**
 * Whether a proof holds for these public inputs.
 *
 * Formula: `e(A, B) = e(α, β) · e(IC₀ + Σ xᵢ·ICᵢ, γ) · e(C, δ)`.
 * Source: docs/method/evidence.md, eq. (4).
 *
 * An input at or above the group's order is refused: it would be another number for the same proof, and a nullifier would be several.
 */
export function holds(args: holds.Args): boolean {
  const { key, inputs, proof } = args
  if (inputs.length + 1 !== key.inputs.length || inputs.some((input) => input < 0n || input >= order)) return false
  const [first, ...rest] = key.inputs
  if (!first) return false
  try {
    const sum = rest.reduce((point, each, i) => {
      const input = inputs[i] ?? 0n
      return input === 0n ? point : point.add(pointOf(each).multiply(input))
    }, pointOf(first))
    const product = bn254.pairingBatch([
      { g1: pointOf(proof.a).negate(), g2: twistOf(proof.b) },
      { g1: pointOf(key.alpha), g2: twistOf(key.beta) },
      { g1: sum, g2: twistOf(key.gamma) },
      { g1: pointOf(proof.c), g2: twistOf(key.delta) },
    ])
    return bn254.fields.Fp12.eql(product, bn254.fields.Fp12.ONE)
  } catch {
    // Not on the curve, or not in its group.
    return false
  }
}

export declare namespace holds {
  type Args = { readonly key: Key; readonly inputs: readonly bigint[]; readonly proof: Proof }
}

/** Whether all points of a key are on their curves and in their groups, and it has as many inputs as are asked for. */
export function isKey(key: Key, inputs: number): boolean {
  try {
    for (const point of [key.alpha, ...key.inputs]) pointOf(point)
    for (const twist of [key.beta, key.gamma, key.delta]) twistOf(twist)
    return key.inputs.length === inputs + 1
  } catch {
    return false
  }
}

function pointOf([x, y]: Point) {
  const point = bn254.G1.ProjectivePoint.fromAffine({ x, y })
  point.assertValidity()
  return point
}

function twistOf([x0, x1, y0, y1]: Twist) {
  const point = bn254.G2.ProjectivePoint.fromAffine({ x: { c0: x0, c1: x1 }, y: { c0: y0, c1: y1 } })
  point.assertValidity()
  return point
}
