import { limitBookAbi } from '@plimsoll/contracts'
import { decodeFunctionData, encodeFunctionResult, type Hex } from 'viem'
import { describe, expect, test } from 'vitest'
import { address, answering, north, silent } from '../testing/Books.ts'
import * as Signatories from './signatories.ts'

const config = { venues: [north] }

/** A book that takes these signatures, so many of them. */
const readersOf = (known: readonly Hex[], threshold: bigint) =>
  answering((data) => {
    const call = decodeFunctionData({ abi: limitBookAbi, data })
    if (call.functionName === 'threshold') return encodeFunctionResult({ abi: limitBookAbi, functionName: 'threshold', result: threshold })
    const [asked] = call.args as readonly [Hex]
    return encodeFunctionResult({ abi: limitBookAbi, functionName: 'isSigner', result: known.includes(asked.toLowerCase() as Hex) })
  })
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
    for (const readers of [silent(), new Map()])
      expect(await Signatories.fetch({ config, readers, addresses: [eve], threshold: 1 })).toEqual([])
  })
})
