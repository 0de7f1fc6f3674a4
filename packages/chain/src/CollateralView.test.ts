import { collateralVaultAbi, priceFeedAbi, Release, Settlement, testTokenAbi } from '@plimsoll/contracts'
import { Anvil, Deployment, type Manifest, Wallet } from '@plimsoll/localnet'
import { Credit, type Inputs } from '@plimsoll/margin'
import fc from 'fast-check'
import { toEventSelector } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { canonicalMulticall } from './ChainConfig.ts'
import * as CollateralView from './CollateralView.ts'
import type { Hex } from './Hex.ts'
import * as Oracle from './Oracle.ts'
import * as Query from './Query.ts'
import * as Quorum from './Quorum.ts'
import { faults, lying, start, type Tap } from './testing/Tap.ts'

const names = ['harbour', 'lagoon', 'strait'] as const
type Name = (typeof names)[number]
const chainIds = { harbour: 31_337_001, lagoon: 31_337_002, strait: 31_337_003 } as const

const alice = Wallet.of('alice')
const bob = Wallet.of('bob')
const addressOf = (account: { readonly address: string }) => account.address.toLowerCase() as Hex
const haircuts = { assetPpm: 10_000, bridgePpm: 0, venuePpm: 0, agePpm: 0 }
const usdc = 10n ** 6n
const one = 10n ** 18n

let chains: Record<Name, Anvil.Anvil>
let taps: Record<Name, readonly Tap[]>
let manifest: Manifest.Manifest
let vaults: readonly CollateralView.Vault[]

beforeAll(async () => {
  const [harbour, lagoon, strait] = await Promise.all(names.map((name) => Anvil.start({ chainId: chainIds[name] })))
  if (!harbour || !lagoon || !strait) throw new Error('three chains were started')
  chains = { harbour, lagoon, strait }
  manifest = await Deployment.deploy(chains)
  const three = (name: Name) => Promise.all(['a', 'b', 'c'].map((id) => start({ id: `${name}-${id}`, target: chains[name].url })))
  taps = { harbour: await three('harbour'), lagoon: await three('lagoon'), strait: await three('strait') }
  vaults = manifest.vaults.map(({ chainId, address, tokens }) => ({
    chainId,
    address,
    tokens: tokens.map(({ asset, token, decimals }) => ({ address: token, asset, decimals, feed: feedOf(asset), haircuts })),
  }))
  await Deployment.lock({ chain: harbour, manifest, account: alice, asset: 'USDC', amount: 1_000n * usdc })
  await Deployment.lock({ chain: lagoon, manifest, account: alice, asset: 'WETH', amount: 2n * one })
  await finalise()
})

afterAll(async () => {
  await Promise.all(names.flatMap((name) => taps[name].map((tap) => tap[Symbol.asyncDispose]())))
  await Promise.all(names.map((name) => chains[name].stop()))
})

afterEach(() => {
  for (const name of names) for (const tap of taps[name]) tap.mend()
})

const finalise = () => Promise.all(names.map((name) => chains[name].mine(9)))

function feedOf(asset: string): CollateralView.Token['feed'] {
  const address = manifest.assets.find((one) => one.asset === asset)?.feed ?? '0x'
  return { chainId: chainIds.strait, address, decimals: 8, heartbeatSeconds: 3_600, deviationPpm: 5_000 }
}

const readerOf = (name: Name) =>
  Quorum.open({
    config: {
      chainId: chainIds[name],
      name,
      sources: taps[name].map((tap) => tap.source),
      k: 2,
      finality: { tag: 'finalized', maxAgeSeconds: 86_400 },
      timeoutMs: 1_000,
    },
  })

const asOf = () => Math.floor(Date.now() / 1000)
const fetchView = (change: Partial<CollateralView.fetch.Args> = {}) =>
  CollateralView.fetch({ readers: names.map(readerOf), vaults, accounts: [alice.address, bob.address], asOf: asOf(), ...change })

const shown = (view: { readonly lots: readonly Inputs.Lot[] }) =>
  view.lots.map(({ chainId, asset, amount, pendingOut }) => ({ chainId, asset, amount, pendingOut }))
const viewOf = async (account: { readonly address: Hex }) =>
  shown(CollateralView.of({ view: await fetchView(), accounts: [account.address] }))

