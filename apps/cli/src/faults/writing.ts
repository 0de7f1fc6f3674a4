/** A process of its own that writes to a database until it is killed, and says on stdout what was acknowledged: one number a line. */
import { Database, Outbox } from '@plimsoll/store'

const options = JSON.parse(process.argv[2] ?? '{}') as { readonly directory: string } | { readonly url: string }
try {
  const database = await Database.open(options)
  const [{ last } = { last: 0n }] = await database.query<{ last: bigint }>('select count(*) as last from outbox')
  for (let number = Number(last); ; number += 1) {
    const message = { participantId: null, kind: 'encumbrance.changed' as const, body: { number } }
    await database.transaction((queries) => Outbox.append(queries, { messages: [message], now: 1_700_000_000 }))
    process.stdout.write(`${number}\n`)
  }
} catch (error) {
  process.stdout.write(`refused ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}\n`)
  process.exit(3)
}
