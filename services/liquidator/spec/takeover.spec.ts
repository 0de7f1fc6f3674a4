/** Who is too far gone is the backstop's and not the market's; what nobody can pay is paid by its layers in turn; each once, whoever is killed when. */
import { backstopAbi, perpVenueAbi, testTokenAbi } from '@plimsoll/contracts'
import type { Service } from '@plimsoll/localnet'
import { type Hex, numberToHex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as Kit from './Kit.ts'

type Action = {
  readonly id: string
  readonly account: Hex
  readonly kind: string
  readonly hash: Hex
  readonly status: string
  readonly outcome: string | null
  readonly nonce: string
  readonly transaction: Hex | null
  readonly decision: {
    readonly inputs: { readonly backstop?: { readonly notional: string; readonly capacity: string } }
    readonly verdict: { readonly status: string; readonly owed?: string }
  }
  readonly result: { readonly events: readonly { readonly event: string }[] } | null
}

const [gone, later, near, whale] = [1, 2, 3, 4].map((i) => numberToHex(0x3000_0000n + BigInt(i), { size: 20 })) as [Hex, Hex, Hex, Hex]
/** The collateral that fails below a price of so much, bought at 3,000 with 5 % of maintenance margin and a fee of 5 in 10,000. */
const until = (price: number, notional = 10_000) => notional * (1 - (0.95 * price) / 3_000 + 0.0005)
const trader = (account: Hex, price: number): Kit.Trader => ({ account, long: true, notional: 10_000, collateral: until(price) })

let stage: Kit.Stage

const actions = async (service: Service.Service): Promise<readonly Action[]> => {
  const { actions } = (await (await fetch(`${service.url}/actions`)).json()) as { readonly actions: readonly Action[] }
  return [...actions].reverse()
}
const liquidated = () =>
  stage.chain.publicClient.getContractEvents({
    ...{ address: stage.venue, abi: perpVenueAbi, eventName: 'Liquidated', fromBlock: 0n, strict: true },
  })
const inherited = () =>
  stage.chain.publicClient.getContractEvents({
    ...{ address: stage.backstop.address, abi: backstopAbi, eventName: 'Inherited', fromBlock: 0n, strict: true },
  })
const accountOf = (account: Hex) =>
  stage.chain.publicClient.readContract({ address: stage.venue, abi: perpVenueAbi, functionName: 'accountOf', args: [account] })
const balance = (account: Hex) =>
  stage.chain.publicClient.readContract({ address: stage.token, abi: testTokenAbi, functionName: 'balanceOf', args: [account] })
/** Junior, insurance, senior. */
const layers = () => Promise.all([stage.backstop.junior, stage.backstop.address, stage.backstop.senior].map(balance))
const refuse = (isRefused: boolean) => {
  for (const source of stage.sources)
    source.become(isRefused ? { kind: 'refuse', method: 'eth_sendRawTransaction', message: 'not now' } : { kind: 'none' })
}
const kill = async (service: Service.Service) => {
  service.kill('SIGKILL')
  await service.exited
}

beforeAll(async () => {
  stage = await Kit.stage(4)
  await stage.open([trader(gone, 2_700), trader(later, 2_600), trader(near, 2_650)])
  await stage.tick()
}, 120_000)

afterAll(() => stage?.[Symbol.asyncDispose]())

test('whose price jumps too far is inherited within a tick, and nothing of it is sold; who only just failed is sold', async () => {
  const { positions } = await accountOf(gone)
  const service = await stage.start()
  await Kit.ready(service)
  await stage.price(2_640)
  const seen = await stage.chain.publicClient.getBlockNumber()
  const [own] = await Kit.until(
    async () => (await actions(service)).filter(({ account }) => account === gone),
    (all) => all[0]?.outcome === 'done',
  )
  expect(own).toMatchObject({ kind: 'inherit', decision: { verdict: { status: 'due' } } })
  expect(BigInt(own?.decision.inputs.backstop?.capacity ?? 0)).toBeGreaterThan(0n)
  expect(own?.result?.events.map(({ event }) => event)).toContain('Inherited')
  const [only] = (await inherited()).filter(({ args }) => args.account.toLowerCase() === gone)
  expect(only?.args).toMatchObject({ size: positions[0]?.size, caller: expect.stringMatching(new RegExp(stage.liquidator, 'i')) })
  process.stderr.write(`liquidator: inherited ${Number((only?.blockNumber ?? 0n) - seen)} blocks of a second after its price\n`)
  // A tick of a quarter of a second, the block that it is seen in, and the one that it is mined in.
  expect(Number((only?.blockNumber ?? 0n) - seen)).toBeLessThanOrEqual(4)
  const sold = await Kit.until(liquidated, (all) => all.length > 0)
  expect(sold.map(({ args }) => args.account.toLowerCase())).toEqual([near])
  expect((await accountOf(gone)).positions).toEqual([])
  await service.stop()
})

test('killed when it is committed and no source has it: whoever comes back sends the same bytes, and it is inherited once', async () => {
  let service = await stage.start()
  await Kit.ready(service)
  refuse(true)
  await stage.price(2_540)
  const of = (all: readonly Action[]) => all.filter(({ account }) => account === later)
  const [kept] = await Kit.until(
    async () => of(await actions(service)),
    (all) => all.length > 0,
  )
  expect(kept).toMatchObject({ kind: 'inherit', status: 'pending' })
  await kill(service)
  expect((await inherited()).length).toBe(1)
  refuse(false)
  service = await stage.start()
  const all = await Kit.until(
    async () => of(await actions(service)),
    (found) => found.some(({ outcome }) => outcome === 'done'),
  )
  expect(all).toMatchObject([{ id: kept?.id, nonce: kept?.nonce, hash: kept?.hash }])
  const events = (await inherited()).map(({ args }) => args.account.toLowerCase())
  expect(events).toEqual([gone, later])
  expect((await liquidated()).length).toBe(1)
  await kill(service)
})

test('what is more than the backstop may carry is sold at once; what it leaves owing is paid by the layers in turn, once, to the cent', async () => {
  await stage.open([{ account: whale, long: true, notional: 5_000_000, collateral: 505_000 }])
  let service = await stage.start()
  await Kit.ready(service)
  const before = await layers()
  await stage.price(2_100)
  await Kit.until(liquidated, (all) => all.some(({ args }) => args.account.toLowerCase() === whale))
  // Wherever it is with the debt by now.
  await kill(service)
  service = await stage.start()
  const owing = await Kit.until(
    async () => (await actions(service)).filter(({ account }) => account === whale),
    (all) => all.some(({ kind, outcome }) => kind === 'cover' && outcome === 'done'),
    60,
  )
  expect(owing.map(({ kind }) => kind)).toEqual(['liquidate', 'cover'])
  expect(owing[1]?.decision.verdict.status).toBe('owing')
  const usd = 10n ** 12n
  const owed = BigInt(owing[1]?.decision.verdict.owed ?? 0) / usd
  const paid = await stage.chain.publicClient.getContractEvents({
    ...{ address: stage.backstop.address, abi: backstopAbi, eventName: 'LayerPaid', fromBlock: 0n, strict: true },
  })
  const [junior = 0n, insurance = 0n] = before
  expect(owed).toBeGreaterThan(junior + insurance)
  const parts = [junior, insurance, owed - junior - insurance]
  expect(paid.map(({ args }) => [args.account.toLowerCase(), args.layer, args.amount])).toEqual(
    parts.map((amount, i) => [whale, i, amount]),
  )
  expect(await layers()).toEqual(before.map((held, i) => held - (parts[i] ?? 0n)))
  expect(await accountOf(whale)).toMatchObject({ unsettledLoss: 0n, collateral: 0n, positions: [] })
  const said = await stage.chain.publicClient.getContractEvents({
    ...{ address: stage.venue, abi: perpVenueAbi, eventName: 'LossCovered', fromBlock: 0n, strict: true },
  })
  expect(said.map(({ args }) => [args.account.toLowerCase(), args.amount])).toEqual([[whale, owed]])
  await service.stop()
}, 120_000)
