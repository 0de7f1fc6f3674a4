/** kill −9 at every step of issuing: what was acknowledged is there byte for byte, nothing is done twice, no credit is lent twice. */
import { join } from 'node:path'
import { type House, Postgres } from '@plimsoll/localnet'
import { Database, Ledger } from '@plimsoll/store'
import { afterAll, describe, expect, test } from 'vitest'
import * as Drill from './Drill.ts'
import * as Kit from './Kit.ts'

const kills = Number(process.env.PLIMSOLL_KILLS ?? (process.env.PLIMSOLL_DEEP ? 100 : 4))
const server = await Postgres.start()
afterAll(async () => {
  if (server.status === 'running') await server.stop()
})

const engines = [
  { title: 'embedded', url: null, absent: false },
  {
    title: 'PostgreSQL (needs DATABASE_URL or a server binary)',
    url: server.status === 'running' ? server.url : null,
    absent: server.status !== 'running',
  },
]

for (const { title, url, absent } of engines)
  describe.skipIf(absent)(title, () => {
    let house: House.House | null = null
    afterAll(async () => house?.stop())

    test(`${kills} gateways killed: acknowledged never lost, nothing done twice, Σ enc ≤ credit`, async () => {
      const env: Readonly<Record<string, string>> = url === null ? {} : { DATABASE_URL: url }
      house = await Kit.house({ gateway: { env } })
      const [trader] = await Kit.traders({ house, names: ['survivor'], dollars: 10_000 })
      if (!trader) throw new Error('one trader was asked for')
      await house.gateway.stop()
      const { kills: found, signed } = await Drill.run({ house, trader, env, kills })

      const tally = new Map<string, Record<string, number>>()
      for (const { step, outcome } of found) {
        const row = tally.get(step) ?? {}
        row[outcome] = (row[outcome] ?? 0) + 1
        tally.set(step, row)
      }
      const lines = [...tally].sort(([a], [b]) => (a < b ? -1 : 1)).map(([step, row]) => `   ${step.padEnd(40)} ${JSON.stringify(row)}`)
      process.stdout.write(`\n   ${title}, ${found.length} kills\n${lines.join('\n')}\n`)

      expect(found).toHaveLength(kills)
      expect(signed.size).toBe(kills)
      await using database = await Database.open(url === null ? { directory: join(house.home, 'database') } : { url })
      const [counted] = await database.query<{ certificates: bigint; keys: bigint; messages: bigint; bound: bigint; greatest: bigint }>(
        `select (select count(*) from certificates) as certificates, (select count(*) from idempotency) as keys,
             (select count(*) from outbox where kind = 'limit.issued') as messages,
             (select sum(encumbrance) from keys)::numeric as bound, (select max(credit) from certificates)::numeric as greatest`,
      )
      const n = BigInt(kills)
      expect(counted).toMatchObject({ certificates: n, keys: n, messages: n })
      // One seat, and certificates of one key count by their greatest.
      expect(counted?.bound).toBe(counted?.greatest)
      expect(counted?.bound).toBeLessThanOrEqual(Kit.usd(10_000))
      expect(await Ledger.audit(database)).toEqual([])
    }, 7_200_000)
  })
