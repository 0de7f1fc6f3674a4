/** Both engines, so that one suite runs on each. */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import * as Database from '../Database.ts'
import * as Postgres from './Postgres.ts'

export type Engine = {
  readonly name: 'embedded' | 'server'
  /** Where it is absent, the suite is skipped; where it is required, it runs and fails. */
  readonly absent: boolean
  start(): Promise<Running>
}

export type Running = {
  /** Opens the database. On the server, each call is another pool on the same one. */
  open(options?: Database.open.Common & { readonly connections?: number }): Promise<Database.Database>
  /** null where it is embedded. */
  readonly url: string | null
  stop(): Promise<void>
}

const embedded: Engine = {
  name: 'embedded',
  absent: false,
  start: async () => ({ open: (options = {}) => Database.open({ memory: true, ...options }), url: null, stop: async () => {} }),
}

const given = process.env['DATABASE_URL']
const programs = given === undefined ? Postgres.find() : null
const required = (process.env['PLIMSOLL_REQUIRE'] ?? '').split(',').includes('postgres')

const server: Engine = {
  name: 'server',
  absent: given === undefined && programs === null && !required,
  async start() {
    if (given === undefined && programs === null)
      throw new Error('PostgreSQL is required, and there is neither DATABASE_URL nor a server binary.')
    const own = programs === null ? null : await Postgres.start(programs)
    const url = new URL(own?.url ?? given ?? '')
    // A database of its own, also on a server that somebody else runs.
    const name = `plimsoll_${randomUUID().replaceAll('-', '')}`
    const administer = async (statement: string) => {
      const client = new pg.Client(url.href)
      await client.connect()
      await client.query(statement)
      await client.end()
    }
    await administer(`create database ${name}`)
    const at = new URL(url)
    at.pathname = `/${name}`
    return {
      url: at.href,
      open: (options = {}) => Database.open({ url: at.href, ...options }),
      stop: () => (own ? own.stop() : administer(`drop database if exists ${name} with (force)`)),
    }
  },
}

export const engines: readonly Engine[] = [embedded, server]
export { embedded, server }
