/** The root of every error this package throws: `name` and `code` to match, one sentence, and what to do next. */
export class BaseError extends Error {
  override readonly name: string = 'Liquidation.BaseError'
  readonly code: string
  readonly hint: string
  constructor(args: { readonly code: string; readonly message: string; readonly hint: string }) {
    super(args.message)
    this.code = args.code
    this.hint = args.hint
  }
}