const vaultOf = (name: Name) => manifest.vaults.find(({ chainId }) => chainId === chainIds[name])
const tokenOf = (name: Name, asset: string): Hex => vaultOf(name)?.tokens.find((one) => one.asset === asset)?.token ?? '0x'
const vaultWrite = (name: Name, account: typeof alice, functionName: string, args: readonly unknown[]) =>
  Deployment.write(chains[name], account, { address: vaultOf(name)?.address ?? '0x', abi: collateralVaultAbi, functionName, args })

describe('fetch', () => {
  test('worked example: two chains, two tokens, each lot with its block and price', async () => {
    const view = await fetchView()
    expect(view).toMatchObject({ missing: [], doubtful: [], refusals: [] })
    expect(view.lots).toHaveLength(2)
    const [dollars, ether] = view.lots
    const harbour = vaultOf('harbour')
    const block = view.chains.find(({ chainId }) => chainId === chainIds.harbour)?.block
    expect(dollars).toEqual({
      lotId: CollateralView.lotId({
        chainId: chainIds.harbour,
        holder: alice.address,
        token: tokenOf('harbour', 'USDC'),
        vault: harbour?.address ?? '0x',
      }),
      chainId: chainIds.harbour,
      holder: addressOf(alice),
      asset: 'USDC',
      token: tokenOf('harbour', 'USDC'),
      venue: harbour?.address,
      custody: 'LOCKED',
      amount: 1_000n * usdc,
      pendingOut: 0n,
      decimals: 6,
      block: { number: block?.number, hash: block?.hash, timestamp: block?.timestamp },
      price: { value: one, confidence: one / 200n, publishedAt: expect.any(Number) },
      haircuts,
    })
    expect(ether).toMatchObject({ asset: 'WETH', amount: 2n * one, decimals: 18, price: { value: 3_000n * one } })
    expect(dollars?.lotId).not.toBe(ether?.lotId)
    expect(view.chains.map(({ agree }) => agree.length)).toEqual([3, 3, 3])
    const times = view.chains.map((pinned) => pinned.block.timestamp)
    expect(view.skewSeconds).toBe(Math.max(...times) - Math.min(...times))
    expect(CollateralView.of({ view, accounts: [bob.address] })).toEqual({ lots: [], missing: [] })
  })

  test('worked example: margin takes the lots as they are', async () => {
    const { lots } = CollateralView.of({ view: await fetchView(), accounts: [alice.address] })
    const params = { maxViewAgeSeconds: 86_400, maxPriceAgeSeconds: 86_400, concentration: [{ upTo: null, weightPpm: 1_000_000 }] }
    const { total } = Credit.of(lots, params as unknown as Inputs.Params, asOf())
    // 1,000 · 1 · 0.99 · 0.99 + 2 · 3,000 · 0.99 · 0.99: two half-percent confidences and one percent of haircut.
    expect(total).toBe((7_000n * one * 9_801n) / 10_000n)
  })

  test('worked example: a hundred participants cost one eth_call and one eth_getLogs per source', async () => {
    const strangers = Array.from({ length: 100 }, (_, index) => Wallet.of(`stranger ${index}`).address)
    const view = await fetchView({ accounts: [...strangers, alice.address] })
    expect(view.lots).toHaveLength(2)
    expect(names.map((name) => taps[name].map((tap) => tap.count('eth_call')))).toEqual([
      [1, 1, 1],
      [1, 1, 1],
      [1, 1, 1],
    ])
    expect(names.map((name) => taps[name].map((tap) => tap.count('eth_getLogs')))).toEqual([
      [1, 1, 1],
      [1, 1, 1],
      [0, 0, 0],
    ])
  })

  test('worked example: what stands at an address is read at the same blocks, by the same calls; of a chain that is missing nothing is', async () => {
    const counts = () => names.map((name) => taps[name].map((tap) => [tap.asked(), tap.count('eth_call')]))
    const vault = vaultOf('harbour')?.address.toLowerCase() as Hex
    const codesOf = [alice.address, vault]
    const readers = names.map(readerOf)
    await fetchView({ readers })
    for (const name of names) for (const tap of taps[name]) tap.mend()
    const plain = await fetchView({ readers })
    const before = counts()
    for (const name of names) for (const tap of taps[name]) tap.mend()
    const view = await fetchView({ readers, codesOf })
    expect(counts()).toEqual(before)
    expect(plain.codes).toEqual([])
    const codeOf = (account: Hex) => view.codes.flatMap((it) => (it.account === account ? [[it.chainId, it.code]] : []))
    expect(codeOf(addressOf(alice))).toEqual(names.map((name) => [chainIds[name], 'none']))
    expect(codeOf(vault)).toContainEqual([chainIds.harbour, 'contract'])

    // At a block that somebody else names it is what stood there then.
    const block = view.chains.find(({ chainId }) => chainId === chainIds.harbour)?.block
    if (!block) throw new Error('harbour was read')
    const stranger = `0x${'0d'.repeat(20)}` as const
    await chains.harbour.testClient.setCode({ address: stranger, bytecode: '0x00' })
    await finalise()
    const codeAt = async (blocks?: CollateralView.fetch.Args['blocks']) =>
      (await fetchView({ codesOf: [stranger], ...(blocks ? { blocks } : {}) })).codes.find(({ chainId }) => chainId === chainIds.harbour)
    expect(await codeAt()).toMatchObject({ code: 'contract' })
    expect(await codeAt(new Map([[chainIds.harbour, block]]))).toMatchObject({ code: 'none' })
    for (const tap of taps.harbour) tap.break(faults.down)
    expect((await fetchView({ codesOf })).codes.filter(({ chainId }) => chainId === chainIds.harbour)).toEqual([])
  })

  test('edge: a deposit counts only when final', async () => {
    await Deployment.lock({ chain: chains.harbour, manifest, account: bob, asset: 'USDC', amount: 50n * usdc })
    expect(await viewOf(bob)).toEqual([])
    await chains.harbour.mine(7)
    expect(await viewOf(bob)).toEqual([])
    await chains.harbour.mine(1)
    expect(await viewOf(bob)).toEqual([{ chainId: chainIds.harbour, asset: 'USDC', amount: 50n * usdc, pendingOut: 0n }])
  })

  test('edge: an escape counts at once, its end only when final', async () => {
    const token = tokenOf('harbour', 'USDC')
    const lot = (pendingOut: bigint) => [{ chainId: chainIds.harbour, asset: 'USDC', amount: 50n * usdc, pendingOut }]
    await vaultWrite('harbour', bob, 'requestEscape', [token, 20n * usdc])
    expect(await viewOf(bob)).toEqual(lot(20n * usdc))
    await finalise()
    expect(await viewOf(bob)).toEqual(lot(20n * usdc))

    await vaultWrite('harbour', bob, 'cancelEscape', [token])
    expect(await viewOf(bob)).toEqual(lot(20n * usdc))
    await finalise()
    expect(await viewOf(bob)).toEqual(lot(0n))
  })

  test('edge: one source is enough to see an escape; k silent ones do not hide it', async () => {
    const token = tokenOf('harbour', 'USDC')
    await vaultWrite('harbour', bob, 'requestEscape', [token, 30n * usdc])
    for (const tap of taps.harbour.slice(0, 2)) tap.break(faults.emptyLogs)
    expect((await viewOf(bob))[0]?.pendingOut).toBe(30n * usdc)
    await vaultWrite('harbour', bob, 'cancelEscape', [token])
    await finalise()
  })

  test('edge: a signed release counts at once', async () => {
    const vault = vaultOf('harbour')
    if (!vault) throw new Error('harbour has a vault')
    const order = {
      id: `0x${'07'.repeat(32)}` as Hex,
      account: bob.address,
      token: tokenOf('harbour', 'USDC'),
      amount: 10n * usdc,
      to: bob.address,
      deadline: BigInt(asOf() + 3_600),
      epoch: 1,
    }
    const signature = await Wallet.of('release signer').signTypedData(
      Release.typedData(order, { chainId: chainIds.harbour, verifyingContract: vault.address }),
    )
    await vaultWrite('harbour', bob, 'release', [order, [signature]])
    expect(await viewOf(bob)).toEqual([{ chainId: chainIds.harbour, asset: 'USDC', amount: 40n * usdc, pendingOut: 0n }])
    await finalise()
    expect(await viewOf(bob)).toEqual([{ chainId: chainIds.harbour, asset: 'USDC', amount: 40n * usdc, pendingOut: 0n }])
  })

  test('edge: an escape carried out before its request is final', async () => {
    const token = tokenOf('harbour', 'USDC')
    await vaultWrite('harbour', bob, 'requestEscape', [token, 15n * usdc])
    await chains.harbour.advance(73 * 3_600)
    await vaultWrite('harbour', bob, 'executeEscape', [token, bob.address])
    const left = [{ chainId: chainIds.harbour, asset: 'USDC', amount: 25n * usdc, pendingOut: 0n }]
    const later = { asOf: asOf() + 73 * 3_600 }
    const view = await fetchView(later)
    // The chain's clock has moved three days on; the feeds' has not.
    expect(view.doubtful).toContainEqual(
      expect.objectContaining({ holder: addressOf(bob), chainId: chainIds.harbour, code: 'ORACLE_STALE' }),
    )
    expect(shown(CollateralView.of({ view: await fetchView(), accounts: [bob.address] }))).toEqual(left)
    await finalise()
    expect(await viewOf(bob)).toEqual(left)
    expect((await fetchView()).skewSeconds).toBeGreaterThan(70 * 3_600)
  })
})

