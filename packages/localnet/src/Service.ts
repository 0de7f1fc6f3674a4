/** Services as child processes: started with the running Node, awaited until they listen, ended by pid. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'

export type Service = AsyncDisposable & {
  readonly name: string
  readonly url: string
  readonly pid: number
  /** The line it printed when it was ready. */
  readonly ready: Readonly<Record<string, unknown>>
  readonly exited: Promise<number | null>
  kill: (signal: NodeJS.Signals) => void
  stop: () => Promise<void>
}

/**
 * Starts `entry` and resolves once it has printed its JSON line with a `url`.
 *
 * @param args.log - stderr goes there.
 * @throws {ServiceError} with the end of its stderr, when it ends before it listens.
 */
export async function start(args: {
  readonly name: string
  readonly entry: string
  readonly env: Readonly<Record<string, string>>
  readonly log: string
  readonly timeoutMs?: number
}): Promise<Service> {
  mkdirSync(dirname(args.log), { recursive: true })
  const log = createWriteStream(args.log, { flags: 'a' })
  const child: ChildProcess = spawn(process.execPath, [args.entry], {
    env: { ...process.env, ...args.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  let tail = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString()).slice(-2_000)
    log.write(chunk)
  })
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      process.off('exit', end)
      log.end()
      resolve(code)
    })
  })

  const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
    const timer = setTimeout(() => {
      end()
      reject(
        new ServiceError({ name: args.name, said: `it said nothing for ${(args.timeoutMs ?? 60_000) / 1000} s. ${tail}`, log: args.log }),
      )
    }, args.timeoutMs ?? 60_000)
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        log.write(`${line}\n`)
        const said = json(line)
        if (typeof said?.url !== 'string') return
        clearTimeout(timer)
        resolve(said)
      })
    }
    void exited.then((code) => {
      clearTimeout(timer)
      reject(new ServiceError({ name: args.name, said: `it ended with ${code}. ${tail.trim()}`, log: args.log }))
    })
  })

  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), 12_000)
    await exited
    clearTimeout(late)
  }
  return {
    name: args.name,
    url: String(ready.url),
    pid: child.pid ?? 0,
    ready,
    exited,
    kill: (signal) => void child.kill(signal),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function json(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** Thrown when a service did not come up. */
export class ServiceError extends Error {
  override readonly name = 'Service.ServiceError'
  readonly code = 'SERVICE_DID_NOT_START'
  readonly hint: string
  constructor(args: { readonly name: string; readonly said: string; readonly log: string }) {
    super(`The ${args.name} did not start: ${args.said}`)
    this.hint = `Its log is ${args.log}.`
  }
}
