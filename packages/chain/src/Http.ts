/** One request to somebody who is not trusted: bounded in time and length, followed nowhere. */

/**
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
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let [text, size] = ['', 0]
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    // Leaving the loop cancels the stream.
    if (size > args.maxBytes) throw new RangeError(`more than ${args.maxBytes} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return { status: response.status, text: text + decoder.decode() }
}

export declare namespace post {
  type Args = { readonly url: string; readonly body: string; readonly timeoutMs: number; readonly maxBytes: number }
}
