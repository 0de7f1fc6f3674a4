/** One venue, and readers of its chain on which its book answers by what a test says. */
import type { Quorum } from '@plimsoll/chain'

type Hex = `0x${string}`
type Answer = (data: Hex) => Hex

export const address = (digit: string): Hex => `0x${digit.repeat(40)}`

export const north = {
  chainId: 3,
  address: address('1'),
  name: 'north',
  limitBook: address('2'),
  collateral: address('3'),
  fromBlock: 0n,
  escrows: [],
}

/** Each call is answered. */
export function answering(answer: Answer): ReadonlyMap<number, Quorum.Reader> {
  return readersOf(async ({ calls }) => ({ pinned: {}, results: calls.map(({ data }) => ({ success: true, data: answer(data) })) }))
}

/** No call is: too few sources do. */
export function silent(): ReadonlyMap<number, Quorum.Reader> {
  return readersOf(() => Promise.reject(Object.assign(new Error('gone'), { code: 'RPC_QUORUM_LOST' })))
}

function readersOf(fetch: (asked: { readonly calls: readonly { readonly data: Hex }[] }) => Promise<unknown>) {
  const { chainId } = north
  return new Map([[chainId, { config: { chainId }, fetch } as unknown as Quorum.Reader]])
}
