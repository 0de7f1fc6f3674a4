/** A feed that is out may get a successor, and its market is wound down then: the gateway tells of both, lends nothing there, and as before elsewhere. */
import { Market, perpVenueAbi, successionsAbi } from '@plimsoll/contracts'
import { Deployment, type House, Impersonation, Wallet } from '@plimsoll/localnet'
import { encodeFunctionData } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as Kit from './Kit.ts'
import * as Liar from './Liar.ts'
import * as Signers from './Signers.ts'

let house: House.House
let quorum: Signers.Signers | undefined
beforeAll(async () => {
  house = await Kit.house()
}, 120_000)
afterAll(async () => {
  await quorum?.stop()
  await house?.stop()
})

const id = Market.id('ETH-PERP')
const feedOf = (symbol: string) => {
  const feed = house.world.manifest.markets.find((it) => it.symbol === symbol)?.feed
  if (!feed) throw new Error(`there is a market ${symbol}`)
  return feed
}
const successionsOf = (venue: string) =>
  house.world.chains.strait.publicClient.readContract({
    ...{ address: Kit.addressOf(venue), abi: perpVenueAbi, functionName: 'successions' },
  })

/** In the place of the contract that would have waited for three days; the feed stays, so that nothing else changes. */
async function succeed(venue: string, symbol: string): Promise<void> {
  const from = await successionsOf(venue)
  const args = [Market.id(symbol), feedOf(symbol), 3_600, 10n ** 10n] as const
  const data = encodeFunctionData({ abi: perpVenueAbi, functionName: 'succeed', args })
  await Impersonation.send(house.world.chains.strait, [{ from, to: Kit.addressOf(venue), data }])
  await house.world.finalise()
}

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

  await succeed(north, 'ETH-PERP')

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

test('who is named to succeed a feed that is out is told to everybody, also once it is back, until somebody takes him back', async () => {
  const { strait } = house.world.chains
  const address = await successionsOf(Kit.venueId(house, 'north'))
  const faults = async () => {
    const { faults } = (await (await fetch(`${house.gateway.url}/v1/health`)).json()) as { readonly faults: readonly string[] }
    return faults.filter((fault) => fault.includes('SUCCESSOR_NAMED'))
  }
  expect(await faults()).toEqual([])
  await house.world.price('ETH-PERP', '0')
  await house.world.owner({ address, abi: successionsAbi, functionName: 'nameSuccessor', args: [id, feedOf('BTC-PERP'), 3_600] })
  const { namedAt } = await strait.publicClient.readContract({ address, abi: successionsAbi, functionName: 'successorOf', args: [id] })
  await house.world.finalise()
  const [due, over] = [3, 6].map((days) => new Date((Number(namedAt) + days * 86_400) * 1000).toISOString())
  expect(await Kit.until(faults, (all) => all.length > 0)).toEqual([
    `venue north: SUCCESSOR_NAMED: the feed of ETH-PERP is out, and ${feedOf('BTC-PERP')} is named to succeed it, from ${due} until ${over}; what it says is the price at which positions there end`,
  ])

  // Were it out again before anybody takes him back, he would succeed it: who could see to it has to know.
  await house.world.price('ETH-PERP', '3000')
  await house.world.finalise()
  expect(await Kit.until(faults, ([one]) => one?.includes('is back') ?? true)).toEqual([
    `venue north: SUCCESSOR_NAMED: the feed of ETH-PERP is back, and ${feedOf('BTC-PERP')} is named to succeed it still, from ${due} until ${over} if it is out again; anybody may take it back (withdrawSuccessor)`,
  ])
  const passer = Wallet.of('passer-by')
  await strait.fund([passer.address])
  await Deployment.write(strait, passer, { address, abi: successionsAbi, functionName: 'withdrawSuccessor', args: [id] })
  await house.world.finalise()
  await Kit.until(faults, (all) => all.length === 0)
}, 60_000)

test('signers see by themselves that a venue winds a market down, whatever a gateway says of it', async () => {
  await house.gateway.stop()
  quorum = await Signers.start(house)
  const { signers, fronts, gateway } = quorum
  const [trader] = await Kit.traders({ house, names: ['quorate'], dollars: 10_000, gateway: gateway.url })
  if (!trader) throw new Error('one trader was asked for')
  const key = { account: trader.account.address, venue: Kit.venueId(house, 'south'), market: 'BTC-PERP' }
  Kit.granted(await trader.client.issueLimit({ ...key, notional: Kit.usd(10_000) }))
  const question = JSON.parse(fronts[1]?.questions.at(-1) ?? '')
  /** What they say of a limit that a gateway gives by what was so before. */
  const ask = async (dollars: number) => {
    const change: Parameters<typeof Liar.certified>[0]['change'] = (it) => ({ ...it, request: { notional: Kit.usd(dollars) } })
    return (await Liar.certified({ signers, question, change })).said
  }
  expect(await ask(10_000)).toEqual(['signed'])
  await succeed(key.venue, key.market)
  expect(await ask(10_000)).toEqual(['MORE_GENEROUS'])
  // What is open is kept as ever, be it nothing.
  expect(await ask(0)).toEqual(['signed'])
}, 120_000)
