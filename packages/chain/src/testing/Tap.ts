/** Test kit: an RPC source in front of a real chain, which counts what it is asked and can be made to misbehave. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Source } from '../ChainConfig.ts'

type Request = { readonly id: number; readonly method: string; readonly params: readonly unknown[] }

/** The chain's own result. */
type Forward = (request?: Partial<Request>) => Promise<unknown>

/** The result to give, or what to do with the connection instead. */
export type Fault = (request: Request, forward: Forward, response: ServerResponse) => Promise<unknown>

export type Tap = AsyncDisposable & {
  readonly source: Source
  /** Every method asked since the last `mend`. */
  readonly asked: readonly string[]
  count(method: string): number
  break(fault: Fault): void
  mend(): void
}

/** What a fault returns when it has seen to the response itself. */
const handled: unique symbol = Symbol('handled')

export async function start(args: { readonly id: string; readonly target: string }): Promise<Tap> {
  const asked: string[] = []
  let fault: Fault = (_, forward) => forward()

  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const request = JSON.parse(Buffer.concat(chunks).toString()) as Request
    asked.push(request.method)
    const answer = await replyTo({ request, fault, target: args.target, response })
    if (answer !== handled) response.end(JSON.stringify({ jsonrpc: '2.0', id: request.id, ...(answer as object) }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    source: { id: args.id, operator: args.id, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    asked,
    count: (method) => asked.filter((one) => one === method).length,
    break: (next) => {
      fault = next
    },
    mend: () => {
      fault = (_, forward) => forward()
      asked.length = 0
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

class NodeError extends Error {
  readonly error: unknown
  constructor(error: unknown) {
    super('the node answered an error')
    this.error = error
  }
}

async function replyTo(args: {
  readonly request: Request
  readonly fault: Fault
  readonly target: string
  readonly response: ServerResponse
}): Promise<unknown> {
  const { request, fault, target, response } = args
  const forward: Forward = async (change = {}) => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...request, ...change })
    const reply = await fetch(target, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const { result, error } = (await reply.json()) as { readonly result?: unknown; readonly error?: unknown }
    if (error) throw new NodeError(error)
    return result
  }
  try {
    const result = await fault(request, forward, response)
    return result === handled ? handled : { result }
  } catch (error) {
    if (!(error instanceof NodeError)) throw error
    return { error: error.error }
  }
}

export const faults = {
  /** Closes every connection. */
  down: async (_request, _forward, response) => {
    response.destroy()
    return handled
  },
  /** Takes every request and answers none. */
  hang: async () => handled,
  garbage: async (_request, _forward, response) => {
    response.end('<html>bad gateway</html>')
    return handled
  },
  huge: async (_request, _forward, response) => {
    response.on('error', () => {})
    response.end(Buffer.alloc(5 * 1024 * 1024, 0x78))
    return handled
  },
  wrongChain: (request, forward) => (request.method === 'eth_chainId' ? Promise.resolve('0x1') : forward()),
  /** Adds one to the last word of every value read. */
  lie: async (request, forward) => {
    const result = await forward()
    if (request.method !== 'eth_call') return result
    const hex = String(result)
    return `${hex.slice(0, -1)}${((Number.parseInt(hex.slice(-1), 16) + 1) % 16).toString(16)}`
  },
  /** Gives every block another hash. */
  fork: async (request, forward) => {
    const result = await forward()
    if (request.method !== 'eth_getBlockByNumber' || result === null) return result
    const block = result as { readonly hash: string }
    return { ...block, hash: `0xdead${block.hash.slice(6)}` }
  },
  /** Gives every block another time. */
  clock: async (request, forward) => {
    const result = await forward()
    if (request.method !== 'eth_getBlockByNumber' || result === null) return result
    const block = result as { readonly timestamp: string }
    return { ...block, timestamp: `0x${(BigInt(block.timestamp) + 1n).toString(16)}` }
  },
  emptyLogs: (request, forward) => (request.method === 'eth_getLogs' ? Promise.resolve([]) : forward()),
  rateLimited: async (_request, _forward, response) => {
    response.writeHead(429).end()
    return handled
  },
  nulls: async () => null,
} satisfies Record<string, Fault>

/** Sees the chain as it was some blocks ago. */
export function lag(blocks: number): Fault {
  return async (request, forward) => {
    if (request.method !== 'eth_getBlockByNumber') return forward()
    const head = BigInt(String(await forward({ method: 'eth_blockNumber', params: [] })))
    const [which] = request.params
    if (which === 'latest') return forward({ params: [`0x${(head - BigInt(blocks)).toString(16)}`, false] })
    if (typeof which === 'string' && which.startsWith('0x')) return BigInt(which) > head - BigInt(blocks) ? null : forward()
    const tagged = (await forward()) as { readonly number: string }
    return forward({ params: [`0x${(BigInt(tagged.number) - BigInt(blocks)).toString(16)}`, false] })
  }
}
