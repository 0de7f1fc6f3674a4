import { perpVenueAbi } from '@plimsoll/contracts'
import { encodeFunctionData } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Anvil from './Anvil.ts'
import * as Impersonation from './Impersonation.ts'

let chain: Anvil.Anvil
beforeAll(async () => {
  chain = await Anvil.start({ chainId: 31_337_009 })
})
afterAll(() => chain?.stop())

const of = (index: number) => `0x${(0x7000_0000 + index).toString(16).padStart(40, '0')}` as const

describe('send', () => {
  test('edge: more than one batch of senders without keys; each has sent once when it is over', async () => {
    const calls = Array.from({ length: 201 }, (_, index) => ({ from: of(index), to: of(1_000), data: '0x' as const }))
    await Impersonation.send(chain, calls)
    const counts = await Promise.all([0, 199, 200].map((index) => chain.publicClient.getTransactionCount({ address: of(index) })))
    expect(counts).toEqual([1, 1, 1])
  })

  test('error: one of two reverts', async () => {
    const data = encodeFunctionData({ abi: perpVenueAbi, functionName: 'pool' })
    await chain.testClient.setCode({ address: of(2_000), bytecode: '0xfe' })
    const calls = [1, 2].map((index) => ({ from: of(index), to: index === 1 ? of(1_000) : of(2_000), data }))
    await expect(Impersonation.send(chain, calls)).rejects.toMatchObject({
      code: 'STAGE_NOT_SET',
      message: expect.stringContaining('1 of 2'),
    })
  })
})
