/** A NATS server with JetStream for tests: one of our own on 127.0.0.1, gone with the process. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { BaseError } from './BaseError.ts'

export type Nats =
  | {
      readonly status: 'running'
      readonly url: string
      /** Kills it in the middle of whatever it does. What it stored stays. */
      crash(): Promise<void>
      /** Starts it again where it was. */
      restart(): Promise<void>
      /** Ends it and removes its files. */
      stop(): Promise<void>
    }
  /** There is none on this machine. `reason` is one sentence that says what to install. */
  | { readonly status: 'missing'; readonly reason: string }

/**
 * A server in a temporary directory, on a free port; else why not.
 *
 * @throws {StartError} there is a program, and it did not come up.
 */
export async function start(options: { readonly path?: string } = {}): Promise<Nats> {
  const places = options.path ?? `${process.env['PATH'] ?? ''}${delimiter}/usr/sbin`
  const program = places.split(delimiter).flatMap((place) => (place === '' ? [] : [join(place, 'nats-server')]))
  const found = program.find((file) => existsSync(file))
  if (found === undefined) return { status: 'missing', reason: 'NATS is not installed: install nats-server (apt-get install nats-server).' }
  const home = await mkdtemp(join(tmpdir(), 'plimsoll-nats-'))
  const first = await launch({ program: found, home, port: -1 })
  const { port } = first
  let { child } = first
  const crash = () => ended(child)
  return {
    status: 'running',
    url: `nats://127.0.0.1:${port}`,
    crash,
    restart: async () => {
      ;({ child } = await launch({ program: found, home, port }))
    },
    stop: async () => {
      await crash()
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** Port -1 is any free one; which, it says in its log. */
async function launch(args: { readonly program: string; readonly home: string; readonly port: number }) {
  const flags = ['-js', '-sd', args.home, '-a', '127.0.0.1', '-p', `${args.port}`]
  const child = spawn(args.program, flags, { stdio: ['ignore', 'ignore', 'pipe'] })
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  child.once('exit', () => process.off('exit', end))
  const port = await new Promise<number>((resolve, reject) => {
    let said = ''
    const gone = () => reject(new StartError({ said: said.trim().split('\n').slice(-3).join(' ') || 'it said nothing' }))
    const timer = setTimeout(end, 15_000)
    child.once('error', gone)
    child.once('exit', gone)
    // Reading goes on after it is ready: a pipe that nobody empties would stop the server.
    child.stderr?.on('data', (chunk) => {
      said = `${said}${chunk}`.slice(-4_000)
      const listening = /Listening for client connections on 127\.0\.0\.1:(\d+)/.exec(said)?.[1]
      if (listening === undefined || !said.includes('Server is ready')) return
      clearTimeout(timer)
      child.off('exit', gone)
      resolve(Number(listening))
    })
  })
  return { child, port }
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}

/** Thrown when NATS is installed and does not come up. */
export class StartError extends BaseError {
  override readonly name = 'Nats.StartError'
  override readonly code = 'NATS_START_FAILED'

  constructor(options: { readonly said: string }) {
    super(`NATS did not start: ${options.said}.`, { hint: 'Mend the installation, or take it off the path.' })
  }
}
