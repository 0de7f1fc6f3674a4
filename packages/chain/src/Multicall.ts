/** Many reads in one `eth_call`, so that a batch costs each source one request: as many as a node computes in one. */
import { decodeFunctionResult, encodeFunctionData, multicall3Abi } from 'viem'
import type { Hex } from './Hex.ts'

export type Call = {
  readonly target: Hex
  readonly data: Hex
  /** What it computes, in reads of one balance; 1 unless given. */
  readonly weight?: number
}

/** `success: false` means the called contract reverted. That is an answer, and never zero. */
export type Result = { readonly success: boolean; readonly data: Hex }

/** What goes into one `eth_call`, in reads of one balance: at 3,000 to 10,000 gas each well below the gas that nodes give a call. */
export const most = 1_000

/**
 * The calls in parts that a node computes at once, in order. A call that weighs more than a part is a part of its own.
 *
 * @example
 * Multicall.parts([{ target: '0x', data: '0x', weight: 600 }, { target: '0x', data: '0x', weight: 600 }]).length
 * // => 2
 */
export function parts(calls: readonly Call[]): readonly (readonly Call[])[] {
  const all: Call[][] = []
  let room = 0
  for (const call of calls) {
    const { weight = 1 } = call
    const last = all.at(-1)
    if (last && weight <= room) last.push(call)
    else {
      all.push([call])
      room = most
    }
    room -= weight
  }
  return all
}

/** Call data of `aggregate3`, every call allowed to fail by itself. */
export function encode(calls: readonly Call[]): Hex {
  return encodeFunctionData({
    abi: multicall3Abi,
    functionName: 'aggregate3',
    args: [calls.map(({ target, data }) => ({ target, allowFailure: true, callData: data }))],
  })
}

export type Decoded =
  | { readonly status: 'ok'; readonly results: readonly Result[] }
  | { readonly status: 'malformed'; readonly detail: string }

/**
 * The results, in the order of the calls, or why the bytes are no answer of `aggregate3`.
 *
 * @param args.count - how many calls there were.
 *
 * @example
 * Multicall.decode({ data: '0x', count: 1 })
 * // => { status: 'malformed', detail: 'there is no contract' }
 */
export function decode(args: { readonly data: Hex; readonly count: number }): Decoded {
  const { data, count } = args
  if (data === '0x') return { status: 'malformed', detail: 'there is no contract' }
  try {
    const results = decodeFunctionResult({ abi: multicall3Abi, functionName: 'aggregate3', data })
    if (results.length !== count) return { status: 'malformed', detail: `${results.length} results to ${count} calls` }
    return { status: 'ok', results: results.map(({ success, returnData }) => ({ success, data: returnData.toLowerCase() as Hex })) }
  } catch {
    return { status: 'malformed', detail: 'the bytes are not those of aggregate3' }
  }
}
