/** EIP-712 digests of flat structs, encoded by hand: the same 32 bytes as viem's `hashTypedData`, without walking the types at each call. */
import { domainSeparator, type Hex, keccak256, stringToBytes } from 'viem'
import { type Field, type Of, widest } from './Struct.ts'

type Domain = { readonly name: string; readonly version: string; readonly chainId: number; readonly verifyingContract: Hex }

/** The digest of a struct under a domain; null where a value cannot be written as it is: then viem converts it, or says what is wrong. */
export type Digest<fields extends readonly Field[]> = (struct: Of<fields>, domain: Domain) => Hex | null

/**
 * The digest function of one struct.
 *
 * Formula: `keccak(0x1901 ‖ domainSeparator ‖ keccak(typeHash ‖ word₁ ‖ … ‖ wordₙ))`, as EIP-712 has it.
 *
 * @param primaryType - its name there.
 * @param fields - in the order in which they are hashed.
 */
export function digest<const fields extends readonly Field[]>(primaryType: string, fields: fields): Digest<fields> {
  const typeHash = keccak256(stringToBytes(`${primaryType}(${fields.map(({ type, name }) => `${type} ${name}`).join(',')})`), 'bytes')
  const separators = new Map<string, Uint8Array>()
  return (struct, domain) => {
    const encoded = new Uint8Array(32 * (fields.length + 1))
    encoded.set(typeHash)
    const values = struct as Record<string, unknown>
    const fits = fields.every(({ name, type }, i) => write(encoded, { at: 32 * (i + 1), type, value: values[name] }))
    if (!fits) return null

    const signed = new Uint8Array(66)
    signed[0] = 0x19
    signed[1] = 0x01
    signed.set(separatorOf(separators, domain), 2)
    signed.set(keccak256(encoded, 'bytes'), 34)
    return keccak256(signed)
  }
}

/** A gateway signs for a few books; whoever verifies for many shall not fill the memory. */
const mostSeparators = 256

function separatorOf(known: Map<string, Uint8Array>, domain: Domain): Uint8Array {
  const key = `${domain.name}|${domain.version}|${domain.chainId}|${domain.verifyingContract}`
  const found = known.get(key)
  if (found) return found
  if (known.size >= mostSeparators) known.clear()
  const separator = new Uint8Array(32)
  writeHex(separator, { at: 0, hex: domainSeparator({ domain }), bytes: 32 })
  known.set(key, separator)
  return separator
}

type Word = { readonly at: number; readonly type: Field['type']; readonly value: unknown }

/** Writes one word; false if the value is none that can be written as it is. */
function write(into: Uint8Array, { at, type, value }: Word): boolean {
  if (type === 'uint32') {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > Number(widest.uint32)) return false
    new DataView(into.buffer).setUint32(at + 28, value)
    return true
  }
  if (type === 'uint64' || type === 'uint128') {
    if (typeof value !== 'bigint' || value < 0n || value > widest[type]) return false
    const view = new DataView(into.buffer)
    view.setBigUint64(at + 16, value >> 64n)
    view.setBigUint64(at + 24, value & widest.uint64)
    return true
  }
  if (typeof value !== 'string') return false
  if (type === 'string') {
    into.set(keccak256(stringToBytes(value), 'bytes'), at)
    return true
  }
  return type === 'address' ? writeHex(into, { at: at + 12, hex: value, bytes: 20 }) : writeHex(into, { at, hex: value, bytes: 32 })
}

/** Lower-case hex only: mixed case is a checksum in an address, which viem checks. */
function writeHex(into: Uint8Array, { at, hex, bytes }: { readonly at: number; readonly hex: string; readonly bytes: number }): boolean {
  if (hex.length !== 2 + 2 * bytes || !hex.startsWith('0x')) return false
  for (let i = 0; i < bytes; i += 1) {
    const [high, low] = [nibble(hex.charCodeAt(2 + 2 * i)), nibble(hex.charCodeAt(3 + 2 * i))]
    if (high < 0 || low < 0) return false
    into[at + i] = high * 16 + low
  }
  return true
}

function nibble(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  return code >= 97 && code <= 102 ? code - 87 : -1
}
