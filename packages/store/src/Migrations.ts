/** Brings a database to this package's schema, in one transaction, or refuses. */
import { createHash, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { BaseError } from './BaseError.ts'
import type { Driver, Queries } from './Driver.ts'

export type Migration = { readonly index: number; readonly tag: string; readonly hash: string; readonly statements: readonly string[] }

/** Any number; the same for everybody, so that two gateways starting at once wait for each other. */
const migrating = 4_600_461_004n

/** The migrations that come with this package, in order. */
export function known(): readonly Migration[] {
  const read = (path: string) => readFileSync(new URL(`./migrations/${path}`, import.meta.url), 'utf8')
  const journal = JSON.parse(read('meta/_journal.json')) as { readonly entries: readonly { readonly idx: number; readonly tag: string }[] }
  return journal.entries.map(({ idx, tag }) => {
    const text = read(`${tag}.sql`)
    return { index: idx, tag, hash: createHash('sha256').update(text).digest('hex'), statements: text.split('--> statement-breakpoint') }
  })
}

/**
 * Applies what is missing. All of it or nothing: a process that dies half-way leaves the schema as it was.
 *
 * @throws {SchemaNewerError} the database was written by a later version.
 * @throws {SchemaDivergedError} a migration applied there is not the one of this package.
 */
export async function apply(driver: Driver, migrations: readonly Migration[] = known()): Promise<void> {
  await driver.transaction(async (queries) => {
    await queries.query('select pg_advisory_xact_lock($1)', [migrating])
    await queries.query('create table if not exists migrations (index integer primary key, tag text not null, hash text not null)')
    const applied = await queries.query<{ index: number; tag: string; hash: string }>(
      'select index, tag, hash from migrations order by index',
    )
    const unknown = applied[migrations.length]
    if (unknown) throw new SchemaNewerError({ tag: unknown.tag, known: migrations.length })
    for (const migration of migrations) {
      const done = applied[migration.index]
      if (!done) await applyOne(queries, migration)
      else if (done.hash !== migration.hash) throw new SchemaDivergedError({ tag: migration.tag })
    }
    await identify(queries)
  })
}

async function applyOne(queries: Queries, migration: Migration): Promise<void> {
  for (const statement of migration.statements) await queries.query(statement)
  await queries.query('insert into migrations (index, tag, hash) values ($1, $2, $3)', [migration.index, migration.tag, migration.hash])
}

/**
 * A cursor of the outbox holds for one database. One restored from a dump counts its transactions anew: its rows are moved
 * before all that follow, and its identity changes, so that readers start over.
 */
async function identify(queries: Queries): Promise<void> {
  const restored = await queries.query('update outbox set xid = pg_current_xact_id() where xid > pg_current_xact_id() returning id')
  const settle = restored.length > 0 ? 'update set value = excluded.value' : 'nothing'
  await queries.query(`insert into settings (name, value) values ('identity', $1) on conflict (name) do ${settle}`, [randomUUID()])
}

/** Thrown when the database was written by a later version of this package. */
export class SchemaNewerError extends BaseError {
  override readonly name = 'Migrations.SchemaNewerError'
  override readonly code = 'SCHEMA_NEWER'
  readonly tag: string

  constructor(options: { readonly tag: string; readonly known: number }) {
    super(`The database has migration ${options.tag}, which this version does not know (it knows ${options.known}).`, {
      hint: 'Run the version that wrote it, or a later one. Nothing was changed.',
    })
    this.tag = options.tag
  }
}

/** Thrown when a migration applied to the database differs from this package's migration of the same number. */
export class SchemaDivergedError extends BaseError {
  override readonly name = 'Migrations.SchemaDivergedError'
  override readonly code = 'SCHEMA_DIVERGED'
  readonly tag: string

  constructor(options: { readonly tag: string }) {
    super(`Migration ${options.tag} was applied to the database in another form.`, {
      hint: 'Migrations are never edited once applied: use the database of this version, or add a new migration.',
    })
    this.tag = options.tag
  }
}
