/** Numbers good once: whoever burns one first is the only one who does. */
import { randomBytes } from 'node:crypto'
import type { Database } from './Database.ts'

export type Burnt = { readonly status: 'burnt' } | { readonly status: 'unknown' } | { readonly status: 'expired' }

/**
 * A fresh nonce: 32 random bytes as hex, which both SIWE and an EIP-712 bytes32 take.
 *
 * @param args.purpose - What it is good for, as `sign-in` or `link`.
 * @param args.subject - Whom it is for; null where nobody is known yet.
 */
export async function create(database: Database, args: create.Arguments): Promise<`0x${string}`> {
  const { purpose, subject, ttlSeconds } = args
  const nonce = `0x${randomBytes(32).toString('hex')}` as const
  const expiresAt = (await database.now()) + ttlSeconds
  await database.query('insert into nonces (nonce, purpose, subject, expires_at) values ($1, $2, $3, $4)', [
    nonce,
    purpose,
    subject,
    expiresAt,
  ])
  return nonce
}

export declare namespace create {
  type Arguments = { readonly purpose: string; readonly subject: string | null; readonly ttlSeconds: number }
}

/** Burns a nonce, before anything is verified with it. One that was never given, or for another purpose or subject, is unknown. */
export async function burn(database: Database, args: burn.Arguments): Promise<Burnt> {
  const now = await database.now()
  const [row] = await database.query<{ expires_at: bigint }>(
    'delete from nonces where nonce = $1 and purpose = $2 and subject is not distinct from $3 returning expires_at',
    [args.nonce, args.purpose, args.subject],
  )
  if (!row) return { status: 'unknown' }
  return Number(row.expires_at) > now ? { status: 'burnt' } : { status: 'expired' }
}

export declare namespace burn {
  type Arguments = { readonly nonce: string; readonly purpose: string; readonly subject: string | null }
}

/** Forgets nonces that have expired. @returns how many. */
export async function prune(database: Database): Promise<number> {
  const now = await database.now()
  return (await database.query('delete from nonces where expires_at <= $1 returning nonce', [now])).length
}
