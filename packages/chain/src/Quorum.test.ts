import { Anvil } from '@plimsoll/localnet'
import fc from 'fast-check'
import { decodeFunctionResult, encodeFunctionData, multicall3Abi } from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type ChainConfig, canonicalMulticall } from './ChainConfig.ts'
import type { Hex } from './Hex.ts'
import type { Call } from './Multicall.ts'
import * as Quorum from './Quorum.ts'
import { faults, lag, lying, start, type Tap } from './testing/Tap.ts'

const numRuns = Math.ceil(Number(process.env['PLIMSOLL_RUNS'] ?? 1000) / 20)
const chainId = 31_337_001
const holder: Hex = `0x${'a1'.repeat(20)}`
const balance = 10_000n * 10n ** 18n

type Stand = { readonly anvil: Anvil.Anvil; readonly taps: readonly [Tap, Tap, Tap] }
let shared: Stand
let { anvil, taps }: Stand = {} as Stand

async function put(): Promise<Stand> {
  const chain = await Anvil.start({ chainId })
  await chain.fund([holder], balance)
  await chain.mine(40)
  const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((id) => start({ id, target: chain.url })))
  if (!a || !b || !c) throw new Error('three sources were started')
  return { anvil: chain, taps: [a, b, c] }
}

async function takeAway(stand: Stand): Promise<void> {
  await Promise.all(stand.taps.map((tap) => tap[Symbol.asyncDispose]()))
  await stand.anvil.stop()
}

/** For what cannot be undone on a chain: one of its own for each test. */
function onItsOwnChain(): void {
  beforeEach(async () => {
    ;({ anvil, taps } = await put())
  })
  afterEach(async () => {
    await takeAway({ anvil, taps })
    ;({ anvil, taps } = shared)
  })
}

beforeAll(async () => {
  shared = await put()
  ;({ anvil, taps } = shared)
})

afterAll(() => takeAway(shared))

afterEach(() => {
  for (const tap of taps) tap.mend()
})

const configOf = (change: Partial<ChainConfig> = {}): ChainConfig => ({
  chainId,
  name: 'harbour',
  sources: taps.map((tap) => tap.source),
  k: 2,
  finality: { tag: 'finalized', maxAgeSeconds: 3_600 },
  timeoutMs: 2_000,
  ...change,
})
const open = (change: Partial<ChainConfig> = {}, rest: Omit<Quorum.open.Args, 'config'> = {}) =>
  Quorum.open({ config: configOf(change), random: () => 0, ...rest })

const balanceOf = (account: Hex): Call => ({
  target: canonicalMulticall,
  data: encodeFunctionData({ abi: multicall3Abi, functionName: 'getEthBalance', args: [account] }),
})
const read = async (reader: Quorum.Reader, at: Quorum.At = 'final') => {
  const { results, dissent } = await reader.fetch({ calls: [balanceOf(holder)], at })
  const value = decodeFunctionResult({ abi: multicall3Abi, functionName: 'getEthBalance', data: results[0]?.data ?? '0x' })
  return { value, dissent: dissent.map(({ id, why }) => `${id}:${why}`) }
}
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'answered',
    (error: Quorum.QuorumError) => error.code,
  )
const height = async () => anvil.publicClient.getBlockNumber()

