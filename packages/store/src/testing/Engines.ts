/** Both engines, so that one suite runs on each. */
import { randomUUID } from 'node:crypto'
import { Postgres } from '@plimsoll/localnet'
import pg from 'pg'
import { afterAll } from 'vitest'
import * as Database from '../Database.ts'
import * as Template from './Template.ts'

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

const embedded: Engine = {
  name: 'embedded',
  title: 'embedded',
  absent: false,
  start: async () => ({
    open: async (options = {}) => Database.open({ memory: await Template.blob(), ...options }),
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
