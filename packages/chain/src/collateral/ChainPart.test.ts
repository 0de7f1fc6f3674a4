import { receiptAbi, testTokenAbi } from '@plimsoll/contracts'
import { receiptBytecode } from '@plimsoll/contracts/bytecode'
import { Anvil, Deployment, type Manifest, Wallet } from '@plimsoll/localnet'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import * as CollateralView from '../CollateralView.ts'
import type { Hex } from '../Hex.ts'
import * as Holdings from '../Holdings.ts'
import type * as Oracle from '../Oracle.ts'
import * as Quorum from '../Quorum.ts'
import { faults, start, type Tap } from '../testing/Tap.ts'

const [alice, bob, owner] = [Wallet.of('alice'), Wallet.of('bob'), Wallet.of('owner')]
const holder = alice.address.toLowerCase() as Hex
const usdc = 10n ** 6n
const one = 10n ** 18n
const haircuts = { assetPpm: 0, bridgePpm: 0, venuePpm: 0, agePpm: 0 }
const feed = { chainId: 31_337_003, address: `0x${'fe'.repeat(20)}` as Hex, decimals: 8, heartbeatSeconds: 3_600, deviationPpm: 0 }
const price: Oracle.Assessment = { status: 'ok', price: one, confidence: 0n, publishedAt: 0 }
/** Takes all the gas it is given: a call of a thousand reads dies of two of these. */
const glutton: Hex = `0x${'66'.repeat(20)}`

let chains: readonly Anvil.Anvil[]
let harbour: Anvil.Anvil
let taps: readonly Tap[]
let manifest: Manifest.Manifest
let vault: CollateralView.Vault
let token: Hex
let receipt: Hex

beforeAll(async () => {
  chains = await Promise.all([1, 2, 3].map((index) => Anvil.start({ chainId: 31_337_000 + index })))
  const [first, lagoon, strait] = chains
  if (!first || !lagoon || !strait) throw new Error('three chains were started')
  harbour = first
  manifest = await Deployment.deploy({ harbour, lagoon, strait })
  const there = manifest.vaults.find(({ chainId }) => chainId === harbour.chainId)
  token = (there?.tokens.find(({ asset }) => asset === 'USDC')?.token ?? '0x').toLowerCase() as Hex
  vault = {
    chainId: harbour.chainId,
    address: there?.address ?? '0x',
    tokens: [{ address: token, asset: 'USDC', decimals: 6, feed, haircuts }],
  }
  taps = await Promise.all(['a', 'b', 'c'].map((id) => start({ id, target: harbour.url })))
  const hash = await harbour.wallet(owner).deployContract({ abi: receiptAbi, bytecode: receiptBytecode, args: ['vUSDC', token] })
  receipt = ((await harbour.publicClient.waitForTransactionReceipt({ hash })).contractAddress ?? '0x').toLowerCase() as Hex
  await harbour.testClient.setCode({ address: glutton, bytecode: '0xfe' })
  await Deployment.lock({ chain: harbour, manifest, account: alice, asset: 'USDC', amount: 500n * usdc })
  const write = (address: Hex, functionName: string, args: readonly unknown[]) =>
    Deployment.write(harbour, alice, { address, abi: [...testTokenAbi, ...receiptAbi], functionName, args })
  await write(token, 'mint', [alice.address, 100n * usdc])
  await write(token, 'approve', [receipt, 40n * usdc])
  await write(receipt, 'deposit', [40n * usdc, alice.address])
  await harbour.mine(9)
})

afterAll(async () => {
  await Promise.all(taps.map((tap) => tap[Symbol.asyncDispose]()))
  await Promise.all(chains.map((chain) => chain.stop()))
})

afterEach(() => {
  for (const tap of taps) tap.mend()
})

const readerOf = () =>
  Quorum.open({
    config: {
      chainId: harbour.chainId,
      name: 'harbour',
      sources: taps.map((tap) => tap.source),
      k: 2,
      finality: { tag: 'finalized', maxAgeSeconds: 86_400 },
      timeoutMs: 2_000,
    },
    random: () => 0,
  })

const watchOf = (...more: readonly CollateralView.Watch['places'][number][]): CollateralView.Watch => ({
  chainId: harbour.chainId,
  places: [Holdings.Erc20.of({ name: 'wallet USDC', token }), Holdings.Erc20.of({ name: 'vault shares', token: receipt }), ...more],
  receipts: new Map([[receipt, 'shares']]),
  assets: [{ address: token, asset: 'USDC', decimals: 6, feed }],
})