describe('fetch', () => {
  test('worked example: three sources agree at the final block', async () => {
    const reader = open()
    expect(await read(reader)).toEqual({ value: balance, dissent: [] })
    const pinned = await reader.pin()
    expect(pinned).toMatchObject({ chainId, at: 'final', agree: ['a', 'b', 'c'], dissent: [], head: { number: await height() } })
    expect(pinned.block.number).toBe((await height()) - 8n)
    expect(pinned.block.hash).toBe((await anvil.publicClient.getBlock({ blockNumber: pinned.block.number })).hash)
  })

  test('worked example: a hundred reads cost each source one eth_call', async () => {
    const calls = Array.from({ length: 100 }, (_, index) => balanceOf(`0x${index.toString(16).padStart(40, '0')}`))
    const { results } = await open().fetch({ calls: [...calls, balanceOf(holder)] })
    expect(results).toHaveLength(101)
    expect(BigInt(results[100]?.data ?? 0)).toBe(balance)
    expect(taps.map((tap) => tap.count('eth_call'))).toEqual([1, 1, 1])
  })

  const crowd = [
    ...Array.from({ length: 6_000 }, (_, index) => balanceOf(`0x${(index + 0x1000).toString(16).padStart(40, '0')}`)),
    balanceOf(holder),
  ]
  /** Answers differently where the last of the crowd is asked for, or where it is not. */
  const partly = (wrong: 'last' | 'others') =>
    ({
      kind: 'lie',
      tell: ({ method, params }, result) => {
        const isLast = JSON.stringify(params).includes(holder.slice(2).toLowerCase())
        return method === 'eth_call' && isLast === (wrong === 'last') ? `${String(result).slice(0, -1)}1` : result
      },
    }) as const satisfies Parameters<Tap['break']>[0]

  test('property: more than go into one call go into several at the same block, and come back in order', async () => {
    const reader = open()
    const pinned = await reader.pin()
    const whole = await reader.read({ pinned, calls: crowd })
    expect(taps.map((tap) => tap.count('eth_call'))).toEqual([7, 7, 7])
    const single = await Promise.all([0, 999, 1_000, 5_999, 6_000].map((at) => reader.read({ pinned, calls: crowd.slice(at, at + 1) })))
    expect([0, 999, 1_000, 5_999, 6_000].map((at) => whole.results[at])).toEqual(single.flatMap(({ results }) => results))
    expect(whole.results).toHaveLength(6_001)
    expect(BigInt(whole.results.at(-1)?.data ?? 0)).toBe(balance)
    expect([whole.agree, whole.dissent]).toEqual([['a', 'b', 'c'], []])
  })

  test('error: who lies about one part is named once, and whoever hangs costs one timeout', async () => {
    const reader = open({ timeoutMs: 1_500 })
    const pinned = await reader.pin()
    taps[0].break(partly('others'))
    const { agree, dissent, results } = await reader.read({ pinned, calls: crowd })
    expect([agree, dissent.map(({ id, why }) => `${id}:${why}`)]).toEqual([['b', 'c'], ['a:RPC_VALUE_DISAGREE']])
    expect(BigInt(results.at(-1)?.data ?? 0)).toBe(balance)
    // Four parts at once, and none of the three after them.
    expect(taps.map((tap) => tap.count('eth_call'))).toEqual([4, 7, 7])
    for (const tap of taps) tap.mend()
    taps[0].break(faults.hang)
    expect((await reader.read({ pinned, calls: crowd })).agree).toEqual(['b', 'c'])
    expect(taps[0].count('eth_call')).toBe(4)
  })

  test('error: a part without a quorum fails the whole', async () => {
    taps[0].break(partly('last'))
    const reader = open({ k: 3 })
    expect(await codeOf(reader.fetch({ calls: crowd }))).toBe('RPC_VALUE_DISAGREE')
    expect(await codeOf(reader.fetch({ calls: crowd.slice(0, -1) }))).toBe('answered')
  })

  test('edge: nothing to read asks nobody', async () => {
    expect((await open().fetch({ calls: [] })).results).toEqual([])
    expect(taps.map((tap) => tap.count('eth_call'))).toEqual([0, 0, 0])
  })

  test('edge: at the head, the newest block', async () => {
    const reader = open()
    const { block } = await reader.pin({ at: 'head' })
    expect(block.number).toBe(await height())
    expect(block.hash).toBe((await anvil.publicClient.getBlock()).hash)
    expect((await read(reader, 'head')).value).toBe(balance)
  })

  test('edge: a final block that is also so many blocks deep', async () => {
    const reader = open({ finality: { tag: 'finalized', depth: 20, maxAgeSeconds: 3_600 } })
    expect((await reader.pin()).block.number).toBe((await height()) - 20n)
    const latest = open({ finality: { tag: 'latest', depth: 1_000, maxAgeSeconds: 3_600 } })
    expect((await latest.pin()).block.number).toBe(0n)
  })

  test('edge: twenty at once get the same', async () => {
    const reader = open()
    const all = await Promise.all(Array.from({ length: 20 }, () => read(reader)))
    expect(all.every(({ value }) => value === balance)).toBe(true)
  })
})

