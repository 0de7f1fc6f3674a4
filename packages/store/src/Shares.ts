/**
 * Work divided among several processes on one database: each piece is a lease, and each process holds its even part of them.
 *
 * A process takes a seat first, which is a lease too, so that everybody sees how many there are. Nobody holds more than `pieces / seats
 * taken`, rounded up, of a group: whoever has more gives back, whoever has less takes what is free. A process that dies keeps nothing
 * from the others for longer than its leases last.
 *
 *     let share = await Shares.take(database, { area: 'gateway', holder, held: [], groups: [['a', 'b', 'c']], ttlSeconds: 10 })
 *     await Shares.fence(database, share.leases).transaction((queries) => …)   // writes nothing once one of them is lost
 *     share = await Shares.take(database, { …, held: share.leases })           // every fifth of the ttl
 */
import type { Database, Queries } from './Database.ts'
import * as Leases from './Leases.ts'

export type Share = {
  /** What is held now, the seat among it. */
  readonly leases: readonly Leases.Lease[]
  /** Pieces held, by name. */
  readonly pieces: readonly string[]
  /** How many divide the work. */
  readonly seats: number
}

/** Renews what is held, gives back what is too much, and takes what is free, up to an even part of each group. */
export async function take(database: Database, args: take.Arguments): Promise<Share> {
  const { area, holder, groups, ttlSeconds } = args
  const most = groups.flat().length
  const seatOf = (n: number) => `${area}/seat/${n}`
  const nameOf = (piece: string) => `${area}/${piece}`
  const claim = async (name: string) => {
    const taken = await Leases.acquire(database, { name, holder, ttlSeconds })
    return taken.status === 'held' ? taken.lease : null
  }

  const kept = await renew(database, { leases: args.held, ttlSeconds })
  const others = (await alive(database, area)).filter((it) => it.holder !== holder)
  const seated = (name: string) => name.startsWith(seatOf(0).slice(0, -1))
  const taken = new Set(others.map(({ name }) => name))
  let seat = kept.find(({ name }) => seated(name)) ?? null
  // A seat for every piece: who finds none has no part, and sees again in the next round.
  for (let n = 0; n < most && seat === null; n += 1) if (!taken.has(seatOf(n))) seat = await claim(seatOf(n))
  const seats = others.filter(({ name }) => seated(name)).length + (seat === null ? 0 : 1)

  const leases: Leases.Lease[] = seat === null ? [] : [seat]
  const pieces: string[] = []
  for (const group of groups) {
    const part = seat === null ? 0 : Math.ceil(group.length / seats)
    const own = group.flatMap((piece) => kept.filter(({ name }) => name === nameOf(piece)).map((lease) => ({ piece, lease })))
    for (const { lease } of own.slice(part)) await Leases.release(database, lease)
    const mine = own.slice(0, part)
    const held = new Set(own.map(({ piece }) => piece))
    for (const piece of group) {
      if (mine.length >= part) break
      if (held.has(piece) || taken.has(nameOf(piece))) continue
      const lease = await claim(nameOf(piece))
      if (lease !== null) mine.push({ piece, lease })
    }
    leases.push(...mine.map(({ lease }) => lease))
    pieces.push(...mine.map(({ piece }) => piece))
  }
  return { leases, pieces, seats }
}

export declare namespace take {
  type Arguments = {
    /** Whose work: the names of its leases begin with it. */
    readonly area: string
    readonly holder: string
    /** What came of the last round. */
    readonly held: readonly Leases.Lease[]
    /** The pieces, in groups that are divided evenly each for itself. */
    readonly groups: readonly (readonly string[])[]
    readonly ttlSeconds: number
  }
}

/** Gives back everything, so that the next need not wait. */
export async function give(database: Database, leases: readonly Leases.Lease[]): Promise<void> {
  for (const lease of leases) await Leases.release(database, lease)
}

/** As `Leases.fence`, for the holder of several leases: each of them has to be held still when the transaction ends. */
export function fence(database: Database, leases: readonly Leases.Lease[]): Database {
  const transaction = <T>(work: (queries: Queries) => Promise<T>): Promise<T> =>
    database.transaction(async (queries) => {
      const result = await work(queries)
      await check(database, { queries, leases })
      return result
    })
  return {
    ...database,
    transaction,
    query: (text, params) => transaction((queries) => queries.query(text, params)),
  }
}

type Row = { readonly name: string; readonly holder: string; readonly token: bigint; readonly expires_at: bigint }

/** Locks the leases against successors until the transaction ends. @throws {Leases.LeaseLostError} */
async function check(database: Database, args: { readonly queries: Queries; readonly leases: readonly Leases.Lease[] }): Promise<void> {
  const { queries, leases } = args
  const rows = await queries.query<Row>(
    'select name, holder, token, expires_at from leases where name in (select json_array_elements_text($1::text::json)) order by name for share',
    [JSON.stringify(leases.map(({ name }) => name))],
  )
  // Only now: the locks may have been waited for.
  const now = BigInt(await database.now(queries))
  for (const lease of leases) {
    const row = rows.find(({ name }) => name === lease.name)
    if (row?.token !== lease.token || row.expires_at <= now)
      throw new Leases.LeaseLostError({ lease, holder: row === undefined || row.token === lease.token ? null : row.holder })
  }
}

/** Puts the ends of several leases off, in one transaction. @returns those that are still held. */
async function renew(
  database: Database,
  args: { readonly leases: readonly Leases.Lease[]; readonly ttlSeconds: number },
): Promise<readonly Leases.Lease[]> {
  const { leases, ttlSeconds } = args
  if (leases.length === 0) return []
  const json = JSON.stringify(leases.map(({ name, token }) => ({ name, token: `${token}` })))
  const rows = await database.transaction(async (queries) => {
    // In the order in which a fence locks them.
    await queries.query(
      'select name from leases where name in (select name from json_to_recordset($1::text::json) as held (name text)) order by name for update',
      [json],
    )
    return queries.query<{ name: string }>(
      `update leases set expires_at = greatest(expires_at, $2) from json_to_recordset($1::text::json) as held (name text, token int8)
       where leases.name = held.name and leases.token = held.token and expires_at > 0 returning leases.name`,
      [json, (await database.now(queries)) + ttlSeconds],
    )
  })
  const held = new Set(rows.map(({ name }) => name))
  return leases.filter(({ name }) => held.has(name))
}

/** The leases of an area that somebody holds. */
async function alive(database: Database, area: string): Promise<readonly { readonly name: string; readonly holder: string }[]> {
  return database.query('select name, holder from leases where starts_with(name, $1) and expires_at > $2', [
    `${area}/`,
    await database.now(),
  ])
}
