/** Test kit: one local chain with a dollar and an ether of its own, read through one source: for places that need no house around them. */
import { testTokenAbi } from '@plimsoll/contracts'
import { testTokenBytecode } from '@plimsoll/contracts/bytecode'
import { Anvil, Deployment, Wallet } from '@plimsoll/localnet'
import type { Abi, Account } from 'viem'
import type { Hex } from '../Hex.ts'
import * as Holdings from '../Holdings.ts'
import * as Quorum from '../Quorum.ts'

export type Quay = AsyncDisposable & {
  readonly chain: Anvil.Anvil
  readonly usdc: Hex
  readonly weth: Hex
  create(abi: Abi, bytecode: Hex, args: readonly unknown[]): Promise<Hex>
  write(call: {
    readonly address: Hex
    readonly abi: Abi
    readonly functionName: string
    readonly args: readonly unknown[]
    readonly by: Account
  }): Promise<void>
  /** Everybody given gets so much of both tokens, which `spenders` may take. */
  supply(people: readonly Account[], spenders: readonly Hex[]): Promise<void>
  /** What somebody holds at some places now. Both tokens are assets. */
  fetch(args: {
    readonly places: readonly Holdings.Holding[]
    readonly holder: Hex
    readonly receipts?: readonly (readonly [Hex, Holdings.Receipt.Kind])[]
  }): Promise<Holdings.Holdings>
}

const deployer = Wallet.of('owner')

export async function start(chainId: number): Promise<Quay> {
  const chain = await Anvil.start({ chainId, accounts: [deployer.address] })
  const create: Quay['create'] = async (abi, bytecode, args) => {
    const hash = await chain.wallet(deployer).deployContract({ abi, bytecode, args })
    return ((await chain.publicClient.waitForTransactionReceipt({ hash })).contractAddress ?? '0x').toLowerCase() as Hex
  }
  const usdc = await create(testTokenAbi, testTokenBytecode, ['Dollar', 'USDC', 6])
  const weth = await create(testTokenAbi, testTokenBytecode, ['Ether', 'WETH', 18])
  const reader = Quorum.open({
    config: {
      ...{ chainId, name: 'quay', k: 1, sources: [{ id: 'a', operator: 'a', url: chain.url }], timeoutMs: 5_000 },
      finality: { tag: 'finalized', maxAgeSeconds: 86_400 },
    },
  })
  const write: Quay['write'] = async ({ by, ...call }) => void (await Deployment.write(chain, by, call))
  return {
    ...{ chain, usdc, weth, create, write },
    supply: async (people, spenders) => {
      await chain.fund(people.map(({ address }) => address))
      for (const by of people)
        for (const address of [usdc, weth]) {
          await write({ address, abi: testTokenAbi, functionName: 'mint', args: [by.address, 10n ** 24n], by })
          for (const spender of spenders)
            await write({ address, abi: testTokenAbi, functionName: 'approve', args: [spender, 10n ** 24n], by })
        }
    },
    fetch: ({ places, holder, receipts = [] }) =>
      Holdings.fetch({
        ...{ reader, places, holders: [holder], receipts: new Map(receipts), assets: new Set([usdc, weth]), at: 'head' },
      }),
    [Symbol.asyncDispose]: () => chain.stop(),
  }
}
