/** The liquidator: one desk a chain that has venues. One JSON line on stdout says where it listens. */
import { readFile } from 'node:fs/promises'
import { serve } from '@hono/node-server'
import { Deployment } from '@plimsoll/api'
import { ChainConfig, Jitter, LocalSigner, Quorum } from '@plimsoll/chain'
import { Database } from '@plimsoll/store'
import { pino } from 'pino'
import { createApp } from './app.ts'
import * as Desk from './desk.ts'
import * as Env from './env.ts'

/** Thrown when the port asked for is taken. */
class PortInUseError extends Error {
  override readonly name = 'Main.PortInUseError'
  readonly code = 'PORT_IN_USE'
  readonly hint = 'Set PORT to another one, or to 0 for any free port.'
  constructor(port: number) {
    super(`Port ${port} is in use.`)
  }
}

try {
  await main()
} catch (error) {
  const hint = error instanceof Error && 'hint' in error ? ` ${String(error.hint)}` : ''
  const code = error instanceof Error && 'code' in error ? `${String(error.code)}: ` : ''
  process.stderr.write(`${code}${error instanceof Error ? error.message : String(error)}${hint}\n`)
  process.exit(1)
}

async function main(): Promise<void> {
  const env = Env.parse(process.env)
  const text = await readFile(env.PLIMSOLL_CONFIG, 'utf8').catch(() => null)
  if (text === null) throw new Deployment.ConfigError([`${env.PLIMSOLL_CONFIG} cannot be read`])
  const deployment = Deployment.fromText(text)
  const log = pino({ level: env.LOG_LEVEL }, pino.destination(2))
  const nowMs = Date.now
  const chainIds = [...new Set(deployment.venues.map(({ chainId }) => chainId))]
  // Refuses what is no key, and a key that everybody knows, anywhere but on local chains.
  LocalSigner.of({ privateKeys: [env.LIQUIDATOR_KEY as `0x${string}`], threshold: 1, chainIds })
  const readers = new Map(
    deployment.chains.map((chain) => [chain.chainId, Quorum.open({ config: ChainConfig.from(chain), nowMs })] as const),
  )
  const readerOf = (chainId: number): Quorum.Reader => {
    const reader = readers.get(chainId)
    if (!reader) throw new RangeError(`Chain ${chainId} has no reader, which the deployment refuses.`)
    return reader
  }
  const database = await Database.open(env.DATABASE_URL === undefined ? { directory: env.databaseDirectory } : { url: env.DATABASE_URL })
  const desks = chainIds.map((chainId) =>
    Desk.open({
      ...{ env, deployment, chainId, database, nowMs, log },
      ...{ reader: readerOf(chainId), feeds: readerOf(deployment.feeds.chainId) },
    }),
  )
  const app = createApp({ database, desks, log })
  const server = serve({ fetch: app.fetch, hostname: env.HOST, port: env.PORT })
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EADDRINUSE' ? new PortInUseError(env.PORT) : error))
    server.once('listening', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : env.PORT)
    })
  })
  process.stdout.write(
    `${JSON.stringify({ service: 'liquidator', url: `http://${env.HOST}:${port}`, engine: database.engine, mode: env.mode, replica: env.replica })}\n`,
  )

  let ending = false
  const loops = desks.map(async (desk) => {
    while (!ending) {
      await desk.tick()
      await new Promise((resolve) => setTimeout(resolve, Jitter.around({ ms: env.TICK_MS, random: Math.random })))
    }
  })
  const end = async (): Promise<void> => {
    if (ending) return
    ending = true
    server.close()
    if ('closeIdleConnections' in server) server.closeIdleConnections()
    setTimeout(() => process.exit(0), 10_000).unref()
    await Promise.all(loops)
    await Promise.all(desks.map((desk) => desk.close()))
    await database.close()
    process.exit(0)
  }
  process.once('SIGTERM', () => void end())
  process.once('SIGINT', () => void end())
}
