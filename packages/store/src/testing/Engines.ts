/** Both engines, so that one suite runs on each. */
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Postgres } from '@plimsoll/localnet'
import pg from 'pg'
import { afterAll } from 'vitest'
import * as Database from '../Database.ts'
import * as Embedded from '../Embedded.ts'
import * as Migrations from '../Migrations.ts'

export type Engine = {
  readonly name: 'embedded' | 'server'
  /** With what it needs, which is what a skip says. */
  readonly title: string
  /** Where it is absent, the suite is skipped; where it is required, it runs and fails. */
  readonly absent: boolean
  start(): Promise<Running>
}

export type Running = {
  /** Opens the database. On the server, each call is another pool on the same one. */
  open(options?: Database.open.Common & { readonly connections?: number; readonly timeoutSeconds?: number }): Promise<Database.Database>
  /** null where it is embedded. */
  readonly url: string | null
  stop(): Promise<void>
}

/**
 * A migrated database to start from: making one takes seconds, copying one half a second. It is kept beside the package's
 * dependencies, under the name of what it was made of.
 */
export async function template(): Promise<Blob> {
  const require = createRequire(import.meta.url)
  const engine = readFileSync(join(dirname(require.resolve('@electric-sql/pglite')), '..', 'package.json'), 'utf8')
  const made = createHash('sha256').update(engine).update(JSON.stringify(Migrations.known())).digest('hex').slice(0, 16)
  const folder = fileURLToPath(new URL('../../node_modules/.cache/plimsoll', import.meta.url))
  const path = join(folder, `${made}.tar`)
  if (!existsSync(path)) {
    const driver = await Embedded.open({ directory: null })
    await Migrations.apply(driver)
    mkdirSync(folder, { recursive: true })
    const own = `${path}.${process.pid}`
    writeFileSync(own, Buffer.from(await (await driver.dump()).arrayBuffer()))
    renameSync(own, path)
    await driver.close()
  }
  return new Blob([readFileSync(path)])
}

const embedded: Engine = {
  name: 'embedded',
  title: 'embedded',
  absent: false,
  start: async () => ({
    open: async (options = {}) => Database.open({ memory: await template(), ...options }),
    url: null,
    stop: async () => {},
  }),
}

const postgres = await Postgres.start()
const required = (process.env['PLIMSOLL_REQUIRE'] ?? '').split(',').includes('postgres')
if (postgres.status === 'running') afterAll(() => postgres.stop())
else process.stderr.write(`store: skipped on PostgreSQL: ${postgres.reason}\n`)

const server: Engine = {
  name: 'server',
  title: 'server (needs DATABASE_URL or a PostgreSQL server binary)',
  absent: postgres.status === 'missing' && !required,
  async start() {
    if (postgres.status === 'missing') throw new Error(postgres.reason)
    const url = new URL(postgres.url)
    // A database of its own, also on a server that somebody else runs.
    const name = `plimsoll_${randomUUID().replaceAll('-', '')}`
    const administer = async (statement: string) => {
      const client = new pg.Client(postgres.url)
      await client.connect()
      await client.query(statement)
      await client.end()
    }
    await administer(`create database ${name}`)
    url.pathname = `/${name}`
    return {
      url: url.href,
      open: (options = {}) => Database.open({ url: url.href, ...options }),
      stop: () => administer(`drop database if exists ${name} with (force)`),
    }
  },
}

export const engines: readonly Engine[] = [embedded, server]
export { embedded, server }
