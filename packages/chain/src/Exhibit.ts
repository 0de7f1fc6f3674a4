/** What is shown of private evidence: some leaves, what takes them to a root, and whose root that is. One text for one exhibit. */
import { BaseError } from './BaseError.ts'
import type { Hex } from './Hex.ts'
import * as PrivateTree from './PrivateTree.ts'

/** What somebody who reads it expects, from the attestation: whose evidence, under which schema, committed to by which root. 32 bytes each. */
export type Binding = { readonly schema: Hex; readonly root: Hex; readonly owner: Hex }

export type Exhibit = Binding & { readonly disclosure: PrivateTree.Disclosure }

/**
 * An exhibit as canonical JSON (RFC 8785): keys in order, no space, numbers as decimal strings, hex in lower case.
 *
 * Source: docs/method/evidence.md, eq. (7).
 *
 * @throws {InvalidExhibitError} something is not of its shape.
 * @throws {UnprovenError} the leaves do not stand under the root.
 */
export function format(exhibit: Exhibit): string {
  const { schema, root, owner, disclosure } = exhibit
  for (const [what, value] of Object.entries({ schema, root, owner })) if (!is32(value)) throw new InvalidExhibitError(what)
  if (!PrivateTree.holds(root, disclosure)) throw new UnprovenError(root)
  return textOf(exhibit)
}

/**
 * What `format` wrote, and nothing else: another spelling of the same is refused. Whoever reads it has still to compare the binding.
 *
 * @throws {InvalidExhibitError} it is not written so.
 * @throws {UnprovenError} the leaves do not stand under the root.
 */
export function parse(text: string): Exhibit {
  const exhibit = read(text)
  if (textOf(exhibit) !== text) throw new InvalidExhibitError('spelling')
  if (!PrivateTree.holds(exhibit.root, exhibit.disclosure)) throw new UnprovenError(exhibit.root)
  return exhibit
}

/**
 * A leaf as an exhibit spells it: a number as a decimal string, hex in lower case.
 *
 * @throws {InvalidExhibitError} it is not spelled so.
 */
export function leaf(json: unknown): PrivateTree.Leaf {
  const { name, salt, type, value } = fields(json, 'leaf')
  if (typeof name !== 'string' || !is32(salt)) throw new InvalidExhibitError('leaf')
  if (type === 'bool' && typeof value === 'boolean') return { name, salt, type, value }
  if (typeof value !== 'string') throw new InvalidExhibitError(`value of ${JSON.stringify(name.slice(0, 80))}`)
  if (type === 'string') return { name, salt, type, value }
  if (type === 'uint256' && /^(0|[1-9]\d{0,77})$/.test(value)) return { name, salt, type, value: BigInt(value) }
  if (type === 'bytes32' && is32(value)) return { name, salt, type, value }
  if (type === 'address' && /^0x[0-9a-f]{40}$/.test(value)) return { name, salt, type, value }
  throw new InvalidExhibitError(`value of ${JSON.stringify(name.slice(0, 80))}`)
}

function textOf({ schema, root, owner, disclosure }: Exhibit): string {
  const { flags, proof } = disclosure
  const leaves = disclosure.leaves.map(({ name, salt, type, value }) => ({
    ...{ name: whole(name), salt: salt.toLowerCase(), type },
    value:
      typeof value === 'string' ? (type === 'string' ? whole(value) : value.toLowerCase()) : typeof value === 'bigint' ? `${value}` : value,
  }))
  return JSON.stringify({ flags, leaves, owner, proof: proof.map((node) => node.toLowerCase()), root, schema })
}

/** A lone surrogate has no UTF-8: it would be another text once it is read. */
function whole(text: string): string {
  if (!text.isWellFormed()) throw new InvalidExhibitError('text')
  return text
}

function read(text: string): Exhibit {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new InvalidExhibitError('text', cause)
  }
  const { flags, leaves, owner, proof, root, schema } = fields(json, 'text')
  if (!is32(schema)) throw new InvalidExhibitError('schema')
  if (!is32(root)) throw new InvalidExhibitError('root')
  if (!is32(owner)) throw new InvalidExhibitError('owner')
  if (!(Array.isArray(proof) && proof.every(is32))) throw new InvalidExhibitError('proof')
  if (!(Array.isArray(flags) && flags.every((flag) => typeof flag === 'boolean'))) throw new InvalidExhibitError('flags')
  if (!Array.isArray(leaves)) throw new InvalidExhibitError('leaves')
  return { schema, root, owner, disclosure: { leaves: leaves.map(leaf), proof, flags } }
}

function fields(json: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null) throw new InvalidExhibitError(what)
  return json as Readonly<Record<string, unknown>>
}

function is32(value: unknown): value is Hex {
  return typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value)
}

/** Thrown when what is shown is not of its shape, or not written in the one way. */
export class InvalidExhibitError extends BaseError {
  override readonly name = 'Exhibit.InvalidExhibitError'
  readonly what: string

  constructor(what: string, cause?: unknown) {
    super({
      code: 'EXHIBIT_INVALID',
      message: `What is shown is not written as an exhibit is: its ${what}.`,
      hint: 'See docs/method/evidence.md, “Envelopes”: schema, root and owner are 32 bytes of lower-case hex, and every text is whole.',
      cause,
    })
    this.what = what
  }
}

/** Thrown when the leaves that are shown are not of the tree whose root was committed to. */
export class UnprovenError extends BaseError {
  override readonly name = 'Exhibit.UnprovenError'
  readonly root: Hex

  constructor(root: Hex) {
    super({
      code: 'EXHIBIT_UNPROVEN',
      message: `The values that are shown do not stand under ${root}.`,
      hint: 'Show them with `PrivateTree.disclose` of the very leaves, salts included, that the root was made of.',
    })
    this.root = root
  }
}
