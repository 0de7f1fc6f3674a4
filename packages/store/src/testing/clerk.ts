/** A process that does what it is told to a ledger, a line each, and answers each line once it is done. */
import { randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline'
import * as Database from '../Database.ts'
import * as Ledger from '../Ledger.ts'
import * as Desk from './Desk.ts'

/** What it does, to the release or settlement of a number. */
export type Act = 'release' | 'settle' | 'order' | 'conclude' | 'cover'
export type Task = { readonly act: Act; readonly number: number; readonly participantId: `0x${string}` }

const vault = Desk.hex('vault', 20)
const vaultChainId = 31337001
const later = { number: 9n, timestamp: Desk.noon + 900 }

export const idOf = (act: Act, number: number) => Desk.hex(`${act === 'release' || act === 'settle' ? 'release' : 'claim'} ${number}`, 32)

/** Every signature is another one: the same one twice was stored. */
const signatures = (): readonly [`0x${string}`] => [`0x${randomBytes(65).toString('hex')}`]

/** Does one task, and says what came of it. */
export async function run(database: Database.Database, { act, number, participantId }: Task): Promise<unknown> {
  const id = idOf(act, number)
  const at = { chainId: vaultChainId, vault }
  const request = { ...at, participantId, credit: Desk.usd, deadline: Desk.noon + 600, bodyHash: id }
  const venue = Desk.venue('a')
  switch (act) {
    case 'release':
      return Ledger.release(database, { ...request, releaseId: id }, async () => ({
        ...{ status: 'release', signatures: signatures(), creditTotal: 10_000n * Desk.usd },
      }))
    case 'settle':
      return Ledger.settle(database, { ...at, block: later, releases: [{ releaseId: id, used: true }] })
    case 'order':
      return Ledger.order(database, { ...request, settlementId: id, account: Desk.account('victim'), venue }, async () => ({
        ...{ status: 'order', signatures: signatures() },
      }))
    case 'conclude':
      return Ledger.conclude(database, { ...at, block: later, settlements: [{ settlementId: id, fate: 'paid' }] })
    case 'cover':
      return Ledger.cover(database, { venue, block: { number: 9n }, settlementIds: [id] })
  }
}

const [where] = process.argv.slice(2)
if (process.argv[1]?.endsWith('clerk.ts') && where !== undefined) {
  const options = JSON.parse(where) as { readonly directory: string } | { readonly url: string }
  const database = await Database.open({ ...options, clock: () => Desk.noon })
  process.stdout.write('ready\n')
  for await (const line of createInterface({ input: process.stdin }))
    process.stdout.write(`${JSON.stringify(await run(database, JSON.parse(line) as Task))}\n`)
  await database.close()
}
