/** What a database does to us, as typed errors. */
import { BaseError } from './BaseError.ts'

/** Thrown when the database cannot be reached, or ends while it is asked. */
export class StorageUnavailableError extends BaseError {
  override readonly name = 'Storage.StorageUnavailableError'
  override readonly code = 'STORAGE_UNAVAILABLE'

  constructor(options: { readonly cause: unknown }) {
    super('The database cannot be reached, or ended in the middle of a request.', {
      hint: 'Nothing that was answered is lost. Ask again with the same idempotency key once the database is back.',
      cause: options.cause,
    })
  }
}

/** Thrown when the server is there, and does not let us in. */
export class StorageRefusedError extends BaseError {
  override readonly name = 'Storage.StorageRefusedError'
  override readonly code = 'STORAGE_REFUSED'

  constructor(options: { readonly cause: unknown }) {
    const said = options.cause instanceof Error ? options.cause.message : 'no reason given'
    super(`The database server refused the connection: ${said}.`, {
      hint: 'Look at user, password and database name in DATABASE_URL.',
      cause: options.cause,
    })
  }
}

/** Thrown when a statement ran past its time, or waited too long for a lock. */
export class StorageTimeoutError extends BaseError {
  override readonly name = 'Storage.StorageTimeoutError'
  override readonly code = 'STORAGE_TIMEOUT'

  constructor(options: { readonly cause: unknown }) {
    super('The database did not answer in time.', {
      hint: 'Nothing was bound. Ask again with the same idempotency key.',
      cause: options.cause,
    })
  }
}

/** Thrown when the database has no room left. */
export class StorageFullError extends BaseError {
  override readonly name = 'Storage.StorageFullError'
  override readonly code = 'STORAGE_FULL'

  constructor(options: { readonly cause: unknown }) {
    super('The database has no room left.', { hint: 'Nothing was bound. Free space on its disk, then ask again.', cause: options.cause })
  }
}

/** Thrown when a transaction lost one tie after another: others write the same rows. */
export class StorageBusyError extends BaseError {
  override readonly name = 'Storage.StorageBusyError'
  override readonly code = 'STORAGE_BUSY'

  constructor(options: { readonly cause: unknown }) {
    super('The database had to undo this for others that write the same, time and again.', {
      hint: 'Nothing was bound. Ask again with the same idempotency key.',
      cause: options.cause,
    })
  }
}

/** Thrown when a statement is refused: a constraint of the schema was violated, or the statement is wrong. A fault of ours. */
export class QueryError extends BaseError {
  override readonly name = 'Storage.QueryError'
  override readonly code = 'STORAGE_QUERY_FAILED'
  /** SQLSTATE, five characters. */
  readonly state: string

  constructor(options: { readonly state: string; readonly cause: unknown }) {
    const said = options.cause instanceof Error ? options.cause.message : 'no reason given'
    super(`The database refused a statement (${options.state}): ${said}.`, {
      hint: 'Nothing was written. Report this with the request.',
      cause: options.cause,
    })
    this.state = options.state
  }
}

/** Thrown when the connection pool is asked from inside one of its own transactions: on the embedded engine it would wait for ever. */
export class NestedQueryError extends BaseError {
  override readonly name = 'Storage.NestedQueryError'
  override readonly code = 'NESTED_QUERY'

  constructor() {
    super('The database was asked from inside its own transaction.', {
      hint: 'Use the queries the transaction hands you; inside `decide`, use only the state it is given.',
    })
  }
}

/** SQLSTATEs by what they mean to a caller. */
const timeouts = new Set(['57014', '55P03', '25P03'])
const full = new Set(['53100', '53200', 'ENOSPC'])
const down = /^(08...|57P0[1-5]|53300|53400)$/
const refused = /^(28...|3D000)$/

/** What an engine threw, as one of ours. Whatever has no SQLSTATE comes from the way there: the engine did not answer. */
export function toStorageError(error: unknown): BaseError {
  if (error instanceof BaseError) return error
  const state = stateOf(error)
  if (timeouts.has(state)) return new StorageTimeoutError({ cause: error })
  if (full.has(state)) return new StorageFullError({ cause: error })
  if (refused.test(state)) return new StorageRefusedError({ cause: error })
  if (!/^[0-9A-Z]{5}$/.test(state) || down.test(state)) return new StorageUnavailableError({ cause: error })
  return new QueryError({ state, cause: error })
}

/** Whether the same transaction may simply be run again: the engine broke a tie, nothing was written. */
export function isTie(error: unknown): boolean {
  return error instanceof QueryError && (error.state === '40001' || error.state === '40P01')
}

function stateOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
