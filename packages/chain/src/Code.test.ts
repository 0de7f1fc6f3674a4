import { contractWalletAbi } from '@plimsoll/contracts'
import { contractWalletBytecode } from '@plimsoll/contracts/bytecode'
import { Anvil } from '@plimsoll/localnet'
import { encodeFunctionResult, multicall3Abi } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { canonicalMulticall } from './ChainConfig.ts'
import * as Code from './Code.ts'
import type { Hex } from './Hex.ts'
import * as Query from './Query.ts'
import * as Quorum from './Quorum.ts'
import { start, type Tap } from './testing/Tap.ts'

const chainId = 31_337_001
const factory = '0x4e59b44847b379578588920ca78fbf26c0b4956c'
const [owner, key, delegating] = Array.from({ length: 3 }, () => privateKeyToAccount(generatePrivateKey())) as [
  ReturnType<typeof privateKeyToAccount>,
  ReturnType<typeof privateKeyToAccount>,
  ReturnType<typeof privateKeyToAccount>,
]
const low = ({ address }: { readonly address: string }) => address.toLowerCase() as Hex

let anvil: Anvil.Anvil
let taps: readonly Tap[]
let wallet: Hex
let reader: Quorum.Reader

beforeAll(async () => {
  anvil = await Anvil.start({ chainId, accounts: [owner.address] })
  taps = await Promise.all(['a', 'b'].map((id) => start({ id, target: anvil.url })))
  const hash = await anvil.wallet(owner).deployContract({ abi: contractWalletAbi, bytecode: contractWalletBytecode, args: [owner.address] })
  const { contractAddress } = await anvil.publicClient.waitForTransactionReceipt({ hash })
  wallet = (contractAddress ?? '0x').toLowerCase() as Hex
  const authorization = await delegating.signAuthorization({ address: wallet, chainId, nonce: 0 })
  const delegation = await anvil.wallet(owner).sendTransaction({ to: owner.address, authorizationList: [authorization] })
  await anvil.publicClient.waitForTransactionReceipt({ hash: delegation })
  await anvil.mine(9)
  const finality = { tag: 'finalized', maxAgeSeconds: 3_600 } as const
  const config = { chainId, name: 'harbour', sources: taps.map((tap) => tap.source), k: 2, timeoutMs: 2_000, finality }
  reader = Quorum.open({ config })
})
afterAll(async () => {
  await Promise.all(taps.map((tap) => tap[Symbol.asyncDispose]()))
  await anvil.stop()
})
afterEach(() => {
  for (const tap of taps) tap.mend()
})

const ask = async (accounts: readonly Hex[], multicall: Hex = canonicalMulticall) =>
  (await Query.fetch({ reader, at: 'final', query: Code.query({ accounts, multicall }) })).value

describe('query', () => {
  test('worked example: a key, one that delegates, a contract, in the order asked', async () => {
    expect(await ask([low(key), low(delegating), wallet])).toEqual(['none', 'delegated', 'contract'])
    expect(await ask([wallet, low(owner), canonicalMulticall, low(delegating)])).toEqual(['contract', 'none', 'contract', 'delegated'])
    expect(await ask([])).toEqual([])
  })

  test('edge: code that is as long as a delegation, or begins like one, is a contract', () => {
    const word = (code: string, size: number) => `${code.padEnd(48, '0')}${size.toString(16).padStart(16, '0')}`
    const said = (words: readonly string[], success = true) => {
      const returned = { success, returnData: `0x${words.join('')}` as const }
      const result = [{ success: true, returnData: '0x' as const }, returned]
      const data = encodeFunctionResult({ abi: multicall3Abi, functionName: 'aggregate3', result })
      const query = Code.query({ accounts: [wallet, low(key)], multicall: canonicalMulticall })
      expect(query.parse([{ success: false, data }])).toEqual(['unread', 'unread'])
      return query.parse([{ success: true, data }])
    }
    const designator = `ef0100${'11'.repeat(20)}`
    expect(said([word(designator, 23), word('', 0)])).toEqual(['delegated', 'none'])
    expect(said([word(designator, 22), word(designator, 24)])).toEqual(['contract', 'contract'])
    expect(said([word(`ef0101${'11'.repeat(20)}`, 23), word(`00${'01'.repeat(22)}`, 23)])).toEqual(['contract', 'contract'])
    expect(said([word('00', 1), word(designator, 2 ** 40)])).toEqual(['contract', 'contract'])
    expect(said([word(designator, 23)])).toEqual(['unread', 'unread'])
    expect(said([word(designator, 23), word('', 0)], false)).toEqual(['unread', 'unread'])
  })

  test('worked example: no source has a request more for it, and nothing is created on the chain', async () => {
    const asked = async (query: Query.Query<unknown>) => {
      await Query.fetch({ reader, at: 'final', query })
      const counts = taps.map((tap) => [tap.asked(), tap.count('eth_call')])
      for (const tap of taps) tap.mend()
      return counts
    }
    const other = Query.call({ abi: contractWalletAbi, target: wallet, functionName: 'owner', args: [] })
    await asked(other)
    const before = await asked(other)
    const codes = Code.query({ accounts: [wallet, low(key)], multicall: canonicalMulticall })
    expect(await asked(Query.all([other, codes]))).toEqual(before)
    expect(before.map(([, calls]) => calls)).toEqual([1, 1])
  })

  test('edge: where there is no factory, or no multicall at that address, nothing is known', async () => {
    const code = (await anvil.publicClient.getCode({ address: factory })) ?? '0x'
    expect(code.length).toBeGreaterThan(2)
    expect(await ask([wallet, low(key)], low(key))).toEqual(['unread', 'unread'])
    expect(await ask([wallet, low(key)], wallet)).toEqual(['unread', 'unread'])
    await anvil.testClient.setCode({ address: factory, bytecode: '0x' })
    await anvil.mine(9)
    expect(await ask([wallet, low(key)])).toEqual(['unread', 'unread'])
    await anvil.testClient.setCode({ address: factory, bytecode: code })
    await anvil.mine(9)
  })

  test('edge: who created the probe before changes nothing', async () => {
    const query = Code.query({ accounts: [low(key)], multicall: canonicalMulticall })
    const hash = await anvil.wallet(owner).sendTransaction({ to: canonicalMulticall, data: query.calls[0]?.data ?? '0x' })
    await anvil.publicClient.waitForTransactionReceipt({ hash })
    await anvil.mine(9)
    expect(await ask([wallet, low(delegating), low(key)])).toEqual(['contract', 'delegated', 'none'])
  })
})

describe('isOne', () => {
  test('edge: one contract is enough to part them; what is unread parts nobody, and joins nobody', () => {
    expect(Code.isOne(['none', 'none'])).toBe('yes')
    expect(Code.isOne(['delegated', 'none'])).toBe('yes')
    expect(Code.isOne(['delegated', 'contract'])).toBe('no')
    expect(Code.isOne(['unread', 'contract'])).toBe('no')
    expect(Code.isOne(['unread', 'delegated'])).toBe('unread')
  })
})
