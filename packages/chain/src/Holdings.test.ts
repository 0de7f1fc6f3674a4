import {
  collateralVaultAbi,
  lendingReserveAbi,
  loopReceiptAbi,
  Market,
  oddTokenAbi,
  perpVenueAbi,
  priceFeedAbi,
  receiptAbi,
  testTokenAbi,
} from '@plimsoll/contracts'
import { lendingReserveBytecode, loopReceiptBytecode, oddTokenBytecode, receiptBytecode } from '@plimsoll/contracts/bytecode'
import { Anvil, Deployment, type Manifest, Wallet } from '@plimsoll/localnet'
import { type Abi, parseUnits } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Hex } from './Hex.ts'
import * as Holdings from './Holdings.ts'
import * as Quorum from './Quorum.ts'
import { start, type Tap } from './testing/Tap.ts'

const [alice, bob] = [Wallet.of('alice'), Wallet.of('bob')]
const owner = Wallet.of('owner')
const usdc = 10n ** 6n
let chains: readonly Anvil.Anvil[]
let strait: Anvil.Anvil
let harbour: Anvil.Anvil
let taps: readonly Tap[]
let reader: Quorum.Reader
let manifest: Manifest.Manifest
const at: Record<'token' | 'receipt' | 'nested' | 'reserve' | 'aToken' | 'debt' | 'loop' | 'other' | 'odd', Hex> = {
  ...{ token: '0x', receipt: '0x', nested: '0x', reserve: '0x', aToken: '0x', debt: '0x', loop: '0x', other: '0x', odd: '0x' },
}

async function create(abi: Abi, bytecode: Hex, args: readonly unknown[]): Promise<Hex> {
  const hash = await strait.wallet(owner).deployContract({ abi, bytecode, args })
  return ((await strait.publicClient.waitForTransactionReceipt({ hash })).contractAddress ?? '0x').toLowerCase() as Hex
}
const write = (address: Hex, abi: Abi, functionName: string, args: readonly unknown[], by = alice) =>
  Deployment.write(strait, by, { address, abi, functionName, args })
const readerOf = (chain: Anvil.Anvil, sources: readonly Tap[]) =>
  Quorum.open({
    config: {
      chainId: chain.chainId,
      name: 'chain',
      sources: sources.map((tap) => tap.source),
      k: 2,
      finality: { tag: 'finalized', maxAgeSeconds: 86_400 },
      timeoutMs: 2_000,
    },
  })

beforeAll(async () => {
  chains = await Promise.all([1, 2, 3].map((index) => Anvil.start({ chainId: 31_337_000 + index })))
  const [first, second, third] = chains
  if (!first || !second || !third) throw new Error('three chains were started')
  ;[harbour, strait] = [first, third]
  manifest = await Deployment.deploy({ harbour: first, lagoon: second, strait: third })
  taps = await Promise.all([
    ...['a', 'b', 'c'].map((id) => start({ id, target: strait.url })),
    ...['d', 'e'].map((id) => start({ id, target: harbour.url })),
  ])
  reader = readerOf(strait, taps.slice(0, 3))
  at.token = (manifest.venues[0]?.collateral.token ?? '0x').toLowerCase() as Hex
  at.receipt = await create(receiptAbi, receiptBytecode, ['vUSDC', at.token])
  at.nested = await create(receiptAbi, receiptBytecode, ['vvUSDC', at.receipt])
  at.reserve = await create(lendingReserveAbi, lendingReserveBytecode, [at.token])
  const part = async (functionName: 'aToken' | 'variableDebt') =>
    (await strait.publicClient.readContract({ address: at.reserve, abi: lendingReserveAbi, functionName })).toLowerCase() as Hex
  ;[at.aToken, at.debt] = [await part('aToken'), await part('variableDebt')]
  at.loop = await create(loopReceiptAbi, loopReceiptBytecode, ['loop'])
  at.other = await create(loopReceiptAbi, loopReceiptBytecode, ['other'])
  at.odd = await create(oddTokenAbi, oddTokenBytecode, [])
  await strait.fund([alice.address, bob.address])
  await write(at.token, testTokenAbi, 'mint', [alice.address, 1_000n * usdc])
  for (const spender of [at.receipt, at.reserve]) await write(at.token, testTokenAbi, 'approve', [spender, 10_000n * usdc])
})

afterAll(async () => {
  await Promise.all(taps.map((tap) => tap[Symbol.asyncDispose]()))
  await Promise.all(chains.map((chain) => chain.stop()))
})

