import { cometMarketAbi, oddTokenAbi } from '@plimsoll/contracts'
import { cometMarketBytecode, oddTokenBytecode } from '@plimsoll/contracts/bytecode'
import { Wallet } from '@plimsoll/localnet'
import { type Account, zeroAddress } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Hex } from '../Hex.ts'
import * as Holdings from '../Holdings.ts'
import * as Quay from '../testing/Quay.ts'

const [alice, bob, carol] = [Wallet.of('alice'), Wallet.of('bob'), Wallet.of('carol')]
const dollar = 10n ** 6n
const ether = 10n ** 18n
const chainId = 31_337_001
let quay: Quay.Quay
let comet: Hex
/** A collateral whose own contract answers oddly. */
let odd: Hex
/** Two words of zero, whatever it is asked. */
const zeros: Hex = `0x${'99'.repeat(20)}`
let now: bigint

/** At an exact second: interest is by the second. */
async function at(seconds: number, functionName: string, args: readonly unknown[], by: Account = alice): Promise<void> {
  now += BigInt(seconds)
  await quay.chain.testClient.setNextBlockTimestamp({ timestamp: now })
  await quay.write({ address: comet, abi: cometMarketAbi, functionName, args, by })
}
async function pass(seconds: number): Promise<void> {
  now += BigInt(seconds)
  await quay.chain.testClient.setNextBlockTimestamp({ timestamp: now })
  await quay.chain.mine(1)
}

beforeAll(async () => {
  quay = await Quay.start(chainId)
  odd = await quay.create(oddTokenAbi, oddTokenBytecode, [])
  comet = await quay.create(cometMarketAbi, cometMarketBytecode, [quay.usdc, [quay.weth, odd]])
  await quay.chain.testClient.setCode({ address: zeros, bytecode: '0x60405ff3' })
  await quay.supply([alice, bob, carol], [comet])
  await quay.write({ address: odd, abi: oddTokenAbi, functionName: 'become', args: [1, 1_000_000n], by: alice })
  now = (await quay.chain.publicClient.getBlock()).timestamp + 1_000n
})

afterAll(() => quay?.[Symbol.asyncDispose]())

const market = (change: Partial<Holdings.Comet.of.Args> = {}) =>
  Holdings.Comet.of({ name: 'Compound III USDC', chainId, comet, base: quay.usdc, collaterals: [quay.weth], ...change })
const fetch = (holder: Account, places: readonly Holdings.Holding[] = [market()]) =>
  quay.fetch({ places, holder: holder.address as Hex, receipts: [[comet, 'balance']] })
const shown = async (holder: Account, places?: readonly Holdings.Holding[]) =>
  (await fetch(holder, places)).parts.map(({ asset, amount, owed, custody }) => ({ asset, amount, owed, custody }))