const view = (change: Partial<CollateralView.fetch.Args> = {}) =>
  CollateralView.fetch({
    readers: [readerOf()],
    vaults: [vault],
    accounts: [alice.address, bob.address],
    asOf: Math.floor(Date.now() / 1000),
    prices: new Map([[CollateralView.feedKey(feed), price]]),
    ...change,
  })
const reorg = (blocks: number) => harbour.testClient.request({ method: 'anvil_reorg', params: [blocks, []] } as never)

describe('what is only looked at', () => {
  test('worked example: a wallet and shares of a pot, resolved, priced and named; a venue that is not ours is not there', async () => {
    const { places, unread, lots } = await view({ watch: [watchOf()] })
    expect(places).toMatchObject([
      {
        ...{ holder, asset: 'USDC', token, amount: 100n * usdc, owed: 0n, decimals: 6, price: one },
        places: [
          { name: 'wallet USDC', amount: 60n * usdc, owed: 0n },
          { name: 'vault shares', amount: 40n * usdc, owed: 0n },
        ],
      },
    ])
    expect(places[0]?.block).toEqual(lots[0]?.block)
    expect(unread).toEqual([])
  })

  test('property: it changes no lot, and asks no source one request more', async () => {
    const asked = async (watch: readonly CollateralView.Watch[]) => {
      for (const tap of taps) tap.mend()
      const { lots } = await view({ watch })
      return { lots, requests: taps.map((tap) => tap.asked()), calls: taps.map((tap) => tap.count('eth_call')) }
    }
    const without = await asked([])
    expect(await asked([watchOf()])).toEqual(without)
    expect(without.calls).toEqual([1, 1, 1])
    expect(without.lots).toMatchObject([{ custody: 'LOCKED', amount: 500n * usdc }])
  })

  test('edge: more than a thousand reads go into further calls at the same block, and are found all the same', async () => {
    const crowd = Array.from({ length: 600 }, (_, index): Hex => `0x${(index + 0x1000).toString(16).padStart(40, '0')}`)
    const found = await view({ watch: [watchOf()], accounts: [...crowd, alice.address] })
    // Two places of 601 accounts, and two questions to the receipt.
    expect(taps.map((tap) => tap.count('eth_call'))).toEqual([2, 2, 2])
    expect(found.places).toMatchObject([{ holder, amount: 100n * usdc }])
    expect(found.places[0]?.places).toHaveLength(2)
  })

  test('property: more accounts than one call takes are found as each part of them alone is', async () => {
    const crowd = Array.from({ length: 2_400 }, (_, index): Hex => `0x${(index + 0x1000).toString(16).padStart(40, '0')}`)
    const accounts = [bob.address, ...crowd, alice.address]
    const whole = await view({ accounts })
    expect(taps.map((tap) => tap.count('eth_call'))).toEqual([3, 3, 3])
    const parts = await Promise.all(
      [accounts.slice(0, 900), accounts.slice(900, 1_800), accounts.slice(1_800)].map((some) => view({ accounts: some })),
    )
    expect(whole.lots).toEqual(parts.flatMap(({ lots }) => lots))
    expect(whole.lots).toMatchObject([{ holder, amount: 500n * usdc }])
    expect(whole.missing).toEqual([])
  })

  test('error: one part of the accounts that two sources tell apart costs the chain', async () => {
    const crowd = Array.from({ length: 2_400 }, (_, index): Hex => `0x${(index + 0x1000).toString(16).padStart(40, '0')}`)
    const other = (digit: string) =>
      ({
        kind: 'lie',
        tell: ({ method, params }, result) =>
          method === 'eth_call' && JSON.stringify(params).includes(holder.slice(2)) ? `${String(result).slice(0, -1)}${digit}` : result,
      }) as const satisfies Parameters<Tap['break']>[0]
    taps[0]?.break(other('1'))
    taps[1]?.break(other('2'))
    const found = await view({ accounts: [...crowd, alice.address] })
    expect(found.missing).toEqual([{ chainId: harbour.chainId, code: 'RPC_VALUE_DISAGREE' }])
    expect(found.lots).toEqual([])
  })

  test('edge: a place that does not answer is named, and costs neither the vault nor other places', async () => {
    const gone = Holdings.PerpVenue.of({ name: 'venue nowhere', chainId: harbour.chainId, venue: bob.address, token, decimals: 6 })
    const found = await view({ watch: [watchOf(gone)] })
    expect(found.missing).toEqual([])
    expect(found.lots).toHaveLength(1)
    expect(found.places).toHaveLength(1)
    expect(found.unread).toMatchObject([{ holder: null, what: 'venue nowhere', code: 'CONTRACT_UNREADABLE' }])
  })

  test('edge: one that eats the whole call is left out, and what is locked is read without', async () => {
    const found = await view({ watch: [watchOf(...[1, 2].map((n) => Holdings.Erc20.of({ name: `glutton ${n}`, token: glutton })))] })
    expect(found.missing).toEqual([])
    expect(found.lots).toHaveLength(1)
    expect(found.places).toEqual([])
    expect(found.unread).toMatchObject([{ holder: null, code: 'MULTICALL_FAILED' }])
  })

  test('error: a chain that cannot be read is missing with all of it', async () => {
    for (const tap of taps) tap.break(faults.down)
    const found = await view({ watch: [watchOf()] })
    expect(found.missing).toMatchObject([{ code: 'RPC_QUORUM_LOST' }])
    expect([found.lots, found.places, found.arriving]).toEqual([[], [], []])
  })
})

