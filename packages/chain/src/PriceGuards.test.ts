import { describe, expect, test } from 'vitest'
import { feedKey } from './CollateralView.ts'
import type * as Oracle from './Oracle.ts'
import * as PriceGuards from './PriceGuards.ts'

const one = 10n ** 18n
const [ether, dollar, other] = ['e1', 'd1', 'd2'].map((byte) => `0x${byte.repeat(20)}` as const) as [
  `0x${string}`,
  `0x${string}`,
  `0x${string}`,
]
const names = new Map([ether, dollar, other].map((address, i) => [feedKey({ chainId: 3, address }), ['ether', 'dollar', 'other'][i]]))
const deployment: PriceGuards.open.Args = {
  feeds: { chainId: 3, heartbeatSeconds: 3_600 },
  assets: [{ feed: dollar, secondFeed: other }, { feed: ether }],
  markets: [{ feed: ether, throughTheCycleSigmaPpm: 650_000 }],
}
const price = (dollars: bigint, publishedAt = 0): Oracle.Assessment => ({ status: 'ok', price: dollars * one, confidence: 0n, publishedAt })
type Read = { readonly ether?: Oracle.Assessment; readonly dollar?: Oracle.Assessment; readonly other?: Oracle.Assessment }
const well: Read = { ether: price(3_000n), dollar: price(1n), other: price(1n) }

/** What each round of reads comes to. */
function run(reads: readonly Read[], change: Partial<PriceGuards.open.Args> = {}, last: PriceGuards.Round['sequencer'] = null) {
  const guards = PriceGuards.open({ ...deployment, ...change })
  return reads.map((given, asOf) => {
    const read = new Map<string, Oracle.Assessment>()
    for (const [key, name] of names) {
      const assessed = given[name as keyof Read]
      if (assessed !== undefined) read.set(key, assessed)
    }
    const allowed = guards.next({ read, sequencer: asOf === reads.length - 1 ? last : null, asOf })
    return Object.fromEntries([...allowed].map(([key, it]) => [names.get(key), it.status === 'ok' ? it.price / one : it.code]))
  })
}
const then = (read: Read, ...rest: [Partial<PriceGuards.open.Args>?, PriceGuards.Round['sequencer']?]) =>
  run([well, well, well, read], ...rest).at(-1)

describe('feeds', () => {
  test('edge: each once, second sources besides', () => {
    expect(PriceGuards.open(deployment).feeds).toEqual([dollar, other, ether])
  })
})

describe('next', () => {
  test('worked example: three rounds, and each price counts as it was read; what slips is held back alone', () => {
    const slip = { ...well, ether: price(3_000_000n, 9) }
    expect(run([well, well, well, slip, slip])).toEqual([
      { ether: 'STARTING', dollar: 'STARTING' },
      { ether: 'STARTING', dollar: 'STARTING' },
      { ether: 3_000n, dollar: 1n },
      { ether: 'ORACLE_QUARANTINED', dollar: 1n },
      { ether: 'ORACLE_QUARANTINED', dollar: 1n },
    ])
  })

  test('error: a second source that is far, or not there; a feed that is not there', () => {
    const { ether: _, ...without } = well
    expect(then({ ...well, other: price(2n) })).toEqual({ ether: 3_000n, dollar: 'ORACLE_OUT_OF_BAND' })
    expect(then({ ether: price(3_000n), dollar: price(1n) })).toEqual({ ether: 3_000n, dollar: 'ORACLE_UNREADABLE' })
    expect(then(without)).toEqual({ ether: 'ORACLE_UNREADABLE', dollar: 1n })
  })

  test('error: a sequencer that is down is every price’s', () => {
    const down = { status: 'refused', code: 'SEQUENCER_DOWN', sentence: 'It is.' } as const
    expect(then(well, {}, down)).toEqual({ ether: 'SEQUENCER_DOWN', dollar: 'SEQUENCER_DOWN' })
  })

  test('edge: ten deviations are those of the market with that feed; a price of no market has the deployment’s greatest move', () => {
    const strict = { feeds: { ...deployment.feeds, jumpSigmas: 10, jumpPpm: 500_000 } }
    expect(then({ ...well, ether: price(3_208n, 9) }, strict)).toMatchObject({ ether: 3_208n })
    expect(then({ ...well, ether: price(3_209n, 9) }, strict)).toMatchObject({ ether: 'ORACLE_QUARANTINED' })
    const moved = { ...well, dollar: price(2n, 9), other: price(1n) }
    expect(then(moved, { ...strict, assets: [{ feed: dollar }] })).toMatchObject({ dollar: 'ORACLE_QUARANTINED' })
    expect(then(moved, { assets: [{ feed: dollar }] })).toMatchObject({ dollar: 2n })
  })

  test('bug: a second source that only an asset names was forgotten where a market has the same feed', () => {
    const change = { assets: [{ feed: ether, secondFeed: other }] }
    const near = { ...well, other: price(3_000n) }
    expect(run([near, near, near], change).at(-1)).toEqual({ ether: 3_000n })
    expect(run([near, near, near, { ...near, other: price(2_900n) }], change).at(-1)).toEqual({ ether: 'ORACLE_OUT_OF_BAND' })
  })
})

describe('most', () => {
  test('worked example: five times what was last lent on, ten a day later; nothing is told of what never was', () => {
    const guards = PriceGuards.open(deployment)
    const read = new Map([[feedKey({ chainId: 3, address: ether }), price(3_000n)]])
    for (const asOf of [0, 1]) guards.next({ read, sequencer: null, asOf })
    expect(guards.most(1)).toEqual(new Map())
    guards.next({ read, sequencer: null, asOf: 2 })
    guards.next({ read: new Map(), sequencer: null, asOf: 3 })
    const most = (asOf: number) => [...guards.most(asOf)].map(([key, it]) => [names.get(key), it / one])
    expect(most(4)).toEqual([['ether', 15_000n]])
    expect(most(86_400)).toEqual([['ether', 30_000n]])
  })
})

describe('recall', () => {
  test('worked example: who starts while a price is out goes on from what was kept; what was lent on here since counts instead', () => {
    const before = PriceGuards.open(deployment)
    const read = new Map([[feedKey({ chainId: 3, address: ether }), price(3_000n)]])
    for (const asOf of [0, 1, 2]) before.next({ read, sequencer: null, asOf })
    expect(before.claimed()).toEqual(new Map([[ether, { price: 3_000n * one, at: 0 }]]))

    const after = PriceGuards.open(deployment)
    after.recall(before.claimed())
    after.next({ read: new Map(), sequencer: null, asOf: 10 })
    expect([...after.most(10).values()]).toEqual([15_000n * one])
    // A price that is told meanwhile and may not be lent on yet raises it; then it is trusted.
    const dearer = new Map([[feedKey({ chainId: 3, address: ether }), price(4_000n, 11)]])
    after.next({ read: dearer, sequencer: null, asOf: 11 })
    expect(after.claimed().get(ether)).toEqual({ price: 4_000n * one, at: 0 })
    const cheaper = new Map([[feedKey({ chainId: 3, address: ether }), price(2_000n, 12)]])
    for (const asOf of [12, 13, 14]) after.next({ read: cheaper, sequencer: null, asOf })
    expect(after.claimed().get(ether)).toEqual({ price: 2_000n * one, at: 12 })
    after.recall(before.claimed())
    after.next({ read: new Map(), sequencer: null, asOf: 15 })
    expect(after.claimed().get(ether)).toEqual({ price: 2_000n * one, at: 12 })
  })
})
