/** Lit's REST service: one request that runs an action in an enclave, and what came back. It is trusted with the API key, and with nothing it says. */
import { setTimeout as wait } from 'node:timers/promises'
import { BaseError } from './BaseError.ts'
import * as Http from './Http.ts'
import * as Jitter from './Jitter.ts'
import { type Lack, quote } from './LitAnswer.ts'

/** One action at the service. */
export type LitRest = {
  /**
   * Runs the action once, and gives its response: a value, not believed.
   *
   * @param params - what `main` gets. JSON.
   * @throws {TooLargeError} before anything is sent. {RunError} there is no response.
   */
  readonly run: (params: Readonly<Record<string, unknown>>) => Promise<unknown>
}

/** What the service takes and gives, as its pages say it. Where a page says KB or MB, the smaller reading counts here. Bytes. */
export const limits = { code: 16_000_000, params: 64_000, reply: 100_000 } as const

/** How often one question is asked again, of a service that says it is busy. */
export const mostRetries = 5
/** Before the first of them, on average; twice as long before each further one. Milliseconds. */
const firstWaitMs = 100

/**
 * The service with one key and one action. Nothing is asked yet.
 *
 * @param args.url - where `/core/v1/lit_action` is. https, unless it is this machine: the key goes along with every request.
 * @param args.apiKey - in a header of every request, and nowhere else: no error quotes it, not even where the service sends it back.
 * @param args.action - its source.
 * @param args.timeoutMs - for one run as a whole, with everything that is asked again.
 * @throws {InvalidServiceError} {TooLargeError}
 */
export function open(args: open.Args): LitRest {
  const { apiKey, action, timeoutMs, random = Math.random } = args
  const url = `${endpointOf(args.url)}/core/v1/lit_action`
  // `fetch` would quote a key that no header can hold.
  if (!/^[\x21-\x7e]{8,512}$/.test(apiKey)) throw new InvalidServiceError('The API key is not 8 to 512 visible characters')
  const codeBytes = Buffer.byteLength(action)
  if (codeBytes > limits.code) throw new TooLargeError({ what: 'action', bytes: codeBytes, limit: limits.code })
  const code = JSON.stringify(action)

  const post = async (body: string, signal: AbortSignal): Promise<Reply> => {
    const headers = { 'content-type': 'application/json', accept: 'application/json', 'x-api-key': apiKey }
    // A redirect would take the key along.
    const response = await fetch(url, { method: 'POST', redirect: 'manual', headers, body, signal })
    if (response.status === 200) return { status: 200, text: await Http.read(response, limits.reply), retryAfterMs: 0 }
    await response.body?.cancel()
    return { status: response.status, text: null, retryAfterMs: Number(response.headers.get('retry-after') ?? 0) * 1_000 || 0 }
  }

  async function run(params: Readonly<Record<string, unknown>>): Promise<unknown> {
    const text = JSON.stringify(params)
    const bytes = Buffer.byteLength(text)
    if (bytes > limits.params) throw new TooLargeError({ what: 'question', bytes, limit: limits.params })
    const signal = AbortSignal.timeout(timeoutMs)
    const endAt = performance.now() + timeoutMs
    try {
      for (let retries = 0; ; retries += 1) {
        const reply = await post(`{"code":${code},"js_params":${text}}`, signal)
        if (reply.status !== 429) return responseOf(reply, apiKey)
        if (retries === mostRetries)
          throw new RunError({ why: 'unable', detail: `it is busy (HTTP 429), ${mostRetries + 1} times in a row` })
        const pauseMs = Math.max(reply.retryAfterMs, Jitter.around({ ms: firstWaitMs * 2 ** retries, random }))
        if (performance.now() + pauseMs >= endAt)
          throw new RunError({ why: 'unable', detail: `it is busy (HTTP 429), and would be asked again only after ${timeoutMs} ms` })
        await wait(pauseMs)
      }
    } catch (error) {
      if (error instanceof RunError) throw error
      if (signal.aborted) throw new RunError({ why: 'timeout', detail: `no answer within ${timeoutMs} ms` })
      throw new RunError({ why: 'unreachable', detail: Http.reasonOf(error) })
    }
  }

  return { run }
}

