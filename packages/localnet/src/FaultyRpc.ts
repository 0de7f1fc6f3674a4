/** A loopback JSON-RPC source before a chain. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type FaultyRpc = {
  readonly url: string
  /** Requests by method since the start. */
  calls(): Readonly<Record<string, number>>
  stop(): Promise<void>
}

/** Starts a source that passes everything on to `target`. */
export async function start(options: { readonly target: string }): Promise<FaultyRpc> {
  const counts: Record<string, number> = {}
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      for (const [, method] of body.matchAll(/"method":"(\w+)"/g)) if (method) counts[method] = (counts[method] ?? 0) + 1
      fetch(options.target, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).then(
        async (answer) =>
          response.writeHead(answer.status, { 'content-type': 'application/json' }).end(Buffer.from(await answer.arrayBuffer())),
        () => response.destroy(),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    calls: () => ({ ...counts }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
