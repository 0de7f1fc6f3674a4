import type { Address, Hex } from 'viem'
import { BaseError } from './BaseError.ts'

/** One field of an EIP-712 struct. */
export type Field = { readonly name: string; readonly type: FieldType }

export type FieldType = 'address' | 'bytes32' | 'string' | 'uint128' | 'uint64' | 'uint32'

/** What a field is in memory, as viem has it: up to 48 bits a number, beyond that a bigint. */
type Value<type extends FieldType> = type extends 'address'
  ? Address
  : type extends 'bytes32'
    ? Hex
    : type extends 'string'
      ? string
      : type extends 'uint32'
        ? number
        : bigint

/** What a field is in JSON: a bigint becomes a decimal string. */
type Wire<type extends FieldType> = type extends 'uint128' | 'uint64' ? string : Value<type>

export type Of<fields extends readonly Field[]> = { readonly [field in fields[number] as field['name']]: Value<field['type']> }

export type MessageOf<fields extends readonly Field[]> = { readonly [field in fields[number] as field['name']]: Wire<field['type']> }

const decimal = /^(0|[1-9]\d{0,38})$/
export const widest = { uint128: (1n << 128n) - 1n, uint64: (1n << 64n) - 1n, uint32: (1n << 32n) - 1n } as const

/**
 * The struct as JSON can carry it. Addresses and hashes in lower case, so that equal structs give equal messages.
 *
 * @throws {MalformedError} a field is missing, or out of its type's range.
 */
export function toMessage<const fields extends readonly Field[]>(name: string, fields: fields, struct: Of<fields>): MessageOf<fields> {
  const given = struct as Record<string, unknown>
  return build(fields, ({ name: field, type }) => {
    const value = given[field]
    if (type === 'uint128' || type === 'uint64') {
      if (typeof value !== 'bigint' || value < 0n || value > widest[type]) throw new MalformedError({ struct: name, field, type })
      return value.toString()
    }
    return shared(name, field, type, value)
  }) as MessageOf<fields>
}

/**
 * The struct a message carries. Strict: exactly these fields, bigints as decimal strings without leading zeros.
 *
 * @throws {MalformedError} a field is missing, unknown, of another kind, or out of its type's range.
 */
export function fromMessage<const fields extends readonly Field[]>(name: string, fields: fields, message: unknown): Of<fields> {
  if (typeof message !== 'object' || message === null || Array.isArray(message))
    throw new MalformedError({ struct: name, field: '', type: 'object' })
  const given = message as Record<string, unknown>
  for (const key of Object.keys(given))
    if (!fields.some(({ name: field }) => field === key)) throw new MalformedError({ struct: name, field: key, type: 'unknown' })
  return build(fields, ({ name: field, type }) => {
    const value = Object.hasOwn(given, field) ? given[field] : undefined
    if (type === 'uint128' || type === 'uint64') {
      if (typeof value !== 'string' || !decimal.test(value) || BigInt(value) > widest[type])
        throw new MalformedError({ struct: name, field, type })
      return BigInt(value)
    }
    return shared(name, field, type, value)
  }) as Of<fields>
}

/** The kinds that JSON carries as they are. */
function shared(struct: string, field: string, type: Exclude<FieldType, 'uint128' | 'uint64'>, value: unknown): string | number {
  if (type === 'uint32') {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= Number(widest.uint32)) return value
  } else if (typeof value === 'string') {
    if (type === 'string') return value
    const digits = type === 'address' ? 40 : 64
    if (value.length === digits + 2 && /^0x[0-9a-f]+$/i.test(value)) return value.toLowerCase()
  }
  throw new MalformedError({ struct, field, type })
}

function build(fields: readonly Field[], read: (field: Field) => string | number | bigint): Record<string, unknown> {
  return Object.fromEntries(fields.map((field) => [field.name, read(field)]))
}

/** Thrown when a struct or message does not have the fields its type demands. */
export class MalformedError extends BaseError {
  override readonly name = 'Struct.MalformedError'
  override readonly code = 'STRUCT_MALFORMED'
  readonly struct: string
  readonly field: string
  readonly type: string

  constructor(options: { readonly struct: string; readonly field: string; readonly type: string }) {
    const { struct, field, type } = options
    super(
      field === ''
        ? `A ${struct} must be an object.`
        : type === 'unknown'
          ? `A ${struct} has no field ${field}.`
          : `The field ${field} of a ${struct} is missing or not a ${type}.`,
      {
        hint: 'Send every field once: uint64 and uint128 as decimal strings, uint32 as a whole number, hashes and addresses as 0x-hex.',
      },
    )
    this.struct = struct
    this.field = field
    this.type = type
  }
}
