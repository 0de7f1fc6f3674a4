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

  test('edge: what was open when the table was made is in it; each side has its own room, down to the last unit', () => {
    const snapshot = World.snapshot()
    const step = (upToNotional: bigint) => [{ upToNotional, ppm: 0 }]
    const state = snapshot.markets.get('ETH-PERP')
    if (!state) throw new Error('there is a market')
    const brake = { ...state.brake, long: step(World.usd(100)), short: step(World.usd(40)) }
    const then = { openInterest: { long: World.usd(70), short: World.usd(60) }, headroom: { long: World.usd(20), short: World.usd(30) } }
    const room = (openInterest: LedgerState['openInterest']) => {
      const given = {
        ...snapshot,
        markets: new Map([['ETH-PERP', { ...state, brake }]]),
        ledger: { ...snapshot.ledger, market: () => then },
      }
      const ledger = { ...World.state(), openInterest, headroom: then.headroom }
      const { long, short } = Gather.inputs(given, { ...request, ledger }).brake
      return [long[0]?.upToNotional ?? null, short[0]?.upToNotional ?? null]
    }
    expect(room(then.openInterest)).toEqual([World.usd(100), World.usd(40)])
    expect(room({ long: World.usd(75), short: World.usd(61) })).toEqual([World.usd(95), World.usd(39)])
    expect(room({ long: World.usd(170) - 1n, short: World.usd(100) })).toEqual([1n, null])
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
    // A unit is carried, or nothing is: then the grant is as it was given.
    const beside = (notional: bigint) => ({ ...World.state(), beside: [{ market: id, notional }] })
    const capOf = (notional: bigint) => Gather.inputs(World.snapshot({ standings }), { ...request, ledger: beside(notional) }).grant.tierCap
    expect([capOf(0n), capOf(1n)]).toEqual([World.usd(5_000_000), World.usd(1_000_000) - 1n])
  })

  test('edge: an asset follows its market’s quantile where that is more than its static haircut', () => {
    const { lots } = Gather.viewOf(World.snapshot({ assets: new Map([['USDC', 'ETH-PERP']]) }), World.participantId)
    expect(lots[0]?.haircuts.assetPpm).toBe(98_000)
  })

  test('edge: all of an asset is cut that nobody configured, whose market has no forecast, or may lose all and more', () => {
    const cut = (change: Partial<Snapshot>) => Gather.viewOf(World.snapshot(change), World.participantId).lots[0]?.haircuts.assetPpm
    const assets = new Map([['USDC', 'ETH-PERP']])
    const state = World.snapshot().markets.get('ETH-PERP')
    if (state?.forecast.status !== 'ok') throw new Error('there is a forecast')
    const markets = (forecast: typeof state.forecast | { status: 'missing'; code: string; message: string }) =>
      new Map([['ETH-PERP', { ...state, forecast }]])
    const { forecast } = state.forecast
    const losing = (longPpm: number) => markets({ status: 'ok', forecast: { ...forecast, closeOut: { ...forecast.closeOut, longPpm } } })
    expect(cut({ assets: new Map() })).toBe(1_000_000)
    expect(cut({ assets, markets: new Map() })).toBe(1_000_000)
    expect(cut({ assets, markets: markets({ status: 'missing', code: 'MODEL_STALE', message: 'It is old.' }) })).toBe(1_000_000)
    expect(cut({ assets, markets: losing(1_200_000) })).toBe(1_000_000)
    expect(cut({ assets, markets: losing(999_999) })).toBe(999_999)
    expect(cut({})).toBe(0)
  })

  test('worked example: what the venue may claim of each lot, and nothing of a lot for which nothing was read', () => {
    const claims = (change: Partial<Snapshot> = {}) => Gather.inputs(World.snapshot(change), { ...request, ledger: World.state() }).claims
    const [lot] = World.snapshot().views.get(World.participantId)?.lots ?? []
    if (!lot) throw new Error('there is a lot')
    expect(claims()).toEqual([{ lotId: lot.lotId, amount: 10_000_000_000n }])
    expect(claims({ claims: new Map([[Gather.claimKey(lot.lotId, World.venue), 1n]]) })).toEqual([{ lotId: lot.lotId, amount: 1n }])
    expect(claims({ claims: new Map([[Gather.claimKey(lot.lotId, World.venue), 0n]]) })).toEqual([])
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

  test('edge: 200 lots stand as they are; of one more the least valuable is left out, and of equals the last by name', () => {
    const [lot] = World.snapshot().views.get(World.participantId)?.lots ?? []
    if (!lot) throw new Error('there is a lot')
    const idOf = (i: number) => `0x${i.toString(16).padStart(64, '0')}` as const
    const lots = Array.from({ length: 200 }, (_, i) => ({ ...lot, lotId: idOf(i), amount: BigInt(1_000 + i) }))
    const left = (...more: readonly Partial<Inputs.Lot>[]) => {
      const all = [...lots, ...more.map((change, i) => ({ ...lot, lotId: idOf(1_000 + i), ...change }))]
      const kept = Gather.viewOf(
        World.snapshot({ views: new Map([[World.participantId, { lots: all, missing: [] }]]) }),
        World.participantId,
      ).lots
      return all.filter(({ lotId }) => !kept.some((one) => one.lotId === lotId)).map(({ lotId }) => Number(lotId))
    }
    const { lots: kept } = Gather.viewOf(
      World.snapshot({ views: new Map([[World.participantId, { lots, missing: [] }]]) }),
      World.participantId,
    )
    expect(kept.map(({ lotId }) => Number(lotId))).toEqual(lots.map((_, i) => i))
    // By what it is worth, whatever its units, and less what leaves: 1,000 units of six decimals are 0.001 of a dollar.
    expect(left({ amount: 999n })).toEqual([1_000])
    expect(left({ amount: 10n ** 15n + 1n, decimals: 18 })).toEqual([0])
    expect(left({ amount: 10n ** 15n - 1n, decimals: 18 })).toEqual([1_000])
    expect(left({ amount: 501n, price: { ...lot.price, value: World.usd(2) } })).toEqual([0])
    expect(left({ amount: 2_000n, pendingOut: 1_001n })).toEqual([1_000])
    expect(left({ amount: 1_000n })).toEqual([1_000])
    expect(left({ amount: 1_000n }, { amount: 1_000n })).toEqual([1_000, 1_001])
    expect(left({ amount: 1_001n }, { amount: 1_001n, lotId: idOf(999) })).toEqual([0, 1_000])
  })

  test('error: a growth ceiling that was not read is not zero, and not endless', () => {
    const unread = World.snapshot({ ceilings: new Map() })
    expect(() => Gather.inputs(unread, { ...request, ledger: World.state() })).toThrow(expect.objectContaining({ code: 'CEILING_UNREAD' }))
  })

  test('error: nothing is filled in for a standing, a price or a forecast that is not there', () => {
    const state = World.snapshot().markets.get('ETH-PERP')
    if (!state) throw new Error('there is a market')
    const code = (change: Partial<Snapshot>) => () => Gather.inputs(World.snapshot(change), { ...request, ledger: World.state() })
    const missing = { code: 'MODEL_STALE', message: 'It is old.' }
    expect(code({ standings: new Map() })).toThrow(Gather.UnknownParticipantError)
    expect(code({ markets: new Map([['ETH-PERP', { ...state, price: { status: 'refused', ...missing } }]]) })).toThrow(
      expect.objectContaining(missing),
    )
    expect(code({ markets: new Map([['ETH-PERP', { ...state, forecast: { status: 'missing', ...missing } }]]) })).toThrow(
      expect.objectContaining(missing),
    )
  })
})
