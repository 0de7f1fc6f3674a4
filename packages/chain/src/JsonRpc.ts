/** One JSON-RPC client: one source, one request, one answer. No retry, no fallback, no cache: those would hide what a source said. */
import { BaseError } from './BaseError.ts'
import * as Http from './Http.ts'

export type Client = {
  /** @throws {RequestError} with a code that says what the source did. */
  readonly request: (method: string, params: readonly unknown[]) => Promise<unknown>
}

/** What a source can do wrong before its answer is even read. */
export type Code =
  | 'RPC_TIMEOUT'
  | 'RPC_UNREACHABLE'
  | 'RPC_RATE_LIMITED'
  | 'RPC_HTTP_STATUS'
  | 'RPC_BODY_TOO_LARGE'
  | 'RPC_MALFORMED'
  | 'RPC_BLOCK_UNKNOWN'
  | 'RPC_ANSWERED_ERROR'

/** The most an answer may weigh. Bytes. */
const maxBodyBytes = 4 * 1024 * 1024
/** So much of what a source says of an error is looked at. Characters. */
const maxMessage = 10_000
/** No key is shorter. Characters. */
const leastSecret = 8

/**
 * A client of one endpoint.
 *
 * @param args.url - http or https. Never shown in an error, as it may hold a key.
 * @param args.timeoutMs - for the whole exchange, body included.
 * @param args.maxBytes - greatest body read; beyond it the rest is not read.
 */
export function open(args: open.Args): Client {
  const { url, timeoutMs, maxBytes = maxBodyBytes } = args
  const secrets = secretsIn(url)
  let last = 0

  async function request(method: string, params: readonly unknown[]): Promise<unknown> {
    last += 1
    const id = last
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), timeoutMs)
    try {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'error',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
        signal: abort.signal,
      })
      if (response.status === 429) throw await refuse(response, { code: 'RPC_RATE_LIMITED', detail: 'HTTP 429' })
      const text = await Http.read(response, maxBytes)
      if (text === null) throw new RequestError(tooLarge(maxBytes))
      if (!response.ok && !isEnvelope(text, id)) throw new RequestError({ code: 'RPC_HTTP_STATUS', detail: `HTTP ${response.status}` })
      return resultOf(text, { id, secrets })
    } catch (error) {
      if (error instanceof RequestError) throw error
      if (abort.signal.aborted) throw new RequestError({ code: 'RPC_TIMEOUT', detail: `no answer within ${timeoutMs} ms` })
      throw new RequestError({ code: 'RPC_UNREACHABLE', detail: Http.reasonOf(error) })
    } finally {
      clearTimeout(timer)
    }
  }

  return { request }
}

export declare namespace open {
  type Args = { readonly url: string; readonly timeoutMs: number; readonly maxBytes?: number }
}

function tooLarge(maxBytes: number): { readonly code: Code; readonly detail: string } {
  return { code: 'RPC_BODY_TOO_LARGE', detail: `more than ${maxBytes} bytes` }
}

async function refuse(response: Response, args: { readonly code: Code; readonly detail: string }): Promise<RequestError> {
  await response.body?.cancel()
  return new RequestError(args)
}

function envelopeOf(text: string, id: number): Record<string, unknown> | null {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null
  const envelope = parsed as Record<string, unknown>
  // An answer with another id answers another question.
  return envelope['jsonrpc'] === '2.0' && envelope['id'] === id ? envelope : null
}

function isEnvelope(text: string, id: number): boolean {
  return envelopeOf(text, id) !== null
}

type Asked = { readonly id: number; readonly secrets: readonly string[] }

function resultOf(text: string, { id, secrets }: Asked): unknown {
  const envelope = envelopeOf(text, id)
  if (!envelope) throw new RequestError({ code: 'RPC_MALFORMED', detail: 'not a JSON-RPC answer to this request' })
  const error = envelope['error']
  if (error !== undefined && error !== null) throw answeredError(error, secrets)
  if (!('result' in envelope)) throw new RequestError({ code: 'RPC_MALFORMED', detail: 'neither a result nor an error' })
  return envelope['result']
}

/** Nodes word an unknown block in several ways, and some send it with the generic code −32000. */
function answeredError(error: unknown, secrets: readonly string[]): RequestError {
  const { code, message } = (typeof error === 'object' ? error : {}) as { readonly code?: unknown; readonly message?: unknown }
  const told = typeof message === 'string' ? message.slice(0, maxMessage) : 'no message'
  // Hidden first and cut then: half of a key is half a key.
  const text = secrets.reduce((hidden, secret) => hidden.replaceAll(secret, '…'), told).slice(0, 200)
  const unknownBlock =
    code === -32001 ||
    /resource not found|(header|block).{0,40}not found|unknown block|not (currently )?canonical|BlockNotFound/i.test(text)
  return new RequestError({ code: unknownBlock ? 'RPC_BLOCK_UNKNOWN' : 'RPC_ANSWERED_ERROR', detail: text })
}

/** What of an address may be a key: its host and each part of what comes after, as written and as meant, the longest first. Words are shorter. */
function secretsIn(url: string): readonly string[] {
  if (!URL.canParse(url)) return []
  const { hostname, pathname, search } = new URL(url)
  const parts = [hostname, ...`${pathname}${search}`.split(/[/?&=]/)]
  const meant = parts.map((part) => new URLSearchParams(`_=${part}`).get('_') ?? part)
  return [...new Set([...parts, ...meant])].filter(({ length }) => length >= leastSecret).sort((a, b) => b.length - a.length)
}

/** Thrown when one source gave no usable answer. The quorum turns it into dissent. */
export class RequestError extends BaseError {
  override readonly name = 'JsonRpc.RequestError'
  declare readonly code: Code
  readonly detail: string

  constructor(args: { readonly code: Code; readonly detail: string }) {
    super({
      code: args.code,
      message: `The RPC source gave no usable answer: ${args.detail}.`,
      hint: 'Look at this source; the others are asked regardless.',
    })
    this.detail = args.detail
  }
}
