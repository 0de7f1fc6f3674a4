/** Strict readers for documents, from a wire or in memory, and their canonical text. */
import { BaseError } from './BaseError.ts'

/** Where a value comes from: on a wire every bigint is a decimal string; in memory it is a bigint. */
export type From = 'wire' | 'memory'

/** Reads a value, or throws. Nothing is coerced. */
export type Reader<T> = (value: unknown, from: From) => T

/** Refuses a value; whoever holds it adds the path. */
export function fail(problem: string): never {
  throw new UnreadableDocumentError({ path: '', problem })
}

/** The JSON value of a text. */
export function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return fail('is not JSON')
  }
}

const greatest = 10n ** 78n

/** An unsigned amount: on a wire `^(0|[1-9]\d{0,77})$`. */
export const amount: Reader<bigint> = (value, from) => {
  if (from === 'memory') return typeof value === 'bigint' && value >= 0n && value < greatest ? value : fail('must be an unsigned bigint')
  return typeof value === 'string' && /^(?:0|[1-9]\d{0,77})$/.test(value) ? BigInt(value) : fail('must be an unsigned decimal string')
}

/** An amount above 0. */
export const positive: Reader<bigint> = (value, from) => {
  const read = amount(value, from)
  return read > 0n ? read : fail('must be above 0')
}

/** An integer ≥ 0 that a float64 holds exactly. */
export const whole: Reader<number> = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0)
    ? value
    : fail('must be a whole number ≥ 0')

/** An integer that a float64 holds exactly, negative allowed. */
export const integer: Reader<number> = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0) ? value : fail('must be an integer')

/** A whole number up to `most`. */
export function upTo(most: number): Reader<number> {
  return (value, from) => (whole(value, from) <= most ? (value as number) : fail(`must be at most ${most}`))
}

/** Parts per million, up to 1000 %: products of rates then stay exact in a float64, and a margin fits 32 bits. */
export const ppm = upTo(10_000_000)

/** Parts per million of a whole. */
export const share = upTo(1_000_000)

/** A name for machines: 1 to 200 characters of printable ASCII. */
export const text: Reader<string> = (value) =>
  typeof value === 'string' && /^[\x20-\x7e]{1,200}$/.test(value) ? value : fail('must be 1 to 200 characters of printable ASCII')

export const hash: Reader<`0x${string}`> = (value) =>
  typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value) ? (value as `0x${string}`) : fail('must be 32 bytes in lower-case hex')

export const address: Reader<`0x${string}`> = (value) =>
  typeof value === 'string' && /^0x[0-9a-f]{40}$/.test(value) ? (value as `0x${string}`) : fail('must be a lower-case address')

export function oneOf<const T extends string | number>(...known: readonly T[]): Reader<T> {
  return (value) => (known.includes(value as T) ? (value as T) : fail(`must be one of ${known.join(', ')}`))
}

export function nullable<T>(read: Reader<T>): Reader<T | null> {
  return (value, from) => (value === null ? null : read(value, from))
}

/** A list of `least` to `most` items. */
export function list<T>(read: Reader<T>, least: number, most: number): Reader<readonly T[]> {
  return (value, from) => {
    if (!Array.isArray(value)) return fail('must be a list')
    if (value.length < least || value.length > most) return fail(`must hold ${least} to ${most} items`)
    // Not `map`, which skips holes.
    return Array.from(value as readonly unknown[], (item, i) => within(i, () => read(item, from)))
  }
}

/** An object with exactly these fields; those in `absent` may be left out, and are never null or undefined instead. */
export function object<T>(
  fields: { readonly [K in keyof T]-?: Reader<Exclude<T[K], undefined>> },
  absent: readonly (keyof T & string)[] = [],
): Reader<T> {
  const known = Object.keys(fields) as (keyof T & string)[]
  return (value, from) => {
    const record = recordOf(value)
    const out: Partial<T> = {}
    let read = 0
    for (const key of known) {
      if (absent.includes(key) && !Object.hasOwn(record, key)) continue
      out[key] = within(key, () => fields[key](record[key], from))
      read += 1
    }
    const given = Object.keys(record)
    if (given.length === read) return out as T
    const stranger = given.find((key) => !Object.hasOwn(fields, key)) ?? ''
    return within(stranger, () => fail('is not a field of this document'))
  }
}

/** An object whose fields depend on one of them. */
export function variant<T extends object>(
  tag: string,
  variants: Readonly<Record<string, Readonly<Record<string, Reader<unknown>>>>>,
): Reader<T> {
  const kinds = oneOf(...Object.keys(variants))
  const readers = new Map(
    Object.entries(variants).map(([kind, fields]) => [kind, object<Record<string, unknown>>({ [tag]: kinds, ...fields })]),
  )
  return (value, from) => {
    const record = recordOf(value)
    const kind = within(tag, () => kinds(record[tag], from))
    return readers.get(kind)?.(value, from) as T
  }
}

/**
 * The canonical text of a plain value (RFC 8785): keys sorted by UTF-16 code units, no blanks, integers as numbers, every bigint a
 * decimal string.
 *
 * @throws {UnreadableDocumentError} a number that is no safe integer, a text that is not well-formed Unicode, undefined, a function.
 *
 * @example
 * Parse.canonical({ b: 10n ** 18n, a: [1, null, 'x'] })
 * // => '{"a":[1,null,"x"],"b":"1000000000000000000"}'
 */
export function canonical(value: unknown): string {
  if (typeof value === 'bigint') return `"${value}"`
  if (typeof value === 'number') return `${integer(value, 'memory')}`
  if (typeof value === 'string') return value.isWellFormed() ? JSON.stringify(value) : fail('must be well-formed Unicode')
  if (value === null || typeof value === 'boolean') return `${value}`
  if (Array.isArray(value)) return `[${Array.from(value as readonly unknown[], (item, i) => within(i, () => canonical(item))).join(',')}]`
  const record = recordOf(value)
  const keys = Object.keys(record).sort()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${within(key, () => canonical(record[key]))}`).join(',')}}`
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : fail('must be an object')
}

/** Adds one step of the path to what `read` refuses; a path costs nothing until something is refused. */
function within<T>(step: string | number, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof UnreadableDocumentError)) throw error
    const own = typeof step === 'number' ? `[${step}]` : step
    const joint = error.path === '' || error.path.startsWith('[') ? '' : '.'
    throw new UnreadableDocumentError({ path: `${own}${joint}${error.path}`, problem: error.problem })
  }
}

/** Thrown when a document does not have the shape it must have. */
export class UnreadableDocumentError extends BaseError {
  override readonly name = 'Parse.UnreadableDocumentError'
  readonly path: string
  readonly problem: string
  constructor(args: { readonly path: string; readonly problem: string }) {
    super({
      code: 'DOCUMENT_UNREADABLE',
      message: `${args.path || 'The document'} ${args.problem}.`,
      hint: 'Send the document as it was issued; every field is required and none is added.',
    })
    this.path = args.path
    this.problem = args.problem
  }
}
