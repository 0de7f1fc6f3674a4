/** One signer of a quorum, with one key and RPC sources of its own. One JSON line on stdout says where it listens. */
import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { serve } from '@hono/node-server'
import { Deployment } from '@plimsoll/api'
import { LocalSigner, Secp256k1 } from '@plimsoll/chain'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import * as Accepted from './accepted.ts'
import { createApp } from './app.ts'
import * as Consents from './consents.ts'
import * as Env from './env.ts'
import * as Journal from './Journal.ts'
import * as Memory from './Memory.ts'
import * as Prices from './prices.ts'
import * as Reads from './reads.ts'
import * as Stakes from './stakes.ts'
import * as Watch from './watch.ts'
import * as Weighing from './weighing.ts'

/** How often everything is looked at while nobody asks. */
const watchMs = 10_000

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
  const privateKey = env.SIGNER_KEY as `0x${string}`
  // Refuses what is no key, and a key that everybody knows, anywhere but on local chains.
  LocalSigner.of({ privateKeys: [privateKey], threshold: 1, chainIds: deployment.venues.map(({ chainId }) => chainId) })
  const nowMs = Date.now
  const key = Secp256k1.of(privateKey)
  const readers = Reads.readers(deployment, nowMs)
  const feeds = readers.get(deployment.feeds.chainId)
  if (!feeds) throw new Deployment.ConfigError([`feeds are on chain ${deployment.feeds.chainId}, which is not one of the chains`])
  const prices = Prices.open({ deployment, reader: feeds })
  const accepted = Accepted.open({ deployment, readers })
  const app = Promise.withResolvers<ReturnType<typeof createApp>>()
  const server = serve({ fetch: async (...args) => (await app.promise).fetch(...args), hostname: env.HOST, port: env.PORT })
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EADDRINUSE' ? new PortInUseError(env.PORT) : error))
    server.once('listening', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : env.PORT)
    })
  })
  // The file is taken once the port is: a second process by mistake takes neither from the first.
  const now = () => Math.floor(nowMs() / 1000)
  const memory = env.SIGNER_MEMORY === undefined ? Memory.open() : Journal.open(env.SIGNER_MEMORY, now)
  const weighing = Weighing.open({ memory, look: Stakes.open({ deployment, readers, prices, now }) })
  const forecasterUrl = env.FORECASTER_URL === undefined ? null : env.FORECASTER_URL.replace(/\/$/, '')
  const watch = Watch.open({ deployment, readers, prices, accepted, memory, weighing, forecasterUrl, nowMs })
  const made = createApp({
    watch,
    registry: new Registry(),
    proxies: env.TRUSTED_PROXIES,
    nameOf: (network) => createHmac('sha256', env.SIGNER_KEY).update(network).digest('hex').slice(0, 16),
    signer: {
      ...{ deployment, readers, prices, accepted, key, memory, weighing, consents: Consents.open({ readers, memory, now }) },
      models: env.MODEL_HASHES ?? null,
      forecaster: forecasterUrl === null ? null : { url: forecasterUrl, tolerancePpm: env.FORECAST_TOLERANCE_PPM },
      nowMs,
    },
    log,
  })
  app.resolve(made)
  // A question is answered within seconds or not at all, and the first reads of a process take longest.
  await Reads.rehearse({ deployment, readers, prices, now: Math.floor(nowMs() / 1000) })
  await watch.round()
  process.stdout.write(`${JSON.stringify({ service: 'signer', url: `http://${env.HOST}:${port}`, address: key.address })}\n`)

  // A price that nobody asks about is watched all the same: what it was before a jump is known when somebody does. So are a long history, a light
  // client's chain, and whoever parts while he has something.
  const rounds = setInterval(() => void watch.round(), watchMs)

  const end = (): void => {
    clearInterval(rounds)
    server.close(() => process.exit(0))
    if ('closeIdleConnections' in server) server.closeIdleConnections()
    setTimeout(() => process.exit(0), 2_000).unref()
  }
  process.once('SIGTERM', end)
  process.once('SIGINT', end)
}
