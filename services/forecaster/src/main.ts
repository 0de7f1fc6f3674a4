/** The forecaster: loads the champion, takes bars, publishes forecasts. One JSON line on stdout says where it listens. */
import { serve } from '@hono/node-server'
import { Backend, BaseError, Registry } from '@plimsoll/volatility-model'
import { pino } from 'pino'
import { createApp } from './app.ts'
import * as Env from './env.ts'

/** Thrown when the port asked for is taken. */
class PortInUseError extends BaseError {
  override readonly name = 'Main.PortInUseError'
  constructor(args: { readonly host: string; readonly port: number }) {
    super({
      code: 'PORT_IN_USE',
      message: `Port ${args.port} on ${args.host} is in use.`,
      hint: 'Set PORT to another one, or to 0 for any free port.',
    })
  }
}

try {
  await main()
} catch (error) {
  const code = error instanceof BaseError ? `${error.code}: ` : ''
  const hint = error instanceof BaseError ? ` ${error.hint}` : ''
  process.stderr.write(`${code}${error instanceof Error ? error.message : String(error)}${hint}\n`)
  process.exit(1)
}

async function main(): Promise<void> {
  const env = Env.parse(process.env)
  const log = pino({ level: env.LOG_LEVEL }, pino.destination(2))
  const backend = await Backend.load()
  const model = await Registry.champion({ directory: env.PLIMSOLL_MODELS, backend })
  if (model.fault !== null) log.warn(model.fault, 'the champion is refused; its baseline answers')
  const { app, stop } = createApp({
    model,
    backend,
    now: () => Math.floor(Date.now() / 1000),
    marketData: env.MARKET_DATA,
    horizons: { closeOutSeconds: env.CLOSE_OUT_SECONDS, liquidationSeconds: env.LIQUIDATION_SECONDS },
    log,
  })

  const server = serve({ fetch: app.fetch, hostname: env.HOST, port: env.PORT })
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new PortInUseError({ host: env.HOST, port: env.PORT }) : error)
    })
    server.once('listening', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : env.PORT)
    })
  })
  const host = env.HOST.includes(':') ? `[${env.HOST}]` : env.HOST
  const { version, modelHash, fault } = model
  process.stdout.write(
    `${JSON.stringify({ service: 'forecaster', url: `http://${host}:${port}`, backend: backend.name, model: { version, modelHash, network: fault === null ? 'loaded' : 'refused' } })}\n`,
  )

  const end = (): void => {
    stop()
    server.close(() => process.exit(0))
    if ('closeIdleConnections' in server) server.closeIdleConnections()
    setTimeout(() => process.exit(0), 2_000).unref()
  }
  process.once('SIGTERM', end)
  process.once('SIGINT', end)
}
