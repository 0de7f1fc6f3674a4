import { Anvil, BeaconNode } from '@plimsoll/localnet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Beacon from './Beacon.ts'
import * as LightStore from './LightStore.ts'

const chainId = 31_337_001
const period = 64
let anvil: Anvil.Anvil
let node: BeaconNode.BeaconNode
let clock = Date.now()
let store: LightStore.LightStore
let bootstrap: unknown
/** Newer than the checkpoint, of the same period. */
let update: Beacon.Update
let json: { data: Record<string, unknown> }
/** The time of the slot that it was signed in. */
let asOf: number
let terms: LightStore.Terms

const get = async (path: string): Promise<unknown> => (await fetch(`${node.url}/eth/v1/beacon/light_client/${path}`)).json()
const size = 32

beforeAll(async () => {
  anvil = await Anvil.start({ chainId })
  await anvil.mine(40)
  node = await BeaconNode.start({ target: anvil.url, nowMs: () => clock })
  terms = node.description
  bootstrap = await get(`bootstrap/${node.description.checkpoint}`)
  store = await LightStore.from({
    checkpoint: node.description.checkpoint,
    bootstrap: Beacon.parseBootstrap(bootstrap, size),
    terms,
  })
  await anvil.mine(1)
  clock += 10_000
  json = (await get('finality_update')) as typeof json
  update = Beacon.parseUpdate(json, size)
  asOf = terms.genesisTime + update.signatureSlot
})
afterAll(async () => {
  await node.stop()
  await anvil.stop()
})

const next = (change: Partial<Beacon.Update> = {}, rest: Partial<LightStore.next.Args> = {}) =>
  LightStore.next({ store, update: { ...update, ...change }, terms, asOf, ...rest })
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => 'accepted',
    (error: LightStore.InvalidUpdateError) => error.detail,
  )

describe('from', () => {
  test('worked example: a checkpoint is a final block, and the committee of its period', () => {
    expect(store.finals).toMatchObject([{ root: node.description.checkpoint, slot: 998, number: 32n }])
    expect([...store.committees.keys()]).toEqual([Math.floor(998 / period)])
  })

  test('error: another root, another committee, a key that is none', async () => {
    const { checkpoint } = node.description
    const parsed = Beacon.parseBootstrap(bootstrap, size)
    const of = (change: Partial<LightStore.from.Args>) => refusal(LightStore.from({ checkpoint, bootstrap: parsed, terms, ...change }))
    expect(await of({ checkpoint: `0x${'12'.repeat(32)}` })).toBe('it is not the checkpoint')
    const [first, ...keys] = parsed.committee.keys
    const others = { ...parsed, committee: { ...parsed.committee, keys: [...keys, first ?? '0x'] } }
    expect(await of({ bootstrap: others })).toBe('its committee is not that of the checkpoint')
    expect(await of({ terms: { ...terms, forks: terms.forks.map((fork) => ({ ...fork, shape: 'deneb' as const })) } })).toBe(
      'its committee is not that of the checkpoint',
    )
    expect(await of({ terms: { ...terms, forks: terms.forks.map((fork) => ({ ...fork, epoch: 126 })) } })).toBe(
      'slot 998 is before every fork that is known',
    )
  })
})