describe('one source of three', () => {
  test.each([
    ['lies about a value', faults.lie, 'RPC_VALUE_DISAGREE'],
    ['is down', faults.down, 'RPC_UNREACHABLE'],
    ['hangs', faults.hang, 'RPC_TIMEOUT'],
    ['answers with a page', faults.html, 'RPC_MALFORMED'],
    ['answers half', faults.truncated, 'RPC_MALFORMED'],
    ['answers with five megabytes', faults.huge, 'RPC_BODY_TOO_LARGE'],
    ['answers null', faults.nulls, 'RPC_MALFORMED'],
    ['limits the rate', faults.busy, 'RPC_RATE_LIMITED'],
    ['is on another chain', faults.wrongChain, 'RPC_WRONG_CHAIN'],
    ['lags', lag(20), 'SOURCE_LAGGING'],
    ['is on a fork', faults.fork, 'RPC_HASH_DISAGREE'],
    ['lies about the time', faults.clock, 'RPC_HASH_DISAGREE'],
  ])('error: %s, is named, and changes nothing', async (_, fault, why) => {
    for (const [index, id] of ['a', 'b', 'c'].entries()) {
      for (const tap of taps) tap.mend()
      taps[index]?.break(fault)
      const reader = open(fault === faults.hang ? { timeoutMs: 200 } : {})
      expect(await read(reader)).toEqual({ value: balance, dissent: [`${id}:${why}`] })
    }
  })

  test('edge: a hanging source costs its timeout once', async () => {
    const reader = open({ timeoutMs: 400 })
    taps[0].break(faults.hang)
    const times: number[] = []
    for (let round = 0; round < 3; round += 1) {
      const from = performance.now()
      const { dissent } = await read(reader)
      times.push(performance.now() - from)
      expect(dissent).toEqual([round === 0 ? 'a:RPC_TIMEOUT' : 'a:SOURCE_SUSPENDED'])
    }
    expect(times[0]).toBeGreaterThanOrEqual(390)
    expect(Math.max(...times.slice(1))).toBeLessThan(400)
  })

  test('edge: a source that is down is left alone after the third time; one that answers, if only that it lacks a block, is not', async () => {
    const reader = open()
    const pinned = await reader.pin()
    taps[0].break(lag(20))
    for (let round = 0; round < 4; round += 1)
      expect((await reader.read({ pinned, calls: [balanceOf(holder)] })).dissent).toMatchObject([{ id: 'a', why: 'RPC_BLOCK_UNKNOWN' }])
    taps[0].mend()
    expect((await reader.pin()).dissent).toEqual([])

    taps[0].break(faults.down)
    const whys: (string | undefined)[] = []
    for (let round = 0; round < 4; round += 1) whys.push((await reader.pin()).dissent[0]?.why)
    expect(whys).toEqual(['RPC_UNREACHABLE', 'RPC_UNREACHABLE', 'RPC_UNREACHABLE', 'SOURCE_SUSPENDED'])
  })

  test('edge: a source comes back after its pause', async () => {
    let now = Date.now()
    const reader = open({ timeoutMs: 200 }, { nowMs: () => now, random: () => 0.5 })
    taps[0].break(faults.hang)
    await read(reader)
    taps[0].mend()
    now += 750
    expect((await read(reader)).dissent).toEqual(['a:SOURCE_SUSPENDED'])
    expect((await reader.pin()).dissent[0]?.detail).toBe('left alone for 3 s after 1 failures')
    now += 3_000
    expect((await read(reader)).dissent).toEqual([])
  })

  test('edge: a lone source that claims to be far ahead moves nothing', async () => {
    const future = { number: '0xffffff', hash: `0x${'fa'.repeat(32)}`, parentHash: `0x${'fb'.repeat(32)}`, timestamp: '0xffffffff' }
    taps[1].break(lying('eth_getBlockByNumber', () => future))
    const reader = open()
    expect((await read(reader)).value).toBe(balance)
    expect((await reader.pin()).block.number).toBe((await height()) - 8n)
  })

  test('edge: one lies about blocks while another lags: the block that both honest ones have', async () => {
    taps[0].break(faults.fork)
    taps[1].break(lag(2))
    const reader = open()
    expect((await read(reader)).value).toBe(balance)
    expect((await reader.pin()).block.number).toBe((await height()) - 10n)
  })

  test('edge: a source on another chain stays out until a reset', async () => {
    const reader = open()
    taps[2].break(faults.wrongChain)
    await read(reader)
    taps[2].mend()
    expect((await read(reader)).dissent).toEqual(['c:RPC_WRONG_CHAIN'])
    expect(taps[2].asked()).toBe(0)
    reader.reset({ accepted: reader.accepted() })
    expect((await read(reader)).dissent).toEqual([])
  })
})

