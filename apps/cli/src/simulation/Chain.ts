/** A chain as far as a reader can tell: blocks that become final, blocks that go away again. */
import { Hash } from '@plimsoll/contracts'

type Hex = `0x${string}`

export type Block<State> = { readonly number: bigint; readonly hash: Hex; readonly timestamp: number; readonly state: State }

/** States are values: whoever changes one makes another, so that a block keeps what it showed. */
export type Chain<State> = {
  readonly chainId: number
  readonly latest: () => Block<State>
  /** The last block that no reorganisation of this model reaches. */
  readonly final: () => Block<State>
  /** One block with one transaction in it. */
  readonly mine: (timestamp: number, change: (state: State) => State) => void
  /** Replaces the last `depth` blocks, none of them final, by as many empty ones and one more. */
  readonly reorganise: (depth: number, timestamp: number) => void
}

/** How many blocks lie on the final one. */
export const finality = 4

/** A chain whose first blocks are final. */
export function of<State>(args: { readonly chainId: number; readonly state: State; readonly timestamp: number }): Chain<State> {
  const { chainId } = args
  let fork = 0
  const blocks: Block<State>[] = []
  const push = (state: State, timestamp: number) => {
    const number = (blocks.at(-1)?.number ?? 0n) + 1n
    blocks.push({ number, timestamp, state, hash: Hash.ofText(`${chainId} ${number} ${fork}`) })
    if (blocks.length > 4 * finality) blocks.splice(0, blocks.length - 2 * finality)
  }
  for (let i = 0; i <= finality; i++) push(args.state, args.timestamp)
  const at = (back: number) => blocks.at(-1 - back) as Block<State>
  return {
    chainId,
    latest: () => at(0),
    final: () => at(finality),
    mine: (timestamp, change) => push(change(at(0).state), timestamp),
    reorganise: (depth, timestamp) => {
      const dropped = Math.min(depth, finality)
      const { state } = at(dropped)
      blocks.splice(blocks.length - dropped, dropped)
      fork++
      for (let i = 0; i <= dropped; i++) push(state, timestamp)
    },
  }
}
