/** One desk at a time on a real chain, round by round: what stops it, what it never exceeds, when it sells again, and what it made. */
import { rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { backstopAbi, perpVenueAbi } from '@plimsoll/contracts'
import { Wallet } from '@plimsoll/localnet'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Desk } from '../src/index.ts'
import * as Send from '../src/jobs/send.ts'
import * as Kit from './Kit.ts'

const { one } = Kit
/** No risk is priced, so that a lot is worth its mark at once; what was forced five blocks ago is no flow any more. */
const eager = { CONFIDENCE_PPM: '0', AVERSION: '0', FEE_PPM: '0', FLOW_BLOCKS: '5' }
let stage: Kit.Stage

const shown = (desk: Desk.Desk) => {
  const { markets, ...rest } = desk.shown()
  const market = markets.find(({ symbol }) => symbol === 'ETH-PERP')
  if (!market) throw new Error(`the desk shows no ether: ${rest.faults.join('; ')}`)
  return { ...rest, market }
}
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
/** Until the auction has come down to its greatest discount. */
const fallen = async () => {
  await wait(1_100)
  await stage.chain.mine(1)
}
/** Ticks until nothing more is bought. */
async function buy(desk: Desk.Desk): Promise<void> {
  for (let sent = -1; sent !== desk.shown().sent; ) {
    sent = desk.shown().sent
    await desk.tick()
  }
}

beforeAll(async () => {
  stage = await Kit.stage(1)
  for (const name of ['bidder', 'limited', 'other', 'racer', 'careful']) await stage.deposit(name, 50_000)
  await stage.deposit('poor', 100)
})

afterEach(() => stage.close())

afterAll(() => stage?.[Symbol.asyncDispose]())

