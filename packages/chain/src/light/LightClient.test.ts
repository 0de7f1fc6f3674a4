import { Anvil, BeaconNode } from '@plimsoll/localnet'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Hex } from '../Hex.ts'
import type { QuorumError } from '../Quorum.ts'
import * as LightClient from './LightClient.ts'

const chainId = 31_337_001
const day = 86_400
/** Slots that a committee signs in the kit's chain; a slot is a second. */
const period = 64

let anvil: Anvil.Anvil
let node: BeaconNode.BeaconNode
/** What every clock here says. Unix milliseconds. */
let clock = 0
const nowMs = () => clock

beforeAll(async () => {
  anvil = await Anvil.start({ chainId })
  await anvil.mine(40)
})
afterAll(() => anvil.stop())
beforeEach(async () => {
  clock = Date.now()
  node = await nodeOf()
  return () => node.stop()
})

const nodeOf = (options: Partial<BeaconNode.start.Options> = {}) =>
  BeaconNode.start({ target: anvil.url, committeeSize: 8, nowMs, ...options })
const configOf = (change: Partial<LightClient.Config> = {}): LightClient.Config => ({
  ...node.description,
  maxAgeSeconds: 600,
  maxCheckpointAgeSeconds: 14 * day,
  timeoutMs: 3_000,
  ...change,
})
const open = (change: Partial<LightClient.Config> = {}) => LightClient.open({ chainId, config: configOf(change), nowMs })

/** A new final block, so many seconds on: long enough for a client to wait until it has heard of it. */
async function later(seconds = 20): Promise<void> {
  await anvil.mine(1)
  clock += seconds * 1_000
}

const finalBlock = () => anvil.publicClient.getBlock({ blockTag: 'finalized' })
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: QuorumError) => error,
  )

