/** What every error of this package is: a code to match, one sentence on what is wrong, and what to do next. */
export abstract class BaseError extends Error {
  abstract override readonly name: string
  abstract readonly code: string
  readonly hint: string

  constructor(message: string, options: { readonly hint: string; readonly cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.hint = options.hint
  }
}
