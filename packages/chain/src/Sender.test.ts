import { testTokenAbi } from '@plimsoll/contracts'
import { testTokenBytecode } from '@plimsoll/contracts/bytecode'
import { Anvil, Wallet } from '@plimsoll/localnet'
import { encodeFunctionData, keccak256, parseGwei } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Hex } from './Hex.ts'
import * as Quorum from './Quorum.ts'
import * as Sender from './Sender.ts'
import { faults, lying, start, type Tap } from './testing/Tap.ts'

const chainId = 31_337_003
const alice = Wallet.of('alice')
const address = alice.address.toLowerCase() as Hex
const nobody = '0x00000000000000000000000000000000000000aa'

let chain: Anvil.Anvil
let taps: readonly Tap[]
let sender: Sender.Sender
let token: Hex

beforeAll(async () => {
  chain = await Anvil.start({ chainId, accounts: [alice.address] })
  taps = await Promise.all(['a', 'b', 'c'].map((id) => start({ id, target: chain.url })))
  sender = Sender.open({
    config: {
      ...{ chainId, name: 'strait', k: 2, timeoutMs: 1_000 },
      finality: { tag: 'finalized', maxAgeSeconds: 3_600 },
      sources: taps.map(({ source }) => source),
    },
  })
  const hash = await chain.wallet(alice).deployContract({ abi: testTokenAbi, bytecode: testTokenBytecode, args: ['USD', 'USD', 6] })
  const { contractAddress } = await chain.publicClient.waitForTransactionReceipt({ hash })
  token = contractAddress?.toLowerCase() as Hex
})

afterEach(() => {
  for (const tap of taps) tap.mend()
})

afterAll(async () => {
  await Promise.all(taps.map((tap) => tap[Symbol.asyncDispose]()))
  await chain.stop()
})

async function sign(nonce: bigint, data: Hex = '0x', gas = 100_000n): Promise<{ readonly raw: Hex; readonly hash: Hex }> {
  const raw = await alice.signTransaction({
    ...{ chainId, type: 'eip1559', nonce: Number(nonce), to: data === '0x' ? nobody : token, data, gas },
    ...{ maxFeePerGas: parseGwei('10'), maxPriorityFeePerGas: parseGwei('1') },
  })
  return { raw, hash: keccak256(raw) }
}

/** The chain mines what it has taken a moment after it has said so. */
const mined = async (hash: Hex) => void (await chain.publicClient.waitForTransactionReceipt({ hash }))

describe('send', () => {
  test('worked example: one effect, however often the same bytes are handed over', async () => {
    const nonce = await sender.count(address)
    const { raw, hash } = await sign(nonce)
    for (let i = 0; i < 3; i += 1) expect((await sender.send(raw)).taken).toEqual(expect.arrayContaining(['a', 'b', 'c']))
    await mined(hash)
    expect(await sender.count(address)).toBe(nonce + 1n)
    expect(await sender.receipt(hash)).toMatchObject({ status: 'mined', receipt: { hash, status: 'done', logs: [] } })
  })

  test('edge: one source is enough for it to get there, and none that takes it is said', async () => {
    const { raw, hash } = await sign(await sender.count(address))
    for (const tap of taps) tap.break(faults.down)
    expect((await sender.send(raw)).taken).toEqual([])
    taps[2]?.mend()
    expect((await sender.send(raw)).taken).toEqual(['c'])
    for (const tap of taps) tap.mend()
    await mined(hash)
    expect((await sender.receipt(hash)).status).toBe('mined')
  })

  test('edge: a refusal is told, with whose it is', async () => {
    const { raw } = await sign(await sender.count(address), '0x', 1n)
    const { taken, dissent } = await sender.send(raw)
    expect(taken).toEqual([])
    expect(dissent.map(({ why }) => why)).toEqual(['RPC_ANSWERED_ERROR', 'RPC_ANSWERED_ERROR', 'RPC_ANSWERED_ERROR'])
  })
})

describe('receipt', () => {
  test('edge: absent where k sources have none, unknown where no k agree', async () => {
    const { raw, hash } = await sign(await sender.count(address))
    expect(await sender.receipt(hash)).toEqual({ status: 'absent' })
    await sender.send(raw)
    await mined(hash)
    taps[0]?.break(lying('eth_getTransactionReceipt', () => null))
    expect((await sender.receipt(hash)).status).toBe('mined')
    taps[1]?.break(lying('eth_getTransactionReceipt', (receipt: object) => ({ ...receipt, gasUsed: '0x1' })))
    expect((await sender.receipt(hash)).status).toBe('unknown')
    for (const tap of taps) tap.break(faults.down)
    await expect(sender.receipt(hash)).rejects.toThrow(Quorum.LostError)
  })

  test('edge: one that reverted is mined, and says so; its logs are those of the effect', async () => {
    const nonce = await sender.count(address)
    const mint = encodeFunctionData({ abi: testTokenAbi, functionName: 'mint', args: [alice.address, 5n] })
    const take = encodeFunctionData({ abi: testTokenAbi, functionName: 'transferFrom', args: [nobody, alice.address, 5n] })
    const [done, reverted] = [await sign(nonce, mint), await sign(nonce + 1n, take)]
    await sender.send(done.raw)
    await sender.send(reverted.raw)
    await mined(reverted.hash)
    const found = await sender.receipt(done.hash)
    expect(found.status === 'mined' ? found.receipt.logs.map((log) => log.address) : []).toEqual([token])
    expect(await sender.receipt(reverted.hash)).toMatchObject({ status: 'mined', receipt: { status: 'reverted', logs: [] } })
  })
})

describe('figures', () => {
  test('worked example: one liar moves neither count, fees nor gas', async () => {
    const call = { from: address, to: token, data: encodeFunctionData({ abi: testTokenAbi, functionName: 'mint', args: [nobody, 1n] }) }
    const honest = [await sender.count(address), await sender.fees(), await sender.estimate(call)]
    for (const figure of ['0x0', '0xffffffffffff'])
      for (const method of ['eth_getTransactionCount', 'eth_maxPriorityFeePerGas', 'eth_estimateGas'] as const) {
        taps[1]?.break(lying(method, () => figure))
        expect([await sender.count(address), await sender.fees(), await sender.estimate(call)]).toEqual(honest)
      }
    taps[1]?.break(lying('eth_getBlockByNumber', (block: object) => ({ ...block, baseFeePerGas: '0xffffffffffff' })))
    expect(await sender.fees()).toEqual(honest[1])
  })

  test('edge: a count up to a block is of that block, whatever came after it', async () => {
    const { hash: before } = await chain.publicClient.getBlock()
    const nonce = await sender.count(address)
    await sender.send((await sign(nonce)).raw)
    expect([await sender.count(address, before), await sender.count(address)]).toEqual([nonce, nonce + 1n])
  })

  test('edge: what would revert is refused by k, with the reason; fewer than k answers are none', async () => {
    const data = encodeFunctionData({ abi: testTokenAbi, functionName: 'transferFrom', args: [nobody, alice.address, 5n] })
    const refused = await sender.estimate({ from: address, to: token, data })
    expect(refused.status).toBe('refused')
    for (const tap of taps.slice(1)) tap.break(faults.down)
    await expect(sender.count(address)).rejects.toThrow(Quorum.LostError)
    await expect(sender.estimate({ from: address, to: token, data: '0x' })).rejects.toThrow(Quorum.LostError)
  })
})
