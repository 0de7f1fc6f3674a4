/** What a text is called on IPFS: a version 0 identifier over blocks of 256 KiB, as `ipfs add` gives it. */
import { createHash } from 'node:crypto'

const blockBytes = 262_144
/** Links of one node above the blocks. */
const mostLinks = 174

type Block = { readonly hash: Buffer; readonly fileBytes: number; readonly storedBytes: number }

/** The identifier, `Qm…`. */
export function of(text: string): string {
  const bytes = Buffer.from(text, 'utf8')
  let level: Block[] = []
  for (let at = 0; at < bytes.length || at === 0; at += blockBytes) level.push(leaf(bytes.subarray(at, at + blockBytes)))
  while (level.length > 1) {
    const above: Block[] = []
    for (let at = 0; at < level.length; at += mostLinks) above.push(node(level.slice(at, at + mostLinks)))
    level = above
  }
  const [root] = level
  return base58(root?.hash ?? Buffer.alloc(0))
}

function leaf(bytes: Buffer): Block {
  const data = Buffer.concat([varint(1, 2), ...(bytes.length === 0 ? [] : [field(2, bytes)]), varint(3, bytes.length)])
  return stored(field(1, data), bytes.length, 0)
}

function node(parts: readonly Block[]): Block {
  const fileBytes = parts.reduce((sum, part) => sum + part.fileBytes, 0)
  const links = parts.map((part) => field(2, Buffer.concat([field(1, part.hash), field(2, Buffer.alloc(0)), varint(3, part.storedBytes)])))
  const data = Buffer.concat([varint(1, 2), varint(3, fileBytes), ...parts.map((part) => varint(4, part.fileBytes))])
  return stored(
    Buffer.concat([...links, field(1, data)]),
    fileBytes,
    parts.reduce((sum, part) => sum + part.storedBytes, 0),
  )
}

function stored(encoded: Buffer, fileBytes: number, below: number): Block {
  const hash = Buffer.concat([Buffer.from([0x12, 0x20]), createHash('sha256').update(encoded).digest()])
  return { hash, fileBytes, storedBytes: encoded.length + below }
}

/** A field of protobuf with bytes in it. */
function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), septets(bytes.length), bytes])
}

/** A field of protobuf with a number in it. */
function varint(number: number, value: number): Buffer {
  return Buffer.concat([Buffer.from([number << 3]), septets(value)])
}

function septets(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Buffer.from([...bytes, rest])
}

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** Of bytes that begin with none that is zero. */
function base58(bytes: Buffer): string {
  let rest = BigInt(`0x0${bytes.toString('hex')}`)
  let text = ''
  for (; rest > 0n; rest /= 58n) text = `${alphabet[Number(rest % 58n)]}${text}`
  return text
}