describe('faults', () => {
  test('edge: one source of each chain misbehaves, each in its own way', async () => {
    const before = shown(await fetchView())
    taps.harbour[0]?.break(faults.lie)
    taps.lagoon[1]?.break(faults.down)
    taps.strait[2]?.break(faults.html)
    const view = await fetchView()
    expect(shown(view)).toEqual(before)
    expect(view.missing).toEqual([])
    expect(view.chains.flatMap(({ dissent }) => dissent.map(({ id, why }) => `${id}:${why}`)).sort()).toEqual([
      'harbour-a:RPC_VALUE_DISAGREE',
      'lagoon-b:RPC_UNREACHABLE',
      'strait-c:RPC_MALFORMED',
    ])
  })

  test('error: a chain that cannot be read is missing, not empty', async () => {
    for (const tap of taps.lagoon.slice(0, 2)) tap.break(faults.down)
    const view = await fetchView()
    expect(view.missing).toEqual([{ chainId: chainIds.lagoon, code: 'RPC_QUORUM_LOST' }])
    expect(view.refusals).toMatchObject([{ chainId: chainIds.lagoon, asset: null, code: 'RPC_QUORUM_LOST' }])
    expect(view.lots.every((lot) => lot.chainId === chainIds.harbour)).toBe(true)
    expect(CollateralView.of({ view, accounts: [bob.address] }).missing).toEqual(view.missing)
  })

  test('edge: one source that invents an escape stops lending, and what the final block holds stays', async () => {
    const [tap] = taps.harbour
    const word = (hex: string) => hex.slice(2).padStart(64, '0')
    const forged = {
      address: vaultOf('harbour')?.address,
      topics: [
        toEventSelector('EscapeRequested(address,address,uint256,uint64)'),
        `0x${word(alice.address)}`,
        `0x${word(tokenOf('harbour', 'USDC'))}`,
      ],
      data: `0x${word('0x3b9aca00')}${word('0x1')}`,
      ...{ blockNumber: '0xffff', blockHash: `0x${word('0xb')}`, transactionHash: `0x${word('0x7')}`, logIndex: '0x0' },
    }
    tap?.break(lying('eth_getLogs', (logs: readonly unknown[]) => [...logs, forged]))
    const view = await fetchView()
    expect(shown(view)).toContainEqual({ chainId: chainIds.harbour, asset: 'USDC', amount: 1_000n * usdc, pendingOut: 1_000n * usdc })
    expect(shown(view.firm)).toContainEqual({ chainId: chainIds.harbour, asset: 'USDC', amount: 1_000n * usdc, pendingOut: 0n })
    tap?.break(
      lying('eth_getLogs', () => [
        {
          ...forged,
          topics: [toEventSelector('Released(bytes32,address,address,uint256,address)'), `0x${word('0x1')}`, ...forged.topics.slice(1)],
          data: `0x${word('0x3b9aca00')}${word(bob.address)}`,
        },
      ]),
    )
    const released = await fetchView()
    expect(released.firm.lots.length - released.lots.length).toBe(1)
  })

  test('error: no chain can be read', async () => {
    for (const name of names) for (const tap of taps[name]) tap.break(faults.down)
    const view = await fetchView()
    expect(view).toMatchObject({ lots: [], chains: [], skewSeconds: 0 })
    expect(view.missing.map(({ code }) => code)).toEqual(['RPC_QUORUM_LOST', 'RPC_QUORUM_LOST'])
  })

  test('error: the logs cannot be read', async () => {
    for (const tap of taps.harbour.slice(0, 2)) tap.break(lying('eth_getLogs', () => 'none'))
    expect((await fetchView()).missing).toEqual([{ chainId: chainIds.harbour, code: 'RPC_QUORUM_LOST' }])
  })

  test('error: no prices: lots that are there are named for whoever holds them', async () => {
    for (const tap of taps.strait) tap.break(faults.hang)
    const view = await fetchView()
    expect(view.lots).toEqual([])
    expect(view.missing).toEqual([])
    expect(CollateralView.of({ view, accounts: [alice.address] }).missing).toEqual([
      { chainId: chainIds.harbour, code: 'RPC_QUORUM_LOST' },
      { chainId: chainIds.lagoon, code: 'RPC_QUORUM_LOST' },
    ])
    expect(CollateralView.of({ view, accounts: [Wallet.of('nobody').address] })).toEqual({ lots: [], missing: [] })
  })

  test('error: no vault there', async () => {
    const [vault] = vaults
    if (!vault) throw new Error('there is a vault')
    const view = await fetchView({ vaults: [{ ...vault, address: addressOf(bob) }] })
    expect(view.missing).toEqual([{ chainId: vault.chainId, code: 'CONTRACT_UNREADABLE' }])
  })

  test('error: a token with other decimals', async () => {
    const changed = vaults.map((vault) => ({ ...vault, tokens: vault.tokens.map((token) => ({ ...token, decimals: token.decimals + 1 })) }))
    const view = await fetchView({ vaults: changed })
    expect(view.lots).toEqual([])
    expect(CollateralView.of({ view, accounts: [alice.address] }).missing.map(({ code }) => code)).toEqual([
      'DECIMALS_CHANGED',
      'DECIMALS_CHANGED',
    ])
  })

  test('error: a chain without a reader', async () => {
    await expect(fetchView({ readers: [readerOf('harbour')] })).rejects.toThrow(RangeError)
  })
})