const wallet = (token: Hex) => Holdings.Erc20.of({ name: `wallet ${token}`, token })
const aave = () => Holdings.AaveReserve.of({ name: 'Aave v3', aToken: at.aToken, variableDebt: at.debt, underlying: at.token })
const fetch = (places: readonly Holdings.Holding[], holders: readonly Hex[] = [alice.address]) =>
  Holdings.fetch({
    reader,
    places,
    holders,
    receipts: new Map<Hex, Holdings.Receipt.Kind>([
      [at.receipt, 'shares'],
      [at.nested, 'shares'],
      [at.aToken, 'balance'],
      [at.loop, 'shares'],
      [at.other, 'shares'],
    ]),
    assets: new Set([at.token]),
    at: 'head',
  })
const shown = ({ parts }: Holdings.Holdings) => parts.map(({ amount, owed, custody }) => ({ amount, owed, custody }))
const codes = ({ refusals }: Holdings.Holdings) => refusals.map(({ code }) => code)

describe('fetch', () => {
  test('worked example: shares of shares, worth more than was put in', async () => {
    await write(at.receipt, receiptAbi, 'deposit', [400n * usdc, alice.address])
    await write(at.token, testTokenAbi, 'mint', [at.receipt, 100n * usdc], owner)
    const shares = await strait.publicClient.readContract({
      address: at.receipt,
      abi: receiptAbi,
      functionName: 'balanceOf',
      args: [alice.address],
    })
    await write(at.receipt, receiptAbi, 'approve', [at.nested, shares])
    await write(at.nested, receiptAbi, 'deposit', [shares / 2n, alice.address])
    const found = await fetch([wallet(at.token), wallet(at.receipt), wallet(at.nested)])
    // 600 left in the wallet; 400 put in have grown to 500, less what rounding down at each level keeps.
    expect(found.parts).toHaveLength(1)
    expect(found.parts[0]).toMatchObject({ asset: at.token, custody: 'OBSERVED', owed: 0n })
    expect(1_100n * usdc - (found.parts[0]?.amount ?? 0n)).toBeGreaterThanOrEqual(0n)
    expect(1_100n * usdc - (found.parts[0]?.amount ?? 0n)).toBeLessThanOrEqual(4n)
    expect(found.parts[0]?.places).toHaveLength(3)
    expect(found.refusals).toEqual([])
  })

  test('worked example: what was lent, with interest, less what is owed', async () => {
    await write(at.reserve, lendingReserveAbi, 'supply', [200n * usdc])
    await write(at.reserve, lendingReserveAbi, 'borrow', [150n * usdc])
    await write(at.reserve, lendingReserveAbi, 'accrue', [100_000n])
    expect(shown(await fetch([aave()]))).toEqual([{ amount: 55n * usdc, owed: 0n, custody: 'OBSERVED' }])
  })

  test('edge: a receipt read as a balance and as a position is one thing', async () => {
    expect(shown(await fetch([wallet(at.aToken), aave()]))).toEqual(shown(await fetch([aave()])))
    expect(shown(await fetch([wallet(at.token), wallet(at.token)]))).toEqual(shown(await fetch([wallet(at.token)])))
  })

  test('edge: who owes more than is there is shown to owe', async () => {
    await strait.fund([bob.address])
    await write(at.reserve, lendingReserveAbi, 'borrow', [11n * usdc], bob)
    expect(shown(await fetch([aave()], [bob.address]))).toEqual([{ amount: 0n, owed: 11n * usdc, custody: 'OBSERVED' }])
  })

  test('edge: locked in our vault, less what escapes; never netted with a debt elsewhere', async () => {
    const vault = manifest.vaults.find(({ chainId }) => chainId === harbour.chainId)
    const token = vault?.tokens[0]?.token.toLowerCase() as Hex
    await Deployment.lock({ chain: harbour, manifest, account: alice, asset: 'USDC', amount: 90n * usdc })
    const request = {
      address: vault?.address ?? '0x',
      abi: collateralVaultAbi,
      functionName: 'requestEscape',
      args: [token, 20n * usdc],
    } as const
    await Deployment.write(harbour, alice, request)
    const place = Holdings.Vault.of({ name: 'vault', chainId: harbour.chainId, vault: vault?.address ?? '0x', tokens: [token] })
    const debt: Holdings.Holding = {
      name: 'a debt',
      custody: 'OBSERVED',
      query: ([holder = '0x']) => ({ calls: [], parse: () => [{ status: 'ok', holder, token, source: '0x', amount: 0n, owed: 7n }] }),
    }
    const found = await Holdings.fetch({
      reader: readerOf(harbour, taps.slice(3)),
      places: [place, debt],
      holders: [alice.address],
      receipts: new Map(),
      assets: new Set([token]),
      at: 'head',
    })
    expect(shown(found)).toEqual([
      { amount: 70n * usdc, owed: 0n, custody: 'LOCKED' },
      { amount: 0n, owed: 7n, custody: 'OBSERVED' },
    ])
  })

  test('edge: at our venue, what its own margin leaves free', async () => {
    const venue = manifest.venues[0]
    if (!venue) throw new Error('there is a venue')
    await Deployment.deposit({ chain: strait, manifest, account: bob, venue: venue.name, amount: 1_000n * usdc })
    const place = Holdings.PerpVenue.of({ name: 'north', chainId: strait.chainId, venue: venue.address, token: at.token, decimals: 6 })
    expect(shown(await fetch([place], [bob.address]))).toEqual([{ amount: 1_000n * usdc, owed: 0n, custody: 'OBSERVED' }])
    await write(venue.address, perpVenueAbi, 'open', [Market.id('ETH-PERP'), parseUnits('1', 18), parseUnits('4000', 18)], bob)
    // One ether at 3,000: 150 of maintenance margin, and 1.5 of fees that the collateral paid.
    expect(shown(await fetch([place], [bob.address]))).toEqual([{ amount: 848_500_000n, owed: 0n, custody: 'OBSERVED' }])
    const feed = manifest.markets.find(({ symbol }) => symbol === 'ETH-PERP')?.feed ?? '0x'
    await write(feed, priceFeedAbi, 'set', [0n], Deployment.owner)
    const found = await fetch([place], [bob.address, alice.address])
    expect(shown(found)).toEqual([])
    expect(found.refusals.map(({ holder, code }) => [holder, code])).toEqual([[bob.address.toLowerCase(), 'ORACLE_INVALID']])
    await write(feed, priceFeedAbi, 'set', [parseUnits('3000', 8)], Deployment.owner)
  })
})

