/**
 * One reduction from its trigger to its target: six slices ten seconds apart, with the process killed at every point in between. Time passes by
 * dating what was done back while no process runs, and stands still by dating it ahead; everything else is as it is.
 */
import { join } from 'node:path'
import { mandatesAbi, perpVenueAbi } from '@plimsoll/contracts'
import { Postgres, type Service } from '@plimsoll/localnet'
import { Database } from '@plimsoll/store'
import { type Hex, numberToHex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as Kit from './Kit.ts'

type Action = {
  readonly id: string
  readonly kind: string
  readonly hash: Hex
  readonly status: string
  readonly outcome: string | null
  readonly nonce: string
  readonly decision: {
    readonly prediction: { readonly probability: number }
    readonly order: { readonly size: string }
    readonly plan: {
      readonly reason: string
      readonly size: string
      readonly slices: readonly string[]
      readonly target: { readonly ratio: number }
    }
  }
}

const one = 10n ** 18n
const modelHash = `0x${'cd'.repeat(32)}` as const
const willing = numberToHex(0x3000_0001n, { size: 20 })
/** At 3,000, breached at 2,830. */
const trader: Kit.Trader = { account: willing, long: true, notional: 10_000, collateral: 1_043.33 }
/** A breach within the hour is more likely than not; or less, but more likely than what a reduction ends at. */
const [wild, lively] = [8_500_000, 5_000_000]

const postgres = await Postgres.start()
let stage: Kit.Stage
let forecaster: Kit.Forecaster
let sigmaPpm = lively

const start = (): Promise<Service.Service> => {
  const shared: Readonly<Record<string, string>> = postgres.status === 'running' ? { DATABASE_URL: postgres.url } : {}
  return stage.start({ name: 'slicer', env: { FORECASTER_URL: forecaster.url, TICK_MS: '100', ...shared } })
}
/** Oldest first. */
const actions = async (service: Service.Service): Promise<readonly Action[]> => {
  const response = await fetch(`${service.url}/actions`)
  return ((await response.json()) as { readonly actions: readonly Action[] }).actions.toReversed()
}
const kill = async (service: Service.Service) => {
  service.kill('SIGKILL')
  await service.exited
}
const isDone = (count: number) => (all: readonly Action[]) => all.filter(({ outcome }) => outcome === 'done').length >= count
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const account = () =>
  stage.chain.publicClient.readContract({ address: stage.venue, abi: perpVenueAbi, functionName: 'accountOf', args: [willing] })
/** Equity by notional. */
const ratio = async () => {
  const { equity, positions } = await account()
  return Number(equity) / Number(positions.reduce((sum, { notional }) => sum + notional, 0n))
}

/** Lets so much time pass for what was done, or holds it up. */
async function pass(seconds: number): Promise<void> {
  const database = await Database.open(
    postgres.status === 'running' ? { url: postgres.url } : { directory: join(stage.home, 'liquidator') },
  )
  await database.query('update actions set created_at = created_at - $1', [seconds])
  await database.close()
}

beforeAll(async () => {
  stage = await Kit.stage()
  await stage.open([trader])
  await stage.mandate(willing)
  await stage.tick()
  forecaster = await Kit.forecaster(() => ({ modelHash, sigmaPpm }))
}, 120_000)

afterAll(async () => {
  forecaster?.close()
  await stage?.[Symbol.asyncDispose]()
  if (postgres.status === 'running') await postgres.stop()
})

test('a plan of six slices survives kills, ends at its target and not below, and rests before it begins again', async () => {
  const before = await account()
  let service = await start()
  await Kit.ready(service)
  // Hysteresis: what would go on with a reduction does not begin one.
  await wait(1_500)
  expect(await actions(service)).toEqual([])

  sigmaPpm = wild
  const [first] = await Kit.until(
    () => actions(service),
    (all) => all.length > 0,
  )
  expect(first?.decision.prediction.probability).toBeGreaterThan(0.5)
  expect(first?.decision.plan).toMatchObject({ reason: 'probable' })
  // Killed as soon as it is decided; whoever comes back sees it through, and waits.
  await kill(service)
  await pass(-120)
  service = await start()
  await Kit.until(() => actions(service), isDone(1))
  await wait(1_500)
  expect(await actions(service)).toHaveLength(1)
  await kill(service)

  // Killed when the second is committed, and before any source has it: the same bytes go out.
  await pass(131)
  for (const source of stage.sources) source.become({ kind: 'refuse', method: 'eth_sendRawTransaction', message: 'not now' })
  service = await start()
  const [, kept] = await Kit.until(
    () => actions(service),
    (all) => all.length === 2,
  )
  expect(kept).toMatchObject({ status: 'pending' })
  await kill(service)
  for (const source of stage.sources) source.become({ kind: 'none' })
  service = await start()
  const [, second] = await Kit.until(() => actions(service), isDone(2))
  expect(second).toMatchObject({ id: kept?.id, nonce: kept?.nonce, hash: kept?.hash })
  await kill(service)

  let short = 0
  let all: readonly Action[] = []
  for (let done = 2; done < 6; done = all.length) {
    short = await ratio()
    await pass(11)
    service = await start()
    all = await Kit.until(() => actions(service), isDone(done + 1))
    await kill(service)
  }

  // The last slices were closed while a breach was less likely than not.
  expect(all.map(({ decision }) => decision.plan.reason)).toEqual(['probable', ...Array(5).fill('unfinished')])
  expect(all.at(-1)?.decision.prediction.probability).toBeLessThan(0.5)
  expect(all.map(({ decision }) => decision.plan.slices.length)).toEqual([6, 5, 4, 3, 2, 1])
  const target = all[0]?.decision.plan.target.ratio ?? 0
  expect(short).toBeLessThan(target - 1e-3)
  expect(await ratio()).toBeCloseTo(target, 9)
  // All of what the first plan said, to a unit a slice.
  const closed = all.reduce((sum, { decision }) => sum + BigInt(decision.order.size), 0n)
  const after = await account()
  expect((before.positions[0]?.size ?? 0n) - (after.positions[0]?.size ?? 0n)).toBe(closed)
  const off = (closed * 3_000n * one) / one - BigInt(all[0]?.decision.plan.size ?? 0)
  expect(off < 0n ? -off : off).toBeLessThan(10n ** 10n)
  const reduced = await stage.chain.publicClient.getContractEvents({
    ...{ address: stage.mandates, abi: mandatesAbi, eventName: 'Reduced', fromBlock: 0n, strict: true },
  })
  expect(reduced.map(({ args }) => [args.planHash, `${args.size}`])).toEqual(all.map(({ hash, decision }) => [hash, decision.order.size]))
  expect(new Set(all.map(({ nonce }) => nonce)).size).toBe(6)

  // At its target nothing is due, though a slice's time has come.
  await pass(11)
  service = await start()
  await Kit.until(
    () => Kit.status(service),
    ({ role }) => role === 'holder',
  )
  await wait(1_500)
  expect(await actions(service)).toHaveLength(6)
  await kill(service)

  // Over, and a new one is wanted at once: not before it has rested.
  await pass(61)
  sigmaPpm = 4 * wild
  service = await start()
  await Kit.until(
    () => Kit.status(service),
    ({ faults }) => faults.includes('PLAN_HELD: cooldown'),
  )
  expect(await actions(service)).toHaveLength(6)
  await kill(service)
  await pass(540)
  service = await start()
  const seventh = (await Kit.until(() => actions(service), isDone(7))).at(-1)
  expect(seventh?.decision.plan).toMatchObject({ reason: 'probable' })
  expect(seventh?.decision.plan.slices).toHaveLength(6)
  await service.stop()
}, 120_000)
