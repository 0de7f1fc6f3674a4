/** A position on strait goes bad, and the gateway has what its certificate stood for paid from the vault on harbour: once, and to the cent. */
import { collateralVaultAbi, limitBookAbi, perpVenueAbi, testTokenAbi } from '@plimsoll/contracts'
import { Deployment, type House, Wallet } from '@plimsoll/localnet'
import { createMarginClient, http } from '@plimsoll/sdk'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import * as Clock from './Clock.ts'
import * as Kit from './Kit.ts'

const usdc = (dollars: number) => BigInt(dollars) * 10n ** 6n
const env = { SETTLEMENT_KEYS: Wallet.privateKeyOf('settlement signer'), RELAY_KEY: Wallet.privateKeyOf('relay') }
const keeper = Wallet.of('keeper')
const escrow = Deployment.escrowOf('north')

let clock: Clock.Clock
let house: House.House
beforeAll(async () => {
  clock = Clock.open()
  house = await Kit.house({ gateway: { env } })
  const { harbour, lagoon, strait } = house.world.chains
  await Promise.all([harbour, lagoon].map((chain) => chain.fund([Wallet.of('relay').address])))
  await strait.fund([keeper.address, escrow.address, Wallet.of('relay').address])
}, 180_000)
afterAll(async () => {
  clock?.restore()
  await house?.stop()
})

/** Puts every clock forward: processes, databases and chains. Prices stay as they are. */
async function advance(seconds: number): Promise<void> {
  clock.advance(seconds)
  await Promise.all(Object.values(house.world.chains).map((chain) => chain.advance(seconds)))
  for (const [symbol, price] of [...house.prices, ['USDC', '1'] as const]) await house.world.price(symbol, price)
  await house.world.finalise()
}

type Told = { readonly kind: string; readonly id: string; readonly body: Readonly<Record<string, unknown>> }

test('credit that fell below what is bound is marked down at the venue, once, to what the rest is worth', async () => {
  const { manifest, chains } = house.world
  const { lagoon, strait } = chains
  const holder = Wallet.of('holder of ether')
  await Deployment.lock({ chain: lagoon, manifest, account: holder, asset: 'WETH', amount: 10n ** 18n })
  await house.world.finalise()
  const client = createMarginClient({ transport: http(house.gateway.url) })
  await client.signIn({ account: holder })
  const venue = Kit.venueId(house, 'south')
  const key = { account: holder.address, venue, market: 'BTC-PERP' }
  const { limit } = await Kit.until(
    () => client.getLimit(key),
    (quote) => quote.limit.notional > 0n,
  )
  const signed = Kit.granted(await client.issueLimit({ ...key, notional: limit.notional }))
  await Kit.post(house, signed)
  await house.world.finalise()
  const held = () =>
    strait.publicClient.readContract({
      ...{ address: signed.limitBook, abi: limitBookAbi, functionName: 'creditOf', args: [holder.address, Kit.addressOf(venue)] },
    })
  const before = await held()
  expect(before).toBe(signed.certificate.credit)

  const start = Number(house.prices.get('ETH-PERP') ?? '3000')
  await house.world.price('ETH-PERP', (start * 0.21).toFixed(2))
  const after = await Kit.until(held, (credit) => credit < before, 60)
  // A fifth of the price, all of it bound there: what is left is at most that, and not below what the book computes by itself.
  const { credit } = await client.getCollateral()
  expect(after).toBeGreaterThanOrEqual(credit)
  expect(after - credit).toBeLessThan(credit / 100n)
  await house.world.finalise()
  await new Promise((resolve) => setTimeout(resolve, 6_000))
  const logs = await strait.publicClient.getContractEvents({
    ...{ address: signed.limitBook, abi: limitBookAbi, eventName: 'MarkedDown', args: { account: holder.address }, fromBlock: 0n },
  })
  expect(logs).toHaveLength(1)
  await house.world.price('ETH-PERP', start.toFixed(2))
}, 240_000)