describe('scores', () => {
  const scoresOf = (reader: Quorum.Reader) => ['a', 'b', 'c'].map((id) => reader.scores().get(id)?.scorePpm)

  test('worked example: a lie about a value halves the score of whoever told it, and the truth mends it slowly', async () => {
    const now = Date.now()
    const reader = open({}, { nowMs: () => now })
    await read(reader)
    expect(scoresOf(reader)).toEqual([1_000_000, 1_000_000, 1_000_000])
    taps[1].break(faults.lie)
    await read(reader)
    expect(scoresOf(reader)).toEqual([1_000_000, 500_000, 1_000_000])
    expect(reader.scores().get('b')?.lie).toMatchObject({ why: 'RPC_VALUE_DISAGREE', at: Math.floor(now / 1_000) })
    taps[1].mend()
    await read(reader)
    expect(scoresOf(reader)).toEqual([1_000_000, 501_954, 1_000_000])
  })

  test('edge: another hash is a lie where the block is final, and not at the head', async () => {
    const reader = open()
    taps[2].break(faults.fork)
    await reader.pin({ at: 'head' }).catch(() => {})
    expect(scoresOf(reader)).toEqual([1_000_000, 1_000_000, 1_000_000])
    await reader.pin()
    expect(scoresOf(reader)).toEqual([1_000_000, 1_000_000, 500_000])
  })

  test('edge: who is down or lags is no liar, and where nobody knows who lies nobody is one', async () => {
    const reader = open()
    taps[0].break(faults.down)
    taps[1].break(lag(20))
    await read(reader).catch(() => {})
    taps[1].break(faults.lie)
    expect(await codeOf(read(reader))).toBe('RPC_VALUE_DISAGREE')
    expect(scoresOf(reader)).toEqual([1_000_000, 1_000_000, 1_000_000])
  })
})

