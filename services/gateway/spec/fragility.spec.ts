/** How fragile a market is, as the gateway tells it: of the book on the chain, by the pure package, and by the very table that limits are made with. */
import { join } from 'node:path'
import { Hash, Market, perpVenueAbi } from '@plimsoll/contracts'
import { Book, Fragility, LiquidationMap, Reading, WhatIf } from '@plimsoll/liquidation'
import { Deployment, type House } from '@plimsoll/localnet'
import { Fixed, Inputs, Limit } from '@plimsoll/margin'
import type { Fragility as Served } from '@plimsoll/sdk'
import { parseUnits } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Config from '../src/config.ts'
import * as Kit from './Kit.ts'

type Known = Extract<Served, { readonly status: 'ok' }>
const market = 'ETH-PERP'

describe('a market that somebody opens a position in', () => {
  let house: House.House
  let north: string
  let opener: Kit.Trader
  let beside: Kit.Trader

  beforeAll(async () => {
    house = await Kit.house()
    north = Kit.venueId(house, 'north')
    const [first, second] = await Kit.traders({ house, names: ['opener', 'beside'], dollars: 60_000 })
    if (!first || !second) throw new Error('two traders were asked for')
    opener = first
    beside = second
  }, 120_000)
  afterAll(() => house?.stop())

  const known = async (): Promise<Known> => {
    const answer = await opener.client.getFragility({ market })
    if (answer.status !== 'ok') throw new Error(answer.message)
    return answer
  }

  test('nobody there: no leverage and no n, and it says why', async () => {
    const { posted, down, source } = await known()
    expect(posted).toMatchObject({ status: 'none', code: 'NO_POSITIONS' })
    expect(down.nearest).toMatchObject({ status: 'none', code: 'NOTHING_FAILS' })
    expect(down.brake).toMatchObject({ status: 'off', reflexivityPpm: 0 })
    expect(source.sigma.source).toBe('forecast')
    expect(source.blocks).toHaveLength(2)
  })

  test('a position moves n, the clusters and the brake; every figure is what the pure package makes of the book on the chain', async () => {
    const key = { account: opener.account.address, venue: north, market }
    const { limit } = await opener.client.getLimit(key)
    const signed = Kit.granted(await opener.client.issueLimit({ ...key, notional: limit.notional }))
    const promised = await Kit.until(known, ({ down }) => down.headroom > 0n)
    expect(promised.down.headroom).toBe(limit.notional)
    expect(promised.down.openInterest).toBe(0n)
    expect(promised.down.brake.reflexivityPpm).toBeGreaterThan(0)
    // Of the book as it is, nothing can be forced yet.
    expect(promised.down.secantPpm).toBe(0)

    await Kit.post(house, signed)
    await Deployment.deposit({
      chain: house.world.chains.strait,
      manifest: house.world.manifest,
      account: opener.account,
      venue: 'north',
      amount: parseUnits('500', 6),
    })
    await Kit.trade(house, { venue: north, trader: opener, symbol: market, notional: (limit.notional * 9n) / 10n })
    await house.world.finalise()
    const open = await Kit.until(known, ({ down }) => down.openInterest > 0n)
    expect(open.down.secantPpm).toBeGreaterThan(0)
    expect(open.posted.status).toBe('ok')
    expect(open.source.accounts).toBe(1)

    const reading = await readingOf(house, open)
    const brake = Reading.brake(reading)
    const { accounts: _, ...recomputed } = { ...Fragility.of(reading, brake), accounts: 1 }
    expect(open).toMatchObject(recomputed)
    expect(open.down.brake.steps).toEqual(brake.long)

    const clusters = await opener.client.getClusters({ market })
    if (clusters.status !== 'ok') throw new Error(clusters.message)
    expect(clusters).toMatchObject(LiquidationMap.of(reading, Reading.width))
    expect(clusters.down.clusters).toHaveLength(1)
    expect(clusters.up.clusters).toHaveLength(0)

    const scenario = { shockPpm: -100_000, depthPpm: 500_000, others: 'alike' } as const
    const stress = await opener.client.stressMarket({ market, ...scenario })
    if (stress.status !== 'ok') throw new Error(stress.message)
    expect(stress).toMatchObject(WhatIf.simulate(reading, scenario))
    expect(stress.liquidated).toBe(1)
  })

  test('the brake in somebody’s limit is the table that is shown, and its reason is what that table asks', async () => {
    const key = { account: beside.account.address, venue: north, market }
    const shown = await known()
    const { limit } = await beside.client.getLimit(key)
    const answer = await beside.client.issueLimit({ ...key, notional: limit.notional / 2n })
    const inputs = Inputs.parse((await beside.client.getInputs(Kit.granted(answer))).document)
    expect(inputs.brake).toEqual({
      status: 'ok',
      bookHash: shown.source.bookHash,
      reflexivity: { longPpm: shown.down.brake.reflexivityPpm, shortPpm: shown.up.brake.reflexivityPpm },
      long: shown.down.brake.steps,
      short: shown.up.brake.steps,
    })
    expect(inputs.brake.reflexivity.longPpm).toBeGreaterThan(500_000)

    const told = (given: Pick<Limit.Limit, 'reasons'> | null) => given?.reasons.find(({ factor }) => factor === 'brake')
    const calm = [{ upToNotional: Kit.usd(2_000_000), ppm: 0 }]
    expect(told(answer.limit)).toEqual(told(Limit.of(inputs)))
    expect(told(answer.limit)?.notional).toBeLessThan(
      told(Limit.of({ ...inputs, brake: { ...inputs.brake, long: calm, short: calm } }))?.notional ?? 0n,
    )
  })

  test('a venue that cannot be read: nothing of the market is shown, and it is said which', async () => {
    for (const source of house.world.sources.strait) source.become({ kind: 'down' })
    const answer = await Kit.until(
      () => opener.client.getFragility({ market }),
      ({ status }) => status === 'unread',
    )
    expect(answer).toMatchObject({ status: 'unread', code: 'BOOK_UNREAD' })
    expect(await opener.client.stressMarket({ market, shockPpm: -100_000 })).toMatchObject({ status: 'unread', code: 'BOOK_UNREAD' })
    for (const source of house.world.sources.strait) source.become({ kind: 'none' })
    const again = await Kit.until(
      () => opener.client.getFragility({ market }),
      ({ status }) => status === 'ok',
    )
    expect(again).toMatchObject({ source: { accounts: 1 } })
  })
})

