/** Errors of the gateway's edge: who asks, how often, and with what it could answer. */
import { BaseError } from './BaseError.ts'

/** Thrown when a procedure needs a session and there is none. */
export class SignInRequiredError extends BaseError {
  override readonly name = 'Fault.SignInRequiredError'
  constructor() {
    super({
      code: 'SIGN_IN_REQUIRED',
      message: 'This needs a signed-in account.',
      hint: 'Sign in: `signIn` of the SDK, or `auth.nonce`, then `auth.signIn` with the signed SIWE message.',
    })
  }
}

/** Thrown when a client has spent its budget. */
export class RateLimitedError extends BaseError {
  override readonly name = 'Fault.RateLimitedError'
  readonly retryAfterSeconds: number
  constructor(args: { readonly retryAfterSeconds: number }) {
    super({ code: 'RATE_LIMITED', message: 'Too many requests.', hint: `Try again in ${args.retryAfterSeconds} s.` })
    this.retryAfterSeconds = args.retryAfterSeconds
  }
}

/** Thrown while the gateway has no snapshot young enough to answer from. */
export class SnapshotUnavailableError extends BaseError {
  override readonly name = 'Fault.SnapshotUnavailableError'
  constructor(args: { readonly ageSeconds: number | null; readonly faults: readonly string[] }) {
    const age = args.ageSeconds === null ? 'has not been taken yet' : `is ${args.ageSeconds.toFixed(1)} s old`
    super({
      code: 'SNAPSHOT_UNAVAILABLE',
      message: `The gateway's view of the world ${age}.`,
      hint: args.faults.length > 0 ? `Faults: ${args.faults.join('; ')}` : 'Try again in a second.',
    })
  }
}

/** Thrown when no inputs document has the hash asked for. */
export class UnknownInputsError extends BaseError {
  override readonly name = 'Fault.UnknownInputsError'
  constructor(hash: string) {
    super({
      code: 'UNKNOWN_INPUTS',
      message: `No inputs document has the hash ${hash}.`,
      hint: 'Ask the gateway that issued the certificate.',
    })
  }
}
