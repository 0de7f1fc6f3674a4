/** Sources that lie, die or say another chain; feeds that stop; a depositor who leaves: a code and a sentence each, and never a limit on doubt. */
import { writeFile } from 'node:fs/promises'
import { collateralVaultAbi, priceFeedAbi } from '@plimsoll/contracts'
import { BeaconNode, Deployment, type FaultyRpc, type House } from '@plimsoll/localnet'
import { MarginError } from '@plimsoll/sdk'
import { parseUnits } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as Kit from './Kit.ts'

let house: House.House
let trader: Kit.Trader
let key: { account: `0x${string}`; venue: string; market: string }
let honest: bigint

beforeAll(async () => {
  house = await Kit.house()
  const [first] = await Kit.traders({ house, names: ['doubtful'], dollars: 10_000 })
  if (!first) throw new Error('one trader was asked for')
  trader = first
  key = { account: trader.account.address, venue: Kit.venueId(house, 'north'), market: 'ETH-PERP' }
  honest = (await trader.client.getLimit(key)).limit.notional
}, 180_000)
afterAll(() => house?.stop())

/** The code of a refusal, or the limit that was given. */
async function quoted(
  at = key,
): Promise<{ readonly code: string | null; readonly notional: bigint | null; readonly bounds: readonly string[] }> {
  try {
    const { limit } = await trader.client.getLimit(at)
    return { code: null, notional: limit.notional, bounds: limit.bounds.map(({ code, message }) => `${code} ${message}`) }
  } catch (error) {
    if (error instanceof MarginError) return { code: error.code, notional: null, bounds: [] }
    throw error
  }
}

async function recovered(): Promise<void> {
  await Kit.until(quoted, ({ notional }) => notional === honest, 40)
}

const lie: FaultyRpc.Fault = {
  kind: 'lie',
  tell: ({ method }, result) => (method === 'eth_call' && typeof result === 'string' ? `${result.slice(0, -2)}ff` : result),
}

test.each([
  ['lies about a value', lie, 'RPC_VALUE_DISAGREE'],
  ['drops every connection', { kind: 'down' }, 'RPC_QUORUM_LOST'],
  ['answers a page of a web server', { kind: 'html' }, 'RPC_QUORUM_LOST'],
  ['answers half', { kind: 'truncated' }, 'RPC_QUORUM_LOST'],
] as const)(
  'a source of the collateral chain %s: nothing is counted there, and the code says why',
  async (_, fault, code) => {
    const [source] = house.world.sources.harbour
    source.become(fault)
    const seen = await Kit.until(quoted, ({ notional }) => notional === 0n)
    expect(seen.bounds.join('\n')).toContain(code)
    expect(seen.bounds.join('\n')).toContain('PARTIAL_VIEW')
    const { chains } = await trader.client.getCollateral()
    expect(chains.find(({ name }) => name === 'harbour')).toMatchObject({ status: 'missing', code })
    expect(await trader.client.issueLimit({ ...key, notional: Kit.usd(1_000) })).toMatchObject({ status: 'refused' })
    source.become({ kind: 'none' })
    await recovered()
  },
  90_000,
)

test('a price of zero, below zero, or from long ago is no price', async () => {
  const { strait } = house.world.chains
  const feed = house.world.manifest.markets.find(({ symbol }) => symbol === 'ETH-PERP')?.feed
  if (!feed) throw new Error('there is such a market')
  const set = (answer: bigint) => house.world.owner({ address: feed, abi: priceFeedAbi, functionName: 'set', args: [answer] })
  for (const answer of [0n, -1n]) {
    await set(answer)
    await Kit.until(quoted, (seen) => seen.code === 'ORACLE_NON_POSITIVE')
  }
  const old = (await strait.publicClient.getBlock()).timestamp - 7_200n
  await house.world.owner({ address: feed, abi: priceFeedAbi, functionName: 'setAt', args: [parseUnits('3000', 8), old] })
  await Kit.until(quoted, (seen) => seen.code === 'ORACLE_STALE')
  await house.world.price('ETH-PERP', house.prices.get('ETH-PERP') ?? '3000')
  await Kit.until(quoted, ({ notional }) => notional !== null && notional > 0n, 40)
}, 180_000)

