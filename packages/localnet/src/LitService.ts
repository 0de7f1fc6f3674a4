/**
 * A local server in the shape of Lit's REST service: it takes an action's source and parameters, runs the action's `main` in `node:vm` with
 * what Lit documents of `Lit.Actions`, and answers `{response, logs, has_error}`. The key of an action follows from its source.
 *
 * A test kit, not the service: it was written after the service's pages and never beside it. `node:vm` confines nobody, nothing attests
 * anything, nothing is billed, and no `ethers` is there.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { createContext, runInContext } from 'node:vm'
import { type Address, type Hex, keccak256, stringToHex } from 'viem'
import { privateKeyToAddress, sign } from 'viem/accounts'
import * as Cid from './Cid.ts'
import * as Loopback from './Loopback.ts'

/** What the service does wrong. */
export type Fault =
  | { readonly kind: 'none' }
  /** Drops the connection. */
  | { readonly kind: 'down' }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** Answers late. */
  | { readonly kind: 'slow'; readonly milliseconds: number }
  /** Sends the answer byte by byte, one in every so many milliseconds. */
  | { readonly kind: 'drip'; readonly milliseconds: number }
  /** Says that it is busy, so many times; with a header that says for how many seconds, if given. */
  | { readonly kind: 'busy'; readonly times: number; readonly retryAfter?: string }
  /** A status of its own, with a text in the body. */
  | { readonly kind: 'status'; readonly status: number; readonly text: string }
  /** Sends whoever asks elsewhere. */
  | { readonly kind: 'redirect'; readonly to: string }
  /** Status 200, and this body. */
  | { readonly kind: 'body'; readonly text: string }
  /** A reply of that many bytes. */
  | { readonly kind: 'huge'; readonly bytes: number }
  /** Says that the action failed, with this log. */
  | { readonly kind: 'error'; readonly logs: string }
  /** Signs the right digest with a key of its own. */
  | { readonly kind: 'impostor' }
  /** The right key's signature over another digest. */
  | { readonly kind: 'other' }
  /** The right key's signature in its high-s form, which no contract takes. */
  | { readonly kind: 'malleable' }
  /** Gives the response as a text of JSON. */
  | { readonly kind: 'text' }

export type LitService = AsyncDisposable & {
  readonly url: string
  /** What it takes as `X-Api-Key`. */
  readonly apiKey: string
  /** Of the key that follows from a source. */
  addressOf(action: string): Address
  become(fault: Fault): void
  /** How often it was asked. */
  requests(): number
  /** What the last request came with. */
  last(): { readonly path: string; readonly headers: Readonly<Record<string, unknown>>; readonly body: string } | null
  stop(): Promise<void>
}

