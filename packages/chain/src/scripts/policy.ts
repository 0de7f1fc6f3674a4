/** A policy as a person writes it, read for the source of the action: whose hash it changes, so that equal policies are equal texts. */
import { BaseError } from '../BaseError.ts'
import * as Hex from '../Hex.ts'
import type { Policy } from '../LitAction.ts'

/**
 * The policy in a text of JSON: fields in one order, addresses in lower case as the books of a deployment have them.
 *
 * @throws {InvalidPolicyError} naming what is wrong. Whatever an action is built with cannot be corrected in it.
 */
export function parse(text: string): Policy {
  const { books, paramsHash, models, most } = fieldsOf(jsonOf(text), ['books', 'paramsHash', 'models', 'most'], 'the policy')
  if (!Array.isArray(books) || books.length === 0) throw new InvalidPolicyError('books names none')
  if (models !== null && !Array.isArray(models)) throw new InvalidPolicyError('models is neither a list nor null')
  if (typeof most !== 'string' || !/^[1-9]\d{0,77}$/.test(most)) throw new InvalidPolicyError('most is no decimal text, USD × 1e18')
  return {
    books: books.map((book: unknown, index) => bookOf(book, `books[${index}]`)),
    paramsHash: hexOf(Hex.hash, paramsHash, 'paramsHash'),
    models: models === null ? null : models.map((model: unknown, index) => hexOf(Hex.hash, model, `models[${index}]`)),
    most,
  }
}

function bookOf(book: unknown, what: string): Policy['books'][number] {
  const { chainId, limitBook, venue } = fieldsOf(book, ['chainId', 'limitBook', 'venue'], what)
  if (typeof chainId !== 'number' || !Number.isSafeInteger(chainId) || chainId < 1)
    throw new InvalidPolicyError(`${what}.chainId is no number of a chain`)
  return {
    chainId,
    limitBook: hexOf(Hex.address, limitBook, `${what}.limitBook`),
    venue: hexOf(Hex.address, venue, `${what}.venue`),
  }
}

function fieldsOf(value: unknown, names: readonly string[], what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new InvalidPolicyError(`${what} is no object`)
  const missing = names.filter((name) => !Object.hasOwn(value, name))
  const strange = Object.keys(value).filter((name) => !names.includes(name))
  if (missing.length > 0) throw new InvalidPolicyError(`${what} lacks ${missing.join(', ')}`)
  if (strange.length > 0) throw new InvalidPolicyError(`${what} has nothing called ${strange.join(', ')}`)
  return value as Readonly<Record<string, unknown>>
}

function hexOf(read: typeof Hex.hash, value: unknown, what: string): Hex.Hex {
  try {
    return read(value, what)
  } catch (error) {
    if (error instanceof Hex.MalformedHexError) throw new InvalidPolicyError(error.message.replace(/\.$/, ''))
    throw error
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new InvalidPolicyError('it is no JSON')
  }
}

/** Thrown when an action would be built with a policy that signs nothing, or other than what its writer meant. */
export class InvalidPolicyError extends BaseError {
  override readonly name = 'Policy.InvalidPolicyError'
  constructor(what: string) {
    super({
      code: 'POLICY_INVALID',
      message: `The policy cannot be used: ${what}.`,
      hint: 'Give books (chainId, limitBook, venue), paramsHash, models (a list, or null for any) and most, and nothing else.',
    })
  }
}
