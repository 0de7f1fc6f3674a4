import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as Anvil from './Anvil.ts'
import * as FaultyRpc from './FaultyRpc.ts'

let anvil: Anvil.Anvil
let source: FaultyRpc.FaultyRpc
beforeAll(async () => {
  anvil = await Anvil.start({ chainId: 31337701 })
  source = await FaultyRpc.start({ target: anvil.url })
  await anvil.mine(20)
})
afterAll(async () => {
  await source.stop()
  await anvil.stop()
})
beforeEach(() => {
  source.become({ kind: 'none' })
  source.forget()
})

const post = (body: unknown, milliseconds = 2000) =>
  fetch(source.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(milliseconds),
  })
const ask = async (method: string, params: readonly unknown[] = []) =>
  (await (await post({ jsonrpc: '2.0', id: 1, method, params })).json()) as { result?: unknown; error?: { message: string } }
const numberOf = async (tag: string) => Number(((await ask('eth_getBlockByNumber', [tag, false])).result as { number: string }).number)

describe('start', () => {
  test('worked example: honest, and counting', async () => {
    expect(await ask('eth_chainId')).toMatchObject({ result: '0x1de2ce5' })
    await ask('eth_chainId')
    const batch = await (
      await post([
        { jsonrpc: '2.0', id: 7, method: 'eth_blockNumber', params: [] },
        { jsonrpc: '2.0', id: 8, method: 'eth_chainId' },
      ])
    ).json()
    expect(batch).toMatchObject([
      { id: 7, result: '0x14' },
      { id: 8, result: '0x1de2ce5' },
    ])
    expect(source.calls()).toEqual({ eth_chainId: 3, eth_blockNumber: 1 })
    expect(source.requests()).toBe(3)
    source.forget()
    expect(source.calls()).toEqual({})
  })
})

describe('become', () => {
  test('down', async () => {
    source.become({ kind: 'down' })
    await expect(ask('eth_chainId')).rejects.toThrow('fetch failed')
    expect(source.calls()).toEqual({ eth_chainId: 1 })
  })

  test('hang', async () => {
    source.become({ kind: 'hang' })
    await expect(post({ jsonrpc: '2.0', id: 1, method: 'eth_chainId' }, 150)).rejects.toThrow('timeout')
  })

  test('slow', async () => {
    source.become({ kind: 'slow', milliseconds: 300 })
    await expect(post({ jsonrpc: '2.0', id: 1, method: 'eth_chainId' }, 100)).rejects.toThrow('timeout')
    expect(await ask('eth_chainId')).toMatchObject({ result: '0x1de2ce5' })
  })

  test('lie', async () => {
    source.become({ kind: 'lie', tell: ({ method }, result) => (method === 'eth_getBalance' ? '0xfffff' : result) })
    expect(await ask('eth_getBalance', [Anvil.multicallAddress, 'latest'])).toMatchObject({ result: '0xfffff' })
    expect(await ask('eth_chainId')).toMatchObject({ result: '0x1de2ce5' })
  })

  test('lag: tags mean older blocks, newer blocks are unknown', async () => {
    const head = await anvil.publicClient.getBlock()
    source.become({ kind: 'lag', blocks: 5 })
    expect(await ask('eth_blockNumber')).toMatchObject({ result: '0xf' })
    expect([await numberOf('latest'), await numberOf('safe'), await numberOf('finalized')]).toEqual([15, 11, 7])
    expect(await numberOf('0xf')).toBe(15)
    expect(await ask('eth_getBlockByNumber', ['0x10', false])).toMatchObject({ result: null })
    expect(await ask('eth_getBlockByHash', [head.hash, false])).toMatchObject({ result: null })
    const read = { to: Anvil.multicallAddress, data: '0x42cbb15c' }
    expect(await ask('eth_call', [read, { blockHash: head.hash, requireCanonical: true }])).toMatchObject({
      error: { message: 'header not found' },
    })
    const seen = await anvil.publicClient.getBlock({ blockNumber: 15n })
    expect(BigInt(String((await ask('eth_call', [read, { blockHash: seen.hash, requireCanonical: true }])).result))).toBe(15n)
  })

  test('flap: the head goes back and forth', async () => {
    source.become({ kind: 'flap' })
    const heads: number[] = []
    for (let i = 0; i < 4; i++) heads.push(await numberOf('latest'))
    expect(heads).toEqual([20, 19, 20, 19])
  })

  test('chain', async () => {
    source.become({ kind: 'chain', chainId: 42161 })
    expect(await ask('eth_chainId')).toMatchObject({ result: '0xa4b1' })
    expect(await ask('eth_blockNumber')).toMatchObject({ result: '0x14' })
  })

  test('html, truncated: no JSON', async () => {
    for (const kind of ['html', 'truncated'] as const) {
      source.become({ kind })
      await expect(ask('eth_chainId'), kind).rejects.toBeInstanceOf(SyntaxError)
    }
  })

  test('busy', async () => {
    source.become({ kind: 'busy' })
    expect((await post({ jsonrpc: '2.0', id: 1, method: 'eth_chainId' })).status).toBe(429)
  })

  test('huge', async () => {
    source.become({ kind: 'huge', bytes: 3_000_000 })
    const text = await (await post({ jsonrpc: '2.0', id: 1, method: 'eth_chainId' })).text()
    expect(text.length).toBeGreaterThanOrEqual(3_000_000)
  })
})

describe('stop', () => {
  test('edge: a request that hangs does not hold it up', async () => {
    const other = await FaultyRpc.start({ target: anvil.url })
    other.become({ kind: 'hang' })
    const hanging = fetch(other.url, { method: 'POST', body: '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}' })
    const outcome = expect(hanging).rejects.toThrow('fetch failed')
    await new Promise((resolve) => setTimeout(resolve, 50))
    await other.stop()
    await outcome
  })
})
