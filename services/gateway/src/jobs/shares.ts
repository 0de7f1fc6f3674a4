/**
 * Which part of the background work is this process's: participants by shard, and jobs that only one may do, each under a fenced lease.
 *
 * Requests need none of it. What a request reads or binds, any gateway reads and binds, under the ledger's own locks.
 */
import { randomUUID } from 'node:crypto'
import { type Database, Leases, Shares as Stored } from '@plimsoll/store'
import type { Logger } from 'pino'
import * as Rounds from '../rounds.ts'

type Hex = `0x${string}`

/** Read what happened on the chains; ask again for attestations; forget what is over; follow losses and mark-downs to their end. */
export type Job = 'history' | 'evidence' | 'upkeep' | 'losses'

export type Shares = {
  /** The database for the one that does a job: what it writes there commits only while the job is its own. Null while another does it. */
  readonly job: (job: Job) => Database.Database | null
  /** The participants whose shards are held, and the database for what is written of them. */
  readonly participants: () => { readonly has: (participantId: Hex) => boolean; readonly database: Database.Database }
  /** For whoever looks. */
  readonly shown: () => Shown
  /** Takes, renews and gives back once. */
  readonly round: () => Promise<void>
  readonly start: () => void
  /** Gives everything back, so that the next need not wait. */
  readonly stop: () => Promise<void>
}

export type Shown = {
  readonly holder: string
  /** How many divide the work. */
  readonly gateways: number
  readonly shards: readonly number[]
  readonly jobs: readonly Job[]
  /** Writes that were refused because their lease was somebody else's by then. */
  readonly fenced: number
}

/** Pieces that the participants are cut into: several for each gateway there may reasonably be. All gateways have to agree on it. */
const shards = 12
const jobs: readonly Job[] = ['history', 'evidence', 'upkeep', 'losses']
/** How long the work of one that died stays undone. */
const ttlSeconds = 10
const intervalMs = 2_000

const shardName = (shard: number) => `participants/${shard}-of-${shards}`
const everyShard = Array.from({ length: shards }, (_, shard) => shard)

/** Divides the work with whoever else is on the database. An embedded one has no other process: its directory is locked. */
export function open(args: open.Args): Shares {
  return args.database.engine === 'embedded' ? alone(args.database) : shared(args)
}

export declare namespace open {
  type Args = {
    readonly database: Database.Database
    /** The same database over connections that nothing else waits for: a crowd of requests keeps nobody from renewing. */
    readonly leases: Database.Database
    readonly log: Logger
  }
}

/** Everything is this process's, and nothing is written of it. */
export function alone(database: Database.Database): Shares {
  const holder = 'alone'
  return {
    job: () => database,
    participants: () => ({ has: () => true, database }),
    shown: () => ({ holder, gateways: 1, shards: everyShard, jobs, fenced: 0 }),
    round: async () => {},
    start: () => {},
    stop: async () => {},
  }
}

function shared({ database, leases: renewing, log }: open.Args): Shares {
  const holder = `gateway ${randomUUID()}`
  const groups = [everyShard.map(shardName), jobs]
  let share: Stored.Share = { leases: [], pieces: [], seats: 0 }
  let fenced = 0

  const leasesOf = (pieces: readonly string[]) => share.leases.filter(({ name }) => pieces.some((piece) => name === `gateway/${piece}`))
  /** As the fence of the leases, and counted where it holds somebody off. */
  function behind(leases: readonly Leases.Lease[]): Database.Database {
    const fence = Stored.fence(database, leases)
    const counted = <T>(work: Promise<T>): Promise<T> =>
      work.catch((error: unknown) => {
        if (error instanceof Leases.LeaseLostError) fenced += 1
        throw error
      })
    return {
      ...fence,
      query: (text, params) => counted(fence.query(text, params)),
      transaction: (work) => counted(fence.transaction(work)),
    }
  }

  const renew = async (): Promise<void> => {
    try {
      share = await Stored.take(renewing, { area: 'gateway', holder, held: share.leases, groups, ttlSeconds })
    } catch (error) {
      // What is held is fenced, whatever this process believes: it only renews later.
      log.warn({ err: error }, 'the share of the work could not be renewed')
    }
  }
  const { round, start, stop } = Rounds.of({ work: renew, pauseMs: () => intervalMs })

  return {
    job: (job) => (share.pieces.includes(job) ? behind(leasesOf([job])) : null),
    participants: () => {
      const names = new Set(share.pieces)
      const held = everyShard.filter((shard) => names.has(shardName(shard)))
      const own = new Set(held)
      return { has: (participantId) => own.has(Leases.shardOf(participantId, shards)), database: behind(leasesOf(held.map(shardName))) }
    },
    shown: () => {
      const names = new Set(share.pieces)
      return {
        holder,
        gateways: share.seats,
        shards: everyShard.filter((shard) => names.has(shardName(shard))),
        jobs: jobs.filter((job) => names.has(job)),
        fenced,
      }
    },
    round,
    start,
    stop: async () => {
      await stop()
      await Stored.give(renewing, share.leases)
      share = { leases: [], pieces: [], seats: 0 }
    },
  }
}
