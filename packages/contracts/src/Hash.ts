import { type Hex, keccak256, stringToBytes } from 'viem'

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