/** @param options.root - the secret that every action's key follows from. */
export async function start(options: { readonly root: Hex; readonly apiKey: string }): Promise<LitService> {
  const { root, apiKey } = options
  let fault: Fault = { kind: 'none' }
  let requests = 0
  let busy = 0
  let last: ReturnType<LitService['last']> = null
  const keyOf = (action: string): Hex => keccak256(`${root}${stringToHex(`action:${Cid.of(action)}`).slice(2)}`)
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString('utf8')
    requests += 1
    last = { path: request.url ?? '', headers: request.headers, body }
    const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}) =>
      void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
    const current = fault
    if (current.kind === 'down') return void response.destroy()
    if (current.kind === 'hang') return
    if (current.kind === 'slow') await wait(current.milliseconds)
    if (current.kind === 'redirect') return void response.writeHead(307, { location: current.to }).end()
    if (current.kind === 'status') return json(current.status, current.text)
    if (current.kind === 'body') return void response.writeHead(200, { 'content-type': 'application/json' }).end(current.text)
    if (current.kind === 'huge') return flood(response, current.bytes)
    if (current.kind === 'error') return json(200, { response: '', logs: current.logs, has_error: true })
    if (current.kind === 'busy' && busy < current.times) {
      busy += 1
      return json(429, 'too many requests', current.retryAfter === undefined ? {} : { 'retry-after': current.retryAfter })
    }
    if (request.method !== 'POST' || request.url !== '/core/v1/lit_action') return json(404, 'there is nothing here')
    if (request.headers['x-api-key'] !== apiKey) return json(401, 'there is no such key')
    const { code, js_params: params } = JSON.parse(body) as { readonly code: string; readonly js_params?: unknown }
    const ran = await run({ code, params: params ?? null, key: keyOf(code) })
    const reply = JSON.stringify({ ...ran, response: await twisted(ran.response, current, keyOf(code)) })
    if (current.kind !== 'drip') return void response.writeHead(200, { 'content-type': 'application/json' }).end(reply)
    response.writeHead(200, { 'content-type': 'application/json' })
    for (const byte of reply) {
      if (response.destroyed) return
      response.write(byte)
      await wait(current.milliseconds)
    }
    response.end()
  }

  const { url, stop } = await Loopback.listen(server)
  return {
    url,
    apiKey,
    addressOf: (action) => privateKeyToAddress(keyOf(action)),
    become: (next) => {
      fault = next
      busy = 0
    },
    requests: () => requests,
    last: () => last,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

type Ran = { readonly response: unknown; readonly logs: string; readonly has_error: boolean }

/** Declares the action, and calls its `main`. It has no way to make code of text. */
async function run(args: { readonly code: string; readonly params: unknown; readonly key: Hex }): Promise<Ran> {
  let said: unknown = ''
  let logs = ''
  const actions = {
    setResponse: ({ response }: { readonly response: unknown }) => {
      said = response
    },
    getLitActionPrivateKey: async () => args.key,
  }
  const log = (...values: readonly unknown[]) => {
    logs += `${values.map(String).join(' ')}\n`
  }
  const context = createContext(
    {
      ...{ Lit: { Actions: actions }, LitActions: actions, TextEncoder, TextDecoder, params: JSON.stringify(args.params) },
      console: { log },
    },
    { codeGeneration: { strings: false, wasm: false } },
  )
  try {
    const returned: unknown = await runInContext(`${args.code}\n;main(JSON.parse(params))`, context, { timeout: 3_000 })
    if (returned !== undefined) said = returned
  } catch (error) {
    return { response: '', logs: `${logs}${String(error)}`, has_error: true }
  }
  return { response: said, logs, has_error: false }
}

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

/** A response as a service would give it that lies. */
async function twisted(response: unknown, fault: Fault, key: Hex): Promise<unknown> {
  if (fault.kind === 'text') return JSON.stringify(response)
  if (!isSigned(response)) return response
  const { digest, signature } = response
  const signed = async (hash: Hex, privateKey: Hex) => ({ ...response, signature: await sign({ hash, privateKey, to: 'hex' }) })
  if (fault.kind === 'impostor') return signed(digest, keccak256(key))
  if (fault.kind === 'other') return signed(keccak256(digest), key)
  if (fault.kind !== 'malleable') return response
  const s = order - BigInt(`0x${signature.slice(66, 130)}`)
  const twin = `${signature.slice(0, 66)}${s.toString(16).padStart(64, '0')}${signature.endsWith('1b') ? '1c' : '1b'}`
  return { ...response, signature: twin }
}

function isSigned(response: unknown): response is { readonly digest: Hex; readonly signature: Hex } {
  return typeof response === 'object' && response !== null && 'digest' in response && 'signature' in response
}

/** Written as fast as it is read, and no longer than anybody reads. */
async function flood(response: ServerResponse, bytes: number): Promise<void> {
  const chunk = '0'.repeat(64 * 1024)
  function* reply(): Generator<string> {
    yield '{"logs":"","has_error":false,"response":"'
    for (let sent = 0; sent < bytes; sent += chunk.length) yield chunk
    yield '"}'
  }
  response.writeHead(200, { 'content-type': 'application/json' })
  await pipeline(Readable.from(reply()), response)
}
