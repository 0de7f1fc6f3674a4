/** A process of its own that holds a lease and writes under it without pause, renewing nothing, until it is told that it lost it. */
import * as Database from '../Database.ts'
import * as Leases from '../Leases.ts'
import * as Outbox from '../Outbox.ts'

const { url, name, ttlSeconds } = JSON.parse(process.argv[2] ?? '{}') as { url: string; name: string; ttlSeconds: number }
const database = await Database.open({ url })
const taken = await Leases.acquire(database, { name, holder: `process ${process.pid}`, ttlSeconds })
if (taken.status === 'taken') throw new Error('The lease is taken.')
const fenced = Leases.fence(database, taken.lease)
for (;;) {
  const code = await fenced
    .transaction((queries) =>
      Outbox.append(queries, { messages: [{ participantId: null, kind: 'limit.issued', body: { name, what: 'written' } }], now: 0 }),
    )
    .then(
      () => 'wrote',
      (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
    )
  process.send?.(code)
  if (code === 'LEASE_LOST') break
  await new Promise((resolve) => setTimeout(resolve, 300))
}
await database.close()
process.disconnect()