describe('prices', () => {
  const price = (value: bigint): Oracle.Assessment => ({ status: 'ok', price: value, confidence: 0n, publishedAt: asOf() })

  test('edge: prices at hand are used, and their feeds not read', async () => {
    const prices = new Map(['USDC', 'WETH'].map((asset, index) => [CollateralView.feedKey(feedOf(asset)), price(BigInt(index + 5))]))
    const view = await fetchView({ prices })
    expect(new Set(view.lots.map((lot) => `${lot.asset} ${lot.price.value}`))).toEqual(new Set(['USDC 5', 'WETH 6']))
    expect(taps.strait.map((tap) => tap.asked())).toEqual([0, 0, 0])
  })

  test.each([
    ['zero', 0n, 0, 'ORACLE_NON_POSITIVE'],
    ['negative', -1n, 0, 'ORACLE_NON_POSITIVE'],
    ['stale', 3_000n * 10n ** 8n, -3_700, 'ORACLE_STALE'],
    ['from the future', 3_000n * 10n ** 8n, 3_600, 'ORACLE_FUTURE'],
  ])('error: a price that is %s is no price', async (_, answer, shift, code) => {
    const feed = feedOf('WETH').address
    const set = (value: bigint, updatedAt: number) =>
      Deployment.write(chains.strait, Deployment.owner, {
        address: feed,
        abi: priceFeedAbi,
        functionName: 'setAt',
        args: [value, BigInt(updatedAt)],
      })
    await set(answer, asOf() + shift)
    const reader = readerOf('strait')
    const query = Query.all([feedOf('WETH'), feedOf('USDC')].map((one) => Oracle.query({ feed: one, asOf: asOf() })))
    expect((await Query.fetch({ reader, at: 'head', query })).value).toMatchObject([
      { status: 'refused', code },
      { status: 'ok', price: one },
    ])

    await finalise()
    const view = await fetchView()
    expect(view.doubtful).toEqual([expect.objectContaining({ holder: addressOf(alice), chainId: chainIds.lagoon, code })])
    expect(view.lots.every((lot) => lot.asset === 'USDC')).toBe(true)
    // Nothing is known of it without a price that was lent on before; with one it is bounded, and nothing is missing.
    const firmOf = (view: CollateralView.CollateralView) => CollateralView.firmOf({ view, accounts: [alice.address] })
    expect(firmOf(view)).toMatchObject({ missing: [{ chainId: chainIds.lagoon, code }], doubts: [] })
    const most = new Map([[CollateralView.feedKey(feedOf('WETH')), 15_000n * one]])
    const bounded = firmOf(await fetchView({ most }))
    expect(bounded).toMatchObject({ missing: [], doubts: [{ asset: 'WETH', price: { value: 15_000n * one } }] })
    expect(bounded.lots.every((lot) => lot.asset === 'USDC')).toBe(true)
    await set(3_000n * 10n ** 8n, asOf())
    await finalise()
  })

  test('error: no feed there', async () => {
    const reader = readerOf('strait')
    const feeds = [addressOf(bob), canonicalMulticall].map((address) => ({ ...feedOf('WETH'), address }))
    const query = Query.all(feeds.map((one) => Oracle.query({ feed: one, asOf: asOf() })))
    expect((await Query.fetch({ reader, at: 'head', query })).value).toMatchObject([
      { code: 'ORACLE_UNREADABLE' },
      { code: 'ORACLE_UNREADABLE' },
    ])
  })
})

