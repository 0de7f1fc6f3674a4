/** Dust in a market whose feed is out keeps nobody from being closed; a position that may be worth what is missing does, until the feed is back; a dead feed hides nobody. */
import { Market, perpVenueAbi, priceFeedAbi } from '@plimsoll/contracts'
import { Impersonation } from '@plimsoll/localnet'
import { encodeFunctionData, type Hex, numberToHex, parseUnits } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as Kit from './Kit.ts'

const [grain, sack, plain] = [1, 2, 3].map((i) => numberToHex(0x2000_0000n + BigInt(i), { size: 20 })) as [Hex, Hex, Hex]
const btc = Market.id('BTC-PERP')

let stage: Kit.Stage
beforeAll(async () => {
  stage = await Kit.stage(1, ['ETH-PERP', 'BTC-PERP'])
  // 10,000 of Ether bought at 3,000 with 5 % of maintenance margin: what fails below 2,800, and margin for 1,000 of the other besides.
  const collateral = 10_000 * (1 - (0.95 * 2_800) / 3_000 + 0.0005)
  await stage.open([
    { account: grain, long: true, notional: 10_000, collateral: collateral + 0.2 },
    { account: sack, long: true, notional: 10_000, collateral: collateral + 1_000 * 0.0505 },
  ])
  // The same without the other, and sound until 2,700.
  await stage.open([{ account: plain, long: true, notional: 10_000, collateral: 10_000 * (1 - (0.95 * 2_700) / 3_000 + 0.0005) }])
  await buy(grain, 2)
  await buy(sack, 1_000)
  await stage.tick()
}, 120_000)
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]()
})

/** Buys so many dollars' worth in the market whose feed goes out. */
async function buy(account: Hex, dollars: number): Promise<void> {
  const read = { address: stage.venue, abi: perpVenueAbi, functionName: 'marketOf', args: [btc] } as const
  const { price } = await stage.chain.publicClient.readContract(read)
  const size = (parseUnits(`${dollars}`, 18) * 10n ** 18n) / price + 1n
  const data = encodeFunctionData({ abi: perpVenueAbi, functionName: 'open', args: [btc, size, 2n ** 200n] })
  await Impersonation.send(stage.chain, [{ from: account, to: stage.venue, data }])
}

const closed = async () => {
  const events = await stage.chain.publicClient.getContractEvents({
    ...{ address: stage.venue, abi: perpVenueAbi, eventName: 'Liquidated', fromBlock: 0n, strict: true },
  })
  return events.map(({ args }) => [args.account.toLowerCase(), args.market])
}

test('who has two dollars there is closed where the price is known, and who has a thousand is not before it is', async () => {
  const service = await stage.start()
  await Kit.ready(service)
  const feed = stage.feeds.get('BTC-PERP')
  if (!feed) throw new Error('there is such a market')
  const { timestamp } = await stage.chain.publicClient.getBlock()
  const answer = await stage.chain.publicClient.readContract({ address: feed, abi: priceFeedAbi, functionName: 'latestRoundData' })
  await stage.owner({ address: feed, abi: priceFeedAbi, functionName: 'setAt', args: [answer[1], timestamp - 4_000n] })
  await Kit.until(
    () => Kit.status(service),
    ({ faults }) => faults.some((fault) => fault.startsWith('ORACLE_STALE')),
  )
  expect(await closed()).toEqual([])
  await stage.price(2_790)
  await Kit.until(closed, (all) => all.length > 0)
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  expect(await closed()).toEqual([[grain, Market.id('ETH-PERP')]])
  expect((await Kit.status(service)).faults.join()).toContain('ORACLE_STALE')

  await stage.owner({ address: feed, abi: priceFeedAbi, functionName: 'set', args: [answer[1]] })
  const all = await Kit.until(closed, (now) => now.length > 1)
  expect(all[1]).toEqual([sack, Market.id('ETH-PERP')])

  // A feed that answers nothing hid everybody at its venue.
  await stage.owner({ address: feed, abi: priceFeedAbi, functionName: 'set', args: [0n] })
  await stage.price(2_690)
  const last = await Kit.until(closed, (now) => now.length > 2)
  expect(last[2]).toEqual([plain, Market.id('ETH-PERP')])
  expect((await Kit.status(service)).faults.join()).toContain('VENUE_UNPRICED')
  await service.stop()
}, 120_000)
