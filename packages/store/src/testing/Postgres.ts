/** A PostgreSQL server of its own for tests: on 127.0.0.1, in a temporary directory, gone with the process. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

export type Server = { readonly url: string; stop(): Promise<void> }

/** Where the server's programs are; null where there is none. */
export function find(): string | null {
  const packaged = '/usr/lib/postgresql'
  const versions = existsSync(packaged) ? readdirSync(packaged).sort((a, b) => Number(b) - Number(a)) : []
  const places = [...versions.map((version) => join(packaged, version, 'bin')), ...(process.env['PATH'] ?? '').split(delimiter)]
  return places.find((place) => existsSync(join(place, 'initdb')) && existsSync(join(place, 'postgres'))) ?? null
}

export async function start(programs: string): Promise<Server> {
  const home = mkdtempSync(join(tmpdir(), 'plimsoll-postgres-'))
  const as = unprivileged()
  if (as) execFileSync('chown', [`${as.uid}:${as.gid}`, home])
  const data = join(home, 'data')
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'plimsoll', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'], {
    ...as,
    cwd: home,
    stdio: 'pipe',
  })
  const port = await freePort()
  const settings = ['fsync=off', 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=60', 'logging_collector=off']
  const child = spawn(join(programs, 'postgres'), ['-D', data, '-p', `${port}`, ...settings.flatMap((setting) => ['-c', setting])], {
    ...as,
    cwd: home,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const end = () => child.kill('SIGQUIT')
  process.once('exit', end)
  await ready(child)
  return {
    url: `postgres://plimsoll@127.0.0.1:${port}/postgres`,
    async stop() {
      process.off('exit', end)
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGINT')
      await gone
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** The server refuses to run as root. */
function unprivileged(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null
  for (const user of ['postgres', 'nobody'])
    try {
      const id = (flag: string) => Number(execFileSync('id', [flag, user], { stdio: 'pipe' }).toString())
      return { uid: id('-u'), gid: id('-g') }
    } catch {}
  throw new Error('PostgreSQL does not run as root, and there is neither a user postgres nor nobody.')
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.once('exit', () => reject(new Error(`PostgreSQL ended before it listened: ${said}`)))
    child.stderr?.on('data', (chunk) => {
      said = `${said}${chunk}`.slice(-2_000)
      if (said.includes('ready to accept connections')) resolve()
    })
  })
}