export declare namespace open {
  type Args = {
    readonly url: string
    readonly apiKey: string
    readonly action: string
    readonly timeoutMs: number
    readonly random?: Jitter.Random
  }
  type ErrorType = InvalidServiceError | TooLargeError
}

/** `text`: null where the body is not read, or longer than it may be. */
type Reply = { readonly status: number; readonly text: string | null; readonly retryAfterMs: number }

function endpointOf(url: string): string {
  if (!Http.isProtected(url)) throw new InvalidServiceError('The address of the service is no https URL')
  const parsed = new URL(url)
  if (parsed.username !== '' || parsed.password !== '' || parsed.search !== '' || parsed.hash !== '')
    throw new InvalidServiceError('The address of the service holds more than a host and a path')
  return `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`
}

/** What a status asks the operator to do. */
const statuses: Readonly<Record<number, string>> = {
  401: 'it knows no such API key (HTTP 401): give it one that it issued',
  402: 'its account has no credit left (HTTP 402): pay in',
  403: 'the API key may not run this action (HTTP 403): permit the action there',
  404: 'there is no such service at the address (HTTP 404): check the URL',
  413: 'the request is too large for it (HTTP 413): its limits are other ones than are kept here',
}

function responseOf({ status, text }: Reply, apiKey: string): unknown {
  const unable = (detail: string) => new RunError({ why: 'unable', detail })
  if (status >= 300 && status < 400)
    throw unable(`it redirects (HTTP ${status}), and the key is sent nowhere else: give the URL that answers itself`)
  if (status !== 200) throw unable(statuses[status] ?? `it failed (HTTP ${status})`)
  if (text === null) throw unable(`its reply is longer than ${limits.reply} bytes`)
  const reply = parse(text, apiKey)
  if (typeof reply !== 'object' || reply === null || !('has_error' in reply) || typeof reply.has_error !== 'boolean')
    throw unable('its reply is not what the service sends')
  const { response, logs } = reply as Readonly<Record<string, unknown>>
  if (reply.has_error) throw unable(`the action failed there: ${quote(typeof logs === 'string' ? logs : '', 200).trim() || 'no log'}`)
  return typeof response === 'string' ? (parse(response, apiKey) ?? response) : response
}

/** A value without the key in any of its texts, however it is escaped; undefined if the text is none. */
function parse(text: string, apiKey: string): unknown {
  try {
    return JSON.parse(text, (_name, value: unknown) => (typeof value === 'string' ? value.replaceAll(apiKey, '(the key)') : value))
  } catch {
    return undefined
  }
}

/** Thrown when the service cannot be used as it is configured. */
export class InvalidServiceError extends BaseError {
  override readonly name = 'LitRest.InvalidServiceError'
  constructor(what: string) {
    super({
      code: 'LIT_SERVICE_INVALID',
      message: `${what}.`,
      hint: 'Give the https URL without a query, and the API key as the service issued it.',
    })
  }
}

/** Thrown before anything is sent, when the service would not take it. */
export class TooLargeError extends BaseError {
  override readonly name = 'LitRest.TooLargeError'
  readonly bytes: number
  readonly limit: number
  constructor(args: { readonly what: 'action' | 'question'; readonly bytes: number; readonly limit: number }) {
    super({
      code: 'LIT_TOO_LARGE',
      message: `The ${args.what} is ${args.bytes} bytes, and Lit's service takes ${args.limit}.`,
      hint: 'Nothing was bound or sent. Sign with another kind of signer; asking again changes nothing.',
    })
    this.bytes = args.bytes
    this.limit = args.limit
  }
}

/** Thrown when the service gave no response of the action. */
export class RunError extends BaseError {
  override readonly name = 'LitRest.RunError'
  readonly why: Lack['why']
  readonly detail: string
  constructor({ why, detail }: Lack) {
    super({
      code: 'LIT_NOT_RUN',
      message: `Lit's service did not run the action: ${detail}.`,
      hint: 'Look at the service, its URL and the API key; then ask again.',
    })
    this.why = why
    this.detail = detail
  }
}
