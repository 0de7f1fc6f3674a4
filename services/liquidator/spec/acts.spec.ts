/** One act after another: before the breach by a mandate, never on a stale price or in the grace after it, replaced when stuck, dry, and by one of two. */
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mandatesAbi, perpVenueAbi, priceFeedAbi } from '@plimsoll/contracts'
import { Postgres, type Service } from '@plimsoll/localnet'
import { type Hex, numberToHex, parseUnits } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Kit from './Kit.ts'

type Action = {
  readonly id: string
  readonly account: Hex
  readonly kind: string
  readonly hash: Hex
  readonly status: string
  readonly outcome: string | null
  readonly nonce: string | null
  readonly createdAt: number
  readonly block: { readonly number: string; readonly hash: Hex } | null
  readonly transactions: readonly { readonly hash: Hex; readonly maxFeePerGas: string }[]
  readonly decision: {
    readonly prediction: { readonly probability: number } | null
    readonly plan: { readonly size: string } | null
    readonly order?: { readonly size: string }
    readonly modelHash: Hex | null
  }
}

const modelHash = `0x${'ab'.repeat(32)}` as const
const person = (i: number) => numberToHex(0x2000_0000n + BigInt(i), { size: 20 })
/** At 3,000 all are healthy; below their price they are not. */
type People = [Hex, Hex, Hex, Hex, Hex, Hex, Hex]
const [willing, unwilling, first, second, third, fourth, fifth] = [1, 2, 3, 4, 5, 6, 7].map(person) as People
/** The collateral that fails below a price of so much, bought at 3,000 with 5 % of maintenance margin and a fee of 5 in 10,000. */
const until = (price: number, notional = 10_000) => notional * (1 - (0.95 * price) / 3_000 + 0.0005)
const trader = (account: Hex, price: number): Kit.Trader => ({ account, long: true, notional: 10_000, collateral: until(price) })

let stage: Kit.Stage
let forecaster: Kit.Forecaster
let sigmaPpm = 100_000
const postgres = await Postgres.start()

const actions = async (service: Service.Service): Promise<readonly Action[]> => {
  const response = await fetch(`${service.url}/actions`)
  return ((await response.json()) as { readonly actions: readonly Action[] }).actions
}
const of = (all: readonly Action[], account: Hex) => all.filter((action) => action.account === account)
const liquidations = () =>
  stage.chain.publicClient.getContractEvents({
    ...{ address: stage.venue, abi: perpVenueAbi, eventName: 'Liquidated', fromBlock: 0n, strict: true },
  })

beforeAll(async () => {
  stage = await Kit.stage(4)
  await stage.open([
    ...[trader(willing, 2_830), trader(unwilling, 2_830)],
    ...[trader(first, 2_700), trader(second, 2_600), trader(third, 2_500), trader(fourth, 2_300), trader(fifth, 2_400)],
  ])
  await stage.mandate(willing)
  await stage.tick()
  forecaster = await Kit.forecaster(() => ({ modelHash, sigmaPpm }))
}, 120_000)

afterAll(async () => {
  forecaster?.close()
  await stage?.[Symbol.asyncDispose]()
  if (postgres.status === 'running') await postgres.stop()
})

