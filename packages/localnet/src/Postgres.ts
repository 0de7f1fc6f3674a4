/** A PostgreSQL server for tests: the one of `DATABASE_URL`, else one of our own on 127.0.0.1, gone with the process. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { BaseError } from './BaseError.ts'

const run = promisify(execFile)

export type Postgres =
  | {
      readonly status: 'running'
      readonly url: string
      /** `given` by `DATABASE_URL`, and left alone; or `own`. */
      readonly origin: 'given' | 'own'
      /** Stops a server of our own in the middle of whatever it does, and starts it again where it was. One that was given is left alone. */
      crash(): Promise<void>
      /** Ends a server of our own and removes its files. */
      stop(): Promise<void>
    }
  /** There is none on this machine. `reason` is one sentence that says what to install. */
  | { readonly status: 'missing'; readonly reason: string }

/**
 * The server of `DATABASE_URL`; else one of our own, in a temporary directory, on a free port, without durability; else why not.
 *
 * Since the server refuses to run as root, root starts it as `postgres` or `nobody`.
 *
 * @throws {StartError} there are programs, and they did not come up.
 */
export async function start(options: start.Options = {}): Promise<Postgres> {
  const given = options.url === undefined ? process.env['DATABASE_URL'] : options.url
  if (given) return { status: 'running', url: given, origin: 'given', crash: async () => {}, stop: async () => {} }
  const programs = find(options.path ?? process.env['PATH'] ?? '', options.packaged ?? '/usr/lib/postgresql')
  if (programs === null)
    return { status: 'missing', reason: 'PostgreSQL is not installed: set DATABASE_URL, or install it (apt-get install postgresql).' }
  const user = await unprivileged()
  if (user === 'none')
    return { status: 'missing', reason: 'PostgreSQL does not run as root, and there is neither a user postgres nor nobody here.' }

  // An account without rights may not pass through root's own temporary directory.
  const home = await mkdtemp(join(user === 'self' ? tmpdir() : '/tmp', 'plimsoll-postgres-'))
  try {
    if (user !== 'self') await chown(home, user.uid, user.gid)
    const as = { cwd: home, ...(user === 'self' ? {} : user) }
    const data = join(home, 'data')
    await run(join(programs, 'initdb'), ['-D', data, '-U', 'plimsoll', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'], as)
    const program = join(programs, 'postgres')
    const first = await listening(program, data, as)
    const { port } = first
    let { child, end } = first
    const crash = async () => {
      process.off('exit', end)
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGQUIT')
      await gone
      ;({ child, end } = await launch({ program, data, as, port }))
    }
    const stop = async () => {
      process.off('exit', end)
      await ended(child)
      await rm(home, { recursive: true, force: true })
    }
    return { status: 'running', url: `postgres://plimsoll@127.0.0.1:${port}/postgres`, origin: 'own', crash, stop }
  } catch (cause) {
    await rm(home, { recursive: true, force: true })
    throw cause instanceof StartError ? cause : new StartError({ said: cause instanceof Error ? cause.message : String(cause), cause })
  }
}

export declare namespace start {
  type Options = {
    /** Instead of `DATABASE_URL`; the empty string means none. */
    readonly url?: string
    /** Where to look for programs, instead of `PATH`. */
    readonly path?: string
    /** Where Debian keeps each version's programs. */
    readonly packaged?: string
  }
  type ErrorType = StartError
}

/** The directory that holds the server's programs, the newest version first. */
function find(path: string, packaged: string): string | null {
  const versions = existsSync(packaged) ? readdirSync(packaged).sort((a, b) => Number(b) - Number(a)) : []
  const places = [...versions.map((version) => join(packaged, version, 'bin')), ...path.split(delimiter)]
  return places.find((place) => place !== '' && existsSync(join(place, 'initdb')) && existsSync(join(place, 'postgres'))) ?? null
}

async function unprivileged(): Promise<'self' | 'none' | { readonly uid: number; readonly gid: number }> {
  if (process.getuid?.() !== 0) return 'self'
  for (const user of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all(['-u', '-g'].map(async (flag) => Number((await run('id', [flag, user])).stdout)))
      if (uid && gid) return { uid, gid }
    } catch {
      // There is no such user; the next one may be there.
    }
  }
  return 'none'
}

type Server = { readonly child: ChildProcess; readonly port: number; readonly end: () => void }

/** Somebody else may take a port between its being found free and its being listened on: then another one is found. */
async function listening(program: string, data: string, as: { readonly cwd: string }): Promise<Server> {
  for (let left = 4; ; left--) {
    try {
      return await launch({ program, data, as, port: await freePort() })
    } catch (error) {
      if (left === 0 || !(error instanceof StartError && error.message.includes('could not create'))) throw error
    }
  }
}

async function launch(args: {
  readonly program: string
  readonly data: string
  readonly as: { readonly cwd: string }
  readonly port: number
}): Promise<Server> {
  const { program, data, as, port } = args
  const settings = ['fsync=off', 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=60', 'logging_collector=off']
  const flags = ['-D', data, '-p', `${port}`, ...settings.flatMap((setting) => ['-c', setting])]
  const child = spawn(program, flags, { ...as, stdio: ['ignore', 'ignore', 'pipe'] })
  const end = () => child.kill('SIGQUIT')
  process.once('exit', end)
  try {
    await ready(child)
    return { child, port, end }
  } catch (error) {
    process.off('exit', end)
    throw error
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new StartError({ said: 'no port is free' })),
      )
    })
  })
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    const gone = () => reject(new StartError({ said: said.trim().split('\n').slice(-3).join(' ') || 'it said nothing' }))
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      gone()
    }, 30_000)
    child.once('error', gone)
    child.once('exit', gone)
    // Reading goes on after it is ready: a pipe that nobody empties would stop the server.
    child.stderr?.on('data', (chunk) => {
      said = `${said}${chunk}`.slice(-2_000)
      if (!said.includes('ready to accept connections')) return
      clearTimeout(timer)
      child.off('exit', gone)
      resolve()
    })
  })
}

/** Fast shutdown; what still runs after five seconds is killed. */
function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    child.kill('SIGINT')
  })
}

/** Thrown when PostgreSQL is installed and does not come up. */
export class StartError extends BaseError {
  override readonly name = 'Postgres.StartError'
  override readonly code = 'POSTGRES_START_FAILED'

  constructor(options: { readonly said: string; readonly cause?: unknown }) {
    super(`PostgreSQL did not start: ${options.said}.`, {
      hint: 'Set DATABASE_URL to a running server, or mend the installation.',
      cause: options.cause,
    })
  }
}
