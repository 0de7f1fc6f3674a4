/** Posts signed orders to chains, and pays their gas. What it posts anybody may post: it adds no authority. */

import {
  type Abi,
  type Address,
  ContractFunctionRevertedError,
  createPublicClient,
  createWalletClient,
  defineChain,
  type Hex,
  http,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Config } from '../config.ts'

export type Call = { readonly address: Address; readonly abi: Abi; readonly functionName: string; readonly args: readonly unknown[] }

export type Outcome =
  | { readonly status: 'posted'; readonly transactionHash: Hex }
  /** The contract says no, by the name of its error. */
  | { readonly status: 'refused'; readonly code: string }
  /** The chain could not be asked, or did not answer in time: it may have been posted. */
  | { readonly status: 'unknown'; readonly code: string }

export type Relay = { readonly post: (chainId: number, call: Call) => Promise<Outcome> }

const timeoutMs = 10_000

/** Over the first source of each chain: a source that lies here costs gas, and nothing else. */
export function of(args: { readonly config: Config; readonly key: Hex }): Relay {
  const account = privateKeyToAccount(args.key)
  const clients = new Map(
    args.config.chains.map(({ chainId, name, sources }) => {
      const [source] = sources
      const chain = defineChain({
        ...{ id: chainId, name, nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 } },
        rpcUrls: { default: { http: [source?.url ?? ''] } },
      })
      const transport = http(source?.url, { timeout: timeoutMs, retryCount: 0 })
      const reading = createPublicClient({ chain, transport, cacheTime: 0, pollingInterval: 200 })
      return [chainId, { reading, writing: createWalletClient({ chain, transport, account }) }] as const
    }),
  )
  // One after another: two at once would take the same nonce.
  let last: Promise<unknown> = Promise.resolve()
  const send = async (chainId: number, call: Call): Promise<Outcome> => {
    const client = clients.get(chainId)
    if (client === undefined) throw new RangeError(`Chain ${chainId} is not configured.`)
    try {
      const { request } = await client.reading.simulateContract({ ...call, account })
      const transactionHash = await client.writing.writeContract(request)
      const receipt = await client.reading.waitForTransactionReceipt({ hash: transactionHash, timeout: timeoutMs })
      return receipt.status === 'success' ? { status: 'posted', transactionHash } : { status: 'refused', code: 'REVERTED' }
    } catch (error) {
      const reverted = revertOf(error)
      if (reverted !== null) return { status: 'refused', code: reverted.data?.errorName ?? 'REVERTED' }
      return { status: 'unknown', code: error instanceof Error ? error.name : 'UNREACHABLE' }
    }
  }
  return {
    post: (chainId, call) => {
      const sent = last.then(() => send(chainId, call))
      last = sent.catch(() => {})
      return sent
    },
  }
}

function revertOf(error: unknown): ContractFunctionRevertedError | null {
  if (!(error instanceof Error) || !('walk' in error) || typeof error.walk !== 'function') return null
  const found: unknown = error.walk((it: unknown) => it instanceof ContractFunctionRevertedError)
  return found instanceof ContractFunctionRevertedError ? found : null
}
