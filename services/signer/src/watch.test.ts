import type { Deployment } from '@plimsoll/api'
import type { Oracle, Quorum } from '@plimsoll/chain'
import { describe, expect, test } from 'vitest'
import * as Endings from './Endings.ts'
import * as Watch from './watch.ts'

const config = { chainId: 7, name: 'harbour', sources: [{ id: 'a', operator: 'one' }] }
const deployment = { chains: [config], markets: [], params: { maxForecastAgeSeconds: 60 } } as unknown as Deployment.Deployment
const pinned = { block: { number: 9n, timestamp: 90 }, dissent: [] } as unknown as Quorum.Pinned

/** What is wrong, by the ports that say so. */
function watch(
  change: Partial<Watch.open.Args> & { readonly pin?: () => Promise<Quorum.Pinned>; readonly light?: readonly string[] } = {},
) {
  const { pin = async () => pinned, light = [], ...rest } = change
  const reader = { config, pin, lightFaults: () => light, scores: () => new Map() } as unknown as Quorum.Reader
  return Watch.open({
    ...{ deployment, readers: new Map([[7, reader]]), forecasterUrl: null, nowMs: () => 100_500 },
    prices: { look: async () => new Map() },
    accepted: { look: async () => true },
    memory: { flaw: () => null, counts: () => ({ lasting: 0, brought: 0, carried: 0 }) },
    weighing: { round: async () => {} },
    ...rest,
  })
}
const faultsOf = async (of: Watch.Watch) => {
  await of.round()
  return of.shown().faults
}
const failing = (code: string) => () => Promise.reject(Object.assign(new Error('It is gone.'), { code }))

describe('shown', () => {
  test('worked example: nothing stands against it, and where each chain is', async () => {
    const of = watch()
    expect(of.shown().chains).toMatchObject([{ status: 'missing', code: 'NOT_READ' }])
    await of.round()
    expect(of.shown()).toEqual({
      ...{ status: 'ok', faults: [], parted: { lasting: 0, brought: 0, carried: 0 } },
      chains: [
        {
          ...{ chainId: 7, name: 'harbour', status: 'ok', code: null, blockNumber: '9', blockAgeSeconds: 10.5 },
          sources: [{ id: 'a', operator: 'one', agrees: true, why: null, scorePpm: 1_000_000 }],
        },
      ],
    })
  })

  test('bug: a signer said nothing of a chain that it cannot read, nor of its light client', async () => {
    const light = ['LIGHT_CHECKPOINT_AGING: the checkpoint can be started from for another 9 s']
    const of = watch({ pin: failing('LIGHT_CLIENT_SILENT'), light })
    expect(await faultsOf(of)).toEqual(['chain 7: LIGHT_CLIENT_SILENT: It is gone.', `chain 7: ${light[0]}`])
    expect(of.shown()).toMatchObject({ status: 'degraded', chains: [{ status: 'missing', code: 'LIGHT_CLIENT_SILENT' }] })
  })

  test('edge: what it said of a part it says no longer once that is well', async () => {
    let isWell = false
    const of = watch({ pin: () => (isWell ? Promise.resolve(pinned) : failing('RPC_QUORUM_LOST')()) })
    expect(await faultsOf(of)).toHaveLength(1)
    isWell = true
    expect(await faultsOf(of)).toEqual([])
  })

  test('edge: prices, books and whoever parts, each by itself', async () => {
    const stale: Oracle.Assessment = { status: 'refused', code: 'ORACLE_STALE', sentence: 'The feed is 90 s old.' }
    expect(await faultsOf(watch({ prices: { look: async () => new Map([['7:0xfeed', stale]]) } }))).toEqual([
      'feed 0xfeed: ORACLE_STALE: The feed is 90 s old.',
    ])
    expect(await faultsOf(watch({ prices: { look: failing('RPC_QUORUM_LOST') } }))).toEqual(['prices: RPC_QUORUM_LOST: It is gone.'])
    expect((await faultsOf(watch({ accepted: { look: async () => false } }))).join()).toMatch(/^books: CERTIFICATE_UNREAD: /)
    expect(await faultsOf(watch({ accepted: { look: failing('LOG_DISAGREE') } }))).toEqual(['books: LOG_DISAGREE: It is gone.'])
    expect(await faultsOf(watch({ weighing: { round: failing('RPC_QUORUM_LOST') } }))).toEqual(['parted: RPC_QUORUM_LOST: It is gone.'])
  })

  test('edge: what is kept in no file, and what is nearly full: told of at three quarters', async () => {
    const { lasting, others } = Endings.sizes
    const memory = (counts: Endings.Counts, flaw: ReturnType<Watch.open.Args['memory']['flaw']> = null) => ({
      ...{ counts: () => counts, flaw: () => flaw },
    })
    const nearly = { lasting: (lasting * 3) / 4, brought: (others * 3) / 4, carried: (others * 3) / 4 }
    const below = { lasting: nearly.lasting - 1, brought: nearly.brought - 1, carried: nearly.carried - 1 }
    expect(await faultsOf(watch({ memory: memory(below) }))).toEqual([])
    expect((await faultsOf(watch({ memory: memory(nearly) }))).map((fault) => fault.split(': ').slice(0, 2).join(': '))).toEqual([
      ...['memory: MEMORY_NEARLY_FULL', 'memory: MEMORY_CROWDED', 'memory: MEMORY_CROWDED'],
    ])
    const flaw = { code: 'MEMORY_TAKEN', message: 'It is another’s.', hint: 'Run one.' }
    expect(await faultsOf(watch({ memory: memory(below, flaw) }))).toEqual(['memory: MEMORY_TAKEN: It is another’s. Run one.'])
  })
})

describe('round', () => {
  test('edge: a look that takes long is not begun again beside itself', async () => {
    let [looks, letGo] = [0, () => {}]
    const of = watch({
      pin: () => {
        looks += 1
        return new Promise((resolve) => {
          letGo = () => resolve(pinned)
        })
      },
    })
    const both = [of.round(), of.round()]
    expect(looks).toBe(1)
    letGo()
    await Promise.all(both)
    void of.round()
    expect(looks).toBe(2)
    letGo()
  })
})
