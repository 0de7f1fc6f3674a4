import { Database } from '@plimsoll/store'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as Upkeep from './upkeep.ts'

let database: Database.Database
beforeAll(async () => {
  database = await Database.open({ memory: true })
}, 60_000)
afterAll(() => database.close())

test('a ledger that adds up is sound; one that does not issues nothing more, also after it was mended', async () => {
  const upkeep = Upkeep.open({ database, log: pino({ level: 'silent' }) })
  await upkeep.round()
  expect(() => upkeep.assertSound()).not.toThrow()

  await database.query(`insert into markets (chain_id, market, long_interest) values (1, '0xaa', 5)`)
  await upkeep.round()
  expect(upkeep.faults()[0]).toContain('is kept as 5 and adds up to 0')
  await database.query('delete from markets')
  await upkeep.round()
  expect(() => upkeep.assertSound()).toThrow(Upkeep.FrozenError)
})
