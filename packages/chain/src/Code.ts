/** What stands at an address on one chain: nothing, a key that delegates, or a contract. Where it is no contract anywhere it may be one person's everywhere. */
import { concat, encodeFunctionData, getContractAddress, multicall3Abi, pad } from 'viem'
import type { Hex } from './Hex.ts'
import * as Multicall from './Multicall.ts'
import type { Query } from './Query.ts'

/** `delegated`: a key that lends its address to code (EIP-7702), and stays its own. `unread`: this chain cannot be asked in this way. */
export type Code = 'none' | 'delegated' | 'contract' | 'unread'

/** Creates what it is sent, at an address that follows from it, and stands at this address on every chain. */
const factory: Hex = '0x4e59b44847b379578588920ca78fbf26c0b4956c'

/** For each address of its call data, a word each: the first 24 bytes of its code, and how many there are in the last 8. */
const runtime: Hex = '0x5f5b368110600b57365ff35b803560185f83833c3b8151178152602001600156'
/** Returns those 32 bytes as what is created. */
const creation: Hex = concat(['0x7f', runtime, '0x5f5260205ff3'])
const salt: Hex = `0x${'00'.repeat(32)}`
const probe = getContractAddress({ opcode: 'CREATE2', from: factory, salt, bytecode: creation }).toLowerCase() as Hex

/** How code begins that is the address of other code, and how long it is. Nobody can create code that begins so. */
const designator = '0xef0100'
const designatorBytes = 23n
/** What creating the probe costs, in reads of one balance. */
const weight = 20

/**
 * What stands at each address, in order.
 *
 * No node is asked for code: a probe is created within the very call that it is asked in, and nowhere else. So it costs no request where
 * anything else is read at that block.
 *
 * @param args.accounts - lower case.
 * @param args.multicall - by which calls are made together on that chain.
 */
export function query({ accounts, multicall }: query.Args): Query<readonly Code[]> {
  if (accounts.length === 0) return { calls: [], parse: () => [] }
  const calls = [
    { target: factory, data: concat([salt, creation]) },
    { target: probe, data: concat(accounts.map((account) => pad(account))) },
  ]
  // Both in one, so that no more of them than both is in one call: in another one there would be no probe.
  const data = encodeFunctionData({
    ...{ abi: multicall3Abi, functionName: 'aggregate3' },
    args: [calls.map(({ target, data }) => ({ target, allowFailure: true, callData: data }))],
  })
  return {
    calls: [{ target: multicall, data, weight: weight + accounts.length }],
    parse: ([result]) => {
      const decoded = Multicall.decode({ data: result?.success ? result.data : '0x', count: calls.length })
      const answer = decoded.status === 'ok' ? decoded.results[1] : undefined
      return accounts.map((_, index) => (answer?.success ? codeIn(answer.data, { index, count: accounts.length }) : 'unread'))
    },
  }
}

export declare namespace query {
  type Args = { readonly accounts: readonly Hex[]; readonly multicall: Hex }
}

/**
 * Whether an address that is so on two chains is one person's on both, by nobody's word: the key's, which is one everywhere.
 *
 * @example
 * [Code.isOne(['none', 'delegated']), Code.isOne(['none', 'contract']), Code.isOne(['unread', 'none'])]
 * // => ['yes', 'no', 'unread']
 */
export function isOne(codes: readonly Code[]): 'yes' | 'no' | 'unread' {
  if (codes.includes('contract')) return 'no'
  return codes.includes('unread') ? 'unread' : 'yes'
}

function codeIn(data: Hex, { index, count }: { readonly index: number; readonly count: number }): Code {
  if (data.length !== 2 + 64 * count) return 'unread'
  const word = data.slice(2 + 64 * index, 2 + 64 * (index + 1))
  const size = BigInt(`0x${word.slice(48)}`)
  if (size === 0n) return 'none'
  return size === designatorBytes && `0x${word}`.startsWith(designator) ? 'delegated' : 'contract'
}
