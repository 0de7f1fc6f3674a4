import type { Snapshot } from '@plimsoll/api'
import { Hash } from '@plimsoll/contracts'
import type { Inputs } from '@plimsoll/margin'
import type { Book } from '@plimsoll/store'
import { describe, expect, test } from 'vitest'
import * as Calls from './calls.ts'

const address = (byte: string) => `0x${byte.repeat(20)}` as const

describe('due', () => {
  const participantId = Hash.ofText('participant')
  const usd = 10n ** 18n
  const lot: Inputs.Lot = {
    ...{ lotId: Hash.ofText('lot'), chainId: 1, holder: address('aa'), asset: 'USDC', token: address('ee'), venue: address('ff') },
    ...{ custody: 'LOCKED', amount: 100n, pendingOut: 0n, decimals: 0, block: { number: 9n, hash: Hash.ofText('b'), timestamp: 990 } },
    price: { value: usd, confidence: 0n, publishedAt: 990 },
    haircuts: { assetPpm: 0, bridgePpm: 0, venuePpm: 0, agePpm: 0 },
  }
  const left = { ...lot, pendingOut: 100n }
  /** What is bound is 100. */
  const due = (given: {
    readonly firm: Inputs.Lot
    readonly seen?: Inputs.Lot
    readonly called?: boolean
    readonly gone?: Inputs.View['missing']
    readonly nobody?: boolean
    readonly unknown?: boolean
    readonly takenAtMs?: number
    /** The loss of ether over a close-out that is foreseen; none where nothing is. */
    readonly forecastPpm?: number
    /** In doubt, at the most that it may be worth. */
    readonly doubts?: readonly Inputs.Lot[]
    /** Beside the first. */
    readonly more?: readonly Inputs.Lot[]
  }) => {
    const {
      firm,
      seen = firm,
      called = false,
      gone = [],
      nobody = false,
      doubts = [],
      more = [],
      takenAtMs = 1_000_000,
      forecastPpm: longPpm,
    } = given
    const of = (one: Inputs.Lot) => new Map([[participantId, { lots: [one, ...more], missing: gone, doubts, beside: [] }]])
    const params = { maxViewAgeSeconds: 60, maxPriceAgeSeconds: 60, concentration: [{ upTo: null, weightPpm: 1_000_000 }] }
    const assets = new Map([
      ['USDC', null],
      ['WETH', 'ETH-PERP'],
    ])
    const forecast = longPpm === undefined ? { status: 'missing' } : { status: 'ok', forecast: { closeOut: { longPpm } } }
    const markets = new Map([['ETH-PERP', { forecast }]])
    const snapshot = { takenAtMs, params, views: of(seen), firm: of(firm), assets, markets }
    const participants = new Map([[participantId, { version: 1n, marginCall: called, releases: 100n * usd, keys: new Map() }]])
    const accounts = nobody ? [] : [{ address: address('aa'), chainId: 0 }]
    const members = new Map(given.unknown ? [] : [[participantId, { accounts }] as const])
    return Calls.due({ book: { participants } as unknown as Book.Book, snapshot: snapshot as unknown as Snapshot.Snapshot, members })
  }

  test('edge: called below what is bound, cleared at it, and said once', () => {
    expect(due({ firm: { ...lot, amount: 99n } })).toEqual([{ participantId, credit: 99n * usd }])
    expect(due({ firm: { ...lot, amount: 99n }, called: true })).toEqual([])
    expect(due({ firm: lot, called: true })).toEqual([{ participantId, credit: 100n * usd }])
    expect(due({ firm: lot })).toEqual([])
  })

  test('edge: nobody is called on the word of one source, or on a part of a view', () => {
    expect(due({ firm: lot, seen: left })).toEqual([])
    expect(due({ firm: left })).toEqual([{ participantId, credit: 0n }])
    expect(due({ firm: left, gone: [{ chainId: 1, code: 'RPC_QUORUM_LOST' }] })).toEqual([])
  })

  test('worked example: a grain in doubt keeps nobody from being called, a sack of it does, and neither clears a call', () => {
    const doubt = (most: bigint) => [
      { ...lot, lotId: Hash.ofText('doubt'), asset: 'WETH', amount: 1n, price: { ...lot.price, value: most } },
    ]
    const rest = { ...lot, amount: 60n }
    expect(due({ firm: rest, doubts: doubt(5n * usd) })).toEqual([{ participantId, credit: 65n * usd }])
    expect(due({ firm: rest, doubts: doubt(40n * usd - 1n) })).toEqual([{ participantId, credit: 100n * usd - 1n }])
    expect(due({ firm: rest, doubts: doubt(40n * usd) })).toEqual([])
    expect(due({ firm: rest, doubts: doubt(4_000n * usd), called: true })).toEqual([])
    expect(due({ firm: lot, doubts: doubt(5n * usd), called: true })).toEqual([{ participantId, credit: 100n * usd }])
  })

  test('property: what is in doubt moves the credit by no more than it may be worth, and without it nothing changes', () => {
    for (const amount of [0n, 1n, 59n, 99n, 100n, 101n])
      for (const most of [0n, 1n, 40n, 41n, 99n, 100n]) {
        const firm = { ...lot, amount }
        const doubts = [{ ...lot, lotId: Hash.ofText('doubt'), asset: 'WETH', amount: 1n, price: { ...lot.price, value: most * usd } }]
        expect(due({ firm, doubts })).toEqual(amount + most < 100n ? [{ participantId, credit: (amount + most) * usd }] : [])
        expect(due({ firm, doubts, called: true })).toEqual(due({ firm, called: true }))
      }
  })

  test('edge: age calls nobody, and clears no call', () => {
    const old = { ...lot, block: { ...lot.block, timestamp: 939 } }
    const priced = { ...lot, price: { ...lot.price, publishedAt: 939 } }
    expect([due({ firm: old }), due({ firm: priced })]).toEqual([[], []])
    expect([due({ firm: old, called: true }), due({ firm: priced, called: true })]).toEqual([[], []])
    expect(due({ firm: { ...old, amount: 99n } })).toEqual([{ participantId, credit: 99n * usd }])
    // Sixty seconds old until the last millisecond of the next one.
    const oldest = { ...lot, block: { ...lot.block, timestamp: 940 } }
    expect(due({ firm: oldest, called: true, takenAtMs: 1_000_999 })).toEqual([{ participantId, credit: 100n * usd }])
    expect(due({ firm: oldest, called: true, takenAtMs: 1_001_000 })).toEqual([])
  })

  test('bug: a forecaster that fell silent put everybody on call whose collateral moves', () => {
    const ether = { ...lot, asset: 'WETH', haircuts: { ...lot.haircuts, assetPpm: 100_000 } }
    // 112 at ten percent is 100.8: enough by what is configured, and nothing where a forecast is asked for.
    expect(due({ firm: { ...ether, amount: 112n } })).toEqual([])
    expect(due({ firm: { ...ether, amount: 112n }, called: true })).toEqual([])
    expect(due({ firm: { ...ether, amount: 111n } })).toEqual([{ participantId, credit: (999n * usd) / 10n }])
    // What is foreseen counts, however much it is, short of all.
    expect(due({ firm: { ...ether, amount: 112n }, forecastPpm: 200_000 })).toEqual([{ participantId, credit: (896n * usd) / 10n }])
    expect(due({ firm: { ...ether, amount: 112n }, forecastPpm: 999_999 })).toEqual([{ participantId, credit: (112n * usd) / 1_000_000n }])
    expect(due({ firm: { ...ether, amount: 112n }, forecastPpm: 1_000_000 })).toEqual([])
  })

  test('bug: grains in two hundred lots stood before what counts nothing for want of a forecast, and whose that was were called', () => {
    const ether = { ...lot, asset: 'WETH', amount: 112n, haircuts: { ...lot.haircuts, assetPpm: 100_000 } }
    const more = Array.from({ length: 200 }, (_, i) => ({ ...lot, lotId: Hash.ofText(`grain ${i}`), amount: 1n, decimals: 18 }))
    expect(due({ firm: ether, more })).toEqual([])
    expect(due({ firm: { ...ether, amount: 111n }, more })).toEqual([{ participantId, credit: (999n * usd) / 10n + 200n }])
    // A call is cleared by what is lent on: the two hundred largest.
    expect(due({ firm: ether, more, called: true })).toEqual([])
    expect(due({ firm: { ...ether, asset: 'USDC' }, more, called: true })).toEqual([{ participantId, credit: (1_008n * usd) / 10n + 199n }])
  })

  test('edge: nobody is called who was merged into somebody else, and had a release under way', () => {
    expect(due({ firm: { ...lot, amount: 0n }, nobody: true })).toEqual([])
    expect(due({ firm: { ...lot, amount: 0n }, unknown: true })).toEqual([])
    expect(due({ firm: { ...lot, amount: 0n } })).toHaveLength(1)
  })
})
