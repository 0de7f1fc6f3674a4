/** Roots and branches as the beacon chain makes them (SSZ): as much of it as a light client needs, all of a fixed shape. */
import { sha256 } from '@noble/hashes/sha2'
import { hexToBytes } from 'viem'
import type { Hex } from '../Hex.ts'

/** 32 bytes. */
export type Chunk = Uint8Array

const SIZE = 32
const zero: Chunk = new Uint8Array(SIZE)

/** The root over some chunks, filled up with zeros to the next power of two. */
export function root(chunks: readonly Chunk[]): Chunk {
  let level: readonly Chunk[] = chunks
  let filler = zero
  while (level.length > 1) {
    const pad = filler
    level = Array.from({ length: Math.ceil(level.length / 2) }, (_, i) => pair(level[2 * i] ?? pad, level[2 * i + 1] ?? pad))
    filler = pair(pad, pad)
  }
  return level[0] ?? zero
}

/** An integer of at most 256 bits, its lowest byte first. */
export function uint(value: bigint): Chunk {
  const chunk = new Uint8Array(SIZE)
  for (let at = 0, rest = value; rest > 0n; at += 1, rest >>= 8n) chunk[at] = Number(rest & 0xffn)
  return chunk
}

/** So many bytes and no others: the one chunk that they fit in, or the root over several. */
export function vector(bytes: Hex): Chunk {
  const given = hexToBytes(bytes)
  return root(
    Array.from({ length: Math.max(1, Math.ceil(given.length / SIZE)) }, (_, i) => {
      const chunk = new Uint8Array(SIZE)
      chunk.set(given.subarray(i * SIZE, (i + 1) * SIZE))
      return chunk
    }),
  )
}

/** Up to 32 bytes: how many there are is hashed with them. */
export function list(bytes: Hex): Chunk {
  return pair(vector(bytes), uint(BigInt(bytes.length / 2 - 1)))
}

/**
 * Whether a leaf lies in a tree where it is said to.
 *
 * @param args.index - generalized: 1 is the root, 2i and 2i + 1 are below i. It says how long the branch must be.
 */
export function isBranch(args: isBranch.Args): boolean {
  const { leaf, branch, index } = args
  if (branch.length !== Math.floor(Math.log2(index))) return false
  let [node, at] = [leaf, index]
  for (const sibling of branch) {
    node = at % 2 === 1 ? pair(sibling, node) : pair(node, sibling)
    at = Math.floor(at / 2)
  }
  return isEqual(node, args.root)
}

export declare namespace isBranch {
  type Args = { readonly leaf: Chunk; readonly branch: readonly Chunk[]; readonly index: number; readonly root: Chunk }
}

export function isEqual(a: Chunk, b: Chunk): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

function pair(left: Chunk, right: Chunk): Chunk {
  const both = new Uint8Array(2 * SIZE)
  both.set(left)
  both.set(right, SIZE)
  return sha256(both)
}
