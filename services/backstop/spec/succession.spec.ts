/** A market whose feed dies for good: its holder and the backstop's capital are stuck; the owner names a successor; after the notice both are out. */
import { backstopAbi, lastPriceAbi, perpVenueAbi, priceFeedAbi, successionsAbi } from '@plimsoll/contracts'
import { lastPriceBytecode } from '@plimsoll/contracts/bytecode'
import { Deployment, Wallet } from '@plimsoll/localnet'
import { type Address, type Hex, parseUnits } from 'viem'
import { afterAll, expect, test } from 'vitest'
import * as Kit from './Kit.ts'

const { one, eth } = Kit
const day = 86_400
const all = 2n ** 256n - 1n
const stage = await Kit.stage(60)
const { chain, venue, backstop, world } = stage
const [alice, bob, keeper, guest] = [Wallet.of('alice'), Wallet.of('bob'), Wallet.of('keeper'), Wallet.of('guest')]
const successions: Address = await chain.publicClient.readContract({ address: venue, abi: perpVenueAbi, functionName: 'successions' })

const market = () => chain.publicClient.readContract({ address: venue, abi: perpVenueAbi, functionName: 'marketOf', args: [eth] })
const account = (of: Address) =>
  chain.publicClient.readContract({ address: venue, abi: perpVenueAbi, functionName: 'accountOf', args: [of] })
const mayLeave = async () => (await chain.publicClient.readContract({ address: backstop, abi: backstopAbi, functionName: 'gates' }))[1]
const send = (of: typeof bob, functionName: string, args: readonly unknown[]) =>
  Deployment.write(chain, of, { address: venue, abi: perpVenueAbi, functionName, args })
const succeed = () => Deployment.write(chain, guest, { address: successions, abi: successionsAbi, functionName: 'succeed', args: [eth] })
const name = (feed: Hex) =>
  world.owner({ address: successions, abi: successionsAbi, functionName: 'nameSuccessor', args: [eth, feed, 3_600] })

/** A feed that says 2,950 for good. */
async function lastPrice(): Promise<Hex> {
  const args = ['ETH / USD', parseUnits('2950', 8), 8] as const
  const hash = await chain.wallet(keeper).deployContract({ abi: lastPriceAbi, bytecode: lastPriceBytecode, args })
  const { contractAddress } = await chain.publicClient.waitForTransactionReceipt({ hash })
  if (!contractAddress) throw new Error('a feed was deployed')
  return contractAddress
}

afterAll(() => stage[Symbol.asyncDispose]())

test('a dead feed keeps everybody in; its successor, named, waited for and still wanted, lets everybody out, and nobody in', async () => {
  await chain.fund([keeper.address, guest.address])
  await stage.fall('alice', 10)
  await world.price('ETH-PERP', '3000')
  await stage.deposit('bob', 1_000)
  await send(bob, 'open', [eth, one, all])
  const successor = await lastPrice()
  await expect(name(successor)).rejects.toThrow('FeedAlive')

  const feed = world.manifest.markets.find(({ symbol }) => symbol === 'ETH-PERP')?.feed
  if (!feed) throw new Error('there is such a market')
  await world.owner({ address: feed, abi: priceFeedAbi, functionName: 'set', args: [0n] })
  await expect(send(bob, 'reduce', [eth, all, 0n])).rejects.toThrow('PriceNotPositive')
  await expect(send(bob, 'withdraw', [1n, bob.address])).rejects.toThrow('PriceNotPositive')
  await expect(
    Deployment.write(chain, keeper, { address: backstop, abi: backstopAbi, functionName: 'unwind', args: [eth] }),
  ).rejects.toThrow('NoLot')
  expect(await mayLeave()).toBe(false)
  const stuck = await stage.desk('keeper')
  await stuck.tick()
  expect(stuck.shown()).toMatchObject({ sent: 0, faults: [] })
  await stage.close()

  await name(successor)
  await expect(succeed()).rejects.toThrow('NotDue')
  await stage.later(3 * day)
  expect(await market()).toMatchObject({ feed: expect.stringMatching(new RegExp(feed, 'i')), price: 0n })
  await succeed()
  expect(await market()).toMatchObject({ price: 2_950n * one, fresh: true, maxOpenInterest: 0n })

  await stage.deposit('alice', 1_000)
  await expect(send(alice, 'open', [eth, one, all])).rejects.toThrow('OpenInterestExceeded')
  await send(bob, 'reduce', [eth, all, 0n])
  // 1,000 less a fee of 1.50 and a loss of 50.
  const { collateral } = await account(bob.address)
  expect(collateral).toBe(948n * one + one / 2n)
  await send(bob, 'withdraw', [collateral / 10n ** 12n, bob.address])
  expect(await account(bob.address)).toMatchObject({ collateral: 0n, positions: [] })

  // A desk reads its index where the document says: at the successor, from now on.
  const desk = await stage.desk('keeper', {}, (document) => ({
    ...document,
    markets: document.markets.map((it) => (it.symbol === 'ETH-PERP' ? { ...it, feed: successor } : it)),
  }))
  await desk.tick()
  expect(desk.shown()).toMatchObject({ sent: 1, faults: [] })
  expect(desk.shown().last).toMatch(/^unwind 0x[0-9a-f]{64} done$/)
  expect((await account(backstop)).positions).toEqual([])
  expect(await mayLeave()).toBe(true)
  await desk.tick()
  expect(desk.shown().last).toMatch(/^shareIncome 0x[0-9a-f]{64} done$/)
  await stage.close()
}, 120_000)