describe('finals', () => {
  test('worked example: what the chain calls final, by what the committee signed, in two requests at first and one a slot after, in the background', async () => {
    const client = open()
    await later()
    const [final] = await client.finals()
    const { number, hash, parentHash, stateRoot, timestamp } = await finalBlock()
    expect(final).toMatchObject({ number, hash, parentHash, stateRoot, timestamp: Number(timestamp), slot: 1_018 })
    expect(client.faults()).toEqual([])
    expect(node.requests()).toBe(2)
    await client.finals()
    expect(node.requests()).toBe(2)

    await later(1)
    const [still] = await client.finals()
    expect(still).toEqual(final)
    for (let turn = 0; turn < 400 && client.known()?.number === number; turn += 1) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(node.requests()).toBe(3)
    const finals = await client.finals()
    expect(finals.map((it) => it.hash)).toContain((await finalBlock()).hash)
    expect(finals.map((it) => it.slot)).toEqual([...finals.map((it) => it.slot)].sort((a, b) => b - a))
  })

  test('worked example: committees are followed from period to period, each told by the one before', async () => {
    const client = open()
    await client.finals()
    for (const periods of [1, 2, 3]) {
      await later(periods * period)
      expect((await client.finals())[0]).toMatchObject({ hash: (await finalBlock()).hash })
    }
    const late = open()
    expect((await late.finals())[0]).toMatchObject({ hash: (await finalBlock()).hash })
  })

  test('worked example: over a fork that keeps its state elsewhere, and signs for another version', async () => {
    await node.stop()
    node = await nodeOf({
      forks: [
        { epoch: 0, version: '0x04000001', shape: 'deneb' },
        { epoch: 127, version: '0x05000001', shape: 'electra' },
      ],
    })
    // Slot 1,000 is of epoch 125; the fork is at slot 1,016.
    for (const slot of [1_004, 1_015, 1_016, 1_017, 1_018, 1_020]) {
      await later(node.description.genesisTime + slot - Math.floor(clock / 1_000))
      expect((await open().finals())[0]?.hash).toBe((await finalBlock()).hash)
    }
    const [first] = node.description.forks
    const blind = open({ forks: first ? [first] : [] })
    await blind.finals().catch(() => {})
    expect(blind.faults().join()).toContain('LIGHT_UPDATE_INVALID')
  })

  test.each([
    ['bits', 'its committee did not sign it'],
    ['half', 'less than two thirds of the committee signed it'],
    ['committee', 'its committee did not sign it'],
    ['fork', 'its committee did not sign it'],
    ['future', 'it is signed in the future'],
    ['finality', 'the block that it calls final is not final by the state that was signed'],
    ['execution', 'its execution block is not that of its beacon block'],
    ['unsigned', 'its committee did not sign it'],
    ['silent', 'HTTP 503'],
  ] as const)('error: a node that lies by %s is refused by its cause, and what was known stays', async (lie, detail) => {
    const client = open()
    const [known] = await client.finals()
    await later()
    node.become(lie)
    expect((await client.finals())[0]).toEqual(known)
    const why = lie === 'silent' ? 'RPC_HTTP_STATUS' : 'LIGHT_UPDATE_INVALID'
    expect(client.faults()).toEqual([`LIGHT_CLIENT_SOURCE: beacon node beacon node: ${why}: ${detail}`])
    node.become('none')
    await later()
    expect((await client.finals())[0]?.hash).toBe((await finalBlock()).hash)
    expect(client.faults()).toEqual([])
  })

  test('error: a node that never answers costs its time, once', async () => {
    node.become('hang')
    const client = open({ timeoutMs: 100 })
    expect(await failure(client.finals())).toMatchObject({ code: 'LIGHT_CLIENT_SILENT', dissent: [{ why: 'RPC_TIMEOUT' }] })
    const asked = node.requests()
    expect(await failure(client.finals())).toMatchObject({ code: 'LIGHT_CLIENT_SILENT' })
    expect(node.requests()).toBe(asked)
  })

  test('error: the next committee is that of the state that was signed, or none', async () => {
    const client = open()
    await client.finals()
    await later(period)
    node.become('next')
    await client.finals()
    expect(client.faults().join()).toContain('its next committee is not that of the state that was signed')
  })

  test('edge: an older block that is called final again is no news, and no fault', async () => {
    const client = open()
    await later()
    const [known] = await client.finals()
    node.become('old')
    await later()
    expect(await client.finals()).toMatchObject([known, { slot: 998 }])
    expect(client.faults()).toEqual([])
  })

  test('edge: one honest node of three is enough, and the others are named', async () => {
    const [mute, liar] = await Promise.all([nodeOf(), nodeOf()])
    mute.become('silent')
    liar.become('committee')
    const client = open({
      beacons: [{ id: 'mute', url: mute.url }, { id: 'liar', url: liar.url }, ...node.description.beacons],
    })
    await later()
    expect((await client.finals())[0]?.hash).toBe((await finalBlock()).hash)
    expect(client.faults()).toEqual([
      expect.stringContaining('beacon node mute: RPC_HTTP_STATUS'),
      expect.stringContaining('beacon node liar: LIGHT_UPDATE_INVALID'),
    ])
    await Promise.all([mute.stop(), liar.stop()])
  })

  test('error: silent for longer than is allowed, or heard and behind: each by its name, and never the last value', async () => {
    const client = open()
    await later()
    await client.finals()
    node.become('silent')
    clock += 500_000
    expect(await client.finals()).toHaveLength(2)
    clock += 200_000
    expect(await failure(client.finals())).toMatchObject({ code: 'LIGHT_CLIENT_SILENT', message: expect.stringContaining('HTTP 503') })
    node.become('old')
    clock += 20_000
    expect(await failure(client.finals())).toMatchObject({ code: 'LIGHT_CLIENT_BEHIND' })
    node.become('none')
    await later()
    expect((await client.finals())[0]?.hash).toBe((await finalBlock()).hash)
  })

  test('error: a checkpoint of too long ago, of another chain, or that no node has', async () => {
    const old = open({ maxCheckpointAgeSeconds: 3_600 })
    clock += 3_700_000
    expect(await failure(old.finals())).toMatchObject({ code: 'LIGHT_CHECKPOINT_OLD' })
    expect(await failure(open({ checkpoint: `0x${'11'.repeat(32)}` as Hex }).finals())).toMatchObject({
      code: 'LIGHT_CLIENT_SILENT',
      dissent: [{ why: 'RPC_HTTP_STATUS', detail: 'HTTP 404' }],
    })
    await later()
    const other = open({ genesisValidatorsRoot: `0x${'22'.repeat(32)}` as Hex })
    await other.finals().catch(() => {})
    expect(other.faults().join()).toContain('LIGHT_UPDATE_INVALID')
  })
  test('edge: a checkpoint that will soon be too old to start from is told of, with a newer one', async () => {
    const client = open({ maxCheckpointAgeSeconds: 400 })
    await client.finals()
    clock += 290_000
    await later(1)
    await client.finals()
    expect(client.faults()).toEqual([])
    await later(20)
    const [newest] = await client.finals()
    expect(client.faults()).toEqual([expect.stringMatching(`^LIGHT_CHECKPOINT_AGING: .* another 87 s; .* ${newest?.root}$`)])
    // What it named can be stood on.
    const renewed = open({ maxCheckpointAgeSeconds: 400, checkpoint: newest?.root ?? '0x' })
    expect((await renewed.finals())[0]).toEqual(newest)
  })

  test('bug: a clock that was ahead and is set back stopped all asking until it had caught up', async () => {
    const client = open()
    clock += 500_000
    await client.finals()
    clock -= 400_000
    await later()
    expect((await client.finals())[0]?.hash).toBe((await finalBlock()).hash)
  })

  test('edge: up to a named block: nodes are asked before the slot is over, once a second, and not where it is known', async () => {
    await node.stop()
    node = await nodeOf({ slotSeconds: 12 })
    const client = open()
    await client.finals()
    const before = node.requests()
    const { number } = await finalBlock()
    const askedFor = async (reach: bigint | null, afterMs: number) => {
      clock += afterMs
      await client.finals({ reach })
      return node.requests() - before
    }
    expect(await askedFor(number + 1n, 999)).toBe(0)
    expect(await askedFor(number, 2)).toBe(0)
    expect(await askedFor(null, 0)).toBe(0)
    expect(await askedFor(number + 1n, 0)).toBe(1)
    expect(await askedFor(number + 1n, 999)).toBe(1)
    expect(await askedFor(number + 1n, 1)).toBe(2)
  })

  test('edge: a named block that is known does where what is known is young enough, else it waits for news', async () => {
    const client = open({ maxAgeSeconds: 20 })
    await client.finals()
    const { number } = await finalBlock()
    await later(20)
    expect((await client.finals({ reach: number }))[0]?.hash).toBe((await finalBlock()).hash)
  })
})
