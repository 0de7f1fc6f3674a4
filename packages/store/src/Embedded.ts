import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite, type Transaction } from '@electric-sql/pglite'
import { BaseError } from './BaseError.ts'
import * as DirectoryLock from './DirectoryLock.ts'
import { type Driver, type Param, type Queries, toBigint, toWire } from './Driver.ts'
import { StorageUnavailableError, toStorageError } from './StorageErrors.ts'

const parsers = { 20: toBigint, 1700: toBigint }

/**
 * PostgreSQL inside this process, in a directory of its own or in memory.
 *
 * Two processes on one directory silently lose rows, so the directory is locked first. It does not fsync: what was
 * acknowledged survives the death of the process, not that of the machine.
 *
 * @param options.directory - Where it lives; null for memory.
 * @param options.data - A copy of a database to start from, as `dump` gives it.
 * @throws {DirectoryLock.DatabaseLockedError} another live process has the directory.
 * @throws {DatabaseDamagedError} the directory holds something that does not start.
 */
export async function open(options: open.Options): Promise<Embedded> {
  const { directory, data } = options
  const lock = directory === null ? null : await DirectoryLock.acquire(directory)
  if (directory !== null) {
    await clear(directory)
    const fault = await faultOfLog(join(directory, 'data', 'pg_wal'))
    if (fault !== null) {
      await lock?.release()
      throw new DatabaseDamagedError({ directory, cause: new Error(fault) })
    }
  }
  const settings = {
    parsers,
    ...(directory === null ? {} : { dataDir: join(directory, 'data') }),
    ...(data === undefined ? {} : { loadDataDir: data }),
  }
  let lite: PGlite
  try {
    lite = await PGlite.create(settings)
  } catch (cause) {
    await lock?.release()
    throw directory === null ? cause : new DatabaseDamagedError({ directory, cause })
  }
  if (directory !== null) await writeFile(join(directory, marker), '')
  return {
    engine: 'embedded',
    query: queries(lite, lock).query,
    transaction: (work) => lite.transaction((transaction) => work(queries(transaction, lock))),
    dump: () => lite.dumpDataDir('none'),
    close: async () => {
      await lite.close()
      await lock?.release()
    },
  }
}

/** Written once a database has started in the directory: from then on it may hold what was acknowledged. */
const marker = 'started'

/** Sets a database aside that was being made when its process died: it never started, so it holds nothing. */
async function clear(directory: string): Promise<void> {
  const data = join(directory, 'data')
  if (existsSync(data) && !existsSync(join(directory, marker))) await rename(data, `${data}.unfinished-${randomUUID()}`)
}

/** A segment of the log is made whole before it gets its name. Bytes. */
const segmentBytes = 16 * 1024 * 1024

/** The engine takes a segment that ends early for the end of the log, and starts without what was acknowledged after it. */
async function faultOfLog(logs: string): Promise<string | null> {
  if (!existsSync(logs)) return null
  for (const name of (await readdir(logs)).filter((it) => /^[0-9A-F]{24}$/.test(it))) {
    const { size } = await stat(join(logs, name))
    if (size !== segmentBytes) return `Segment ${name} of its log has ${size} of ${segmentBytes} bytes.`
  }
  return null
}

/** The embedded engine can also be copied whole, so that tests need not start from nothing. */
export type Embedded = Driver & { dump(): Promise<Blob> }

export declare namespace open {
  type Options = { readonly directory: string | null; readonly data?: Blob | undefined }
  type ErrorType = DirectoryLock.DatabaseLockedError | DatabaseDamagedError
}

function queries(lite: Pick<Transaction, 'query'>, lock: DirectoryLock.DirectoryLock | null): Queries {
  return {
    async query<Row extends object>(text: string, params: readonly Param[] = []) {
      if (lock?.lost()) throw new StorageUnavailableError({ cause: new Error('The lock on the database directory was taken away.') })
      const { rows } = await lite.query<Row>(text, toWire(params)).catch(raise)
      return rows
    },
  }
}

function raise(error: unknown): never {
  throw toStorageError(error)
}

/** Thrown when the database directory holds something that does not start, or would start without what was committed. */
export class DatabaseDamagedError extends BaseError {
  override readonly name = 'Embedded.DatabaseDamagedError'
  override readonly code = 'DATABASE_DAMAGED'
  readonly directory: string

  constructor(options: { readonly directory: string; readonly cause: unknown }) {
    super(
      `The database in ${options.directory} is damaged: ${options.cause instanceof Error ? options.cause.message : 'it does not start'}`,
      {
        hint: 'Keep a copy of the directory, then restore a backup there or give an empty one. Nothing was changed.',
        cause: options.cause,
      },
    )
    this.directory = options.directory
  }
}
