import { describe, expect, test } from 'vitest'
import * as Collateral from './Collateral.ts'
import type { Snapshot } from './Snapshot.ts'
import * as World from './testing/World.ts'

const [lot] = World.snapshot().views.get(World.participantId)?.lots ?? []
if (!lot) throw new Error('there is a lot')
const lots = (...changes: readonly Partial<typeof lot>[]): Partial<Snapshot> => ({
  views: new Map([[World.participantId, { lots: changes.map((change) => ({ ...lot, ...change })), missing: [] }]]),
})
const view = (change: Partial<Snapshot> = {}, services: Parameters<typeof World.services>[0] = {}) =>
  Collateral.view(World.services(services, World.snapshot(change)), World.session)
const bound = (encumbered: bigint): Partial<Snapshot> => ({ ledger: { ...World.snapshot().ledger, encumbered: () => encumbered } })

describe('view', () => {
  test('worked example: 10,000 dollars locked, 6,000 of them bound: 4,000 are free', () => {
    expect(view(bound(World.usd(6_000)))).toMatchObject({
      ...{ credit: World.usd(10_000).toString(), encumbered: World.usd(6_000).toString(), free: World.usd(4_000).toString() },
      lots: [{ value: World.usd(10_000).toString(), credit: World.usd(10_000).toString(), why: 'counts at 100.00 % of its price' }],
    })
  })

  test('edge: what is bound to the last unit leaves nothing free, and so does more than there is', () => {
    expect(view(bound(World.usd(10_000) - 1n)).free).toBe('1')
    expect(view(bound(World.usd(10_000))).free).toBe('0')
    expect(view(bound(World.usd(10_001))).free).toBe('0')
  })

  test('rounding: a worth is rounded down', () => {
    const price = { ...lot.price, value: 1_999_999n }
    expect(view(lots({ amount: 1n, price })).lots[0]).toMatchObject({ value: '1' })
    expect(view(lots({ amount: 1n, decimals: 18, price: { ...price, value: 10n ** 18n - 1n } })).lots[0]).toMatchObject({ value: '0' })
  })

  test('edge: it is as of the second that it was taken in, and as old as it is by the clock; never from tomorrow', () => {
    const takenAtMs = World.now * 1_000 + 999
    const at = (nowMs: number) => view({ takenAtMs }, { now: () => nowMs })
    expect(at(takenAtMs + 2_500)).toMatchObject({ asOf: World.now, ageSeconds: 2.5 })
    expect(at(takenAtMs - 2_500).ageSeconds).toBe(0)
    // A block of 120 s counts, and one that is a second older does not.
    const of = (timestamp: number) => ({ ...lots({ block: { ...lot.block, timestamp } }), takenAtMs })
    expect(view(of(World.now - 120)).credit).toBe(World.usd(10_000).toString())
    expect(view(of(World.now - 121)).credit).toBe('0')
  })

  test('edge: lots that signers do not count are shown with no credit, and why', () => {
    const uncounted = () => [{ chainId: lot.chainId, holder: lot.holder, code: 'LINK_UNPROVEN' }]
    const shown = view({}, { signer: { ...World.services().signer, uncounted } })
    expect(shown).toMatchObject({ credit: '0', free: '0', lots: [{ credit: '0', value: World.usd(10_000).toString() }] })
    expect(shown.lots[0]?.why).toMatch(/^counts nothing: /)
    expect(shown.lots[0]?.why).not.toContain('largest')
  })
})

describe('chainOf', () => {
  const chain = { chainId: 1, name: 'one', status: 'ok' as const, code: null, blockNumber: 9n, blockTime: World.now - 2, sources: [] }
  test('worked example: a block is as old as it is by the clock, never from tomorrow, and of no age where there is none', () => {
    const at = (nowMs: number, change: Partial<typeof chain> = {}) => Collateral.chainOf({ ...chain, ...change }, nowMs)
    expect(at(World.now * 1_000 + 500)).toMatchObject({ blockNumber: '9', blockAgeSeconds: 2.5 })
    expect(at((World.now - 3) * 1_000).blockAgeSeconds).toBe(0)
    expect(Collateral.chainOf({ ...chain, blockNumber: null, blockTime: null }, World.now * 1_000)).toMatchObject({
      ...{ blockNumber: null, blockAgeSeconds: null },
    })
  })
})
