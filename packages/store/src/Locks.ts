/**
 * Who waits for whom: participants first, in order, then markets, in order. The same for every writer, so that none waits in
 * a circle.
 *
 * A participant's lock is a transaction's first statement. The engine names a transaction when it first writes, locking
 * included, and after waiting: so the names of one participant's transactions, and with them its messages, keep the order
 * of its commits.
 */
import type { Inputs } from '@plimsoll/margin'
import { UnknownParticipantError } from './Book.ts'
import type { Queries } from './Driver.ts'

type Hex = Inputs.Hex

/** Locks one participant until the transaction ends. @throws {Book.UnknownParticipantError} */
export async function participant(queries: Queries, participantId: Hex): Promise<void> {
  const [row] = await queries.query('select id from participants where id = $1 for no key update', [participantId])
  if (!row) throw new UnknownParticipantError(participantId)
}

/** Locks several participants until the transaction ends. @returns those that exist. */
export async function participants(queries: Queries, ids: readonly Hex[]): Promise<readonly Hex[]> {
  const rows = await queries.query<{ id: Hex }>(
    'select id from participants where id in (select json_array_elements_text($1::text::json)) order by id for no key update',
    [JSON.stringify(ids)],
  )
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
