/** A market that one venue winds down: the gateway says so, lends nothing in it there, and as before elsewhere. */
import { Market, perpVenueAbi } from '@plimsoll/contracts'
import { type House, Impersonation } from '@plimsoll/localnet'
import { encodeFunctionData } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as Kit from './Kit.ts'

let house: House.House
beforeAll(async () => {
  house = await Kit.house()
}, 120_000)
afterAll(() => house?.stop())

type Markets = { readonly markets: readonly { readonly symbol: string; readonly closing: readonly string[] }[] }

test('its raises are refused there with the reason, and every other pair of venue and market is as it was', async () => {
  const [north, south] = [Kit.venueId(house, 'north'), Kit.venueId(house, 'south')]
  const [trader] = await Kit.traders({ house, names: ['holder'], dollars: 10_000 })
  if (!trader) throw new Error('one trader was asked for')
  const limitAt = async (venue: string, market: string) =>
    (await trader.client.getLimit({ account: trader.account.address, venue, market })).limit
  const closing = async () => {
    const { markets } = (await (await fetch(`${house.gateway.url}/v1/markets`)).json()) as Markets
    return markets.map((it) => [it.symbol, it.closing])
  }
  const before = await Kit.until(
    () => limitAt(north, 'ETH-PERP'),
    ({ notional }) => notional > 0n,
  )
  expect(await closing()).toEqual([
    ['ETH-PERP', []],
    ['BTC-PERP', []],
  ])

  // In the place of the contract that would have waited for three days; the feed stays, so that nothing else changes.
  const { strait } = house.world.chains
  const venue = Kit.addressOf(north)
  const feed = house.world.manifest.markets.find(({ symbol }) => symbol === 'ETH-PERP')?.feed
  if (!feed) throw new Error('there is such a market')
  const successions = await strait.publicClient.readContract({ address: venue, abi: perpVenueAbi, functionName: 'successions' })
  const data = encodeFunctionData({
    ...{ abi: perpVenueAbi, functionName: 'succeed', args: [Market.id('ETH-PERP'), feed, 3_600, 10n ** 10n] },
  })
  await Impersonation.send(strait, [{ from: successions, to: venue, data }])
  await house.world.finalise()

  const after = await Kit.until(
    () => limitAt(north, 'ETH-PERP'),
    ({ notional }) => notional === 0n,
  )
  expect(after.bounds).toContainEqual({
    code: 'GROWTH',
    notional: 0n,
    message: 'The venue accepts nothing more here: its growth bucket is empty, or it winds this market down.',
  })
  expect(await closing()).toEqual([
    ['ETH-PERP', [north]],
    ['BTC-PERP', []],
  ])
  const asked = { account: trader.account.address, venue: north, market: 'ETH-PERP', notional: before.notional / 2n }
  expect(await trader.client.issueLimit(asked)).toMatchObject({ status: 'refused', code: 'GROWTH' })
  expect((await limitAt(south, 'ETH-PERP')).notional).toBeGreaterThan(0n)
  expect((await limitAt(north, 'BTC-PERP')).notional).toBeGreaterThan(0n)
}, 60_000)