describe('of', () => {
  test('worked example: 200 lent are 210 after a thousand seconds, in the block that is read', async () => {
    await at(1, 'supply', [quay.usdc, 200n * dollar])
    // 5 % for who lends and 10 % for who owes, every thousand seconds.
    await at(0, 'setRates', [5n * 10n ** 13n, 10n ** 14n])
    await pass(1_000)
    expect(await shown(alice)).toEqual([{ asset: quay.usdc, amount: 210n * dollar, owed: 0n, custody: 'OBSERVED' }])
  })

  test('worked example: what is borrowed is owed with interest, beside the collateral that lies there', async () => {
    await at(0, 'supply', [quay.weth, ether], bob)
    await at(0, 'withdraw', [quay.usdc, 100n * dollar], bob)
    await pass(1_000)
    expect(await shown(bob)).toEqual([
      { asset: quay.usdc, amount: 0n, owed: 110n * dollar, custody: 'OBSERVED' },
      { asset: quay.weth, amount: ether, owed: 0n, custody: 'OBSERVED' },
    ])
  })

  test('rounding: both figures are the market’s own, rounded down; paying what is said to be owed pays it all', async () => {
    await at(1, 'withdraw', [quay.usdc, 1n], carol)
    await pass(3)
    // One unit borrowed became a principal of one, and 1.1 units and more of debt: the market asks for one.
    expect(await shown(carol)).toEqual([{ asset: quay.usdc, amount: 0n, owed: 1n, custody: 'OBSERVED' }])
    await at(0, 'supply', [quay.usdc, 1n], carol)
    await pass(1_000)
    expect(await shown(carol)).toEqual([])
  })

  test('edge: the market’s own token in a wallet is what is lent there, and counts once', async () => {
    const wallet = Holdings.Erc20.of({ name: 'wallet cUSDC', token: comet })
    const alone = await shown(alice)
    expect(alone).toHaveLength(1)
    expect(await shown(alice, [wallet])).toEqual(alone)
    expect(await shown(alice, [wallet, market(), market({ name: 'again' })])).toEqual(alone)
  })

  test('edge: what lies in the wallet, and what is owed here, are netted; the collateral is not what the wallet holds of it', async () => {
    const wallets = [quay.usdc, quay.weth].map((token) => Holdings.Erc20.of({ name: 'wallet', token }))
    const [before, after] = [await fetch(bob, wallets), await fetch(bob, [...wallets, market()])]
    const [owed] = await shown(bob)
    const amounts = (found: Holdings.Holdings) => found.parts.map(({ amount }) => amount)
    const [dollars = 0n, ethers = 0n] = amounts(before)
    expect(amounts(after)).toEqual([dollars - (owed?.owed ?? 0n), ethers + ether])
    expect(after.parts[0]?.places.map(({ name }) => name)).toEqual(['wallet', 'Compound III USDC'])
  })

  test('edge: a collateral whose token answers nothing is read all the same: the market keeps the figure', async () => {
    const found = await fetch(bob, [market({ collaterals: [quay.weth, odd] }), Holdings.Erc20.of({ name: 'wallet', token: odd })])
    expect(found.unread).toEqual([])
    expect(found.parts.map(({ asset }) => asset)).toEqual([quay.usdc, quay.weth])
    expect(found.refusals.map(({ place, code, sentence }) => [place, code, sentence])).toEqual([
      ['wallet', 'ASSET_UNSUPPORTED', `balanceOf of ${odd} gave no amount for ${bob.address.toLowerCase()}.`],
    ])
  })

  test('edge: whose collateral was taken for the debt has neither, or what was left of it', async () => {
    const [debt] = await shown(bob)
    await at(0, 'absorb', [bob.address, 50n * dollar])
    expect(await shown(bob)).toEqual([])
    expect(debt?.owed).toBeGreaterThan(50n * dollar)
    await at(0, 'supply', [quay.weth, ether], carol)
    await at(0, 'withdraw', [quay.usdc, 10n * dollar], carol)
    await at(0, 'absorb', [carol.address, 30n * dollar])
    const [left] = await shown(carol)
    // Two units less at most: a unit of principal is worth more than one by now.
    expect(20n * dollar - (left?.amount ?? 0n)).toBeGreaterThanOrEqual(0n)
    expect(20n * dollar - (left?.amount ?? 0n)).toBeLessThanOrEqual(2n)
  })

  test.each([
    ['no contract there', () => market({ comet: `0x${'77'.repeat(20)}` }), /^baseToken of 0x77.* there is no such contract/],
    ['a market in another base', () => market({ base: quay.weth }), /^baseToken of .* it is 0x.*, and not 0x/],
    [
      'a collateral that it does not list',
      () => market({ collaterals: [comet] }),
      /^getAssetInfoByAddress of .* it reverted with BadAsset/,
    ],
    [
      'what answers zero to everything',
      () => market({ comet: zeros, base: zeroAddress }),
      /^getAssetInfoByAddress of .* it is of 0x0+, and not of/,
    ],
  ])('error: %s: nothing of it is known, and the rest is', async (_, place, said) => {
    const found = await fetch(alice, [place(), Holdings.Erc20.of({ name: 'wallet', token: quay.usdc })])
    expect(found.unread).toEqual([{ place: 'Compound III USDC', code: 'CONTRACT_UNREADABLE', sentence: expect.stringMatching(said) }])
    expect(found.parts).toHaveLength(1)
  })
})
