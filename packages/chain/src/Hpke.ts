/** One message for one key: RFC 9180 in base mode, with X25519, HKDF-SHA256 and AES-256-GCM. */
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core'
import { bytesToHex, hexToBytes } from 'viem'
import { BaseError } from './BaseError.ts'
import type { Hex } from './Hex.ts'

export type Bytes = Uint8Array<ArrayBuffer>

/** 32 bytes each. Whoever has the private one opens what was sealed to the public one, also later. */
export type KeyPair = { readonly publicKey: Hex; readonly privateKey: Hex }

/** A sealed message: the public half of a key that was used this once, and the ciphertext with its tag of 16 bytes. */
export type Sealed = { readonly enc: Bytes; readonly ciphertext: Bytes }

/** A fresh pair. */
export async function keyPair(): Promise<KeyPair> {
  const privateKey = bytesToHex(crypto.getRandomValues(new Uint8Array(32)))
  return { publicKey: await publicKeyOf(privateKey), privateKey }
}

/**
 * The public key of a private one.
 *
 * @throws {InvalidKeyError} it is not 32 bytes of lower-case hex.
 */
export async function publicKeyOf(privateKey: Hex): Promise<Hex> {
  const encoded = joined([pkcs8, keyBytes(privateKey, 'private')])
  const handle = await crypto.subtle.importKey('pkcs8', encoded, 'X25519', false, ['deriveBits'])
  // X25519 of the base point is the public key: so the private one need not be extractable.
  const base = await crypto.subtle.importKey('raw', basePoint, 'X25519', false, [])
  return bytesToHex(new Uint8Array(await crypto.subtle.deriveBits({ name: 'X25519', public: base }, handle, 256)))
}

/**
 * Seals a message to a public key. Whoever holds that key may open it; nothing in it says whose key it is, or who sealed it.
 *
 * Source: docs/method/evidence.md, eq. (5).
 *
 * @param args.info - what the message is for. It opens under the same only.
 * @throws {InvalidKeyError} the key is not 32 bytes of lower-case hex below 2²⁵⁵ − 19, or of low order, so that everybody knew the secret.
 */
export async function seal(args: { readonly publicKey: Hex; readonly info: Bytes; readonly message: Bytes }): Promise<Sealed> {
  const receiver = keyBytes(args.publicKey, 'public')
  // One spelling a key: the same point written otherwise would be another recipient.
  if (littleEndian(receiver) >= prime) throw new InvalidKeyError('public')
  try {
    const recipientPublicKey = await suite.kem.deserializePublicKey(receiver.buffer)
    const { enc, ct } = await suite.seal({ recipientPublicKey, info: args.info }, args.message)
    return { enc: new Uint8Array(enc), ciphertext: new Uint8Array(ct) }
  } catch {
    // Of low order: WebCrypto refuses a secret of zeros.
    throw new InvalidKeyError('public')
  }
}

/**
 * Opens what was sealed to a key's public one.
 *
 * @returns null where it was not, or was changed since: the two look alike.
 * @throws {InvalidKeyError} the private key is not 32 bytes of lower-case hex.
 */
export async function open(args: { readonly privateKey: Hex; readonly info: Bytes; readonly sealed: Sealed }): Promise<Bytes | null> {
  const { enc, ciphertext } = args.sealed
  const recipientKey = await suite.kem.deserializePrivateKey(keyBytes(args.privateKey, 'private').buffer)
  try {
    return new Uint8Array(await suite.open({ recipientKey, enc, info: args.info }, ciphertext))
  } catch {
    return null
  }
}

/** `parts` one after the other. */
export function joined(parts: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() })
const prime = (1n << 255n) - 19n
/** What stands in PKCS 8 before the 32 bytes of a private key: the one form of them that WebCrypto takes without the public key. */
const pkcs8 = hexToBytes('0x302e020100300506032b656e04220420')
const basePoint = joined([new Uint8Array([9]), new Uint8Array(31)])

function keyBytes(key: Hex, half: 'public' | 'private'): Bytes {
  if (!/^0x[0-9a-f]{64}$/.test(key)) throw new InvalidKeyError(half)
  return joined([hexToBytes(key)])
}

function littleEndian(bytes: Bytes): bigint {
  return BigInt(bytesToHex(bytes.toReversed()))
}

/** Thrown when something is no key. It does not repeat it. */
export class InvalidKeyError extends BaseError {
  override readonly name = 'Hpke.InvalidKeyError'
  readonly half: 'public' | 'private'

  constructor(half: 'public' | 'private') {
    super({
      code: 'KEY_INVALID',
      message: `That is no ${half} key of X25519: 32 bytes of lower-case hex with 0x${half === 'public' ? ', of a point that is somebody’s' : ''}.`,
      hint: 'Make a pair with `Hpke.keyPair()` or `plimsoll evidence keys`, and copy the key whole.',
    })
    this.half = half
  }
}
