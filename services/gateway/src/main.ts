/** The gateway: reads, composes, issues, serves. One JSON line on stdout says where it listens. */
import { serve } from '@hono/node-server'
import type { Services } from '@plimsoll/api'
import { Circuit } from '@plimsoll/chain'
import { Database, Finals } from '@plimsoll/store'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { createApp } from './app.ts'
import { codes } from './codes.ts'
import * as Config from './config.ts'
import * as Env from './env.ts'
import { evidence, recheck } from './evidence.ts'
import * as Thread from './figures/thread.ts'
import * as Bus from './jobs/bus.ts'
import * as Haircuts from './jobs/haircuts.ts'
import * as Losses from './jobs/losses.ts'
import * as Relay from './jobs/relay.ts'
import * as Scorecard from './jobs/scorecard.ts'
import * as Shares from './jobs/shares.ts'
import * as Signatories from './jobs/signatories.ts'
import * as Upkeep from './jobs/upkeep.ts'
import { meter } from './meter.ts'
import * as Ports from './ports.ts'
import { attesterOf, logged, settlerOf, signersOf } from './signer.ts'
import * as State from './state.ts'
import * as Uncounted from './uncounted.ts'

const version = '0.1.0'
/** How often an attestation that counts is asked for again: so long at most does one that was taken back raise a tier. */
const recheckMs = 30_000

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
  const config = await Config.read(env.PLIMSOLL_CONFIG)
  const log = pino({ level: env.LOG_LEVEL, redact: ['*.privateKey', '*.token', '*.authorization'] }, pino.destination(2))
  const nowMs = Date.now
  const signers = await signersOf(env, config)
  const signer = logged(signers.certificates, log)
  const database = await Database.open(env.DATABASE_URL === undefined ? { directory: env.databaseDirectory } : { url: env.DATABASE_URL })
  const scorecard = await Scorecard.read(env.SCORECARD ?? Scorecard.fitted)
  const accepted = await Finals.all(database)
  const leases = env.DATABASE_URL === undefined ? database : await Database.open({ url: env.DATABASE_URL, connections: 1 })
  const shares = Shares.open({ database, leases, log })
  const forecasterUrl = env.FORECASTER_URL.replace(/\/$/, '')
  const state = State.open({ config, database, shares, scorecard, accepted, forecasterUrl, nowMs, log })
  const book = Ports.sessions(database, nowMs)
  const upkeep = Upkeep.open({ database, shares, nowMs, log })
  const mostFee = env.RELAY_MAX_FEE_GWEI * 1_000_000_000n
  const relay = env.RELAY_KEY === undefined ? null : Relay.of({ config, key: env.RELAY_KEY as `0x${string}`, mostFee })
  const losses = Losses.open({ config, shares, state, settler: settlerOf(env, config), signer: signers.markDowns, relay, log })
  const bus = env.BUS === undefined ? null : Bus.open({ url: env.BUS, database, log })
  const figures = Thread.open(log)
  const sessionOf = Ports.sessionOf(book, state)
  const uncounted = Uncounted.open(nowMs)
  const sign = async (request: Services.SignRequest) => {
    const { participantId } = request.certificate
    try {
      return await signer.sign({ ...request, ties: state.ties(participantId), endings: state.endings(participantId) })
    } catch (error) {
      uncounted.note(participantId, error)
      throw error
    }
  }
  let unread: readonly string[] = []
  let amiss: readonly string[] = []
  const listening = await listen(env.HOST, env.PORT)
  const origin = (env.PUBLIC_URL ?? `http://${env.HOST}:${listening.port}`).replace(/\/$/, '')
  const registry = new Registry()
  const app = createApp({
    services: {
      now: nowMs,
      snapshot: state.snapshot,
      fresh: state.fresh,
      include: async (participantId) => {
        await state.include(participantId)
        uncounted.forget(participantId)
      },
      charge: meter(env.RATE_POINTS),
      auth: Ports.auth({ database, book, sessionOf, origin, chainIds: config.chains.map(({ chainId }) => chainId), nowMs }),
      identity: Ports.identity({ database, state, book, nowMs }),
      evidence: evidence({ config, database, state, signer: attesterOf(env, config), nowMs }),
      ledger: Ports.ledger({ database, state, upkeep }),
      signer: { ...signer, sign, uncounted: uncounted.of },
      figures,
      scores: { change: state.scoreChange },
      events: Ports.events(database),
      version,
      work: shares.shown,
      faults: () => [...state.faults(), ...upkeep.faults(), ...losses.faults(), ...(bus?.faults() ?? []), ...unread, ...amiss],
    },
    codes,
    sessionOf: async (token, charge) => {
      const session = await sessionOf(token, charge)
      if (session !== null) await state.attend(session.participantId)
      return session
    },
    proxies: env.TRUSTED_PROXIES,
    origin,
    webDist: env.WEB_DIST ?? null,
    registry,
    log,
  })
  listening.use(app.fetch)
  const compare = async () => {
    const { readers } = state
    const { above, unread } = await Haircuts.fetch({ config, readers })
    const strange = await Signatories.fetch({ config, readers, addresses: signer.addresses, threshold: signer.threshold })
    amiss = [...above.map((sentence) => `HAIRCUT_ABOVE_BOOK: ${sentence}`), ...unread, ...strange]
  }
  const rechecks = setInterval(() => {
    compare().catch((error: unknown) => log.warn({ err: error }, 'haircuts and signers could not be compared with the books'))
    const asking = shares.job('evidence')
    if (asking === null) return
    recheck({ database: asking, state }).then(
      (faults) => {
        unread = faults
      },
      (error: unknown) => log.warn({ err: error }, 'evidence could not be asked for again'),
    )
  }, recheckMs)
  // Said, and no more: a book's owner could keep every gateway from starting. A mark-down takes no more off than the book lets it.
  await compare()
  await shares.round()
  shares.start()
  // Nothing is trusted before it was read several times: what was known before a restart is not known.
  for (let round = 0; round < Circuit.policy.cleanRounds; round += 1) await state.tick()
  await upkeep.round()
  state.start()
  upkeep.start()
  losses.start()
  bus?.start()
  process.stdout.write(
    `${JSON.stringify({ service: 'gateway', url: `http://${env.HOST}:${listening.port}`, engine: database.engine, signers: signer.addresses })}\n`,
  )

  let ending = false
  const end = async () => {
    if (ending) return
    ending = true
    clearInterval(rechecks)
    await listening.close()
    await figures.close()
    upkeep.stop()
    await losses.stop()
    await bus?.stop()
    await state.stop()
    await shares.stop()
    if (leases !== database) await leases.close()
    await database.close()
    process.exit(0)
  }
  process.once('SIGTERM', () => void end())
  process.once('SIGINT', () => void end())
}

