import { perpVenueAbi } from '@plimsoll/contracts'
import { encodeAbiParameters, encodeEventTopics } from 'viem'
import { describe, expect, test } from 'vitest'
import type { Hex } from './Hex.ts'
import type { Log } from './Log.ts'
import * as Orders from './Orders.ts'
import type { Reader } from './Quorum.ts'

const hash = (digit: string): Hex => `0x${digit.repeat(64)}`
const account: Hex = `0x${'a0'.repeat(20)}`
const payer: Hex = `0x${'b0'.repeat(20)}`
const venue: Hex = `0x${'c0'.repeat(20)}`
const source = hash('5')

const log = (logIndex: number, topics: readonly unknown[], data: Hex, transactionHash = hash('7')): Log => ({
  ...{ address: venue, topics: topics as Hex[], data, blockNumber: 4n, blockHash: hash('b'), transactionHash, logIndex },
})
const covered = (logIndex: number, amount: bigint) =>
  log(
    logIndex,
    encodeEventTopics({ abi: perpVenueAbi, eventName: 'LossCovered', args: { account, source } }),
    encodeAbiParameters([{ type: 'uint256' }, { type: 'address' }], [amount, payer]),
  )
const settled = (logIndex: number, usd: bigint, transactionHash = hash('7')) =>
  log(
    logIndex,
    encodeEventTopics({ abi: perpVenueAbi, eventName: 'LossSettled', args: { account } }),
    encodeAbiParameters([{ type: 'uint256' }, { type: 'uint256' }], [usd, 0n]),
    transactionHash,
  )

/** Two sources that give the same logs. */
const covers = async (logs: readonly Log[]) => {
  const reader = {
    config: { chainId: 3, k: 2 },
    pin: async () => ({ block: { number: 5n } }),
    logs: async () => ({ answers: ['a', 'b'].map((id) => ({ id, logs })), dissent: [] }),
  } as unknown as Reader
  return (await Orders.fetchCovers({ reader, venue, from: 1n })).covers
}

describe('fetchCovers', () => {
  test('worked example: a covered loss counts what it settled, in USD', async () => {
    const one = 10n ** 18n
    expect(await covers([settled(0, 9n * one), covered(1, 5n), settled(2, 5n * one)])).toEqual([
      { account, source, amount: 5n * one, blockNumber: 4n },
    ])
  })

  test('error: one that does not say how much less is owed', async () => {
    await expect(covers([covered(1, 5n)])).rejects.toMatchObject({ code: 'CONTRACT_UNREADABLE' })
    await expect(covers([covered(1, 5n), settled(2, 5n, hash('8'))])).rejects.toMatchObject({ code: 'CONTRACT_UNREADABLE' })
  })
})
