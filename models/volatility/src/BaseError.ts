/** What every error of this package carries: a code for machines, a sentence, and the next step. */
export class BaseError extends Error {
  readonly code: string
  readonly hint: string

  constructor(args: { readonly code: string; readonly message: string; readonly hint: string }) {
    super(args.message)
    this.code = args.code
    this.hint = args.hint
  }
}
