import { keccak_256 } from '@noble/hashes/sha3'
import { bytesToHex, type Hex, keccak256, stringToBytes } from 'viem'

/**
 * keccak256 of a text's UTF-8 bytes: what `inputsHash`, `paramsHash` and market ids are.
 *
 * @example
 * Hash.ofText('')
 * // => '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'
 */
export function ofText(text: string): Hex {
  return keccak256(stringToBytes(text))
}

/** The same of a text that comes piece by piece, so that a long one need not be hashed at once. */
export type Open = {
  /** Takes the next piece. A character is never split over two. */
  readonly add: (text: string) => void
  /** Of all pieces. Nothing can be added after it. */
  readonly close: () => Hex
}

/** A hash of nothing yet. */
export function open(): Open {
  const hash = keccak_256.create()
  return {
    add: (text) => {
      hash.update(stringToBytes(text))
    },
    close: () => bytesToHex(hash.digest()),
  }
}
