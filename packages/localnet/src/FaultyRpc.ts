/** A loopback JSON-RPC source before a chain, which can be told to misbehave as real ones do. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import * as Loopback from './Loopback.ts'

/** One request of JSON-RPC. */
export type Call = { readonly method: string; readonly params: readonly unknown[] }

/** What a source does wrong. */
export type Fault =
  | { readonly kind: 'none' }
  /** Drops the connection. */
  | { readonly kind: 'down' }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** Answers late. */
  | { readonly kind: 'slow'; readonly milliseconds: number }
  /** Answers something else than the chain did. */
  | { readonly kind: 'lie'; readonly tell: (call: Call, result: unknown) => unknown }
  /** Has not seen the newest blocks. */
  | { readonly kind: 'lag'; readonly blocks: number }
  /** Every other request has not seen the newest block, as behind a load balancer. */
  | { readonly kind: 'flap' }
  /** Says it is another chain. */
  | { readonly kind: 'chain'; readonly chainId: number }
  /** A page of a web server, with status 200. */
  | { readonly kind: 'html' }
  /** Half of the answer. */
  | { readonly kind: 'truncated' }
  /** Too many requests. */
  | { readonly kind: 'busy' }
  /** Answers one method with an error of its own. */
  | { readonly kind: 'refuse'; readonly method: string; readonly message: string }
  /** Answers with the id of another request. */
  | { readonly kind: 'stray' }
  /** An answer of that many bytes. */
  | { readonly kind: 'huge'; readonly bytes: number }

export type FaultyRpc = AsyncDisposable & {
  readonly url: string
  /** Misbehaves like this from now on. `{ kind: 'none' }` makes it honest again. */
  become(fault: Fault): void
  /** Requests by method since the start, or since `forget`. Each request of a batch counts. */
  calls(): Readonly<Record<string, number>>
  /** HTTP requests since the start, or since `forget`. A batch is one. */
  requests(): number
  /** Starts counting again. */
  forget(): void
  stop(): Promise<void>
}

type Message = {
  readonly jsonrpc: '2.0'
  readonly id: unknown
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string }
}
type Request = Call & { readonly id: unknown }

/**
 * Starts an honest source on a free port of 127.0.0.1.
 *
 * @param options.target - The URL of the chain it speaks for.
 */
export async function start(options: { readonly target: string }): Promise<FaultyRpc> {
  const { target } = options
  const counts = new Map<string, number>()
  let requests = 0
  let fault: Fault = { kind: 'none' }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await read(request)
    const body: unknown = JSON.parse(text)
    const batch = (Array.isArray(body) ? body : [body]) as Request[]
    requests += 1
    for (const { method } of batch) counts.set(method, (counts.get(method) ?? 0) + 1)
    const turn = requests

    const current = fault
    if (current.kind === 'down') return void response.destroy()
    if (current.kind === 'hang') return
    if (current.kind === 'slow') await wait(current.milliseconds)
    if (current.kind === 'html')
      return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Welcome!</body></html>')
    if (current.kind === 'busy') return void response.writeHead(429, { 'retry-after': '1' }).end('{"error":"rate limited"}')
    if (current.kind === 'huge') return flood(response, batch[0]?.id, current.bytes)

    const messages: Message[] = []
    for (const call of batch) messages.push(await respond(target, call, current, turn))
    if (current.kind === 'stray') for (const [at, message] of messages.entries()) messages[at] = { ...message, id: -1 }
    const said = JSON.stringify(Array.isArray(body) ? messages : messages[0])
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(current.kind === 'truncated' ? said.slice(0, said.length / 2) : said)
  }

  const { url, stop } = await Loopback.listen(server)
  return {
    url,
    become: (next) => {
      fault = next
    },
    calls: () => Object.fromEntries(counts),
    requests: () => requests,
    forget: () => {
      counts.clear()
      requests = 0
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function respond(target: string, call: Request, fault: Fault, turn: number): Promise<Message> {
  if (fault.kind === 'chain' && call.method === 'eth_chainId') return { jsonrpc: '2.0', id: call.id, result: hex(BigInt(fault.chainId)) }
  if (fault.kind === 'refuse' && call.method === fault.method)
    return { jsonrpc: '2.0', id: call.id, error: { code: -32000, message: fault.message } }
  const blocks = fault.kind === 'lag' ? BigInt(fault.blocks) : fault.kind === 'flap' && turn % 2 === 0 ? 1n : 0n
  const message = blocks > 0n ? await behind(target, call, blocks) : await forward(target, call)
  if (fault.kind === 'lie' && 'result' in message) return { ...message, result: fault.tell(call, message.result) }
  return message
}

const tags = ['latest', 'pending', 'safe', 'finalized']

/** The answer of a node that is `blocks` behind: tags mean older blocks, and newer blocks are unknown. */
async function behind(target: string, call: Request, blocks: bigint): Promise<Message> {
  const head = BigInt(String((await forward(target, { id: 0, method: 'eth_blockNumber', params: [] })).result)) - blocks
  if (call.method === 'eth_blockNumber') return { jsonrpc: '2.0', id: call.id, result: hex(head) }

  const params: unknown[] = []
  for (const param of call.params ?? []) {
    if (typeof param === 'string' && tags.includes(param))
      params.push(hex((await numberOf(target, 'eth_getBlockByNumber', param)) - blocks))
    else params.push(param)
  }
  const unknown: Message =
    call.method === 'eth_getBlockByNumber' || call.method === 'eth_getBlockByHash'
      ? { jsonrpc: '2.0', id: call.id, result: null }
      : { jsonrpc: '2.0', id: call.id, error: { code: -32000, message: 'header not found' } }
  const [first] = params
  if (call.method === 'eth_getBlockByNumber' && typeof first === 'string' && BigInt(first) > head) return unknown
  const pinned =
    call.method === 'eth_getBlockByHash'
      ? first
      : params.map((param) => (isPinned(param) ? param.blockHash : null)).find((it) => it !== null)
  if (typeof pinned === 'string' && (await numberOf(target, 'eth_getBlockByHash', pinned)) > head) return unknown
  return forward(target, { ...call, params })
}

function isPinned(param: unknown): param is { readonly blockHash: string } {
  return typeof param === 'object' && param !== null && 'blockHash' in param && typeof param.blockHash === 'string'
}

async function numberOf(target: string, method: string, block: string): Promise<bigint> {
  const { result } = await forward(target, { id: 0, method, params: [block, false] })
  const { number } = (result ?? { number: '0x0' }) as { number: string }
  return BigInt(number)
}

async function forward(target: string, call: Request): Promise<Message> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: call.id, method: call.method, params: call.params ?? [] })
  const answer = await fetch(target, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  return (await answer.json()) as Message
}

/** A well-formed answer that is far too long, written as fast as it is read. */
async function flood(response: ServerResponse, id: unknown, bytes: number): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.write(`{"jsonrpc":"2.0","id":${JSON.stringify(id ?? null)},"result":"0x`)
  const chunk = '0'.repeat(64 * 1024)
  for (let sent = 0; sent < bytes && !response.destroyed; sent += chunk.length) if (!response.write(chunk)) await room(response)
  response.end('"}')
}

/** Until there is room again, or nobody reads any more. */
function room(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.on('drain', done).on('close', done)
  })
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

const hex = (value: bigint) => `0x${(value < 0n ? 0n : value).toString(16)}`
