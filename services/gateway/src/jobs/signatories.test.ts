import type { Quorum } from '@plimsoll/chain'
import { limitBookAbi } from '@plimsoll/contracts'
import { decodeFunctionData, encodeFunctionResult, type Hex } from 'viem'
import { describe, expect, test } from 'vitest'
import * as Signatories from './signatories.ts'

const address = (digit: string) => `0x${digit.repeat(40)}` as const
const venue = {
  chainId: 3,
  address: address('1'),
  name: 'north',
  limitBook: address('2'),
  collateral: address('3'),
  fromBlock: 0n,
  escrows: [],
}
const config = { venues: [venue] }

/** A book that takes these signatures, so many of them. */
const readersOf = (known: readonly Hex[], threshold: bigint) => {
  const answer = (data: Hex): Hex => {
    const call = decodeFunctionData({ abi: limitBookAbi, data })
    if (call.functionName === 'threshold') return encodeFunctionResult({ abi: limitBookAbi, functionName: 'threshold', result: threshold })
    const [asked] = call.args as readonly [Hex]
    return encodeFunctionResult({ abi: limitBookAbi, functionName: 'isSigner', result: known.includes(asked.toLowerCase() as Hex) })
  }
  const reader = {
    config: { chainId: 3 },
    fetch: async ({ calls }: { readonly calls: readonly { readonly data: Hex }[] }) => ({
      pinned: {},
      results: calls.map(({ data }) => ({ success: true, data: answer(data) })),
    }),
  } as unknown as Quorum.Reader
  return new Map([[3, reader]])
}
const [ada, ben, eve] = [address('a'), address('b'), address('e')]

describe('fetch', () => {
  test('worked example: one of two is known, and two are asked for', async () => {
    expect(await Signatories.fetch({ config, readers: readersOf([ada, ben], 2n), addresses: [ada, eve], threshold: 1 })).toEqual([
      `SIGNER_UNKNOWN: the book of north takes nothing that ${eve} signed: give the gateway signers that the book knows, or have its owner add them (changeSigners)`,
      'SIGNERS_TOO_FEW: the book of north asks for 2 signatures, and 1 are given: raise SIGNER_THRESHOLD',
    ])
  })

  test('edge: as many as are asked for, or more, all known', async () => {
    for (const threshold of [1n, 2n])
      expect(await Signatories.fetch({ config, readers: readersOf([ada, ben], threshold), addresses: [ada, ben], threshold: 2 })).toEqual(
        [],
      )
  })

  test('error: of a book that does not answer nothing is said, nor of a chain that is not read', async () => {
    const reader = { config: { chainId: 3 }, fetch: () => Promise.reject(new Error('gone')) }
    for (const readers of [new Map([[3, reader as unknown as Quorum.Reader]]), new Map<number, Quorum.Reader>()])
      expect(await Signatories.fetch({ config, readers, addresses: [eve], threshold: 1 })).toEqual([])
  })
})
