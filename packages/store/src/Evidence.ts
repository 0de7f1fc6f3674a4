/** What was verified of a participant, by nullifier: one participant's at most, whoever asks at once, and for good. */
import type { Inputs } from '@plimsoll/margin'
import { BaseError } from './BaseError.ts'
import type { Database, Queries } from './Database.ts'
import * as Locks from './Locks.ts'
import * as Outbox from './Outbox.ts'

type Hex = Inputs.Hex

/** One verified piece. What it was made from stays with its owner; `source` says where it can be looked up again. */
export type Piece = {
  readonly scope: string
  readonly nullifier: string
  readonly claim: 'uniqueHuman' | 'legalRecourse'
  readonly kind: string
  readonly source: Readonly<Record<string, string | number | null>>
  /** Unix seconds. */
  readonly until: number
}

export type Evidence = Piece & {
  readonly participantId: Hex
  readonly createdAt: number
  readonly verifiedAt: number
  readonly revokedAt: number | null
  readonly burnedAt: number | null
}

export type Recorded = { readonly status: 'recorded' | 'renewed' }

/**
 * Records a verified piece. Verifying is the caller's, before.
 *
 * The same participant may bring its piece again: it counts from now, for as long as it says, and what burned it stays.
 *
 * @throws {NullifierTakenError} the nullifier is another participant's in this scope.
 * @throws {Book.UnknownParticipantError}
 */
export async function record(database: Database, args: record.Arguments): Promise<Recorded> {
  const { participantId, piece } = args
  return database.transaction(async (queries) => {
    await Locks.participant(queries, participantId)
    const now = await database.now(queries)
    const values = [piece.scope, piece.nullifier, participantId, piece.claim, piece.kind, JSON.stringify(piece.source), now, piece.until]
    const [made] = await queries.query(
      `insert into evidence (scope, nullifier, participant_id, claim, kind, source, created_at, verified_at, valid_until)
       values ($1, $2, $3, $4, $5, $6, $7, $7, $8) on conflict do nothing returning scope`,
      values,
    )
    // Whoever was first has committed by now: the insert waited for it.
    const [renewed] = made
      ? []
      : await queries.query(
          `update evidence set claim = $4, kind = $5, source = $6, verified_at = $7, valid_until = $8, revoked_at = null
           where scope = $1 and nullifier = $2 and participant_id = $3 returning scope`,
          values,
        )
    if (!made && !renewed) throw new NullifierTakenError({ scope: piece.scope })
    const status = made ? 'recorded' : 'renewed'
    await told(queries, { participantId, now, body: { status, claim: piece.claim, scope: piece.scope } })
    return { status }
  })
}

export declare namespace record {
  type Arguments = { readonly participantId: Hex; readonly piece: Piece }
  type ErrorType = NullifierTakenError
}

/** A participant's pieces, oldest first. */
export async function of(queries: Queries, participantId: Hex): Promise<readonly Evidence[]> {
  return all(queries, [participantId])
}

/** As `of`, of several participants at once, in one list. */
export async function all(queries: Queries, ids: readonly Hex[]): Promise<readonly Evidence[]> {
  return read(
    await queries.query<Row>(
      `select * from evidence where participant_id in (select json_array_elements_text($1::text::json))
       order by created_at, scope, nullifier`,
      [JSON.stringify(ids)],
    ),
  )
}

/** Every piece whose word may still be taken back. */
export async function standing(database: Database): Promise<readonly Evidence[]> {
  const now = await database.now()
  return read(
    await database.query<Row>(
      'select * from evidence where revoked_at is null and burned_at is null and valid_until > $1 order by scope, nullifier',
      [now],
    ),
  )
}

/** Notes that a piece's word was taken back. It stays, so that nobody else takes its nullifier. @returns whether that is news. */
export function revoke(database: Database, args: { readonly participantId: Hex } & Pick<Piece, 'scope' | 'nullifier'>): Promise<boolean> {
  const { participantId, scope, nullifier } = args
  return marked(database, participantId, (queries, now) =>
    queries.query(
      `update evidence set revoked_at = $4 where participant_id = $1 and scope = $2 and nullifier = $3 and revoked_at is null returning scope`,
      [participantId, scope, nullifier, now],
    ),
  )
}

/** Burns all of a participant's pieces: it left a debt behind. Never taken back. @returns whether that is news. */
export function burn(database: Database, participantId: Hex): Promise<boolean> {
  return marked(database, participantId, (queries, now) =>
    queries.query('update evidence set burned_at = $2 where participant_id = $1 and burned_at is null returning scope', [
      participantId,
      now,
    ]),
  )
}

async function marked(
  database: Database,
  participantId: Hex,
  mark: (queries: Queries, now: number) => Promise<readonly object[]>,
): Promise<boolean> {
  return database.transaction(async (queries) => {
    await Locks.participant(queries, participantId)
    const now = await database.now(queries)
    const rows = await mark(queries, now)
    if (rows.length > 0) await told(queries, { participantId, now, body: { status: 'marked', count: rows.length } })
    return rows.length > 0
  })
}

/** A change of evidence is a change of the participant: readers of its version see it. */
async function told(
  queries: Queries,
  args: { readonly participantId: Hex; readonly now: number; readonly body: Readonly<Record<string, string | number>> },
): Promise<void> {
  const { participantId, now, body } = args
  await queries.query('update participants set version = version + 1 where id = $1', [participantId])
  await Outbox.append(queries, { messages: [{ participantId, kind: 'evidence.changed', body }], now })
}

function read(rows: readonly Row[]): readonly Evidence[] {
  const seconds = (value: bigint | null) => (value === null ? null : Number(value))
  return rows.map((row) => ({
    ...{ scope: row.scope, nullifier: row.nullifier, participantId: row.participant_id, claim: row.claim, kind: row.kind },
    source: JSON.parse(row.source) as Piece['source'],
    ...{ createdAt: Number(row.created_at), verifiedAt: Number(row.verified_at), until: Number(row.valid_until) },
    ...{ revokedAt: seconds(row.revoked_at), burnedAt: seconds(row.burned_at) },
  }))
}

type Row = {
  readonly scope: string
  readonly nullifier: string
  readonly participant_id: Hex
  readonly claim: Piece['claim']
  readonly kind: string
  readonly source: string
  readonly created_at: bigint
  readonly verified_at: bigint
  readonly valid_until: bigint
  readonly revoked_at: bigint | null
  readonly burned_at: bigint | null
}

/** Thrown when a nullifier has counted for somebody else in this scope. */
export class NullifierTakenError extends BaseError {
  override readonly name = 'Evidence.NullifierTakenError'
  override readonly code = 'NULLIFIER_TAKEN'
  readonly scope: string

  constructor(options: { readonly scope: string }) {
    super(`This person counts already for another participant in the scope ${options.scope}.`, {
      hint: 'Link your accounts to that participant instead: one person is one participant.',
    })
    this.scope = options.scope
  }
}
