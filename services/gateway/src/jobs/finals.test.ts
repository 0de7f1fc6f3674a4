import type { Header } from '@plimsoll/chain'
import { Database, Finals as Stored } from '@plimsoll/store'
import * as Template from '@plimsoll/store/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Readers } from './chains.ts'
import * as Finals from './finals.ts'

let database: Database.Database
beforeAll(async () => {
  database = await Database.open({ memory: await Template.blob() })
})
afterAll(() => database.close())

const header = (number: bigint, byte: string): Header.Header => ({
  ...{ number, hash: `0x${byte.repeat(32)}`, parentHash: `0x${'00'.repeat(32)}`, timestamp: 1_700_000_000 + Number(number) },
})
const readersOf = (accepted: Record<number, () => Header.Header | null>) =>
  new Map(Object.entries(accepted).map(([chainId, of]) => [Number(chainId), { accepted: of }])) as unknown as Readers

describe('keep', () => {
  test('worked example: what a reader accepted is there after a restart, chain by chain, and nothing of one that accepted none', async () => {
    let one = header(9n, 'a1')
    const finals = Finals.open(readersOf({ 1: () => one, 2: () => header(10n, 'b1'), 3: () => null }))
    await finals.keep(database)
    expect(await Stored.all(database)).toEqual(
      new Map([
        [1, header(9n, 'a1')],
        [2, header(10n, 'b1')],
      ]),
    )
    one = header(100n, 'a2')
    await finals.keep(database)
    expect((await Stored.all(database)).get(1)).toEqual(header(100n, 'a2'))
  })

  test('edge: a gateway that lags does not put an earlier block in its place', async () => {
    await Finals.open(readersOf({ 1: () => header(99n, 'a3') })).keep(database)
    expect((await Stored.all(database)).get(1)).toEqual(header(100n, 'a2'))
  })
})
