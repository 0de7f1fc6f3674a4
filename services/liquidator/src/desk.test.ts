import type { Deployment } from '@plimsoll/api'
import { Quorum } from '@plimsoll/chain'
import { Database } from '@plimsoll/store'
import * as Template from '@plimsoll/store/testing'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import * as Desk from './desk.ts'
import * as Env from './env.ts'

const now = 1_800_000_000
const chainId = 31_337_003

test('edge: a lease lasts as long as is configured, and who takes over waits for so long and no longer', async () => {
  let clock = now
  const database = await Database.open({ memory: await Template.blob(), clock: () => clock })
  // Nobody answers there: what a turn needs stands in the database alone.
  const source = (id: string) => ({ id, operator: id, url: 'http://127.0.0.1:9/' })
  const finality = { tag: 'finalized', maxAgeSeconds: 60 } as const
  const config = { chainId, name: 'strait', sources: ['a', 'b'].map(source), k: 2, finality, timeoutMs: 100, allowSharedOperators: true }
  const reader = Quorum.open({ config, nowMs: () => clock * 1_000 })
  const deployment = { venues: [], markets: [], feeds: { chainId, heartbeatSeconds: 60, deviationPpm: 1_000 }, params: {} }
  const replica = (name: string) =>
    Desk.open({
      env: Env.parse({ PLIMSOLL_CONFIG: 'none', LIQUIDATOR_KEY: `0x${'11'.repeat(32)}`, LEASE_SECONDS: '7', REPLICA: name }),
      ...{ deployment: deployment as unknown as Deployment.Deployment, chainId, reader, feeds: reader, database },
      ...{ nowMs: () => clock * 1_000, log: pino({ level: 'silent' }) },
    })
  const [one, two] = [replica('one'), replica('two')]
  const roles = () => [one, two].map((desk) => desk.shown().role)

  await one.tick()
  expect(await database.query('select holder, expires_at from leases')).toEqual([{ holder: 'one', expires_at: BigInt(now + 7) }])
  clock = now + 6
  await two.tick()
  expect(roles()).toEqual(['holder', 'standby'])
  clock = now + 7
  await two.tick()
  expect(two.shown().role).toBe('holder')
  await one.tick()
  expect(roles()).toEqual(['standby', 'holder'])
  await database.close()
})
