/**
 * Who waits for whom: participants first, in order, then markets, in order. The same for every writer, so that none waits in
 * a circle.
 *
 * Participants are waited for twice: by name, then by row. The engine gives a transaction its number when it first touches a
 * row, which may be before it waits for that row; a name it waits for without a number. So the numbers of one participant's
 * transactions, and with them its messages, keep the order of its commits.
 */
import type { Inputs } from '@plimsoll/margin'
import { UnknownParticipantError } from './Book.ts'
import { type Queries, together } from './Driver.ts'

type Hex = Inputs.Hex

/** Locks one participant until the transaction ends. Must be the first thing a transaction does. @throws {Book.UnknownParticipantError} */
export async function participant(queries: Queries, participantId: Hex): Promise<void> {
  const [found] = await participants(queries, [participantId])
  if (found === undefined) throw new UnknownParticipantError(participantId)
}

/** Locks several participants until the transaction ends. Must come before anything is written. @returns those that exist: one that was merged into another is nobody. */
export async function participants(queries: Queries, ids: readonly Hex[]): Promise<readonly Hex[]> {
  const named = JSON.stringify(ids)
  const names = queries.query(
    `select pg_advisory_xact_lock(name) from (
       select distinct hashtextextended(id, 0) as name from json_array_elements_text($1::text::json) as id order by name
     ) as names`,
    [named],
  )
  const held = queries.query<{ id: Hex }>(
    'select id from participants where id in (select json_array_elements_text($1::text::json)) and merged_into is null order by id for no key update',
    [named],
  )
  const [, rows] = await together([names, held])
  return rows.map((row) => row.id)
}

/** Locks markets of one chain until the transaction ends, noting those that are new. */
export async function markets(queries: Queries, args: { readonly chainId: number; readonly markets: readonly Hex[] }): Promise<void> {
  const params = [args.chainId, JSON.stringify(args.markets)]
  const lock = `select market from markets where chain_id = $1 and market in (select json_array_elements_text($2::text::json))
    order by market for no key update`
  const wanted = new Set(args.markets).size
  if ((await queries.query(lock, params)).length === wanted) return
  await queries.query(
    `insert into markets (chain_id, market) select $1, market from json_array_elements_text($2::text::json) as market
     order by market on conflict do nothing`,
    params,
  )
  await queries.query(lock, params)
}
