/**
 * Certificates issued on a PostgreSQL server, beside the barest acknowledged write of the same server: one row in one transaction.
 *
 * Eight participants at once over a pool of eight, rounds in turn, the best of each and their ratio; and what one certificate asks of the
 * database. Whoever issues in a round is new in it, so that nobody has more live certificates than one who renews every half minute. The
 * figures are of this machine; a server of our own runs without durability, so that both are without their wait for a disk. The ratio is what
 * a limit costs over a row.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type * as Database from './Database.ts'
import * as Desk from './testing/Desk.ts'
import { server } from './testing/Engines.ts'

const people = 8
const each = 10
/** So many rows to a certificate, so that both kinds of round last about as long and see the same of what else runs here. */
const rows = 15
const rounds = 10

describe.skipIf(server.absent)(`issuing, ${server.title}`, () => {
  let running: Awaited<ReturnType<typeof server.start>>
  let database: Database.Database
  type Seat = { readonly participantId: `0x${string}`; readonly name: string }
  let count = 0

  beforeAll(async () => {
    running = await server.start()
    database = await running.open({ clock: () => Desk.noon, connections: people })
    await database.query('create table bare (id bigserial primary key, body text not null)')
  })
  afterAll(async () => {
    await database.close()
    await running.stop()
  })

  /** A market each: people who raise the same market wait for each other, which is what the lock is for. */
  const seat = async (): Promise<Seat> => {
    const name = `person ${count++}`
    const participantId = await Desk.join(database, name)
    await Desk.observe(database, { name, venue: 'a', market: name })
    return { participantId, name }
  }
  const issue = ({ participantId, name }: Seat, through = database) =>
    Desk.issue(through, { participantId, name, venue: 'a', market: name, key: `${count++}`, credit: 1n, total: 1n })
  const insert = () => database.transaction((queries) => queries.query('insert into bare (body) values ($1)', ['x'.repeat(200)]))
  const perSecond = async (times: number, work: (seat: Seat) => Promise<unknown>) => {
    const seats = await Promise.all(Array.from({ length: people }, seat))
    const start = performance.now()
    await Promise.all(
      seats.map(async (it) => {
        for (let i = 0; i < times; i++) await work(it)
      }),
    )
    return (people * times * 1_000) / (performance.now() - start)
  }

  test('certificates per second beside bare rows per second', { timeout: 240_000 }, async () => {
    const best = { issued: 0, bare: 0 }
    for (let round = 0; round < rounds; round++) {
      best.bare = Math.max(best.bare, await perSecond(each * rows, insert))
      best.issued = Math.max(best.issued, await perSecond(each, (it) => issue(it)))
    }
    process.stdout.write(
      `issued ${best.issued.toFixed(0)}/s, bare rows ${best.bare.toFixed(0)}/s, ratio ${(best.issued / best.bare).toFixed(3)} (best of ${rounds}, ${people} at once)\n`,
    )
    expect(best.issued).toBeGreaterThan(0)
  })

  test('statements per certificate', { timeout: 60_000 }, async () => {
    const one = await seat()
    let [statements, waits, open] = [0, 0, 0]
    const counted: Database.Database = {
      ...database,
      transaction: (work) =>
        database.transaction((queries) =>
          work({
            query: <Row extends object>(text: string, params?: readonly Database.Param[]) => {
              statements += 1
              // What is sent while nothing is under way waits for an answer of its own.
              if (open++ === 0) waits += 1
              return queries.query<Row>(text, params).finally(() => {
                open -= 1
              })
            },
          }),
        ),
    }
    await issue(one, counted)
    process.stdout.write(`${statements} statements a certificate in ${waits} waits, begin and commit apart\n`)
    expect(statements).toBeGreaterThan(0)
  })
})
