/** The track record as read from chain: each log once, and gone again with its block. */
import type { Inputs } from '@plimsoll/margin'
import type { Database } from './Database.ts'
import type { Queries } from './Driver.ts'

type Hex = Inputs.Hex

/** One log, by where it stands. `body` holds its figures, money as decimal strings. */
export type Event = {
  readonly chainId: number
  readonly blockNumber: bigint
  readonly blockHash: Hex
  readonly logIndex: number
  readonly account: Hex
  readonly kind: string
  /** Unix seconds of its block. */
  readonly at: number
  readonly body: Readonly<Record<string, string | number | boolean | null>>
}

/** Records logs. One that is known already is left as it is. @returns how many were new. */
export async function record(queries: Queries, events: readonly Event[]): Promise<number> {
  const rows = await queries.query(
    `insert into events (chain_id, block_hash, log_index, block_number, account, kind, body, at)
     select chain, hash, position, number, account, kind, body, at from json_to_recordset($1::text::json)
       as event (chain int8, hash text, position int4, number int8, account text, kind text, body text, at int8)
     on conflict do nothing returning log_index`,
    [
      JSON.stringify(
        events.map(({ chainId, blockHash, logIndex, blockNumber, account, kind, body, at }) => ({
          ...{
            chain: chainId,
            hash: blockHash,
            position: logIndex,
            number: `${blockNumber}`,
            account,
            kind,
            body: JSON.stringify(body),
            at,
          },
        })),
      ),
    ],
  )
  return rows.length
}

/**
 * Records what was read up to a block, and that it was read: both or neither.
 *
 * @param reading.source - what was read: the same contracts, or feeds, on the same chain.
 * @param reading.cursor - where to go on, as text.
 * @param reading.currentAt - when nothing final was left unread, unix seconds; left out where something is.
 */
export async function advance(
  database: Database,
  reading: { readonly source: string; readonly cursor: string; readonly events: readonly Event[]; readonly currentAt?: number },
): Promise<void> {
  const { source, cursor, events, currentAt } = reading
  await database.transaction(async (queries) => {
    if (events.length > 0) await record(queries, events)
    const settings = [[`read:${source}`, cursor], ...(currentAt === undefined ? [] : [[`current:${source}`, `${currentAt}`]])]
    for (const setting of settings)
      await queries.query(
        'insert into settings (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value',
        setting,
      )
  })
}

/** When nothing final of a source was left unread last, as `advance` was told; null where that never was. */
export async function currentAt(queries: Queries, source: string): Promise<number | null> {
  const [row] = await queries.query<{ value: string }>('select value from settings where name = $1', [`current:${source}`])
  return row === undefined ? null : Number(row.value)
}

/** Where reading goes on; null where nothing of the source was read yet. */
export async function cursor(queries: Queries, source: string): Promise<string | null> {
  const [row] = await queries.query<{ value: string }>('select value from settings where name = $1', [`read:${source}`])
  return row?.value ?? null
}

/** Everything recorded of one chain since a time, oldest first. */
export async function since(queries: Queries, from: { readonly chainId: number; readonly at: number }): Promise<readonly Event[]> {
  const rows = await queries.query<Row>('select * from events where chain_id = $1 and at >= $2 order by at, block_number, log_index', [
    from.chainId,
    from.at,
  ])
  return rows.map(eventOf)
}

/** Everything recorded of one chain from a block on, oldest first. */
export async function from(queries: Queries, start: { readonly chainId: number; readonly block: bigint }): Promise<readonly Event[]> {
  const rows = await queries.query<Row>(
    'select * from events where chain_id = $1 and block_number >= $2 order by at, block_number, log_index',
    [start.chainId, start.block],
  )
  return rows.map(eventOf)
}

/** Takes back the logs of a block that left its chain. @returns how many. */
export async function dropBlock(queries: Queries, block: { readonly chainId: number; readonly blockHash: Hex }): Promise<number> {
  return (
    await queries.query('delete from events where chain_id = $1 and block_hash = $2 returning log_index', [block.chainId, block.blockHash])
  ).length
}

/** A block with something recorded. */
export type Block = { readonly number: bigint; readonly hash: Hex }

/** The blocks of a chain with something recorded, newest first. */
export async function blocks(queries: Queries, chainId: number): Promise<readonly Block[]> {
  return await queries.query<Block>(
    'select distinct block_number as number, block_hash as hash from events where chain_id = $1 order by block_number desc',
    [chainId],
  )
}

/**
 * Takes back everything recorded of a chain after a block, and goes on reading from there; from the beginning where there is none.
 *
 * @returns how many records were taken back.
 */
export async function rewind(queries: Queries, to: { readonly chainId: number; readonly standing: Block | null }): Promise<number> {
  const { chainId, standing } = to
  const gone = await queries.query('delete from events where chain_id = $1 and block_number > $2 returning log_index', [
    ...[chainId, standing?.number ?? -1n],
  ])
  await queries.query('delete from settings where name like $1', [`current:%:${chainId}:%`])
  const cursors = await queries.query<{ name: string; value: string }>('select name, value from settings where name like $1', [
    `read:%:${chainId}:%`,
  ])
  for (const { name, value } of cursors) {
    const [number = '', hash] = value.split(':')
    if (standing === null) await queries.query('delete from settings where name = $1', [name])
    else if (BigInt(number) > standing.number) {
      const place = hash === undefined ? `${standing.number}` : `${standing.number}:${standing.hash}`
      await queries.query('update settings set value = $1 where name = $2', [place, name])
    }
  }
  return gone.length
}

/** The record of some accounts, on every chain, oldest first. */
export async function of(queries: Queries, accounts: readonly Hex[]): Promise<readonly Event[]> {
  const rows = await queries.query<Row>(
    `select * from events where account in (select json_array_elements_text($1::text::json)) order by at, chain_id, block_number, log_index`,
    [JSON.stringify(accounts)],
  )
  return rows.map(eventOf)
}

/** The highest block of a chain a log was recorded from; null before the first. */
export async function lastBlock(queries: Queries, chainId: number): Promise<bigint | null> {
  const [row] = await queries.query<{ number: bigint | null }>('select max(block_number) as number from events where chain_id = $1', [
    chainId,
  ])
  return row?.number ?? null
}

function eventOf(row: Row): Event {
  return {
    ...{ chainId: Number(row.chain_id), blockNumber: row.block_number, blockHash: row.block_hash, logIndex: row.log_index },
    ...{ account: row.account, kind: row.kind, at: Number(row.at), body: JSON.parse(row.body) as Event['body'] },
  }
}

type Row = {
  readonly chain_id: bigint
  readonly block_number: bigint
  readonly block_hash: Hex
  readonly log_index: number
  readonly account: Hex
  readonly kind: string
  readonly at: bigint
  readonly body: string
}
