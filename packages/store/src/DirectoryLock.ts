/**
 * One process per database directory, and none locked out for long by a dead one.
 *
 * The lock alone cannot tell a dead owner from a busy one, so the owner writes down who it is: its process, the moment that
 * process started, the machine's boot. Whoever opens looks first, behind a short gate, so that two cannot take over at once.
 */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import lockfile from 'proper-lockfile'
import { BaseError } from './BaseError.ts'

export type DirectoryLock = {
  /** Whether somebody took it away: nothing may be written any more. */
  lost(): boolean
  release(): Promise<void>
}

/** Who holds a directory. */
type Owner = { readonly pid: number; readonly host: string; readonly started: string; readonly token: string }

/** Milliseconds after which a lock whose owner cannot be read, or a gate nobody leaves, counts as abandoned. */
const abandoned = 5_000

/**
 * Takes the directory for this process, creating it where it is missing.
 *
 * @throws {DatabaseLockedError} a live process holds it.
 */
export async function acquire(directory: string): Promise<DirectoryLock> {
  await mkdir(directory, { recursive: true })
  const home = await realpath(directory)
  const path = join(home, 'database.lock')
  const file = join(home, 'owner.json')
  const leave = await lockfile
    .lock(join(home, 'gate'), {
      realpath: false,
      stale: abandoned,
      update: 1_000,
      retries: { retries: 80, minTimeout: 50, maxTimeout: 100 },
      // An update under way while the gate is left finds it gone; unanswered, that would end the process.
      onCompromised: () => {},
    })
    .catch((cause: unknown) => {
      throw new DatabaseLockedError({ directory, pid: null, cause })
    })
  try {
    const owner = await readOwner(file)
    if (existsSync(path)) {
      if (await isHeld(path, owner)) throw new DatabaseLockedError({ directory, pid: owner?.pid ?? null })
      await rm(path, { recursive: true, force: true })
    }
    return await hold(home)
  } finally {
    await leave()
  }
}

async function hold(home: string): Promise<DirectoryLock> {
  const file = join(home, 'owner.json')
  let lost = false
  // Staleness is judged by the owner's life, above: a process that is merely busy keeps its lock.
  const leave = await lockfile.lock(join(home, 'database'), {
    realpath: false,
    stale: 2 ** 31 - 1,
    update: abandoned / 2,
    onCompromised: () => {
      lost = true
    },
  })
  const token = randomUUID()
  const owner: Owner = { pid: process.pid, host: hostname(), started: await startOf(process.pid), token }
  await writeFile(`${file}.${token}`, JSON.stringify(owner))
  await rename(`${file}.${token}`, file)
  return {
    lost: () => lost,
    release: async () => {
      if (lost) return
      await rm(file, { force: true })
      await leave()
    },
  }
}

async function isHeld(path: string, owner: Owner | null): Promise<boolean> {
  // Another machine's processes cannot be seen from here: it must let go itself.
  if (owner !== null && owner.host !== hostname()) return true
  if (owner === null) return Date.now() - (await stat(path)).mtimeMs < abandoned
  return isAlive(owner.pid) && owner.started === (await startOf(owner.pid))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** When a process started, within which boot; '' where the system does not say. Tells a process from a later one of the same number. */
async function startOf(pid: number): Promise<string> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ')
    return `${boot.trim()}:${fields[19]}`
  } catch {
    return ''
  }
}

async function readOwner(file: string): Promise<Owner | null> {
  try {
    const owner: unknown = JSON.parse(await readFile(file, 'utf8'))
    const known = typeof owner === 'object' && owner !== null && 'pid' in owner && 'host' in owner && 'started' in owner
    return known ? (owner as Owner) : null
  } catch {
    return null
  }
}

/** Thrown when another live process has the database directory open. */
export class DatabaseLockedError extends BaseError {
  override readonly name = 'DirectoryLock.DatabaseLockedError'
  override readonly code = 'DATABASE_LOCKED'
  readonly directory: string
  /** The process that holds it; null where it does not say. */
  readonly pid: number | null

  constructor(options: { readonly directory: string; readonly pid: number | null; readonly cause?: unknown }) {
    const who = options.pid === null ? 'another process' : `process ${options.pid}`
    super(`The database in ${options.directory} is open in ${who}.`, {
      hint: 'Stop that process, give this one a directory of its own (PLIMSOLL_HOME), or use a PostgreSQL server (DATABASE_URL).',
      cause: options.cause,
    })
    this.directory = options.directory
    this.pid = options.pid
  }
}
