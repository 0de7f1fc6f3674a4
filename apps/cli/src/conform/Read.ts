/** Fields of a case, read strictly: what is missing or cannot be meant is said, never guessed. */
import type { Fields, Json } from './Conformance.ts'

/** An integer, written as a number or as text. */
export function integer(of: Fields, name: string): bigint {
  const value = field(of, name)
  if (typeof value === 'string' && /^-?\d+$/.test(value)) return BigInt(value)
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  throw new UnreadableError(name, 'an integer', value)
}

/** A decimal times 10^decimals; digits beyond are refused. */
export function scaled(of: Fields, name: string, decimals = 18): bigint {
  return toScaled(field(of, name), name, decimals)
}

export function toScaled(value: Json, name: string, decimals: number): bigint {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:e([-+]?\d+))?$/i.exec(String(value))
  if (!parts || (typeof value !== 'string' && typeof value !== 'number')) throw new UnreadableError(name, 'a decimal', value)
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts
  const places = decimals + Number(exponent) - fraction.length
  const digits = BigInt(whole + fraction)
  const power = 10n ** BigInt(Math.abs(places))
  if (places < 0 && digits % power !== 0n) throw new UnreadableError(name, `a decimal of at most ${decimals} places`, value)
  const size = places < 0 ? digits / power : digits * power
  return sign === '-' ? -size : size
}

export function number(of: Fields, name: string): number {
  const value = field(of, name)
  const read = typeof value === 'string' && value !== '' ? Number(value) : value
  if (typeof read === 'number' && Number.isFinite(read)) return read
  throw new UnreadableError(name, 'a number', value)
}

export function flag(of: Fields, name: string): boolean {
  const value = field(of, name)
  if (typeof value === 'boolean') return value
  throw new UnreadableError(name, 'true or false', value)
}

export function text(of: Fields, name: string): string {
  const value = field(of, name)
  if (typeof value === 'string') return value
  throw new UnreadableError(name, 'a text', value)
}

export function list(of: Fields, name: string): readonly Json[] {
  const value = field(of, name)
  if (Array.isArray(value)) return value
  throw new UnreadableError(name, 'a list', value)
}

/** A list of objects. */
export function records(of: Fields, name: string): readonly Fields[] {
  return list(of, name).map((each) => record(each, name))
}

export function record(value: Json | undefined, name: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new UnreadableError(name, 'an object', value)
}

/** Whether a field is there and not null. */
export function has(of: Fields, name: string): boolean {
  return Object.hasOwn(of, name) && of[name] !== null
}

/** Refuses a case that says more than its reader knows: a field that is passed over could change the answer. */
export function fields(of: Fields, ...names: readonly string[]): void {
  const unknown = Object.keys(of).filter((name) => !names.includes(name))
  if (unknown.length > 0) throw new UnreadableError(unknown.join(', '), `one of ${names.join(', ')}`, undefined)
}

function field(of: Fields, name: string): Json {
  const value = of[name]
  if (value === undefined) throw new UnreadableError(name, 'there', undefined)
  return value
}

/** Thrown when a case cannot be read. */
export class UnreadableError extends Error {
  override readonly name = 'Read.UnreadableError'
  readonly code = 'CASE_UNREADABLE'
  readonly hint = 'See the model that stands beside the group.'
  constructor(field: string, wanted: string, found: Json | undefined) {
    super(`The field '${field}' is not ${wanted}${found === undefined ? '' : `: ${JSON.stringify(found).slice(0, 60)}`}.`)
  }
}

export function oneOf<T extends string>(fields: Fields, key: string, names: readonly T[]): T {
  const found = names.find((name) => name === fields[key])
  if (found === undefined) throw new UnreadableError(key, `one of ${names.join(', ')}`, fields[key])
  return found
}

/** The numbers of a list, or of its row `row`. */
export function numbers(fields: Fields, key: string, row?: number): readonly number[] {
  const values = row === undefined ? list(fields, key) : list(fields, key)[row]
  if (!isList(values) || !values.every((value) => typeof value === 'number'))
    throw new UnreadableError(key, 'a list of numbers', fields[key])
  return values
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}
