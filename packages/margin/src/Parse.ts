/** Strict readers for documents, and their canonical text. */
import { BaseError } from './BaseError.ts'

/** Reads a JSON value at a path, or throws. */
export type Reader<T> = (value: unknown, path: string) => T

/** Refuses the value at `path`. */
export function fail(path: string, problem: string): never {
  throw new UnreadableDocumentError({ path, problem })
}

/** The JSON value of a text. */
export function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return fail('', 'is not JSON')
  }
}

/** An unsigned decimal string: `^(0|[1-9]\d{0,77})$`. */
export const amount: Reader<bigint> = (value, path) =>
  typeof value === 'string' && /^(0|[1-9]\d{0,77})$/.test(value) ? BigInt(value) : fail(path, 'must be an unsigned decimal string')

/** An integer ≥ 0 that a float64 holds exactly. */
export const whole: Reader<number> = (value, path) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0)
    ? value
    : fail(path, 'must be a whole number ≥ 0')

/** An integer, negative allowed. */
export const integer: Reader<number> = (value, path) =>
  typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0) ? value : fail(path, 'must be an integer')

/** Parts per million, as a certificate can hold them (32 bits). */
export const ppm: Reader<number> = (value, path) =>
  whole(value, path) <= 4_294_967_295 ? (value as number) : fail(path, 'must fit 32 bits')

export const text: Reader<string> = (value, path) =>
  typeof value === 'string' && value.length <= 200 && /^[\x20-\x7e]*$/.test(value)
    ? value
    : fail(path, 'must be printable ASCII, at most 200 characters')

export const hash: Reader<`0x${string}`> = (value, path) =>
  typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value) ? (value as `0x${string}`) : fail(path, 'must be 32 bytes in lower-case hex')

export const address: Reader<`0x${string}`> = (value, path) =>
  typeof value === 'string' && /^0x[0-9a-f]{40}$/.test(value) ? (value as `0x${string}`) : fail(path, 'must be a lower-case address')

export function oneOf<const T extends string>(...known: readonly T[]): Reader<T> {
  return (value, path) => (known.includes(value as T) ? (value as T) : fail(path, `must be one of ${known.join(', ')}`))
}

export function nullable<T>(read: Reader<T>): Reader<T | null> {
  return (value, path) => (value === null ? null : read(value, path))
}

export function list<T>(read: Reader<T>, least: number, most: number): Reader<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) return fail(path, 'must be a list')
    if (value.length < least || value.length > most) return fail(path, `must hold ${least} to ${most} items`)
    return value.map((item: unknown, i) => read(item, `${path}[${i}]`))
  }
}

/** An object with exactly these fields. */
export function object<T>(fields: { readonly [K in keyof T]-?: Reader<T[K]> }): Reader<T> {
  return (value, path) => {
    const record = recordOf(value, path)
    const known = Object.keys(fields)
    for (const key of Object.keys(record)) if (!known.includes(key)) return fail(at(path, key), 'is not a field of this document')
    const out: Record<string, unknown> = {}
    for (const key of known) out[key] = fields[key as keyof T](record[key], at(path, key))
    return out as T
  }
}

/** An object whose fields depend on one of them. */
export function variant<T extends object>(
  tag: string,
  variants: Readonly<Record<string, Readonly<Record<string, Reader<unknown>>>>>,
): Reader<T> {
  return (value, path) => {
    const record = recordOf(value, path)
    const kind = oneOf(...Object.keys(variants))(record[tag], at(path, tag))
    return object<Record<string, unknown>>({ [tag]: () => kind, ...variants[kind] })(value, path) as T
  }
}

/** The canonical text of a plain value (RFC 8785), every bigint a decimal string. */
export function canonical(value: unknown, path = ''): string {
  if (typeof value === 'bigint') return `"${value}"`
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0) ? `${value}` : fail(path, 'must be an integer')
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((item: unknown, i) => canonical(item, `${path}[${i}]`)).join(',')}]`
  const record = recordOf(value, path)
  const keys = Object.keys(record).sort()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(record[key], at(path, key))}`).join(',')}}`
}

function recordOf(value: unknown, path: string): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : fail(path, 'must be an object')
}

function at(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

/** Thrown when a document does not have the shape it must have. */
export class UnreadableDocumentError extends BaseError {
  override readonly name = 'Parse.UnreadableDocumentError'
  readonly path: string
  constructor(args: { readonly path: string; readonly problem: string }) {
    super({
      code: 'DOCUMENT_UNREADABLE',
      message: `${args.path || 'The document'} ${args.problem}.`,
      hint: 'Send the document as it was issued; every field is required and none is added.',
    })
    this.path = args.path
  }
}
