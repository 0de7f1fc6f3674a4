/** A backstop kept in order: lots that nobody wanted are closed when their time is over and not before, and income is shared out once. */
import { backstopAbi, testTokenAbi } from '@plimsoll/contracts'
import { Wallet } from '@plimsoll/localnet'
import type { Address } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as Kit from './Kit.ts'

const { one } = Kit
const auctionSeconds = 60
const stage = await Kit.stage(auctionSeconds)
/** Nobody bids: no discount is worth it. */
const shy = { CONFIDENCE_PPM: '10000000', FEE_PPM: '100000' }

const balance = (account: Address) =>
  stage.chain.publicClient.readContract({ address: stage.token, abi: testTokenAbi, functionName: 'balanceOf', args: [account] })
const layers = async () => {
  const [manifest] = stage.world.manifest.venues
  if (!manifest) throw new Error('there is a venue')
  const { junior, senior } = manifest.backstop
  return { junior: await balance(junior), insurance: await balance(stage.backstop), senior: await balance(senior) }
}
const inventory = async () => {
  const args = [Kit.eth] as const
  const offer = await stage.chain.publicClient.readContract({ address: stage.backstop, abi: backstopAbi, functionName: 'offerOf', args })
  return offer.inventory
}
const shared = () =>
  stage.chain.publicClient.getContractEvents({
    ...{ address: stage.backstop, abi: backstopAbi, eventName: 'IncomeShared', fromBlock: 0n, strict: true },
  })
/** The chain's time runs ahead of ours, by which prices are dated. */
const ahead = 14 * auctionSeconds
const pass = async (seconds: number) => {
  await stage.chain.testClient.increaseTime({ seconds })
  await stage.chain.mine(1)
}

beforeAll(async () => {
  await stage.fall('alice', 10)
  await stage.chain.fund(Wallet.all(['keeper', 'dry']).map(({ address }) => address))
})

afterAll(() => stage[Symbol.asyncDispose]())

test('before its time a lot is kept; on a stale price it is kept too; then it is closed, and the income shared out, each once', async () => {
  const before = await layers()
  const desk = await stage.desk('keeper', shy)
  await desk.tick()
  await pass(10 * auctionSeconds)
  await desk.tick()
  expect(desk.shown()).toMatchObject({ sent: 0, faults: [] })
  expect(await inventory()).toBe(10n * one)

  await pass(3 * auctionSeconds)
  await stage.age(ahead + 2 * 3_600)
  await desk.tick()
  expect(desk.shown().sent).toBe(0)
  await stage.age(ahead)
  await desk.tick()
  expect(desk.shown()).toMatchObject({ sent: 1, faults: [] })
  expect(desk.shown().last).toMatch(/^unwind 0x[0-9a-f]{64} done$/)
  expect(await inventory()).toBe(0n)
  expect(await layers()).toEqual(before)

  await desk.tick()
  expect(desk.shown().last).toMatch(/^shareIncome 0x[0-9a-f]{64} done$/)
  const [income, ...more] = await shared()
  expect(more).toEqual([])
  // Equity of 285 was all left behind, a twentieth of it to who called: 60 % is junior's.
  expect(income?.args).toEqual({ junior: 162_450_000n, senior: 108_300_000n, insurance: 0n })
  const after = await layers()
  expect(after).toEqual({ ...before, junior: before.junior + 162_450_000n, senior: before.senior + 108_300_000n })

  await desk.tick()
  await desk.tick()
  expect(desk.shown().sent).toBe(2)
  expect(await shared()).toHaveLength(1)
  await stage.close()
})

test('a desk that runs dry keeps nothing in order', async () => {
  await stage.fall('bob', 10)
  await pass(13 * auctionSeconds)
  await stage.age(2 * ahead)
  const desk = await stage.desk('dry', { ...shy, DRY_RUN: '1' })
  await desk.tick()
  expect(desk.shown()).toMatchObject({ sent: 0, faults: [] })
  expect(await inventory()).toBe(10n * one)
})
