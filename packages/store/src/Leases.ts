/**
 * Who does a job that only one may do: several gateways, liquidators and backstops on one database.
 *
 * A lease has a holder, an end, and a token that rises each time it is given out and never falls. Time alone protects nothing: a holder
 * that was stopped and goes on (SIGSTOP, a long pause, a slow disk) still believes in its lease. So whatever it writes goes through
 * `fence`: the token is looked up in the write's own transaction, under a lock that a successor has to wait for. Either the write commits
 * before the successor has the lease, and the successor reads it, or it is undone. One that was stopped inside a transaction keeps its
 * successor waiting until the server ends that transaction.
 *
 * What leaves the database (a transaction on a chain, a signature) cannot be fenced this way: note the intention first, through `fence`,
 * and make the act itself harmless when it comes twice, as contracts do that take each id once.
 *
 * How a worker uses it:
 *
 *     const job = Leases.hold(database, { name: 'liquidator/3', holder, ttlSeconds: 15, nowMs })
 *     const turn = await job.turn()                                // each round: taken, or its end put off, when it is time
 *     if (turn.status === 'standby') return                        // somebody else has it
 *     await turn.database.transaction((queries) => …)              // throws LeaseLostError, and writes nothing, once it is lost
 *     if (await job.confirm()) …                                   // right before an act that leaves the database
 *     await job.release()                                          // on the way out, so that the next need not wait
 *
 * Work is cut by participant: `shardOf(participantId, shards)`, one lease a shard.
 */
import type { Inputs } from '@plimsoll/margin'
import { BaseError } from './BaseError.ts'
import type { Database, Param, Queries } from './Database.ts'

/** A lease as it was given out. It says nothing of whether it is still ours: `fence` does. */
export type Lease = {
  readonly name: string
  /** Unique to one process: a name with a random part. */
  readonly holder: string
  /** Rises with every holder. */
  readonly token: bigint
}

export type Acquired =
  | { readonly status: 'held'; readonly lease: Lease; readonly expiresAt: number }
  | { readonly status: 'taken'; readonly holder: string; readonly expiresAt: number }

/**
 * Takes a lease that nobody holds. The holder itself may ask again: it gets a new token, and whatever still carries the old one is
 * fenced off, which is what a process wants that comes back under its old name.
 *
 * @param args.ttlSeconds - At least a few seconds: the database's clock counts whole ones.
 */
export async function acquire(database: Database, args: acquire.Arguments): Promise<Acquired> {
  const { name, holder, ttlSeconds } = args
  return database.transaction(async (queries) => {
    const now = await database.now(queries)
    const [row] = await queries.query<Row>(
      `insert into leases (name, holder, token, expires_at) values ($1, $2, 1, $3)
       on conflict (name) do update set holder = excluded.holder, token = leases.token + 1, expires_at = excluded.expires_at
         where leases.expires_at <= $4 or leases.holder = excluded.holder
       returning holder, token, expires_at`,
      [name, holder, now + ttlSeconds, now],
    )
    if (row) return { status: 'held', lease: { name, holder, token: row.token }, expiresAt: Number(row.expires_at) }
    const [other] = await queries.query<Row>('select holder, token, expires_at from leases where name = $1', [name])
    return { status: 'taken', holder: other?.holder ?? '', expiresAt: Number(other?.expires_at ?? now) }
  })
}

export declare namespace acquire {
  type Arguments = { readonly name: string; readonly holder: string; readonly ttlSeconds: number }
}

export type Renewed = { readonly status: 'held'; readonly expiresAt: number } | { readonly status: 'lost' }

/** Puts a lease's end off. One that ran out, and that nobody took since, is held again: nothing happened meanwhile. */
export async function renew(database: Database, args: renew.Arguments): Promise<Renewed> {
  const { lease, ttlSeconds } = args
  const now = await database.now()
  const [row] = await database.query<Row>(
    'update leases set expires_at = greatest(expires_at, $3) where name = $1 and token = $2 and expires_at > 0 returning holder, token, expires_at',
    [lease.name, lease.token, now + ttlSeconds],
  )
  return row ? { status: 'held', expiresAt: Number(row.expires_at) } : { status: 'lost' }
}

export declare namespace renew {
  type Arguments = { readonly lease: Lease; readonly ttlSeconds: number }
}

/** Gives a lease back, if it is still ours. Its row stays, so that the next token is higher. */
export async function release(database: Database, lease: Lease): Promise<void> {
  await database.query('update leases set expires_at = 0 where name = $1 and token = $2', [lease.name, lease.token])
}

/**
 * The same database, for the holder of a lease only: everything asked of it ends, in its own transaction, with the question whether the
 * lease is still held. If not, all of it is undone and `LeaseLostError` comes out.
 *
 * The question comes last, after the locks that the work takes, so that the order of messages in the outbox stays that of the locks.
 */
