/** A participant's row is held while a limit is computed and signed: not for ever. */
import { setTimeout as wait } from 'node:timers/promises'
import { BaseError } from './BaseError.ts'

/** The answer, if it comes in time. @throws {DecisionTimeoutError} */
export async function within<T>(seconds: number, answer: Promise<T>): Promise<T> {
  const timer = new AbortController()
  const late = wait(seconds * 1000, null, { signal: timer.signal }).then(() => {
    throw new DecisionTimeoutError({ seconds })
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    late.catch(() => {})
    timer.abort()
  }
}

/** Thrown when computing and signing took longer than a participant's row may be held. */
export class DecisionTimeoutError extends BaseError {
  override readonly name = 'Deadline.DecisionTimeoutError'
  override readonly code = 'DECISION_TIMED_OUT'
  readonly seconds: number

  constructor(options: { readonly seconds: number }) {
    super(`The limit was not computed and signed within ${options.seconds} s.`, {
      hint: 'Nothing was bound. Ask again with the same idempotency key; if it lasts, look at the signers.',
    })
    this.seconds = options.seconds
  }
}
