/** Calls tried at a block before they are sent, and why they would fail. */
import type { Multicall, Quorum } from '@plimsoll/chain'
import { backstopAbi, perpVenueAbi } from '@plimsoll/contracts'
import { decodeErrorResult } from 'viem'

/** Of a trial, as `Multicall.Call` has it: 32 to a call. */
const weight = 31
const errors = backstopAbi.filter((item) => item.type === 'error')

/** Tries calls at a block, each for itself. */
export async function attempt(args: {
  readonly reader: Quorum.Reader
  readonly pinned: Quorum.Pinned
  readonly calls: readonly Multicall.Call[]
}): Promise<readonly Multicall.Result[]> {
  const { reader, pinned, calls } = args
  return (await reader.read({ pinned, calls: calls.map((call) => ({ ...call, weight })) })).results
}

/** The name of the error that a contract ended with. */
export function reasonOf(data: Multicall.Result['data']): string {
  try {
    return decodeErrorResult({ abi: [...perpVenueAbi, ...errors], data }).errorName
  } catch {
    return 'no reason'
  }
}
