/**
 * An exhibit for some recipients, in bytes that anybody may keep and nobody else may read: not what is shown, of whom, or to how many.
 *
 * Source: docs/method/evidence.md, “Envelopes”.
 */
import { bytesToHex } from 'viem'
import { BaseError } from './BaseError.ts'
import * as Exhibit from './Exhibit.ts'
import type { Hex } from './Hex.ts'
import * as Hpke from './Hpke.ts'
import type * as PrivateTree from './PrivateTree.ts'

type Bytes = Hpke.Bytes

/** Slots of every envelope, and so the most recipients: those that nobody needs are sealed to keys that nobody has. */
export const slots = 16

const ascii = (text: string) => new TextEncoder().encode(text)
const magic = ascii('PLIMENV')
const version = 1
const slotBytes = 32 + 32 + 16
const headBytes = magic.length + 1 + slots * slotBytes + 32
const tagBytes = 16
const [minBody, maxBody] = [1 << 10, 1 << 20]

/** The longest there is: who reads one from a file or a peer need not read on. */
export const maxBytes = headBytes + maxBody + tagBytes

/** What slots and content are sealed for: a key of an envelope is of no use for anything else. */
const slotInfo = ascii(`plimsoll evidence envelope ${version} slot`)
const contentInfo = ascii(`plimsoll evidence envelope ${version} content`)

/**
 * Seals an exhibit to some public keys. Every envelope has a key of its own; to add or remove a recipient is to seal again.
 *
 * Source: docs/method/evidence.md, eq. (5) to (7).
 *
 * @param exhibit - from `PrivateTree.disclose`, with all names for a backup. The owner reads it later only as a recipient.
 * @param recipients - public keys, none twice. Their order is not kept.
 * @throws {RecipientsError} there is none, one comes twice, or there are more than 16.
 * @throws {TooLargeError} the exhibit is longer than 1 MiB.
 * @throws {Hpke.InvalidKeyError | Exhibit.InvalidExhibitError | Exhibit.UnprovenError}
 */
export async function seal(exhibit: Exhibit.Exhibit, recipients: readonly Hex[]): Promise<Bytes> {
  if (recipients.length === 0) throw new RecipientsError('RECIPIENTS_MISSING', 'there is none')
  if (recipients.length > slots) throw new RecipientsError('RECIPIENTS_TOO_MANY', `${recipients.length} are more than ${slots}`)
  if (new Set(recipients).size !== recipients.length) throw new RecipientsError('RECIPIENTS_REPEATED', 'one comes twice')
  const content = padded(ascii(Exhibit.format(exhibit)))

  const dataKey = crypto.getRandomValues(new Uint8Array(32))
  const nobody = await Promise.all(Array.from({ length: slots - recipients.length }, () => Hpke.keyPair()))
  const keys = [...recipients, ...nobody.map(({ publicKey }) => publicKey)]
  const sealed = await Promise.all(keys.map((publicKey) => Hpke.seal({ publicKey, info: slotInfo, message: dataKey })))
  const sorted = sealed.map(({ enc, ciphertext }) => Hpke.joined([enc, ciphertext])).sort(compare)
  const { key, iv, commitment } = await keysOf(dataKey)
  const head = Hpke.joined([magic, new Uint8Array([version]), ...sorted, commitment])
  const body = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: head }, key, content)
  return Hpke.joined([head, new Uint8Array(body)])
}

/**
 * What an envelope shows, to one of its recipients. It asks for what the attestation said: an envelope's own word for its root proves nothing.
 *
 * @param binding - schema, root and owner as the attestation has them.
 * @returns leaves that stand under that root.
 * @throws {MalformedError | UnknownVersionError | TooLargeError} before anything is decrypted.
 * @throws {NotForKeyError} no slot opens with the key: it was not sealed to it, or its slot was changed.
 * @throws {TamperedError} it was changed since it was sealed.
 * @throws {ForeignError} it is of another schema, root or owner.
 * @throws {Hpke.InvalidKeyError | Exhibit.InvalidExhibitError | Exhibit.UnprovenError}
 */
export async function open(envelope: Uint8Array, args: open.Args): Promise<PrivateTree.Disclosure> {
  const { head, parts, commitment, body } = split(envelope)
  const tries = await Promise.all(
    parts.map((part) =>
      Hpke.open({ privateKey: args.privateKey, info: slotInfo, sealed: { enc: part.slice(0, 32), ciphertext: part.slice(32) } }),
    ),
  )
  const dataKey = tries.find((found) => found !== null)
  if (!dataKey) throw new NotForKeyError()

  const keys = await keysOf(dataKey)
  // One key a ciphertext: GCM alone would let one body say different things to different recipients.
  if (compare(keys.commitment, commitment) !== 0) throw new TamperedError()
  const content = await crypto.subtle
    .decrypt({ name: 'AES-GCM', iv: keys.iv, additionalData: head }, keys.key, body)
    .catch((cause: unknown) => {
      throw new TamperedError(cause)
    })
  const exhibit = Exhibit.parse(unpadded(new Uint8Array(content)))
  for (const field of ['schema', 'root', 'owner'] as const)
    if (exhibit[field] !== args.binding[field].toLowerCase()) throw new ForeignError(field)
  return exhibit.disclosure
}

export declare namespace open {
  type Args = { readonly binding: Exhibit.Binding; readonly privateKey: Hex }
}