test('a grain of ether that somebody locks in his name leaves him his limit on what is not ether while the feed is dead', async () => {
  const { harbour } = house.world.chains
  const inBitcoin = () => quoted({ ...key, market: 'BTC-PERP' })
  const before = await Kit.until(inBitcoin, ({ notional }) => notional !== null && notional > 0n, 40)
  await Deployment.lock({ chain: harbour, manifest: house.world.manifest, account: trader.account, asset: 'WETH', amount: 1n })
  await house.world.finalise()
  await house.world.price('ETH-PERP', '0')
  const doubted = await Kit.until(inBitcoin, ({ bounds }) => bounds.some((bound) => bound.includes('ORACLE_NON_POSITIVE')))
  // At the block with that price, too: nobody holds the market.
  await house.world.finalise()
  await new Promise((resolve) => setTimeout(resolve, 4_000))
  expect(await inBitcoin()).toEqual(doubted)
  expect(doubted.bounds).toContain(
    `PARTIAL_VIEW Something on chain ${harbour.chainId} is in doubt (ORACLE_NON_POSITIVE): it counts nothing.`,
  )
  expect(doubted.notional).toBe(before.notional)
  await house.world.price('ETH-PERP', house.prices.get('ETH-PERP') ?? '3000')
  await Kit.until(inBitcoin, ({ bounds }) => !bounds.some((bound) => bound.includes('PARTIAL_VIEW')), 40)

  // Where somebody holds it, what his position is worth is not known: at that venue nothing is quoted until it is.
  await Kit.post(house, Kit.granted(await trader.client.issueLimit({ ...key, notional: Kit.usd(1_000) })))
  await Deployment.deposit({
    chain: house.world.chains.strait,
    manifest: house.world.manifest,
    account: trader.account,
    venue: 'north',
    amount: 200n * 10n ** 6n,
  })
  await Kit.trade(house, { venue: key.venue, trader, symbol: 'ETH-PERP', notional: Kit.usd(1_000) })
  await house.world.price('ETH-PERP', '0')
  await house.world.finalise()
  expect(await Kit.until(inBitcoin, ({ code }) => code !== null)).toMatchObject({ code: 'CEILING_UNREAD', notional: null })
  // The market is named as people call it.
  const { faults } = (await (await fetch(`${house.gateway.url}/v1/health`)).json()) as { readonly faults: readonly string[] }
  expect(faults.join()).toContain('VENUE_UNPRICED: the feed of ETH-PERP has no price, and ')
  // bug: whoever held a market whose feed died took his venue's whole chain out, and with it every other venue there.
  const south = { ...key, venue: Kit.venueId(house, 'south'), market: 'BTC-PERP' }
  const { strait } = house.world.chains
  for (let look = 0; look < 4; look += 1) {
    expect(await quoted(south)).toMatchObject({ code: null })
    expect((await trader.client.getCollateral()).chains.find(({ chainId }) => chainId === strait.chainId)).toMatchObject({ status: 'ok' })
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
  await house.world.price('ETH-PERP', house.prices.get('ETH-PERP') ?? '3000')
  await Kit.until(inBitcoin, ({ code, bounds }) => code === null && !bounds.some((bound) => bound.includes('PARTIAL_VIEW')))
  await Kit.trade(house, { venue: key.venue, trader, symbol: 'ETH-PERP', notional: 0n })
}, 240_000)

test('an escape request lowers the limit at once, without waiting for finality', async () => {
  const { harbour } = house.world.chains
  const vault = house.world.manifest.vaults.find(({ chainId }) => chainId === harbour.chainId)
  const usdc = vault?.tokens.find(({ asset }) => asset === 'USDC')?.token
  if (!vault || !usdc) throw new Error('harbour takes USDC')
  const { credit: before, lots } = await trader.client.getCollateral()
  const grain = lots.find(({ asset }) => asset === 'WETH')?.credit ?? 0n
  await Deployment.write(harbour, trader.account, {
    address: vault.address,
    abi: collateralVaultAbi,
    functionName: 'requestEscape',
    args: [usdc, parseUnits('4000', 6)],
  })
  const { credit } = await Kit.until(
    () => trader.client.getCollateral(),
    (view) => view.credit < before,
  )
  expect(credit).toBe(((before - grain) * 6n) / 10n + grain)
})

test('another participant’s account, an unknown market, an amount that is none: a code and what to do', async () => {
  const codeOf = (call: Promise<unknown>) =>
    call.then(
      () => 'answered',
      (error: unknown) => (error instanceof MarginError ? error.code : String(error)),
    )
  expect(await codeOf(trader.client.getLimit({ ...key, account: '0x00000000000000000000000000000000000000aa' }))).toBe('ACCOUNT_NOT_LINKED')
  expect(await codeOf(trader.client.getLimit({ ...key, market: 'XYZ-PERP' }))).toBe('UNKNOWN_MARKET')
  expect(await codeOf(trader.client.issueLimit({ ...key, notional: -1n }))).toBe('INVALID_INPUT')
  const raw = await fetch(`${house.gateway.url}/trpc/limits.issue`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: 'x'.repeat(70_000),
  })
  expect(raw.status).toBe(413)
  const batch = await fetch(`${house.gateway.url}/trpc/${Array.from({ length: 21 }, () => 'health').join(',')}?batch=1&input={}`)
  expect(batch.status).toBe(400)
  const foreign = await fetch(`${house.gateway.url}/trpc/auth.signOut`, {
    method: 'POST',
    headers: { origin: 'http://elsewhere.example', cookie: 'plimsoll_session=x', 'content-type': 'application/json' },
    body: '{}',
  })
  expect(foreign.status).toBe(403)
})

