/** What an HTTP server sent, read no further than it is worth. */

/**
 * The text of a response, or null if it is longer than `maxBytes`: the rest is then not read.
 *
 * @throws what `fetch` throws when the time is over, or the connection is lost.
 */
export async function read(response: Response, maxBytes: number): Promise<string | null> {
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) {
    await response.body?.cancel()
    return null
  }
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    // Leaving the loop cancels the stream.
    if (size > maxBytes) return null
    chunks.push(chunk)
  }
  return new TextDecoder('utf-8').decode(Buffer.concat(chunks))
}

/** Whether nobody on the way hears what is asked, or answers instead: https, or plain http where nobody else listens. */
export function isProtected(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname))
}

/** Why there was no answer, without the address that was asked: it may hold a key. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code
  return 'the connection failed'
}

/**
 * One request to somebody who is not trusted: bounded in time and length, followed nowhere.
 *
 * @param args.timeoutMs - for the whole exchange, body included.
 * @param args.maxBytes - greatest body read; beyond it the rest is not read.
 * @throws {DOMException | TypeError | RangeError} no answer in time, none at all, a redirect, or too long a one.
 */
export async function post(args: post.Args): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(args.url, {
    method: 'POST',
    redirect: 'error',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: args.body,
    signal: AbortSignal.timeout(args.timeoutMs),
  })
  const text = await read(response, args.maxBytes)
  if (text === null) throw new RangeError(`more than ${args.maxBytes} bytes`)
  return { status: response.status, text }
}

export declare namespace post {
  type Args = { readonly url: string; readonly body: string; readonly timeoutMs: number; readonly maxBytes: number }
}