describe('two sources of three', () => {
  test('error: down, and k does not shrink', async () => {
    taps[0].break(faults.down)
    taps[1].break(faults.html)
    const error = await open()
      .pin()
      .catch((reason) => reason)
    expect(error).toBeInstanceOf(Quorum.LostError)
    expect(error).toMatchObject({ name: 'Quorum.LostError', code: 'RPC_QUORUM_LOST', chainId })
    expect(error.dissent.map(({ id, why }: { id: string; why: string }) => `${id}:${why}`)).toEqual([
      'a:RPC_UNREACHABLE',
      'b:RPC_MALFORMED',
    ])
    expect(error.message).toContain('Only 1 of 3 sources')
  })

  test('error: one lies, one is down', async () => {
    taps[0].break(faults.lie)
    taps[2].break(faults.down)
    expect(await codeOf(read(open()))).toBe('RPC_VALUE_DISAGREE')
  })

  test('error: one is on a fork, one is down', async () => {
    taps[0].break(faults.fork)
    taps[2].break(faults.down)
    expect(await codeOf(read(open()))).toBe('RPC_HASH_DISAGREE')
  })

  test('error: on another chain', async () => {
    taps[0].break(faults.wrongChain)
    taps[1].break(faults.wrongChain)
    expect(await codeOf(read(open()))).toBe('RPC_WRONG_CHAIN')
  })

  test('error: one of two on another chain, and one of three with nobody to make up a quorum', async () => {
    taps[0].break(faults.wrongChain)
    expect(await codeOf(read(open({ sources: taps.slice(0, 2).map((tap) => tap.source) })))).toBe('RPC_WRONG_CHAIN')
    taps[1].break(faults.down)
    taps[2].break(faults.down)
    expect(await codeOf(read(open()))).toBe('RPC_QUORUM_LOST')
  })

  test('error: one is on a fork, one lags behind what was accepted: nothing moves back', async () => {
    const reader = open()
    await reader.pin()
    taps[0].break(faults.fork)
    taps[1].break(lag(20))
    expect(await codeOf(reader.pin())).toBe('RPC_HASH_DISAGREE')
    expect(await codeOf(open().pin())).toBe('answered')
  })

  test('error: they die between the pin and the read', async () => {
    const reader = open({ timeoutMs: 200 })
    const pinned = await reader.pin()
    taps[0].break(faults.down)
    taps[1].break(faults.hang)
    expect(await codeOf(reader.read({ pinned, calls: [balanceOf(holder)] }))).toBe('RPC_QUORUM_LOST')
  })

  test('edge: suspended sources are asked again when the quorum needs them', async () => {
    const reader = open({ timeoutMs: 200 })
    taps[0].break(faults.hang)
    taps[1].break(faults.hang)
    expect(await codeOf(read(reader))).toBe('RPC_QUORUM_LOST')
    taps[0].mend()
    expect((await read(reader)).value).toBe(balance)
  })
})

describe('a chain that stops', () => {
  onItsOwnChain()

  test('error: no new blocks', async () => {
    const timestamp = Number((await anvil.publicClient.getBlock()).timestamp)
    const at = (age: number) => codeOf(open({}, { nowMs: () => (timestamp + age) * 1000 }).pin({ at: 'head' }))
    expect(await at(3_600)).toBe('answered')
    expect(await at(3_601)).toBe('RPC_STALE_HEAD')
  })

  test('error: blocks, but none becomes final', async () => {
    await anvil.mine(8, 1_000)
    const head = Number((await anvil.publicClient.getBlock()).timestamp)
    const reader = open({}, { nowMs: () => head * 1000 })
    expect(await codeOf(reader.pin())).toBe('FINALITY_STALLED')
    expect(await codeOf(reader.pin({ at: 'head' }))).toBe('answered')
    expect(reader.accepted()).toBeNull()
  })
})