describe('a liquidator', () => {
  test('reduces nobody ahead where no backstop stands to take up what is sold', async () => {
    const document = JSON.parse(await readFile(join(stage.home, 'deployment.json'), 'utf8'))
    for (const venue of document.venues) delete venue.backstop
    const bare = join(stage.home, 'bare')
    await mkdir(bare)
    await writeFile(join(bare, 'deployment.json'), JSON.stringify(document))
    const service = await stage.start({
      name: 'bare',
      env: { FORECASTER_URL: forecaster.url, PLIMSOLL_HOME: bare, PLIMSOLL_CONFIG: join(bare, 'deployment.json') },
    })
    await Kit.ready(service)
    sigmaPpm = 10_000_000
    // Longer than the one that may takes to act, below.
    await new Promise((resolve) => setTimeout(resolve, 8_000))
    expect(await actions(service)).toEqual([])
    sigmaPpm = 100_000
    await service.stop()
  })

  test('reduces before the breach whoever allowed it, once a slice, by a plan that the chain knows by its hash; and nobody else', async () => {
    const service = await stage.start({ name: 'reducer', env: { FORECASTER_URL: forecaster.url } })
    await Kit.ready(service)
    expect(await actions(service)).toEqual([])
    // So wild a market that who stands 6 % above its breach reaches it within the hour more likely than not.
    sigmaPpm = 10_000_000
    const done = await Kit.until(
      async () => of(await actions(service), willing),
      (all) => all.some(({ outcome }) => outcome === 'done'),
    )
    expect(done).toHaveLength(1)
    expect(done[0]).toMatchObject({ kind: 'reduce', decision: { modelHash } })
    expect(done[0]?.decision.prediction?.probability).toBeGreaterThan(0.5)
    const events = await stage.chain.publicClient.getContractEvents({
      ...{ address: stage.mandates, abi: mandatesAbi, eventName: 'Reduced', fromBlock: 0n, strict: true },
    })
    expect(events.map(({ args }) => [args.account.toLowerCase(), args.planHash, `${args.size}`])).toEqual([
      [willing, done[0]?.hash, done[0]?.decision.order?.size],
    ])
    expect((await actions(service)).map(({ account }) => account)).toEqual([willing])
    expect(await liquidations()).toEqual([])
    sigmaPpm = 100_000
    await service.stop()
  })

  test('closes nobody on a stale price, nor in the grace after it', async () => {
    const service = await stage.start({ name: 'cautious', env: { GRACE_SECONDS: '4' } })
    await Kit.ready(service)
    const { timestamp } = await stage.chain.publicClient.getBlock()
    const stale = [parseUnits('2690', 8), timestamp - 4_000n]
    await stage.owner({ address: stage.feed, abi: priceFeedAbi, functionName: 'setAt', args: stale })
    const refused = await Kit.until(
      () => Kit.status(service),
      ({ faults }) => faults.some((fault) => fault.startsWith('ORACLE_STALE')),
    )
    expect(refused.due).toBe(0)
    await stage.price(2_690)
    const grace = await Kit.until(
      () => Kit.status(service),
      ({ faults }) => faults.some((fault) => fault.startsWith('ORACLE_GRACE')),
    )
    expect(grace.due).toBe(0)
    const [own] = await Kit.until(
      async () => of(await actions(service), first),
      (all) => all.length > 0,
    )
    expect(own?.createdAt).toBeGreaterThanOrEqual(grace.prices[0]?.graceUntil ?? Number.POSITIVE_INFINITY)
    await Kit.until(liquidations, (all) => all.some(({ args }) => args.account.toLowerCase() === first))
    await service.stop()
  })

  test('replaces what no block takes under the same nonce, for more, and it has one effect', async () => {
    const service = await stage.start({ name: 'stuck', env: { STUCK_SECONDS: '1' } })
    await Kit.ready(service)
    await stage.price(2_590)
    await Kit.until(
      () => stage.chain.publicClient.readContract({ address: stage.venue, abi: perpVenueAbi, functionName: 'marketOf', args: [Kit.eth] }),
      ({ price }) => price === parseUnits('2590', 18),
    )
    // No block from here on: what is sent waits.
    await stage.chain.testClient.setIntervalMining({ interval: 0 })
    const [waiting] = await Kit.until(
      async () => of(await actions(service), second),
      (all) => (all[0]?.transactions.length ?? 0) >= 2,
      45,
    )
    const fees = waiting?.transactions.map(({ maxFeePerGas }) => BigInt(maxFeePerGas)) ?? []
    expect(fees[1]).toBeGreaterThanOrEqual(((fees[0] ?? 0n) * 11n) / 10n)
    await stage.chain.testClient.setIntervalMining({ interval: 1 })
    const [done] = await Kit.until(
      async () => of(await actions(service), second),
      (all) => all[0]?.outcome === 'done',
    )
    expect(done?.nonce).toBe(waiting?.nonce)
    expect((await liquidations()).filter(({ args }) => args.account.toLowerCase() === second)).toHaveLength(1)
    await service.stop()
  }, 120_000)

  test('decides and records, and sends nothing, when it runs dry', async () => {
    const before = await stage.chain.publicClient.getTransactionCount({ address: stage.liquidator })
    const home = await mkdtemp(join(tmpdir(), 'plimsoll-dry-'))
    const service = await stage.start({ name: 'dry', env: { DRY_RUN: '1', PLIMSOLL_HOME: home } })
    await Kit.ready(service)
    await stage.price(2_490)
    const noted = await Kit.until(
      async () => of(await actions(service), third),
      (all) => all.length > 0,
    )
    expect(noted).toMatchObject([{ status: 'dry', nonce: null, transactions: [], outcome: null }])
    expect(await stage.chain.publicClient.getTransactionCount({ address: stage.liquidator })).toBe(before)
    await service.stop()
  })
})