describe('tokens that misbehave', () => {
  test('vector: what the token itself holds agrees with the view', async () => {
    const vault = vaultOf('harbour')?.address ?? '0x'
    const held = await chains.harbour.publicClient.readContract({
      address: tokenOf('harbour', 'USDC'),
      abi: testTokenAbi,
      functionName: 'balanceOf',
      args: [vault],
    })
    const view = await fetchView()
    const lots = view.lots.filter((lot) => lot.chainId === chainIds.harbour && lot.asset === 'USDC')
    expect(lots.reduce((sum, lot) => sum + lot.amount, 0n)).toBe(held)
  })
})

describe('claims', () => {
  const carol = Wallet.of('carol')
  const north = () => {
    const venue = manifest.venues.find(({ name }) => name === 'north')
    if (!venue) throw new Error('there is a venue north')
    return venue
  }
  const proving = (name: Name) => {
    const { config } = readerOf(name)
    return Quorum.open({ config: { ...config, evidence: 'proof' } })
  }
  const enable = (cap: bigint) => Deployment.enable({ chain: chains.harbour, manifest, account: carol, asset: 'USDC', venue: 'north', cap })
  const claims = async (venues: readonly CollateralView.Claimant[] = manifest.venues, reader = readerOf('harbour')) => {
    const view = await fetchView({ readers: [reader, readerOf('strait')], vaults: vaults.slice(0, 1), accounts: [carol.address], venues })
    expect(view.missing).toEqual([])
    return CollateralView.claimsAt(view.claims, north()).map(({ amount }) => amount)
  }
  test('worked example: what the holder lets the venue claim, when it is final; nothing before, and nothing for another venue', async () => {
    await Deployment.lock({ chain: chains.harbour, manifest, account: carol, asset: 'USDC', amount: 100n * usdc, claims: 'none' })
    await finalise()
    expect(await claims()).toEqual([])
    await enable(60n * usdc)
    expect(await claims()).toEqual([])
    await finalise()
    expect(await claims()).toEqual([60n * usdc])
    expect(await claims(undefined, proving('harbour'))).toEqual([60n * usdc])
    const south = manifest.venues.filter(({ name }) => name === 'south')
    expect(await claims(south)).toEqual([])
  })

  test("edge: an escrow that is not the venue's own pays nobody there: it counts nothing", async () => {
    const own = manifest.venues.map((venue) => ({ ...venue, escrows: [{ chainId: chainIds.harbour, address: carol.address }] }))
    expect(await claims(own)).toEqual([])
    expect(await claims(own, proving('harbour'))).toEqual([])
    const elsewhere = manifest.venues.map((venue) => ({ ...venue, escrows: [] }))
    expect(await claims(elsewhere)).toEqual([])
  })

  test('edge: a lower cap counts before it holds, a higher one at once when final', async () => {
    await enable(40n * usdc)
    await finalise()
    expect(await claims()).toEqual([40n * usdc])
    expect(await claims(undefined, proving('harbour'))).toEqual([40n * usdc])
    await enable(80n * usdc)
    await finalise()
    expect(await claims()).toEqual([80n * usdc])
  })

  test('worked example: a settlement that is queued counts at once, against the claim and the lot, and stays proven', async () => {
    const { timestamp } = await chains.harbour.publicClient.getBlock()
    const vault = vaults[0]?.address ?? '0x'
    const order: Settlement.Settlement = {
      ...{ id: `0x${'5e'.repeat(32)}`, account: carol.address, token: vaults[0]?.tokens[0]?.address ?? '0x', amount: 30n * usdc },
      ...{ venueChainId: BigInt(north().chainId), venue: north().address, escrow: Deployment.escrowOf('north').address },
      ...{ encumbrance: 30n * usdc, deadline: timestamp + 600n, epoch: 1 },
    }
    const place = { chainId: chainIds.harbour, verifyingContract: vault }
    const signature = await Wallet.of('settlement signer').signTypedData(Settlement.typedData(order, place))
    const write = (functionName: string, args: readonly unknown[]) =>
      Deployment.write(chains.harbour, carol, { address: vault, abi: collateralVaultAbi, functionName, args })
    await write('queueSettlement', [order, [signature]])
    const lot = async (reader = readerOf('harbour')) => {
      const view = await fetchView({ readers: [reader, readerOf('strait')], vaults: vaults.slice(0, 1), accounts: [carol.address] })
      return view.lots.map(({ amount, pendingOut }) => [amount, pendingOut])
    }
    expect(await claims()).toEqual([50n * usdc])
    expect(await lot()).toEqual([[100n * usdc, 30n * usdc]])
    await finalise()
    for (const reader of [readerOf('harbour'), proving('harbour')]) {
      expect(await claims(undefined, reader)).toEqual([50n * usdc])
      expect(await lot(reader)).toEqual([[100n * usdc, 30n * usdc]])
    }
    await chains.harbour.advance(3_600)
    await write('paySettlement', [order.id])
    expect(await lot()).toEqual([[70n * usdc, 0n]])
    expect(await claims()).toEqual([50n * usdc])
  })

  test('error: all sources lie alike of a cap, and a proof finds it out', async () => {
    const doubled = lying('eth_call', (answer: unknown) => {
      const cap = (80n * usdc).toString(16).padStart(32, '0')
      const more = (8_000n * usdc).toString(16).padStart(32, '0')
      return typeof answer === 'string' ? answer.replaceAll(cap, more) : answer
    })
    for (const tap of taps.harbour) tap.break(doubled)
    const view = await fetchView({
      ...{ readers: [proving('harbour'), readerOf('strait')], vaults: vaults.slice(0, 1), accounts: [carol.address] },
      venues: manifest.venues,
    })
    expect(view.missing).toEqual([{ chainId: chainIds.harbour, code: 'PROOF_INVALID' }])
  })
})