/** Bounds and order of an envelope, before any of it is decrypted. */
function split(envelope: Uint8Array) {
  if (compare(envelope.slice(0, magic.length), magic) !== 0) throw new MalformedError('it does not begin as one')
  const found = envelope[magic.length]
  if (found === undefined) throw new MalformedError('it ends within its head')
  if (found !== version) throw new UnknownVersionError(found)
  if (envelope.length > maxBytes) throw new TooLargeError(envelope.length)
  const length = envelope.length - headBytes - tagBytes
  if (length < minBody || (length & (length - 1)) !== 0) throw new MalformedError(`no envelope has ${envelope.length} bytes`)
  const head = new Uint8Array(envelope.slice(0, headBytes))
  const from = magic.length + 1
  const parts = Array.from({ length: slots }, (_, i) => head.slice(from + i * slotBytes, from + (i + 1) * slotBytes))
  if (parts.some((part, i) => i > 0 && compare(parts[i - 1] ?? part, part) >= 0)) throw new MalformedError('its slots are not in order')
  return { head, parts, commitment: head.slice(-32), body: new Uint8Array(envelope.slice(headBytes)) }
}

/** Content key, nonce and commitment of a data key, by one HKDF. The nonce may follow from the key: a key seals once. */
async function keysOf(dataKey: Bytes) {
  const material = await crypto.subtle.importKey('raw', dataKey, 'HKDF', false, ['deriveBits'])
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: contentInfo }
  const bytes = new Uint8Array(await crypto.subtle.deriveBits(hkdf, material, 8 * (32 + 12 + 32)))
  const key = await crypto.subtle.importKey('raw', bytes.slice(0, 32), 'AES-GCM', false, ['encrypt', 'decrypt'])
  return { key, iv: bytes.slice(32, 44), commitment: bytes.slice(44) }
}

/** Zeros to the next power of two, so that the length tells little; JSON has no zero byte of its own. */
function padded(content: Bytes): Bytes {
  if (content.length > maxBody) throw new TooLargeError(content.length)
  const room = Math.max(minBody, 2 ** Math.ceil(Math.log2(content.length)))
  return Hpke.joined([content, new Uint8Array(room - content.length)])
}

function unpadded(room: Bytes): string {
  const zero = room.indexOf(0)
  const content = zero < 0 ? room : room.slice(0, zero)
  if (compare(padded(content), room) !== 0) throw new Exhibit.InvalidExhibitError('padding')
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content)
  } catch (cause) {
    throw new Exhibit.InvalidExhibitError('text', cause)
  }
}

function compare(a: Uint8Array, b: Uint8Array): number {
  const [x, y] = [bytesToHex(a), bytesToHex(b)]
  return x === y ? 0 : x < y ? -1 : 1
}

/** Thrown when there are too few recipients, too many, or one comes twice. */
export class RecipientsError extends BaseError {
  override readonly name = 'Envelope.RecipientsError'

  constructor(code: 'RECIPIENTS_MISSING' | 'RECIPIENTS_TOO_MANY' | 'RECIPIENTS_REPEATED', reason: string) {
    super({
      code,
      message: `An envelope for these recipients cannot be: ${reason}.`,
      hint: `Give 1 to ${slots} public keys, each once; for more people seal a second envelope.`,
    })
  }
}

/** Thrown when what is sealed, or opened, is larger than any envelope. */
export class TooLargeError extends BaseError {
  override readonly name = 'Envelope.TooLargeError'

  constructor(bytes: number) {
    super({
      code: 'ENVELOPE_TOO_LARGE',
      message: `${bytes} bytes are more than an envelope holds.`,
      hint: `An exhibit has at most ${maxBody} bytes. Commit to the hash of a document, and send the document itself another way.`,
    })
  }
}

/** Thrown when bytes are no envelope, whatever the key. */
export class MalformedError extends BaseError {
  override readonly name = 'Envelope.MalformedError'

  constructor(reason: string) {
    super({ code: 'ENVELOPE_MALFORMED', message: `That is no envelope: ${reason}.`, hint: 'Ask for the file again, and copy it whole.' })
  }
}

/** Thrown when an envelope is of a version that this one does not read. */
export class UnknownVersionError extends BaseError {
  override readonly name = 'Envelope.UnknownVersionError'

  constructor(found: number) {
    super({
      code: 'ENVELOPE_VERSION_UNKNOWN',
      message: `The envelope is of version ${found}; this reads version ${version}.`,
      hint: 'Update plimsoll, or ask for an envelope of this version.',
    })
  }
}

/** Thrown when no slot opens. A slot that was changed and one that is somebody else's look alike. */
export class NotForKeyError extends BaseError {
  override readonly name = 'Envelope.NotForKeyError'

  constructor() {
    super({
      code: 'ENVELOPE_NOT_FOR_KEY',
      message: 'No slot of the envelope opens with this key.',
      hint: 'Give its sender your public key (`plimsoll evidence keys`) and ask for an envelope sealed to it.',
    })
  }
}

/** Thrown when an envelope is not what was sealed. */
export class TamperedError extends BaseError {
  override readonly name = 'Envelope.TamperedError'

  constructor(cause?: unknown) {
    super({
      code: 'ENVELOPE_TAMPERED',
      message: 'The envelope was changed since it was sealed.',
      hint: 'Ask for it again; nothing of it was used.',
      cause,
    })
  }
}

/** Thrown when an envelope was sealed for another question. */
export class ForeignError extends BaseError {
  override readonly name = 'Envelope.ForeignError'
  readonly field: keyof Exhibit.Binding

  constructor(field: keyof Exhibit.Binding) {
    super({
      code: 'ENVELOPE_FOREIGN',
      message: `The envelope is of another ${field} than was asked for.`,
      hint: 'Take schema, root and owner from the attestation that you check, not from the sender.',
    })
    this.field = field
  }
}