test('a loss is claimed once, paid after its challenge window, and spent: every cent on chain and in the ledger', async () => {
  const { manifest, chains, world } = { ...house.world, world: house.world }
  const { harbour, strait } = chains
  const [trader, bystander] = await Kit.traders({ house, names: ['gambler', 'bystander'], dollars: 10_000 })
  if (!trader || !bystander) throw new Error('two traders were asked for')
  const account = trader.account.address
  const venue = Kit.venueId(house, 'north')
  const north = Kit.addressOf(venue)
  const vault = manifest.vaults.find(({ chainId }) => chainId === harbour.chainId)
  const token = vault?.tokens.find(({ asset }) => asset === 'USDC')?.token
  const strand = manifest.venues.find(({ name }) => name === 'north')?.collateral.token
  const market = manifest.markets.find(({ symbol }) => symbol === 'ETH-PERP')?.id
  if (!vault || !token || !strand || !market) throw new Error('there are a vault, a token and a market')
  const balance = (chain: typeof harbour, of: `0x${string}`, at: `0x${string}`) =>
    chain.publicClient.readContract({ address: at, abi: testTokenAbi, functionName: 'balanceOf', args: [of] })
  const standing = () => strait.publicClient.readContract({ address: north, abi: perpVenueAbi, functionName: 'accountOf', args: [account] })
  const pool = () => strait.publicClient.readContract({ address: north, abi: perpVenueAbi, functionName: 'pool' })

  // What is told of this participant, across gateways.
  const told: Told[] = []
  const listen = (client: typeof trader.client) => {
    const abort = new AbortController()
    const last = told.at(-1)?.id
    const listening = (async () => {
      for await (const event of client.watchLimit({ ...(last === undefined ? {} : { lastEventId: last }), signal: abort.signal }))
        told.push({ kind: event.kind, id: event.id, body: event.body })
    })().catch(() => {})
    return async () => {
      abort.abort()
      await listening
    }
  }
  const of = (kind: string) => told.filter((event) => event.kind === kind)
  let hush = listen(trader.client)

  // The price has come back at one stroke, and is held back until it is confirmed.
  const signed = await vi.waitFor(
    async () => Kit.granted(await trader.client.issueLimit({ account, venue, market: 'ETH-PERP', notional: Kit.usd(50_000) })),
    { timeout: 90_000, interval: 1_000 },
  )
  const { credit } = signed.certificate
  await strait.fund([account])
  await Kit.post(house, signed)
  await Kit.trade(house, { venue, trader, symbol: 'ETH-PERP', notional: Kit.usd(45_000) })
  // bug: while somebody held a market whose feed was dead, nobody's loss at that venue was claimed, and its collateral could leave.
  const own = { account: bystander.account.address, venue, market: 'BTC-PERP' }
  await strait.fund([own.account])
  await Kit.post(house, Kit.granted(await bystander.client.issueLimit({ ...own, notional: Kit.usd(1_000) })))
  await Kit.trade(house, { venue, trader: bystander, symbol: 'BTC-PERP', notional: Kit.usd(900) })
  await world.price('BTC-PERP', '0')
  const before = await pool()

  // The price falls by a fifth, and somebody liquidates: many times the credit is lost.
  const start = Number(house.prices.get('ETH-PERP') ?? '3000')
  await world.price('ETH-PERP', (start * 0.8).toFixed(2))
  await Deployment.write(strait, keeper, { address: north, abi: perpVenueAbi, functionName: 'liquidate', args: [account, market] })
  const { unsettledLoss: loss } = await standing()
  expect(loss).toBeGreaterThan(credit)
  await world.finalise()

  // The gateway orders what the venue had bound, and posts it by itself.
  const [ordered] = await Kit.until(
    async () => of('settlement.ordered'),
    (events) => events.length > 0,
    60,
  )
  expect(BigInt(String(ordered?.body['credit']))).toBeLessThanOrEqual(credit)
  expect(credit - BigInt(String(ordered?.body['credit']))).toBeLessThan(Kit.usd(1))
  const id = String(ordered?.body['settlementId']) as `0x${string}`
  const claim = () =>
    harbour.publicClient.readContract({ address: vault.address, abi: collateralVaultAbi, functionName: 'claimOf', args: [id] })
  const queued = await Kit.until(claim, ({ status }) => status === 1, 60)
  expect(await balance(harbour, escrow.address, token)).toBe(0n)
  await world.price('BTC-PERP', house.prices.get('BTC-PERP') ?? '60000')

  // It dies while the claim waits, and another one goes on: nothing is ordered twice.
  await hush()
  house.gateway.kill('SIGKILL')
  await house.gateway.exited
  const revived = await house.openGateway({ name: 'revived', env })
  const client = createMarginClient({ transport: http(revived.url) })
  await client.signIn({ account: trader.account })
  hush = listen(client)
  await new Promise((resolve) => setTimeout(resolve, 6_000))
  expect(await claim()).toMatchObject({ status: 1, amount: queued.amount })
  expect(await balance(harbour, escrow.address, token)).toBe(0n)

  // After the challenge window it is paid, to the venue's escrow and nobody else.
  await harbour.advance(3_600)
  await Kit.until(claim, ({ status }) => status === 2, 60)
  expect(await balance(harbour, escrow.address, token)).toBe(queued.amount)
  expect(await balance(harbour, vault.address, token)).toBe(usdc(20_000) - queued.amount)
  await Kit.until(
    async () => of('settlement.ended'),
    (events) => events.length > 0,
    60,
  )
  expect(of('settlement.ended')[0]?.body).toMatchObject({ settlementId: id, status: 'paid' })

  // The escrow brings the same to the venue; the rest of the loss is the venue's own.
  const call = { address: strand, abi: testTokenAbi }
  await Deployment.write(strait, escrow, { ...call, functionName: 'mint', args: [escrow.address, queued.amount] })
  await Deployment.write(strait, escrow, { ...call, functionName: 'approve', args: [north, queued.amount] })
  await Deployment.write(strait, escrow, {
    ...{ address: north, abi: perpVenueAbi, functionName: 'coverLoss' },
    args: [account, queued.amount, id],
  })
  const left = loss - queued.amount * 10n ** 12n
  expect((await standing()).unsettledLoss).toBe(left)
  // The pool was owed the loss and had paid nobody: it has what was brought, and is owed the rest.
  expect(await pool()).toBe(before + queued.amount)

  // No further claim follows: the credit is spent. Once views have surely seen the payment leave, what is still owed is what is bound.
  await advance(150)
  await Kit.until(
    () => client.getCollateral().catch(() => null),
    (view) => view?.encumbered === left,
    60,
  )
  await new Promise((resolve) => setTimeout(resolve, 6_000))
  expect(of('settlement.ordered')).toHaveLength(1)
  expect(of('settlement.ended')).toHaveLength(1)
  await hush()
}, 480_000)
