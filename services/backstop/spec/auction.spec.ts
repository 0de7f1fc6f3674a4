/** Desks as processes at a real auction: without a bidder nothing is sold; with one, once it pays; with two of one key, once in all. */
import { backstopAbi, testTokenAbi } from '@plimsoll/contracts'
import { type Service, Wallet } from '@plimsoll/localnet'
import type { Address } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Kit from './Kit.ts'

const { one } = Kit
const eager = { CONFIDENCE_PPM: '0', AVERSION: '0', FEE_PPM: '0' }
const stage = await Kit.stage(3)
const required = (process.env['PLIMSOLL_REQUIRE'] ?? '').split(',').includes('postgres')

type Shown = { readonly role: string; readonly sent: number; readonly faults: readonly string[] }
const told = async (service: Service.Service): Promise<Shown> => {
  const { desks } = (await (await fetch(`${service.url}/status`)).json()) as { readonly desks: readonly Shown[] }
  const [desk] = desks
  if (!desk) throw new Error('there is a desk')
  return desk
}
const sold = () =>
  stage.chain.publicClient.getContractEvents({ address: stage.backstop, abi: backstopAbi, eventName: 'Sold', fromBlock: 0n, strict: true })
const held = async () => {
  const [manifest] = stage.world.manifest.venues
  const places = [stage.venue, stage.backstop, manifest?.backstop.junior, manifest?.backstop.senior] as readonly Address[]
  const read = (account: Address) =>
    stage.chain.publicClient.readContract({ address: stage.token, abi: testTokenAbi, functionName: 'balanceOf', args: [account] })
  return (await Promise.all(places.map(read))).reduce((sum, amount) => sum + amount, 0n)
}
const offer = () =>
  stage.chain.publicClient.readContract({ address: stage.backstop, abi: backstopAbi, functionName: 'offerOf', args: [Kit.eth] })
/** Blocks by the clock, so that nothing is mined because it was sent. */
const still = async (isStill: boolean) => void (await stage.chain.testClient.setAutomine(!isStill))

beforeAll(async () => {
  for (const name of ['bidder', 'pair']) await stage.deposit(name, 50_000)
  await stage.fall('alice', 10)
})

afterAll(() => stage[Symbol.asyncDispose]())

test('a lot is inherited, kept at its floor while nobody bids, and bought by a desk; money is conserved', async () => {
  const before = await held()
  await new Promise((resolve) => setTimeout(resolve, 3_100))
  await stage.chain.mine(100)
  const kept = await offer()
  // Equity of 285 on 29,000: all of it is left behind, a twentieth for the call, and 0.93 % for whoever buys.
  expect(kept).toMatchObject({ inventory: 10n * one, discountPpm: 9_336 })
  expect(await held()).toBe(before)

  const database: Kit.Given = stage.databaseUrl === null ? {} : { DATABASE_URL: stage.databaseUrl }
  const desk = await stage.start('alone', {
    ...database,
    BACKSTOP_KEY: Wallet.privateKeyOf('bidder'),
    LIMIT_USD: '20000',
    HORIZON_SECONDS: '600',
  })
  const bought = await Kit.until(
    () => Kit.sizeOf(stage, 'bidder'),
    (size) => size > 0n,
  )
  expect(bought + (await offer()).inventory).toBe(10n * one)
  expect(await held()).toBe(before)
  await desk.stop()
})

describe.skipIf(stage.databaseUrl === null && !required)('two desks of one key (needs DATABASE_URL or a PostgreSQL server binary)', () => {
  test('one sends; killed before its bytes leave, or once they are on their way, the other takes over, and nothing is bought twice', async () => {
    if (stage.databaseUrl === null) throw new Error('PostgreSQL is required, and there is none')
    const pair = { DATABASE_URL: stage.databaseUrl, BACKSTOP_KEY: Wallet.privateKeyOf('pair'), ...eager }
    // No more than a part of the lot, so that whoever buys twice is over the limit.
    const limit = { LIMIT_USD: '3000' }
    const before = { sold: (await sold()).length, sent: await Kit.sentBy(stage, 'pair') }
    for (const source of stage.sources) {
      source.become({ kind: 'refuse', method: 'eth_sendRawTransaction', message: 'not now' })
      source.forget()
    }
    const [first, second] = await Promise.all([stage.start('first', { ...pair, ...limit }), stage.start('second', { ...pair, ...limit })])
    const roles = async () => [(await told(first)).role, (await told(second)).role]
    // Who was held up for longer than a lease believes for a moment yet that it has it; what counts is who sends.
    const both = await Kit.until(roles, (all) => all.toSorted().join() === 'holder,standby')
    const [holder, other] = both[0] === 'holder' ? [first, second] : [second, first]
    await Kit.until(
      async () => stage.sources.map((source) => source.calls()['eth_sendRawTransaction'] ?? 0),
      (tries) => tries.every((count) => count > 0),
    )
    expect((await told(other)).sent).toBe(0)

    // Signed, and not gone.
    holder.kill('SIGKILL')
    await holder.exited
    for (const source of stage.sources) source.become({ kind: 'none' })
    await Kit.until(
      () => told(other),
      ({ role, sent }) => role === 'holder' && sent === 1,
    )
    expect((await sold()).length).toBe(before.sold + 1)
    const size = await Kit.sizeOf(stage, 'pair')
    expect(size * 2_900n).toBeLessThanOrEqual(3_000n * one)

    // Gone, and in no block: with twice the limit there is as much again to buy.
    other.kill('SIGKILL')
    await other.exited
    // A lease that outlives the start of another process beside it.
    const more = { LIMIT_USD: '6000', LEASE_SECONDS: '10' }
    await still(true)
    const third = await stage.start('third', { ...pair, ...more })
    const waiting = () => stage.chain.testClient.getTxpoolStatus()
    await Kit.until(waiting, ({ pending }) => pending > 0)
    const fourth = await stage.start('fourth', { ...pair, ...more })
    expect((await told(fourth)).role).toBe('standby')
    third.kill('SIGKILL')
    await third.exited
    // It has seen a chain without the bid of the one before it, and sends its own.
    await Kit.until(
      () => told(fourth),
      ({ role }) => role === 'holder',
    )
    await new Promise((resolve) => setTimeout(resolve, 500))
    await still(false)
    await stage.chain.mine(1)
    await Kit.until(
      () => Kit.sizeOf(stage, 'pair'),
      (now) => now > size,
    )
    await stage.chain.mine(3)
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect((await sold()).length).toBe(before.sold + 2)
    expect((await Kit.sizeOf(stage, 'pair')) * 2_900n).toBeLessThanOrEqual(6_000n * one)
    expect(await Kit.sentBy(stage, 'pair')).toBe(before.sent + 2)
    await fourth.stop()
  })
})
