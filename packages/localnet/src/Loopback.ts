/** A server that this machine alone reaches, on any free port. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Loopback = {
  readonly port: number
  readonly url: string /** Ends it with every connection. */
  readonly stop: () => Promise<void>
}

/** @param server - not listening yet. */
export async function listen(server: Server): Promise<Loopback> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { port, url: `http://127.0.0.1:${port}`, stop }
}
