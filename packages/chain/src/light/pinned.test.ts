/** A chain whose sources agree on what is not true, with a light client and without. */
import { readFile } from 'node:fs/promises'
import { Anvil, BeaconNode } from '@plimsoll/localnet'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as ChainConfig from '../ChainConfig.ts'
import * as Query from '../Query.ts'
import * as Quorum from '../Quorum.ts'
import { faults, lag, lying, start, type Tap } from '../testing/Tap.ts'
import type * as LightClient from './LightClient.ts'

const chainId = 31_337_001
let truth: Anvil.Anvil
let madeUp: Anvil.Anvil
let node: BeaconNode.BeaconNode
let honest: readonly Tap[]
let captured: readonly Tap[]
let clock = 0
const nowMs = () => clock

const tapsOf = (chain: Anvil.Anvil) => Promise.all(['a', 'b', 'c'].map((id) => start({ id, target: chain.url })))

beforeAll(async () => {
  clock = Date.now()
  ;[truth, madeUp] = await Promise.all([Anvil.start({ chainId }), Anvil.start({ chainId })])
  await Promise.all([truth.mine(40), madeUp.mine(40, 2)])
  ;[honest, captured] = await Promise.all([tapsOf(truth), tapsOf(madeUp)])
})
beforeEach(async () => {
  node = await BeaconNode.start({ target: truth.url, committeeSize: 8, nowMs })
})
afterAll(async () => {
  await Promise.all([...honest, ...captured].map((tap) => tap[Symbol.asyncDispose]()))
  await Promise.all([truth.stop(), madeUp.stop()])
})
afterEach(async () => {
  await node.stop()
  for (const tap of honest) tap.mend()
})

const lightClient = () => ({ ...node.description, maxAgeSeconds: 100, maxCheckpointAgeSeconds: 86_400, timeoutMs: 3_000 })
const configOf = (taps: readonly Tap[], change: Partial<ChainConfig.ChainConfig> = {}): ChainConfig.ChainConfig => ({
  ...{ chainId, name: 'harbour', sources: taps.map((tap) => tap.source), k: 2, timeoutMs: 2_000, evidence: 'proof' },
  finality: { tag: 'finalized', maxAgeSeconds: 3_600 },
  lightClient: lightClient(),
  ...change,
})
const open = (taps: readonly Tap[], rest: Omit<Quorum.open.Args, 'config'> = {}) =>
  Quorum.open({ config: configOf(taps), nowMs, random: () => 0, ...rest })
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: Quorum.QuorumError) => error,
  )
const finalBlock = async (chain: Anvil.Anvil) => chain.publicClient.getBlock({ blockTag: 'finalized' })
/** New final blocks, and long enough for a client to wait until it has heard of them. */
async function later(): Promise<void> {
  await Promise.all([truth.mine(3), madeUp.mine(3)])
  clock += 20_000
}