describe('a chain that is rewritten', () => {
  onItsOwnChain()

  test('worked example: before finality, the final view does not move', async () => {
    const reader = open()
    const before = await reader.pin()
    await reorg(7)
    expect((await reader.pin()).block).toEqual(before.block)
  })

  test('error: past finality, and it stays frozen until an operator resets it', async () => {
    const reader = open()
    const { block } = await reader.pin()
    await reorg(12)
    const error = await reader.pin().catch((reason) => reason)
    expect(error).toMatchObject({ name: 'Quorum.FinalityViolatedError', code: 'FINALITY_VIOLATED', accepted: block })
    await anvil.mine(50)
    expect(await codeOf(reader.pin())).toBe('FINALITY_VIOLATED')
    expect(await codeOf(reader.read({ pinned: { ...(await open().pin()) }, calls: [] }))).toBe('FINALITY_VIOLATED')
    reader.reset({ accepted: null })
    expect((await read(reader)).value).toBe(balance)
  })

  test('error: past finality, seen from blocks further on, and one block on', async () => {
    for (const further of [1, 5]) {
      const reader = open()
      await reader.pin()
      await reorg(12)
      await anvil.mine(further)
      expect(await codeOf(reader.pin())).toBe('FINALITY_VIOLATED')
    }
  })

  test('error: past finality, over a restart', async () => {
    const accepted = (await open().pin()).block
    await reorg(12)
    expect(await codeOf(open({}, { accepted }).pin())).toBe('FINALITY_VIOLATED')
    expect(await codeOf(open().pin())).toBe('answered')
  })

  test('edge: a rollback is a lag: the accepted block stays', async () => {
    const reader = open()
    const before = await reader.pin()
    await anvil.testClient.request({ method: 'anvil_rollback', params: [3] } as never)
    const after = await reader.pin()
    expect(after.block).toEqual(before.block)
    expect(after.head.number).toBe(before.head.number - 3n)
  })

  test('error: a rollback below the accepted block', async () => {
    const reader = open()
    await reader.pin()
    await anvil.testClient.request({ method: 'anvil_rollback', params: [10] } as never)
    expect(await codeOf(reader.pin())).toBe('RPC_STALE_HEAD')
  })

  test('edge: sources behind a load balancer go one block to and fro: the view does not', async () => {
    const reader = open()
    const heights: bigint[] = []
    for (const tap of taps) tap.break(faults.flap)
    for (let round = 0; round < 8; round += 1) heights.push((await reader.pin()).block.number)
    expect(heights).toEqual([...heights].sort())
    expect(new Set(heights).size).toBeLessThanOrEqual(2)
  })

  test('error: one source rewritten alone is a dissent, not a violation', async () => {
    const reader = open()
    await reader.pin()
    await anvil.mine(3)
    taps[1].break(faults.fork)
    expect((await read(reader)).dissent).toEqual(['b:RPC_HASH_DISAGREE'])
  })

  test('error: the pinned block goes between pin and read; fetching anew succeeds', async () => {
    const reader = open()
    const pinned = await reader.pin({ at: 'head' })
    await reorg(3)
    expect(await codeOf(reader.read({ pinned, calls: [balanceOf(holder)] }))).toBe('RPC_HASH_DISAGREE')

    for (let round = 0; round < 4; round += 1) {
      const replaced = await reader.pin({ at: 'head' })
      await reorg(2)
      expect(await codeOf(reader.read({ pinned: replaced, calls: [balanceOf(holder)] }))).toBe('RPC_HASH_DISAGREE')
    }
    // Not to have a block is an answer: nobody is left alone for it.
    expect((await read(reader)).dissent).toEqual([])

    for (const tap of taps) {
      tap.mend()
      tap.break({ kind: 'slow', milliseconds: 300 })
    }
    const reading = read(open(), 'head')
    while (taps.some((tap) => tap.count('eth_call') === 0)) await new Promise((resolve) => setTimeout(resolve, 5))
    await reorg(2)
    expect((await reading).value).toBe(balance)
    expect(taps[0].count('eth_call')).toBe(2)
  })
})

describe('header', () => {
  test('worked example: an earlier block, as k sources have it', async () => {
    const reader = open()
    const pinned = await reader.pin()
    taps[0].break(faults.fork)
    const number = pinned.block.number - 5n
    expect((await reader.header({ pinned, number })).hash).toBe((await anvil.publicClient.getBlock({ blockNumber: number })).hash)
    taps[1].break(faults.clock)
    expect(await codeOf(reader.header({ pinned, number }))).toBe('RPC_HASH_DISAGREE')
    expect(await codeOf(reader.header({ pinned, number: 99_999n }))).toBe('RPC_HASH_DISAGREE')
  })
})

