/** The forecaster over HTTP: bars in, forecasts out. No sign-in: it listens on loopback, for the services beside it. */
import { type Backend, BaseError, type Registry } from '@plimsoll/volatility-model'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Logger } from 'pino'
import { z } from 'zod'
import * as Ingest from './jobs/ingest.ts'
import * as Publish from './jobs/publish.ts'
import * as Watch from './jobs/watch.ts'

/** Largest body, and most bars in it. */
export const mostBytes = 1_048_576
export const mostBars = 5_000

const price = z.number().positive()
const push = z.strictObject({
  symbol: z.string().regex(/^[A-Z0-9][A-Z0-9-]{0,31}$/, 'a symbol such as ETH-PERP'),
  intervalSeconds: z.number().int().positive(),
  mode: z.enum(['append', 'replace']).default('append'),
  bars: z
    .array(
      z.strictObject({
        closeAt: z.number().int().min(0),
        open: price,
        high: price,
        low: price,
        close: price,
        volume: z.number().nonnegative().exactOptional(),
      }),
    )
    .min(1)
    .max(mostBars),
})

export type App = { readonly app: Hono; readonly stop: () => void }

/**
 * The application; listening is the caller's.
 *
 * @param options.now - unix seconds.
 * @throws {Forecast.HorizonError} the model is not calibrated for a horizon.
 */
export function createApp(options: createApp.Options): App {
  const { model, backend, now, marketData, horizons, log } = options
  const ingest = Ingest.open({ now: marketData === 'live' ? now : null, onChange: () => publish.changed() })
  const publish = Publish.open({
    model,
    market: ingest.market,
    now,
    horizons,
    onFault: (error) => log.error({ err: error }, 'no edition'),
    onEdition: ({ forecasts }) => {
      for (const { symbol, fallback } of forecasts)
        if (fallback !== null) log.warn({ symbol, fallback }, 'another step than the champion answers')
    },
  })
  const app = new Hono()

  app.onError((error, context) => {
    if (error instanceof Refusal) return context.json(error.body, error.status)
    const status = statuses[carried(error).code]
    if (status !== undefined) return context.json(carried(error), status)
    log.error({ err: error }, 'unexpected')
    return context.json({ code: 'INTERNAL', message: 'The forecaster failed.', hint: 'Its log says why.' }, 500)
  })
  app.notFound((context) =>
    context.json(
      {
        code: 'NOT_FOUND',
        message: `There is no ${context.req.method} ${context.req.path}.`,
        hint: 'Ask for /forecasts, /drift or /health, or post to /bars.',
      },
      404,
    ),
  )

  app.post(
    '/bars',
    bodyLimit({
      maxSize: mostBytes,
      onError: () => {
        throw new Refusal(413, {
          code: 'BODY_TOO_LARGE',
          message: `The body is larger than ${mostBytes} bytes.`,
          hint: `Send at most ${mostBars} bars at once.`,
        })
      },
    }),
    async (context) => {
      // A page in a browser can send text across origins unasked, but not this.
      if (context.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() !== 'application/json')
        throw new Refusal(415, { code: 'BODY_NOT_JSON', message: 'The body is not application/json.', hint: 'Set the content type.' })
      const taken = ingest.push(read(await context.req.text()))
      log.debug(taken, 'bars')
      return context.json(taken)
    },
  )

  app.get('/forecasts', (context) => {
    context.header('cache-control', 'no-store')
    return context.json({ backend: backend.name, ...horizons, ...publish.latest() })
  })

  app.get('/forecasts/:symbol', (context) => {
    context.header('cache-control', 'no-store')
    const symbol = context.req.param('symbol')
    const { forecasts, missing } = publish.latest()
    const forecast = forecasts.find((each) => each.symbol === symbol)
    if (forecast !== undefined) return context.json({ backend: backend.name, ...horizons, ...forecast })
    const why = missing.find((each) => each.symbol === symbol)
    if (why !== undefined) return context.json(why, 409)
    throw new Refusal(404, {
      code: 'SYMBOL_UNKNOWN',
      message: 'No bars of this symbol have been pushed.',
      hint: 'Push its bars to /bars first.',
    })
  })

  app.get('/drift', (context) => {
    context.header('cache-control', 'no-store')
    return context.json({
      model: { version: model.version, modelHash: model.modelHash },
      monitors: Watch.reports({ model, market: ingest.market(), now: now() }),
    })
  })

  app.get('/health', (context) => {
    const market = ingest.market()
    return context.json({
      service: 'forecaster',
      status: model.fault === null ? 'ok' : 'degraded',
      backend: backend.name,
      passedOver: backend.passedOver,
      model: {
        version: model.version,
        modelHash: model.modelHash,
        network: model.fault === null ? 'loaded' : 'refused',
        fault: model.fault,
      },
      marketData,
      now: now(),
      symbols: Object.entries(market).map(([symbol, bars]) => ({ symbol, bars: bars.length, asOf: bars.at(-1)?.closeAt ?? null })),
    })
  })
  return { app, stop: publish.stop }
}

export declare namespace createApp {
  type Options = {
    readonly model: Registry.Model
    readonly backend: Backend.Backend
    readonly now: () => number
    readonly marketData: 'live' | 'replay'
    readonly horizons: { readonly closeOutSeconds: number; readonly liquidationSeconds: number }
    readonly log: Logger
  }
}

type Body = { readonly code: string; readonly message: string; readonly hint: string }

const statuses: Readonly<Record<string, ContentfulStatusCode>> = {
  BARS_INVALID: 422,
  BARS_FUTURE: 422,
  INTERVAL_UNSUPPORTED: 422,
  BARS_GAP: 409,
  SYMBOLS_FULL: 409,
}

/** What an error of a package below carries; the codes are its contract, its class may be of another copy. */
function carried(error: Error): Body {
  const { code, hint } = error as Partial<Body>
  return { code: typeof code === 'string' ? code : '', message: error.message, hint: typeof hint === 'string' ? hint : '' }
}

function read(text: string): Ingest.Push {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new Refusal(400, { code: 'BODY_INVALID', message: 'The body is not JSON.', hint: 'Send { symbol, intervalSeconds, bars }.' })
  }
  const outcome = push.safeParse(json)
  if (outcome.success) return outcome.data
  const [issue] = outcome.error.issues
  throw new Refusal(400, {
    code: 'BODY_INVALID',
    message: `${issue === undefined || issue.path.length === 0 ? 'The body' : issue.path.join('.')}: ${issue?.message ?? 'invalid'}.`,
    hint: 'Send { symbol, intervalSeconds: 300, bars: [{ closeAt, open, high, low, close }] }, prices as JSON numbers.',
  })
}

/** An answer that is not the one asked for. */
class Refusal extends BaseError {
  override readonly name = 'App.Refusal'
  readonly status: ContentfulStatusCode
  readonly body: Body
  constructor(status: ContentfulStatusCode, body: Body) {
    super(body)
    this.status = status
    this.body = body
  }
}
