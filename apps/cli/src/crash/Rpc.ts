/** Calls to a local chain by the hundred. */
import type { Anvil } from '@plimsoll/localnet'
import { type Hex, numberToHex } from 'viem'

export type Call = { readonly method: string; readonly params: readonly unknown[] }

/** Sends calls as one request. @returns their answers, in order. */
export async function batch(url: string, calls: readonly Call[]): Promise<readonly unknown[]> {
  const body = calls.map((call, id) => ({ jsonrpc: '2.0', id, ...call }))
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  const said = (await response.json()) as readonly {
    readonly id: number
    readonly result?: unknown
    readonly error?: { readonly message: string }
  }[]
  return [...said]
    .sort((a, b) => a.id - b.id)
    .map(({ result, error }) => {
      if (error) throw new RpcError(error.message)
      return result
    })
}

/** Sends calls of accounts whose keys nobody has, and waits until all are mined. */
export async function send(
  chain: Anvil.Anvil,
  calls: readonly { readonly from: Hex; readonly to: Hex; readonly data: Hex }[],
): Promise<void> {
  await batch(
    chain.url,
    calls.map(({ from }) => ({ method: 'anvil_setBalance', params: [from, numberToHex(10n ** 18n)] })),
  )
  await batch(chain.url, [{ method: 'anvil_autoImpersonateAccount', params: [true] }])
  const hashes = await batch(
    chain.url,
    calls.map((call) => ({ method: 'eth_sendTransaction', params: [{ ...call, gas: numberToHex(1_000_000) }] })),
  )
  await batch(chain.url, [{ method: 'anvil_autoImpersonateAccount', params: [false] }])
  const receipts = await Promise.all(hashes.map((hash) => chain.publicClient.waitForTransactionReceipt({ hash: hash as Hex })))
  const refused = receipts.filter(({ status }) => status !== 'success').length
  if (refused > 0) throw new RpcError(`${refused} of ${calls.length} calls reverted`)
}

/** Thrown when a local chain refuses what the stage is set with. */
export class RpcError extends Error {
  override readonly name = 'Rpc.RpcError'
  readonly code = 'STAGE_NOT_SET'
  readonly hint = 'Run it again; if it says the same, run `plimsoll demo` to see whether local chains start at all.'
  constructor(said: string) {
    super(`The chain did not take it: ${said}.`)
  }
}
