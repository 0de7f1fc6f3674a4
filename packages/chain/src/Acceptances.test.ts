import { limitBookAbi } from '@plimsoll/contracts'
import { encodeAbiParameters, encodeEventTopics, getAbiItem } from 'viem'
import { describe, expect, test } from 'vitest'
import * as Acceptances from './Acceptances.ts'
import type { Hex } from './Hex.ts'
import type { Log } from './Log.ts'
import type { LogFilter, Reader } from './Quorum.ts'

const hash = (digit: string): Hex => `0x${digit.repeat(64)}`
const [account, venue, limitBook] = ['a0', 'c0', 'd0'].map((byte): Hex => `0x${byte.repeat(20)}`) as [Hex, Hex, Hex]
const market = hash('e')
const limit = {
  ...{ participantId: hash('1'), account, venue, market, maxNotional: 5n, credit: 4n, imPpm: 3, sequence: 2n, issuedAt: 1n, expiresAt: 2n },
  ...{ epoch: 1, inputsHash: hash('2'), modelHash: hash('3'), paramsHash: hash('4') },
}
const accepted = (blockNumber: bigint, change: Partial<typeof limit> = {}): Log => ({
  ...{ address: limitBook, blockNumber, blockHash: hash('b'), transactionHash: hash('7'), logIndex: 0 },
  topics: encodeEventTopics({ abi: limitBookAbi, eventName: 'LimitAccepted', args: { account, venue, market } }) as Hex[],
  data: encodeAbiParameters(
    getAbiItem({ abi: limitBookAbi, name: 'LimitAccepted' }).inputs.filter((input) => !('indexed' in input && input.indexed)),
    [{ ...limit, ...change }, 4n, hash('9')],
  ),
})

/** Two sources that give these logs, by what is asked of them. */
const read = async (final: bigint, sources: readonly ((filter: LogFilter) => readonly Log[])[], from = 1n) => {
  const asked: LogFilter[] = []
  const reader = {
    config: { chainId: 3, k: 2 },
    pin: async () => ({ block: { number: final } }),
    logs: async ({ filter }: { readonly filter: LogFilter }) => {
      asked.push(filter)
      return { answers: sources.map((logs, id) => ({ id: `${id}`, logs: logs(filter) })), dissent: [] }
    },
  } as unknown as Reader
  return { ...(await Acceptances.fetch({ reader, limitBook, from })), asked }
}

describe('fetch', () => {
  test('worked example: whose a certificate is, and what it binds', async () => {
    const logs = () => [accepted(4n), accepted(5n, { inputsHash: hash('5') })]
    const { accepted: found, next, complete, asked } = await read(9n, [logs, logs])
    expect(found).toEqual([hash('2'), hash('5')].map((inputsHash) => ({ account, venue, participantId: hash('1'), inputsHash })))
    expect([next, complete]).toEqual([10n, true])
    expect(asked).toMatchObject([{ fromBlock: 1n, toBlock: 9n, addresses: [limitBook] }])
  })

  test('edge: a long history takes several calls, each of ten ranges', async () => {
    const none = () => []
    const first = await read(20_001n, [none, none])
    expect(first).toMatchObject({ next: 20_001n, complete: false })
    expect(first.asked).toHaveLength(10)
    expect(first.asked.at(-1)).toMatchObject({ fromBlock: 18_001n, toBlock: 20_000n })
    expect(await read(20_001n, [none, none], first.next)).toMatchObject({ next: 20_002n, complete: true })
    expect(await read(20_001n, [none, none], 20_002n)).toMatchObject({ next: 20_002n, complete: true, asked: [] })
  })

  test('error: a source that leaves a certificate out, or has another', async () => {
    for (const other of [[], [accepted(4n, { inputsHash: hash('5') })]])
      await expect(read(9n, [() => [accepted(4n)], () => other])).rejects.toMatchObject({ code: 'RPC_VALUE_DISAGREE' })
  })
})
