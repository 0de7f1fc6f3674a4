/**
 * Envelopes made and opened a second time, from the page alone: node:crypto in place of WebCrypto, offsets in place of slices, and nothing of
 * the sources that it judges.
 */
import { createCipheriv, createDecipheriv, createHmac, createPrivateKey, createPublicKey, diffieHellman, hkdfSync } from 'node:crypto'

type Pair = { readonly secret: Buffer; readonly publicKey: Buffer }

/** The pair of 32 private bytes. */
export function pair(secret: Buffer): Pair {
  const publicKey = createPublicKey(privateOf(secret)).export({ format: 'der', type: 'spki' }).subarray(12)
  return { secret, publicKey }
}

/** An envelope with everything that is random given: `ephemerals[i]` makes the slot of `recipients[i]`. */
export function seal(args: {
  /** Or bytes that are none. */
  readonly text: string | Buffer
  readonly dataKey: Buffer
  readonly recipients: readonly Buffer[]
  readonly ephemerals: readonly Buffer[]
  /** Another than the data key's, as a sender would need who has two keys for one body. */
  readonly commitment?: Buffer
}): Buffer {
  const { text, dataKey, recipients, ephemerals } = args
  const slots = recipients.map((recipient, i) => {
    const own = pair(ephemerals[i] ?? Buffer.alloc(32))
    const { key, nonce } = schedule({ shared: agree(own.secret, recipient), enc: own.publicKey, recipient })
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    return Buffer.concat([own.publicKey, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()])
  })
  const content = typeof text === 'string' ? Buffer.from(text, 'utf8') : text
  let room = 1024
  while (room < content.length) room *= 2
  const keys = contentKeys(dataKey)
  const head = Buffer.concat([Buffer.from('PLIMENV\x01', 'latin1'), ...slots.sort(Buffer.compare), args.commitment ?? keys.commitment])
  const cipher = createCipheriv('aes-256-gcm', keys.key, keys.nonce)
  cipher.setAAD(head)
  return Buffer.concat([
    head,
    cipher.update(Buffer.concat([content, Buffer.alloc(room - content.length)])),
    cipher.final(),
    cipher.getAuthTag(),
  ])
}

/** The text that an envelope holds, and how many of its slots open. */
export function open(envelope: Buffer, secret: Buffer): { readonly text: string; readonly opened: number } {
  const { publicKey: recipient } = pair(secret)
  const found: Buffer[] = []
  for (let at = 8; at < 1288; at += 80) {
    const enc = envelope.subarray(at, at + 32)
    const { key, nonce } = schedule({ shared: agree(secret, enc), enc, recipient })
    try {
      found.push(opened({ key, nonce, sealed: envelope.subarray(at + 32, at + 80), aad: Buffer.alloc(0) }))
    } catch {
      // Somebody else's, or nobody's.
    }
  }
  const [dataKey] = found
  if (!dataKey) throw new Error('no slot opens')
  const { key, nonce, commitment } = contentKeys(dataKey)
  if (!commitment.equals(envelope.subarray(1288, 1320))) throw new Error('another key')
  const room = opened({ key, nonce, sealed: envelope.subarray(1320), aad: envelope.subarray(0, 1320) })
  return { text: room.toString('utf8').replace(/\0*$/, ''), opened: found.length }
}

/** One HPKE message. @throws where it does not open. */
export function read(args: { readonly secret: Buffer; readonly info: string; readonly enc: Buffer; readonly sealed: Buffer }): Buffer {
  const { secret, info, enc, sealed } = args
  const { publicKey: recipient } = pair(secret)
  return opened({ ...schedule({ shared: agree(secret, enc), enc, recipient, info }), sealed, aad: Buffer.alloc(0) })
}

function opened(args: { readonly key: Buffer; readonly nonce: Buffer; readonly sealed: Buffer; readonly aad: Buffer }): Buffer {
  const { key, nonce, sealed, aad } = args
  const decipher = createDecipheriv('aes-256-gcm', key, nonce)
  decipher.setAAD(aad)
  decipher.setAuthTag(sealed.subarray(-16))
  return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
}

function contentKeys(dataKey: Buffer) {
  const bytes = Buffer.from(hkdfSync('sha256', dataKey, '', 'plimsoll evidence envelope 1 content', 76))
  return { key: bytes.subarray(0, 32), nonce: bytes.subarray(32, 44), commitment: bytes.subarray(44) }
}

/** RFC 9180, 4.1 and 5.1, step by step. */
function schedule(args: { readonly shared: Buffer; readonly enc: Buffer; readonly recipient: Buffer; readonly info?: string }) {
  const kem = Buffer.from('4b454d0020', 'hex')
  const suite = Buffer.from('48504b45002000010002', 'hex')
  const extract = (id: Buffer, salt: Buffer, label: string, ikm: Buffer) =>
    createHmac('sha256', salt)
      .update(Buffer.concat([Buffer.from('HPKE-v1'), id, Buffer.from(label), ikm]))
      .digest()
  const expand = (id: Buffer, prk: Buffer, label: string, info: Buffer, length: number) =>
    createHmac('sha256', prk)
      .update(Buffer.concat([Buffer.from([0, length]), Buffer.from('HPKE-v1'), id, Buffer.from(label), info, Buffer.from([1])]))
      .digest()
      .subarray(0, length)
  const none = Buffer.alloc(0)
  const prk = extract(kem, none, 'eae_prk', args.shared)
  const shared = expand(kem, prk, 'shared_secret', Buffer.concat([args.enc, args.recipient]), 32)
  const info = Buffer.from(args.info ?? 'plimsoll evidence envelope 1 slot')
  const context = Buffer.concat([Buffer.from([0]), extract(suite, none, 'psk_id_hash', none), extract(suite, none, 'info_hash', info)])
  const secret = extract(suite, shared, 'secret', none)
  return { key: expand(suite, secret, 'key', context, 32), nonce: expand(suite, secret, 'base_nonce', context, 12) }
}

function agree(secret: Buffer, other: Buffer): Buffer {
  const publicKey = createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b656e032100', 'hex'), other]),
    format: 'der',
    type: 'spki',
  })
  return diffieHellman({ privateKey: privateOf(secret), publicKey })
}

function privateOf(secret: Buffer) {
  return createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), secret]),
    format: 'der',
    type: 'pkcs8',
  })
}
