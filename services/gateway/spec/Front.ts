/** A signer's front door, which can be told to misbehave as real ones do. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

export type Fault =
  | { readonly kind: 'none' | 'down' | 'hang' }
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'lie'; readonly tell: (question: string) => Promise<string> }

export type Front = {
  readonly url: string
  readonly become: (fault: Fault) => void
  /** Questions that came, oldest first. */
  readonly questions: readonly string[]
  readonly stop: () => Promise<void>
}

export async function start(target: string): Promise<Front> {
  let fault: Fault = { kind: 'none' }
  const questions: string[] = []
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    questions.push(body)
    const current = fault
    if (current.kind === 'down') return void response.destroy()
    if (current.kind === 'hang') return
    if (current.kind === 'slow') await wait(current.ms)
    if (current.kind === 'lie') return void response.end(await current.tell(body))
    const asked = await fetch(`${target}${request.url}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const text = await asked.text()
    response.writeHead(asked.status, { 'content-type': 'application/json' }).end(text)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    become: (next) => {
      fault = next
    },
    questions,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
