/** What guards remember between rounds: a process that dies and comes back at once goes on where it was. */
import type { Database, Queries } from './Database.ts'

/** `at` is when it was written, by the database's clock. Unix seconds. */
export type Guard = { readonly name: string; readonly state: string; readonly at: number }

/** Writes guards down. */
export async function write(database: Database, guards: readonly Omit<Guard, 'at'>[]): Promise<void> {
  if (guards.length === 0) return
  await database.transaction(async (queries) => {
    const now = await database.now(queries)
    await queries.query(
      `insert into guards (name, state, at)
       select name, state, $2 from json_to_recordset($1::text::json) as guard (name text, state text)
       on conflict (name) do update set state = excluded.state, at = excluded.at`,
      [JSON.stringify(guards), now],
    )
  })
}

/** Guards by name; those never written are not among them. */
export async function read(queries: Queries, names: readonly string[]): Promise<readonly Guard[]> {
  const rows = await queries.query<{ name: string; state: string; at: bigint }>(
    'select name, state, at from guards where name in (select json_array_elements_text($1::text::json)) order by name',
    [JSON.stringify(names)],
  )
  return rows.map(({ name, state, at }) => ({ name, state, at: Number(at) }))
}
