/** The gateway over HTTP: tRPC at /trpc, REST at /v1, metrics, its status, and the web app at /. */

import { serveStatic } from '@hono/node-server/serve-static'
import { trpcServer } from '@hono/trpc-server'
import { type Context as ApiContext, Client, createAppRouter, type IoCodes, OpenApi, type Services, toTRPCError } from '@plimsoll/api'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { secureHeaders } from 'hono/secure-headers'
import type { Logger } from 'pino'
import { Counter, Histogram, type Registry } from 'prom-client'
import { createOpenApiFetchHandler } from 'trpc-to-openapi'

const cookieName = 'plimsoll_session'
const maxBodyBytes = 64 * 1024
const maxBatch = 20

/** What the HTTP side needs beside the services. */
export type AppOptions = {
  readonly services: Services.Services
  readonly codes: IoCodes
  /** The session behind a token, or null. Answered from memory while it is known, and charged for before anybody else is asked. */
  readonly sessionOf: (token: string, charge: () => Promise<void>) => Promise<Services.Session | null>
  /** Whose word it is taken on whom they ask for. */
  readonly proxies: Client.Proxies
  readonly origin: string
  readonly webDist: string | null
  readonly registry: Registry
  readonly log: Logger
}

/** The application; listening is the caller's. */
export function createApp(options: AppOptions): Hono {
  const { services, codes, sessionOf, proxies, origin, webDist, registry, log } = options
  const router = createAppRouter(services, codes)
  const calls = new Counter({
    name: 'plimsoll_calls_total',
    help: 'Requests by path and status.',
    labelNames: ['status'],
    registers: [registry],
  })
  const seconds = new Histogram({
    name: 'plimsoll_request_seconds',
    help: 'Request duration.',
    registers: [registry],
    buckets: [0.001, 0.005, 0.02, 0.05, 0.25, 1],
  })

  const app = new Hono()
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        styleSrc: ["'self'", "'unsafe-inline'"],
        connectSrc: ["'self'"],
        frameAncestors: ["'none'"],
      },
      crossOriginEmbedderPolicy: false,
    }),
  )
  app.use(async (context, next) => {
    const end = seconds.startTimer()
    await next()
    end()
    // What is away now may be back in a moment: a view that is taken anew, a database that is waited for.
    if (context.res.status === 503) context.res.headers.set('retry-after', '1')
    calls.inc({ status: String(context.res.status) })
  })
  app.use(
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: (context) => {
        // The rest of it is not read, so that nothing else can come over the same connection.
        context.header('connection', 'close')
        return fault(context, 413, 'BODY_TOO_LARGE', 'The body is larger than 64 KiB.', 'Send less in one request.')
      },
    }),
  )

  // A browser sends the cookie along by itself, so a write must come from our own page.
  app.use(async (context, next) => {
    const from = context.req.header('origin')
    const unsafe = context.req.method !== 'GET' && context.req.method !== 'HEAD'
    if (unsafe && from !== undefined && from !== origin && getCookie(context, cookieName) !== undefined)
      return fault(context, 403, 'FOREIGN_ORIGIN', 'This page may not act for the signed-in account.', `Call from ${origin}.`)
    return next()
  })

  const addressOf = (context: Context) =>
    Client.of(Client.from({ peer: Client.peerOf(context.env), forwarded: context.req.header('x-forwarded-for'), proxies }))
  const contextOf = async (context: Context): Promise<ApiContext> => {
    const header = context.req.header('authorization')
    const token = header?.startsWith('Bearer ') ? header.slice(7) : (getCookie(context, cookieName) ?? null)
    const charge = () => services.charge(addressOf(context), 1)
    // No procedure sees what fails before it is reached.
    const fail = (error: unknown): never => {
      throw toTRPCError(error, codes)
    }
    const session = token === null ? null : await sessionOf(token, charge).catch(fail)
    return {
      session,
      token,
      client: session?.participantId ?? addressOf(context),
      setSession: (value, expiresAt) => {
        const secure = origin.startsWith('https:')
        // tRPC answers with a Response of its own: only what stands on one that exists already is carried over to it.
        const { headers } = context.res
        headers.delete('set-cookie')
        if (value === null) deleteCookie(context, cookieName, { path: '/', secure })
        else
          setCookie(context, cookieName, value, {
            path: '/',
            httpOnly: true,
            sameSite: 'Strict',
            secure,
            expires: new Date(expiresAt * 1000),
          })
      },
    }
  }

  app.use('/trpc/*', async (context, next) => {
    // Procedures are told apart after decoding: an encoded comma parts them as well.
    if (context.req.path.split(/,|%2c/i).length > maxBatch)
      return fault(context, 400, 'BATCH_TOO_LARGE', `A batch holds at most ${maxBatch} calls.`, 'Split the batch.')
    return next()
  })
  app.use('/trpc/*', async (context, next) => {
    await next()
    // What fails before a procedure is reached is JSON too, and does not say so.
    if (context.res.status >= 400) context.res.headers.set('content-type', 'application/json')
  })
  app.use(
    '/trpc/*',
    trpcServer({
      router,
      createContext: async (_, context) => ({ ...(await contextOf(context)) }),
      onError: ({ error, path }) => {
        if (error.code === 'INTERNAL_SERVER_ERROR') log.error({ path, err: error.cause ?? error }, 'a procedure failed')
      },
    }),
  )
  app.all('/v1/*', async (context) =>
    createOpenApiFetchHandler({ endpoint: '/v1', router, req: context.req.raw, createContext: () => contextOf(context) }),
  )
  app.get('/openapi.json', (context) => context.json(OpenApi.document()))
  app.get('/metrics', async (context) => context.text(await registry.metrics()))
  app.get('/status', (context) => context.json({ work: services.work(), faults: services.faults() }))
  app.get('/healthz', (context) => context.json({ ok: true }))

  if (webDist !== null) {
    app.use('/*', serveStatic({ root: webDist }))
    app.get('*', serveStatic({ path: 'index.html', root: webDist }))
  }
  app.notFound((context) => fault(context, 404, 'NOT_FOUND', 'There is nothing here.', 'The API is at /trpc and /v1.'))
  app.onError((error, context) => {
    log.error({ err: error }, 'a request failed')
    return fault(context, 500, 'INTERNAL', 'The gateway failed.', 'Report this if it lasts.')
  })
  return app
}

function fault(context: Context, status: 400 | 403 | 404 | 413 | 500, code: string, message: string, hint: string): Response {
  return context.json({ error: { code, message, hint } }, status)
}