describe('sorted', () => {
  test('property: the same as the whole view filtered by the accounts, in its order', () => {
    const holders = ['a', 'b', 'c'].map((digit): Hex => `0x${digit.repeat(40)}`)
    const held = fc.array(fc.constantFrom(...holders), { maxLength: 12 })
    const named = (all: readonly Hex[]) => all.map((holder, at) => ({ holder, at }))
    fc.assert(
      fc.property(fc.tuple(held, held, held, held), fc.subarray(holders), (each, asked) => {
        const [lots, doubtful, arriving, places] = each.map(named)
        const unread = [{ holder: null, at: -1 }, ...named(each[0])]
        const view = {
          lots,
          doubtful,
          arriving,
          places,
          unread,
          firm: { lots: places, doubtful: arriving },
          missing: [{ chainId: 1, code: 'X' }],
        } as unknown as CollateralView.CollateralView
        const own = <one extends { readonly holder: Hex | null }>(all: readonly one[]) =>
          all.filter(({ holder }) => holder === null || asked.includes(holder))
        expect(CollateralView.sorted(view)([...asked].reverse())).toEqual({
          ...view,
          ...{ lots: own(view.lots), doubtful: own(view.doubtful), arriving: own(view.arriving) },
          ...{ places: own(view.places), unread: own(view.unread) },
          firm: { lots: own(view.firm.lots), doubtful: own(view.firm.doubtful) },
        })
      }),
      { numRuns: Number(process.env['PLIMSOLL_RUNS'] ?? 1000) },
    )
  })
})
