/** A process of its own that issues one certificate after another and tells each as it is acknowledged, until it is killed. */
import * as Certificates from '../Certificates.ts'
import * as Database from '../Database.ts'
import * as Desk from './Desk.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as ({ url: string } | { directory: string }) & { name: string }
const database = await Database.open({ ...options, clock: () => Desk.noon })
const participantId = await Desk.join(database, options.name)
await Desk.observe(database, { name: options.name, venue: 'a', market: 'm' })
for (let count = 0; ; count++) {
  const key = `${count}`
  const issued = await Desk.issue(database, { participantId, name: options.name, venue: 'a', market: 'm', key, credit: 1n, total: 1n })
  if (issued.status === 'issued') process.send?.({ key, text: Certificates.toText(issued.signed) })
}
