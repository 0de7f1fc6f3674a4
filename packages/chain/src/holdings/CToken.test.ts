import { cTokenMarketAbi } from '@plimsoll/contracts'
import { cTokenMarketBytecode } from '@plimsoll/contracts/bytecode'
import { Wallet } from '@plimsoll/localnet'
import type { Account } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Hex } from '../Hex.ts'
import * as Holdings from '../Holdings.ts'
import * as Quay from '../testing/Quay.ts'

const [alice, bob, carol] = [Wallet.of('alice'), Wallet.of('bob'), Wallet.of('carol')]
const dollar = 10n ** 6n
const chainId = 31_337_002
let quay: Quay.Quay
let cToken: Hex

const write = (functionName: string, args: readonly unknown[], by: Account = alice) =>
  quay.write({ address: cToken, abi: cTokenMarketAbi, functionName, args, by })
const stored = (functionName: 'exchangeRateStored' | 'borrowBalanceStored', args: readonly unknown[] = []) =>
  quay.chain.publicClient.readContract({ address: cToken, abi: cTokenMarketAbi, functionName, args } as never) as Promise<bigint>

beforeAll(async () => {
  quay = await Quay.start(chainId)
  // Fifty shares to the dollar at the start, in 8 digits against 6.
  cToken = await quay.create(cTokenMarketAbi, cTokenMarketBytecode, [quay.usdc, 2n * 10n ** 14n])
  await quay.supply([alice, bob, carol], [cToken])
  await write('mint', [400n * dollar])
  await write('borrow', [200n * dollar], bob)
  // A tenth of a percent for every block.
  await write('setRate', [10n ** 15n])
})

afterAll(() => quay?.[Symbol.asyncDispose]())

const market = (change: Partial<Holdings.CToken.of.Args> = {}) =>
  Holdings.CToken.of({ name: 'Compound v2 USDC', chainId, cToken, underlying: quay.usdc, ...change })
const fetch = (holder: Account, places: readonly Holdings.Holding[] = [market()]) =>
  quay.fetch({ places, holder: holder.address as Hex, receipts: [[cToken, 'rate']] })
const shown = async (holder: Account, places?: readonly Holdings.Holding[]) =>
  (await fetch(holder, places)).parts.map(({ asset, amount, owed, custody }) => ({ asset, amount, owed, custody }))

describe('of', () => {
  test('worked example: after a hundred blocks, whatever is stored: 200 owed are 220, and 400 lent are 420', async () => {
    await quay.chain.mine(100)
    expect(await stored('borrowBalanceStored', [bob.address])).toBe(200n * dollar)
    expect(await shown(bob)).toEqual([{ asset: quay.usdc, amount: 0n, owed: 220n * dollar, custody: 'OBSERVED' }])
    expect(await stored('exchangeRateStored')).toBe(2n * 10n ** 14n)
    const lent = [{ asset: quay.usdc, amount: 420n * dollar, owed: 0n, custody: 'OBSERVED' }]
    expect(await shown(alice)).toEqual(lent)
    // Nothing else in the same call has written the interest down.
    expect(await shown(alice, [Holdings.Erc20.of({ name: 'wallet cUSDC', token: cToken })])).toEqual(lent)
  })

  test('edge: who lends and owes at once is shown the difference', async () => {
    await write('setRate', [0n])
    await write('mint', [50n * dollar], bob)
    const owed = await stored('borrowBalanceStored', [bob.address])
    const lent = 50n * dollar
    const [one] = await shown(bob)
    expect(one?.amount).toBe(0n)
    // Shares are worth what was paid for them, or a unit less.
    expect(one?.owed).toBeGreaterThanOrEqual(owed - lent)
    expect(one?.owed).toBeLessThanOrEqual(owed - lent + 1n)
  })

  test('rounding: shares are worth what giving them back would pay, to the unit', async () => {
    const shares = 12_345_678_901n
    await quay.write({ address: cToken, abi: cTokenMarketAbi, functionName: 'transfer', args: [carol.address, shares], by: alice })
    const [one] = await shown(carol)
    const wallet = Holdings.Erc20.of({ name: 'wallet', token: quay.usdc })
    const [before] = await shown(carol, [wallet])
    await write('redeem', [shares], carol)
    const [after] = await shown(carol, [wallet])
    expect(one?.amount).toBe((after?.amount ?? 0n) - (before?.amount ?? 0n))
    expect(await shown(carol)).toEqual([])
  })

  test('edge: paying what is said to be owed pays it all', async () => {
    await write('borrow', [7n * dollar], carol)
    await write('setRate', [10n ** 13n])
    await quay.chain.mine(3)
    await write('setRate', [0n])
    const [one] = await shown(carol)
    expect(one?.owed).toBeGreaterThan(7n * dollar)
    await write('repayBorrow', [one?.owed], carol)
    expect(await shown(carol)).toEqual([])
  })

  test('edge: shares in a wallet are what is lent there, and count once', async () => {
    const wallet = Holdings.Erc20.of({ name: 'wallet cUSDC', token: cToken })
    const alone = await shown(alice)
    expect(alone).toHaveLength(1)
    expect(await shown(alice, [wallet])).toEqual(alone)
    expect(await shown(alice, [wallet, market(), market({ name: 'again' })])).toEqual(alone)
  })

  test('edge: a debt that is given up is the lenders’ loss', async () => {
    const [before] = await shown(alice)
    await write('forgive', [bob.address])
    const [after] = await shown(alice)
    expect(after?.amount).toBeLessThan(before?.amount ?? 0n)
    expect(after?.amount).toBeGreaterThan(0n)
  })

  test.each([
    ['no contract there', () => market({ cToken: `0x${'77'.repeat(20)}` }), /^underlying of 0x77.* there is no such contract/],
    ['a market in another token', () => market({ underlying: quay.weth }), /^underlying of .* it is 0x.*, and not 0x/],
    ['a market in the chain’s own coin, which names nothing', () => market({ cToken: quay.usdc }), /^underlying of .* it reverted/],
  ])('error: %s: nothing of it is known, and the rest is', async (_, place, said) => {
    const found = await fetch(alice, [place(), Holdings.Erc20.of({ name: 'wallet', token: quay.usdc })])
    expect(found.unread).toEqual([{ place: 'Compound v2 USDC', code: 'CONTRACT_UNREADABLE', sentence: expect.stringMatching(said) }])
    expect(found.parts).toHaveLength(1)
  })
})
