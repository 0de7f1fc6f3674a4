/** Posts signed orders to chains, and pays their gas. What it posts anybody may post: it adds no authority. */
import { ChainConfig, Fee, Sender } from '@plimsoll/chain'
import { type Abi, type Address, encodeFunctionData, type Hex, keccak256 } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import type { Config } from '../config.ts'

export type Call = { readonly address: Address; readonly abi: Abi; readonly functionName: string; readonly args: readonly unknown[] }

export type Outcome =
  | { readonly status: 'posted'; readonly transactionHash: Hex }
  /** The contract says no: before it was sent, or in its block. */
  | { readonly status: 'refused'; readonly code: string }
  /** The chain could not be asked, or did not answer in time: it may have been posted. */
  | { readonly status: 'unknown'; readonly code: string }

export type Relay = { readonly post: (chainId: number, call: Call) => Promise<Outcome> }

const timeoutMs = 10_000
const everyMs = 250

type Desk = { readonly sender: Sender.Sender; offered: { readonly nonce: bigint; readonly offer: Fee.Fee } | null }

/** Over every source of each chain: what may be sent, at which nonce and fee, and what became of it, is what k of them say. */
export function of(args: of.Args): Relay {
  const { config, mostFee } = args
  const account = privateKeyToAccount(args.key)
  const desks = new Map<number, Desk>(
    config.chains.map((chain) => [chain.chainId, { sender: Sender.open({ config: ChainConfig.from(chain) }), offered: null }]),
  )

  async function send(chainId: number, call: Call): Promise<Outcome> {
    const desk = desks.get(chainId)
    if (desk === undefined) throw new RangeError(`Chain ${chainId} is not configured.`)
    const { sender } = desk
    const data = encodeFunctionData(call)
    try {
      const estimate = await sender.estimate({ from: lower(account.address), to: lower(call.address), data })
      if (estimate.status === 'refused') return { status: 'refused', code: estimate.reason }
      const [nonce, going] = await Promise.all([sender.count(lower(account.address)), sender.fees()])
      // What was offered at this nonce is on its way still: what takes its place has to offer more.
      const before = desk.offered?.nonce === nonce ? desk.offered.offer : null
      const offer = before === null ? Fee.first(going, mostFee) : Fee.next(before, going, mostFee)
      if (offer === null) return { status: 'unknown', code: 'FEE_TOO_HIGH' }
      const raw = await sign(account, { chainId, nonce, to: call.address, data, gas: Fee.gas(estimate.gas), offer })
      const { taken } = await sender.send(raw)
      if (taken.length === 0) return { status: 'unknown', code: 'NOT_TAKEN' }
      desk.offered = { nonce, offer }
      return await follow(sender, keccak256(raw))
    } catch (error) {
      return { status: 'unknown', code: error instanceof Error && 'code' in error ? String(error.code) : 'UNREACHABLE' }
    }
  }

  // One after another: two at once would take the same nonce.
  let last: Promise<unknown> = Promise.resolve()
  return {
    post: (chainId, call) => {
      const sent = last.then(() => send(chainId, call))
      last = sent.catch(() => {})
      return sent
    },
  }
}

export declare namespace of {
  type Args = {
    readonly config: Pick<Config, 'chains'>
    readonly key: Hex
    /** What no transaction offers more than. Wei per gas. */
    readonly mostFee: bigint
  }
}

async function follow(sender: Sender.Sender, hash: Hex): Promise<Outcome> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; ) {
    const found = await sender.receipt(hash)
    if (found.status === 'mined')
      return found.receipt.status === 'done' ? { status: 'posted', transactionHash: hash } : { status: 'refused', code: 'REVERTED' }
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
  return { status: 'unknown', code: 'NOT_MINED' }
}

function sign(
  account: PrivateKeyAccount,
  made: {
    readonly chainId: number
    readonly nonce: bigint
    readonly to: Address
    readonly data: Hex
    readonly gas: bigint
    readonly offer: Fee.Fee
  },
): Promise<Hex> {
  const { chainId, nonce, to, data, gas, offer } = made
  return account.signTransaction({ type: 'eip1559', chainId, nonce: Number(nonce), to, data, gas, value: 0n, ...offer })
}

const lower = (address: Address) => address.toLowerCase() as Hex