describe('next', () => {
  test('worked example: a newer final block comes first, and the checkpoint stays behind it', async () => {
    const found = await next()
    expect(found).toMatchObject({ status: 'news', store: { finals: [{ slot: 1_008, number: 33n }, { slot: 998 }] } })
  })

  test('edge: what is as new as what is known is not looked into', async () => {
    const found = await next()
    if (found.status !== 'news') throw new Error('it is news')
    expect(await next({ signature: '0x' }, { store: found.store })).toEqual({ status: 'known' })
    expect(await next({ next: null })).toMatchObject({ status: 'news' })
  })

  test('edge: slots in their order, each at its bound', async () => {
    const { attested, finalized, signatureSlot } = update
    expect(await refusal(next({ signatureSlot: attested.slot }))).toBe('its slots are out of order')
    expect(await refusal(next({ attested: { ...attested, slot: finalized.block.slot - 1 } }))).toBe('its slots are out of order')
    expect(await refusal(next({}, { asOf: asOf - 1 }))).toBe('it is signed in the future')
    expect(await refusal(next({ signatureSlot: signatureSlot + 1 }))).toBe('it is signed in the future')
    expect(await refusal(next({}, { asOf }))).toBe('accepted')
    // Of twelve seconds a slot, as on Ethereum.
    const slow = (asOf: number) => refusal(next({}, { asOf, terms: { ...terms, slotSeconds: 12 } }))
    expect(await slow(terms.genesisTime + 12 * signatureSlot - 1)).toBe('it is signed in the future')
    expect(await slow(terms.genesisTime + 12 * signatureSlot)).toBe('accepted')
  })

  test('edge: two thirds of 32 are 22', async () => {
    const bits = (count: number) => update.bits.map((_, i) => i < count)
    expect(await refusal(next({ bits: bits(21) }))).toBe('less than two thirds of the committee signed it')
    expect(await refusal(next({ bits: bits(22) }))).toBe('its committee did not sign it')
    expect(await refusal(next({ bits: bits(31) }))).toBe('accepted')
    // Of 24 they are 16, no fewer.
    expect(await refusal(next({ bits: bits(15).slice(0, 24) }))).toBe('less than two thirds of the committee signed it')
    expect(await refusal(next({ bits: bits(16).slice(0, 24) }))).toBe('its committee did not sign it')
  })

  test('edge: signed by a committee that is not known yet, or no more', async () => {
    const later = { asOf: asOf + 10 * period }
    expect(await next({ signatureSlot: update.signatureSlot + 2 * period }, later)).toEqual({
      status: 'ahead',
      period: Math.floor(update.signatureSlot / period) + 2,
    })
    const committees = new Map([...store.committees].map(([at, committee]) => [at + 3, committee]))
    expect(await refusal(next({}, { store: { ...store, committees } }))).toBe('it is signed by a committee of long ago')
  })

  test('error: an execution block that its beacon block does not carry, at a checkpoint and after it', async () => {
    const said = 'its execution block is not that of its beacon block'
    const { finalized } = update
    const other = { ...finalized, execution: { ...finalized.execution, root: new Uint8Array(32) } }
    expect(await refusal(next({ finalized: other }))).toBe(said)
    expect(await refusal(next({ finalized: { ...finalized, branch: finalized.branch.slice(1) } }))).toBe(said)
    const parsed = Beacon.parseBootstrap(bootstrap, size)
    const header = { ...parsed.header, execution: { ...parsed.header.execution, root: new Uint8Array(32) } }
    const from = LightStore.from({ checkpoint: node.description.checkpoint, bootstrap: { ...parsed, header }, terms })
    expect(await refusal(from)).toBe(said)
  })

  test('edge: what is signed is of the fork of the slot before, from the first of an epoch on', async () => {
    const [fork] = terms.forks
    if (!fork) throw new Error('there is a fork')
    const { signatureSlot } = update
    const forked = (epoch: number, slotsPerEpoch: number) => {
      const forks = [fork, { ...fork, epoch, version: '0x99999999' as const }]
      return refusal(next({}, { terms: { ...terms, slotsPerEpoch, epochsPerPeriod: period / slotsPerEpoch, forks } }))
    }
    expect(await forked(signatureSlot, 1)).toBe('accepted')
    expect(await forked(signatureSlot - 1, 1)).toBe('its committee did not sign it')
    // An epoch that has begun is not the next one.
    const [epoch, half] = [Math.floor((signatureSlot - 1) / period), period / 2]
    expect(await forked(epoch + 1, period)).toBe('accepted')
    expect(await forked(Math.ceil((signatureSlot - 1) / half), half)).toBe('accepted')
  })

  test('edge: the committee of the period before is let go', async () => {
    const [[at, committee] = []] = store.committees
    if (at === undefined || committee === undefined) throw new Error('there is a committee')
    const committees = new Map([at - 1, at].map((known) => [known, committee]))
    const found = await next({}, { store: { ...store, committees } })
    expect(found.status === 'news' && [...found.store.committees.keys()]).toEqual([at])
  })

  test('edge: the next committee counts where its period has made it final, and is needed once', async () => {
    const at = Math.floor(update.signatureSlot / period)
    const [full] = (await get(`updates?start_period=${at}&count=1`)) as [unknown]
    const told = Beacon.parseUpdate(full, size)
    const learned = await next(told)
    if (learned.status !== 'news') throw new Error('it is news')
    expect([...learned.store.committees.keys()]).toEqual([at, at + 1])
    expect(await next(told, { store: learned.store })).toEqual({ status: 'known' })
    // Nothing is final before the first block, whoever comes next.
    const finalAt = (slot: number) => ({ ...told, finalized: { ...told.finalized, block: { ...told.finalized.block, slot } } })
    expect(await refusal(next(finalAt(0)))).toBe('its slots are out of order')
    expect(await refusal(next(finalAt(1)))).toContain('not final by the state')
    // Final since the period before, were periods so long: the block is news, its committee is not taken.
    const other = { ...terms, slotsPerEpoch: 1, epochsPerPeriod: told.attested.slot }
    const committees = new Map([...store.committees].map(([, committee]) => [1, committee]))
    const found = await next(told, { terms: other, store: { ...store, committees } })
    expect(found).toMatchObject({ status: 'news', store: { finals: [{ slot: told.finalized.block.slot }, { slot: 998 }] } })
    expect(found.status === 'news' && [...found.store.committees.keys()]).toEqual([1])
    const known = { ...store, finals: [{ ...store.finals[0], slot: told.finalized.block.slot }], committees } as const
    expect(await next(told, { terms: other, store: known })).toEqual({ status: 'known' })
    const bad = { ...told, next: told.next && { ...told.next, branch: [...told.next.branch].reverse() } }
    expect(await refusal(next(bad))).toBe('its next committee is not that of the state that was signed')
    expect(await refusal(next({ ...told, finality: told.finality.slice(1) }))).toContain('not final by the state')
  })

  test('edge: twenty blocks are remembered', async () => {
    const [final] = store.finals
    const many = Array.from({ length: 25 }, (_, i) => ({ ...final, slot: final.slot - i }))
    const found = await next({}, { store: { ...store, finals: [final, ...many] } })
    if (found.status !== 'news') throw new Error('it is news')
    expect(found.store.finals).toHaveLength(20)
  })
})