describe('deposits', () => {
  test('worked example: told from the block that has them, counted when it is final, dropped with their block', async () => {
    await Deployment.lock({ chain: harbour, manifest, account: bob, asset: 'USDC', amount: 25n * usdc })
    const before = await view()
    const arriving = { holder: bob.address.toLowerCase(), asset: 'USDC', amount: 25n * usdc, decimals: 6, price: one }
    expect(before.arriving).toMatchObject([arriving])
    expect(before.lots.map(({ holder }) => holder)).toEqual([holder])

    await reorg(3)
    const dropped = await view()
    expect(dropped.arriving).toEqual([])
    expect(dropped.lots).toHaveLength(1)

    await Deployment.lock({ chain: harbour, manifest, account: bob, asset: 'USDC', amount: 25n * usdc })
    await harbour.mine(9)
    const final = await view()
    expect(final.arriving).toEqual([])
    expect(final.lots.map(({ amount }) => amount)).toEqual([500n * usdc, 25n * usdc])
  })

  test('edge: what one source alone has seen is not told', async () => {
    await Deployment.lock({ chain: harbour, manifest, account: bob, asset: 'USDC', amount: 1n * usdc })
    for (const tap of taps.slice(1)) tap.break(faults.emptyLogs)
    expect((await view()).arriving).toEqual([])
    await harbour.mine(9)
  })
})

describe('a block that is replaced while it is read', () => {
  /** Replaces it on the chain itself, between the balances and what has happened since. */
  const between = (blocks: number): Quorum.Reader => {
    const reader = readerOf()
    return {
      ...reader,
      logs: async (asked) => {
        await reorg(blocks)
        return reader.logs(asked)
      },
    }
  }
  // Final is eight blocks below the head.
  const [shallow, deep] = [5, 12]

  test('error: VIEW_REORGED, and nothing of the chain counts', async () => {
    const found = await view({ readers: [between(deep)] })
    expect(found.missing).toEqual([{ chainId: harbour.chainId, code: 'VIEW_REORGED' }])
    expect(found.lots).toEqual([])
    expect(found.refusals[0]?.sentence).toContain('was replaced while it was read')
    await harbour.mine(9)
  })

  test('error: found by the claims that are read at the same hash as well', async () => {
    const venues = manifest.venues.map(({ chainId, address, escrows }) => ({ chainId, address, escrows }))
    const lock = async () => {
      await Deployment.lock({ chain: harbour, manifest, account: alice, asset: 'USDC', amount: 5n * usdc })
      await harbour.mine(9)
    }
    await lock()
    const found = await view({ readers: [between(deep)], venues })
    expect(found.missing).toEqual([{ chainId: harbour.chainId, code: 'VIEW_REORGED' }])
    await lock()
    expect((await view({ venues })).missing).toEqual([])
  })

  test('edge: above the final block nothing is lost', async () => {
    const found = await view({ readers: [between(shallow)] })
    expect(found.missing).toEqual([])
    expect(found.lots.map(({ holder }) => holder)).toContain(holder)
  })
})