export function fence(database: Database, lease: Lease): Database {
  const transaction = <T>(work: (queries: Queries) => Promise<T>): Promise<T> =>
    database.transaction(async (queries) => {
      const result = await work(queries)
      await check(database, { queries, lease })
      return result
    })
  return {
    ...database,
    transaction,
    query: <Row extends object>(text: string, params?: readonly Param[]) => transaction((queries) => queries.query<Row>(text, params)),
  }
}

export type Turn =
  | {
      readonly status: 'held'
      /** Behind the lease: what is asked of it once the lease is lost is undone. */
      readonly database: Database
      /** Taken in this turn: somebody else may have acted since it was last ours, if it ever was. */
      readonly isNew: boolean
    }
  | { readonly status: 'standby' }

/** A job that only one may do, as one of those who would sees it. */
export type Hold = {
  /** The turn of this round: the lease is taken where it is free, and renewed once a third of its time is over. */
  readonly turn: () => Promise<Turn>
  /** Whether it is still ours by the database's clock, asked now, and for a whole ttl from now. Once it says no, so does `isHeld`. */
  readonly confirm: () => Promise<boolean>
  /** What was heard last. Asks nobody. */
  readonly isHeld: () => boolean
  readonly release: () => Promise<void>
}

/**
 * One lease, taken and kept for as long as somebody asks for its turns.
 *
 * @param args.nowMs - says when to renew, and nothing else: whose it is, the database's clock decides. Unix milliseconds.
 */
export function hold(database: Database, args: hold.Arguments): Hold {
  const { name, holder, ttlSeconds, nowMs } = args
  let held: { readonly lease: Lease; readonly behind: Database; readonly renewMs: number } | null = null
  const due = () => nowMs() + (ttlSeconds * 1_000) / 3

  /** The database behind a lease; whoever hears there that the lease is lost need not tell. */
  function behind(lease: Lease): Database {
    const fenced = fence(database, lease)
    const heard = (error: unknown): never => {
      if (error instanceof LeaseLostError && held?.lease === lease) held = null
      throw error
    }
    return {
      ...fenced,
      transaction: (work) => fenced.transaction(work).catch(heard),
      query: <Row extends object>(text: string, params?: readonly Param[]) => fenced.query<Row>(text, params).catch(heard),
    }
  }

  async function confirm(): Promise<boolean> {
    const asked = held
    if (asked === null) return false
    const { status } = await renew(database, { lease: asked.lease, ttlSeconds })
    // Released or lost while it was asked: no answer gives it back.
    if (held !== asked) return false
    held = status === 'held' ? { ...asked, renewMs: due() } : null
    return held !== null
  }

  return {
    async turn() {
      if (held !== null && nowMs() >= held.renewMs) await confirm()
      if (held !== null) return { status: 'held', database: held.behind, isNew: false }
      const taken = await acquire(database, { name, holder, ttlSeconds })
      if (taken.status === 'taken') return { status: 'standby' }
      held = { lease: taken.lease, behind: behind(taken.lease), renewMs: due() }
      return { status: 'held', database: held.behind, isNew: true }
    },
    confirm,
    isHeld: () => held !== null,
    async release() {
      if (held === null) return
      const { lease } = held
      held = null
      await release(database, lease)
    },
  }
}

export declare namespace hold {
  type Arguments = acquire.Arguments & { readonly nowMs: () => number }
}

/** Which shard a participant's work belongs to, from 0 to `shards` − 1: by its id, the same everywhere. */
export function shardOf(participantId: Inputs.Hex, shards: number): number {
  return Number(BigInt(participantId) % BigInt(shards))
}

/** Locks the lease against a successor until the transaction ends. @throws {LeaseLostError} */
async function check(database: Database, args: { readonly queries: Queries; readonly lease: Lease }): Promise<void> {
  const { queries, lease } = args
  const [row] = await queries.query<Row>('select holder, token, expires_at from leases where name = $1 for share', [lease.name])
  // Only now: the lock may have been waited for.
  const now = await database.now(queries)
  if (row?.token !== lease.token || row.expires_at <= BigInt(now))
    throw new LeaseLostError({ lease, holder: row === undefined || row.token === lease.token ? null : row.holder })
}

type Row = { readonly holder: string; readonly token: bigint; readonly expires_at: bigint }

/** Thrown when something is written by one that no longer holds the lease for it. */
export class LeaseLostError extends BaseError {
  override readonly name = 'Leases.LeaseLostError'
  override readonly code = 'LEASE_LOST'
  readonly lease: Lease
  /** Who took it; null where it merely ran out. */
  readonly holder: string | null

  constructor(options: { readonly lease: Lease; readonly holder: string | null }) {
    const { lease, holder } = options
    super(`The lease ${lease.name} (token ${lease.token}) is no longer ours: ${holder === null ? 'it ran out' : `${holder} has it`}.`, {
      hint: 'Nothing was written. Stop this work, and take the lease anew before going on.',
    })
    this.lease = lease
    this.holder = holder
  }
}