/** The market's reading made by hand: the book from the chain at the blocks the answer names, the rest from the deployment document. */
async function readingOf(house: House.House, { source, down, up }: Known): Promise<Reading.Reading> {
  const config = await Config.read(join(house.home, 'deployment.json'))
  const id = Market.id(market)
  const own = config.markets.find(({ symbol }) => symbol === market)
  if (!own) throw new Error('the market is configured')
  const read = await Promise.all(
    source.blocks.map(async ({ venue, number }) => {
      const address = Kit.addressOf(venue)
      const { publicClient } = house.world.chains.strait
      const [markets, accounts] = await publicClient.readContract({
        address,
        abi: perpVenueAbi,
        functionName: 'book',
        args: [0n, 500n],
        blockNumber: number,
      })
      return { chainId: house.world.chains.strait.chainId, address, listed: markets.filter((it) => it.market === id), accounts }
    }),
  )
  const book = Book.of(
    read.flatMap(({ chainId, address, accounts }) =>
      accounts.map((it) => ({
        account: `${chainId}:${address}:${it.account.toLowerCase()}`,
        equity: it.equity,
        collateral: it.collateral + it.credit,
        positions: it.positions.map((held) => ({
          market: held.market,
          side: held.size > 0n ? ('long' as const) : ('short' as const),
          notional: held.notional,
          maintenancePpm: held.mmLiquidationPpm,
        })),
      })),
    ),
  )
  const bookHash = Hash.ofText(Book.canonical(book))
  expect(bookHash).toBe(source.bookHash)
  const listed = read.flatMap((it) => it.listed)
  const maintenancePpm = Math.max(...listed.map(({ mmLiquidationPpm }) => mmLiquidationPpm))
  const { params } = config
  return {
    book,
    market: id,
    bookHash,
    headroom: { long: down.headroom, short: up.headroom },
    initialPpm: Math.max(params.floorPpm, Number(Fixed.ofPpm(BigInt(maintenancePpm), 1_000_000 + params.betaPpm, 'up'))),
    maintenancePpm,
    impacts: Object.fromEntries(
      config.markets.map(({ symbol, depth }) => [Market.id(symbol), { kind: 'linear', slope: 1 / Book.usd(depth) } as const]),
    ),
    sigmaPpm: { forecast: source.sigma.annualPpm, throughTheCycle: own.throughTheCycleSigmaPpm },
    horizonSeconds: 86_400,
    ceiling: own.caps.participant,
    brakeMaxPpm: params.brakeMaxPpm,
    bonusPpm: Math.max(...listed.map(({ liquidationFeePpm }) => liquidationFeePpm)),
  }
}