describe('receipts', () => {
  test('error: a receipt that stands on itself, at once or through another', async () => {
    await write(at.loop, loopReceiptAbi, 'mint', [alice.address, 5n])
    await write(at.loop, loopReceiptAbi, 'standOn', [at.loop])
    expect(codes(await fetch([wallet(at.loop)]))).toEqual(['COLLATERAL_CYCLE'])
    await write(at.loop, loopReceiptAbi, 'standOn', [at.other])
    await write(at.other, loopReceiptAbi, 'standOn', [at.loop])
    const found = await fetch([wallet(at.loop), wallet(at.token)])
    expect(codes(found)).toEqual(['COLLATERAL_CYCLE'])
    expect(found.parts).toHaveLength(1)
  })

  test('error: a debt in a receipt: so many shares are another amount of what they stand for', async () => {
    const debt: Holdings.Holding = {
      name: 'a debt',
      custody: 'OBSERVED',
      query: ([holder = '0x']) => ({
        calls: [],
        parse: () => [{ status: 'ok', holder, token: at.receipt, source: '0x', amount: 0n, owed: 7n }],
      }),
    }
    const found = await fetch([debt])
    expect(codes(found)).toEqual(['ASSET_UNSUPPORTED'])
    expect(found.parts).toEqual([])
  })

  test('error: what stands on nothing that is known', async () => {
    await write(at.loop, loopReceiptAbi, 'standOn', [alice.address])
    expect(codes(await fetch([wallet(at.loop)]))).toEqual(['ASSET_UNKNOWN'])
    await write(at.odd, oddTokenAbi, 'mint', [alice.address, 9n])
    expect(codes(await fetch([wallet(at.odd)]))).toEqual(['ASSET_UNKNOWN'])
  })
})

describe('tokens that answer oddly', () => {
  test.each([
    ['reverts', 1],
    ['says nothing', 2],
    ['says two words', 3],
  ])('error: balanceOf %s: that lot is refused, the others are not', async (_, oddity) => {
    await write(at.odd, oddTokenAbi, 'become', [oddity, 1_000_000n])
    const found = await fetch([wallet(at.odd), wallet(at.token)])
    expect(codes(found)).toEqual(['ASSET_UNSUPPORTED'])
    expect(found.parts).toHaveLength(1)
  })

  test('error: no contract there', async () => {
    expect(codes(await fetch([wallet(`0x${'77'.repeat(20)}`)]))).toEqual(['ASSET_UNSUPPORTED'])
  })
})