describe('pin', () => {
  test('worked example: three sources agree on a final block that nobody signed: without a light client it counts, with one the chain is frozen', async () => {
    await later()
    const { lightClient: _, ...without } = configOf(captured)
    const believed = await Quorum.open({ config: without, nowMs }).pin()
    expect(believed).toMatchObject({ block: { hash: (await finalBlock(madeUp)).hash }, agree: ['a', 'b', 'c'], dissent: [] })

    const reader = open(captured)
    const { number, hash } = await finalBlock(truth)
    expect(await failure(reader.pin())).toMatchObject({
      code: 'FINALITY_VIOLATED',
      accepted: { number, hash },
      message: expect.stringContaining(`is final with hash ${hash} by its light client, and ${believed.block.hash} by its sources`),
    })
    // Each of them was caught in it, and nothing more is read of the chain.
    expect([...reader.scores().values()].map(({ lie }) => lie?.why)).toEqual([
      'RPC_HASH_DISAGREE',
      'RPC_HASH_DISAGREE',
      'RPC_HASH_DISAGREE',
    ])
    for (const at of ['final', 'head'] as const) expect(await failure(reader.pin({ at }))).toMatchObject({ code: 'FINALITY_VIOLATED' })
    expect(await failure(reader.read({ pinned: believed, calls: [] }))).toMatchObject({ code: 'FINALITY_VIOLATED' })
    expect(reader.accepted()).toBeNull()
  })

  test('worked example: honest sources are read at the block that the committee signed', async () => {
    await later()
    const reader = open(honest)
    const pinned = await reader.pin()
    expect(pinned).toMatchObject({ block: { hash: (await finalBlock(truth)).hash }, agree: ['a', 'b', 'c'], dissent: [] })
    expect(reader.accepted()).toEqual(pinned.block)
    expect(reader.lightFaults()).toEqual([])
    expect((await reader.pin({ at: 'head' })).block.number).toBe(await truth.publicClient.getBlockNumber())
  })

  test('worked example: one of three that has another block is caught, and outvoted', async () => {
    await later()
    honest[0]?.break(faults.fork)
    const reader = open(honest)
    expect(await reader.pin()).toMatchObject({ agree: ['b', 'c'], dissent: [{ id: 'a', why: 'RPC_HASH_DISAGREE' }] })
    expect(reader.scores().get('a')?.lie?.detail).toContain('than its light client verified')
  })

  test('edge: never above what the committee signed, however far all sources are', async () => {
    await later()
    const reader = open(honest)
    const before = await reader.pin()
    node.become('silent')
    await later()
    expect((await reader.pin()).block).toEqual(before.block)
    expect(reader.lightFaults()).toEqual(['LIGHT_CLIENT_SOURCE: beacon node beacon node: RPC_HTTP_STATUS: HTTP 503'])
    node.become('none')
    await later()
    expect((await reader.pin()).block.number).toBe(before.block.number + 6n)
  })

  test('edge: sources that lag are read at the newest verified block that k of them have reached', async () => {
    await later()
    const reader = open(honest)
    const before = await reader.pin()
    for (const tap of honest) tap.break(lag(2))
    await later()
    expect((await reader.pin()).block).toEqual(before.block)
    // Sources that have reached none of what is remembered are no reason to believe them.
    for (const tap of honest) tap.break(lag(30))
    expect(await failure(open(honest).pin())).toMatchObject({ code: 'RPC_STALE_HEAD' })
  })

  test('error: sources that are captured later, also where they lie below the newest block', async () => {
    await later()
    const reader = open(honest)
    const { block } = await reader.pin()
    for (const tap of honest) tap.break(faults.fork)
    expect(await failure(reader.pin({ at: 'head' }))).toMatchObject({ code: 'FINALITY_VIOLATED', accepted: { hash: block.hash } })
    expect([...reader.scores().values()].map(({ lie }) => lie?.why)).toEqual([
      'RPC_HASH_DISAGREE',
      'RPC_HASH_DISAGREE',
      'RPC_HASH_DISAGREE',
    ])
  })

  test('error: sources that are read at the head alone, once it was heard what is signed', async () => {
    await later()
    const reader = open(captured)
    expect(await reader.pin({ at: 'head' })).toMatchObject({ agree: ['a', 'b', 'c'] })
    const { number, hash } = await finalBlock(truth)
    for (let turn = 0; turn < 1_000 && !reader.isVerified({ number, hash }); turn += 1)
      await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await failure(reader.pin({ at: 'head' }))).toMatchObject({ code: 'FINALITY_VIOLATED', accepted: { number, hash } })
  })

  test('edge: at the head one source of three is left out by what is signed, and one that has not come so far by its lag', async () => {
    await later()
    const reader = open(honest)
    await reader.pin()
    honest[0]?.break(faults.fork)
    expect(await reader.pin({ at: 'head' })).toMatchObject({ agree: ['b', 'c'], dissent: [{ id: 'a', why: 'RPC_HASH_DISAGREE' }] })
    expect(reader.scores().get('a')?.lie?.why).toBe('RPC_HASH_DISAGREE')
    honest[0]?.break(lag(9))
    expect(await reader.pin({ at: 'head' })).toMatchObject({ agree: ['b', 'c'], dissent: [{ id: 'a', why: 'SOURCE_LAGGING' }] })
    honest[1]?.break(faults.fork)
    expect(await failure(reader.pin({ at: 'head' }))).toMatchObject({ code: 'RPC_HASH_DISAGREE' })
    honest[1]?.break(lag(9))
    expect(await failure(reader.pin({ at: 'head' }))).toMatchObject({ code: 'RPC_STALE_HEAD' })
  })

  test('bug: who had begun to read before news came was refused, where another had read at them meanwhile', async () => {
    await later()
    const reader = Quorum.open({ config: configOf(honest, { timeoutMs: 1_000 }), nowMs, random: () => 0 })
    await reader.pin()
    await truth.mine(3)
    clock += 5_000
    const { number, hash } = await finalBlock(truth)
    honest[2]?.break(faults.hang)
    const slow = reader.pin()
    for (let turn = 0; turn < 1_000 && !reader.isVerified({ number, hash }); turn += 1)
      await new Promise((resolve) => setTimeout(resolve, 5))
    honest[2]?.mend()
    expect((await reader.pin()).block.hash).toBe(hash)
    expect((await slow).at).toBe('final')
  })

  test('error: a light client that is silent for too long: nothing is read as final, and the head still is', async () => {
    await later()
    const reader = open(honest)
    await reader.pin()
    node.become('silent')
    clock += 120_000
    expect(await failure(reader.pin())).toMatchObject({ code: 'LIGHT_CLIENT_SILENT' })
    expect((await reader.pin({ at: 'head' })).at).toBe('head')
    node.become('none')
    await later()
    expect((await reader.pin()).block.hash).toBe((await finalBlock(truth)).hash)
  })

  test('error: what was accepted before a restart, above what is verified, is not believed for that', async () => {
    await later()
    const { number, timestamp } = await finalBlock(truth)
    const headerOf = async (blockNumber: bigint) => {
      const { hash, parentHash, timestamp } = await truth.publicClient.getBlock({ blockNumber })
      return { number: blockNumber, hash, parentHash, timestamp: Number(timestamp) }
    }
    const other = {
      number: number + 1n,
      hash: `0x${'ab'.repeat(32)}`,
      parentHash: `0x${'00'.repeat(32)}`,
      timestamp: Number(timestamp),
    } as const
    expect(await failure(open(honest, { accepted: other }).pin())).toMatchObject({ code: 'FINALITY_VIOLATED' })
    // Sources still have it, and call nothing so new final; then they do, and the committee's last word is older.
    const accepted = await headerOf(number + 1n)
    expect(await failure(open(honest, { accepted }).pin())).toMatchObject({
      code: 'RPC_STALE_HEAD',
      message: expect.stringContaining(`are at block ${number + 1n}, which the light client has not verified`),
    })
    const reader = open(honest, { accepted: await headerOf(number + 3n) })
    await failure(reader.pin())
    node.become('silent')
    await later()
    expect(await failure(reader.pin())).toMatchObject({
      code: 'RPC_STALE_HEAD',
      message: expect.stringContaining(`which the light client has not reached: it is at ${number}`),
    })
    node.become('none')
    await later()
    expect((await reader.pin()).block.number).toBe(number + 6n)
  })
})

