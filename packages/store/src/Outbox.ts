/**
 * What happened, for whoever listens: written in the transaction that did it, read in an order that skips nothing.
 *
 * Serial numbers are drawn before a transaction commits, so a reader that asks for `id > last` skips rows that commit late.
 * Here a row carries its transaction's id, and a reader sees only transactions below the oldest one still running. The order
 * is that of commits for each participant, because it is locked before a transaction is given its id; across participants
 * it is only complete.
 */
import { BaseError } from './BaseError.ts'
import type { Queries } from './Driver.ts'

/** What may be told: money as decimal strings. */
export type Body = Readonly<Record<string, string | number | boolean | null>>

export type Kind =
  | 'limit.issued'
  | 'encumbrance.changed'
  | 'margin.called'
  | 'margin.cleared'
  | 'release.signed'
  | 'release.settled'
  | 'settlement.ordered'
  | 'settlement.ended'
  | 'markdown.ordered'
  | 'markdown.ended'
  | 'account.linked'
  | 'account.unlinked'
  | 'evidence.changed'
  | 'participant.merged'

export type Message = {
  /** Resume after this one. Opaque. */
  readonly cursor: string
  readonly participantId: `0x${string}` | null
  readonly kind: Kind
  /** Unix seconds. */
  readonly at: number
  readonly body: Body
}

export type Page =
  /** `cursor` is where to go on from, also when nothing came. */
  | { readonly status: 'ok'; readonly messages: readonly Message[]; readonly cursor: string }
  /** Rows after the cursor may be gone: take a fresh snapshot, then go on from `cursor`. */
  | { readonly status: 'resync'; readonly cursor: string }

/** Writes messages as part of the caller's transaction. */
export async function append(queries: Queries, args: append.Arguments): Promise<void> {
  const { messages, now } = args
  if (messages.length === 0) return
  await queries.query(
    `insert into outbox (participant_id, kind, body, at)
     select participant_id, kind, body, $2 from json_to_recordset($1::text::json)
       as message (participant_id text, kind text, body text, position int8) order by position`,
    [
      JSON.stringify(
        messages.map(({ participantId, kind, body }, position) => ({
          participant_id: participantId,
          kind,
          body: JSON.stringify(body),
          position,
        })),
      ),
      now,
    ],
  )
}

export declare namespace append {
  type Arguments = { readonly messages: readonly Pick<Message, 'participantId' | 'kind' | 'body'>[]; readonly now: number }
}

/**
 * Messages after a cursor, all of them or one participant's, oldest first.
 *
 * @param args.cursor - null for everything still kept.
 * @throws {CursorError} the cursor is none of ours.
 */
export async function after(queries: Queries, args: after.Arguments): Promise<Page> {
  const { cursor, limit, participantId = null } = args
  const from = cursor === null ? null : fromText(cursor)
  const [mark] = await queries.query<{ identity: string; floor: string; horizon: string }>(
    `select (select value from settings where name = 'identity') as identity,
       coalesce((select value from settings where name = 'outbox_floor'), '0') as floor,
       pg_snapshot_xmin(pg_current_snapshot())::text as horizon`,
  )
  if (!mark) throw new CursorError({ cursor: cursor ?? '' })
  const end = toText({ identity: mark.identity, xid: mark.horizon, id: '0' })
  if (from && (from.identity !== mark.identity || BigInt(from.xid) < BigInt(mark.floor) || BigInt(from.xid) > BigInt(mark.horizon)))
    return { status: 'resync', cursor: end }

  // Two texts, so that each has a plan of its own. The horizon was taken first: what it excludes is not looked for.
  const rows = await queries.query<Row>(
    `select id::text, xid::text, participant_id, kind, body, at from outbox
     where (xid, id) > ($1::text::xid8, $2) and xid < $3::text::xid8 ${participantId === null ? '' : 'and participant_id = $5'}
     order by xid, id limit $4`,
    [from?.xid ?? '0', from?.id ?? '0', mark.horizon, limit, ...(participantId === null ? [] : [participantId])],
  )
  const messages = rows.map(
    (row): Message => ({
      cursor: toText({ identity: mark.identity, xid: row.xid, id: row.id }),
      participantId: row.participant_id,
      kind: row.kind,
      at: Number(row.at),
      body: JSON.parse(row.body) as Body,
    }),
  )
  return { status: 'ok', messages, cursor: rows.length < limit ? end : (messages.at(-1)?.cursor ?? end) }
}

export declare namespace after {
  type Arguments = { readonly cursor: string | null; readonly limit: number; readonly participantId?: `0x${string}` | undefined }
  type ErrorType = CursorError
}

/** Where everything that follows comes after. Take it before the snapshot it belongs to. */
export async function head(queries: Queries): Promise<string> {
  const page = await after(queries, { cursor: null, limit: 0 })
  return page.cursor
}

/**
 * Forgets messages older than `before` (unix seconds). A reader whose cursor lies there is told to start over.
 *
 * @returns how many were forgotten.
 */
export async function prune(queries: Queries, args: { readonly before: number }): Promise<number> {
  // Everything below the first row to keep goes, so that what is kept has no holes.
  const [row] = await queries.query<{ gone: bigint }>(
    `with kept as (
       select least(pg_snapshot_xmin(pg_current_snapshot())::text::numeric,
         (select min(xid::text::numeric) from outbox where at >= $1))::text as floor
     ), gone as (
       delete from outbox using kept where xid < kept.floor::xid8 returning kept.floor
     ), marked as (
       insert into settings (name, value) select 'outbox_floor', floor from (select distinct floor from gone) as one
       on conflict (name) do update set value = excluded.value
     ) select count(*) as gone from gone`,
    [args.before],
  )
  return Number(row?.gone)
}

type Place = { readonly identity: string; readonly xid: string; readonly id: string }
type Row = {
  readonly id: string
  readonly xid: string
  readonly participant_id: `0x${string}` | null
  readonly kind: Kind
  readonly body: string
  readonly at: bigint
}

function toText(place: Place): string {
  return Buffer.from(`${place.identity} ${place.xid} ${place.id}`).toString('base64url')
}

/** What a serial number of eight bytes holds. */
const greatestId = 2n ** 63n - 1n

function fromText(cursor: string): Place {
  const [, identity, xid, id] = /^([0-9a-f-]{36}) (\d{1,20}) (\d{1,19})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (identity === undefined || xid === undefined || id === undefined || BigInt(id) > greatestId) throw new CursorError({ cursor })
  return { identity, xid, id }
}

/** Thrown for a cursor that was not given out here. */
export class CursorError extends BaseError {
  override readonly name = 'Outbox.CursorError'
  override readonly code = 'INVALID_CURSOR'

  constructor(options: { readonly cursor: string }) {
    super(`The cursor ${JSON.stringify(options.cursor.slice(0, 80))} is none of ours.`, {
      hint: 'Send the cursor of the last message as it came, or none to start with what is kept.',
    })
  }
}