const required = (process.env['PLIMSOLL_REQUIRE'] ?? '').split(',').includes('postgres')

describe('a replaced block', () => {
  test('takes an action along; the same bytes go out again, and have one effect', async () => {
    const service = await stage.start({ name: 'replaced' })
    await Kit.ready(service)
    await stage.price(2_390)
    const [mined] = await Kit.until(
      async () => of(await actions(service), fifth),
      (all) => all[0]?.status === 'mined',
    )
    await stage.chain.testClient.setIntervalMining({ interval: 0 })
    const head = await stage.chain.publicClient.getBlockNumber()
    const depth = Number(head - BigInt(mined?.block?.number ?? 0)) + 1
    await stage.chain.testClient.request({ method: 'anvil_reorg', params: [depth, []] } as never)
    expect((await liquidations()).filter(({ args }) => args.account.toLowerCase() === fifth)).toHaveLength(0)
    await stage.chain.testClient.setIntervalMining({ interval: 1 })
    const [again] = await Kit.until(
      async () => of(await actions(service), fifth),
      (all) => all[0]?.status === 'final',
      60,
    )
    expect(again).toMatchObject({ outcome: 'done', nonce: mined?.nonce })
    expect(again?.block?.hash).not.toBe(mined?.block?.hash)
    expect(of(await actions(service), fifth)).toHaveLength(1)
    expect((await liquidations()).filter(({ args }) => args.account.toLowerCase() === fifth)).toHaveLength(1)
    await service.stop()
  }, 120_000)
})

describe.skipIf(postgres.status === 'missing' && !required)('two liquidators (needs DATABASE_URL or a PostgreSQL server binary)', () => {
  test('one acts; it is stopped in its tracks, and the other takes over; when it goes on, it has lost the lease', async () => {
    if (postgres.status === 'missing') throw new Error(postgres.reason)
    const env = { DATABASE_URL: postgres.url, LEASE_SECONDS: '3' }
    const one = await stage.start({ name: 'one', env })
    await Kit.until(
      () => Kit.status(one),
      ({ role }) => role === 'holder',
    )
    const other = await stage.start({ name: 'other', env })
    await Kit.ready(one)
    expect((await Kit.status(other)).role).toBe('standby')
    one.kill('SIGSTOP')
    await stage.price(2_290)
    const done = await Kit.until(
      async () => of(await actions(other), fourth),
      (all) => all.some(({ outcome }) => outcome === 'done'),
    )
    expect(done).toHaveLength(1)
    one.kill('SIGCONT')
    await Kit.until(
      () => Kit.status(one),
      ({ role }) => role === 'standby',
    )
    expect((await liquidations()).filter(({ args }) => args.account.toLowerCase() === fourth)).toHaveLength(1)
    await one.stop()
    await other.stop()
  }, 120_000)
})
