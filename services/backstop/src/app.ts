/** A desk over HTTP: how it stands, and what it would quote. It takes no orders. */
import { Hono } from 'hono'
import type { Logger } from 'pino'
import type * as Desk from './desk.ts'

/** The application; listening is the caller's. */
export function createApp(args: createApp.Args): Hono {
  const { desks, log } = args
  const app = new Hono()
  app.get('/healthz', (context) => context.json({ ok: true }))
  app.get('/status', (context) => context.json({ desks: desks.map((desk) => desk.shown()) }))
  app.notFound((context) =>
    context.json({ code: 'NOT_FOUND', message: 'There is nothing here.', hint: 'Ask GET /status or /healthz.' }, 404),
  )
  app.onError((error, context) => {
    log.error({ err: error }, 'a question failed')
    return context.json({ code: 'INTERNAL', message: 'The backstop failed.', hint: 'Its log says why.' }, 500)
  })
  return app
}

export declare namespace createApp {
  type Args = { readonly desks: readonly Desk.Desk[]; readonly log: Logger }
}
