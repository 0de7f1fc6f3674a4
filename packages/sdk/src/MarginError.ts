/** What the SDK throws: a code to match on, a sentence, the next step, and where to read more. */
import { TRPCClientError } from '@trpc/client'

/**
 * Thrown when the gateway refuses a call, or cannot be reached.
 *
 * `code` is the domain's code (`ACCOUNT_NOT_LINKED`, `RPC_QUORUM_LOST`, `SIGN_IN_REQUIRED`, …), or says what failed before or after the
 * gateway: `GATEWAY_UNREACHABLE`, `SIGNATURE_REFUSED`, `CALL_FAILED`.
 */
export class MarginError extends Error {
  override readonly name = 'Sdk.MarginError'
  readonly code: string
  readonly shortMessage: string
  readonly hint: string
  readonly docsPath = '/docs/glossary.md'

  constructor(args: { readonly code: string; readonly shortMessage: string; readonly hint: string; readonly cause?: unknown }) {
    super(`${args.shortMessage} ${args.hint}`, { cause: args.cause })
    this.code = args.code
    this.shortMessage = args.shortMessage
    this.hint = args.hint
  }

  /** The first error of the chain of causes that `test` accepts, or the last cause. */
  walk(test: (error: unknown) => boolean = () => false): unknown {
    let error: unknown = this
    while (error instanceof Error && !test(error) && error.cause !== undefined) error = error.cause
    return error
  }
}

/** Runs a call and turns what it throws into a `MarginError`. */
export async function calling<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw of(error)
  }
}

/** Runs what an account signs with: what it throws is the account's word, and not the gateway's. */
export async function signing<T>(sign: () => Promise<T>): Promise<T> {
  try {
    return await sign()
  } catch (cause) {
    throw new MarginError({
      code: 'SIGNATURE_REFUSED',
      shortMessage: `The account did not sign: ${lineOf(cause)}`,
      hint: 'Nothing was sent. Ask again when the account is ready to sign.',
      cause,
    })
  }
}

/** A `MarginError` for whatever was thrown. */
export function of(error: unknown): MarginError {
  if (error instanceof MarginError) return error
  // A link that threw comes out wrapped.
  if (error instanceof TRPCClientError && error.cause instanceof MarginError) return error.cause
  if (error instanceof TRPCClientError) {
    const plimsoll: unknown = error.data?.plimsoll
    if (isShape(plimsoll)) return new MarginError({ code: plimsoll.code, shortMessage: error.message, hint: plimsoll.hint, cause: error })
  }
  if (!(error instanceof TRPCClientError))
    return new MarginError({
      code: 'CALL_FAILED',
      shortMessage: `The call failed on this side of the gateway: ${lineOf(error)}`,
      hint: 'Look at its `cause`: an answer that cannot be read, or a chain that cannot be asked.',
      cause: error,
    })
  return new MarginError({
    code: 'GATEWAY_UNREACHABLE',
    shortMessage: 'The gateway did not answer.',
    hint: 'Check that it runs and that the transport has its address.',
    cause: error,
  })
}

/** The first line of what was thrown, as a sentence. */
function lineOf(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
  return line.endsWith('.') ? line : `${line}.`
}

function isShape(value: unknown): value is { readonly code: string; readonly hint: string } {
  return typeof value === 'object' && value !== null && 'code' in value && 'hint' in value
}
