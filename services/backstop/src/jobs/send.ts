/**
 * Sends one transaction and sees it in a block. Its nonce is the account's next one at the block that it was decided on: whatever was sent before,
 * by this replica or by one before it, is in that block, and so was seen, or has this nonce too, and only one of the two can come about.
 */
import { type ChainConfig, Fee, type Hex, Jitter, Sender } from '@plimsoll/chain'
import { backstopAbi, perpVenueAbi } from '@plimsoll/contracts'
import { encodeFunctionData, keccak256, type PrivateKeyAccount } from 'viem'
import type * as Decide from './decide.ts'
import * as Keep from './keep.ts'

type Act = Decide.Act | Keep.Act

export type Sent =
  | { readonly status: 'done' | 'reverted'; readonly hash: Hex.Hex }
  /** Nodes would not run it. */
  | { readonly status: 'refused'; readonly reason: string }
  /** It was not to leave. */
  | { readonly status: 'withheld' }

export type Till = { readonly send: (act: Act, terms: Terms) => Promise<Sent> }

export type Terms = {
  /** Hash of the block that it was decided on. */
  readonly at: Hex.Hex
  /** Asked last, when all that is left is to hand it over. */
  readonly may: () => Promise<boolean>
}

export function open(args: open.Args): Till {
  const { config, key, venue, backstop, mostFee, waitMs, nowMs } = args
  const sender = Sender.open({ config, nowMs })
  const from = key.address.toLowerCase() as Hex.Hex
  let last: { readonly nonce: bigint; readonly fee: Fee.Fee } | null = null
  return {
    async send(act, { at, may }) {
      const call = callOf(act, { venue, backstop })
      const tried = await sender.estimate({ from, ...call })
      if (tried.status === 'refused') return tried
      const nonce = await sender.count(from, at)
      const going = await sender.fees()
      const fee = last?.nonce === nonce ? Fee.next(last.fee, going, mostFee) : Fee.first(going, mostFee)
      if (fee === null) throw new NotSentError('what would replace the last one has to offer more than it may')
      const raw = await key.signTransaction({
        ...{ type: 'eip1559', chainId: config.chainId, nonce: Number(nonce), ...call, gas: Fee.gas(tried.gas), ...fee },
      })
      if (!(await may())) return { status: 'withheld' }
      const { taken, dissent } = await sender.send(raw)
      if (taken.length > 0 || dissent.some(({ detail }) => /underpriced/i.test(detail))) last = { nonce, fee }
      if (taken.length === 0) throw new NotSentError('no source took it')
      const hash = keccak256(raw)
      for (const until = nowMs() + waitMs; nowMs() < until; ) {
        // Counted first, so that what is mined in between is found.
        const counted = await sender.count(from)
        const found = await sender.receipt(hash)
        if (found.status === 'mined') return { hash, status: found.receipt.status }
        if (found.status === 'absent' && counted > nonce) throw new NotSentError('another transaction of this key took its place')
        await new Promise((resolve) => setTimeout(resolve, Jitter.around({ ms: pauseMs, random: Math.random })))
      }
      throw new NotSentError('no block has it yet, and the next one replaces it')
    },
  }
}

export declare namespace open {
  type Args = {
    readonly config: ChainConfig.ChainConfig
    readonly key: PrivateKeyAccount
    readonly venue: Hex.Hex
    readonly backstop: Hex.Hex
    /** What no transaction offers more than. Wei per gas. */
    readonly mostFee: bigint
    readonly waitMs: number
    readonly nowMs: () => number
  }
}

const pauseMs = 200

function callOf(act: Act, { venue, backstop }: { readonly venue: Hex.Hex; readonly backstop: Hex.Hex }) {
  if (act.kind !== 'bid' && act.kind !== 'reduce') return { to: backstop, data: Keep.calldata(act) }
  const args = [act.market, act.size, act.limitPrice] as const
  if (act.kind === 'bid') return { to: backstop, data: encodeFunctionData({ abi: backstopAbi, functionName: 'bid', args }) }
  return { to: venue, data: encodeFunctionData({ abi: perpVenueAbi, functionName: 'reduce', args }) }
}

/** Thrown when a transaction did not leave, or is in no block yet. */
export class NotSentError extends Error {
  override readonly name = 'Send.NotSentError'
  readonly code = 'NOT_SENT'
  constructor(why: string) {
    super(`Nothing was done: ${why}.`)
  }
}
