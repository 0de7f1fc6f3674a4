import { parseEther } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Anvil from './Anvil.ts'

const holder = '0x00000000000000000000000000000000000a11ce'
let anvil: Anvil.Anvil
beforeAll(async () => {
  anvil = await Anvil.start({ chainId: 31337901, accounts: [holder] })
})
afterAll(() => anvil.stop())

describe('start', () => {
  test('worked example', async () => {
    expect(await anvil.publicClient.getChainId()).toBe(31337901)
    expect(await anvil.publicClient.getBalance({ address: holder })).toBe(parseEther('10000'))
  })

  test('edge: the head less two epochs of four blocks is final', async () => {
    await anvil.mine(10)
    const at = (blockTag: 'latest' | 'safe' | 'finalized') => anvil.publicClient.getBlock({ blockTag })
    const [latest, safe, finalized] = await Promise.all([at('latest'), at('safe'), at('finalized')])
    expect(latest.number - safe.number).toBe(4n)
    expect(latest.number - finalized.number).toBe(8n)
  })

  test('edge: the batch reader answers at its canonical address', async () => {
    const client = anvil.publicClient
    const getBlockNumber = {
      abi: [{ type: 'function', name: 'getBlockNumber', stateMutability: 'view', inputs: [], outputs: [{ type: 'uint256' }] }],
      address: Anvil.multicallAddress,
      functionName: 'getBlockNumber',
    } as const
    const head = await client.getBlockNumber()
    expect(await client.multicall({ contracts: [getBlockNumber, getBlockNumber], allowFailure: false })).toEqual([head, head])
  })

  test('edge: advance moves the time that reads see', async () => {
    const before = (await anvil.publicClient.getBlock()).timestamp
    await anvil.advance(3600)
    const after = (await anvil.publicClient.getBlock()).timestamp
    expect(after - before).toBeGreaterThanOrEqual(3600n)
    expect(after - before).toBeLessThan(3660n)
  })

  test('error: a port in use', async () => {
    const port = Number(new URL(anvil.url).port)
    await expect(Anvil.start({ chainId: 1, port })).rejects.toBeInstanceOf(Anvil.StartError)
  })
})

describe('stop', () => {
  test('worked example: the process is gone', async () => {
    const other = await Anvil.start({ chainId: 31337902 })
    expect(process.kill(other.pid, 0)).toBe(true)
    await other.stop()
    expect(() => process.kill(other.pid, 0)).toThrow('ESRCH')
    await other.stop()
  })
})
