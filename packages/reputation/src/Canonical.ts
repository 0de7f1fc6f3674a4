import { BaseError } from './BaseError.ts'

/** JSON with one spelling (RFC 8785 for the values used here), so that equal documents have equal text and equal hashes. */
export type Value = null | boolean | number | bigint | string | readonly Value[] | { readonly [key: string]: Value }

/**
 * Canonical text: keys in UTF-16 order, no spaces, bigint as a decimal string.
 *
 * @throws {UnsafeNumberError} a number is not an integer of at most 2^53 − 1: floats have no place in a hashed document.
 */
export function text(value: Value): string {
  if (typeof value === 'bigint') return `"${value}"`
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new UnsafeNumberError(value)
    return `${value}`
  }
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (isList(value)) return `[${value.map(text).join(',')}]`
  const keys = Object.keys(value).sort()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${text(value[key] ?? null)}`).join(',')}}`
}

function isList(value: readonly Value[] | { readonly [key: string]: Value }): value is readonly Value[] {
  return Array.isArray(value)
}

/** Thrown when a document to be hashed holds a float. */
export class UnsafeNumberError extends BaseError {
  override readonly name = 'Canonical.UnsafeNumberError'
  readonly value: number
  constructor(value: number) {
    super({ code: 'UNSAFE_NUMBER', message: `${value} is not a safe integer.`, hint: 'Use an integer in ppm, seconds or native units.' })
    this.value = value
  }
}
