import postgres from 'postgres'
import { type Driver, type Param, type Queries, toBigint, toWire } from './Driver.ts'
import { toStorageError } from './StorageErrors.ts'

/** 20 and 1700 are int8 and numeric: as bigint, for a float would lose money. */
const types = {
  bigint: { to: 20, from: [20], serialize: String, parse: toBigint },
  numeric: { to: 1700, from: [1700], serialize: String, parse: toBigint },
}

/**
 * A PostgreSQL server, through a pool.
 *
 * @param options.url - `postgres://user:password@host:port/database`.
 * @param options.connections - Greatest number of connections.
 * @param options.timeoutSeconds - Longest a statement, or the wait for a lock, may take.
 */
export function open(options: open.Options): Driver {
  const { url, connections, timeoutSeconds } = options
  const limit = timeoutSeconds * 1000
  const pool = postgres(url, {
    max: connections,
    connect_timeout: Math.max(1, Math.ceil(timeoutSeconds)),
    idle_timeout: 60,
    onnotice: () => {},
    types,
    connection: {
      application_name: 'plimsoll',
      statement_timeout: limit,
      lock_timeout: limit,
      // A gateway that hangs inside a transaction holds a participant's row: the server ends it.
      idle_in_transaction_session_timeout: limit * 3,
    },
  })
  return {
    engine: 'server',
    query: queries(pool).query,
    transaction: <T>(work: (queries: Queries) => Promise<T>) =>
      pool.begin((transaction) => work(queries(transaction))).catch(raise) as Promise<T>,
    close: () => pool.end({ timeout: 5 }),
  }
}

export declare namespace open {
  type Options = { readonly url: string; readonly connections: number; readonly timeoutSeconds: number }
}

function queries(sql: Pick<postgres.Sql, 'unsafe'>): Queries {
  return {
    async query<Row extends object>(text: string, params: readonly Param[] = []) {
      const rows = await sql.unsafe(text, toWire(params), { prepare: true }).catch(raise)
      return rows as unknown as readonly Row[]
    },
  }
}

function raise(error: unknown): never {
  throw toStorageError(error)
}
