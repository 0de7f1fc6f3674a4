/** The last final block of each chain, kept across restarts, and how an operator puts another in the place of one that was replaced. */
import type { Inputs } from '@plimsoll/margin'
import type { Database } from './Database.ts'
import type { Queries } from './Driver.ts'
import * as Events from './Events.ts'

type Hex = Inputs.Hex

/** A block as its header says. `timestamp`: unix seconds. */
export type Final = { readonly number: bigint; readonly hash: Hex; readonly parentHash: Hex; readonly timestamp: number }

const prefix = 'final:'

/** What was kept, by chain. */
export async function all(queries: Queries): Promise<ReadonlyMap<number, Final>> {
  const rows = await queries.query<{ name: string; value: string }>('select name, value from settings where name like $1', [`${prefix}%`])
  return new Map(rows.map(({ name, value }) => [Number(name.slice(prefix.length)), fromText(value)]))
}

/** Keeps these in one statement. The later block stands, whoever of several gateways read it. */
export async function keep(queries: Queries, finals: readonly { readonly chainId: number; readonly final: Final }[]): Promise<void> {
  await queries.query(
    `insert into settings (name, value) select name, value from json_to_recordset($1::text::json) as final (name text, value text)
     on conflict (name) do update set value = excluded.value
       where (settings.value::json ->> 'number')::numeric < (excluded.value::json ->> 'number')::numeric`,
    [JSON.stringify(finals.map(({ chainId, final }) => ({ name: `${prefix}${chainId}`, value: toText(final) })))],
  )
}

/**
 * Puts another block in the place of the one kept, takes back what was recorded of blocks that are gone, and records who said so and why: all
 * or nothing.
 *
 * @param args.kept - what is replaced. Another that is kept by now stays.
 * @param args.standing - the last block with something recorded that is still part of the chain; null where none is.
 * @param args.record - what an auditor will want to know, beside the blocks and the time.
 * @returns `changed` where something else was kept by then, and nothing was done; else how many records were taken back.
 */
export async function replace(database: Database, args: replace.Arguments): Promise<replace.Outcome> {
  const { chainId, kept, accepted, standing, record } = args
  return await database.transaction(async (queries) => {
    const rows = await queries.query('update settings set value = $1 where name = $2 and value = $3 returning name', [
      ...[toText(accepted), `${prefix}${chainId}`, toText(kept)],
    ])
    if (rows.length === 0) return { status: 'changed' }
    const taken = await Events.rewind(queries, { chainId, standing })
    const at = await database.now(queries)
    const text = (final: Final) => JSON.parse(toText(final)) as object
    await queries.query('insert into settings (name, value) values ($1, $2)', [
      `accepted:${chainId}:${at}:${accepted.hash}`,
      JSON.stringify({ ...record, at, replaced: text(kept), accepted: text(accepted), taken }),
    ])
    return { status: 'replaced', taken, at }
  })
}

export declare namespace replace {
  type Arguments = {
    readonly chainId: number
    readonly kept: Final
    readonly accepted: Final
    readonly standing: Events.Block | null
    readonly record: Readonly<Record<string, unknown>>
  }
  type Outcome = { readonly status: 'changed' } | { readonly status: 'replaced'; readonly taken: number; readonly at: number }
}

/** What operators accepted of a chain, as it was recorded, oldest first. */
export async function acceptances(queries: Queries, chainId: number): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const rows = await queries.query<{ value: string }>('select value from settings where name like $1', [`accepted:${chainId}:%`])
  return rows
    .map(({ value }) => JSON.parse(value) as { readonly at: number } & Readonly<Record<string, unknown>>)
    .sort((a, b) => a.at - b.at)
}

function toText({ number, hash, parentHash, timestamp }: Final): string {
  return JSON.stringify({ number: `${number}`, hash, parentHash, timestamp })
}

function fromText(text: string): Final {
  const { number, ...rest } = JSON.parse(text) as Omit<Final, 'number'> & { readonly number: string }
  return { ...rest, number: BigInt(number) }
}
