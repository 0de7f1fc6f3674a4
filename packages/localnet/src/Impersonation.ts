/** Transactions of accounts whose keys nobody has, by the hundred: what a stage full of traders is set with. */
import { type Hex, numberToHex } from 'viem'
import type { Anvil } from './Anvil.ts'
import { BaseError } from './BaseError.ts'

/** Requests to one batch: a node takes hundreds at once. */
const page = 200
/** As much as every call gets. */
const gas = numberToHex(1_000_000)

export type Call = { readonly from: Hex; readonly to: Hex; readonly data: Hex }

/**
 * Gives each sender an ether to pay gas with, sends, and waits until all is mined.
 *
 * @throws {RefusedError} the node takes one not, or one reverted.
 */
export async function send(chain: Pick<Anvil, 'url'>, calls: readonly Call[]): Promise<void> {
  const { url } = chain
  await ask(
    url,
    calls.map(({ from }) => ({ method: 'anvil_setBalance', params: [from, numberToHex(10n ** 18n)] })),
  )
  await ask(url, [{ method: 'anvil_autoImpersonateAccount', params: [true] }])
  const hashes = await ask(
    url,
    calls.map((call) => ({ method: 'eth_sendTransaction', params: [{ ...call, gas }] })),
  )
  await ask(url, [{ method: 'anvil_autoImpersonateAccount', params: [false] }])
  const refused = (await receipts(url, hashes)).filter(({ status }) => status !== '0x1').length
  if (refused > 0) throw new RefusedError(`${refused} of ${calls.length} calls reverted`)
}

async function receipts(url: string, hashes: readonly unknown[]): Promise<readonly { readonly status: string }[]> {
  const asked = hashes.map((hash) => ({ method: 'eth_getTransactionReceipt', params: [hash] }))
  for (let left = 200; ; left -= 1) {
    const found = await ask(url, asked)
    if (found.every((receipt) => receipt !== null)) return found as readonly { readonly status: string }[]
    if (left === 0) throw new RefusedError('not everything was mined')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function ask(
  url: string,
  calls: readonly { readonly method: string; readonly params: readonly unknown[] }[],
): Promise<readonly unknown[]> {
  const answers: unknown[] = []
  for (let from = 0; from < calls.length; from += page) {
    const body = calls.slice(from, from + page).map((call, id) => ({ jsonrpc: '2.0', id, ...call }))
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    const said = (await response.json()) as {
      readonly id: number
      readonly result?: unknown
      readonly error?: { readonly message: string }
    }[]
    for (const { result, error } of said.sort((a, b) => a.id - b.id)) {
      if (error) throw new RefusedError(error.message)
      answers.push(result)
    }
  }
  return answers
}

/** Thrown when a local chain refuses what its stage is set with. */
export class RefusedError extends BaseError {
  override readonly name = 'Impersonation.RefusedError'
  readonly code = 'STAGE_NOT_SET'
  constructor(said: string) {
    super(`The chain did not take it: ${said}.`, {
      hint: 'Run it again; if it says the same, run `plimsoll demo` to see whether local chains start at all.',
    })
  }
}
