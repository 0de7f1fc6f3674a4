/** Who is signed in. The database knows a token's hash only: a copy of it lets nobody in. */
import { createHash, randomBytes } from 'node:crypto'
import type { Inputs } from '@plimsoll/margin'
import type { Database } from './Database.ts'

export type Session = {
  readonly participantId: Inputs.Hex
  readonly account: Inputs.Hex
  readonly createdAt: number
  readonly expiresAt: number
}

export type Verified =
  | { readonly status: 'active'; readonly session: Session }
  | { readonly status: 'unknown' }
  | { readonly status: 'expired' }

/** Opens a session. @returns the token, which is shown once and kept nowhere. */
export async function create(database: Database, args: create.Arguments): Promise<{ readonly token: string; readonly session: Session }> {
  const { participantId, account, ttlSeconds } = args
  const token = randomBytes(32).toString('base64url')
  const createdAt = await database.now()
  const session = { participantId, account, createdAt, expiresAt: createdAt + ttlSeconds }
  await database.query('insert into sessions (token_hash, participant_id, account, created_at, expires_at) values ($1, $2, $3, $4, $5)', [
    ...[hashOf(token), participantId, account, createdAt, session.expiresAt],
  ])
  return { token, session }
}

export declare namespace create {
  type Arguments = { readonly participantId: Inputs.Hex; readonly account: Inputs.Hex; readonly ttlSeconds: number }
}

/**
 * Whose token this is. One of an account that is not its participant's is nobody's, also where it was given out while the account was leaving.
 */
export async function verify(database: Database, token: string): Promise<Verified> {
  const now = await database.now()
  const [row] = await database.query<{ participant_id: Inputs.Hex; account: Inputs.Hex; created_at: bigint; expires_at: bigint }>(
    `select participant_id, account, created_at, expires_at from sessions s where token_hash = $1
       and exists (select from accounts where participant_id = s.participant_id and address = s.account and unlinked_at is null)`,
    [hashOf(token)],
  )
  if (!row) return { status: 'unknown' }
  const session = {
    participantId: row.participant_id,
    account: row.account,
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
  }
  return session.expiresAt > now ? { status: 'active', session } : { status: 'expired' }
}

/** Ends a session. Ending one that is over does nothing. */
export async function end(database: Database, token: string): Promise<void> {
  await database.query('delete from sessions where token_hash = $1', [hashOf(token)])
}

/** Forgets sessions that have expired. @returns how many. */
export async function prune(database: Database): Promise<number> {
  const now = await database.now()
  return (await database.query('delete from sessions where expires_at <= $1 returning token_hash', [now])).length
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