type Fetch = Parameters<typeof serve>[0]['fetch']

/** Takes the port before anything is served, so that a port in use is told before a database is touched by a request. */
async function listen(
  hostname: string,
  port: number,
): Promise<{ readonly port: number; readonly use: (fetch: Fetch) => void; readonly close: () => Promise<void> }> {
  let handler: Fetch = () => new Response('starting', { status: 503, headers: { 'retry-after': '1' } })
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: (request, bindings) => handler(request, bindings), hostname, port }, (address) => {
      resolve({
        port: address.port,
        use: (fetch) => {
          handler = fetch
        },
        close: () =>
          new Promise((done) => {
            server.close(() => done())
            if ('closeIdleConnections' in server) server.closeIdleConnections()
            setTimeout(() => {
              if ('closeAllConnections' in server) server.closeAllConnections()
            }, 2_000).unref()
          }),
      })
    })
    // What is no request, or whose address or headers are longer than 16 KiB, reaches no handler.
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy()
      const [status, code, message, hint] =
        error.code === 'HPE_HEADER_OVERFLOW'
          ? ([
              '431 Request Header Fields Too Large',
              'HEAD_TOO_LARGE',
              'Address and headers are larger than 16 KiB.',
              'Send it in the body.',
            ] as const)
          : (['400 Bad Request', 'BAD_HTTP', 'This is no HTTP request.', 'Speak HTTP/1.1.'] as const)
      const body = JSON.stringify({ error: { code, message, hint } })
      const head = `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`
      socket.end(`HTTP/1.1 ${status}\r\n${head}\r\n\r\n${body}`)
      return undefined
    })
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new PortInUseError(port) : error)
    })
  })
}