test('a deposit that every source of a chain makes up: with a light client nothing is given on it and nobody is called; without, it counts', async () => {
  const { world, home } = house
  const { harbour } = world.chains
  const own = async (document: unknown, name: string) => {
    const path = `${home}/${name}.json`
    await writeFile(path, JSON.stringify(document))
    return path
  }
  let gateway = house.gateway
  const replaced = async (path: string, name: string) => {
    const { port } = new URL(gateway.url)
    await gateway.stop()
    gateway = await house.openGateway({ name, port: Number(port), env: { PLIMSOLL_CONFIG: path } })
  }
  const health = async () =>
    (await (await fetch(`${gateway.url}/v1/health`)).json()) as {
      readonly faults: readonly string[]
      readonly chains: readonly { readonly name: string; readonly code: string | null }[]
    }
  const codeOf = ({ chains }: Awaited<ReturnType<typeof health>>) => chains.find(({ name }) => name === 'harbour')?.code

  const before = (await Kit.until(quoted, ({ notional }) => notional !== null && notional > 0n)).notional ?? 0n
  // The grain of ether from above counts, or does not yet.
  const isBefore = ({ notional }: { readonly notional: bigint | null }) => notional !== null && (notional - before) / Kit.usd(1) === 0n
  await using node = await BeaconNode.start({ target: harbour.url, committeeSize: 8, slotSeconds: 2 })
  const lightClient = { ...node.description, maxAgeSeconds: 24, timeoutMs: 2_000 }
  const document = world.document as { readonly chains: readonly { readonly name: string }[] }
  const chains = document.chains.map((chain) => (chain.name === 'harbour' ? { ...chain, lightClient } : chain))
  await replaced(await own({ ...document, chains }, 'lit by a committee'), 'gateway with a light client')
  await Kit.until(quoted, isBefore)
  expect((await health()).faults.join()).not.toContain('LIGHT_CLIENT')

  // The node falls silent: the chain is unread, by name, until it speaks again.
  node.become('silent')
  const silent = await Kit.until(quoted, ({ notional }) => notional === 0n)
  expect(silent.bounds.join()).toContain('LIGHT_CLIENT_SILENT')
  const { faults } = await health()
  expect(faults.join()).toContain('LIGHT_CLIENT_SOURCE: beacon node beacon node: RPC_HTTP_STATUS')
  node.become('none')
  await Kit.until(quoted, isBefore)

  // What he has bound would be more than his credit, were the chain's silence believed to be a loss.
  Kit.granted(await trader.client.issueLimit({ ...key, notional: Kit.usd(1_000) }))
  // From here on both sources serve a history that the committee never signed, with a deposit in it.
  node.diverge()
  await Deployment.lock({
    chain: harbour,
    manifest: world.manifest,
    account: trader.account,
    asset: 'USDC',
    amount: parseUnits('10000', 6),
  })
  await world.finalise()
  const caught = await Kit.until(quoted, ({ notional }) => notional === 0n)
  expect(caught.bounds.join()).toContain('FINALITY_VIOLATED')
  const told = await Kit.until(health, (seen) => codeOf(seen) === 'FINALITY_VIOLATED' && seen.faults.join().includes('SOURCE_LIED'))
  for (const { id } of world.sources.harbour.map((_, i) => ({ id: `harbour-${['alpha', 'beta'][i]}` })))
    expect(told.faults.join('\n')).toContain(`source ${id} was caught in a lie`)
  expect(await trader.client.issueLimit({ ...key, notional: Kit.usd(1_000) })).toMatchObject({ status: 'refused' })
  expect((await trader.client.getCollateral()).marginCall).toBe(false)

  await replaced(await own(document, 'by its sources alone'), 'gateway without a light client')
  const believed = await Kit.until(quoted, ({ notional }) => notional !== null && notional > before + Kit.usd(1))
  expect(believed.bounds.join()).not.toContain('PARTIAL_VIEW')
}, 300_000)