describe('read', () => {
  test('error: no multicall there', async () => {
    const reader = open({ multicall: holder })
    expect(await codeOf(reader.fetch({ calls: [balanceOf(holder)] }))).toBe('MULTICALL_FAILED')
  })

  test('error: a contract there that reverts; a source that answers with errors is not left alone', async () => {
    const reverting: Hex = `0x${'fd'.repeat(20)}`
    await anvil.testClient.setCode({ address: reverting, bytecode: '0x60006000fd' })
    const reader = open({ multicall: reverting })
    for (let round = 0; round < 4; round += 1)
      expect(await codeOf(reader.fetch({ calls: [balanceOf(holder)], at: 'head' }))).toBe('MULTICALL_FAILED')
    expect((await reader.pin()).dissent).toEqual([])
  })

  test('error: a block of another chain', async () => {
    const reader = open()
    const pinned = await reader.pin()
    await expect(reader.read({ pinned: { ...pinned, chainId: 1 }, calls: [] })).rejects.toThrow(RangeError)
  })

  test('edge: a call that reverts has failed, and is not zero', async () => {
    const { results } = await open().fetch({ calls: [{ target: canonicalMulticall, data: '0xdeadbeef' }, balanceOf(holder)] })
    expect(results.map(({ success }) => success)).toEqual([false, true])
  })
})

describe('diversity', () => {
  const labelled = (labels: readonly string[]) => taps.map((tap, index) => ({ ...tap.source, client: labels[index] ?? '' }))

  test('error: two who agree run the same client, and the third is down', async () => {
    const reader = open({ sources: labelled(['geth', 'geth', 'reth']), diversity: { operators: 2, clients: 2 } })
    expect(await codeOf(reader.pin())).toBe('answered')
    taps[2].break(faults.down)
    expect(await codeOf(reader.pin())).toBe('RPC_QUORUM_UNIFORM')
    taps[2].mend()
    reader.reset({ accepted: null })
    taps[1].break(faults.down)
    expect(await codeOf(reader.pin())).toBe('answered')
  })

  test('error: the third agrees on the block, and not on the value', async () => {
    const reader = open({ sources: labelled(['geth', 'geth', 'reth']), diversity: { operators: 2, clients: 2 } })
    taps[2].break(faults.lie)
    expect(await codeOf(read(reader))).toBe('RPC_QUORUM_UNIFORM')
  })
})

describe('property', () => {
  test('property: with fewer than k liars an answer is the truth, whatever the others do', async () => {
    const some = [
      undefined,
      faults.lie,
      faults.down,
      faults.html,
      faults.wrongChain,
      lag(3),
      faults.fork,
      faults.clock,
      faults.nulls,
    ] as const
    const liars = [faults.lie, faults.fork, faults.clock] as const
    await fc.assert(
      fc.asyncProperty(fc.tuple(fc.constantFrom(...some), fc.constantFrom(...some), fc.constantFrom(...some)), async (chosen) => {
        const lying = chosen.filter((fault) => liars.some((liar) => liar === fault)).length
        fc.pre(lying < 2)
        for (const [index, fault] of chosen.entries()) {
          taps[index]?.mend()
          if (fault) taps[index]?.break(fault)
        }
        const answer = await read(open()).catch((error) => error)
        if (answer instanceof Error) expect(answer).toBeInstanceOf(Quorum.QuorumError)
        else expect(answer.value).toBe(balance)
        const well = chosen.filter((fault) => fault === undefined).length
        if (well >= 2) expect(answer).toHaveProperty('value', balance)
      }),
      { numRuns },
    )
  })
})

/** Rewrites the last blocks, to others of the same number. */
async function reorg(depth: number): Promise<void> {
  await anvil.testClient.request({ method: 'anvil_reorg', params: [depth, []] } as never)
}
