import type { Snapshot } from '@plimsoll/api'
import { Market } from '@plimsoll/contracts'
import { Fixed } from '@plimsoll/margin'
import { Model, Score, TrackRecord } from '@plimsoll/reputation'
import { Database, Events, Ledger } from '@plimsoll/store'
import * as Template from '@plimsoll/store/testing'
import { describe, expect, test } from 'vitest'
import type { Config } from '../config.ts'
import * as Standings from './standings.ts'

type Hex = `0x${string}`

const usd = (dollars: number): bigint => BigInt(dollars) * Fixed.one
const now = 1_800_000_000
const modelHash = `0x${'11'.repeat(32)}` as const
const [eth, btc] = ['ETH-PERP', 'BTC-PERP'].map((symbol) => Market.id(symbol))
if (eth === undefined || btc === undefined) throw new Error('there are two markets')

const known: Snapshot.ForecastState = {
  status: 'ok',
  forecast: {
    ...{ source: 'champion', modelHash, asOf: now, sigmaPpm: 600_000 },
    closeOut: { longPpm: 98_000, shortPpm: 90_000 },
    liquidation: { longPpm: 20_000, shortPpm: 20_000 },
    throughTheCycle: { longPpm: 15_000, shortPpm: 15_000 },
  },
}
const missing: Snapshot.ForecastState = { status: 'missing', code: 'FORECAST_MISSING', message: 'There is none.' }
const markets = ['ETH-PERP', 'BTC-PERP'].map((symbol) => ({
  symbol,
  initial: { kind: 'flat', ppm: 100_000 },
  maintenance: { kind: 'flat', ppm: 50_000 },
}))
const config = {
  markets,
  params: { liquidationSeconds: 300 },
  tierCaps: [usd(1_000), usd(10_000), usd(100_000), usd(1_000_000)],
} as unknown as Config

/** A record worth a discount on 1,000 USD, whose fees bound nothing. */
const given = (btcForecast: Snapshot.ForecastState = known) => {
  const record = { ...TrackRecord.of([], now, Model.first), fees: usd(1_000_000), provenCap: usd(1_000) }
  const score: Score.Score = { ...Score.of(record, Model.first), score: Score.greatest, newcomer: false }
  return Standings.granting({
    ...{ tier: 2, score, record, model: Model.first, modelHash, config },
    markets: new Map([
      ['ETH-PERP', { forecast: known }],
      ['BTC-PERP', { forecast: btcForecast }],
    ]),
  })
}

describe('granting', () => {
  test('worked example: what is carried beside takes from what the discount reaches, whatever key or market it is in', () => {
    const grantOf = given()
    expect(grantOf('ETH-PERP', [])).toMatchObject({ provenCap: usd(1_000), tier: 2 })
    expect(grantOf('ETH-PERP', [])?.imDiscountPpm).toBeGreaterThan(0)
    const left = [
      { market: eth, notional: usd(300) },
      { market: btc, notional: usd(200) },
    ]
    expect(grantOf('ETH-PERP', left)?.provenCap).toBe(usd(500))
    expect(grantOf('ETH-PERP', [...left, { market: btc, notional: usd(500) }])).toMatchObject({ provenCap: 0n, imDiscountPpm: 0 })
  })

  test('bug: what was carried in a market whose forecast was gone counted as nothing', () => {
    const grantOf = given(missing)
    expect(grantOf('ETH-PERP', [])?.provenCap).toBe(usd(1_000))
    const carried = grantOf('ETH-PERP', [{ market: btc, notional: 1n }])
    expect(carried).toMatchObject({ provenCap: 0n, imDiscountPpm: 0 })
    expect(carried?.reasons.at(-1)).toEqual({ code: 'CARRIED_UNKNOWN', points: 0 })
    expect(grantOf('ETH-PERP', [{ market: modelHash, notional: 1n }])?.imDiscountPpm).toBe(0)
  })

  test('edge: no forecast, no market, no grant', () => {
    expect(given(missing)('BTC-PERP', [])).toBeNull()
    expect(given()('XYZ-PERP', [])).toBeNull()
  })
})

describe('standings', () => {
  test('bug: one record that could not be read left everybody without a snapshot', async () => {
    const database = await Database.open({ memory: await Template.blob(), clock: () => now })
    const [broken, sound] = [`0x${'1'.repeat(40)}`, `0x${'2'.repeat(40)}`] as const
    const called = { chainId: Ledger.ledgerChainId, blockNumber: 0n, blockHash: modelHash, logIndex: 1, at: now - 60 }
    // No ledger writes this: it stands for whatever no record takes.
    await Events.record(database, [{ ...called, account: broken, kind: 'margin.called', body: { amountUsd: '-1' } }])
    const none = { chains: [], vaults: [], venues: [], markets: [], assets: [], observed: [] }
    const nothing = { ...config, ...none, feeds: { chainId: 7, everyBlocks: 1 } } as unknown as Config
    const scorecard = { model: Model.first, modelHash }
    const standings = Standings.open({ config: nothing, database, readers: new Map(), scorecard, historian: () => null })
    await standings.advance(now)
    const member = (address: Hex) => ({ accounts: [{ chainId: 0, address }], carried: [], evidence: [] })
    const [one, two] = [`0x${'a'.repeat(64)}`, `0x${'b'.repeat(64)}`] as const
    const members = new Map<Hex, Standings.Member>([
      [one, member(broken)],
      [two, member(sound)],
    ])
    const found = await standings.standings({ members, markets: new Map(), ledger: await Ledger.snapshot(database), asOf: now })
    expect([...found.keys()]).toEqual([two])
    expect(standings.faults()).toEqual([`record of ${one}: INVALID_EVENT`])
    await database.close()
  })
})
