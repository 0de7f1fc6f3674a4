import { Inputs, Limit } from '@plimsoll/margin'
import { describe, expect, test } from 'vitest'
import * as Collateral from './Collateral.ts'
import * as Gather from './Gather.ts'
import type { LedgerState, Snapshot } from './Snapshot.ts'
import * as World from './testing/World.ts'

/** A view that was taken while everybody together had this headroom in the market, and nothing was open as yet. */
const known = (headroom: LedgerState['headroom']): Snapshot => {
  const snapshot = World.snapshot()
  return { ...snapshot, ledger: { ...snapshot.ledger, market: () => ({ openInterest: { long: 0n, short: 0n }, headroom }) } }
}

const request = {
  participantId: World.participantId,
  account: World.account,
  venue: World.venue.id,
  market: 'ETH-PERP',
  notional: null,
  asOf: World.now,
}

describe('inputs', () => {
  test('worked example: a document that reads back as itself', () => {
    const inputs = Gather.inputs(World.snapshot(), { ...request, ledger: World.state() })
    expect(Inputs.parse(Inputs.canonical(inputs))).toEqual(inputs)
  })

  test('edge: what a key has already is replaced by what it asks for, not added to it', () => {
    const held = {
      ...World.state({ position: { side: 'long', notional: World.usd(30) } }),
      ownHeadroom: { long: World.usd(20), short: World.usd(50) },
    }
    // What was headroom then is open now.
    const { brake } = Gather.inputs(known({ long: World.usd(50), short: World.usd(50) }), { ...request, ledger: held })
    expect(brake.long[0]?.upToNotional).toBe(World.usd(1_000_050))
    expect(brake.short[0]?.upToNotional).toBe(World.usd(1_000_050))
  })

  test('bug: within one view the room before the brake was given to everybody who asked, and again to whoever asked twice', () => {
    const none = { long: 0n, short: 0n }
    const room = (held: Partial<LedgerState>, then = none) =>
      Gather.inputs(known(then), { ...request, ledger: { ...World.state(), ...held } }).brake.long.map(({ upToNotional }) => upToNotional)
    expect(room({ headroom: none, ownHeadroom: none })).toEqual([World.usd(1_000_000)])
    expect(room({ headroom: { long: World.usd(300_000), short: 0n }, ownHeadroom: none })).toEqual([World.usd(700_000)])
    expect(room({ headroom: none, ownHeadroom: { long: World.usd(300_000), short: 0n } })).toEqual([World.usd(1_000_000)])
    // What others had and opened since, or closed, makes no room.
    const others = { long: World.usd(300_000), short: 0n }
    expect(room({ openInterest: others }, others)).toEqual([World.usd(1_000_000)])
    expect(room({}, others)).toEqual([World.usd(1_000_000)])
    // Nothing is left: a table without steps allows no raise.
    expect(room({ headroom: { long: World.usd(1_000_000), short: 0n }, ownHeadroom: none })).toEqual([])
  })

  test('bug: within one view a record gave its discount again for every key and market that was asked for', () => {
    const standing = World.snapshot().standings.get(World.participantId)
    const shown = standing?.grants.get('ETH-PERP')
    if (!standing || !shown) throw new Error('there is a standing')
    const full = { ...shown, imDiscountPpm: 100_000, provenCap: World.usd(1_000) }
    const grantOf: typeof standing.grantOf = (symbol, beside) =>
      symbol === 'ETH-PERP' ? { ...full, provenCap: beside.reduce((left, { notional }) => left - notional, full.provenCap) } : null
    const standings = new Map([[World.participantId, { ...standing, grants: new Map([['ETH-PERP', full]]), grantOf }]])
    const given = (beside: readonly bigint[]) =>
      Gather.inputs(World.snapshot({ standings }), {
        ...request,
        ledger: { ...World.state(), beside: beside.map((notional) => ({ market: World.stranger, notional })) },
      }).grant
    expect(given([])).toEqual(full)
    expect(given([World.usd(600), World.usd(400)]).provenCap).toBe(0n)
  })

  test('bug: with each account and venue more a participant carried the cap of a participant, and of a tier, once more', () => {
    const { id } = World.snapshot().markets.get('ETH-PERP')?.terms ?? { id: World.participantId }
    const most = (carried: number, market = id) =>
      Limit.of(
        Gather.inputs(World.snapshot(), {
          ...request,
          ledger: { ...World.state({ venueCollateral: World.usd(1_000_000) }), beside: [{ market, notional: World.usd(carried) }] },
        }),
      ).notional
    // Tier 0 carries 500,000 at most, a participant 1,000,000.
    expect(most(0)).toBe(World.usd(500_000))
    expect(most(300_000)).toBe(World.usd(200_000))
    expect(most(600_000)).toBe(0n)
    expect(most(600_000, World.participantId)).toBe(World.usd(500_000))
    const standing = World.snapshot().standings.get(World.participantId)
    const shown = standing?.grants.get('ETH-PERP')
    if (!standing || !shown) throw new Error('there is a standing')
    const grant = { ...shown, tierCap: World.usd(5_000_000) }
    const standings = new Map([[World.participantId, { ...standing, grantOf: () => grant }]])
    const ledger = { ...World.state(), beside: [{ market: id, notional: World.usd(300_000) }] }
    expect(Gather.inputs(World.snapshot({ standings }), { ...request, ledger }).grant.tierCap).toBe(World.usd(700_000))
  })

  test('edge: an asset follows its market’s quantile where that is more than its static haircut', () => {
    const { lots } = Gather.viewOf(World.snapshot({ assets: new Map([['USDC', 'ETH-PERP']]) }), World.participantId)
    expect(lots[0]?.haircuts.assetPpm).toBe(98_000)
  })

  test('worked example: what the venue may claim of each lot, and nothing of a lot for which nothing was read', () => {
    const claims = (change: Partial<Snapshot> = {}) => Gather.inputs(World.snapshot(change), { ...request, ledger: World.state() }).claims
    const [lot] = World.snapshot().views.get(World.participantId)?.lots ?? []
    if (!lot) throw new Error('there is a lot')
    expect(claims()).toEqual([{ lotId: lot.lotId, amount: 10_000_000_000n }])
    expect(claims({ claims: new Map() })).toEqual([])
    expect(claims({ claims: new Map([[Gather.claimKey(lot.lotId, { id: 'eip155:1:0xother' }), 5n]]) })).toEqual([])
  })

  test('edge: of 1,001 lots the 200 largest count; the others are shown, and said to count nothing', () => {
    const [lot] = World.snapshot().views.get(World.participantId)?.lots ?? []
    if (!lot) throw new Error('there is a lot')
    const lots = Array.from({ length: 1_001 }, (_, i) => ({
      ...lot,
      lotId: `0x${i.toString(16).padStart(64, '0')}` as const,
      amount: BigInt(1 + ((i * 7_919) % 1_001)),
    }))
    const snapshot = World.snapshot({ views: new Map([[World.participantId, { lots, missing: [] }]]) })
    const kept = Gather.viewOf(snapshot, World.participantId).lots.map(({ amount }) => amount)
    expect(kept.length).toBe(Gather.maxLots)
    expect(kept.every((amount) => amount > 801n)).toBe(true)
    const shown = Collateral.view(World.services({}, snapshot), World.session)
    expect(shown.lots).toHaveLength(1_001)
    expect(shown.lots.at(-1)).toMatchObject({ credit: '0', why: 'counts nothing: it is not among the 200 largest' })
  })

  test('bug: more of what counts nothing pushed out what counts, and a limit fell when collateral grew', () => {
    const [lot] = World.snapshot().views.get(World.participantId)?.lots ?? []
    if (!lot) throw new Error('there is a lot')
    const many = Array.from({ length: Gather.maxLots }, (_, i) => ({ ...lot, lotId: `0x${i.toString(16).padStart(64, '0')}` as const }))
    const more = { ...lot, lotId: `0x${'f'.repeat(64)}` as const, amount: 2n * lot.amount }
    const among = (change: Partial<typeof lot>) => {
      const views = new Map([[World.participantId, { lots: [{ ...more, ...change }, ...many], missing: [] }]])
      return Gather.viewOf(World.snapshot({ views }), World.participantId).lots.some(({ lotId }) => lotId === more.lotId)
    }
    expect(among({})).toBe(true)
    // Half of twice as much is as much, and comes last by its name.
    expect(among({ haircuts: { ...lot.haircuts, venuePpm: 500_000 } })).toBe(false)
    expect(among({ haircuts: { ...lot.haircuts, venuePpm: 499_999 } })).toBe(true)
    expect(among({ asset: 'UNHEARD' })).toBe(false)
    expect(among({ pendingOut: lot.amount })).toBe(false)
    expect(among({ price: { ...lot.price, confidence: lot.price.value / 4n } })).toBe(false)
  })

  test('rounding: what is held is shown at no more than it is worth, wherever it is', () => {
    const [lot] = World.snapshot().views.get(World.participantId)?.lots ?? []
    if (!lot) throw new Error('there is a lot')
    const odd = { ...lot, amount: 1n, decimals: 18, price: { ...lot.price, value: 999_999_999_999_999_999n } }
    const place = { ...odd, price: odd.price.value, owed: 0n, places: [] }
    const arrival = { ...place, vault: World.stranger }
    const shown = Collateral.view(
      World.services(
        {},
        World.snapshot({
          views: new Map([[World.participantId, { lots: [odd], missing: [] }]]),
          elsewhere: new Map([[World.participantId, { places: [place], arriving: [arrival], unread: [] }]]),
        }),
      ),
      World.session,
    )
    expect([...shown.lots, ...shown.places, ...shown.arriving].map(({ value }) => value)).toEqual(['0', '0', '0'])
  })

  test('error: a growth ceiling that was not read is not zero, and not endless', () => {
    const unread = World.snapshot({ ceilings: new Map() })
    expect(() => Gather.inputs(unread, { ...request, ledger: World.state() })).toThrow(expect.objectContaining({ code: 'CEILING_UNREAD' }))
  })
})