describe('a desk', () => {
  test('runs dry: shows what it would do, and sends nothing', async () => {
    const before = await Kit.sentBy(stage, 'bidder')
    await stage.fall('alice', 2)
    const desk = await stage.desk('bidder', { ...eager, DRY_RUN: '1' })
    await desk.tick()
    await desk.tick()
    expect(shown(desk)).toMatchObject({
      ...{ sent: 0, last: null, stopped: null, faults: [], role: 'holder' },
      market: { why: 'BID', act: { kind: 'bid', market: Kit.eth, size: `${2n * one}` } },
    })
    expect(await Kit.sentBy(stage, 'bidder')).toBe(before)
  })

  test('sends nothing while the file is there, says so, and goes on when it is gone', async () => {
    const before = await Kit.sentBy(stage, 'bidder')
    const desk = await stage.desk('bidder', eager)
    const file = join(stage.home, 'stop')
    await writeFile(file, '')
    await desk.tick()
    await desk.tick()
    expect(shown(desk)).toMatchObject({ stopped: 'FILE', sent: 0, market: { act: { kind: 'bid' } } })
    expect(await Kit.sentBy(stage, 'bidder')).toBe(before)
    await rm(file)
    await desk.tick()
    expect(shown(desk)).toMatchObject({ stopped: null, sent: 1, faults: [] })
    expect(await Kit.sizeOf(stage, 'bidder')).toBe(2n * one)
  })

  test('sells again in slices, near the index, once nothing is forced any more, and not before; what it made is the money that moved', async () => {
    // With a discount, so that there is a spread.
    await stage.fall('alice', 2)
    await fallen()
    const desk = await stage.desk('bidder', { ...eager, SLICE_USD: '4000' })
    await buy(desk)
    const size = await Kit.sizeOf(stage, 'bidder')
    expect(size).toBe(4n * one)
    await desk.tick()
    expect(shown(desk)).toMatchObject({ sent: 1, market: { why: 'FLOW', act: null } })
    await stage.world.price('ETH-PERP', '2900')

    // Somebody else's fall: what the auction has still to sell is flow as well, and bought it is no more.
    await stage.fall('carol', 1)
    await buy(desk)
    expect(await Kit.sizeOf(stage, 'bidder')).toBe(5n * one)
    await stage.world.price('ETH-PERP', '2910')
    await desk.tick()
    expect(shown(desk).market.why).toBe('FLOW')
    expect(await Kit.sizeOf(stage, 'bidder')).toBe(5n * one)

    // What is sold ahead of a breach is flow too.
    await stage.chain.mine(6)
    await stage.reduce('wary')
    await desk.tick()
    expect(shown(desk)).toMatchObject({ faults: [], market: { why: 'FLOW', act: null } })

    await stage.chain.mine(6)
    const before = await Kit.sentBy(stage, 'bidder')
    for (let i = 0; i < 6 && (await Kit.sizeOf(stage, 'bidder')) > 0n; i += 1) {
      await desk.tick()
      expect(shown(desk).faults).toEqual([])
    }
    expect(await Kit.sizeOf(stage, 'bidder')).toBe(0n)
    const sold = (await Kit.fillsOf(stage, 'bidder')).filter(({ sizeDelta }) => sizeDelta < 0n)
    // 5 ether at 2,910 are 14,550: three slices of 4,000, and what is left.
    expect(sold).toHaveLength(4)
    expect(await Kit.sentBy(stage, 'bidder')).toBe(before + 4)
    for (const { sizeDelta, price } of sold) expect((-sizeDelta * price) / one).toBeLessThanOrEqual(4_000n * one)

    await stage.chain.mine(3)
    await desk.tick()
    const { profit } = shown(desk).market
    const account = await stage.chain.publicClient.readContract({
      ...{ address: stage.venue, abi: perpVenueAbi, functionName: 'accountOf', args: [Wallet.of('bidder').address] },
    })
    const moved = account.equity - 50_000n * one
    expect(BigInt(profit.spread) + BigInt(profit.inventory) - BigInt(profit.fees)).toBe(BigInt(profit.total))
    expect(BigInt(profit.spread)).toBeGreaterThan(0n)
    // Each trade is booked in whole units of the token.
    const off = BigInt(profit.total) - moved
    expect(off < 0n ? -off : off).toBeLessThanOrEqual(10n ** 12n * BigInt((await Kit.fillsOf(stage, 'bidder')).length))
  })

  test('never holds more than its limit, whatever is on offer', async () => {
    await stage.fall('alice', 4)
    const desk = await stage.desk('limited', { ...eager, LIMIT_USD: '5000' })
    await buy(desk)
    for (let i = 0; i < 3; i += 1) await desk.tick()
    const fills = await Kit.fillsOf(stage, 'limited')
    expect(fills.length).toBeGreaterThan(0)
    for (const { size, price } of fills) expect(size * price).toBeLessThanOrEqual(5_000n * one * one)
    const last = fills.at(-1)
    expect((last?.size ?? 0n) * (last?.price ?? 0n)).toBeGreaterThan(4_999n * one * one)
    expect(shown(desk).market).toMatchObject({ why: expect.stringContaining('SMALL'), act: null })
  })

  test('buys nothing more once it has lost so much, and goes on selling what it holds; the file stops that too', async () => {
    const before = await Kit.sentBy(stage, 'limited')
    await stage.world.price('ETH-PERP', '2590')
    await stage.chain.mine(3)
    // 5,000 dollars of ether at 2,900 fell by 310 each: 534.48, less a discount of 46.68 at most.
    const cautious = await stage.desk('limited', { ...eager, LOSS_USD: '487' })
    await cautious.tick()
    await cautious.tick()
    expect(shown(cautious)).toMatchObject({
      ...{ stopped: 'LOSS', sent: 0, faults: [] },
      market: { why: expect.stringContaining('LIMIT'), act: null },
    })
    expect(await Kit.sentBy(stage, 'limited')).toBe(before)
    await stage.close()
    const bold = await stage.desk('limited', { ...eager, LOSS_USD: '535' })
    await bold.tick()
    expect(shown(bold)).toMatchObject({ stopped: null, sent: 1 })
    await stage.close()

    // Four ether, 10,360 dollars, and nothing on offer any more. At most 108.30 of discount in all leave a loss of 426.18.
    expect(await Kit.sizeOf(stage, 'limited')).toBe(4n * one)
    await stage.chain.mine(6)
    const selling = await stage.desk('limited', { ...eager, LOSS_USD: '426', SLICE_USD: '6000' })
    const file = join(stage.home, 'stop')
    await writeFile(file, '')
    await selling.tick()
    expect(shown(selling)).toMatchObject({ stopped: 'FILE', sent: 0, market: { act: { kind: 'reduce' } } })
    await rm(file)
    await selling.tick()
    await selling.tick()
    expect(shown(selling)).toMatchObject({ stopped: 'LOSS', sent: 2, faults: [], last: expect.stringContaining('reduce') })
    expect(await Kit.sizeOf(stage, 'limited')).toBe(0n)
    expect(await Kit.sentBy(stage, 'limited')).toBe(before + 3)
  })

  test('bids for no more than its collateral admits, and is never refused', async () => {
    await stage.fall('alice', 2)
    const desk = await stage.desk('poor', eager)
    await buy(desk)
    expect(shown(desk)).toMatchObject({ faults: [], last: expect.stringMatching(/^bid .* done$/), market: { act: null } })
    const [first, ...more] = await Kit.fillsOf(stage, 'poor')
    // 100 dollars carry 2,500 at 4 %; what a bid is paid at 0.9336 % carries more, so that all together it is 3,261 at most.
    const notional = ({ size }: { readonly size: bigint }) => size * 2_900n
    expect(first && notional(first)).toBeLessThanOrEqual(2_500n * one)
    expect(first && notional(first)).toBeGreaterThan(2_499n * one)
    for (const fill of more) expect(notional(fill)).toBeLessThanOrEqual(3_261n * one)
    const other = await stage.desk('other', eager)
    await buy(other)
  })

  test('decides once on a block: a second decision on it cannot buy again', async () => {
    await stage.fall('alice', 2)
    const { hash } = await stage.chain.publicClient.getBlock()
    const { chains } = stage.world.document as { readonly chains: readonly { readonly chainId: number }[] }
    const config = chains.find(({ chainId }) => chainId === stage.chain.chainId) as Parameters<typeof Send.open>[0]['config']
    const till = () =>
      Send.open({
        ...{ config, key: privateKeyToAccount(Wallet.privateKeyOf('racer')), venue: stage.venue, backstop: stage.backstop },
        ...{ mostFee: 500n * 10n ** 9n, waitMs: 5_000, nowMs: Date.now },
      })
    const before = await Kit.sentBy(stage, 'racer')
    const act = { kind: 'bid', market: Kit.eth, size: one, limitPrice: 2n ** 255n, why: '' } as const
    const terms = { at: hash, may: async () => true }
    expect(await till().send(act, { ...terms, may: async () => false })).toEqual({ status: 'withheld' })
    expect(await till().send(act, terms)).toMatchObject({ status: 'done' })
    await expect(till().send({ ...act, size: one / 2n }, terms)).rejects.toMatchObject({ code: 'NOT_SENT' })
    expect(await Kit.sizeOf(stage, 'racer')).toBe(one)
    expect(await Kit.sentBy(stage, 'racer')).toBe(before + 1)
  })

  test('does nothing, and says why, while a source lies, hangs, or hides what happened', async () => {
    const [, source] = stage.sources
    const before = await Kit.sentBy(stage, 'careful')
    const faults = [
      {
        kind: 'lie',
        tell: ({ method }: { method: string }, result: unknown) => (method === 'eth_call' ? `${String(result).slice(0, -1)}7` : result),
      },
      { kind: 'lie', tell: ({ method }: { method: string }, result: unknown) => (method === 'eth_getLogs' ? [] : result) },
      { kind: 'hang' },
    ] as const
    for (const fault of faults) {
      const desk = await stage.desk('careful', eager)
      source.become(fault)
      await desk.tick()
      await desk.tick()
      expect(desk.shown()).toMatchObject({ sent: 0, last: null, role: 'holder' })
      expect(desk.shown().faults.length, fault.kind).toBeGreaterThan(0)
      source.become({ kind: 'none' })
      await stage.close()
    }
    expect(await Kit.sentBy(stage, 'careful')).toBe(before)
  })

  test('bids nothing on a price that is not fresh, and for a token whose decimals nobody tells', async () => {
    const before = await Kit.sentBy(stage, 'careful')
    const desk = await stage.desk('careful', eager)
    await stage.age(3_700)
    await desk.tick()
    expect(shown(desk)).toMatchObject({ sent: 0, market: { why: 'PRICE_STALE', act: null, quote: null } })
    await stage.close()
    await stage.world.price('ETH-PERP', '2900')
    const blind = await stage.desk('careful', eager, (document) => ({
      ...document,
      venues: document.venues.map((venue) => ({ ...venue, collateral: Wallet.of('nobody').address.toLowerCase() as `0x${string}` })),
    }))
    await blind.tick()
    expect(blind.shown()).toMatchObject({ sent: 0, markets: [] })
    expect(blind.shown().faults).toEqual([expect.stringContaining('CONTRACT_UNREADABLE: decimals of')])
    expect(await Kit.sentBy(stage, 'careful')).toBe(before)
  })

  describe('prices risk', () => {
    let forecaster: Server
    let answer = { asOf: 0, sigmaPpm: 650_000 }

    beforeAll(async () => {
      const loss = { longPpm: 50_000, shortPpm: 50_000 }
      forecaster = createServer((_, response) => {
        const forecast = { symbol: 'ETH-PERP', source: 'har', modelHash: `0x${'ab'.repeat(32)}`, ...answer }
        response.end(
          JSON.stringify({ backend: 'none', forecasts: [{ ...forecast, closeOut: loss, liquidation: loss, throughTheCycle: loss }] }),
        )
      })
      await new Promise<void>((resolve) => forecaster.listen(0, '127.0.0.1', resolve))
    })

    afterAll(() => void forecaster?.close())

    test('by a young forecast; by no less than through the cycle when it is old or nobody answers; and shows which', async () => {
      await fallen()
      const { port } = forecaster.address() as AddressInfo
      const now = Math.floor(Date.now() / 1_000)
      const priced = async (given: typeof answer, url = `http://127.0.0.1:${port}`) => {
        answer = given
        const desk = await stage.desk('careful', { FORECASTER_URL: url, DRY_RUN: '1' })
        await desk.tick()
        await stage.close()
        const { market, faults } = shown(desk)
        return { sigma: market.sigma, why: market.why, faults }
      }
      // The auction gives 0.9336 %. An hour's standard deviation is a 93.6th of a year's: with 0.1 % of fee, 0.9334 % are asked for at 78 %,
      // 0.9441 % at 79 %, 0.7945 % at 65 %, and 0.2068 % at 10 %.
      const given = (sigmaPpm: number) => priced({ asOf: now, sigmaPpm })
      expect(await given(790_000)).toMatchObject({
        ...{ sigma: { ppm: 790_000, from: { source: 'forecast', model: 'har', asOf: now } }, faults: [] },
        why: 'DISCOUNT: 0.009441 is needed',
      })
      expect(await given(780_000)).toMatchObject({ sigma: { ppm: 780_000 }, why: 'BID' })
      expect(await given(100_000)).toMatchObject({ sigma: { ppm: 100_000 }, why: 'BID' })
      const old = { source: 'throughTheCycle', why: expect.stringContaining('s old') }
      expect(await priced({ asOf: now - 7_300, sigmaPpm: 100_000 })).toMatchObject({ sigma: { ppm: 650_000, from: old }, why: 'BID' })
      expect(await priced({ asOf: now - 7_300, sigmaPpm: 790_000 })).toMatchObject({
        ...{ sigma: { ppm: 790_000, from: old }, why: 'DISCOUNT: 0.009441 is needed' },
      })
      expect(await priced(answer, 'http://127.0.0.1:1')).toMatchObject({
        sigma: { ppm: 650_000, from: { source: 'throughTheCycle', why: 'The forecaster did not answer.' } },
        faults: [expect.stringContaining('FORECASTER_UNREACHABLE')],
      })
    })
  })
})

test('money is conserved: what was given is with the venue, the backstop and its layers', async () => {
  const { chain, venue, backstop } = stage
  const sold = await chain.publicClient.getContractEvents({
    address: backstop,
    abi: backstopAbi,
    eventName: 'Sold',
    fromBlock: 0n,
    strict: true,
  })
  const bought = await Promise.all(['bidder', 'limited', 'poor', 'other', 'racer'].map((name) => Kit.fillsOf(stage, name)))
  const taken = bought.flat().reduce((sum, { sizeDelta }) => (sizeDelta > 0n ? sum + sizeDelta : sum), 0n)
  expect(sold.reduce((sum, { args }) => sum + args.size, 0n)).toBe(taken)
  const inherited = await chain.publicClient.getContractEvents({
    ...{ address: backstop, abi: backstopAbi, eventName: 'Inherited', fromBlock: 0n, strict: true },
  })
  const left = await chain.publicClient.readContract({
    address: venue,
    abi: perpVenueAbi,
    functionName: 'sizeOf',
    args: [backstop, Kit.eth],
  })
  expect(inherited.reduce((sum, { args }) => sum + args.size, 0n)).toBe(taken + left)
})
