import { collateralVaultAbi } from '@plimsoll/contracts'
import { concat, encodeAbiParameters, encodeEventTopics } from 'viem'
import { describe, expect, test } from 'vitest'
import type { Hex } from './Hex.ts'
import * as Inflow from './Inflow.ts'
import type { Log } from './Log.ts'

const vault: Hex = `0x${'aa'.repeat(20)}`
const alice: Hex = `0x${'a1'.repeat(20)}`
const token: Hex = `0x${'cc'.repeat(20)}`
const word = (byte: string): Hex => `0x${byte.repeat(32)}`

function log(amount: bigint, where: Partial<Log> = {}): Log {
  const indexed = { account: alice, token }
  const [signature, ...named] = encodeEventTopics({ abi: collateralVaultAbi, eventName: 'Deposited', args: indexed }) as [Hex, ...Hex[]]
  return {
    address: vault,
    topics: [signature, ...named],
    data: concat([encodeAbiParameters([{ type: 'uint256' }], [amount]), encodeAbiParameters([{ type: 'address' }], [alice])]),
    blockNumber: 11n,
    blockHash: word('bb'),
    transactionHash: word('dd'),
    logIndex: 0,
    ...where,
  }
}

const of = (answers: readonly (readonly Log[])[]) => [...Inflow.of({ answers, vault, after: 10n, k: 2 }).entries()]

describe('of', () => {
  test('worked example: what two of three have seen, summed', () => {
    const second = log(7n, { transactionHash: word('ee') })
    expect(of([[log(5n), second], [log(5n), second], []])).toEqual([[`${alice}:${token}`, 12n]])
  })

  test('edge: what one source alone has seen is nothing', () => {
    expect(of([[log(5n)], [], []])).toEqual([])
    expect(of([[log(5n)]])).toEqual([])
  })

  test('edge: one transaction in two blocks is one deposit; two in one transaction are as many as k sources say', () => {
    expect(of([[log(5n)], [log(5n, { blockNumber: 12n, blockHash: word('bc') })]])).toEqual([[`${alice}:${token}`, 5n]])
    const twice = [log(5n), log(5n, { logIndex: 1 })]
    expect(of([twice, twice])).toEqual([[`${alice}:${token}`, 10n]])
    expect(of([twice, [log(5n)]])).toEqual([[`${alice}:${token}`, 5n]])
  })

  test('edge: the pinned block itself, another contract, and bytes that are no event', () => {
    const elsewhere = [log(5n, { blockNumber: 10n }), log(5n, { address: alice }), log(5n, { data: '0x' }), log(5n, { topics: [] })]
    expect(of([elsewhere, elsewhere])).toEqual([])
  })
})

test('topics: of the one event that raises a balance', () => {
  expect(Inflow.topics).toEqual([log(1n).topics[0]])
})
