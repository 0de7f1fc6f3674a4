/**
 * Sends one transaction and sees it in a block. It always takes the account's next nonce of what is mined, so that one that got lost, or one
 * that a replica before sent, is replaced and never added to.
 */

import { backstopAbi, perpVenueAbi } from '@plimsoll/contracts'
import { createPublicClient, encodeFunctionData, http, type PrivateKeyAccount } from 'viem'
import type { Act } from './decide.ts'

export type Sent = { readonly hash: `0x${string}`; readonly status: 'success' | 'reverted' }

export type Sender = { readonly send: (act: Act) => Promise<Sent> }

export function open(args: open.Args): Sender {
  const { chainId, urls, key, venue, backstop, waitMs } = args
  const clients = urls.map((url) => createPublicClient({ transport: http(url, { retryCount: 0, timeout: 5_000 }) }))
  return {
    async send(act) {
      const { size, market, limitPrice } = act
      const call =
        act.kind === 'bid'
          ? { to: backstop, data: encodeFunctionData({ abi: backstopAbi, functionName: 'bid', args: [market, size, limitPrice] }) }
          : { to: venue, data: encodeFunctionData({ abi: perpVenueAbi, functionName: 'reduce', args: [market, size, limitPrice] }) }
      const [first] = clients
      if (!first) throw new NotSentError('there is no source')
      // Reverts with the contract's own reason before anything is sent.
      const gas = await first.estimateGas({ account: key.address, ...call })
      const nonce = Math.max(
        ...(await answers(clients.map((one) => one.getTransactionCount({ address: key.address, blockTag: 'latest' })))),
      )
      const { maxFeePerGas, maxPriorityFeePerGas } = await first.estimateFeesPerGas()
      const raw = await key.signTransaction({
        ...{ type: 'eip1559', chainId, nonce, ...call, gas: gas * 2n },
        ...{ maxFeePerGas: maxFeePerGas * 2n, maxPriorityFeePerGas },
      })
      const [hash] = await answers(clients.map((one) => one.sendRawTransaction({ serializedTransaction: raw })))
      if (!hash) throw new NotSentError('no source took it')
      const { status } = await first.waitForTransactionReceipt({ hash, timeout: waitMs, pollingInterval: 100 })
      return { hash, status }
    },
  }
}

export declare namespace open {
  type Args = {
    readonly chainId: number
    readonly urls: readonly string[]
    readonly key: PrivateKeyAccount
    readonly venue: `0x${string}`
    readonly backstop: `0x${string}`
    readonly waitMs: number
  }
}

/** @throws {NotSentError} nobody answered. */
async function answers<value>(asked: readonly Promise<value>[]): Promise<readonly value[]> {
  const settled = await Promise.allSettled(asked)
  const got = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  if (got.length === 0) throw new NotSentError('no source answered')
  return got
}

/** Thrown when a transaction did not leave. */
export class NotSentError extends Error {
  override readonly name = 'Send.NotSentError'
  readonly code = 'NOT_SENT'
  constructor(why: string) {
    super(`Nothing was sent: ${why}.`)
  }
}