describe('fetchAt', () => {
  const query: Query.Query<number> = { calls: [], parse: () => 7 }

  test('bug: a block below a verified one was refused, though the state of that one says what is below it', async () => {
    await later()
    // As after a restart: the block before the newest was never heard of.
    const { number, hash } = await truth.publicClient.getBlock({ blockNumber: (await finalBlock(truth)).number - 1n })
    const reader = open(honest)
    expect(await Query.fetchAt({ reader, block: { number, hash }, query })).toMatchObject({ value: 7, pinned: { block: { number, hash } } })
  })

  test('error: a block below a verified one that every source makes up', async () => {
    await later()
    const reader = open(honest)
    const { block } = await reader.pin()
    const { number, hash } = await truth.publicClient.getBlock({ blockNumber: block.number - 1n })
    const madeUpHash = `0x${'ab'.repeat(32)}` as const
    const make = (it: { readonly number: string }) => (BigInt(it.number) === number ? { ...it, hash: madeUpHash } : it)
    for (const tap of honest) tap.break(lying('eth_getBlockByNumber', make))
    const fetchAt = (named: `0x${string}`, on = reader) => Query.fetchAt({ reader: on, block: { number, hash: named }, query })
    expect(await failure(fetchAt(madeUpHash))).toMatchObject({ code: 'BLOCK_UNVERIFIED' })
    expect(await failure(fetchAt(hash))).toMatchObject({ code: 'BLOCK_FOREIGN' })
    const { lightClient: _, ...without } = configOf(honest)
    expect(await fetchAt(madeUpHash, Quorum.open({ config: without, nowMs }))).toMatchObject({ value: 7 })
  })
})

