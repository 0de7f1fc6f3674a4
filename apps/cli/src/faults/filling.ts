/** A process of its own that fills the disk under its database, reads, makes room, and goes on. One JSON line on stdout. */
import { randomBytes } from 'node:crypto'
import { rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Database, Outbox } from '@plimsoll/store'
import { outcome } from './Row.ts'

const disk = process.argv[2] ?? ''
/** Left free once the filler is there: less than a segment of the log, more than a page. Bytes. */
const left = 512 * 1024
const filler = join(disk, 'filler')
await using database = await Database.open({ directory: join(disk, 'database') })

let number = 0
const append = async () => {
  const message = {
    participantId: null,
    kind: 'encumbrance.changed' as const,
    body: { number, text: randomBytes(3_000).toString('base64') },
  }
  await database.transaction((queries) => Outbox.append(queries, { messages: [message], now: 1 }))
  number += 1
}
const count = async () => Number((await database.query<{ count: bigint }>('select count(*) as count from outbox'))[0]?.count)

await append()
const { bavail, bsize } = await statfs(disk)
await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - left)))
let full = 'answered'
while (full === 'answered' && number < 2_000) full = await outcome(append())
const acknowledged = number
const read = await count()
const again = await outcome(append())
await rm(filler)
const after = await outcome(append())
process.stdout.write(`${JSON.stringify({ full, acknowledged, read, again, after, there: await count() })}\n`)