describe('what a node sends', () => {
  test('error: every field is read strictly, and nothing is filled in', () => {
    const { data } = json
    const { finalized_header: header } = data as { readonly finalized_header: Record<string, Record<string, unknown>> }
    const broken = (name: string, value: unknown) => () =>
      Beacon.parseUpdate({ data: { ...data, finalized_header: { ...header, execution: { ...header['execution'], [name]: value } } } }, size)
    for (const value of ['01', '-1', '1e3', '0x1', 5, null, undefined, '18446744073709551616'])
      expect(broken('block_number', value)).toThrow(/block_number/)
    const ends = [`${2n ** 64n - 1n}`, `${2n ** 64n}`] as const
    for (const name of ['block_number', 'gas_limit', 'gas_used', 'blob_gas_used', 'excess_blob_gas']) {
      expect(broken(name, ends[0])).not.toThrow()
      expect(broken(name, ends[1])).toThrow(`${name} of more than 64 bits`)
    }
    const proposed = (proposer_index: string) => () =>
      Beacon.parseUpdate({ data: { ...data, finalized_header: { ...header, beacon: { ...header['beacon'], proposer_index } } } }, size)
    expect(proposed(ends[0])).not.toThrow()
    expect(proposed(ends[1])).toThrow('proposer_index of more than 64 bits')
    expect(broken('timestamp', '9007199254740993')).toThrow('beyond 2^53')
    expect(broken('timestamp', '9007199254740991')).not.toThrow()
    expect(broken('extra_data', `0x${'00'.repeat(32)}`)).not.toThrow()
    expect(broken('extra_data', `0x${'00'.repeat(33)}`)).toThrow('more than 32 bytes')
    const branched = (length: number) => () =>
      Beacon.parseUpdate({ data: { ...data, finality_branch: new Array(length).fill(`0x${'00'.repeat(32)}`) } }, size)
    expect(branched(64)).not.toThrow()
    expect(branched(65)).toThrow('a branch that is none')
    expect(broken('logs_bloom', '0x00')).toThrow('256 bytes')
    expect(broken('base_fee_per_gas', `${2n ** 256n}`)).toThrow('more than 256 bits')
    expect(() => Beacon.parseUpdate({ data: { ...data, finality_branch: 'x' } }, size)).toThrow('a branch that is none')
    expect(() => Beacon.parseUpdate({ data: { ...data, sync_aggregate: {} } }, size)).toThrow('sync_committee_bits')
    expect(() => Beacon.parseUpdate(json, 64)).toThrow('8 bytes')
    expect(() => Beacon.parseBootstrap(bootstrap, 64)).toThrow('not of 64 keys')
    for (const value of [null, [], 'x', {}]) expect(() => Beacon.parseUpdate(value, size)).toThrow('something without data')
  })
})