describe('fetchAt, of what a gateway has just verified', () => {
  const query: Query.Query<number> = { calls: [], parse: () => 7 }

  test('bug: a block that became final since the last look was refused, though the committee had signed it', async () => {
    await later()
    const signer = open(honest)
    await signer.pin()
    await truth.mine(3)
    // Long enough for news, and too short to wait for them unasked.
    clock += 5_000
    const { block } = await open(honest).pin()
    expect(await Query.fetchAt({ reader: signer, block, query })).toMatchObject({ value: 7, pinned: { block } })
    const ahead = { number: block.number + 1n, hash: block.hash }
    expect(await failure(Query.fetchAt({ reader: signer, block: ahead, query }))).toMatchObject({ code: 'BLOCK_NOT_FINAL' })
  })

  test('bug: a beacon node that hangs kept whoever named a block waiting, though another had told of it', async () => {
    await using mute = await BeaconNode.start({ target: truth.url, committeeSize: 8, nowMs })
    mute.become('hang')
    const beacons = [{ id: 'mute', url: mute.url }, ...node.description.beacons]
    await later()
    const { block } = await open(honest).pin()
    const config = configOf(honest, { lightClient: { ...lightClient(), beacons, timeoutMs: 30_000 } })
    const signer = Quorum.open({ config, nowMs })
    expect(await Query.fetchAt({ reader: signer, block, query })).toMatchObject({ value: 7, pinned: { block } })
    // It is waited for still, by nobody.
    expect(signer.lightFaults()).toEqual([])
  })
})

describe('what is configured', () => {
  test('worked example: what docs/gateways.md shows is accepted', async () => {
    const text = await readFile(new URL('../../../../docs/gateways.md', import.meta.url), 'utf8')
    const shown = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) => json ?? '').find((json) => json.includes('"lightClient"'))
    const { lightClient, evidence } = JSON.parse(shown ?? '{}') as Pick<ChainConfig.ChainConfig, 'lightClient' | 'evidence'>
    const { lightClient: _, evidence: __, ...rest } = configOf(honest, { chainId: 1 })
    const terms = {
      slotSeconds: 12,
      slotsPerEpoch: 32,
      epochsPerPeriod: 256,
      committeeSize: 512,
      maxCheckpointAgeSeconds: 1_209_600,
      timeoutMs: 5_000,
    }
    if (!lightClient || !evidence) throw new Error('it shows both')
    expect(ChainConfig.of({ ...rest, evidence, lightClient: { ...terms, ...lightClient } }).lightClient?.beacons).toHaveLength(2)
  })

  test('error: each field that is wrong is named', () => {
    const faulty = {
      ...(lightClient() as LightClient.Config),
      beacons: [
        { id: 'x', url: 'ftp://x' },
        { id: 'x', url: 'http://x' },
      ],
      ...{ checkpoint: '0x12', genesisValidatorsRoot: '0x34', committeeSize: 48, slotSeconds: 0 },
      forks: [
        { epoch: 5, version: '0x05', shape: 'electra' },
        { epoch: 5, version: '0x05000000', shape: 'electra' },
      ],
    } as const satisfies Partial<LightClient.Config>
    const { evidence: _, ...rest } = configOf(honest, { chainId: 1, finality: { tag: 'safe', maxAgeSeconds: 60 }, lightClient: faulty })
    expect(() => ChainConfig.of(rest)).toThrow(
      'a lightClient needs evidence proof; a lightClient needs finality.tag finalized, without a depth; ' +
        'lightClient.slotSeconds must be a positive integer; lightClient.checkpoint must be 32 bytes; ' +
        'lightClient.genesisValidatorsRoot must be 32 bytes; lightClient.committeeSize must be a power of two from 8; ' +
        'a committee of 48 is for local chains; lightClient.forks[0].version must be 4 bytes; ' +
        'lightClient.forks[1] must begin after the one before it; beacon x has no http or https url; beacon id x is used twice',
    )
    const empty = { ...lightClient(), forks: [], beacons: [] }
    expect(() => ChainConfig.of(configOf(honest, { lightClient: empty }))).toThrow(
      'must name the fork of now; lightClient.beacons must name',
    )
  })
})
