/** Strict hex, as JSON-RPC writes it. What a node sends is untrusted: anything else is refused, never read as zero. */
import { BaseError } from './BaseError.ts'

/** Bytes or a number as lower-case hex with 0x. */
export type Hex = `0x${string}`

/** The greatest value a chain can hold in one word. */
const WORD_DIGITS = 64

/**
 * A number as JSON-RPC writes it: `0x`, no leading zero, at most 256 bits.
 *
 * @param value - what the node sent.
 * @param what - its name, for the error.
 * @throws {MalformedHexError} not a string, no 0x, empty, leading zero, signed, or beyond 256 bits.
 *
 * @example
 * Hex.quantity('0x10', 'number')
 * // => 16n
 */
export function quantity(value: unknown, what: string): bigint {
  if (typeof value !== 'string' || !/^0x(0|[1-9a-f][0-9a-f]*)$/i.test(value) || value.length > WORD_DIGITS + 2)
    throw new MalformedHexError({ value, what, expected: 'a quantity such as 0x1f' })
  return BigInt(value)
}

/**
 * A number that fits a JavaScript integer: block times, log indexes.
 *
 * @throws {MalformedHexError} as `quantity`, or beyond 2^53 − 1.
 *
 * @example
 * Hex.integer('0xff', 'logIndex')
 * // => 255
 */
export function integer(value: unknown, what: string): number {
  const read = quantity(value, what)
  if (read > BigInt(Number.MAX_SAFE_INTEGER)) throw new MalformedHexError({ value, what, expected: 'a quantity below 2^53' })
  return Number(read)
}

/**
 * Bytes: `0x` and an even number of digits. Lower-cased, so that equal bytes are equal strings.
 *
 * @param length - bytes exactly, or undefined for any number.
 * @throws {MalformedHexError}
 *
 * @example
 * Hex.bytes('0xAB', 'data')
 * // => '0xab'
 */
export function bytes(value: unknown, what: string, length?: number): Hex {
  if (typeof value !== 'string' || !/^0x([0-9a-f]{2})*$/i.test(value))
    throw new MalformedHexError({ value, what, expected: 'bytes as even hex with 0x' })
  if (length !== undefined && value.length !== 2 + 2 * length) throw new MalformedHexError({ value, what, expected: `${length} bytes` })
  return value.toLowerCase() as Hex
}

/**
 * 32 bytes.
 *
 * @throws {MalformedHexError}
 */
export function hash(value: unknown, what: string): Hex {
  return bytes(value, what, 32)
}

/**
 * 20 bytes, lower-cased.
 *
 * @throws {MalformedHexError}
 *
 * @example
 * Hex.address('0xCA11bde05977b3631167028862bE2a173976CA11', 'target')
 * // => '0xca11bde05977b3631167028862be2a173976ca11'
 */
export function address(value: unknown, what: string): Hex {
  return bytes(value, what, 20)
}

/** Thrown when hex is not written as it must be. */
export class MalformedHexError extends BaseError {
  override readonly name = 'Hex.MalformedHexError'
  readonly what: string

  constructor(args: { readonly value: unknown; readonly what: string; readonly expected: string }) {
    const shown =
      typeof args.value === 'string' ? JSON.stringify(args.value.slice(0, 80)) : args.value === null ? 'null' : typeof args.value
    super({
      code: 'HEX_MALFORMED',
      message: `${args.what} is ${shown}, not ${args.expected}.`,
      hint: 'Check what the RPC source answers; its answer is not used.',
    })
    this.what = args.what
  }
}
