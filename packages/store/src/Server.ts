import pg from 'pg'
import { type Driver, type Param, type Queries, toBigint, toWire } from './Driver.ts'
import { StorageTimeoutError, toStorageError } from './StorageErrors.ts'

/** int8 and numeric, by their numbers in PostgreSQL: as bigint, for a float would lose money. */
const whole = new Set([20, 1700])
const types: pg.CustomTypesConfig = {
  getTypeParser: (type: number, format?: 'text' | 'binary') =>
    whole.has(type) ? toBigint : pg.types.getTypeParser(type, format ?? 'text'),
}

/**
 * A PostgreSQL server, through a pool.
 *
 * @param options.url - `postgres://user:password@host:port/database`.
 * @param options.connections - Greatest number of connections.
 * @param options.timeoutSeconds - Longest a statement, the wait for a lock, or the wait for a connection may take.
 */
export function open(options: open.Options): Driver {
  const { url, connections, timeoutSeconds } = options
  const limit = timeoutSeconds * 1000
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    application_name: 'plimsoll',
    connectionTimeoutMillis: limit,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    // What a transaction asks at once is sent at once.
    pipeline: true,
    // No statement here runs long enough to repay compiling it, and what reads the book, by estimates of tables that are new, would be.
    options: '-c jit=off',
    statement_timeout: limit,
    lock_timeout: limit,
    // A gateway that hangs inside a transaction holds a participant's row: the server ends it.
    idle_in_transaction_session_timeout: limit * 3,
    // A server that is gone without a word: the statement's own limit should have come first.
    query_timeout: limit * 2,
    types,
  })
  // A connection that breaks between statements tells nobody but its listeners; the next statement on it fails.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return {
    engine: 'server',
    query: queries(pool).query,
    transaction: (work) => transaction(pool, work),
    close: () => pool.end(),
  }
}

export declare namespace open {
  type Options = { readonly url: string; readonly connections: number; readonly timeoutSeconds: number }
}

async function transaction<T>(pool: pg.Pool, work: (queries: Queries) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch(raise)
  let alive = false
  try {
    await client.query('begin').catch(raise)
    const result = await work(queries(client))
    await client.query('commit').catch(raise)
    alive = true
    return result
  } catch (error) {
    // Undone by hand where the connection still answers; else the server undoes what it no longer hears of.
    alive = await client.query('rollback').then(
      () => true,
      () => false,
    )
    throw error
  } finally {
    client.release(!alive)
  }
}

/** Statements by their text: each connection prepares a text once. */
const names = new Map<string, string>()

function queries(client: pg.Pool | pg.PoolClient): Queries {
  return {
    async query<Row extends object>(text: string, params?: readonly Param[]) {
      // Without parameters it is a migration's, and may be one that cannot be prepared.
      if (params === undefined) return (await client.query<Row>(text).catch(raise)).rows
      const name = names.get(text) ?? `plimsoll${names.size}`
      names.set(text, name)
      return (await client.query<Row>({ name, text, values: toWire(params) }).catch(raise)).rows
    },
  }
}

/** The driver's own limits, on waiting for a connection or for an answer, come without a SQLSTATE. */
function raise(error: unknown): never {
  const late = error instanceof Error && !('code' in error) && /timeout/.test(error.message)
  throw late ? new StorageTimeoutError({ cause: error }) : toStorageError(error)
}
