/** A chain as far as a reader can tell: blocks that become final, blocks that go away again. */
import { Hash } from '@plimsoll/contracts'

type Hex = `0x${string}`

export type Block<State> = { readonly number: bigint; readonly hash: Hex; readonly timestamp: number; readonly state: State }

/** What happened to a chain, for whoever keeps another one in step with it. */
export type Event<State, Call> =
  | { readonly kind: 'block'; readonly timestamp: number; readonly state: State; readonly sent: Sent<Call> | null }
  /** As many blocks went away as `dropped` says; others follow as blocks of their own. */
  | { readonly kind: 'reorganised'; readonly dropped: number }
/** A transaction, and whether it changed anything. */
export type Sent<Call> = { readonly call: Call; readonly taken: boolean }

/** States are values: whoever changes one makes another, so that a block keeps what it showed. */
export type Chain<State, Call> = {
  readonly chainId: number
  readonly latest: () => Block<State>
  /** The last block that no reorganisation of this model reaches. */
  readonly final: () => Block<State>
  /** One block with nothing in it. */
  readonly mine: (timestamp: number) => void
  /** One block with one transaction in it. @returns whether it was taken. */
  readonly send: (timestamp: number, call: Call) => boolean
  /** Replaces the last `depth` blocks, none of them final, by as many empty ones and one more. */
  readonly reorganise: (depth: number, timestamp: number) => void
  readonly follow: (follower: (event: Event<State, Call>) => void) => void
}

/** How many blocks lie on the final one. */
export const finality = 4

/** A chain whose first blocks are final. `apply` gives the same state back where it takes no call. */
export function of<State, Call>(args: of.Args<State, Call>): Chain<State, Call> {
  const { chainId, apply } = args
  let fork = 0
  const blocks: Block<State>[] = []
  const followers: ((event: Event<State, Call>) => void)[] = []
  const push = (state: State, { timestamp, sent }: { readonly timestamp: number; readonly sent: Sent<Call> | null }) => {
    const number = (blocks.at(-1)?.number ?? 0n) + 1n
    blocks.push({ number, timestamp, state, hash: Hash.ofText(`${chainId} ${number} ${fork}`) })
    if (blocks.length > 4 * finality) blocks.splice(0, blocks.length - 2 * finality)
    for (const follower of followers) follower({ kind: 'block', timestamp, state, sent })
  }
  for (let i = 0; i <= finality; i++) push(args.state, { timestamp: args.timestamp, sent: null })
  const at = (back: number) => blocks.at(-1 - back) as Block<State>
  return {
    chainId,
    latest: () => at(0),
    final: () => at(finality),
    mine: (timestamp) => push(at(0).state, { timestamp, sent: null }),
    send: (timestamp, call) => {
      const before = at(0).state
      const after = apply(before, call)
      const taken = after !== before
      push(after, { timestamp, sent: { call, taken } })
      return taken
    },
    reorganise: (depth, timestamp) => {
      const dropped = Math.min(depth, finality)
      const { state } = at(dropped)
      blocks.splice(blocks.length - dropped, dropped)
      fork++
      for (const follower of followers) follower({ kind: 'reorganised', dropped })
      for (let i = 0; i <= dropped; i++) push(state, { timestamp, sent: null })
    },
    follow: (follower) => {
      followers.push(follower)
    },
  }
}

export declare namespace of {
  type Args<State, Call> = {
    readonly chainId: number
    readonly state: State
    readonly timestamp: number
    readonly apply: (state: State, call: Call) => State
  }
}
