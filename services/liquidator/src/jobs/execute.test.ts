import type { Sender } from '@plimsoll/chain'
import { Hash } from '@plimsoll/contracts'
import { Database } from '@plimsoll/store'
import * as Template from '@plimsoll/store/testing'
import { parseTransaction } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import type * as Decide from './decide.ts'
import * as Execute from './execute.ts'

type Hex = `0x${string}`

const key = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const desk = { chainId: 31_337_003, sender: key.address.toLowerCase() as Hex }
const venue: Hex = `0x${'ee'.repeat(20)}`
const intent = (byte: string): Decide.Intent => {
  const account: Hex = `0x${byte.repeat(20)}`
  const document = JSON.stringify({ account })
  const draft = { venue, account, market: Hash.ofText('ETH-PERP'), kind: 'liquidate', document, hash: Hash.ofText(document) } as const
  return { draft, call: { target: venue, data: `0x${byte}` } }
}

test('bug: whoever was closed by somebody else a block before kept everybody after him from being closed in that round', async () => {
  const database = await Database.open({ memory: await Template.blob() })
  const handed: Hex[] = []
  const asked: Hex[] = []
  // What nodes say, at the edge: the first is not to be liquidated any more.
  const sender: Sender.Sender = {
    count: async () => 7n,
    fees: async () => ({ base: 1n, priority: 1n }),
    receipt: async () => ({ status: 'absent' }),
    estimate: async ({ data }) => {
      asked.push(data)
      return data === '0xaa' ? { status: 'refused', reason: 'NotLiquidatable' } : { status: 'ok', gas: 100_000n }
    },
    send: async (raw) => {
      handed.push(raw)
      return { taken: ['a'], dissent: [] }
    },
  }
  const till = { desk, key, sender, mostFee: 10n }
  const { actions, refusals } = await Execute.execute({ till, database, intents: ['aa', 'bb', 'cc'].map(intent) })
  expect(refusals).toEqual(['NOT_RUNNABLE: nodes would not run a liquidate: NotLiquidatable'])
  expect(actions.map(({ account, nonce }) => [account.slice(2, 4), nonce])).toEqual([
    ['bb', 7n],
    ['cc', 8n],
  ])
  expect(handed.map((raw) => parseTransaction(raw)).map(({ data, gas }) => [data, gas])).toEqual([
    ['0xbb', 150_000n],
    ['0xcc', 150_000n],
  ])
  expect(asked).toEqual(['0xaa', '0xbb'])
  await database.close()
})
