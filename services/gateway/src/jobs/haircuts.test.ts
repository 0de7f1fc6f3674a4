import { limitBookAbi } from '@plimsoll/contracts'
import { encodeFunctionResult, zeroAddress } from 'viem'
import { describe, expect, test } from 'vitest'
import { address, answering, north, silent } from '../testing/Books.ts'
import * as Haircuts from './haircuts.ts'

const token = (asset: string, haircuts: Partial<{ assetPpm: number; bridgePpm: number; venuePpm: number }>) => ({
  ...{ asset, token: address('6'), decimals: 6, haircuts: { assetPpm: 0, bridgePpm: 0, venuePpm: 0, ...haircuts } },
})
type Token = ReturnType<typeof token>
const configOf = (tokens: Token[]) => ({ venues: [north], vaults: [{ chainId: 1, address: address('5'), fromBlock: 0n, tokens }] })

/** A book that knows every asset up to this haircut, or none where that is null. */
const readersOf = (most: number | null) => {
  const feed = most === null ? zeroAddress : address('4')
  const result = { feed, heartbeatSeconds: 60, decimals: 6, maxHaircutPpm: most ?? 0 }
  const data = encodeFunctionResult({ abi: limitBookAbi, functionName: 'assetOf', result })
  return answering(() => data)
}
const above = async (tokens: Token[], most: number | null = 500_000) => {
  const { above, unread } = await Haircuts.fetch({ config: configOf(tokens), readers: readersOf(most) })
  expect(unread).toEqual([])
  return above
}

describe('fetch', () => {
  test('worked example: 40 % and 20 % together are 52 %, which no mark-down may take off', async () => {
    expect(await above([token('WETH', { assetPpm: 400_000, bridgePpm: 200_000 }), token('USDC', { assetPpm: 10_000 })])).toEqual([
      `WETH of the vault ${address('5')} on chain 1 is cut by 52.0000 %, and the book of north takes no mark-down by more than 50.0000 %: lower the token's haircuts, or have the book's owner raise maxHaircutPpm`,
    ])
  })

  test('edge: exactly as much is taken; what counts nothing is in no order, nor what the book does not know', async () => {
    expect(await above([token('WETH', { assetPpm: 500_000 })])).toEqual([])
    expect(await above([token('WETH', { assetPpm: 500_001 })])).toHaveLength(1)
    expect(await above([token('WETH', { assetPpm: 1_000_000 })])).toEqual([])
    expect(await above([token('WETH', { venuePpm: 999_999 })])).toHaveLength(1)
    expect(await above([token('WETH', { assetPpm: 900_000 })], null)).toEqual([])
    expect(await above([])).toEqual([])
  })

  test('error: a book that does not answer is named, and nothing is said of it', async () => {
    expect(await Haircuts.fetch({ config: configOf([token('WETH', { assetPpm: 900_000 })]), readers: silent() })).toEqual({
      above: [],
      unread: ['the book of north does not say which haircuts it takes: RPC_QUORUM_LOST'],
    })
  })
})
