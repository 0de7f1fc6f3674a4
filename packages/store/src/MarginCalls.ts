/** Credit fell below what is bound: from then on nothing is raised. */
import type { Inputs } from '@plimsoll/margin'
import * as Book from './Book.ts'
import type { Database } from './Database.ts'
import type { Queries } from './Driver.ts'
import * as Locks from './Locks.ts'
import * as Outbox from './Outbox.ts'

export type MarginCall =
  | { readonly status: 'covered'; readonly encumbered: bigint }
  /** USD missing, and since when. */
  | { readonly status: 'called'; readonly encumbered: bigint; readonly shortfall: bigint; readonly since: number }

/**
 * Compares a participant's credit with what is bound of it, and opens or clears its margin call.
 *
 * @param args.credit - From a full and fresh view: a partial one would call on doubtful data. USD.
 * @throws {Book.UnknownParticipantError}
 */
export async function call(database: Database, args: { readonly participantId: Inputs.Hex; readonly credit: bigint }): Promise<MarginCall> {
  const { participantId, credit } = args
  return database.transaction(async (queries) => {
    await Locks.participant(queries, participantId)
    const now = await database.now(queries)
    const subject = { participantId, account: '0x', venue: { chainId: 0, address: '0x' }, market: '0x' } as const
    const book = await Book.read(queries, { now, subject })
    const encumbered = Book.encumbered(book, participantId)
    const shortfall = encumbered - credit
    const called = shortfall > 0n
    const [before] = await queries.query<{ called_at: bigint | null }>('select called_at from participants where id = $1', [participantId])
    const since = Number(before?.called_at ?? now)
    if (called !== (before?.called_at !== null)) {
      await queries.query('update participants set version = version + 1, called_at = $2, called_credit = $3 where id = $1', [
        ...[participantId, called ? now : null, called ? credit : null],
      ])
      const kind = called ? ('margin.called' as const) : ('margin.cleared' as const)
      const body = { credit: `${credit}`, encumbered: `${encumbered}` }
      await remember(queries, { participantId, kind, shortfall: called ? shortfall : 0n, at: now })
      await Outbox.append(queries, { messages: [{ participantId, kind, body }], now })
    }
    return called ? { status: 'called', encumbered, shortfall, since } : { status: 'covered', encumbered }
  })
}

/** Of no chain: a call is the ledger's own, written to the record of every account that was there. */
export const ledgerChainId = 0

async function remember(
  queries: Queries,
  call: { readonly participantId: Inputs.Hex; readonly kind: string; readonly shortfall: bigint; readonly at: number },
): Promise<void> {
  await queries.query(
    `insert into events (chain_id, block_hash, log_index, block_number, account, kind, body, at)
     select $1::int8, $2::text, seen.rows + row_number() over (order by id), 0, address, $3::text, $4::text, $5::int8
       from accounts, (select count(*) as rows from events where chain_id = $1::int8 and block_hash = $2::text) as seen
      where participant_id = $2::text and unlinked_at is null`,
    [ledgerChainId, call.participantId, call.kind, JSON.stringify({ amountUsd: `${call.shortfall}` }), call.at],
  )
}
