/** Calls tried at a block before they are sent, and why they would fail. */
import type { Multicall, Quorum } from '@plimsoll/chain'
import { backstopAbi, perpVenueAbi } from '@plimsoll/contracts'
import { decodeErrorResult } from 'viem'

/** Trials to one call: a node bounds what it computes for one. */
const page = 32
const errors = backstopAbi.filter((item) => item.type === 'error')

/** Tries calls at a block, each for itself. */
export async function attempt(args: {
  readonly reader: Quorum.Reader
  readonly pinned: Quorum.Pinned
  readonly calls: readonly Multicall.Call[]
}): Promise<readonly Multicall.Result[]> {
  const { reader, pinned, calls } = args
  const tried: Multicall.Result[] = []
  for (let from = 0; from < calls.length; from += page)
    tried.push(...(await reader.read({ pinned, calls: calls.slice(from, from + page) })).results)
  return tried
}

/** The name of the error that a contract ended with. */
export function reasonOf(data: Multicall.Result['data']): string {
  try {
    return decodeErrorResult({ abi: [...perpVenueAbi, ...errors], data }).errorName
  } catch {
    return 'no reason'
  }
}
