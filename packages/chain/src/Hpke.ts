/** One message for one key: RFC 9180 in base mode, with X25519, HKDF-SHA256 and AES-256-GCM, all of WebCrypto. Any HPKE library reads it. */
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
  return bytesToHex((await privateOf(privateKey)).publicBytes)
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
  const { info, message } = args
  const receiver = keyBytes(args.publicKey, 'public')
  // One spelling a key: the same point written otherwise would be another recipient.
  if (littleEndian(receiver) >= prime) throw new InvalidKeyError('public')
  const { handle, publicBytes: enc } = await privateOf(bytesToHex(crypto.getRandomValues(new Uint8Array(32))))
  const secret = await agreed(handle, receiver)
  if (secret === null) throw new InvalidKeyError('public')
  const { key, iv } = await schedule({ secret, enc, receiver, info })
  return { enc, ciphertext: new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, message)) }
}

/**
 * Opens what was sealed to a key's public one.
 *
 * @returns null where it was not, or was changed since: the two look alike.
 * @throws {InvalidKeyError} the private key is not 32 bytes of lower-case hex.
 */
export async function open(args: { readonly privateKey: Hex; readonly info: Bytes; readonly sealed: Sealed }): Promise<Bytes | null> {
  const { enc, ciphertext } = args.sealed
  const { handle, publicBytes: receiver } = await privateOf(args.privateKey)
  const secret = await agreed(handle, enc)
  if (secret === null) return null
  const { key, iv } = await schedule({ secret, enc, receiver, info: args.info })
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, ciphertext))
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

const ascii = (text: string) => new TextEncoder().encode(text)
const prime = (1n << 255n) - 19n
/** KEM 0x0020, KDF 0x0001, AEAD 0x0002. */
const kem = joined([ascii('KEM'), new Uint8Array([0, 0x20])])
const suite = joined([ascii('HPKE'), new Uint8Array([0, 0x20, 0, 1, 0, 2])])
const labels = ascii('HPKE-v1')
/** What stands in PKCS 8 before the 32 bytes of a private key: the one form of them that WebCrypto takes without the public key. */
const pkcs8 = hexToBytes('0x302e020100300506032b656e04220420')
const basePoint = joined([new Uint8Array([9]), new Uint8Array(31)])

/** The content key and nonce of RFC 9180, 5.1: no shared password, first message. */
async function schedule(args: { readonly secret: Bytes; readonly enc: Bytes; readonly receiver: Bytes; readonly info: Bytes }) {
  const none = new Uint8Array()
  const shared = await derived(kem, {
    ...{ salt: none, from: 'eae_prk', secret: args.secret },
    ...{ to: 'shared_secret', context: joined([args.enc, args.receiver]), length: 32 },
  })
  const context = joined([new Uint8Array(1), await extracted('psk_id_hash', none), await extracted('info_hash', args.info)])
  const from = { salt: shared, from: 'secret', secret: none, context }
  const raw = await derived(suite, { ...from, to: 'key', length: 32 })
  const iv = await derived(suite, { ...from, to: 'base_nonce', length: 12 })
  return { key: await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']), iv }
}

/** LabeledExtract, then LabeledExpand: one HKDF. */
async function derived(id: Bytes, args: derived.Args): Promise<Bytes> {
  const { salt, from, secret, to, context, length } = args
  const material = joined([labels, id, ascii(from), secret])
  const info = joined([new Uint8Array([0, length]), labels, id, ascii(to), context])
  const key = await crypto.subtle.importKey('raw', material, 'HKDF', false, ['deriveBits'])
  return new Uint8Array(await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, key, 8 * length))
}

declare namespace derived {
  type Args = {
    readonly salt: Bytes
    readonly from: string
    readonly secret: Bytes
    readonly to: string
    readonly context: Bytes
    readonly length: number
  }
}

/** LabeledExtract without a salt: an HMAC under 32 zeros. */
async function extracted(label: string, input: Bytes): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', new Uint8Array(32), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, joined([labels, suite, ascii(label), input])))
}

type Handle = Awaited<ReturnType<typeof privateOf>>['handle']

/** What two keys agree on; null where the public one is of low order, and the secret nobody's. */
async function agreed(handle: Handle, publicBytes: Bytes): Promise<Bytes | null> {
  try {
    const publicKey = await crypto.subtle.importKey('raw', publicBytes, 'X25519', false, [])
    return new Uint8Array(await crypto.subtle.deriveBits({ name: 'X25519', public: publicKey }, handle, 256))
  } catch {
    // WebCrypto refuses a secret of zeros.
    return null
  }
}

async function privateOf(privateKey: Hex) {
  const encoded = joined([pkcs8, keyBytes(privateKey, 'private')])
  const handle = await crypto.subtle.importKey('pkcs8', encoded, 'X25519', false, ['deriveBits'])
  const base = await crypto.subtle.importKey('raw', basePoint, 'X25519', false, [])
  // X25519 of the base point is the public key: so the private one need not be extractable.
  return { handle, publicBytes: new Uint8Array(await crypto.subtle.deriveBits({ name: 'X25519', public: base }, handle, 256)) }
}

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
