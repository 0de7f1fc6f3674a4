/**
 * The sending side of a chain: signed bytes go to every source, and what became of them is what k sources say.
 *
 * Bytes that were handed over may be handed over again, however often: one nonce has one effect.
 */
import * as Agreement from './Agreement.ts'
import * as ChainConfig from './ChainConfig.ts'
import type { Dissent } from './Dissent.ts'
import type { Going } from './Fee.ts'
import { type Hex, hash, integer, quantity } from './Hex.ts'
import type { Random } from './Jitter.ts'
import { RequestError } from './JsonRpc.ts'
import * as Log from './Log.ts'
import * as Pin from './Pin.ts'
import * as Pool from './Pool.ts'

export type Receipt = {
  readonly hash: Hex
  readonly status: 'done' | 'reverted'
  readonly blockNumber: bigint
  readonly blockHash: Hex
  readonly gasUsed: bigint
  readonly logs: readonly Log.Log[]
}

export type Found =
  | { readonly status: 'mined'; readonly receipt: Receipt }
  /** k sources have no block with it. */
  | { readonly status: 'absent' }
  /** No k sources say the same, as while a block travels. */
  | { readonly status: 'unknown'; readonly dissent: readonly Dissent[] }

export type Estimate =
  | { readonly status: 'ok'; readonly gas: bigint }
  /** k sources would not run it. */
  | { readonly status: 'refused'; readonly reason: string }

export type Sender = {
  /** @returns which sources have it now, by accepting it or by having had it. Empty: none took it. */
  readonly send: (raw: Hex) => Promise<{ readonly taken: readonly string[]; readonly dissent: readonly Dissent[] }>
  /** Transactions of an account in blocks so far, or up to the block of a hash: its next nonce there, were nothing on its way. */
  readonly count: (address: Hex, blockHash?: Hex) => Promise<bigint>
  readonly receipt: (hash: Hex) => Promise<Found>
  readonly fees: () => Promise<Going>
  readonly estimate: (call: { readonly from: Hex; readonly to: Hex; readonly data: Hex }) => Promise<Estimate>
}

/** What nodes say of bytes that they have, or that are in a block already. */
const had = /already (known|imported)|known transaction|nonce (too low|is too low)|nonce.{0,20}(used|lower)/i

/**
 * The sending side of one chain. A figure is the k-th highest of what sources say, so that fewer than k liars cannot push it up, and fewer than
 * k honest ones are never enough.
 *
 * @throws {ChainConfig.InvalidConfigError}
 */
export function open(args: open.Args): Sender {
  const config = ChainConfig.of(args.config)
  const { k } = config
  const pool = Pool.open(config, { nowMs: args.nowMs ?? Date.now, random: args.random ?? Math.random })

  async function ask<value>(question: Parameters<typeof pool.ask<value>>[1]) {
    const { ids, resting } = pool.awake()
    const { answers, dissent } = await pool.ask(ids, question)
    return { answers, dissent: [...dissent, ...resting] }
  }

  async function figure(question: Parameters<typeof pool.ask<bigint>>[1]): Promise<bigint> {
    const { answers, dissent } = await ask(question)
    if (answers.length < k) throw Pin.shortage({ config, have: answers.length, dissent })
    return Agreement.kthHighest(
      answers.map(({ value }) => value),
      k,
    )
  }

  return {
    async send(raw) {
      const { answers, dissent } = await ask((client) => client.request('eth_sendRawTransaction', [raw]))
      const again = dissent.filter(({ why, detail }) => why === 'RPC_ANSWERED_ERROR' && had.test(detail))
      return { taken: [...answers, ...again].map(({ id }) => id), dissent: dissent.filter((one) => !again.includes(one)) }
    },
    count: (address, blockHash) => {
      const at = blockHash === undefined ? 'latest' : { blockHash }
      return figure(async (client) => quantity(await client.request('eth_getTransactionCount', [address, at]), 'transaction count'))
    },
    async receipt(id) {
      const { answers, dissent } = await ask(async (client) => parse(await client.request('eth_getTransactionReceipt', [id]), id))
      if (answers.length < k) throw Pin.shortage({ config, have: answers.length, dissent })
      const agreement = Agreement.of({ answers: answers.map((answer) => ({ ...answer, key: keyOf(answer.value) })), k })
      if (agreement.status !== 'agreed') return { status: 'unknown', dissent }
      return agreement.value === null ? { status: 'absent' } : { status: 'mined', receipt: agreement.value }
    },
    async fees() {
      const [base, priority] = await Promise.all([
        figure(async (client) => baseFeeOf(await client.request('eth_getBlockByNumber', ['latest', false]))),
        figure(async (client) => quantity(await client.request('eth_maxPriorityFeePerGas', []), 'priority fee')),
      ])
      return { base, priority }
    },
    async estimate(call) {
      const { answers, dissent } = await ask(async (client) => quantity(await client.request('eth_estimateGas', [call]), 'gas'))
      const refused = dissent.filter(({ why }) => why === 'RPC_ANSWERED_ERROR')
      if (refused.length >= k) return { status: 'refused', reason: refused[0]?.detail ?? '' }
      if (answers.length < k) throw Pin.shortage({ config, have: answers.length, dissent })
      const figures = answers.map(({ value }) => value)
      return { status: 'ok', gas: Agreement.kthHighest(figures, k) }
    },
  }
}

export declare namespace open {
  type Args = { readonly config: ChainConfig.ChainConfig; readonly nowMs?: () => number; readonly random?: Random }
}

/** @throws {JsonRpc.RequestError} RPC_MALFORMED. */
function parse(value: unknown, id: Hex): Receipt | null {
  if (value === null) return null
  if (typeof value !== 'object' || Array.isArray(value)) throw new RequestError({ code: 'RPC_MALFORMED', detail: 'not a receipt' })
  const receipt = value as Record<string, unknown>
  const own = hash(receipt['transactionHash'], 'receipt transaction hash')
  if (own !== id) throw new RequestError({ code: 'RPC_MALFORMED', detail: 'the receipt of another transaction' })
  const status = integer(receipt['status'], 'receipt status')
  if (status !== 0 && status !== 1) throw new RequestError({ code: 'RPC_MALFORMED', detail: `a receipt with status ${status}` })
  return {
    hash: own,
    status: status === 1 ? 'done' : 'reverted',
    blockNumber: quantity(receipt['blockNumber'], 'receipt block number'),
    blockHash: hash(receipt['blockHash'], 'receipt block hash'),
    gasUsed: quantity(receipt['gasUsed'], 'receipt gas'),
    logs: Log.parseAll(receipt['logs']),
  }
}

function keyOf(receipt: Receipt | null): string {
  if (receipt === null) return 'absent'
  const { status, blockNumber, blockHash, gasUsed, logs } = receipt
  return [status, blockNumber, blockHash, gasUsed, ...logs.map(Log.key)].join('|')
}

function baseFeeOf(block: unknown): bigint {
  if (typeof block !== 'object' || block === null) throw new RequestError({ code: 'RPC_MALFORMED', detail: 'not a block' })
  return quantity((block as Record<string, unknown>)['baseFeePerGas'], 'base fee')
}
