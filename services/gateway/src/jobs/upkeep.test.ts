import { Database } from '@plimsoll/store'
import * as Template from '@plimsoll/store/testing'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as Shares from './shares.ts'
import * as Upkeep from './upkeep.ts'

let database: Database.Database
beforeAll(async () => {
  database = await Database.open({ memory: await Template.blob() })
})
afterAll(() => database.close())

test('a ledger that adds up is sound; one that does not issues nothing more, also after it was mended', async () => {
  const upkeep = Upkeep.open({ database, shares: Shares.alone(database), nowMs: Date.now, log: pino({ level: 'silent' }) })
  await upkeep.round()
  expect(() => upkeep.assertSound()).not.toThrow()

  await database.query(`insert into markets (chain_id, market, long_interest) values (1, '0xaa', 5)`)
  await upkeep.round()
  expect(upkeep.faults()[0]).toContain('is kept as 5 and adds up to 0')
  await database.query('delete from markets')
  await upkeep.round()
  expect(() => upkeep.assertSound()).toThrow(Upkeep.FrozenError)
})

test('while its clock is more than 15 s from the database’s nothing is issued, and again once they agree', async () => {
  const own = await Database.open({ memory: await Template.blob(), clock: () => 1_000 })
  let now = 1_015
  const upkeep = Upkeep.open({ database: own, shares: Shares.alone(own), nowMs: () => now * 1_000 + 999, log: pino({ level: 'silent' }) })
  const at = async (seconds: number) => {
    now = seconds
    await upkeep.round()
    return upkeep.faults()
  }
  expect(await at(1_015)).toEqual([])
  expect(await at(1_016)).toEqual(["clock: CLOCK_SKEW: 16 s apart from the database's"])
  expect(() => upkeep.assertSound()).toThrow(Upkeep.ClockSkewError)
  expect(await at(984)).toHaveLength(1)
  expect(await at(985)).toEqual([])
  expect(() => upkeep.assertSound()).not.toThrow()
  await own.close()
})
