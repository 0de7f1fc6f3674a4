import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import type { Driver, Param, Queries } from './Driver.ts'
import * as Embedded from './Embedded.ts'
import * as Migrations from './Migrations.ts'
import * as Server from './Server.ts'
import { isTie, NestedQueryError, StorageBusyError, toStorageError } from './StorageErrors.ts'

export type { Param, Queries }

/** A database with this package's schema, embedded or on a server. */
export type Database = Queries &
  AsyncDisposable & {
    readonly engine: 'embedded' | 'server'
    /** All of `work` or nothing. Run again, a few times, when the engine had to break a tie: `work` must bear that. */
    transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>
    /** The database's own clock, which every decision on expiry uses. Unix seconds. */
    now(queries?: Queries): Promise<number>
    /** Longest a `decide` may take while it holds a participant's row. Seconds. */
    readonly decideSeconds: number
    close(): Promise<void>
  }

/** How often a transaction that lost a tie is run again. */
const ties = 4

/**
 * Opens a database and brings its schema up to date.
 *
 * @param options - `url` of a PostgreSQL server; or the `directory` of an embedded database, locked for this process; or
 * `memory`, embedded and gone with the process, from a copy where one is given.
 * @param options.clock - Stands in for the database's clock, in tests. Unix seconds.
 * @throws {DirectoryLock.DatabaseLockedError} {Embedded.DatabaseDamagedError} {Migrations.SchemaNewerError}
 * {Migrations.SchemaDivergedError} {Storage.StorageUnavailableError}
 */
export async function open(options: open.Options): Promise<Database> {
  const driver = await connect(options)
  try {
    await Migrations.apply(driver)
  } catch (error) {
    await driver.close()
    throw error
  }
  return over(driver, options)
}

export declare namespace open {
  type Common = {
    readonly clock?: (() => number) | undefined
    /** Seconds; 5 unless given. */
    readonly decideSeconds?: number | undefined
  }
  type Url = { readonly url: string; readonly connections?: number | undefined; readonly timeoutSeconds?: number | undefined }
  type Options = Common & (Url | { readonly directory: string } | { readonly memory: true | Blob })
  type ErrorType = Embedded.open.ErrorType | Migrations.SchemaNewerError | Migrations.SchemaDivergedError
}

function connect(options: open.Options): Promise<Driver> | Driver {
  if ('url' in options)
    return Server.open({ url: options.url, connections: options.connections ?? 10, timeoutSeconds: options.timeoutSeconds ?? 5 })
  if ('directory' in options) return Embedded.open({ directory: options.directory })
  return Embedded.open({ directory: null, data: options.memory === true ? undefined : options.memory })
}

function over(driver: Driver, options: open.Common): Database {
  const { clock, decideSeconds = 5 } = options
  const inside = new AsyncLocalStorage<true>()
  const outside = () => {
    if (inside.getStore()) throw new NestedQueryError()
  }
  const query = async <Row extends object>(text: string, params?: readonly Param[]) => {
    outside()
    return driver.query<Row>(text, params)
  }
  return {
    engine: driver.engine,
    decideSeconds,
    query,
    async transaction<T>(work: (queries: Queries) => Promise<T>) {
      outside()
      for (let attempt = 1; ; attempt++) {
        try {
          return await inside.run(true, () => whole(driver, work))
        } catch (error) {
          if (!isTie(error)) throw error
          if (attempt > ties) throw new StorageBusyError({ cause: error })
          await wait(attempt * 5)
        }
      }
    },
    async now(queries = { query }) {
      if (clock) return clock()
      // Not now(): that is the start of the transaction, and a transaction may have waited for its lock since.
      const [row] = await queries.query<{ now: bigint }>('select floor(extract(epoch from clock_timestamp()))::int8 as now')
      return Number(row?.now)
    },
    close: () => driver.close(),
    [Symbol.asyncDispose]: () => driver.close(),
  }
}

/** One transaction. What `work` throws comes out as it is; what the engine throws around it, as one of ours. */
async function whole<T>(driver: Driver, work: (queries: Queries) => Promise<T>): Promise<T> {
  let thrown: { readonly error: unknown } | null = null
  const note = (error: unknown): never => {
    thrown ??= { error }
    throw error
  }
  const watched = (queries: Queries) =>
    work({ query: <Row extends object>(text: string, params?: readonly Param[]) => queries.query<Row>(text, params).catch(note) }).catch(
      note,
    )
  try {
    const result = await driver.transaction(watched)
    // A statement failed and `work` went on: the engine has undone everything, whatever it says.
    if (thrown !== null) throw (thrown as { readonly error: unknown }).error
    return result
  } catch (error) {
    throw thrown === null ? toStorageError(error) : (thrown as { readonly error: unknown }).error
  }
}
