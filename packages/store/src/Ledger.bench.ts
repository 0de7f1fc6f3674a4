/**
 * Certificates issued on a PostgreSQL server, beside the barest acknowledged write of the same server: one row in one transaction.
 *
 * Eight participants at once over a pool of eight, rounds in turn, the least of each and their ratio; and what one certificate asks of the
 * database and of the keys. The figures are of this machine and its disk; the ratio is what a limit costs over a row.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type * as Database from './Database.ts'
import * as Desk from './testing/Desk.ts'
import { server } from './testing/Engines.ts'

const people = 8
const each = 25
const rounds = 5

describe.skipIf(server.absent)(`issuing, ${server.title}`, () => {
  let running: Awaited<ReturnType<typeof server.start>>
  let database: Database.Database
  let desks: readonly { readonly participantId: `0x${string}`; readonly name: string }[]
  let count = 0

  beforeAll(async () => {
    running = await server.start()
    database = await running.open({ clock: () => Desk.noon, connections: people })
    const names = Array.from({ length: people }, (_, i) => `person ${i}`)
    desks = await Promise.all(names.map(async (name) => ({ name, participantId: await Desk.join(database, name) })))
    // A market each: people who raise the same market wait for each other, which is what the lock is for.
    for (const { name } of desks) await Desk.observe(database, { name, venue: 'a', market: name })
    await database.query('create table bare (id bigserial primary key, body text not null)')
  })
  afterAll(async () => {
    await database.close()
    await running.stop()
  })

  const issue = ({ participantId, name }: (typeof desks)[number], through = database) =>
    Desk.issue(through, { participantId, name, venue: 'a', market: name, key: `${count++}`, credit: 1n, total: 1n })
  const insert = () => database.transaction((queries) => queries.query('insert into bare (body) values ($1)', ['x'.repeat(200)]))
  const perSecond = async (work: (desk: (typeof desks)[number]) => Promise<unknown>) => {
    const start = performance.now()
    await Promise.all(
      desks.map(async (desk) => {
        for (let i = 0; i < each; i++) await work(desk)
      }),
    )
    return (people * each * 1_000) / (performance.now() - start)
  }

  test('certificates per second beside bare rows per second', { timeout: 240_000 }, async () => {
    const best = { issued: 0, bare: 0 }
    for (let round = 0; round < rounds; round++) {
      best.bare = Math.max(best.bare, await perSecond(insert))
      best.issued = Math.max(best.issued, await perSecond((desk) => issue(desk)))
    }
    process.stdout.write(
      `issued ${best.issued.toFixed(0)}/s, bare rows ${best.bare.toFixed(0)}/s, ratio ${(best.issued / best.bare).toFixed(3)} (best of ${rounds}, ${people} at once)\n`,
    )
    expect(best.issued).toBeGreaterThan(0)
  })

  test('statements per certificate', { timeout: 60_000 }, async () => {
    const [desk] = desks
    if (!desk) throw new Error('there are people')
    let statements = 0
    const counted: Database.Database = {
      ...database,
      transaction: (work) =>
        database.transaction((queries) =>
          work({
            query: (text, params) => {
              statements += 1
              return queries.query(text, params)
            },
          }),
        ),
    }
    await issue(desk, counted)
    process.stdout.write(`${statements} statements a certificate, begin and commit apart\n`)
    expect(statements).toBeGreaterThan(0)
  })
})
