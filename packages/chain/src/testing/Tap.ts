/** Test kit: a faulty RPC before a local chain, as one of a reader's sources. */
import { FaultyRpc } from '@plimsoll/localnet'
import type { Source } from '../ChainConfig.ts'

export type Tap = AsyncDisposable & {
  readonly source: Source
  /** How often a method was asked since the last `mend`. */
  count(method: string): number
  /** How many requests of any kind came since the last `mend`. */
  asked(): number
  break(fault: FaultyRpc.Fault): void
  mend(): void
}

export async function start(args: { readonly id: string; readonly target: string }): Promise<Tap> {
  const { id, target } = args
  const rpc = await FaultyRpc.start({ target })
  return {
    source: { id, operator: id, url: rpc.url },
    count: (method) => rpc.calls()[method] ?? 0,
    asked: () => rpc.requests(),
    break: (fault) => rpc.become(fault),
    mend: () => {
      rpc.become({ kind: 'none' })
      rpc.forget()
    },
    [Symbol.asyncDispose]: () => rpc.stop(),
  }
}

/** Says something else than the chain of one method. */
export function lying(method: string, tell: (result: never) => unknown): FaultyRpc.Fault {
  return { kind: 'lie', tell: (call, result) => (call.method === method && result !== null ? tell(result as never) : result) }
}

export const faults = {
  down: { kind: 'down' },
  hang: { kind: 'hang' },
  html: { kind: 'html' },
  truncated: { kind: 'truncated' },
  busy: { kind: 'busy' },
  huge: { kind: 'huge', bytes: 5 * 1024 * 1024 },
  wrongChain: { kind: 'chain', chainId: 1 },
  flap: { kind: 'flap' },
  /** Adds one to the last digit of every value read. */
  lie: lying('eth_call', (hex: string) => `${hex.slice(0, -1)}${((Number.parseInt(hex.slice(-1), 16) + 1) % 16).toString(16)}`),
  /** Gives every block another hash. */
  fork: lying('eth_getBlockByNumber', (block: { readonly hash: string }) => ({ ...block, hash: `0xdead${block.hash.slice(6)}` })),
  /** Gives every block another time. */
  clock: lying('eth_getBlockByNumber', (block: { readonly timestamp: string }) => ({
    ...block,
    timestamp: `0x${(BigInt(block.timestamp) + 1n).toString(16)}`,
  })),
  emptyLogs: lying('eth_getLogs', () => []),
  nulls: { kind: 'lie', tell: () => null },
} satisfies Record<string, FaultyRpc.Fault>

/** Sees the chain as it was some blocks ago. */
export function lag(blocks: number): FaultyRpc.Fault {
  return { kind: 'lag', blocks }
}
