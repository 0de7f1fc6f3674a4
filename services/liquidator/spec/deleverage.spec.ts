/** Winners pay last: nothing while a layer can, nothing on doubtful data, and then in rank, once, to the cent. */
import { join } from 'node:path'
import { backstopAbi, perpVenueAbi, testTokenAbi } from '@plimsoll/contracts'
import { Deleveraging } from '@plimsoll/liquidation'
import type { FaultyRpc, Service } from '@plimsoll/localnet'
import { type Hex, numberToHex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as Kit from './Kit.ts'

type Action = {
  readonly account: Hex
  readonly kind: string
  readonly outcome: string | null
  readonly nonce: string
  readonly decision: { readonly verdict: { readonly status: string; readonly owed?: string } }
}
type Uncovered = { readonly account: Hex; readonly owed: string; readonly winners: number; readonly unread: number }

const address = (i: number) => numberToHex(0x4000_0000n + BigInt(i), { size: 20 })
const [steady, keen, tiny, small, whale] = [1, 2, 3, 4, 5].map(address) as [Hex, Hex, Hex, Hex, Hex]
const usd = (dollars: number) => BigInt(dollars) * 10n ** 18n
const tokens = (dollars: number) => BigInt(dollars) * 10n ** 6n

/**
 * Sold at 3,000, a fee of 5 in 10,000 paid. At 2,100:
 *
 * | | size | profit | equity | open | r = profit · open / equity | profit / equity |
 * |---|---|---|---|---|---|---|
 * | keen | 8 | 7,200 | 9,700 | 16,800 | 12,470.1 | 0.742 |
 * | steady | 10 | 9,000 | 19,000 | 21,000 | 9,947.4 | 0.474 |
 * | tiny | 1 | 900 | 1,210 | 2,100 | 1,562.0 | 0.744 |
 */
const winners: readonly Kit.Trader[] = [
  { account: steady, long: false, notional: 30_000, collateral: 10_015 },
  { account: keen, long: false, notional: 24_000, collateral: 2_512 },
  { account: tiny, long: false, notional: 3_000, collateral: 311.5 },
]

let stage: Kit.Stage
let service: Service.Service

const actionsOf = async (account: Hex): Promise<readonly Action[]> => {
  const { actions } = (await (await fetch(`${service.url}/actions`)).json()) as { readonly actions: readonly Action[] }
  return actions.filter((action) => action.account === account).reverse()
}
const status = async () => (await Kit.status(service)) as Kit.Status & { readonly uncovered: readonly Uncovered[] }
const accountOf = (account: Hex) =>
  stage.chain.publicClient.readContract({ address: stage.venue, abi: perpVenueAbi, functionName: 'accountOf', args: [account] })
const balance = (account: Hex) =>
  stage.chain.publicClient.readContract({ address: stage.token, abi: testTokenAbi, functionName: 'balanceOf', args: [account] })
const layers = async () => {
  const held = await Promise.all([stage.backstop.junior, stage.backstop.address, stage.backstop.senior].map(balance))
  return held.reduce((sum, each) => sum + each, 0n)
}
const pool = () => stage.chain.publicClient.readContract({ address: stage.venue, abi: perpVenueAbi, functionName: 'pool' })
const deleveraged = async () => {
  const logs = await stage.chain.publicClient.getContractEvents({
    ...{ address: stage.venue, abi: perpVenueAbi, eventName: 'Deleveraged', fromBlock: 0n, strict: true },
  })
  return logs.map(({ args }) => [args.winner.toLowerCase(), args.loser.toLowerCase(), args.amount])
}
/** One that remembers no price from before. */
const stranger = (name: string) => ({ PLIMSOLL_HOME: join(stage.home, name) })
/** Several rounds of the service. */
const rounds = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
const become = (fault: () => FaultyRpc.Fault) => {
  for (const source of stage.sources.slice(1)) source.become(fault())
}
beforeAll(async () => {
  stage = await Kit.stage(4)
  // 2,000 ether bought at 3,000: at 2,500 a million is lost, of which a fee of 3,000 left 998,000.
  await stage.open([...winners, { account: small, long: true, notional: 6_000_000, collateral: 1_001_000 }])
  await stage.tick()
}, 180_000)

afterAll(() => stage?.[Symbol.asyncDispose]())

test('while the layers can pay, they do, and nobody’s profit is touched', async () => {
  service = await stage.start()
  await Kit.ready(service)
  const before = await layers()
  await stage.price(2_500)
  await Kit.until(
    () => actionsOf(small),
    (all) => all.some(({ kind, outcome }) => kind === 'cover' && outcome === 'done'),
  )
  await rounds(3)
  expect((await actionsOf(small)).map(({ kind }) => kind)).toEqual(['liquidate', 'cover'])
  expect(before - (await layers())).toBe(tokens(2_000))
  expect(await deleveraged()).toEqual([])
  expect((await status()).uncovered).toEqual([])
  await service.stop()
}, 180_000)

test('while sources lie or are lost, or in the grace of a price, nobody is asked, and it is said why', async () => {
  // 8,000 ether bought at 2,500: at 2,100 3.2 million are lost; what is left of the layers is 1,098,000.
  await stage.open([{ account: whale, long: true, notional: 20_000_000, collateral: 2_100_800 }])
  service = await stage.start({ env: stranger('misled') })
  await Kit.ready(service)
  become(Kit.lies)
  await stage.price(2_100)
  await Kit.until(
    () => accountOf(whale),
    ({ equity }) => equity < 0n,
  )
  await stage.owner({ address: stage.venue, abi: perpVenueAbi, functionName: 'liquidate', args: [whale, Kit.eth] })
  expect(await accountOf(whale)).toMatchObject({ unsettledLoss: usd(1_109_200), collateral: 0n, positions: [] })
  await stage.owner({ address: stage.backstop.address, abi: backstopAbi, functionName: 'cover', args: [whale] })
  expect(await accountOf(whale)).toMatchObject({ unsettledLoss: usd(11_200) })
  expect(await layers()).toBe(0n)
  for (const fault of [Kit.lies, () => ({ kind: 'down' }) as const]) {
    become(fault)
    await rounds(4)
    await Kit.until(status, ({ faults }) => faults.length > 0)
    expect(await actionsOf(whale)).toEqual([])
  }
  await service.stop()
  become(() => ({ kind: 'none' }))

  service = await stage.start({ env: { ...stranger('patient'), GRACE_SECONDS: '3600' } })
  const waiting = await Kit.until(status, ({ faults }) => faults.some((fault) => fault.startsWith('ORACLE_GRACE')))
  expect(waiting.uncovered).toEqual([{ account: whale, owed: `${usd(11_200)}`, winners: 0, unread: 3 }])
  await rounds(2)
  expect(await actionsOf(whale)).toEqual([])
  expect(await deleveraged()).toEqual([])
  expect(await accountOf(whale)).toMatchObject({ unsettledLoss: usd(11_200) })
  await service.stop()
}, 180_000)

test('then who is first in rank pays, as far as it takes, once; the process is killed between the page that is checked and the payment', async () => {
  const places = await Promise.all(
    winners.map(async ({ account }) => {
      const { equity, positions } = await accountOf(account)
      const rank = await stage.chain.publicClient.readContract({
        ...{ address: stage.backstop.address, abi: backstopAbi, functionName: 'rankOf', args: [account, Kit.eth] },
      })
      const [held] = positions
      if (!held) throw new Error('each has a position')
      expect(rank).toBe(Deleveraging.value({ profit: held.unrealised, notional: held.notional, equity }))
      return { account, rank }
    }),
  )
  // 7,200 · 16,800 / 9,700, 9,000 · 21,000 / 19,000 and 900 · 2,100 / 1,210.
  expect(places.map(({ rank }) => rank / 10n ** 17n)).toEqual([99_473n, 124_701n, 15_619n])

  const env = { ...stranger('payer'), PAGE_ACCOUNTS: '2' }
  const [custody, held] = [await balance(stage.venue), await pool()]
  service = await stage.start({ env })
  await Kit.until(
    () => actionsOf(whale),
    (all) => all.some(({ kind, outcome }) => kind === 'check' && outcome === 'done'),
    60,
  )
  service.kill('SIGKILL')
  await service.exited
  service = await stage.start({ env })
  const all = await Kit.until(
    () => actionsOf(whale),
    (found) => found.some(({ kind, outcome }) => kind === 'deleverage' && outcome === 'done'),
    60,
  )
  expect(all.map(({ kind, outcome }) => [kind, outcome])).toEqual([
    ['check', 'done'],
    ['deleverage', 'done'],
  ])
  expect(all.map(({ decision }) => decision.verdict)).toEqual(all.map(() => ({ status: 'uncovered', owed: `${usd(11_200)}` })))
  expect(new Set(all.map(({ nonce }) => nonce)).size).toBe(2)

  await rounds(3)
  expect(await actionsOf(whale)).toHaveLength(2)
  // 11,200 owed: all of the first's 7,200, and 4,000 of the second's 9,000; the third has more by equity alone, and keeps his.
  expect(await deleveraged()).toEqual([
    [keen, whale, usd(7_200)],
    [steady, whale, usd(4_000)],
  ])
  expect(await accountOf(whale)).toMatchObject({ unsettledLoss: 0n, collateral: 0n })
  expect(await accountOf(keen)).toMatchObject({ collateral: usd(2_500), positions: [] })
  expect(await accountOf(tiny)).toMatchObject({ collateral: usd(310), positions: [{ size: -(10n ** 18n) }] })
  const after = await accountOf(steady)
  expect(after).toMatchObject({ collateral: usd(10_000), positions: [{ size: -10n * 10n ** 18n + 4_444_444_444_444_444_445n }] })
  // Nothing changed hands but promises: what the venue holds, and what of it is the pool's, are the same.
  expect([await balance(stage.venue), await pool()]).toEqual([custody, held])
  expect(await status()).toMatchObject({ uncovered: [], faults: [] })
  await service.stop()
}, 180_000)
