/** BUS: events that nobody takes, that come twice, or that commit out of order. The outbox is the bus here. */

import { Postgres } from '@plimsoll/localnet'
import { Database, Outbox } from '@plimsoll/store'
import { outcome, type Row, type Seed, type Verdict, verdict } from './Row.ts'

type Hex = `0x${string}`
const participant = (index: number): Hex => `0x${index.toString(16).padStart(64, '0')}`

/** The same on the embedded engine, and on a server where there is one. */
function onBoth(work: (database: Database.Database, seed: Seed) => Promise<Verdict>): Row['inject'] {
  return async (seed) => {
    await using embedded = await Database.open({ memory: true })
    const first = await work(embedded, seed)
    const running = await Postgres.start({ url: '' })
    if (running.status === 'missing') return { ...first, evidence: `${first.evidence}; embedded only: ${running.reason}` }
    try {
      await using server = await Database.open({ url: running.url })
      const second = await work(server, seed)
      return { pass: first.pass && second.pass, seen: `embedded: ${first.seen}; server: ${second.seen}`, evidence: second.evidence }
    } finally {
      await running.stop()
    }
  }
}

const write = (database: Database.Database, messages: readonly { readonly key: number; readonly sequence: number }[], now = 1) =>
  database.transaction((queries) =>
    Outbox.append(queries, {
      now,
      messages: messages.map(({ key, sequence }) => ({
        participantId: participant(key),
        kind: 'encumbrance.changed' as const,
        body: { key, sequence },
      })),
    }),
  )

async function drain(database: Database.Database, from: string | null): Promise<readonly Outbox.Message[]> {
  const all: Outbox.Message[] = []
  let cursor = from
  for (;;) {
    const page = await Outbox.after(database, { cursor, limit: 37 })
    if (page.status === 'resync') throw new Error('resync')
    all.push(...page.messages)
    cursor = page.cursor
    if (page.messages.length === 0) return all
  }
}

/** Per key, sequences rise one by one. */
function inOrder(messages: readonly Outbox.Message[]): boolean {
  const next = new Map<unknown, number>()
  return messages.every(({ body }) => {
    const due = next.get(body['key']) ?? 0
    next.set(body['key'], due + 1)
    return body['sequence'] === due
  })
}

export const rows: readonly Row[] = [
  {
    id: 'BUS-1',
    fault: 'nobody takes events for a while',
    expected: 'the outbox grows, the state is right; later everything comes, in order per key',
    inject: onBoth(async (database, seed) => {
      const from = await Outbox.head(database)
      const next = [0, 0, 0, 0, 0]
      const total = 200
      for (let count = 0; count < total; count += 1) {
        const key = seed.draw(5)
        const sequence = next[key] ?? 0
        next[key] = sequence + 1
        await write(database, [{ key, sequence }])
      }
      const [{ waiting } = { waiting: 0n }] = await database.query<{ waiting: bigint }>('select count(*) as waiting from outbox', [])
      const taken = await drain(database, from)
      return verdict({
        seen: `${waiting} waited, ${taken.length} came`,
        evidence: `${next.length} keys, ${next.join(' ')} each`,
        holds: { all: taken.length === total && Number(waiting) === total, order: inOrder(taken) },
      })
    }),
  },
  {
    id: 'BUS-2',
    fault: 'events come twice and out of order',
    expected: 'each has a cursor of its own that never changes: what was taken is known again, what is older is left',
    inject: onBoth(async (database, seed) => {
      for (let sequence = 0; sequence < 50; sequence += 1) await write(database, [{ key: 0, sequence }])
      const once = await drain(database, null)
      const again = await drain(database, once[seed.draw(40)]?.cursor ?? null)
      const delivered = [...once, ...again, ...once].sort(() => seed.draw(3) - 1)
      const seen = new Set<string>()
      let latest = -1
      let applied = 0
      for (const { cursor, body } of delivered) {
        if (seen.has(cursor)) continue
        seen.add(cursor)
        applied += 1
        latest = Math.max(latest, Number(body['sequence']))
      }
      return verdict({
        seen: `${delivered.length} deliveries, ${applied} applied, latest ${latest}`,
        evidence: 'the cursors of a second read equal those of the first',
        holds: {
          once: applied === 50,
          latest: latest === 49,
          same: again.every((one) => once.some(({ cursor }) => cursor === one.cursor)),
        },
      })
    }),
  },
  {
    id: 'BUS-3',
    fault: 'a subscriber is away, then away for longer than events are kept',
    expected: 'it resumes after its last event; beyond what is kept, resync and not silence',
    inject: onBoth(async (database) => {
      for (let sequence = 0; sequence < 10; sequence += 1) await write(database, [{ key: 0, sequence }], 100)
      const [first] = await drain(database, null)
      const resumed = await drain(database, first?.cursor ?? null)
      await write(database, [{ key: 0, sequence: 10 }], 10_000)
      const gone = await Outbox.prune(database, { before: 5_000 })
      const late = await Outbox.after(database, { cursor: first?.cursor ?? null, limit: 10 })
      const foreign = await outcome(Outbox.after(database, { cursor: 'nonsense', limit: 1 }))
      return verdict({
        seen: `resumed with ${resumed.length}; after ${gone} were forgotten: ${late.status}; a cursor that is none: ${foreign}`,
        evidence: 'ten events, then one much later',
        holds: { resumed: resumed.length === 9, resync: late.status === 'resync', foreign: foreign === 'INVALID_CURSOR' },
      })
    }),
  },
  {
    id: 'BUS-4',
    fault: 'an event that its consumer cannot take',
    expected: 'parked after 5 tries, the others go on',
    inject: {
      elsewhere:
        'No consumer of this build acts on events: the gateway hands them to watchers unread, and a watcher parks what it cannot take itself.',
    },
  },
  {
    id: 'BUS-5',
    fault: 'two transactions, the earlier number commits later',
    expected: 'nothing is told before both are there, and neither is skipped',
    inject: async () => {
      const running = await Postgres.start({ url: '' })
      if (running.status === 'missing') return { pass: false, seen: 'no server', evidence: running.reason }
      try {
        await using database = await Database.open({ url: running.url, connections: 4 })
        const from = await Outbox.head(database)
        let release = () => {}
        const held = new Promise<void>((resolve) => {
          release = resolve
        })
        let ready = () => {}
        const written = new Promise<void>((resolve) => {
          ready = resolve
        })
        const slow = database.transaction(async (queries) => {
          await Outbox.append(queries, {
            now: 1,
            messages: [{ participantId: participant(1), kind: 'encumbrance.changed', body: { key: 1, sequence: 0 } }],
          })
          ready()
          await held
        })
        await written
        await write(database, [{ key: 2, sequence: 0 }])
        const between = await drain(database, from)
        const place = await Outbox.after(database, { cursor: from, limit: 10 })
        release()
        await slow
        const after = await drain(database, place.cursor)
        const [naive] = await database.query<{ ids: string }>(
          'select string_agg(id::text, $1 order by xid::text::numeric, id) as ids from outbox',
          [' '],
        )
        return verdict({
          seen: `${between.length} told while one was open, then ${after.length}`,
          evidence: `numbers in the order told: ${naive?.ids}; a reader of numbers alone would have passed the first`,
          holds: { waits: between.length === 0, both: after.length === 2 },
        })
      } finally {
        await running.stop()
      }
    },
  },
]
