/** Orders to lower what a venue's book holds for an account: one under way at a time, each with a sequence of its own. */
import type { Inputs } from '@plimsoll/margin'
import type { UnknownParticipantError } from './Book.ts'
import type { Database, Queries } from './Database.ts'
import * as Deadline from './Deadline.ts'
import * as Locks from './Locks.ts'
import * as Outbox from './Outbox.ts'

type Hex = Inputs.Hex

export type MarkDownRequest = {
  readonly participantId: Hex
  readonly account: Hex
  readonly venue: { readonly chainId: number; readonly address: Hex }
  /** What the credit is lowered to. USD. */
  readonly credit: bigint
  /** The sequence that the book accepted last. */
  readonly accepted: bigint
  /** When its inputs were read. Unix seconds. */
  readonly issuedAt: number
}

/** What is signed, as text for whoever posts it, and by whom. */
export type MarkDownDecision = { readonly document: string; readonly signatures: readonly Hex[] }

export type Ordered =
  | { readonly status: 'ordered'; readonly sequence: bigint }
  /** One is under way: what it leaves is seen when it has ended. */
  | { readonly status: 'pending'; readonly sequence: bigint }

/**
 * Orders one mark-down: its sequence, what was signed and the message about it commit together.
 *
 * @param decide - Signs for the sequence given. It must not ask the database.
 * @throws {Book.UnknownParticipantError}
 */
export async function order(
  database: Database,
  request: MarkDownRequest,
  decide: (given: { readonly sequence: bigint }) => Promise<MarkDownDecision>,
): Promise<Ordered> {
  const { participantId, account, venue, credit, accepted, issuedAt } = request
  return database.transaction(async (queries) => {
    await Locks.participant(queries, participantId)
    const now = await database.now(queries)
    const key = [account, venue.chainId, venue.address]
    const [last] = await queries.query<{ sequence: bigint; status: string }>(
      'select sequence, status from mark_downs where account = $1 and chain_id = $2 and venue = $3 order by sequence desc limit 1',
      key,
    )
    if (last?.status === 'pending') return { status: 'pending', sequence: last.sequence }
    const sequence = (last !== undefined && last.sequence > accepted ? last.sequence : accepted) + 1n
    const { document, signatures } = await Deadline.within(database.decideSeconds, decide({ sequence }))
    await queries.query(
      `insert into mark_downs (account, chain_id, venue, sequence, participant_id, credit, document, signatures, issued_at, created_at, status)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'pending')`,
      [...key, sequence, participantId, credit, document, JSON.stringify(signatures), issuedAt, now],
    )
    const body = { account, chainId: venue.chainId, venue: venue.address, credit: `${credit}`, sequence: `${sequence}` }
    await Outbox.append(queries, { messages: [{ participantId, kind: 'markdown.ordered', body }], now })
    return { status: 'ordered', sequence }
  })
}

export declare namespace order {
  type ErrorType = UnknownParticipantError
}

export type Pending = {
  readonly participantId: Hex
  readonly account: Hex
  readonly sequence: bigint
  readonly credit: bigint
  readonly issuedAt: number
  readonly document: string
  readonly signatures: readonly Hex[]
}

/** Mark-downs at a venue whose end was not seen yet. */
export async function pending(queries: Queries, venue: MarkDownRequest['venue']): Promise<readonly Pending[]> {
  const rows = await queries.query<{
    participant_id: Hex
    account: Hex
    sequence: bigint
    credit: bigint
    issued_at: bigint
    document: string
    signatures: string
  }>(
    `select participant_id, account, sequence, credit, issued_at, document, signatures from mark_downs
     where chain_id = $1 and venue = $2 and status = 'pending' order by created_at, account`,
    [venue.chainId, venue.address],
  )
  return rows.map((row) => ({
    ...{ participantId: row.participant_id, account: row.account, sequence: row.sequence, credit: row.credit },
    ...{ issuedAt: Number(row.issued_at), document: row.document, signatures: JSON.parse(row.signatures) as Hex[] },
  }))
}

/**
 * Ends mark-downs by what a finalized block of the venue's chain shows: accepted where the book's sequence reached it, void where the
 * block is past the time in which the book takes one of that age. What was read before its order is not the end of it.
 *
 * @param read.ttlSeconds - how old its inputs may be when the book takes it.
 * @returns how many ended.
 */
export async function conclude(database: Database, read: conclude.Read): Promise<number> {
  const { venue, block, ttlSeconds } = read
  const sequences = JSON.stringify(read.accepted.map(({ account, sequence }) => ({ account, sequence: `${sequence}` })))
  return database.transaction(async (queries) => {
    const waiting = await pending(queries, venue)
    await Locks.participants(
      queries,
      waiting.map(({ participantId }) => participantId),
    )
    const now = await database.now(queries)
    const ended = await queries.query<{ account: Hex; participant_id: Hex; sequence: bigint; status: string }>(
      `update mark_downs m set status = case when read.sequence >= m.sequence then 'accepted' else 'void' end, ended_at = $4
       from json_to_recordset($1::text::json) as read (account text, sequence int8)
       where m.status = 'pending' and m.chain_id = $2 and m.venue = $3 and m.account = read.account
         and (read.sequence >= m.sequence or m.issued_at + $5 < $6)
       returning m.account, m.participant_id, m.sequence, m.status`,
      [sequences, venue.chainId, venue.address, now, ttlSeconds, block.timestamp],
    )
    const messages = ended.map(({ account, participant_id, sequence, status }) => ({
      participantId: participant_id,
      kind: 'markdown.ended' as const,
      body: { account, chainId: venue.chainId, venue: venue.address, sequence: `${sequence}`, status },
    }))
    await Outbox.append(queries, { messages, now })
    return ended.length
  })
}

export declare namespace conclude {
  type Read = {
    readonly venue: MarkDownRequest['venue']
    readonly block: { readonly timestamp: number }
    readonly ttlSeconds: number
    readonly accepted: readonly { readonly account: Hex; readonly sequence: bigint }[]
  }
}
